// What a master's operator reads in its log: leadership, workers, synchronizations; and the gauges of its metrics.
#pragma once

#include "app/engine/event_log.h"
#include "app/engine/machines.h"
#include "app/master/errand_troubles.h"

#include <map>
#include <string>

namespace arangosync::app {

class MasterLog final : public engine::EventLog<engine::MasterMachine> {
public:
  explicit MasterLog(ports::Telemetry& telemetry) : EventLog(telemetry, "master") {
    telemetry.gauge("arangosync_master_is_leader", {}, 0);  // "nobody leads" is a sum, and a sum of nothing is no alarm
    // A dashboard of the original asks any master for these, and a rate misses the first step of a series that was not
    // there.
    telemetry.count("arangosync_master_worker_registrations", {}, 0);
    count_storage(telemetry, "", "save", 0);
    count_storage(telemetry, "", "load", 0);
  }

  void on_command(Envelope<master::Command> const& command, master::State const& before) override;
  void on_event(master::Event const& event, master::State const& after) override;
  void on_refusal(Envelope<master::Command> const& command, master::Refusal const& refusal) override;
  /// How a save of the office ended. Unlike the others: from any thread.
  void saved(master::WriteOutcome outcome);

private:
  /// Workers stored in, or loaded from, the agency. What `kind` "empty" means is a guess: there was no worker (spec
  /// metrics-and-ops 1.1).
  static void count_storage(ports::Telemetry& telemetry, char const* kind, char const* operation, std::uint64_t by);
  void say(ports::LogLevel level, std::string_view component, std::string const& text) {
    telemetry_.log(level, component, text);
  }
  /// Says once that something fails, again when it fails otherwise, and once that it works again.
  void trouble(char const* what, Fault const* fault);
  void errand(master::ErrandEvent const& event, master::Office const& office);
  void leadership(master::State const& after);
  void worker(membership::Event const& event);
  void incoming(sync::IncomingEvent const& event);
  void outgoing(sync::OutgoingEvent const& event);
  void shard(sync::ShardEvent const& event);

  bool leading_ = false;
  std::map<std::string, std::string> troubles_;  ///< what fails now, and how
  ErrandTroubles errands_;
};

}  // namespace arangosync::app
