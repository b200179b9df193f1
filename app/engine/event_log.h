// Tells people what a machine does: every event and refusal as a line at trace level. The daemons derive from it and
// say the important ones in words. The domain itself never logs.
#pragma once

#include "app/engine/engine.h"
#include "app/engine/name_of.h"
#include "ports/telemetry.h"

#include <string>

namespace arangosync::engine {

template <class Machine>
class EventLog : public Observer<Machine> {
public:
  /// `role` is "master" or "worker": the component of its lines begins with it.
  EventLog(ports::Telemetry& telemetry, std::string role) : telemetry_(telemetry), role_(std::move(role)) {}

  void on_event(typename Machine::Event const& event, typename Machine::State const&) override {
    if (telemetry_.enabled(ports::LogLevel::Trace)) {
      telemetry_.log(ports::LogLevel::Trace, role_ + ".events", name_of(event));
    }
  }

  void on_refusal(Envelope<typename Machine::Command> const& command, typename Machine::Refusal const&) override {
    if (telemetry_.enabled(ports::LogLevel::Trace)) {
      telemetry_.log(ports::LogLevel::Trace, role_ + ".refusals", name_of(command.body));
    }
  }

protected:
  ports::Telemetry& telemetry_;
  std::string const role_;
};

}  // namespace arangosync::engine
