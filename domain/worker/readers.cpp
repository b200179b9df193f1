// Who reads which DB-Server's log for whom. The rules are in log_reader.h.
#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/worker/desk.h"

#include <algorithm>
#include <chrono>

namespace arangosync::worker {

namespace {

using namespace std::chrono_literals;

constexpr Duration gather_pause = 2s;       // shards that start together find one reader
constexpr Duration stuck_after = 10s;       // one full window holds the others up no longer than this
constexpr Duration beat_patience = 1500ms;  // a read that is about to end brings news for the heartbeats

using log_reader::Member;

ReaderId const* shared_reader_for(Desk const& desk, ServerId const& server, ClusterId const& target) {
  return desk.state.shared_readers.find({server, target});
}

ClusterId target_of(Desk const& desk, TaskId const& task) {
  return desk.state.tasks.find(task)->spec->target.value_or(ClusterId{});
}

shard::Position tail_position(Desk const& desk, TaskId const& task) {
  return shard::sender::tailing(*desk.sender(task))->position;
}

void release_hold(Desk& desk, ReaderId reader);
void join(Desk& desk, TaskId const& task);

bool is_unused(Desk const& desk, ReaderId reader) {
  auto const* state = desk.state.readers.find(reader);
  return state->members.empty() && state->joining.empty();
}

void arm_reader(Desk& desk, ReaderId reader, Instant at) {
  at = not_at_once(desk, at);
  auto const* state = desk.state.readers.find(reader);
  if (!state->armed || at < *state->armed) desk.tell(reader, log_reader::Armed{at});
}

void read_log(Desk& desk, ReaderId reader) {
  auto const* state = desk.state.readers.find(reader);
  if (state == nullptr || state->reading || state->members.empty()) return;
  if (!state->blocked.empty()) {
    Instant since = shard::never;
    for (auto const& [task, at] : state->blocked) since = shard::sooner(since, at);
    if (state->only) return release_hold(desk, reader);  // it has nobody to wait for
    return arm_reader(desk, reader, shard::sooner(since + stuck_after, state->beat_at + beat_patience));
  }
  if (!state->waiting_for.empty()) return;
  if (desk.moment.at < state->read_not_before) return arm_reader(desk, reader, state->read_not_before);
  bool const with_filter = state->filter_changed;
  desk.tell(reader, log_reader::ReadAsked{desk.moment.next_request(), with_filter});
}

void close_reader(Desk& desk, ReaderId reader) {
  release_hold(desk, reader);
  auto const* state = desk.state.readers.find(reader);
  desk.tell(reader, log_reader::Closed{state->server, state->syncer});
}

void release_hold(Desk& desk, ReaderId reader) {
  auto const* state = desk.state.readers.find(reader);
  ReaderId const* const found = shared_reader_for(desk, state->server, state->target);
  if (found == nullptr || !desk.state.readers.find(*found)->waiting_for.contains(reader)) return;
  ReaderId const shared = *found;
  desk.tell(shared, log_reader::Released{reader});
  read_log(desk, shared);
}

ReaderId open_reader(Desk& desk, TaskId const& task, bool only) {
  auto const& tail = *shard::sender::tailing(*desk.sender(task));
  shard::Position const position = tail.position;
  // The syncer of the snapshot keeps the log behind it until its reader has taken over (spec read 5.2).
  bool const takes_over = tail.syncer.has_value();
  SyncerId const syncer = takes_over ? *tail.syncer : SyncerId((desk.moment.draw.next() >> 1U) | 1U);
  ReaderId const reader(desk.moment.next_request().value());
  Instant const first_read = only ? desk.moment.at : desk.moment.at + gather_pause;
  desk.tell(reader, log_reader::Opened{position.server, target_of(desk, task), syncer, only, position.from,
                                       position.last_scanned, position.instance, position.boot, first_read});
  if (takes_over) desk.emit(SenderEvent{task, shard::sender::SyncerTakenOver{}});
  return reader;
}

void attach(Desk& desk, TaskId const& task, ReaderId reader, Tick skip_until) {
  auto const& sender = *desk.sender(task);
  shard::Position const position = shard::sender::tailing(sender)->position;
  std::optional<SyncerId> const syncer = shard::sender::tailing(sender)->syncer;
  if (syncer) {
    desk.emit(SenderEvent{task, shard::sender::SyncerTakenOver{}});
    release_syncer(desk, position.server, *syncer);
  }
  desk.tell(reader, log_reader::Joined{task, Member{sender.shard.database, position.shard, skip_until}, position.boot});
}

/// Of a shard that wants the log, while the shared reader is not reading.
void settle_join(Desk& desk, TaskId const& task, ReaderId shared) {
  auto const* state = desk.state.readers.find(shared);
  DC_ASSERT(!state->reading);
  shard::Position const position = tail_position(desk, task);
  // It may have waited for a read that has told it.
  if (shard::was_restarted(position.boot, state->boot)) {
    if (state->joining.contains(task)) desk.tell(shared, log_reader::Left{task});
    desk.tell(task, shard::sender::on_restarted(*desk.sender(task), desk.moment));
    if (is_unused(desk, shared)) close_reader(desk, shared);
    return;
  }
  bool const can_move = !state->started && position.from < state->from;
  if (can_move) desk.tell(shared, log_reader::MovedBack{position.from, position.last_scanned});
  if (can_move || position.from >= state->from) {
    attach(desk, task, shared, position.from);
    return;
  }
  if (state->joining.contains(task)) {
    desk.tell(shared, log_reader::Left{task});
    if (is_unused(desk, shared)) {
      close_reader(desk, shared);
      join(desk, task);
      return;
    }
  }
  DC_MARK("worker.reader.private");
  ReaderId const reader = open_reader(desk, task, true);
  attach(desk, task, reader, position.from);
  read_log(desk, reader);
}

void join(Desk& desk, TaskId const& task) {
  shard::Position const position = tail_position(desk, task);
  ReaderId const* const found = shared_reader_for(desk, position.server, target_of(desk, task));
  if (found == nullptr) {
    ReaderId const reader = open_reader(desk, task, false);
    attach(desk, task, reader, position.from);
    read_log(desk, reader);
    return;
  }
  ReaderId const shared = *found;
  auto const* state = desk.state.readers.find(shared);
  bool const is_other_data =
      !state->instance.empty() && !position.instance.empty() && state->instance != position.instance;
  if (is_other_data) {
    desk.tell(task,
              shard::sender::on_lost(*desk.sender(task), desk.moment, "the DB-Server has other data than before"));
  } else if (shard::was_restarted(position.boot, state->boot)) {
    desk.tell(task, shard::sender::on_restarted(*desk.sender(task), desk.moment));
  } else if (state->reading) {
    desk.tell(shared, log_reader::JoinWaited{task});
  } else {
    settle_join(desk, task, shared);
    read_log(desk, shared);
  }
}

void advance_to_reader(Desk& desk, TaskId const& task) {
  auto const view = log_view(desk.state, task);
  if (view) desk.emit(SenderEvent{task, shard::sender::PositionAdvanced{view->position}});
}

/// The server was restarted, or has other data, between what the one has read and what the other has.
bool is_of_another_life(log_reader::State const& one, log_reader::State const& other) {
  bool const has_other_data = !one.instance.empty() && !other.instance.empty() && one.instance != other.instance;
  return has_other_data || shard::was_restarted(one.boot, other.boot);
}

/// Moves the one shard of a private reader to the shared one, if that is exact now.
void try_merge(Desk& desk, ReaderId reader) {
  auto const* state = desk.state.readers.find(reader);
  if (!state->only || !state->at_boundary || state->members.empty()) return;
  TaskId const task = state->members.first().first;
  Tick const covered = log_reader::covered(*state);
  ReaderId const* const found = shared_reader_for(desk, state->server, state->target);
  if (found == nullptr || is_of_another_life(*state, *desk.state.readers.find(*found))) {
    advance_to_reader(desk, task);
    leave_reader(desk, task);
    join(desk, task);
    return;
  }
  ReaderId const shared = *found;
  auto const* other = desk.state.readers.find(shared);
  if (covered < other->from) return;
  if (other->reading) {
    // What that read brings is not delivered to us; let it wait for us after it.
    if (!other->waiting_for.contains(reader)) desk.tell(shared, log_reader::HeldFor{reader});
    return;
  }
  DC_MARK("worker.reader.merged");
  advance_to_reader(desk, task);
  // First in, then out: closing the private reader sets the shared one going again.
  attach(desk, task, shared, covered);
  desk.tell(reader, log_reader::Left{task});
  close_reader(desk, reader);
  desk.touch(task);
  read_log(desk, shared);
}

/// A private reader that has read once more without merging no longer holds up the shared one.
void release_hold_after_read(Desk& desk, ReaderId reader) {
  auto const* state = desk.state.readers.find(reader);
  ReaderId const* const shared = shared_reader_for(desk, state->server, state->target);
  if (shared == nullptr || desk.state.readers.find(*shared)->reading) return;
  release_hold(desk, reader);
}

/// The log behind the reader's position is gone, or another server's log is there now.
void lose(Desk& desk, ReaderId reader, std::string const& reason) {
  auto const state = *desk.state.readers.find(reader);
  std::vector<TaskId> lost(state.joining.begin(), state.joining.end());
  state.members.for_each([&](TaskId const& task, Member const&) { lost.push_back(task); });
  close_reader(desk, reader);
  for (TaskId const& task : lost) {
    // A shard that was ahead of the reader may still find its own position; it joins anew.
    Member const* const member = state.members.find(task);
    bool const was_ahead = member == nullptr || state.from < member->skip_until;
    desk.touch(task);
    if (!was_ahead) desk.tell(task, shard::sender::on_lost(*desk.sender(task), desk.moment, reason));
  }
}

/// The server was restarted since its members' positions: none of them is believed unseen.
void doubt(Desk& desk, ReaderId reader) {
  DC_MARK("worker.reader.restarted");
  auto const state = *desk.state.readers.find(reader);
  std::vector<TaskId> doubted(state.joining.begin(), state.joining.end());
  state.members.for_each([&](TaskId const& task, Member const&) { doubted.push_back(task); });
  close_reader(desk, reader);
  for (TaskId const& task : doubted) desk.tell(task, shard::sender::on_restarted(*desk.sender(task), desk.moment));
}

void fail_read(Desk& desk, ReaderId reader, Fault const& fault) {
  auto const* state = desk.state.readers.find(reader);
  if (state->only && fault.fault_class == FaultClass::NotFound) {
    TaskId const task = state->members.first().first;
    leave_reader(desk, task);
    desk.tell(task, shard::sender::on_broken(*desk.sender(task), desk.moment, fault.message));
    return;
  }
  bool const is_slow = fault.fault_class == FaultClass::Denied || fault.fault_class == FaultClass::Permanent;
  Duration const pause =
      is_slow ? shard::slow_pause(desk.moment.draw) : shard::pause_after(state->failures + 1, desk.moment.draw);
  desk.tell(reader, log_reader::ReadFailed{desk.moment.at + pause, fault.message});
  release_hold(desk, reader);
}

void deliver(Desk& desk, ReaderId reader, LogChunk const& chunk) {
  for (LogSlice const& slice : chunk.slices) {
    TaskId const* const found = desk.state.readers.find(reader)->tasks.find({slice.database, slice.shard});
    if (found == nullptr || slice.changes.count == 0) continue;
    TaskId const task = *found;
    auto const view = log_view(desk.state, task);
    desk.tell(task, shard::sender::on_changes(*desk.sender(task), desk.moment, slice.changes, view->position,
                                              view->read_at, view->log_end));
  }
}

void take_chunk(Desk& desk, ReaderId reader, LogChunk const& chunk) {
  see_route(desk, desk.state.readers.find(reader)->server, chunk.route);
  auto const* state = desk.state.readers.find(reader);
  // Nothing new may take more than one read to be seen: that is no reason to come back sooner.
  Duration pause = chunk.slices.empty() ? state->pause : Duration{0};
  bool const is_over = (chunk.at_end && chunk.slices.empty()) || chunk.closed;
  if (is_over) {
    // A private reader is to merge soon, and the shared one may be waiting for it.
    bool const is_short = state->only && !chunk.closed;
    Duration const longest = is_short ? limits::log_poll_min : limits::log_poll_max;
    pause = std::clamp(pause * 2, Duration(limits::log_poll_min), longest);
  }
  std::uint64_t const boot = chunk.boot != 0 ? chunk.boot : state->boot;
  desk.tell(reader, log_reader::ChunkTaken{chunk.from, chunk.last_scanned, chunk.newest, chunk.instance, boot,
                                           chunk.at_end, chunk.at_boundary, chunk.closed, chunk.read_at, pause,
                                           desk.moment.at + (is_over ? pause : Duration{0})});
  deliver(desk, reader, chunk);
}

/// One heartbeat for all members that have nothing else to say. `patience`: how late it may be.
void beat_members(Desk& desk, ReaderId reader, Duration patience) {
  auto const* state = desk.state.readers.find(reader);
  if (state == nullptr || desk.moment.at < state->beat_at + patience) return;
  desk.tell(reader, log_reader::Beaten{desk.moment.at + limits::heartbeat});
  auto const members = state->members;  // a round of comparing takes one away
  members.for_each([&](TaskId const& task, Member const&) {
    auto const view = log_view(desk.state, task);
    if (!view) return;
    shard::sender::Events said = shard::sender::on_beat(*desk.sender(task), desk.moment, *view);
    if (!said.empty()) desk.tell(task, std::move(said));
  });
}

/// However long a read takes, or is not possible: its members are heard from.
void keep_beating(Desk& desk, ReaderId reader) {
  auto const* state = desk.state.readers.find(reader);
  if (state != nullptr && !state->members.empty() && !state->armed) {
    arm_reader(desk, reader, state->beat_at + beat_patience);
  }
}

/// Full windows are known to the reader, so that it does not have to look at all its members before each read.
void settle_window(Desk& desk, TaskId const& task, ReaderId reader) {
  auto const* state = desk.state.readers.find(reader);
  if (!state->members.contains(task)) return;
  bool const full = shard::sender::window_is_full(*desk.sender(task));
  bool const blocked = state->blocked.contains(task);
  if (full && !blocked) desk.tell(reader, log_reader::Blocked{task, desk.moment.at});
  if (!full && blocked) desk.tell(reader, log_reader::Unblocked{task});
  if (full != blocked) read_log(desk, reader);
}

/// Up to which moment the log that a sender reads is known to be that of the shard's leader. Absent: the source is
/// about to change that.
std::optional<WallTime> led_until(State const& state, shard::sender::State const& sender) {
  auto const& structure = *state.source->structure;
  if (!structure) return std::nullopt;
  auto const place = place_of(*structure, sender.shard);
  if (!place || *place != sender.place) return std::nullopt;
  return state.source->read_at;
}

}  // namespace

// The end of a log is the end of all only as long as its server leads the shard. That is looked up every few seconds,
// so what was read since then proves nothing of the time since then (simulation seed 696).
std::optional<shard::sender::LogView> log_view(State const& state, TaskId const& task) {
  Task const* const found = state.tasks.find(task);
  if (found == nullptr || !found->reader) return std::nullopt;
  auto const& sender = std::get<shard::sender::State>(found->machine);
  auto const* tail = shard::sender::tailing(sender);
  auto const* reader = state.readers.find(*found->reader);
  if (tail == nullptr || reader == nullptr) return std::nullopt;
  Member const* const member = reader->members.find(task);
  if (member == nullptr) return std::nullopt;
  auto const led = led_until(state, sender);
  WallTime const read_at = std::min(reader->read_at, led.value_or(WallTime{}));
  // A log that cannot be read tells only whether anything was logged since the shard's own position.
  if (reader->closed) {
    if (!led) return std::nullopt;
    bool const is_quiet = reader->newest <= tail->position.from;
    return shard::sender::LogView{tail->position, is_quiet, read_at, true};
  }
  bool const at_end = reader->at_end && led.has_value();
  // Until the reader has passed what the shard had already, the shard's own position is the true one.
  bool const is_ahead = !reader->started || reader->from < member->skip_until;
  if (is_ahead) return shard::sender::LogView{tail->position, at_end, read_at, false};
  shard::Position position{member->shard, reader->server, reader->instance, reader->from, reader->last_scanned, {},
                           reader->boot};
  return shard::sender::LogView{std::move(position), at_end, read_at, false};
}

void settle_reader(Desk& desk, TaskId const& task) {
  auto const* sender = desk.sender(task);
  bool const tails = shard::sender::tailing(*sender) != nullptr;
  std::optional<ReaderId> const reader = desk.state.tasks.find(task)->reader;
  if (reader && !tails) {
    leave_reader(desk, task);
  } else if (reader) {
    settle_window(desk, task, *reader);
  } else if (tails && !shard::sender::window_is_full(*sender)) {
    join(desk, task);
  }
}

void leave_reader(Desk& desk, TaskId const& task) {
  std::optional<ReaderId> const reader = desk.state.tasks.find(task)->reader;
  if (!reader) return;
  desk.tell(*reader, log_reader::Left{task});
  if (is_unused(desk, *reader)) {
    close_reader(desk, *reader);
  } else {
    read_log(desk, *reader);
  }
}

void on_log_read(Desk& desk, ReaderId reader, LogRead const& command) {
  auto const* state = desk.state.readers.find(reader);
  if (state == nullptr || state->reading != command.request) return;
  if (!command.outcome) {
    fail_read(desk, reader, command.outcome.error());
  } else if (command.outcome->lost) {
    DC_MARK("worker.reader.lost");
    return lose(desk, reader, "the log behind the position is gone");
  } else if (!state->instance.empty() && state->instance != command.outcome->instance) {
    return lose(desk, reader, "the DB-Server has other data than before");
  } else if (shard::was_restarted(state->boot, command.outcome->boot)) {
    return doubt(desk, reader);
  } else {
    take_chunk(desk, reader, *command.outcome);
  }
  state = desk.state.readers.find(reader);
  if (state == nullptr) return;
  std::set<TaskId> const joining = state->joining;
  for (TaskId const& task : joining) settle_join(desk, task, reader);
  // Windows first: what was delivered may have filled one.
  std::set<TaskId> const touched = desk.touched;
  for (TaskId const& task : touched) {
    Task const* const found = desk.state.tasks.find(task);
    if (found != nullptr && found->reader == reader) settle_window(desk, task, reader);
  }
  if (desk.state.readers.find(reader) == nullptr) return;
  if (command.outcome) try_merge(desk, reader);
  if (desk.state.readers.find(reader) == nullptr) return;
  release_hold_after_read(desk, reader);
  beat_members(desk, reader, desk.state.readers.find(reader)->at_end ? Duration{0} : beat_patience);
  read_log(desk, reader);
  keep_beating(desk, reader);
}

void on_reader_timer(Desk& desk, ReaderId reader) {
  auto const* state = desk.state.readers.find(reader);
  if (state == nullptr || !state->armed) return;
  desk.tell(reader, log_reader::Woken{});
  auto const blocked = desk.state.readers.find(reader)->blocked;
  for (auto const& [task, since] : blocked) {
    if (desk.moment.at < since + stuck_after) continue;
    DC_MARK("worker.reader.stuck_member");
    advance_to_reader(desk, task);
    leave_reader(desk, task);
    desk.touch(task);
    if (desk.state.readers.find(reader) == nullptr) return;
  }
  beat_members(desk, reader, beat_patience);  // if nothing newer has come by now, what is known has to do
  read_log(desk, reader);
  keep_beating(desk, reader);
}

void release_syncer(Desk& desk, ServerId const& server, SyncerId syncer) {
  desk.emit(SyncerReleased{desk.moment.next_request(), server, syncer});
}

}  // namespace arangosync::worker
