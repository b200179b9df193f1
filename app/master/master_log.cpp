#include "app/master/master_log.h"

#include <string>

namespace arangosync::app {

namespace {

using ports::LogLevel;
constexpr char const* status_component = "master.sync.status";
constexpr char const* workers_component = "master.workers";

std::string of(sync::Partner const& partner) {
  return partner ? "outgoing synchronization to " + partner->value() : std::string("incoming synchronization");
}

}  // namespace

void MasterLog::on_command(Envelope<master::Command> const& command, master::State const& before) {
  EventLog::on_command(command, before);
  auto const look = [&](char const* what, auto const* answer) {
    if (answer != nullptr) trouble(what, answer->outcome ? nullptr : &answer->outcome.error());
  };
  auto const look_outside = [&](char const* what, auto const* answer) {
    look(what, answer);
    if (answer != nullptr && !answer->outcome) telemetry_.count("arangosync_master_agency_failures", {});
  };
  look_outside("read who leads from the agency", std::get_if<master::LeaseRead>(&command.body));
  look_outside("announce this master in the agency", std::get_if<master::MastersRead>(&command.body));
  look_outside("load the datacenter's state from the agency", std::get_if<master::StateLoaded>(&command.body));
  if (auto const* loaded = std::get_if<master::StateLoaded>(&command.body); loaded != nullptr && loaded->outcome) {
    count_storage(telemetry_, loaded->outcome->workers.empty() ? "empty" : "", "load", 1);
  }
  look("make a certificate authority for the workers", std::get_if<master::WorkerCaMade>(&command.body));
  look_outside("read the cluster's plan and mode", std::get_if<master::LandscapeRead>(&command.body));
  if (auto const* failed = std::get_if<master::SaveFailed>(&command.body)) {
    say(LogLevel::Warn, "master.agency", "a save failed: " + failed->reason + "; this master stops leading");
  }
}

void MasterLog::count_storage(ports::Telemetry& telemetry, char const* kind, char const* operation, std::uint64_t by) {
  telemetry.count("arangosync_master_worker_storage", {{"kind", kind}, {"op", operation}, {"result", "success"}}, by);
}

void MasterLog::saved(master::WriteOutcome outcome) {
  char const* const result = outcome == master::WriteOutcome::Applied   ? "applied"
                             : outcome == master::WriteOutcome::Refused ? "refused"
                                                                        : "unknown";
  telemetry_.count("arangosync_master_agency_transactions", {{"result", result}});
}

void MasterLog::trouble(char const* what, Fault const* fault) {
  auto const known = troubles_.find(what);
  if (fault == nullptr) {
    if (known == troubles_.end()) return;
    troubles_.erase(known);
    say(LogLevel::Info, "master.agency", std::string("could ") + what + " again");
    return;
  }
  if (known != troubles_.end() && known->second == fault->message) return;
  troubles_[what] = fault->message;
  say(LogLevel::Warn, "master.agency", std::string("could not ") + what + ": " + fault->message);
}

void MasterLog::errand(master::ErrandEvent const& event, master::Office const& office) {
  auto const line = errands_.look(event, office);
  if (!line) return;
  say(line->is_over ? LogLevel::Info : LogLevel::Warn,
      line->kind == master::ErrandKind::Task ? workers_component : status_component, line->text);
}

void MasterLog::on_event(master::Event const& event, master::State const& after) {
  EventLog::on_event(event, after);
  leadership(after);
  if (auto const* member = std::get_if<membership::Event>(&event)) worker(*member);
  if (auto const* in = std::get_if<sync::IncomingEvent>(&event)) incoming(*in);
  if (auto const* out = std::get_if<sync::OutgoingEvent>(&event)) outgoing(*out);
  if (auto const* one = std::get_if<sync::ShardEvent>(&event)) shard(*one);
  if (auto const* call = std::get_if<master::ErrandEvent>(&event); call != nullptr && after.office) {
    errand(*call, *after.office);
  }
  if (auto const* both = std::get_if<sync::PartnerEvent>(&event)) {
    if (auto const* reached = std::get_if<sync::StatusReached>(both)) {
      say(LogLevel::Info, status_component,
          of(reached->partner) + " is " + std::string(sync::to_string(reached->status)));
    }
  }
}

void MasterLog::on_refusal(Envelope<master::Command> const& command, master::Refusal const& refusal) {
  EventLog::on_refusal(command, refusal);
  if (!refusal.silent && refusal.kind != master::RefusalKind::NotLeader) {
    say(LogLevel::Warn, "server.requests", engine::name_of(command.body) + " refused: " + refusal.message);
  }
}

void MasterLog::leadership(master::State const& after) {
  bool const leads = master::is_leading(after);
  if (leads == leading_) return;
  leading_ = leads;
  errands_.forget();
  telemetry_.gauge("arangosync_master_is_leader", {}, leads ? 1 : 0);
  telemetry_.count("arangosync_master_leadership_changes", {});
  say(LogLevel::Info, "master.election", leads ? "this master leads now" : "this master does not lead any more");
}

void MasterLog::worker(membership::Event const& event) {
  if (auto const* joined = std::get_if<membership::WorkerJoined>(&event)) {
    telemetry_.count("arangosync_master_worker_registrations", {});
    count_storage(telemetry_, "", "save", 1);
    say(LogLevel::Info, workers_component,
        "worker " + joined->record.id.value() + " registered at " + joined->record.endpoint.value());
  } else if (auto const* left = std::get_if<membership::WorkerLeft>(&event)) {
    char const* const why = left->why == membership::Farewell::Expired    ? "did not renew its registration"
                            : left->why == membership::Farewell::Replaced ? "was replaced by a new process"
                                                                          : "said farewell";
    say(left->why == membership::Farewell::Unregistered ? LogLevel::Info : LogLevel::Warn, workers_component,
        "worker " + left->worker.value() + " " + why + "; its tasks move");
  }
}

void MasterLog::incoming(sync::IncomingEvent const& event) {
  if (std::holds_alternative<sync::IncomingConfigured>(event)) {
    say(LogLevel::Info, status_component, "incoming synchronization configured");
  } else if (auto const* failed = std::get_if<sync::IncomingFailed>(&event)) {
    say(LogLevel::Error, status_component, "incoming synchronization failed: " + failed->message);
  } else if (std::holds_alternative<sync::SourceAccepted>(event)) {
    say(LogLevel::Info, status_component, "the source has accepted this datacenter as its target");
  } else if (std::holds_alternative<sync::IncomingCancelled>(event)) {
    say(LogLevel::Info, status_component, "incoming synchronization is being stopped");
  } else if (std::holds_alternative<sync::IncomingRemoved>(event)) {
    say(LogLevel::Info, status_component, "incoming synchronization has stopped");
  }
}

void MasterLog::outgoing(sync::OutgoingEvent const& event) {
  if (auto const* entered = std::get_if<sync::OutgoingEntered>(&event)) {
    say(LogLevel::Info, status_component, "outgoing synchronization to " + entered->outgoing.id.value() + " accepted");
  } else if (auto const* removed = std::get_if<sync::OutgoingRemoved>(&event)) {
    say(LogLevel::Info, status_component, "outgoing synchronization to " + removed->id.value() + " has ended");
  } else if (auto const* held = std::get_if<sync::BarrierHeld>(&event)) {
    say(LogLevel::Info, status_component, "this cluster is held read-only for its target " + held->id.value());
  } else if (auto const* dropped = std::get_if<sync::BarrierDropped>(&event)) {
    say(LogLevel::Info, status_component, "the barrier of the target " + dropped->id.value() + " ends");
  }
}

void MasterLog::shard(sync::ShardEvent const& event) {
  auto const* reached = std::get_if<sync::ShardStatusReached>(&event);
  if (reached == nullptr) return;
  bool const failed = reached->status == sync::Status::Failed;
  say(failed ? LogLevel::Warn : LogLevel::Debug, status_component,
      of(reached->partner) + ": shard " + to_string(reached->shard) + " is " +
          std::string(sync::to_string(reached->status)));
}

}  // namespace arangosync::app
