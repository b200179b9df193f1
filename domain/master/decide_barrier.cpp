// The barrier: a source held read-only so that its target can catch up with all of it (docs/decisions/0011).
#include "domain/base/mark.h"
#include "domain/master/decide.h"
#include "domain/master/timers.h"
#include "domain/sync/endpoints.h"

#include <utility>

namespace arangosync::master {

// ------------------------------------------------------------------------------------------------------- the target

namespace {

/// Somebody waits behind the barrier that is held.
void await(Script& script) {
  Instant const until = script.at() + sync::pace::barrier_interest;
  Duration const later = until - *script.office().sync.barrier_awaited_until;
  if (later >= sync::pace::barrier_interest_step) script.write(sync::BarrierAwaited{until});
}

}  // namespace

Decision decide(Script script, BeginBarrier const& command) {
  sync::State const& sync = script.office().sync;
  if (!sync.incoming || sync.incoming->status != sync::Status::Running) {
    return refuse(RefusalKind::Precondition, "a barrier needs a synchronization that is running");
  }
  if (sync.barrier_awaited_until) {
    await(script);
  } else {
    script.write(sync::BarrierWished{sync::BarrierWish::Hold, script.at() + sync::pace::barrier_interest});
  }
  return reply(std::move(script), command.call, Done{});
}

Decision decide(Script script, AwaitBarrier const& command) {
  if (script.office().sync.barrier_awaited_until) await(script);
  return reply(std::move(script), command.call, Done{});
}

Decision decide(Script script, EndBarrier const& command) {
  bool const is_up = script.office().sync.barrier_awaited_until.has_value();
  if (is_up) script.write(sync::BarrierWished{sync::BarrierWish::Lift, std::nullopt});
  return reply(std::move(script), command.call, Done{});
}

Decision decide(Script script, BarrierAsked const& command) {
  auto const answer = answer_of(script, command.request, ErrandKind::Barrier);
  if (!answer || answer->attempt.want != Want::Do) return stale();
  if (!command.outcome) return failed(std::move(script), *answer, command.outcome.error());
  if (!still_holds(script, *answer)) return answered(std::move(script), *answer);
  sync::BarrierState const& said = *command.outcome;
  Duration const pause = said.is_held ? sync::pace::barrier_renewal : sync::pace::barrier_poll;
  std::optional<sync::HeldBarrier> held;
  if (said.is_held) held = sync::HeldBarrier{said, script.at() + sync::pace::barrier_trust};
  script.write(sync::BarrierAnswered{std::move(held), script.at() + pause});
  return answered(std::move(script), *answer);
}

// ------------------------------------------------------------------------------------------------------- the source

namespace {

/// What was ordered before and comes late would end a barrier that somebody relies on, or raise one that nobody ends.
template <class Command>
bool is_overtaken(sync::State const& sync, Command const& command) {
  if (sync::is_of_former_life(sync, command.id, command.order)) return true;
  auto const newest = sync.barrier_orders.find(command.id);
  return command.order && newest != sync.barrier_orders.end() && *command.order < newest->second;
}

template <class Command>
void remember(Script& script, Command const& command) {
  if (command.order) script.write(sync::BarrierOrdered{command.id, *command.order});
}

sync::BarrierState state_of(sync::Barrier const& barrier) {
  return {barrier.id, barrier.phase == sync::BarrierPhase::Held, barrier.held_at};
}

}  // namespace

Decision decide(Script script, RaiseOutgoingBarrier const& command) {
  sync::State const& sync = script.office().sync;
  if (is_overtaken(sync, command)) return reply(std::move(script), command.call, overtaken());
  auto const known = sync.outgoing.find(command.id);
  if (known == sync.outgoing.end()) return refuse(RefusalKind::NotFound, "unknown target " + command.id.value());
  if (!sync::is_active(known->second.status)) {
    return refuse(RefusalKind::Precondition, "the synchronization is being stopped");
  }
  if (sync.incoming) {
    return refuse(RefusalKind::Precondition,
                  "the source itself receives from " + sync::joined(sync.incoming->source) +
                      " and cannot be held still; stop that synchronization first, or stop without waiting");
  }
  auto const& barrier = known->second.barrier;
  Instant const ends = script.at() + sync::pace::barrier_lease;
  if (barrier && barrier->phase != sync::BarrierPhase::Lifting) {
    sync::BarrierState const now = state_of(*barrier);
    remember(script, command);
    script.write(sync::BarrierRenewed{command.id, ends});
    return reply(std::move(script), command.call, now);
  }
  if (auto const why = why_not_to_be_held(script)) return refuse(RefusalKind::Precondition, *why);
  // A new barrier has a new id: what was in sync under one that was lifted meanwhile proves nothing any more.
  sync::BarrierId const id(script.draw().alphanumeric(16));
  remember(script, command);
  script.write(sync::BarrierRaised{command.id, id, ends});
  return reply(std::move(script), command.call, sync::BarrierState{id, false, {}});
}

Decision decide(Script script, LowerOutgoingBarrier const& command) {
  if (is_overtaken(script.office().sync, command)) return reply(std::move(script), command.call, overtaken());
  remember(script, command);
  auto const& targets = script.office().sync.outgoing;
  auto const known = targets.find(command.id);
  bool const is_up = known != targets.end() && known->second.status != sync::Status::Cancelling &&
                     known->second.barrier && known->second.barrier->phase != sync::BarrierPhase::Lifting;
  if (is_up) script.write(sync::BarrierDropped{command.id});
  return reply(std::move(script), command.call, Done{});
}

// ----------------------------------------------------------------------------------------------------------- either

Decision watch_barriers(Script script) {
  sync::State const& sync = script.office().sync;
  if (sync.held && sync.held->until <= script.at()) {
    DC_MARK("master.barrier.lost");
    script.write(sync::BarrierLost{});
  }
  bool const is_due = sync.barrier_ask_at && *sync.barrier_ask_at <= script.at() && !sync.barrier_due;
  if (sync.barrier_awaited_until && *sync.barrier_awaited_until <= script.at()) {
    // Whoever began it is gone, or its end was lost: a source must not stay read-only because nobody ends it.
    DC_MARK("master.barrier.abandoned");
    script.write(sync::BarrierWished{sync::BarrierWish::Lift, std::nullopt});
  } else if (is_due) {
    script.write(sync::BarrierDue{});
  }
  for (auto const& [target, ends] : sync.barrier_ends) {
    if (ends > script.at()) continue;
    // Nobody watches over it any more: a source must not stay read-only because a target has died.
    DC_MARK("master.barrier.expired");
    script.write(sync::BarrierDropped{target});
    if (sync::is_active(sync.outgoing.at(target).status)) continue;
    // It was told that it has all. What its senders say, who cannot be told to stop, was written after that.
    revoke_tokens(script, access::Holder{target});
  }
  return std::move(script).done();
}

}  // namespace arangosync::master
