// The journal: a bounded ring of recent durable events, saved in the same transaction as the state they lead to. For
// people: kind and subject, what happened, when, in whose term. For machines: the whole event (event_forms.h), so that
// the state is what its events make of it.
#include "adapters/agency/event_forms.h"
#include "adapters/agency/layout.h"
#include "adapters/agency/layout_forms.h"
#include "adapters/codec/time_text.h"
#include "domain/base/limits.h"
#include "domain/base/overloaded.h"

#include <boost/json.hpp>

#include <cstdlib>

namespace arangosync::agency::layout {

namespace bj = boost::json;

namespace {

bj::object named(char const* event) { return bj::object{{"event", event}}; }

bj::object of_task(char const* event, TaskId const& id) { return bj::object{{"event", event}, {"task", id.value()}}; }

bj::object of_partner(char const* event, sync::Partner const& partner) {
  bj::object json = named(event);
  if (partner) json["target"] = partner->value();
  return json;
}

bj::object of_shard(char const* event, sync::Partner const& partner, ShardRef const& shard) {
  bj::object json = of_partner(event, partner);
  json["shard"] = to_string(shard);
  return json;
}

bj::object assigned(char const* event, TaskId const& id, std::optional<task::Assignment> const& assignment) {
  bj::object json = of_task(event, id);
  if (!assignment) return json;
  json["worker"] = assignment->worker.value();
  json["counter"] = assignment->counter;
  return json;
}

bj::object entry_of(master::OfficeEvent const& event) {
  return std::visit(overloaded{
                        [](master::StateTaken const&) { return named("state-taken"); },
                        [](master::LeadershipBegun const&) { return named("leadership-begun"); },
                        [](master::WorkerCaKept const&) { return named("worker-ca-kept"); },
                        [](master::MessageTimeoutSet const& it) {
                          return bj::object{{"event", "message-timeout-set"}, {"timeout", it.timeout.count()}};
                        },
                        [](master::HousekeepingDue const&) { return named("housekeeping-due"); },
                        [](master::SurveyDue const&) { return named("survey-due"); },
                        [](master::SurveyTaken const&) { return named("survey-taken"); },
                        [](master::PlanMissed const&) { return named("plan-missed"); },
                        [](master::PlanSeen const& it) {
                          return bj::object{{"event", "plan-seen"}, {"version", it.version}};
                        },
                        [](master::ModeDoubted const& it) {
                          return bj::object{{"event", "mode-doubted"}, {"doubted", it.is_doubted}};
                        },
                        [](master::ModeDue const&) { return named("mode-due"); },
                        [](master::TokenCheckDue const&) { return named("token-check-due"); },
                        [](master::ExpiryCheckDue const&) { return named("expiry-check-due"); },
                    },
                    event);
}

char const* to_text(membership::Farewell why) {
  switch (why) {
    case membership::Farewell::Expired:
      return "expired";
    case membership::Farewell::Unregistered:
      return "unregistered";
    case membership::Farewell::Replaced:
      return "replaced";
  }
  return "";
}

bj::object entry_of(membership::Event const& event) {
  return std::visit(
      overloaded{
          [](membership::WorkerJoined const& it) {
            return bj::object{
                {"event", "worker-joined"}, {"worker", it.record.id.value()}, {"endpoint", it.record.endpoint.value()}};
          },
          [](membership::RegistrationRenewed const&) { return named("registration-renewed"); },
          [](membership::WorkerHeard const&) { return named("worker-heard"); },
          [](membership::WorkerLeft const& it) {
            return bj::object{{"event", "worker-left"}, {"worker", it.worker.value()}, {"why", to_text(it.why)}};
          },
      },
      event);
}

bj::object entry_of(task::Event const& event) {
  return std::visit(overloaded{
                        [](task::TaskCreated const& it) {
                          bj::object json = assigned("task-created", it.task.id, it.task.assignment);
                          json["type"] = std::string(task::to_string(it.task.spec.kind));
                          if (it.task.spec.shard) json["shard"] = to_string(*it.task.spec.shard);
                          return json;
                        },
                        [](task::TaskAssigned const& it) { return assigned("task-assigned", it.task, it.assignment); },
                        [](task::ReignBegun const& it) {
                          bj::object json = of_task("reign-begun", it.task);
                          json["leader"] = it.reign.leader.value();
                          return json;
                        },
                        [](task::TaskDelivered const& it) { return of_task("task-delivered", it.task); },
                        [](task::TaskMoveBegun const& it) { return of_task("task-move-begun", it.task); },
                        [](task::TaskCancelled const& it) { return of_task("task-cancelled", it.task); },
                        [](task::TaskRemoved const& it) { return of_task("task-removed", it.task); },
                        [](task::CohortHomed const&) { return named("cohort-homed"); },
                        [](task::LandscapeSeen const&) { return named("landscape-seen"); },
                    },
                    event);
}

bj::object entry_of(access::Event const& event) {
  // Tokens are secrets, and the journal is read by more people than the registry: it only says that there were some.
  return std::visit(overloaded{
                        [](access::TokenIssued const& it) {
                          return bj::object{{"event", "token-issued"}, {"clone", it.entry.parent.has_value()}};
                        },
                        [](access::TokenExtended const&) { return named("token-extended"); },
                        [](access::TokensExpired const& it) {
                          return bj::object{{"event", "tokens-expired"}, {"count", it.tokens.size()}};
                        },
                        [](access::TokensRevoked const& it) {
                          return bj::object{{"event", "tokens-revoked"}, {"count", it.tokens.size()}};
                        },
                    },
                    event);
}

char const* to_text(sync::BarrierWish wish) {
  switch (wish) {
    case sync::BarrierWish::None:
      return "none";
    case sync::BarrierWish::Hold:
      return "hold";
    case sync::BarrierWish::Lift:
      return "lift";
  }
  return "";
}

bj::object entry_of(sync::IncomingEvent const& event) {
  return std::visit(overloaded{
                        [](sync::ClusterIdDrawn const& it) {
                          return bj::object{{"event", "cluster-id-drawn"}, {"id", it.id.value()}};
                        },
                        [](sync::LifeBegun const& it) {
                          return bj::object{{"event", "life-begun"}, {"life", it.life.value()}};
                        },
                        [](sync::IncomingConfigured const& it) {
                          return bj::object{{"event", "incoming-configured"}, {"source", json_of(it.source)}};
                        },
                        [](sync::IncomingReconfigured const& it) {
                          return bj::object{{"event", "incoming-reconfigured"}, {"source", json_of(it.source)}};
                        },
                        [](sync::SourceLearned const& it) {
                          return bj::object{{"event", "source-learned"}, {"source", json_of(it.source)}};
                        },
                        [](sync::OwnTokenGiven const&) { return named("own-token-given"); },
                        [](sync::SourceAccepted const&) { return named("source-accepted"); },
                        [](sync::SourceForgot const&) { return named("source-forgot"); },
                        [](sync::LineageLearned const&) { return named("lineage-learned"); },
                        [](sync::BarrierWished const& it) {
                          return bj::object{{"event", "barrier-wished"}, {"wish", to_text(it.wish)}};
                        },
                        [](sync::IncomingFailed const& it) {
                          return bj::object{{"event", "incoming-failed"}, {"message", it.message}};
                        },
                        [](sync::IncomingCancelled const& it) {
                          return bj::object{{"event", "incoming-cancelled"}, {"force", it.cancellation.force}};
                        },
                        [](sync::SourceLeft const& it) {
                          return bj::object{{"event", "source-left"}, {"told", it.told}};
                        },
                        [](sync::IncomingRemoved const&) { return named("incoming-removed"); },
                    },
                    event);
}

bj::object entry_of(sync::OutgoingEvent const& event) {
  return std::visit(overloaded{
                        [](sync::TargetHeard const& it) {
                          bj::object json = of_partner("target-heard", it.id);
                          json["life"] = it.heard.order.life.value();
                          return json;
                        },
                        [](sync::OutgoingEntered const& it) { return of_partner("outgoing-entered", it.outgoing.id); },
                        [](sync::OutgoingUpdated const& it) { return of_partner("outgoing-updated", it.id); },
                        [](sync::OutgoingCancelled const& it) { return of_partner("outgoing-cancelled", it.id); },
                        [](sync::OutgoingRemoved const& it) { return of_partner("outgoing-removed", it.id); },
                        [](sync::BarrierRaised const& it) { return of_partner("barrier-raised", it.id); },
                        [](sync::BarrierHeld const& it) { return of_partner("barrier-held", it.id); },
                        [](sync::BarrierDropped const& it) { return of_partner("barrier-dropped", it.id); },
                        [](sync::BarrierLifted const& it) { return of_partner("barrier-lifted", it.id); },
                    },
                    event);
}

bj::object entry_of(sync::PartnerEvent const& event) {
  return std::visit(overloaded{
                        [](sync::StatusReached const& it) {
                          bj::object json = of_partner("status-reached", it.partner);
                          json["status"] = std::string(sync::to_string(it.status));
                          return json;
                        },
                        [](sync::RemoteTokenKept const& it) { return of_partner("remote-token-kept", it.partner); },
                        [](sync::RemoteTokenFound const& it) { return of_partner("remote-token-found", it.partner); },
                        [](sync::RemoteTokenDue const& it) { return of_partner("remote-token-due", it.partner); },
                        [](sync::RemoteTokenLost const& it) { return of_partner("remote-token-lost", it.partner); },
                        [](sync::InventoryReported const&) { return named("total-reported"); },
                        [](sync::BarrierRenewed const& it) { return of_partner("barrier-renewed", it.id); },
                        [](sync::BarrierOrdered const& it) { return of_partner("barrier-ordered", it.id); },
                        [](sync::BarrierAwaited const&) { return named("barrier-awaited"); },
                        [](sync::BarrierDue const&) { return named("barrier-due"); },
                        [](sync::BarrierAnswered const&) { return named("barrier-answered"); },
                        [](sync::BarrierLost const&) { return named("barrier-lost"); },
                        [](sync::LineageDue const&) { return named("lineage-due"); },
                        [](sync::LineageTaken const&) { return named("lineage-taken"); },
                    },
                    event);
}

bj::object entry_of(sync::ShardEvent const& event) {
  return std::visit(
      overloaded{
          [](sync::ShardAdded const& it) { return of_shard("shard-added", it.partner, it.entry.shard); },
          [](sync::ShardStatusReached const& it) {
            bj::object json = of_shard("shard-status-reached", it.partner, it.shard);
            json["status"] = std::string(sync::to_string(it.status));
            return json;
          },
          [](sync::ShardCancelled const& it) {
            bj::object json = of_shard("shard-cancelled", it.partner, it.shard);
            if (it.restart) json["restart"] = true;
            return json;
          },
          [](sync::ShardWithdrawn const& it) { return of_shard("shard-withdrawn", std::nullopt, it.shard); },
          [](sync::ShardRemoved const& it) { return of_shard("shard-removed", it.partner, it.shard); },
          [](sync::ReportTaken const& it) { return of_shard("report-taken", it.entry.remote, it.entry.shard); },
      },
      event);
}

bj::object entry_of(master::Event const& event) {
  return std::visit(overloaded{
                        [](master::ProcessEvent const&) { return named("process"); },
                        [](election::Event const&) { return named("election"); },
                        [](master::OfficeEvent const& it) { return entry_of(it); },
                        [](master::ErrandEvent const&) { return named("errand"); },
                        [](membership::Event const& it) { return entry_of(it); },
                        [](task::Event const& it) { return entry_of(it); },
                        [](access::Event const& it) { return entry_of(it); },
                        [](sync::IncomingEvent const& it) { return entry_of(it); },
                        [](sync::OutgoingEvent const& it) { return entry_of(it); },
                        [](sync::PartnerEvent const& it) { return entry_of(it); },
                        [](sync::ShardEvent const& it) { return entry_of(it); },
                    },
                    event);
}

}  // namespace

std::string describe(master::Event const& event) { return bj::serialize(entry_of(event)); }

std::vector<ports::AgencyOperation> journal(std::vector<master::Event> const& events, std::uint64_t first_sequence,
                                            Term term, WallTime now) {
  std::vector<ports::AgencyOperation> operations;
  if (events.empty()) return operations;
  std::uint64_t const ring = limits::journal_entries;
  std::uint64_t const last = first_sequence + events.size() - 1;
  for (std::uint64_t number = first_sequence; number <= last; ++number) {
    // Of a save larger than the ring only the end is written.
    if (number + ring <= last) continue;
    bj::object entry = entry_of(events[number - first_sequence]);
    entry["v"] = event_form_version;
    entry["data"] = event_data(events[number - first_sequence]);
    entry["term"] = term.value();
    entry["time"] = codec::time_text(now);
    operations.push_back({key("journal/" + std::to_string(number)), ports::AgencySet{bj::serialize(entry)}});
  }
  // Before this save the ring held the `ring` entries up to first_sequence; those that fall out now go.
  std::uint64_t const oldest = first_sequence > ring ? first_sequence - ring : 1;
  for (std::uint64_t number = oldest; number < first_sequence && number + ring <= last; ++number) {
    operations.push_back({key("journal/" + std::to_string(number)), ports::AgencyDelete{}});
  }
  operations.push_back({key("journal/sequence"), ports::AgencySet{number_json(last)}});
  return operations;
}

std::vector<std::string> journal_paths() { return {key("journal")}; }

Outcome<std::vector<JournalEntry>> read_journal(std::string const& answer) {
  boost::system::error_code error;
  bj::value const parsed = bj::parse(answer, error);
  if (error) return unexpected(Fault{FaultClass::Retry, "the agency's answer is no JSON"});
  std::map<std::uint64_t, JournalEntry> by_number;
  try {
    bj::object const& root = object_at(object_at(as_object(parsed, "the agency's answer"), "arangodb"), "arangosync");
    for (auto const& [name, value] : object_at(root, "journal")) {
      if (!value.is_object()) continue;  // the number of the last one
      bj::object shown = value.get_object();
      JournalEntry entry;
      entry.sequence = std::strtoull(std::string(name).c_str(), nullptr, 10);
      entry.term = Term(number_at(shown, "term"));
      entry.time = time_at(shown, "time");
      entry.event = text_at(shown, "event");
      entry.version = number_at(shown, "v");
      entry.data = bj::serialize(object_at(shown, "data"));
      // What is left over says what it was about; entries of the first form (without `v`) have only that.
      for (char const* known : {"term", "time", "event", "v", "data"}) shown.erase(known);
      for (auto const& [what, about] : shown) {
        entry.details += (entry.details.empty() ? "" : " ") + std::string(what) + "=";
        entry.details += about.is_string() ? std::string(about.get_string()) : bj::serialize(about);
      }
      by_number[entry.sequence] = std::move(entry);
    }
  } catch (Unreadable const& trouble) {
    return unexpected(Fault{FaultClass::Permanent, "agency, journal: " + trouble.what});
  }
  std::vector<JournalEntry> entries;
  for (auto& [number, entry] : by_number) entries.push_back(std::move(entry));
  return entries;
}

Outcome<master::Event> event_of(JournalEntry const& entry) {
  boost::system::error_code error;
  bj::value const data = bj::parse(entry.data, error);
  if (error || !data.is_object()) return unexpected(Fault{FaultClass::Permanent, "event " + entry.event + ": no data"});
  return read_event(entry.event, entry.version, data.get_object());
}

}  // namespace arangosync::agency::layout
