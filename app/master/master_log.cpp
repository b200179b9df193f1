#include "app/master/master_log.h"

#include <optional>
#include <string>

namespace arangosync::app {

namespace {

using ports::LogLevel;
constexpr char const* status_component = "master.sync.status";
constexpr char const* workers_component = "master.workers";

std::string of(sync::Partner const& partner) {
  return partner ? "outgoing synchronization to " + partner->value() : std::string("incoming synchronization");
}

char const* component_of(master::ErrandKind kind) {
  return kind == master::ErrandKind::Task ? workers_component : status_component;
}

/// What an errand is to reach, as "could not …" goes on; absent where another line tells. All tasks of a worker are
/// one trouble.
std::optional<std::string> purpose_of(master::Errand const& errand, master::Office const& office) {
  using master::ErrandKind;
  switch (errand.kind) {
    case ErrandKind::Task: {
      task::Task const* const task = task::find(office.tasks, errand.task);
      if (task == nullptr || !task->assignment) return std::nullopt;
      auto const member = office.members.find(task->assignment->worker);
      if (member == office.members.end()) return std::nullopt;
      membership::WorkerRecord const& record = member->second.record;
      return "give tasks to the worker " + record.id.value() + " at " + record.endpoint.value();
    }
    case ErrandKind::AskSource:
      return "ask the source who it is";
    case ErrandKind::ServerMode:
      return "set the cluster's mode";
    case ErrandKind::Outgoing:
      return "tell the source that this datacenter is, or is no longer, its target";
    case ErrandKind::Barrier:
      return "have the source held read-only, or let it go";
    case ErrandKind::Lineage:
      return "ask the source whom it receives from";
    case ErrandKind::Shard:
      return "tell the source of shards that begin or end";
    case ErrandKind::RenewToken:
      return "renew the token of " + of(errand.partner);
    case ErrandKind::LoadState:
    case ErrandKind::MakeWorkerCa:
    case ErrandKind::Survey:
      break;
  }
  return std::nullopt;
}

}  // namespace

void MasterLog::on_command(Envelope<master::Command> const& command, master::State const& before) {
  EventLog::on_command(command, before);
  auto const look = [&](char const* what, auto const* answer) {
    if (answer == nullptr) return;
    trouble("master.agency", what, answer->outcome ? nullptr : &answer->outcome.error().message);
    if (!answer->outcome) telemetry_.count("arangosync_master_agency_failures", {});
  };
  look("read who leads from the agency", std::get_if<master::LeaseRead>(&command.body));
  look("announce this master in the agency", std::get_if<master::MastersRead>(&command.body));
  look("load the datacenter's state from the agency", std::get_if<master::StateLoaded>(&command.body));
  look("make a certificate authority for the workers", std::get_if<master::WorkerCaMade>(&command.body));
  look("read the cluster's plan and mode", std::get_if<master::LandscapeRead>(&command.body));
  if (auto const* failed = std::get_if<master::SaveFailed>(&command.body)) {
    say(LogLevel::Warn, "master.agency", "a save failed: " + failed->reason + "; this master stops leading");
  }
}

void MasterLog::saved(master::WriteOutcome outcome) {
  char const* const result = outcome == master::WriteOutcome::Applied   ? "applied"
                             : outcome == master::WriteOutcome::Refused ? "refused"
                                                                        : "unknown";
  telemetry_.count("arangosync_master_agency_transactions", {{"result", result}});
}

void MasterLog::trouble(std::string_view component, std::string const& what, std::string const* message) {
  auto const known = troubles_.find(what);
  if (message == nullptr) {
    if (known == troubles_.end()) return;
    troubles_.erase(known);
    say(LogLevel::Info, component, "could " + what + " again");
    return;
  }
  if (known != troubles_.end() && known->second == *message) return;
  troubles_[what] = *message;
  say(LogLevel::Warn, component, "could not " + what + ": " + *message);
}

void MasterLog::errand(master::ErrandEvent const& event, master::Office const& office) {
  if (auto const* failed = std::get_if<master::ErrandFailed>(&event)) {
    auto const open = office.errands.open.find(failed->errand);
    bool const again = open != office.errands.open.end() && open->second.failures >= 2;
    auto const what = again ? purpose_of(failed->errand, office) : std::nullopt;
    if (what) trouble(component_of(failed->errand.kind), *what, &failed->message);
  } else if (auto const* answered = std::get_if<master::ErrandAnswered>(&event)) {
    if (troubles_.empty()) return;
    if (auto const what = purpose_of(answered->errand, office)) {
      trouble(component_of(answered->errand.kind), *what, nullptr);
    }
  }
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
  telemetry_.gauge("arangosync_master_is_leader", {}, leads ? 1 : 0);
  telemetry_.count("arangosync_master_leadership_changes", {});
  say(LogLevel::Info, "master.election", leads ? "this master leads now" : "this master does not lead any more");
}

void MasterLog::worker(membership::Event const& event) {
  if (auto const* joined = std::get_if<membership::WorkerJoined>(&event)) {
    telemetry_.count("arangosync_master_worker_registrations", {});
    telemetry_.count("arangosync_master_worker_storage", {{"kind", ""}, {"op", "save"}, {"result", "success"}});
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
