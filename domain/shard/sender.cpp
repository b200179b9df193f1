#include "domain/shard/sender.h"

#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/base/overloaded.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace arangosync::shard::sender {

namespace {

constexpr std::uint32_t opening_failures_max = 3;  // then a turn is given back
constexpr std::uint32_t read_failures_max = 20;    // in a row; then the snapshot is given up, and the turn with it
constexpr Duration forsaken_after = limits::write_request_max + limits::snapshot_idle_max;
// A receiver that has nothing to do repeats itself (acknowledge_repeat). One that was cut off sends what it said
// meanwhile all at once, and what fills the window is then on its way: only if it still lacks all of that much later it
// is lost.
constexpr Duration lost_after = std::chrono::seconds(45);
constexpr std::uint32_t trees_missed_max = 5;
constexpr std::uint32_t trees_missed_by_check_max = 1;  // a look may cost the server a walk through the whole shard
constexpr std::size_t removals_bytes_max = limits::apply_bytes_max;  // kept by one comparison
constexpr Duration sign_of_life = limits::heartbeat * 5;             // while there is nothing to send

/// A decision in the making: the state as it will be, and the events that lead there.
struct Draft {
  State state;
  Moment& moment;
  Events events;

  void emit(Event event) {
    state = evolve(std::move(state), event);
    events.push_back(std::move(event));
  }
  void queue(DataBody body) { emit(MessageQueued{std::move(body), moment.at, moment.wall}); }
};

/// Read here, and so of the reign that is known by now.
Position under_reign(State const& state, Position position) {
  position.reign = state.reign;
  return position;
}

/// Another server may have led the shard between the position and what is read now.
bool is_of_other_reign(State const& state, Position const& position) {
  if (position.reign == 0) return state.led_elsewhere;
  return state.reign != 0 && position.reign != state.reign;
}

void leave_snapshot(Draft& draft) {
  auto const leave = [&](auto const& held) {
    draft.emit(SnapshotLeft{draft.moment.next_request(), held.snapshot, held.syncer, held.position.from});
  };
  Phase const phase = draft.state.phase;
  if (auto const* copying = std::get_if<Copying>(&phase)) leave(*copying);
  if (auto const* comparing = std::get_if<Comparing>(&phase)) leave(*comparing);
}

void send_removals(Draft& draft) {
  Fifo<Payload> const removals = std::get<Comparing>(draft.state.phase).removals;
  if (removals.empty()) return;
  draft.emit(RemovalsSent{});
  for (Payload const& payload : removals) draft.queue(CompareChanges{payload});
}

/// Sends what the first part asks for, or some of it; removals with the last one.
void answer_part(Draft& draft, DifferenceChunk const& chunk) {
  Difference const part = std::get<Comparing>(draft.state.phase).parts.front();
  draft.emit(DifferenceTaken{chunk.next, chunk.removals});
  if (chunk.changes.count > 0) draft.queue(CompareChanges{chunk.changes});
  bool const is_over = !chunk.next && part.last;
  if (is_over || std::get<Comparing>(draft.state.phase).removals_bytes >= removals_bytes_max) send_removals(draft);
  if (chunk.next) return;
  draft.queue(PartDone{part.part, chunk.detail});
  if (!part.last) return;
  draft.queue(CompareEnd{under_reign(draft.state, std::get<Comparing>(draft.state.phase).position)});
  leave_snapshot(draft);
}

void read_difference(Draft& draft) {
  State const& state = draft.state;
  while (auto const* comparing = std::get_if<Comparing>(&state.phase)) {
    bool const idle = !comparing->reading && draft.moment.at >= state.retry_at;
    if (comparing->parts.empty() || !idle || window_is_full(state)) return;
    if (comparing->parts.front().ranges.size_bytes() > 0) {
      draft.emit(DifferenceAsked{draft.moment.next_request()});
      return;
    }
    answer_part(draft, DifferenceChunk{});  // nothing differs
  }
}

/// Starts whatever can be started now; every decision ends with it.
Events finish(Draft& draft) {
  State const& state = draft.state;
  if (auto const* copying = std::get_if<Copying>(&state.phase)) {
    bool const idle = !copying->reading && draft.moment.at >= state.retry_at;
    if (idle && !window_is_full(state)) draft.emit(ChunkAsked{draft.moment.next_request()});
  }
  read_difference(draft);
  if (auto const* opening = std::get_if<Opening>(&state.phase)) {
    bool const idle = !opening->request && draft.moment.at >= state.retry_at;
    if (idle && state.place) {
      draft.emit(SnapshotAsked{draft.moment.next_request(), state.place->leader, state.place->shard, opening->syncer,
                               draft.moment.wall});
    }
  }
  if (!state.outbox.empty() && !state.publishing && draft.moment.at >= state.publish_at) {
    draft.emit(PublishAsked{draft.moment.next_request()});
  }
  return std::move(draft.events);
}

void break_stream(Draft& draft, std::string const& reason) {
  leave_snapshot(draft);
  DC_MARK("shard.sender.stream_broken");
  draft.emit(StreamBroken{reason, draft.moment.at});
}

/// The cheapest way that is right: the log, if the receiver's position is one in the log of the shard's leader, made in
/// the reign that lasts, and nobody doubts it; else a snapshot, which is compared if it has a tree (spec read 7.3).
void choose_way(Draft& draft) {
  auto const* deciding = std::get_if<Deciding>(&draft.state.phase);
  if (deciding == nullptr || !draft.state.place) return;
  Place const& place = *draft.state.place;
  std::optional<Position> const position = deciding->position;
  if (!position) {
    draft.emit(SnapshotChosen{"the target has no position", std::nullopt, false});
  } else if (position->shard != place.shard) {
    draft.emit(SnapshotChosen{"the shard was created anew", std::nullopt, false});
  } else if (position->server != place.leader) {
    draft.emit(SnapshotChosen{"the shard has another leader", std::nullopt, false});
  } else if (is_of_other_reign(draft.state, *position)) {
    DC_MARK("shard.sender.other_reign");
    draft.emit(SnapshotChosen{"the shard had another leader meanwhile", std::nullopt, false});
  } else if (deciding->doubt) {
    DC_MARK("shard.sender.doubt");
    draft.emit(SnapshotChosen{"the target is to be checked", position, false});
  } else {
    draft.emit(TailChosen{*position});
  }
}

void fail_call(Draft& draft, Fault const& fault) {
  bool const is_slow = fault.fault_class == FaultClass::Denied || fault.fault_class == FaultClass::Permanent;
  std::uint32_t const failures = draft.state.failures + 1;
  Duration const pause = is_slow ? slow_pause(draft.moment.draw) : pause_after(failures, draft.moment.draw);
  draft.emit(CallFailed{draft.moment.at + pause, fault.message});
  bool const is_news = is_slow || failures == 3;
  if (is_news && !window_is_full(draft.state)) draft.queue(Trouble{fault.message});
}

Draft begin(State const& state, Moment& moment) { return Draft{state, moment, {}}; }

void greet(Draft& draft) {
  auto const* greeting = std::get_if<Greeting>(&draft.state.phase);
  if (greeting == nullptr || draft.moment.at < greeting->hello_at || !draft.state.outbox.empty()) return;
  draft.queue(Hello{});
}

/// A good position that was in doubt cannot be checked. `boot`: of the server now, so that it is not doubted again.
void follow_fallback(Draft& draft, Position fallback, std::uint64_t boot) {
  DC_MARK("shard.sender.doubt_stays");
  leave_snapshot(draft);
  if (boot != 0) fallback.boot = boot;
  draft.emit(TailChosen{fallback});
}

void start_snapshot(Draft& draft, Opened const& opened) {
  Place const place = *draft.state.place;
  Opening const opening = std::get<Opening>(draft.state.phase);
  std::optional<Position> const fallback = opening.fallback;
  // Everything in the snapshot has a tick up to its own, everything else a later one (spec read 0.3).
  Position const position{place.shard, opened.id.server, opened.instance, opened.tick, opened.tick, {}, opened.boot};
  draft.emit(SnapshotStarted{opened.id, position, opened.tree.has_value(), draft.moment.at});
  // A second look is worth more than a moment where a check is due, more so where the log may be another one than the
  // position speaks of, and in a round, which would copy what hardly differs (simulation seed 1759).
  bool const is_round = draft.state.rounds.has_value();
  bool const is_doubtful = is_round || (fallback && was_restarted(fallback->boot, opened.boot));
  std::uint32_t const misses_max = is_doubtful ? trees_missed_max : fallback ? trees_missed_by_check_max : 0;
  if (opened.tree) {
    draft.queue(CompareBegin{place.collection, *opened.tree});
  } else if (opened.tree_may_come && opening.trees_missed < misses_max) {
    DC_MARK("shard.sender.tree_missed");
    leave_snapshot(draft);
    draft.emit(SnapshotChosen{"the shard's tree was not at hand", fallback, is_round, opening.trees_missed + 1});
  } else if (fallback) {
    follow_fallback(draft, *fallback, opened.boot);
  } else {
    draft.queue(SnapshotBegin{place.collection});
  }
}

/// A call that reads the open snapshot failed.
Events fail_read(Draft& draft, Fault const& fault) {
  bool const is_lost = fault.fault_class == FaultClass::NotFound;
  if (is_lost || draft.state.failures + 1 >= read_failures_max) {
    if (is_lost) DC_MARK("shard.sender.snapshot_lost");
    break_stream(draft, fault.message);
    greet(draft);
  } else {
    fail_call(draft, fault);
  }
  return finish(draft);
}

/// The receiver is silent for longer than the longest write takes it: the snapshot must not hold old data at the source
/// for ever.
bool is_forsaken(State const& state, Instant at) {
  bool const holds = std::holds_alternative<Copying>(state.phase) || std::holds_alternative<Comparing>(state.phase);
  return holds && at >= state.heard_at + forsaken_after;
}

/// The receiver is to know that we live, and what we wait for; and that a message was lost, should that be so.
void show_life(Draft& draft) {
  auto const say = [&](std::string const& reason) { draft.queue(Trouble{reason}); };
  std::visit(overloaded{
                 [](Greeting const&) {},
                 [&](Deciding const&) { say("the shard has no leader at the source"); },
                 [&](Waiting const&) {
                   bool const waits_only = draft.state.trouble.empty();
                   say(waits_only ? "it waits for its turn to be compared or copied" : draft.state.trouble);
                 },
                 [&](Opening const&) { say(draft.state.trouble); },
                 [&](Copying const&) { say(draft.state.trouble); },
                 [&](Comparing const&) { say(draft.state.trouble); },
                 [](Tailing const&) {},
             },
             Phase(draft.state.phase));
}

/// Says that nothing follows what is sent; only if the queue has all that, and somebody listens.
void beat(Draft& draft, Heartbeat heartbeat) {
  if (!draft.state.outbox.empty() || draft.state.unheard >= limits::heartbeats_unheard_max) return;
  heartbeat.position = under_reign(draft.state, std::move(heartbeat.position));
  draft.emit(HeartbeatSaid{std::move(heartbeat), draft.moment.at, draft.moment.wall});
}

/// Nobody can follow the shard's log, and it goes on: what we know is what the last round found.
void go_on_without_log(Draft& draft, Position const& position, WallTime read_at) {
  auto const& rounds = draft.state.rounds;
  if (rounds && draft.moment.at < rounds->next) {
    return beat(draft, Heartbeat{position, true, std::min(rounds->began, read_at)});
  }
  DC_MARK("shard.sender.round");
  draft.emit(SnapshotChosen{"its log cannot be read", std::nullopt, true});
}

bool shows_life(State const& state) {
  bool const tails_or_greets =
      std::holds_alternative<Greeting>(state.phase) || std::holds_alternative<Tailing>(state.phase);
  return !tails_or_greets && !window_is_full(state);
}

}  // namespace

bool window_is_full(State const& state) {
  // A queue that is full: what it does not take is not to be heaped up here.
  if (state.publish_failures > 0 && !state.outbox.empty()) return true;
  return state.unacknowledged_bytes >= limits::window_bytes || state.unacknowledged.size() >= limits::window_messages;
}

bool wants_turn(State const& state) { return std::holds_alternative<Waiting>(state.phase); }
bool wants_check(State const& state) {
  auto const* waiting = std::get_if<Waiting>(&state.phase);
  return waiting != nullptr && waiting->fallback.has_value();
}

bool holds_turn(State const& state) {
  return std::holds_alternative<Opening>(state.phase) || std::holds_alternative<Copying>(state.phase) ||
         std::holds_alternative<Comparing>(state.phase);
}

Tailing const* tailing(State const& state) { return std::get_if<Tailing>(&state.phase); }

namespace {

/// What was chosen for another reign is void.
Events choose_anew(Draft& draft, bool is_gone, std::string const& reason) {
  State const& state = draft.state;
  auto const* waiting = std::get_if<Waiting>(&state.phase);
  bool const relies_on_position = waiting != nullptr && waiting->fallback;
  bool const under_way = holds_turn(state) || tailing(state) != nullptr || relies_on_position;
  if (under_way || (waiting != nullptr && is_gone)) {
    break_stream(draft, reason);
    greet(draft);
  }
  choose_way(draft);
  return finish(draft);
}

}  // namespace

Events on_reign(State const& state, Moment& moment, Reign const& told) {
  if (told.number <= state.told.number) return {};
  Draft draft = begin(state, moment);
  // A later one of the same leader, and we have not seen the earlier one end: only the master knows who led meanwhile.
  bool const is_here = state.place && state.place->leader == told.leader;
  bool const is_unseen = is_here && !state.told.leader.value().empty();
  draft.emit(ReignTold{told, is_unseen});
  if (!is_unseen) return finish(draft);
  DC_MARK("shard.sender.reign_missed");
  return choose_anew(draft, false, "the shard had another leader meanwhile");
}

Events on_place(State const& state, Moment& moment, std::optional<Place> const& place) {
  if (place == state.place) return {};
  Draft draft = begin(state, moment);
  draft.emit(PlaceChanged{place, moment.wall, (moment.draw.next() >> 11U) | 1U});
  bool const is_gone = !place;
  return choose_anew(draft, is_gone, is_gone ? "the shard is gone at the source" : "the shard has another leader");
}

namespace {

/// The receiver lives and says nothing new. Told only if heartbeats are counted against it: else nothing changes.
Events on_life(State const& state, Moment& moment) {
  if (state.unheard == 0) return {};
  Draft draft = begin(state, moment);
  draft.emit(ReceiverHeard{moment.at});
  return std::move(draft.events);
}

/// The receiver has nothing to do, and nothing of what is unacknowledged. A queue that lost its content would be
/// noticed by the gap before the next message or heartbeat; if the window is full none will come.
Events on_lack(State const& state, Moment& moment) {
  if (!state.outbox.empty() || !window_is_full(state)) return on_life(state, moment);
  Draft draft = begin(state, moment);
  if (!state.lacked_since || moment.at < *state.lacked_since + lost_after) {
    draft.emit(LackHeard{moment.at});
    return std::move(draft.events);
  }
  DC_MARK("shard.sender.queue_lost");
  break_stream(draft, "what was sent is lost");
  greet(draft);
  return finish(draft);
}

}  // namespace

namespace {

/// The receiver follows an earlier stream, and thinks that all is well: greetings that come ever more seldom were lost.
Events on_life_elsewhere(State const& state, Moment& moment) {
  auto const* greeting = std::get_if<Greeting>(&state.phase);
  bool const is_far = greeting != nullptr && greeting->hello_at > moment.at + limits::hello_retry;
  // A heap of such messages, kept by a link that was down, is one sign of life.
  bool const was_greeted = moment.at < state.queued_at + limits::hello_retry;
  if (!is_far || was_greeted || !state.outbox.empty()) return {};
  DC_MARK("shard.sender.hello_hastened");
  Draft draft = begin(state, moment);
  draft.emit(HelloHastened{moment.at});
  greet(draft);
  return finish(draft);
}

}  // namespace

Events on_request(State const& state, Moment& moment, Request const& request) {
  if (request.epoch == Epoch{}) return {};
  if (request.epoch == state.epoch) return on_lack(state, moment);
  Draft draft = begin(state, moment);
  leave_snapshot(draft);
  draft.emit(
      StreamRequested{request.epoch, AnswerId(moment.draw.next() | 1U), request.position, request.doubt, moment.at});
  choose_way(draft);
  return finish(draft);
}

Events on_acknowledge(State const& state, Moment& moment, Acknowledge const& message) {
  if (message.epoch != state.epoch) return on_life_elsewhere(state, moment);
  if (state.unacknowledged.empty()) return on_life(state, moment);
  if (message.applied < state.unacknowledged.front().sequence) return on_lack(state, moment);
  Draft draft = begin(state, moment);
  draft.emit(Acknowledged{message.applied, moment.at});
  return finish(draft);
}

Events on_difference(State const& state, Moment& moment, Difference const& part) {
  auto const* comparing = std::get_if<Comparing>(&state.phase);
  // Parts are said again until they are answered, and one may overtake none: exactly the next one is taken.
  if (comparing == nullptr || part.epoch != state.epoch || part.part != comparing->parts_heard + 1) return {};
  if (comparing->parts.size() >= 2 * limits::comparison_parts_max) return {};  // it will be said again
  Draft draft = begin(state, moment);
  draft.emit(PartHeard{part, moment.at});
  return finish(draft);
}

Events on_copy_wanted(State const& state, Moment& moment, CopyWanted const& message) {
  auto const* comparing = std::get_if<Comparing>(&state.phase);
  if (comparing == nullptr || message.epoch != state.epoch || !state.place) return {};
  Draft draft = begin(state, moment);
  if (std::optional<Position> const fallback = comparing->fallback) {
    follow_fallback(draft, *fallback, comparing->position.boot);
    return finish(draft);
  }
  DC_MARK("shard.sender.copy_wanted");
  draft.emit(CopyStarted{message.reason});
  draft.queue(SnapshotBegin{state.place->collection});
  return finish(draft);
}

Events on_turn(State const& state, Moment& moment) {
  DC_ASSERT(wants_turn(state));
  if (!state.place) return {};
  Draft draft = begin(state, moment);
  SyncerId const syncer((moment.draw.next() >> 1U) | 1U);  // 63 bits, never 0 (spec read 6.7)
  draft.emit(SnapshotAsked{moment.next_request(), state.place->leader, state.place->shard, syncer, moment.wall});
  return finish(draft);
}

Events on_snapshot_opened(State const& state, Moment& moment, RequestId request, Outcome<Opened> const& outcome) {
  auto const* opening = std::get_if<Opening>(&state.phase);
  if (opening == nullptr || opening->request != request) return {};
  DC_ASSERT(state.place);
  Draft draft = begin(state, moment);
  if (outcome) {
    start_snapshot(draft, *outcome);
  } else {
    fail_call(draft, outcome.error());
    // A DB-Server that is away must not have all turns for itself, for shards of which none is copied.
    if (draft.state.failures >= opening_failures_max) {
      DC_MARK("shard.sender.turn_given_back");
      draft.emit(TurnGivenBack{});
    }
  }
  return finish(draft);
}

Events on_chunk(State const& state, Moment& moment, RequestId request, Outcome<Chunk> const& outcome) {
  auto const* copying = std::get_if<Copying>(&state.phase);
  if (copying == nullptr || copying->reading != request) return {};
  Draft draft = begin(state, moment);
  if (!outcome) return fail_read(draft, outcome.error());
  draft.emit(ChunkTaken{outcome->documents.count, outcome->last});
  if (outcome->documents.count > 0) draft.queue(SnapshotDocuments{outcome->documents});
  if (outcome->last) {
    auto const& done = std::get<Copying>(draft.state.phase);
    draft.queue(SnapshotEnd{under_reign(draft.state, done.position), done.documents});
    leave_snapshot(draft);
  }
  return finish(draft);
}

Events on_difference_read(State const& state, Moment& moment, RequestId request,
                          Outcome<DifferenceChunk> const& outcome) {
  auto const* comparing = std::get_if<Comparing>(&state.phase);
  if (comparing == nullptr || comparing->reading != request) return {};
  Draft draft = begin(state, moment);
  if (!outcome) return fail_read(draft, outcome.error());
  answer_part(draft, *outcome);
  return finish(draft);
}

Events on_published(State const& state, Moment& moment, RequestId request, Outcome<Done> const& outcome) {
  if (state.publishing != request) return {};
  Draft draft = begin(state, moment);
  if (outcome) {
    draft.emit(PublishDone{});
  } else {
    draft.emit(PublishFailed{moment.at + pause_after(state.publish_failures + 1, moment.draw)});
  }
  return finish(draft);
}

Events on_changes(State const& state, Moment& moment, Payload const& changes, Position const& position,
                  WallTime read_at, bool log_end) {
  DC_ASSERT(tailing(state) != nullptr);
  Draft draft = begin(state, moment);
  draft.queue(Changes{changes, under_reign(state, position), read_at, log_end});
  return finish(draft);
}

Events on_lost(State const& state, Moment& moment, std::string const& reason) {
  if (tailing(state) == nullptr) return {};
  DC_MARK("shard.sender.log_lost");
  Draft draft = begin(state, moment);
  draft.emit(SnapshotChosen{reason, std::nullopt, false});
  return finish(draft);
}

Events on_restarted(State const& state, Moment& moment) {
  Tailing const* const tail = tailing(state);
  if (tail == nullptr) return {};
  DC_MARK("shard.sender.restarted");
  Draft draft = begin(state, moment);
  draft.emit(SnapshotChosen{"its DB-Server was restarted", tail->position, false});
  return finish(draft);
}

Events on_broken(State const& state, Moment& moment, std::string const& reason) {
  if (std::holds_alternative<Greeting>(state.phase)) return {};
  Draft draft = begin(state, moment);
  break_stream(draft, reason);
  greet(draft);
  return finish(draft);
}

Events on_stop(State const& state, Moment& moment) {
  Draft draft = begin(state, moment);
  leave_snapshot(draft);
  return std::move(draft.events);
}

Events on_beat(State const& state, Moment& moment, LogView const& log) {
  // Half of it: what was said shortly before the last beat is not left alone until after the next.
  bool const is_idle = moment.at >= state.queued_at + limits::heartbeat / 2;
  if (tailing(state) == nullptr || !is_idle || window_is_full(state)) return {};
  Draft draft = begin(state, moment);
  if (log.closed && !log.log_end) {
    go_on_without_log(draft, log.position, log.read_at);
  } else {
    beat(draft, Heartbeat{log.position, log.log_end, log.read_at});
  }
  return finish(draft);
}

Events on_wake(State const& state, Moment& moment, bool is_read) {
  Draft draft = begin(state, moment);
  if (is_forsaken(state, moment.at)) {
    DC_MARK("shard.sender.forsaken");
    break_stream(draft, "the target does not answer");
  }
  greet(draft);
  if (moment.at >= state.queued_at + sign_of_life && !window_is_full(draft.state)) show_life(draft);
  bool const idle = moment.at >= state.queued_at + limits::heartbeat;
  Tailing const* const tail = tailing(draft.state);
  if (tail != nullptr && !is_read && idle && !window_is_full(state)) {
    beat(draft, Heartbeat{tail->position, false, moment.wall});
  }
  return finish(draft);
}

Instant next_wake(State const& state, bool is_read) {
  Instant wake = never;
  bool const has_message = !state.outbox.empty();
  if (has_message && !state.publishing) wake = sooner(wake, state.publish_at);
  if (auto const* greeting = std::get_if<Greeting>(&state.phase); greeting != nullptr && !has_message) {
    wake = sooner(wake, greeting->hello_at);
  }
  if (auto const* opening = std::get_if<Opening>(&state.phase); opening != nullptr && !opening->request) {
    wake = sooner(wake, state.retry_at);
  }
  if (auto const* copying = std::get_if<Copying>(&state.phase); copying != nullptr) {
    if (!copying->reading && !window_is_full(state)) wake = sooner(wake, state.retry_at);
    wake = sooner(wake, state.heard_at + forsaken_after);
  }
  if (auto const* comparing = std::get_if<Comparing>(&state.phase); comparing != nullptr) {
    bool const may_read = !comparing->parts.empty() && !comparing->reading && !window_is_full(state);
    if (may_read) wake = sooner(wake, state.retry_at);
    wake = sooner(wake, state.heard_at + forsaken_after);
  }
  bool const is_listened_to = !has_message && state.unheard < limits::heartbeats_unheard_max;
  if (tailing(state) != nullptr && !is_read && is_listened_to && !window_is_full(state)) {
    wake = sooner(wake, state.queued_at + limits::heartbeat);
  }
  if (shows_life(state)) wake = sooner(wake, state.queued_at + sign_of_life);
  return wake;
}

sync::ShardReport report(State const& state) {
  // What the receiver has is good as far as anybody knows: a check is no initial synchronization.
  auto const before_tail = [&](bool is_check) {
    return is_check || state.rounds ? sync::Status::Running : sync::Status::InitialSync;
  };
  sync::ShardReport report;
  report.status = std::visit(overloaded{
                                 [](Greeting const&) { return sync::Status::Initializing; },
                                 [](Deciding const&) { return sync::Status::Initializing; },
                                 [&](Waiting const& phase) { return before_tail(phase.fallback.has_value()); },
                                 [&](Opening const& phase) { return before_tail(phase.fallback.has_value()); },
                                 [&](Copying const&) { return before_tail(false); },
                                 [&](Comparing const& phase) { return before_tail(phase.fallback.has_value()); },
                                 [](Tailing const&) { return sync::Status::Running; },
                             },
                             state.phase);
  report.message = state.trouble;
  report.last_message = state.last_message;
  report.last_data_change = state.last_data_change;
  report.last_shard_master_change = state.last_leader_change;
  report.shard_master_known = state.place.has_value();
  report.documents = state.documents;
  report.bytes = state.bytes;
  return report;
}

}  // namespace arangosync::shard::sender
