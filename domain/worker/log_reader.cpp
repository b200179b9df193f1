#include "domain/worker/log_reader.h"

#include "domain/base/check.h"
#include "domain/base/overloaded.h"

#include <utility>

namespace arangosync::worker::log_reader {

namespace {

void take_chunk(State& state, ChunkTaken const& e) {
  state.reading.reset();
  state.started = true;
  state.from = e.from;
  state.last_scanned = e.last_scanned;
  state.newest = e.newest;
  state.instance = e.instance;
  state.boot = e.boot;
  state.at_end = e.at_end;
  state.at_boundary = e.at_boundary;
  state.closed = e.closed;
  state.read_at = e.read_at;
  state.pause = e.pause;
  state.read_not_before = e.read_not_before;
  state.failures = 0;
  state.trouble.clear();
}

void leave(State& state, TaskId const& task) {
  if (Member const* const member = state.members.find(task)) {
    state.tasks.erase({member->database, member->shard});
    state.members.erase(task);
    state.filter_changed = true;
  }
  state.joining.erase(task);
  state.blocked.erase(task);
}

}  // namespace

State evolve(State state, Event const& event) {
  std::visit(overloaded{
                 [&](Opened const& e) {
                   state.server = e.server;
                   state.target = e.target;
                   state.syncer = e.syncer;
                   state.only = e.only;
                   state.from = e.from;
                   state.last_scanned = e.last_scanned;
                   state.instance = e.instance;
                   state.boot = e.boot;
                   state.read_not_before = e.read_not_before;
                 },
                 [&](MovedBack const& e) {
                   state.from = e.from;
                   state.last_scanned = e.last_scanned;
                 },
                 [&](JoinWaited const& e) { state.joining.insert(e.task); },
                 [&](Joined const& e) {
                   leave(state, e.task);
                   if (state.boot == 0) state.boot = e.boot;
                   state.tasks.set({e.member.database, e.member.shard}, e.task);
                   state.members.set(e.task, e.member);
                   state.filter_changed = true;
                   state.at_end = false;  // not yet read to the end with this member's changes among what is read
                 },
                 [&](Left const& e) { leave(state, e.task); },
                 [&](Blocked const& e) { state.blocked.emplace(e.task, e.at); },
                 [&](Unblocked const& e) { state.blocked.erase(e.task); },
                 [&](HeldFor const& e) { state.waiting_for.insert(e.reader); },
                 [&](Released const& e) { state.waiting_for.erase(e.reader); },
                 [&](ReadAsked const& e) {
                   state.reading = e.request;
                   if (e.with_filter) state.filter_changed = false;
                 },
                 [&](ChunkTaken const& e) { take_chunk(state, e); },
                 [&](ReadFailed const& e) {
                   state.reading.reset();
                   ++state.failures;
                   state.read_not_before = e.retry_at;
                   state.trouble = e.message;
                 },
                 [&](Beaten const& e) { state.beat_at = e.next_at; },
                 [&](Closed const&) {},  // the worker drops the whole reader
                 [&](Armed const& e) { state.armed = e.at; },
                 [&](Woken const&) { state.armed.reset(); },
             },
             event);
  return state;
}

std::vector<ShardFilter> filter_of(State const& state) {
  std::vector<ShardFilter> filter;
  filter.reserve(state.members.size());
  state.members.for_each([&](TaskId const&, Member const& member) {
    filter.push_back(ShardFilter{member.database, member.shard, member.skip_until});
  });
  return filter;
}

void check_invariants(State const& state) {
  DC_ASSERT(state.syncer != SyncerId{});
  DC_ASSERT(!state.only || state.members.size() <= 1);
  DC_ASSERT(state.members.size() == state.tasks.size());
  for (auto const& [task, since] : state.blocked) DC_ASSERT(state.members.contains(task));
  for (TaskId const& task : state.joining) DC_ASSERT(!state.members.contains(task));
}

}  // namespace arangosync::worker::log_reader
