// The own cluster's mode: set for all who have a wish (errand.h), and looked at again (docs/decisions/0029).
#include "domain/base/mark.h"
#include "domain/master/decide.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace arangosync::master {

namespace {

/// Read-only before data comes in: the inventory's receiver may begin.
void begin_to_receive(Script& script) {
  auto const& incoming = script.office().sync.incoming;
  bool const waits = incoming && sync::is_active(incoming->status) && !incoming->remote_queue.endpoints.empty() &&
                     task::find(script.office().tasks, task::Purpose{}) == nullptr;
  if (!waits) return;
  task::Channels const channels{draw_channel(script, incoming->target_prefix),
                                draw_channel(script, incoming->source_prefix)};
  create_task(script, task::Spec{task::Kind::ReceiveInventory, true, channels, std::nullopt, std::nullopt});
}

/// Barriers and synchronizations that waited for the mode.
void mode_reached(Script& script, sync::ServerMode mode) {
  if (mode == sync::ServerMode::ReadOnly) begin_to_receive(script);
  // A copy: what is written below may change the state that is walked through.
  std::map<ClusterId, sync::Outgoing> const targets = script.office().sync.outgoing;
  for (auto const& [id, outgoing] : targets) {
    bool const has_tasks = task::has_tasks(script.office().tasks, id);
    auto const& barrier = outgoing.barrier;
    if (outgoing.status == sync::Status::Cancelling && !has_tasks) {
      if (leaves_a_mode(outgoing)) remove_outgoing(script, id);
    } else if (barrier && barrier->phase == sync::BarrierPhase::Lifting) {
      script.write(sync::BarrierLifted{id});
    } else if (sync::is_active(outgoing.status) && barrier && barrier->phase == sync::BarrierPhase::Raising &&
               mode == sync::ServerMode::ReadOnly) {
      script.write(sync::BarrierHeld{id, script.wall()});
    }
  }
  auto const& incoming = script.office().sync.incoming;
  if (!incoming || !incoming->cancellation || task::has_tasks(script.office().tasks, std::nullopt)) return;
  if (incoming->cancellation->source_told || incoming->cancellation->aborted) remove_incoming(script);
}

}  // namespace

Decision decide(Script script, ServerModeSet const& command) {
  auto const answer = answer_of(script, command.request, ErrandKind::ServerMode);
  if (!answer) return stale();
  if (!command.outcome) return failed(std::move(script), *answer, command.outcome.error());
  if (!still_holds(script, *answer)) return answered(std::move(script), *answer);
  mode_reached(script, answer->attempt.want == Want::Do ? sync::ServerMode::ReadOnly : sync::ServerMode::Default);
  return answered(std::move(script), *answer);
}

namespace {

constexpr std::uint32_t in_vain_max = 3;

/// What was in sync under a barrier that did not hold proves nothing: the next one has another id.
void raise_barriers_anew(Script& script) {
  std::map<ClusterId, sync::Outgoing> const targets = script.office().sync.outgoing;
  for (auto const& [id, outgoing] : targets) {
    bool const is_held = outgoing.barrier && outgoing.barrier->phase == sync::BarrierPhase::Held;
    if (!is_held || !sync::is_active(outgoing.status)) continue;
    sync::BarrierId const barrier(script.draw().alphanumeric(16));
    script.write(sync::BarrierRaised{id, barrier, script.office().sync.barrier_ends.at(id)});
  }
}

}  // namespace

std::optional<std::string> why_not_to_be_held(Script const& script) {
  Office const& office = script.office();
  auto const said = office.errands.open.find(Errand{ErrandKind::ServerMode, {}, {}, {}});
  bool const is_lifting = said != office.errands.open.end() && said->second.want == Want::Undo;
  if (is_lifting) return "this datacenter is just being made writable: try again";
  bool const may_be_late = office.mode.default_until && script.at() < *office.mode.default_until;
  if (!may_be_late) return std::nullopt;
  DC_MARK("master.barrier.unsure");
  auto const rest = std::chrono::ceil<std::chrono::minutes>(*office.mode.default_until - script.at());
  return "a call that makes this datacenter writable had no answer, and may be carried out for " +
         std::to_string(rest.count()) + " minutes more: try again then, or stop without waiting";
}

namespace {

/// The time in which a call for read-only could come is over.
void settle_doubt(Script& script) {
  Office const& office = script.current_office();
  auto const& until = office.mode.read_only_until;
  bool const is_over = !is_asking_for_read_only(office) && (!until || *until <= script.at());
  if (office.mode.is_doubted && is_over) script.write(ModeDoubted{false});
}

}  // namespace

bool look_at_mode(Script& script, Attempt const& survey, bool is_read_only) {
  Office const& office = script.office();
  if (office.mode.is_doubted) settle_doubt(script);
  auto const said = office.errands.open.find(Errand{ErrandKind::ServerMode, {}, {}, {}});
  bool const is_being_said = said != office.errands.open.end() && said->second.under_way;
  if (is_being_said || survey.outdated) return false;
  ModeWish const wish = mode_wish(office);
  // An agency may never show it. Nobody is to be disturbed for ever by that.
  if (office.mode.in_vain >= in_vain_max) return wish.is_read_only == is_read_only;
  if (wish.is_kept && !is_read_only) {
    DC_MARK("master.mode.lost");
    raise_barriers_anew(script);
    script.write(ModeDue{});
  }
  // Only what may be a late call of ours: an operator's own read-only mode is none of our business.
  bool const may_be_ours = office.mode.read_only_until && script.at() < *office.mode.read_only_until;
  if (is_read_only && !wish.is_read_only && may_be_ours) {
    DC_MARK("master.mode.late");
    script.write(ModeDue{});
  }
  return wish.is_read_only == is_read_only;
}

}  // namespace arangosync::master
