#include "domain/shard/sender.h"

#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/base/overloaded.h"

#include <utility>

namespace arangosync::shard::sender {

namespace {

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

/// Starts whatever can be started now; every decision ends with it.
Events finish(Draft& draft) {
  State const& state = draft.state;
  if (auto const* copying = std::get_if<Copying>(&state.phase)) {
    bool const idle = !copying->reading && draft.moment.at >= state.retry_at;
    if (idle && !window_is_full(state)) draft.emit(ChunkAsked{draft.moment.next_request()});
  }
  if (auto const* opening = std::get_if<Opening>(&state.phase)) {
    bool const idle = !opening->request && draft.moment.at >= state.retry_at;
    if (idle && state.place) {
      draft.emit(SnapshotAsked{draft.moment.next_request(), state.place->leader, state.place->shard, opening->syncer});
    }
  }
  if (!state.outbox.empty() && !state.publishing && draft.moment.at >= state.publish_at) {
    draft.emit(PublishAsked{draft.moment.next_request()});
  }
  return std::move(draft.events);
}

void leave_snapshot(Draft& draft) {
  auto const* copying = std::get_if<Copying>(&draft.state.phase);
  if (copying == nullptr) return;
  draft.emit(SnapshotLeft{draft.moment.next_request(), copying->snapshot, copying->syncer, copying->position.from});
}

void break_stream(Draft& draft, std::string const& reason) {
  leave_snapshot(draft);
  DC_MARK("shard.sender.stream_broken");
  draft.emit(StreamBroken{reason, draft.moment.at});
}

/// The cheapest way that is right: the log, if the receiver's position is one in the log of the shard's leader.
void choose_way(Draft& draft) {
  auto const* deciding = std::get_if<Deciding>(&draft.state.phase);
  if (deciding == nullptr || !draft.state.place) return;
  Place const& place = *draft.state.place;
  std::optional<Position> const position = deciding->position;
  if (!position) {
    draft.emit(CopyChosen{"the target has no position"});
  } else if (position->shard != place.shard) {
    draft.emit(CopyChosen{"the shard was created anew"});
  } else if (position->server != place.leader) {
    draft.emit(CopyChosen{"the shard has another leader"});
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

}  // namespace

bool window_is_full(State const& state) {
  return state.unacknowledged_bytes >= limits::window_bytes || state.unacknowledged.size() >= limits::window_messages;
}

bool wants_turn(State const& state) { return std::holds_alternative<Waiting>(state.phase); }

bool holds_turn(State const& state) {
  return std::holds_alternative<Opening>(state.phase) || std::holds_alternative<Copying>(state.phase);
}

Tailing const* tailing(State const& state) { return std::get_if<Tailing>(&state.phase); }

Events on_place(State const& state, Moment& moment, std::optional<Place> const& place) {
  if (place == state.place) return {};
  Draft draft = begin(state, moment);
  draft.emit(PlaceChanged{place, moment.wall});
  bool const under_way = holds_turn(state) || tailing(state) != nullptr;
  if (under_way || (wants_turn(state) && !place)) {
    break_stream(draft, place ? "the shard has another leader" : "the shard is gone at the source");
    greet(draft);
  }
  choose_way(draft);
  return finish(draft);
}

Events on_request(State const& state, Moment& moment, Request const& request) {
  if (request.epoch == state.epoch || request.epoch == Epoch{}) return {};
  Draft draft = begin(state, moment);
  leave_snapshot(draft);
  draft.emit(StreamRequested{request.epoch, request.position, moment.at});
  choose_way(draft);
  return finish(draft);
}

Events on_acknowledge(State const& state, Moment& moment, Acknowledge const& message) {
  if (message.epoch != state.epoch || state.unacknowledged.empty()) return {};
  if (message.applied < state.unacknowledged.front().sequence) return {};
  Draft draft = begin(state, moment);
  draft.emit(Acknowledged{message.applied});
  return finish(draft);
}

Events on_turn(State const& state, Moment& moment) {
  DC_ASSERT(wants_turn(state));
  if (!state.place) return {};
  Draft draft = begin(state, moment);
  SyncerId const syncer((moment.draw.next() >> 1U) | 1U);  // 63 bits, never 0 (spec read 6.7)
  draft.emit(SnapshotAsked{moment.next_request(), state.place->leader, state.place->shard, syncer});
  return finish(draft);
}

Events on_snapshot_opened(State const& state, Moment& moment, RequestId request, Outcome<Opened> const& outcome) {
  auto const* opening = std::get_if<Opening>(&state.phase);
  if (opening == nullptr || opening->request != request) return {};
  DC_ASSERT(state.place);
  Draft draft = begin(state, moment);
  if (outcome) {
    // Everything in the snapshot has a tick up to its own, everything else a later one (spec read 0.3).
    Position const position{state.place->shard, outcome->id.server, outcome->instance,
                            outcome->tick,      outcome->tick,      {}};
    draft.emit(SnapshotStarted{outcome->id, position});
    draft.queue(SnapshotBegin{state.place->collection});
  } else {
    fail_call(draft, outcome.error());
  }
  return finish(draft);
}

Events on_chunk(State const& state, Moment& moment, RequestId request, Outcome<Chunk> const& outcome) {
  auto const* copying = std::get_if<Copying>(&state.phase);
  if (copying == nullptr || copying->reading != request) return {};
  Draft draft = begin(state, moment);
  if (!outcome && outcome.error().fault_class == FaultClass::NotFound) {
    DC_MARK("shard.sender.snapshot_lost");
    break_stream(draft, outcome.error().message);
    greet(draft);
    return finish(draft);
  }
  if (!outcome) {
    fail_call(draft, outcome.error());
    return finish(draft);
  }
  draft.emit(ChunkTaken{outcome->documents.count, outcome->last});
  if (outcome->documents.count > 0) draft.queue(SnapshotDocuments{outcome->documents});
  if (outcome->last) {
    auto const& done = std::get<Copying>(draft.state.phase);
    draft.queue(SnapshotEnd{done.position, done.documents});
    leave_snapshot(draft);
  }
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
  draft.queue(Changes{changes, position, read_at, log_end});
  return finish(draft);
}

Events on_lost(State const& state, Moment& moment, std::string const& reason) {
  if (tailing(state) == nullptr) return {};
  DC_MARK("shard.sender.log_lost");
  Draft draft = begin(state, moment);
  draft.emit(CopyChosen{reason});
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

Events on_wake(State const& state, Moment& moment, std::optional<LogView> const& log) {
  Draft draft = begin(state, moment);
  greet(draft);
  bool const idle = moment.at >= state.queued_at + limits::heartbeat;
  if (Tailing const* const tail = tailing(state); tail != nullptr && idle && !window_is_full(state)) {
    if (log) {
      draft.queue(Heartbeat{log->position, log->log_end, log->read_at});
    } else {
      draft.queue(Heartbeat{tail->position, false, moment.wall});
    }
  }
  return finish(draft);
}

Instant next_wake(State const& state) {
  Instant wake = never;
  bool const has_message = !state.outbox.empty();
  if (has_message && !state.publishing) wake = sooner(wake, state.publish_at);
  if (auto const* greeting = std::get_if<Greeting>(&state.phase); greeting != nullptr && !has_message) {
    wake = sooner(wake, greeting->hello_at);
  }
  if (auto const* opening = std::get_if<Opening>(&state.phase); opening != nullptr && !opening->request) {
    wake = sooner(wake, state.retry_at);
  }
  if (auto const* copying = std::get_if<Copying>(&state.phase); copying != nullptr && !copying->reading) {
    if (!window_is_full(state)) wake = sooner(wake, state.retry_at);
  }
  if (tailing(state) != nullptr && !window_is_full(state)) wake = sooner(wake, state.queued_at + limits::heartbeat);
  return wake;
}

sync::ShardReport report(State const& state) {
  sync::ShardReport report;
  report.status = std::visit(overloaded{
                                 [](Greeting const&) { return sync::Status::Initializing; },
                                 [](Deciding const&) { return sync::Status::Initializing; },
                                 [](Waiting const&) { return sync::Status::InitialSync; },
                                 [](Opening const&) { return sync::Status::InitialSync; },
                                 [](Copying const&) { return sync::Status::InitialSync; },
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
