// When the pulse is counted up, and what follows when it is not as it was left.
#include "domain/worker/pulse.h"

#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/base/overloaded.h"
#include "domain/worker/desk.h"

#include <algorithm>

namespace arangosync::worker::pulse {

State evolve(State state, Event const& event) {
  std::visit(overloaded{
                 [&](Asked const& e) {
                   bool const is_again = state.id == e.id && state.failures > 0;
                   if (state.id != e.id) state.beat = 0;
                   state.id = e.id;
                   state.request = e.request;
                   if (!is_again) state.asked_first_at = e.at;
                   state.asked_at = e.at;
                   state.asked_wall = e.wall;
                   state.beat_not_before = e.at + limits::pulse;
                 },
                 [&](Beaten const&) {
                   state.request.reset();
                   ++state.beat;
                   state.beaten_first_at = state.asked_first_at;
                   state.beaten_at = state.asked_at;
                   state.beaten_wall = state.asked_wall;
                   state.is_trusted = true;
                   state.failures = 0;
                 },
                 [&](Missed const& e) {
                   state.request.reset();
                   ++state.failures;
                   state.beat_not_before = e.retry_at;
                 },
                 [&](TrustEnded const&) { state.is_trusted = false; },
                 [&](TargetSetBack const&) {
                   state.request.reset();
                   state.is_trusted = false;
                   state.id = PulseId{};
                   state.beat = 0;
                   state.failures = 0;
                   state.beat_not_before = Instant{};
                 },
                 [&](Armed const& e) { state.armed = e.at; },
                 [&](Woken const&) { state.armed.reset(); },
             },
             event);
  return state;
}

void check_invariants(State const& state) {
  DC_ASSERT(state.id != PulseId{} || (state.beat == 0 && !state.request));
  DC_ASSERT(state.beat == 0 || state.beaten_at <= state.asked_at);
  DC_ASSERT(state.beaten_first_at <= state.beaten_at && state.asked_first_at <= state.asked_at);
  DC_ASSERT(state.beat > 0 || !state.is_trusted);
}

Beat beat_of(State const& state, Instant deadline) {
  Beat beat{*state.request, Stamp{state.id, state.beat + 1}, state.asked_wall, std::nullopt, deadline};
  if (state.beat == 0) beat.forget_before = state.asked_wall + -limits::pulse_kept;
  return beat;
}

Instant trusted_until(State const& state) {
  return std::min(state.beaten_at + limits::pulse_trust, state.beaten_first_at + limits::pulse_gap_max);
}

Instant gap_from(State const& state) {
  // Before the first beat there is no other to count from: its own tries are the time in which nothing is known.
  return (state.beat == 0 ? state.asked_first_at : state.beaten_first_at) + limits::pulse_gap_max;
}

bool is_fresh(State const& state, Instant at) { return state.beat > 0 && at < trusted_until(state); }

}  // namespace arangosync::worker::pulse

namespace arangosync::worker {

namespace {

void arm(Desk& desk, Instant at) {
  at = not_at_once(desk, at);
  auto const& armed = desk.state.pulse.armed;
  if (!armed || at < *armed) desk.emit(PulseEvent{pulse::Armed{at}});
}

void doubt(Desk& desk, TaskId const& task) {
  if (auto const* receiver = desk.receiver(task)) {
    desk.tell(task, shard::receiver::on_set_back(*receiver, desk.moment));
  } else if (auto const* inventory = desk.machine<inventory_receiver::State>(task)) {
    desk.tell(task, inventory_receiver::on_set_back(*inventory, desk.moment));
  }
}

/// The timer shall come when the last beat is too old to claim anything by.
void watch_trust(Desk& desk) {
  pulse::State const& pulse = desk.state.pulse;
  if (pulse::is_fresh(pulse, desk.moment.at)) arm(desk, pulse::trusted_until(pulse));
}

/// The shards are reported with the next round.
void say_of_structure(Desk& desk) {
  std::vector<TaskId> inventories;
  desk.state.tasks.for_each([&](TaskId const& id, Task const& task) {
    if (task.spec->kind == task::Kind::ReceiveInventory) inventories.push_back(id);
  });
  for (TaskId const& task : inventories) wake_task(desk, task);
}

void end_trust(Desk& desk) {
  pulse::State const& pulse = desk.state.pulse;
  desk.moment.knows_target = pulse::is_fresh(pulse, desk.moment.at);
  if (!pulse.is_trusted || desk.moment.knows_target) return;
  DC_MARK("worker.pulse.trust_ended");
  desk.emit(PulseEvent{pulse::TrustEnded{}});
  say_of_structure(desk);
}

/// The target is as it was at an earlier moment, or may be: positions are read again, and structure is compared again.
void believe_nothing(Desk& desk) {
  std::vector<TaskId> tasks;
  desk.state.tasks.for_each([&](TaskId const& task, Task const&) { tasks.push_back(task); });
  for (TaskId const& task : tasks) doubt(desk, task);
}

}  // namespace

void beat(Desk& desk) {
  pulse::State const& pulse = desk.state.pulse;
  if (pulse.writers == 0 || pulse.request || !desk.moment.may_write()) return;
  if (desk.moment.at < pulse.beat_not_before) return arm(desk, pulse.beat_not_before);
  PulseId const id = pulse.id != PulseId{} ? pulse.id : PulseId(desk.moment.draw.next() | 1U);
  desk.emit(PulseEvent{pulse::Asked{desk.moment.next_request(), id, desk.moment.at, desk.moment.wall}});
}

void on_beat_answered(Desk& desk, BeatAnswered const& command) {
  pulse::State const& pulse = desk.state.pulse;
  if (pulse.request != command.request) return;
  if (!command.outcome) {
    Instant const retry_at = desk.moment.at + shard::pause_after(pulse.failures + 1, desk.moment.draw);
    desk.emit(PulseEvent{pulse::Missed{retry_at}});
    return arm(desk, retry_at);
  }
  if (*command.outcome == PulseFound::SetBack) {
    DC_MARK("worker.pulse.set_back");
    desk.emit(PulseEvent{pulse::TargetSetBack{}});
    desk.moment.knows_target = false;
    believe_nothing(desk);
    return beat(desk);
  }
  end_trust(desk);
  bool const is_first = pulse.beat == 0;
  if (desk.moment.at > pulse::gap_from(pulse)) {
    // A backup made and brought back while nobody could look leaves nothing that could tell it; what was stored just
    // after the last beat may be gone. The target may have seen that one as soon as it was first sent, and this one
    // only now. Nor would the next one prove anything: a pulse begins anew, and with its first beat all is read again.
    DC_MARK("worker.pulse.gap");
    desk.emit(PulseEvent{pulse::TargetSetBack{}});
    return beat(desk);
  }
  bool const was_trusted = pulse.is_trusted;
  desk.emit(PulseEvent{pulse::Beaten{}});
  end_trust(desk);
  // A restore before the first beat leaves nothing that could tell it, either, and what was read may be of before it.
  if (is_first) believe_nothing(desk);
  if (!was_trusted && desk.moment.knows_target) say_of_structure(desk);
  arm(desk, pulse.beat_not_before);
  flush_positions(desk);
}

void on_pulse_timer(Desk& desk) {
  if (!desk.state.pulse.armed) return;
  desk.emit(PulseEvent{pulse::Woken{}});
  end_trust(desk);
  beat(desk);
  watch_trust(desk);
}

}  // namespace arangosync::worker
