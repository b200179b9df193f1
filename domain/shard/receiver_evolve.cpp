#include "domain/base/check.h"
#include "domain/base/overloaded.h"
#include "domain/shard/receiver.h"

#include <algorithm>
#include <utility>

namespace arangosync::shard::receiver {

namespace {

std::optional<Position> position_of(DataBody const& body) {
  if (auto const* end = std::get_if<SnapshotEnd>(&body)) return end->position;
  if (auto const* changes = std::get_if<Changes>(&body)) return changes->position;
  if (auto const* heartbeat = std::get_if<Heartbeat>(&body)) return heartbeat->position;
  return std::nullopt;
}

/// When the source's worker saw the end of the log, if this message was it.
std::optional<WallTime> log_end_of(DataBody const& body) {
  auto const* changes = std::get_if<Changes>(&body);
  if (changes != nullptr && changes->log_end) return changes->source_time;
  auto const* heartbeat = std::get_if<Heartbeat>(&body);
  if (heartbeat != nullptr && heartbeat->log_end) return heartbeat->source_time;
  return std::nullopt;
}

void pop_front(State& state) {
  state.queue_bytes -=
      weight_bytes(DataMessage{state.stream.epoch, state.queue.front().sequence, state.queue.front().body});
  state.queue.pop_front();
}

void evolve_drawn(State& state) {
  state.phase = Receiving{};
  state.queue.clear();
  state.queue_bytes = 0;
  state.confirmed = Sequence{};
  state.talk.request_due = true;
  state.talk.said = Sequence{};
  state.failures = 0;
  state.retry_at = Instant{};
  if (state.work) {
    std::visit(overloaded{
                   [](Forgetting&) {},
                   [](Applying& work) { work.stale = true; },
                   [](RemovingSurplus& work) { work.stale = true; },
               },
               *state.work);
    if (std::holds_alternative<Forgetting>(*state.work)) state.work.reset();
  }
}

void take(State& state, MessageTaken const& e) {
  // The stream's own event has moved its sequence on already.
  Received received{state.stream.received, e.offset, e.body};
  state.queue_bytes += weight_bytes(DataMessage{state.stream.epoch, received.sequence, received.body});
  state.queue.push_back(std::move(received));
  state.last_message = e.wall;
}

void begin_copy(State& state, CopyBegun const& e) {
  Received const& front = state.queue.front();
  state.copy = e.copy;
  state.copied = 0;
  state.position.reset();
  state.unstored = Unstored{std::nullopt, state.stream.epoch, front.sequence, front.offset};
  state.work = Forgetting{};
  state.status = sync::Status::InitialSync;
  state.caught_up.reset();
  state.message.clear();
  pop_front(state);
}

void finish_message(State& state, MessageFinished const& e) {
  Received const front = state.queue.front();
  pop_front(state);
  state.work.reset();
  state.failures = 0;
  state.retry_at = Instant{};
  state.documents += e.documents;
  std::optional<Position> const position = position_of(front.body);
  if (auto const* documents = std::get_if<SnapshotDocuments>(&front.body)) {
    state.copied += documents->documents.count;
    state.bytes += documents->documents.changes.size_bytes();
  }
  if (std::holds_alternative<SnapshotEnd>(front.body)) state.copy.reset();
  if (auto const* changes = std::get_if<Changes>(&front.body)) state.bytes += changes->changes.changes.size_bytes();
  if (e.documents > 0) state.last_data_change = e.wall;
  if (auto const at = log_end_of(front.body)) state.caught_up = std::max(*at, state.caught_up.value_or(*at));
  if (auto const* trouble = std::get_if<Trouble>(&front.body)) {
    state.message = trouble->reason;
  } else {
    state.message.clear();
  }
  // What is still in the log is not known here: only a message that was the log's end says how far behind we are.
  state.delay = state.caught_up ? std::max(Duration{0}, e.wall - *state.caught_up) : Duration{0};
  if (position) {
    if (state.position && state.position->server != position->server) state.last_leader_change = e.wall;
    state.status = state.caught_up ? sync::Status::Running : sync::Status::InitialSync;
  }
  bool const moved = position && position != state.position;
  if (position) state.position = position;
  if (moved) {
    state.unstored = Unstored{position, state.stream.epoch, front.sequence, front.offset};
  } else if (state.unstored && state.unstored->epoch == state.stream.epoch) {
    state.unstored->sequence = front.sequence;
    state.unstored->offset = front.offset;
  } else {
    state.confirmed = front.sequence;
    state.commit = front.offset;
  }
}

void store(State& state, PositionStored const& e) {
  bool const is_newest = state.unstored && state.unstored->epoch == e.epoch && state.unstored->sequence == e.sequence;
  if (is_newest) state.unstored.reset();
  state.commit = e.offset;
  if (e.epoch != state.stream.epoch) return;
  state.confirmed = e.sequence;
  if (state.work && std::holds_alternative<Forgetting>(*state.work)) state.work.reset();
}

void give_up(State& state, GivenUp const& e) {
  state.phase = Failed{e.until};
  state.status = sync::Status::Failed;
  state.message = e.reason;
  state.queue.clear();
  state.queue_bytes = 0;
  state.work.reset();
  state.stream = stream::State{};
  state.confirmed = Sequence{};
  state.talk.request_due = false;
  state.talk.said = Sequence{};
}

void fail_call(State& state, CallFailed const& e) {
  ++state.failures;
  state.retry_at = e.retry_at;
  state.message = e.message;
  if (auto* const reading = std::get_if<Reading>(&state.phase)) {
    reading->request.reset();
  } else {
    state.work.reset();
  }
}

}  // namespace

State initial_state(ShardRef shard) {
  State state;
  state.shard = std::move(shard);
  return state;
}

State evolve(State state, Event const& event) {
  std::visit(overloaded{
                 [&](PositionAsked const& e) { state.phase = Reading{e.request}; },
                 [&](PositionKnown const& e) {
                   state.phase = Receiving{};
                   state.position = e.position;
                   state.failures = 0;
                   state.message.clear();
                 },
                 [&](CallFailed const& e) { fail_call(state, e); },
                 [&](GivenUp const& e) { give_up(state, e); },
                 [&](MessageTaken const& e) { take(state, e); },
                 [&](MessageDropped const& e) {
                   if (state.queue.empty() && !state.unstored) state.commit = e.offset;
                 },
                 [&](CopyBegun const& e) { begin_copy(state, e); },
                 [&](CopyAbandoned const&) {
                   state.copy.reset();
                   state.copied = 0;
                 },
                 [&](ApplyAsked const& e) {
                   state.work = Applying{e.request, false};
                 },
                 [&](SurplusAsked const& e) {
                   state.work = RemovingSurplus{e.request, false};
                 },
                 [&](MessageFinished const& e) { finish_message(state, e); },
                 [&](WorkEnded const&) { state.work.reset(); },
                 [&](PositionStored const& e) { store(state, e); },
                 [&](stream::Event const& e) {
                   state.stream = stream::evolve(std::move(state.stream), e);
                   if (std::holds_alternative<stream::Drawn>(e)) evolve_drawn(state);
                 },
                 [&](talk::Event const& e) { state.talk = talk::evolve(std::move(state.talk), e); },
             },
             event);
  return state;
}

void check_invariants(State const& state) {
  DC_ASSERT(state.confirmed <= state.stream.received);
  DC_ASSERT(!state.copy || !state.position);
  DC_ASSERT(!state.talk.publishing || state.talk.saying);
  DC_ASSERT(state.queue.empty() || state.queue.back().sequence == state.stream.received);
  Sequence expected;
  for (Received const& received : state.queue) {
    DC_ASSERT(expected == Sequence{} || received.sequence == expected);
    expected = received.sequence.next();
  }
  if (!std::holds_alternative<Receiving>(state.phase)) DC_ASSERT(state.queue.empty());
}

}  // namespace arangosync::shard::receiver
