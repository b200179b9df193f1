#include "domain/master/master.h"

#include "domain/base/check.h"
#include "domain/base/overloaded.h"
#include "domain/master/calls.h"

#include <utility>

namespace arangosync::master {

namespace {

bool is_durable_office(OfficeEvent const& event) {
  return std::holds_alternative<LeadershipBegun>(event) || std::holds_alternative<WorkerCaKept>(event) ||
         std::holds_alternative<MessageTimeoutSet>(event) || std::holds_alternative<PlanSeen>(event) ||
         std::holds_alternative<ModeDoubted>(event);
}

bool is_durable_task(task::Event const& event) {
  return !std::holds_alternative<task::TaskDelivered>(event) && !std::holds_alternative<task::TaskMoveBegun>(event) &&
         !std::holds_alternative<task::CohortHomed>(event) && !std::holds_alternative<task::LandscapeSeen>(event);
}

bool is_durable_shard(sync::ShardEvent const& event) {
  return !std::holds_alternative<sync::ShardWithdrawn>(event) && !std::holds_alternative<sync::ReportTaken>(event);
}

bool is_durable_partner(sync::PartnerEvent const& event) {
  return std::holds_alternative<sync::StatusReached>(event) || std::holds_alternative<sync::RemoteTokenKept>(event);
}

}  // namespace

State initial_state(Identity identity) {
  State state;
  state.identity = std::move(identity);
  state.announcing = RequestId(1);
  state.election.reading = RequestId(2);
  state.next_request = RequestId(3);
  return state;
}

bool is_durable(Event const& event) {
  return std::visit(overloaded{
                        [](ProcessEvent const&) { return false; },
                        [](election::Event const&) { return false; },
                        [](OfficeEvent const& it) { return is_durable_office(it); },
                        [](ErrandEvent const&) { return false; },
                        [](membership::Event const& it) { return membership::is_durable(it); },
                        [](task::Event const& it) { return is_durable_task(it); },
                        [](access::Event const&) { return true; },
                        [](sync::IncomingEvent const&) { return true; },
                        [](sync::OutgoingEvent const&) { return true; },
                        [](sync::PartnerEvent const& it) { return is_durable_partner(it); },
                        [](sync::ShardEvent const& it) { return is_durable_shard(it); },
                    },
                    event);
}

Persisted persisted(State const& state) {
  Persisted stored;
  if (!state.office || !state.office->loaded) return stored;
  Office const& office = *state.office;
  stored.journal_sequence = office.journal_sequence;
  stored.worker_ca = office.worker_ca;
  for (auto const& [id, member] : office.members) stored.workers[id] = member.record;
  stored.topics = office.topics;
  stored.tasks = office.tasks.tasks;
  stored.tokens = office.tokens;
  stored.cluster_id = office.sync.cluster_id;
  stored.incoming = office.sync.incoming;
  stored.outgoing = office.sync.outgoing;
  stored.life = office.sync.life;
  stored.heard = office.sync.heard;
  stored.cancellation_aborted = office.sync.cancellation_aborted;
  stored.message_timeout = office.message_timeout;
  stored.plan_seen = office.plan.seen;
  stored.mode_doubted = office.mode.is_doubted;
  return stored;
}

Term term_of(State const& state) {
  DC_ASSERT(state.office.has_value());
  return state.office->term;
}

std::uint64_t first_sequence(State const& after, std::size_t count) {
  DC_ASSERT(after.office.has_value());
  DC_ASSERT(after.office->journal_sequence >= count);
  return after.office->journal_sequence - count + 1;
}

bool is_leading(State const& state) {
  return !state.stopping && state.office && state.office->loaded && state.office->worker_ca;
}

bool is_leading(State const& state, Instant now) {
  auto const* const holding = std::get_if<election::Holding>(&state.election.phase);
  return is_leading(state) && holding != nullptr && now < holding->deadline;
}

std::vector<Effect> on_refusal(Command const& command, Refusal const& why) {
  std::optional<CallId> const call = call_of(command);
  if (!call) return {};
  return {Reply{*call, Refused{why.kind, why.message}}};
}

}  // namespace arangosync::master
