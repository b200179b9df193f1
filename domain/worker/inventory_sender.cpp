#include "domain/worker/inventory_sender.h"

#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/base/overloaded.h"
#include "domain/shard/stream.h"

#include <utility>

namespace arangosync::worker::inventory_sender {

namespace {

struct Draft {
  State state;
  shard::Moment& moment;
  inventory::Structure const* structure;
  WallTime read_at;
  Events events;

  void emit(Event event) {
    state = evolve(std::move(state), event);
    events.push_back(std::move(event));
  }
  void say(shard::DataBody body) {
    bool const is_numbered = shard::stream::role_of(body) == shard::stream::Role::Numbered;
    Sequence const sequence = is_numbered ? state.sequence.next() : state.sequence;
    emit(Said{moment.next_request(), shard::DataMessage{state.epoch, sequence, std::move(body), state.answer}});
  }
};

Events finish(Draft& draft) {
  State const& state = draft.state;
  if (state.publishing) return std::move(draft.events);
  bool const is_due = draft.moment.at >= state.say_at;
  if (state.to_repeat) {
    if (is_due) draft.emit(Repeated{draft.moment.next_request()});
  } else if (state.epoch == Epoch{}) {
    if (is_due) draft.say(shard::Hello{});
  } else if (state.structure_due && draft.structure != nullptr) {
    draft.say(shard::PublishedStructure{*draft.structure, draft.read_at});
  } else if (is_due && state.unheard < limits::heartbeats_unheard_max) {
    // Whoever has all that was published has the structure as it was read then.
    bool const is_all = draft.structure != nullptr;
    draft.say(shard::Heartbeat{{}, is_all, is_all ? draft.read_at : draft.moment.wall});
  }
  return std::move(draft.events);
}

Duration hello_pause(std::uint32_t hellos) {
  Duration pause = limits::hello_retry;
  for (std::uint32_t i = 5; i < hellos && i < 10; ++i) pause *= 2;
  return pause;
}

}  // namespace

State initial_state(Instant at) {
  State state;
  state.since = at;
  state.say_at = at;
  return state;
}

State evolve(State state, Event const& event) {
  std::visit(overloaded{
                 [&](StreamRequested const& e) {
                   state.epoch = e.epoch;
                   state.answer = e.answer;
                   state.sequence = Sequence{};
                   state.unheard = 0;
                   state.publishing.reset();
                   state.to_repeat = false;
                   state.failures = 0;
                   state.structure_due = true;
                 },
                 [&](StructureChanged const&) { state.structure_due = true; },
                 [&](Said const& e) {
                   state.publishing = e.request;
                   state.sequence = e.message.sequence;
                   if (e.message.epoch == Epoch{}) ++state.hellos;
                   if (std::holds_alternative<shard::PublishedStructure>(e.message.body)) state.structure_due = false;
                   if (std::holds_alternative<shard::Heartbeat>(e.message.body)) ++state.unheard;
                   state.next = Shared<shard::DataMessage>(e.message);
                 },
                 [&](Repeated const& e) {
                   state.publishing = e.request;
                   state.to_repeat = false;
                 },
                 [&](Delivered const& e) {
                   state.publishing.reset();
                   state.next = Shared<shard::DataMessage>();
                   state.failures = 0;
                   state.say_at = e.say_at;
                 },
                 [&](NotDelivered const& e) {
                   state.publishing.reset();
                   state.to_repeat = true;
                   ++state.failures;
                   state.say_at = e.retry_at;
                 },
                 [&](ReceiverHeard const&) { state.unheard = 0; },
             },
             event);
  return state;
}

Events on_control(State const& state, shard::Moment& moment, shard::ControlMessage const& message,
                  inventory::Structure const* structure, WallTime read_at) {
  Draft draft{state, moment, structure, read_at, {}};
  auto const* request = std::get_if<shard::Request>(&message);
  if (request != nullptr && request->epoch != state.epoch) {
    if (request->epoch == Epoch{}) return {};
    draft.emit(StreamRequested{request->epoch, shard::AnswerId(moment.draw.next() | 1U)});
    return finish(draft);
  }
  // It lives. A request that is said again has not been answered where it comes from: what follows our answer, a
  // heartbeat, shows that it is lost.
  auto const* acknowledge = std::get_if<shard::Acknowledge>(&message);
  bool const is_ours = request != nullptr || (acknowledge != nullptr && acknowledge->epoch == state.epoch);
  if (!is_ours || state.unheard == 0) return {};
  draft.emit(ReceiverHeard{});
  return finish(draft);
}

Events on_structure(State const& state, shard::Moment& moment, inventory::Structure const& structure,
                    WallTime read_at) {
  Draft draft{state, moment, &structure, read_at, {}};
  draft.emit(StructureChanged{});
  return finish(draft);
}

Events on_published(State const& state, shard::Moment& moment, RequestId request, Outcome<Done> const& outcome,
                    inventory::Structure const* structure, WallTime read_at) {
  if (state.publishing != request) return {};
  Draft draft{state, moment, structure, read_at, {}};
  if (outcome) {
    Duration const pause = state.epoch == Epoch{} ? hello_pause(state.hellos) : limits::heartbeat;
    draft.emit(Delivered{moment.at + pause});
  } else {
    draft.emit(NotDelivered{moment.at + shard::pause_after(state.failures + 1, moment.draw)});
  }
  return finish(draft);
}

Events on_wake(State const& state, shard::Moment& moment, inventory::Structure const* structure, WallTime read_at) {
  Draft draft{state, moment, structure, read_at, {}};
  return finish(draft);
}

Instant next_wake(State const& state) {
  if (state.publishing) return shard::never;
  bool const is_alone = state.unheard >= limits::heartbeats_unheard_max;
  bool const waits = !state.to_repeat && state.epoch != Epoch{} && is_alone;
  return waits ? shard::never : state.say_at;
}

void check_invariants(State const& state) {
  DC_ASSERT(state.epoch != Epoch{} || state.sequence == Sequence{});  // hellos are not counted
  bool const has_message = state.publishing || state.to_repeat;
  DC_ASSERT(!state.publishing || !state.to_repeat);
  DC_ASSERT(has_message || state.failures == 0);
  if (!has_message) return;
  DC_ASSERT(state.next->epoch == state.epoch);
  DC_ASSERT(state.next->sequence == state.sequence);
  DC_ASSERT(state.epoch != Epoch{} || state.hellos > 0);
}

}  // namespace arangosync::worker::inventory_sender
