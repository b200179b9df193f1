#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/base/overloaded.h"
#include "domain/shard/sender.h"

#include <algorithm>
#include <utility>

namespace arangosync::shard::sender {

namespace {

void forget_stream(State& state) {
  state.epoch = Epoch{};
  state.answer = AnswerId{};
  state.sequence = Sequence{};
  state.outbox.clear();
  state.publishing.reset();
  state.unacknowledged.clear();
  state.unacknowledged_bytes = 0;
  state.lacked_since.reset();
  state.unheard = 0;
  state.failures = 0;
  state.retry_at = Instant{};
  state.trouble.clear();
  state.rounds.reset();
}

/// A round is over: the next one comes sooner where this one found something. A copy is dear.
void end_round(State& state, bool was_copy, Instant at) {
  if (!state.rounds) return;
  bool const has_found = state.documents != state.rounds->documents;
  Duration pause = has_found ? round_pause_min : state.rounds->pause * 2;
  if (was_copy) pause = round_pause_max;
  state.rounds->pause = std::clamp(pause, round_pause_min, round_pause_max);
  state.rounds->next = at + state.rounds->pause;
  state.rounds->began = state.rounds->asked;
}

void choose_snapshot(State& state, SnapshotChosen const& e) {
  state.phase = Waiting{e.fallback, e.trees_missed};
  if (!e.again) {
    state.rounds.reset();
    return;
  }
  if (!state.rounds) state.rounds.emplace();
  state.rounds->documents = state.documents;
}

std::uint64_t documents_in(DataBody const& body) {
  if (auto const* documents = std::get_if<SnapshotDocuments>(&body)) return documents->documents.count;
  if (auto const* changes = std::get_if<Changes>(&body)) return changes->changes.count;
  if (auto const* changes = std::get_if<CompareChanges>(&body)) return changes->changes.count;
  return 0;
}

void queue_message(State& state, MessageQueued const& e) {
  DataMessage message{state.epoch, Sequence{}, e.body, state.answer};
  std::size_t const bytes = weight_bytes(message);
  if (state.epoch != Epoch{}) {
    state.sequence = state.sequence.next();
    message.sequence = state.sequence;
    state.unacknowledged.push_back(Sent{state.sequence, bytes});
    state.unacknowledged_bytes += bytes;
  } else {
    auto& greeting = std::get<Greeting>(state.phase);
    ++greeting.hellos;
    Duration pause = limits::hello_retry;
    // A receiver that is away for long is not to find a heap of greetings.
    for (std::uint32_t i = 5; i < greeting.hellos && i < 10; ++i) pause *= 2;
    greeting.hello_at = e.at + pause;
  }
  state.outbox.push_back(std::move(message));
  state.queued_at = e.at;
  state.last_message = e.wall;
  if (std::uint64_t const documents = documents_in(e.body); documents > 0) {
    state.documents += documents;
    state.bytes += bytes;
    state.last_data_change = e.wall;
  }
  bool const was_copy = std::holds_alternative<SnapshotEnd>(e.body);
  if (was_copy || std::holds_alternative<CompareEnd>(e.body)) end_round(state, was_copy, e.at);
  if (auto* const tail = std::get_if<Tailing>(&state.phase)) {
    if (auto const* changes = std::get_if<Changes>(&e.body)) tail->position = changes->position;
  }
}

void say_heartbeat(State& state, HeartbeatSaid const& e) {
  std::get<Tailing>(state.phase).position = e.body.position;
  state.queued_at = e.at;
  state.last_message = e.wall;
  ++state.unheard;
}

void hear(State& state, Instant at) {
  state.heard_at = at;
  state.unheard = 0;
}

void acknowledge(State& state, Sequence applied) {
  while (!state.unacknowledged.empty() && state.unacknowledged.front().sequence <= applied) {
    state.unacknowledged_bytes -= state.unacknowledged.front().bytes;
    state.unacknowledged.pop_front();
  }
}

/// The reign that the master has told lasts here.
bool is_told(State const& state) { return state.place && state.place->leader == state.told.leader; }

void tell_reign(State& state, ReignTold const& e) {
  state.told = e.reign;
  if (e.is_unseen) state.led_elsewhere = true;
  // Else our next look at who leads the shard may fit it.
  if (is_told(state)) state.reign = state.told.number;
}

void move(State& state, PlaceChanged const& e) {
  bool const lasted = is_told(state);
  bool const knows_nothing = !state.place && state.reign == 0 && state.told.number == 0;
  if (state.place) state.led_elsewhere = true;
  // A reign that was told before we saw it begin is not over by that.
  bool const is_expected = !lasted && e.place && e.place->leader == state.told.leader;
  if (state.place && !is_expected) state.told.leader = ServerId();
  state.place = e.place;
  state.last_leader_change = e.at;
  if (is_expected) {
    state.reign = state.told.number;
  } else if (!knows_nothing) {
    state.reign = e.reign;
  }
}

void evolve_stream(State& state, StreamRequested const& e) {
  forget_stream(state);
  state.epoch = e.epoch;
  state.answer = e.answer;
  state.phase = Deciding{e.position, e.doubt};
  state.queued_at = e.at;
  state.heard_at = e.at;
}

void ask_snapshot(State& state, SnapshotAsked const& e) {
  std::optional<Position> fallback;
  std::uint32_t trees_missed = 0;
  auto const keep = [&](auto const& before) {
    fallback = before.fallback;
    trees_missed = before.trees_missed;
  };
  if (auto const* waiting = std::get_if<Waiting>(&state.phase)) keep(*waiting);
  if (auto const* opening = std::get_if<Opening>(&state.phase)) keep(*opening);
  state.phase = Opening{e.request, e.syncer, fallback, trees_missed};
  if (state.rounds) state.rounds->asked = e.at;
}

void evolve_snapshot(State& state, SnapshotStarted const& e) {
  Opening const opening = std::get<Opening>(state.phase);
  if (e.compares) {
    // The next message begins the comparison, and its sequence is the number of the first part: parts of an earlier
    // comparison of this epoch, which may still come, have smaller ones.
    auto const before_first = static_cast<std::uint32_t>(state.sequence.value());
    state.phase = Comparing{e.snapshot, opening.syncer, e.position, opening.fallback, {}, before_first};
  } else {
    state.phase = Copying{e.snapshot, opening.syncer, e.position, 0, std::nullopt, 0};
  }
  state.heard_at = e.at;
  state.failures = 0;
  state.trouble.clear();
}

void evolve_copy(State& state) {
  Comparing const comparing = std::get<Comparing>(state.phase);
  state.phase = Copying{comparing.snapshot, comparing.syncer, comparing.position, 0, std::nullopt, 0};
}

void evolve_part(State& state, PartHeard const& e) {
  auto& comparing = std::get<Comparing>(state.phase);
  comparing.parts.push_back(e.part);
  ++comparing.parts_heard;
  hear(state, e.at);
}

void evolve_difference(State& state, DifferenceTaken const& e) {
  auto& comparing = std::get<Comparing>(state.phase);
  comparing.reading.reset();
  comparing.from = e.next.value_or(revision::RevisionId());
  if (!e.next) comparing.parts.pop_front();
  if (e.removals.count > 0) {
    comparing.removals_bytes += e.removals.changes.size_bytes();
    comparing.removals.push_back(e.removals);
  }
  state.failures = 0;
  state.trouble.clear();
}

void leave_snapshot(State& state) {
  Phase const phase = state.phase;
  if (auto const* copying = std::get_if<Copying>(&phase)) state.phase = Tailing{copying->position, copying->syncer};
  if (auto const* comparing = std::get_if<Comparing>(&phase)) {
    state.phase = Tailing{comparing->position, comparing->syncer};
  }
}

void evolve_chunk(State& state, ChunkTaken const& e) {
  auto& copying = std::get<Copying>(state.phase);
  copying.reading.reset();
  copying.documents += e.documents;
  ++copying.next_chunk;
  state.failures = 0;
  state.trouble.clear();
}

void fail_call(State& state, CallFailed const& e) {
  ++state.failures;
  state.retry_at = e.retry_at;
  state.trouble = e.message;
  if (auto* const opening = std::get_if<Opening>(&state.phase)) opening->request.reset();
  if (auto* const copying = std::get_if<Copying>(&state.phase)) copying->reading.reset();
  if (auto* const comparing = std::get_if<Comparing>(&state.phase)) comparing->reading.reset();
}

}  // namespace

State initial_state(ShardRef shard, Instant at) {
  State state;
  state.shard = std::move(shard);
  state.phase = Greeting{at, 0};
  return state;
}

State evolve(State state, Event const& event) {
  std::visit(overloaded{
                 [&](ReignTold const& e) { tell_reign(state, e); },
                 [&](PlaceChanged const& e) { move(state, e); },
                 [&](StreamRequested const& e) { evolve_stream(state, e); },
                 [&](StreamBroken const& e) {
                   forget_stream(state);
                   state.phase = Greeting{e.at, 0};
                   state.trouble = e.reason;
                 },
                 [&](TailChosen const& e) {
                   state.phase = Tailing{e.position, std::nullopt};
                 },
                 [&](SnapshotChosen const& e) { choose_snapshot(state, e); },
                 [&](SnapshotAsked const& e) { ask_snapshot(state, e); },
                 [&](SnapshotStarted const& e) { evolve_snapshot(state, e); },
                 [&](CopyStarted const&) { evolve_copy(state); },
                 [&](PartHeard const& e) { evolve_part(state, e); },
                 [&](DifferenceAsked const& e) { std::get<Comparing>(state.phase).reading = e.request; },
                 [&](DifferenceTaken const& e) { evolve_difference(state, e); },
                 [&](RemovalsSent const&) {
                   std::get<Comparing>(state.phase).removals.clear();
                   std::get<Comparing>(state.phase).removals_bytes = 0;
                 },
                 [&](ChunkAsked const& e) { std::get<Copying>(state.phase).reading = e.request; },
                 [&](ChunkTaken const& e) { evolve_chunk(state, e); },
                 [&](SnapshotLeft const&) { leave_snapshot(state); },
                 [&](CallFailed const& e) { fail_call(state, e); },
                 [&](MessageQueued const& e) { queue_message(state, e); },
                 [&](PublishAsked const& e) { state.publishing = e.request; },
                 [&](PublishDone const&) {
                   state.outbox.pop_front();
                   state.publishing.reset();
                   state.publish_failures = 0;
                 },
                 [&](PublishFailed const& e) {
                   state.publishing.reset();
                   ++state.publish_failures;
                   state.publish_at = e.retry_at;
                 },
                 [&](Acknowledged const& e) {
                   acknowledge(state, e.applied);
                   hear(state, e.at);
                   state.lacked_since.reset();
                 },
                 [&](HeartbeatSaid const& e) { say_heartbeat(state, e); },
                 [&](ReceiverHeard const& e) { hear(state, e.at); },
                 [&](LackHeard const& e) {
                   if (!state.lacked_since) state.lacked_since = e.at;
                 },
                 [&](PositionAdvanced const& e) { std::get<Tailing>(state.phase).position = e.position; },
                 [&](TurnGivenBack const&) {
                   Opening const opening = std::get<Opening>(state.phase);
                   state.phase = Waiting{opening.fallback, opening.trees_missed};
                 },
                 [&](HelloHastened const& e) { std::get<Greeting>(state.phase).hello_at = e.at; },
                 [&](SyncerTakenOver const&) { std::get<Tailing>(state.phase).syncer.reset(); },
             },
             event);
  return state;
}

void check_invariants(State const& state) {
  bool const greets = std::holds_alternative<Greeting>(state.phase);
  DC_ASSERT(greets == (state.epoch == Epoch{}));
  DC_ASSERT(!greets || !state.rounds);
  DC_ASSERT(!is_told(state) || state.reign == state.told.number);
  DC_ASSERT(!state.led_elsewhere || state.reign != 0);
  DC_ASSERT(!state.publishing || !state.outbox.empty());
  DC_ASSERT(!state.lacked_since || !state.unacknowledged.empty());
  DC_ASSERT(state.unacknowledged.empty() || state.unacknowledged.back().sequence == state.sequence);
  std::size_t bytes = 0;
  for (Sent const& sent : state.unacknowledged) bytes += sent.bytes;
  DC_ASSERT(bytes == state.unacknowledged_bytes);
  if (auto const* comparing = std::get_if<Comparing>(&state.phase)) {
    DC_ASSERT(!comparing->reading || !comparing->parts.empty());
    DC_ASSERT(comparing->parts.size() <= comparing->parts_heard);
    DC_ASSERT(comparing->removals.empty() == (comparing->removals_bytes == 0));
  }
  for (DataMessage const& message : state.outbox)
    DC_ASSERT(message.epoch == state.epoch && message.answer == state.answer);
}

}  // namespace arangosync::shard::sender
