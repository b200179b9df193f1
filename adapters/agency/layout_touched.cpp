// Which parts of the state an event changes. A part too many costs bytes, a part too few costs data: the property test
// tests/adapters/agency/layout_law_test.cpp holds this against whole states.
#include "adapters/agency/layout.h"
#include "domain/base/overloaded.h"

namespace arangosync::agency::layout {

namespace {

Part part(PartKind kind) { return Part{kind, "", {}, {}}; }
Part task_part(TaskId const& id) { return Part{PartKind::Task, id.value(), {}, {}}; }
Part token_part(Token const& token) { return Part{PartKind::TokenEntry, token.value(), {}, {}}; }
Part fields(sync::Partner const& partner) { return Part{PartKind::SynchronizationFields, "", partner, {}}; }
Part whole(sync::Partner const& partner) { return Part{PartKind::Synchronization, "", partner, {}}; }
Part shard_part(sync::Partner const& partner, ShardRef const& shard) {
  return Part{PartKind::Shard, "", partner, shard};
}

Parts touched_by(master::OfficeEvent const& event) {
  return std::visit(overloaded{
                        [](master::StateTaken const&) { return Parts{}; },
                        [](master::LeadershipBegun const&) { return Parts{part(PartKind::ProgramVersion)}; },
                        [](master::WorkerCaKept const&) { return Parts{part(PartKind::WorkerCa)}; },
                        [](master::MessageTimeoutSet const&) { return Parts{part(PartKind::MessageTimeout)}; },
                        [](master::HousekeepingDue const&) { return Parts{}; },
                        [](master::SurveyDue const&) { return Parts{}; },
                        [](master::SurveyTaken const&) { return Parts{}; },
                        [](master::PlanMissed const&) { return Parts{}; },
                        [](master::PlanSeen const&) { return Parts{part(PartKind::PlanSeen)}; },
                        [](master::ModeDoubted const&) { return Parts{part(PartKind::ModeDoubted)}; },
                        [](master::ModeDue const&) { return Parts{}; },
                        [](master::TokenCheckDue const&) { return Parts{}; },
                        [](master::ExpiryCheckDue const&) { return Parts{}; },
                    },
                    event);
}

Parts touched_by(task::Event const& event) {
  return std::visit(overloaded{
                        [](task::TaskCreated const& it) {
                          Parts parts{task_part(it.task.id)};
                          if (!it.task.spec.shard) parts.insert(part(PartKind::Topics));
                          return parts;
                        },
                        [](task::TaskAssigned const& it) { return Parts{task_part(it.task)}; },
                        [](task::ReignBegun const& it) { return Parts{task_part(it.task)}; },
                        [](task::TaskDelivered const&) { return Parts{}; },
                        [](task::TaskMoveBegun const&) { return Parts{}; },
                        [](task::TaskCancelled const& it) { return Parts{task_part(it.task)}; },
                        [](task::CohortHomed const&) { return Parts{}; },
                        [](task::LandscapeSeen const&) { return Parts{}; },
                        // Which kind it was is not known any more: an inventory's topics go with it.
                        [](task::TaskRemoved const& it) {
                          return Parts{task_part(it.task), part(PartKind::Topics)};
                        },
                    },
                    event);
}

Parts token_parts(std::vector<Token> const& tokens) {
  Parts parts;
  for (Token const& token : tokens) parts.insert(token_part(token));
  return parts;
}

Parts touched_by(access::Event const& event) {
  return std::visit(overloaded{
                        [](access::TokenIssued const& it) { return Parts{token_part(it.token)}; },
                        [](access::TokenExtended const& it) { return Parts{token_part(it.token)}; },
                        [](access::TokensExpired const& it) { return token_parts(it.tokens); },
                        [](access::TokensRevoked const& it) { return token_parts(it.tokens); },
                    },
                    event);
}

Parts touched_by(sync::IncomingEvent const& event) {
  Parts const some{fields(std::nullopt)};
  Parts const all{whole(std::nullopt), part(PartKind::CancellationAborted), part(PartKind::Topics),
                  part(PartKind::ModeDoubted)};
  return std::visit(overloaded{
                        [](sync::ClusterIdDrawn const&) { return Parts{part(PartKind::ClusterId)}; },
                        [](sync::LifeBegun const&) { return Parts{part(PartKind::Life)}; },
                        [&](sync::IncomingConfigured const&) { return all; },
                        [&](sync::IncomingReconfigured const&) { return some; },
                        [&](sync::SourceLearned const&) { return some; },
                        [&](sync::OwnTokenGiven const&) { return some; },
                        [&](sync::SourceAccepted const&) { return some; },
                        // With all its shards.
                        [](sync::SourceForgot const&) { return Parts{whole(std::nullopt)}; },
                        [&](sync::LineageLearned const&) { return some; },
                        [&](sync::BarrierWished const&) { return some; },
                        [&](sync::IncomingFailed const&) { return some; },
                        [&](sync::IncomingCancelled const&) { return some; },
                        [&](sync::SourceLeft const&) { return some; },
                        [&](sync::IncomingRemoved const&) { return all; },
                    },
                    event);
}

Parts touched_by(sync::OutgoingEvent const& event) {
  return std::visit(overloaded{
                        [](sync::TargetHeard const&) { return Parts{part(PartKind::Heard)}; },
                        [](sync::OutgoingEntered const& it) { return Parts{whole(it.outgoing.id)}; },
                        [](sync::OutgoingUpdated const& it) { return Parts{fields(it.id)}; },
                        [](sync::OutgoingCancelled const& it) { return Parts{fields(it.id)}; },
                        [](sync::OutgoingRemoved const& it) {
                          return Parts{whole(it.id), part(PartKind::Topics), part(PartKind::ModeDoubted)};
                        },
                        [](sync::BarrierRaised const& it) { return Parts{fields(it.id)}; },
                        [](sync::BarrierHeld const& it) { return Parts{fields(it.id)}; },
                        [](sync::BarrierDropped const& it) { return Parts{fields(it.id)}; },
                        [](sync::BarrierLifted const& it) { return Parts{fields(it.id)}; },
                    },
                    event);
}

Parts touched_by(sync::PartnerEvent const& event) {
  return std::visit(overloaded{
                        [](sync::StatusReached const& it) { return Parts{fields(it.partner)}; },
                        [](sync::RemoteTokenKept const& it) { return Parts{fields(it.partner)}; },
                        [](sync::RemoteTokenFound const&) { return Parts{}; },
                        [](sync::RemoteTokenDue const&) { return Parts{}; },
                        [](sync::RemoteTokenLost const&) { return Parts{}; },
                        [](sync::InventoryReported const&) { return Parts{}; },
                        [](sync::BarrierRenewed const&) { return Parts{}; },
                        [](sync::BarrierOrdered const&) { return Parts{}; },
                        [](sync::BarrierAwaited const&) { return Parts{}; },
                        [](sync::BarrierDue const&) { return Parts{}; },
                        [](sync::BarrierAnswered const&) { return Parts{}; },
                        [](sync::BarrierLost const&) { return Parts{}; },
                        [](sync::LineageDue const&) { return Parts{}; },
                        [](sync::LineageTaken const&) { return Parts{}; },
                    },
                    event);
}

Parts touched_by(sync::ShardEvent const& event) {
  Part const topics = part(PartKind::Topics);
  return std::visit(overloaded{
                        [&](sync::ShardAdded const& it) {
                          return Parts{shard_part(it.partner, it.entry.shard), topics};
                        },
                        [](sync::ShardStatusReached const& it) { return Parts{shard_part(it.partner, it.shard)}; },
                        [](sync::ShardCancelled const& it) { return Parts{shard_part(it.partner, it.shard)}; },
                        [](sync::ShardWithdrawn const&) { return Parts{}; },
                        [&](sync::ShardRemoved const& it) {
                          Parts parts{shard_part(it.partner, it.shard), topics};
                          if (it.partner) parts.insert(Part{PartKind::Endings, "", it.partner, {}});
                          return parts;
                        },
                        [](sync::ReportTaken const&) { return Parts{}; },
                    },
                    event);
}

}  // namespace

Parts touched(master::Event const& event) {
  return std::visit(overloaded{
                        [](master::ProcessEvent const&) { return Parts{}; },
                        [](election::Event const&) { return Parts{}; },
                        [](master::OfficeEvent const& it) { return touched_by(it); },
                        [](master::ErrandEvent const&) { return Parts{}; },
                        [](membership::Event const&) { return Parts{part(PartKind::Workers)}; },
                        [](task::Event const& it) { return touched_by(it); },
                        [](access::Event const& it) { return touched_by(it); },
                        [](sync::IncomingEvent const& it) { return touched_by(it); },
                        [](sync::OutgoingEvent const& it) { return touched_by(it); },
                        [](sync::PartnerEvent const& it) { return touched_by(it); },
                        [](sync::ShardEvent const& it) { return touched_by(it); },
                    },
                    event);
}

Parts all_parts(master::State const& state) {
  Parts parts;
  if (!state.office) return parts;
  for (PartKind const kind : {PartKind::ProgramVersion, PartKind::WorkerCa, PartKind::Workers, PartKind::Topics,
                              PartKind::ClusterId, PartKind::CancellationAborted, PartKind::Life, PartKind::Heard,
                              PartKind::MessageTimeout, PartKind::PlanSeen, PartKind::ModeDoubted}) {
    parts.insert(part(kind));
  }
  for (auto const& [id, task] : state.office->tasks.tasks) parts.insert(task_part(id));
  for (auto const& [token, entry] : state.office->tokens) parts.insert(token_part(token));
  parts.insert(whole(std::nullopt));
  for (auto const& [id, outgoing] : state.office->sync.outgoing) parts.insert(whole(id));
  return parts;
}

}  // namespace arangosync::agency::layout
