// What a worker's operator reads in its log: tasks, copies, trouble; and its metrics.
#pragma once

#include "app/engine/event_log.h"
#include "app/engine/machines.h"

#include <cstddef>
#include <map>

namespace arangosync::app {

class WorkerLog final : public engine::EventLog<engine::WorkerMachine> {
public:
  explicit WorkerLog(ports::Telemetry& telemetry) : EventLog(telemetry, "worker") {}

  void on_command(Envelope<worker::Command> const& command, worker::State const& before) override;
  void on_event(worker::Event const& event, worker::State const& after) override;
  void on_effect(worker::Effect const& effect) override;

private:
  void say(ports::LogLevel level, std::string_view component, std::string const& text) {
    telemetry_.log(level, component, text);
  }
  void task(worker::TaskEvent const& event);
  void fault(std::string_view what, Fault const& fault);
  void applied(worker::BatchApplied const& answer);

  std::map<task::Kind, int> tasks_;
  std::map<RequestId, std::size_t> applying_bytes_;  ///< of the batches that have no answer yet
};

}  // namespace arangosync::app
