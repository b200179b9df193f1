#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/base/overloaded.h"
#include "domain/shard/receiver.h"

#include <algorithm>
#include <utility>

namespace arangosync::shard::receiver {

namespace {

std::optional<Position> position_of(DataBody const& body) {
  if (auto const* end = std::get_if<SnapshotEnd>(&body)) return end->position;
  if (auto const* end = std::get_if<CompareEnd>(&body)) return end->position;
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

/// Of a call that is under way only the answer is waited for; other work is void.
void leave_work(State& state) {
  if (!state.work) return;
  std::visit(overloaded{
                 [](Forgetting&) {},
                 [](Comparing&) {},
                 [](Applying& work) { work.stale = true; },
                 [](RemovingSurplus& work) { work.stale = true; },
             },
             *state.work);
  bool const has_call =
      std::holds_alternative<Applying>(*state.work) || std::holds_alternative<RemovingSurplus>(*state.work);
  if (!has_call) state.work.reset();
}

/// Nothing waits: also what was dropped behind the last message that was taken is dealt with. A queue that lets so much
/// be fetched and no more would otherwise never bring the next messages.
void settle_commit(State& state) {
  if (state.queue.empty() && !state.unstored) state.commit = state.seen;
}

/// What came until now belongs to a stream that is left. It is dealt with by that.
void drop_queue(State& state) {
  state.commit = state.seen;
  state.queue.clear();
  state.queue_bytes = 0;
}

void evolve_drawn(State& state) {
  state.phase = Receiving{};
  drop_queue(state);
  state.confirmed = Sequence{};
  state.talk.request_due = true;
  state.talk.said = Sequence{};
  state.failures = 0;
  state.retry_at = Instant{};
  state.comparison.reset();
  leave_work(state);
}

/// No stream is wanted for now.
void leave_stream(State& state) {
  drop_queue(state);
  state.stream = stream::State{};
  state.confirmed = Sequence{};
  state.talk.request_due = false;
  state.talk.said = Sequence{};
}

void take(State& state, MessageTaken const& e) {
  // The stream's own event has moved its sequence on already.
  Received received{state.stream.received, e.offset, e.body};
  state.queue_bytes += weight_bytes(DataMessage{state.stream.epoch, received.sequence, received.body});
  state.seen = std::max(state.seen, e.offset);
  state.queue.push_back(std::move(received));
  state.last_message = e.wall;
}

/// The target is about to be changed beyond what its position says: that is to be forgotten first.
void forget_position(State& state) {
  Received const& front = state.queue.front();
  state.position.reset();
  state.unstored = Unstored{std::nullopt, state.stream.epoch, front.sequence, front.offset};
  state.work = Forgetting{};
  state.status = sync::Status::InitialSync;
  state.caught_up.reset();
  state.message.clear();
  pop_front(state);
}

void begin_copy(State& state, CopyBegun const& e) {
  state.copy = e.copy;
  state.copied = 0;
  forget_position(state);
}

void begin_comparison(State& state, ComparisonBegun const& e) {
  ComparisonState comparison;
  comparison.id = e.comparison;
  comparison.trees.push_back(e.tree);
  // Parts are numbered from the sequence of the message that begins the comparison (message.h).
  comparison.parts_made = static_cast<std::uint32_t>(state.queue.front().sequence.value()) - 1;
  state.comparison = std::move(comparison);
  state.work = Comparing{};
}

void look_at_tree(State& state, TreeLookedAt const& e) {
  ComparisonState& comparison = *state.comparison;
  comparison.request.reset();
  comparison.failures = 0;
  comparison.from = e.next.value_or(revision::RevisionId());
  if (!e.next) comparison.trees.pop_front();
  state.message.clear();
}

void make_part(State& state, PartMade const& e) {
  ComparisonState& comparison = *state.comparison;
  comparison.parts_made = e.part.number;
  comparison.last_made = e.part.is_last;
  comparison.parts.push_back(e.part);
}

void finish_part(State& state, PartDone const& done) {
  ComparisonState& comparison = *state.comparison;
  comparison.parts.pop_front();
  if (done.detail) comparison.trees.push_back(*done.detail);
}

/// What of a talk concerns the parts of a comparison.
void note_talk(State& state, std::optional<ControlMessage> const& saying, talk::Event const& event) {
  if (!state.comparison) return;
  auto const number_of = [&](ControlMessage const& message) -> std::optional<std::uint32_t> {
    for (Part const& part : state.comparison->parts) {
      if (part.message == message) return part.number;
    }
    return std::nullopt;
  };
  if (auto const* said = std::get_if<talk::Said>(&event)) {
    if (auto const number = number_of(said->message)) {
      state.comparison->said = *number;
      state.comparison->said_at = said->at;
    }
  } else if (std::holds_alternative<talk::NotDelivered>(event) && saying) {
    if (auto const number = number_of(*saying)) state.comparison->said = *number - 1;
  }
}

void abandon(State& state, CopyId id) {
  if (state.copy == id) {
    state.copy.reset();
    state.copied = 0;
  }
  if (state.comparison && state.comparison->id == id) {
    state.comparison.reset();
    if (state.work && std::holds_alternative<Comparing>(*state.work)) state.work.reset();
  }
}

void refuse_origin(State& state, OriginRefused const& e) {
  state.phase = Reading{};
  state.retry_at = e.again_at;
  state.message = e.reason;
  leave_stream(state);
}

void set_back(State& state) {
  state.phase = Reading{};
  state.position.reset();
  state.kept_at = WallTime{};
  state.unstored.reset();
  state.failures = 0;
  state.retry_at = Instant{};
  bool const is_news = state.status != sync::Status::Initializing;
  if (is_news) state.status = sync::Status::InitialSync;
  state.caught_up.reset();
  state.delay = Duration{0};
  if (is_news) state.message = "the target may be as it was at an earlier moment";
  leave_work(state);
  leave_stream(state);
}

/// Nothing has happened to the shard since its position was last stored, which is not long ago.
bool is_idle(State const& state, DataBody const& body, std::optional<Position> const& position, WallTime wall) {
  if (!std::holds_alternative<Heartbeat>(body) || !position || !state.position || state.unstored) return false;
  bool const is_same_log = position->server == state.position->server && position->reign == state.position->reign &&
                           position->boot == state.position->boot && position->shard == state.position->shard;
  bool const is_recent = wall >= state.kept_at && wall < state.kept_at + limits::idle_position_kept;
  return is_same_log && is_recent;
}

/// Of what was applied, with the position that will be stored, or at once where there is none to be. The last word
/// counts, not the greatest: a source whose clock was ahead for a moment is not believed for as long.
void claim(State& state, std::optional<WallTime> const& log_end) {
  if (log_end) (state.unstored ? state.unstored->caught_up : state.caught_up) = log_end;
}

void settle_status(State& state) {
  if (state.position) state.status = state.caught_up ? sync::Status::Running : sync::Status::InitialSync;
}

void finish_message(State& state, MessageFinished const& e) {
  Received const front = state.queue.front();
  pop_front(state);
  if (state.queue.empty()) state.halvings = 0;
  state.work.reset();
  state.failures = 0;
  state.retry_at = Instant{};
  state.documents += e.documents;
  std::optional<Position> const position = position_of(front.body);
  if (auto const* payload = payload_of(front.body)) state.bytes += payload->changes.size_bytes();
  if (auto const* documents = std::get_if<SnapshotDocuments>(&front.body)) state.copied += documents->documents.count;
  if (std::holds_alternative<SnapshotEnd>(front.body)) state.copy.reset();
  if (auto const* done = std::get_if<PartDone>(&front.body)) finish_part(state, *done);
  bool const is_whole =
      std::holds_alternative<SnapshotEnd>(front.body) || std::holds_alternative<CompareEnd>(front.body);
  // A log that is followed in spite of our doubt means that the source has nothing to compare with; not so what the
  // stream brings that we are about to leave.
  bool const is_tail = std::holds_alternative<Changes>(front.body) || std::holds_alternative<Heartbeat>(front.body);
  if (is_whole || (is_tail && !state.stream.renew_at)) state.doubt = false;
  if (e.documents > 0) state.last_data_change = e.wall;
  std::optional<WallTime> const log_end = log_end_of(front.body);
  if (auto const* trouble = std::get_if<Trouble>(&front.body)) {
    state.message = trouble->reason;
  } else {
    state.message.clear();
  }
  // What is still in the log is not known here: only a message that was the log's end says how far behind we are.
  bool const is_of_stream = state.unstored && state.unstored->epoch == state.stream.epoch;
  auto const waiting = is_of_stream ? state.unstored->caught_up : std::nullopt;
  auto const applied = log_end ? log_end : waiting ? waiting : state.caught_up;
  state.delay = applied ? std::max(Duration{0}, e.wall - *applied) : Duration{0};
  bool const leader_changed = position && state.position && state.position->server != position->server;
  if (leader_changed) state.last_leader_change = e.wall;
  bool const moved = position && position != state.position && !is_idle(state, front.body, position, e.wall);
  if (position) state.position = position;
  if (moved) {
    state.kept_at = e.wall;
    state.unstored = Unstored{position, state.stream.epoch, front.sequence, front.offset, waiting};
  } else if (is_of_stream) {
    state.unstored->sequence = front.sequence;
    state.unstored->offset = front.offset;
  } else {
    state.confirmed = front.sequence;
    state.commit = std::max(state.commit, front.offset);
  }
  claim(state, log_end);
  if (position) settle_status(state);
  settle_commit(state);
}

void store(State& state, PositionStored const& e) {
  // Not the sequence: heartbeats have that of the message before them.
  bool const is_newest = state.unstored && state.unstored->epoch == e.epoch && state.unstored->offset == e.offset;
  if (is_newest) state.unstored.reset();
  state.commit = std::max(state.commit, e.offset);
  settle_commit(state);
  if (e.epoch != state.stream.epoch) return;
  state.confirmed = e.sequence;
  // Not of a position that is forgotten by now: a copy has begun.
  if (state.position && e.caught_up) {
    state.caught_up = e.caught_up;
    if (state.status == sync::Status::InitialSync) settle_status(state);
  }
  // An older position may be what was stored, and what is to be forgotten still stands there.
  if (is_newest && state.work && std::holds_alternative<Forgetting>(*state.work)) state.work.reset();
}

/// The first look that is due is not put off by what fails later: that is looked at in a second one.
void check_later(State& state, Instant at) {
  if (state.check_at == never) {
    state.check_at = at;
  } else {
    state.recheck_at = std::max(state.recheck_at, at);
  }
}

void begin_check(State& state, Instant at) {
  state.check_at = state.recheck_at > at ? state.recheck_at : never;
  state.recheck_at = Instant{};
}

void know_position(State& state, PositionKnown const& e) {
  state.phase = Receiving{};
  state.position = e.known.position;
  state.origin = e.known.origin;
  check_later(state, e.check_at);
  state.failures = 0;
  state.message.clear();
}

void give_up(State& state, GivenUp const& e) {
  state.phase = Failed{e.until};
  state.status = sync::Status::Failed;
  state.message = e.reason;
  state.work.reset();
  leave_stream(state);
}

constexpr std::uint32_t halvings_max = 5;

void fail_call(State& state, CallFailed const& e) {
  ++state.failures;
  state.retry_at = e.retry_at;
  if (e.check_at) check_later(state, *e.check_at);
  state.message = e.message;
  if (auto* const reading = std::get_if<Reading>(&state.phase)) {
    reading->request.reset();
  } else {
    bool const is_batch = state.work && std::holds_alternative<Applying>(*state.work);
    if (is_batch && state.halvings < halvings_max) ++state.halvings;
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
                 [&](PositionKnown const& e) { know_position(state, e); },
                 [&](CallFailed const& e) { fail_call(state, e); },
                 [&](GivenUp const& e) { give_up(state, e); },
                 [&](OriginRefused const& e) { refuse_origin(state, e); },
                 [&](Doubted const& e) {
                   state.doubt = true;
                   if (e.is_check) begin_check(state, e.at);
                 },
                 [&](SetBack const&) { set_back(state); },
                 [&](ComparisonBegun const& e) { begin_comparison(state, e); },
                 [&](TreeAsked const& e) { state.comparison->request = e.request; },
                 [&](TreeFailed const& e) {
                   state.comparison->request.reset();
                   state.comparison->retry_at = e.retry_at;
                   ++state.comparison->failures;
                   state.message = e.message;
                 },
                 [&](TreeLookedAt const& e) { look_at_tree(state, e); },
                 [&](PartMade const& e) { make_part(state, e); },
                 [&](PartsDue const&) { state.comparison->said = state.comparison->parts.front().number - 1; },
                 [&](DifferenceFound const&) { forget_position(state); },
                 [&](MessageTaken const& e) { take(state, e); },
                 [&](MessageDropped const& e) {
                   state.seen = std::max(state.seen, e.offset);
                   settle_commit(state);
                 },
                 [&](CopyBegun const& e) { begin_copy(state, e); },
                 [&](CopyAbandoned const& e) { abandon(state, e.copy); },
                 [&](ApplyAsked const& e) {
                   state.work = Applying{e.request, e.messages, false};
                 },
                 [&](SurplusAsked const& e) {
                   state.work = RemovingSurplus{e.request, false};
                 },
                 [&](MessageFinished const& e) { finish_message(state, e); },
                 [&](WorkEnded const& e) {
                   state.work.reset();
                   if (e.check_at) check_later(state, *e.check_at);
                 },
                 [&](PositionStored const& e) { store(state, e); },
                 [&](stream::Event const& e) {
                   state.stream = stream::evolve(std::move(state.stream), e);
                   if (std::holds_alternative<stream::Drawn>(e)) evolve_drawn(state);
                 },
                 [&](talk::Event const& e) {
                   note_talk(state, state.talk.saying, e);
                   state.talk = talk::evolve(std::move(state.talk), e);
                 },
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
    bool const is_numbered = !std::holds_alternative<Heartbeat>(received.body);
    DC_ASSERT(expected == Sequence{} || (is_numbered ? received.sequence : received.sequence.next()) == expected);
    expected = received.sequence.next();
  }
  bool const is_receiving = std::holds_alternative<Receiving>(state.phase);
  if (!is_receiving) DC_ASSERT(state.queue.empty());
  if (state.work && std::holds_alternative<Comparing>(*state.work)) DC_ASSERT(state.comparison.has_value());
  if (!state.comparison) return;
  DC_ASSERT(is_receiving);
  DC_ASSERT(!state.copy);
  ComparisonState const& comparison = *state.comparison;
  DC_ASSERT(!comparison.request || !comparison.trees.empty());
  DC_ASSERT(comparison.parts.size() <= limits::comparison_parts_max + 1);
  std::uint32_t number = comparison.parts_made - static_cast<std::uint32_t>(comparison.parts.size());
  for (Part const& part : comparison.parts) DC_ASSERT(part.number == ++number);
}

}  // namespace arangosync::shard::receiver
