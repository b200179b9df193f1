// One reader of one DB-Server's log: the shared one of all shards led there, or a private one of a shard that catches
// up.
//
// Only its state and events; the decisions, which involve senders and other readers, are in readers.cpp. Rules:
//  - a shard joins the shared reader only while no read of it is under way, because that read does not deliver it;
//  - what a shard has already (skip_until) is left out by the adapter, so shards of different positions share one
//  reader;
//  - a reader with a member whose window is full does not read;
//  - it beats for all its members together (limits::heartbeat), if it can with what it has just read.
// Spec arangodb-read 6.4, 6.7, 6.8.
#pragma once

#include "domain/base/ids.h"
#include "domain/base/instant.h"
#include "domain/shard/position.h"
#include "domain/worker/persistent_map.h"
#include "domain/worker/vocabulary.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>

namespace arangosync::worker::log_reader {

struct Member {
  DatabaseName database;
  ShardName shard;
  Tick skip_until;
  friend bool operator==(Member const&, Member const&) = default;
};

struct State {
  ServerId server;
  ClusterId target;  ///< of the shards it serves: two targets may want the same shard from different places
  SyncerId syncer;
  bool only = false;
  Tick from;
  Tick last_scanned;
  Tick newest;
  std::string instance;    ///< empty until known
  std::uint64_t boot = 0;  ///< of the server, as its members' positions have it; 0 until known
  bool started = false;    ///< it has read; before that its start can still be moved back
  bool at_end = false;     ///< when it last read, for all members
  bool at_boundary = false;
  bool closed = false;  ///< the log cannot be read: its members are compared again and again (shard/sender.h)
  WallTime read_at;
  PersistentMap<TaskId, Member> members;
  PersistentMap<std::pair<DatabaseName, ShardName>, TaskId> tasks;  ///< the members by shard
  std::set<TaskId> joining;                                         ///< wait until no read is under way
  std::map<TaskId, Instant> blocked;                                ///< members whose window is full, and since when
  std::set<ReaderId> waiting_for;  ///< private readers about to merge: hold still until they have read once more
  bool filter_changed = true;
  std::optional<RequestId> reading;
  Instant read_not_before;
  Duration pause{0};  ///< after an empty read
  std::uint32_t failures = 0;
  std::string trouble;
  Instant beat_at;               ///< its members' next heartbeat
  std::optional<Instant> armed;  ///< when its timer wakes it
  friend bool operator==(State const&, State const&) = default;
};

struct Opened {
  ServerId server;
  ClusterId target;
  SyncerId syncer;
  bool only = false;
  Tick from;
  Tick last_scanned;
  std::string instance;
  std::uint64_t boot = 0;
  Instant read_not_before;
  friend bool operator==(Opened const&, Opened const&) = default;
};
struct MovedBack {  ///< before its first read: an older shard joined
  Tick from;
  Tick last_scanned;
  friend bool operator==(MovedBack const&, MovedBack const&) = default;
};
struct JoinWaited {
  TaskId task;
  friend bool operator==(JoinWaited const&, JoinWaited const&) = default;
};
struct Joined {
  TaskId task;
  Member member;
  std::uint64_t boot = 0;  ///< that its position is of
  friend bool operator==(Joined const&, Joined const&) = default;
};
struct Left {
  TaskId task;
  friend bool operator==(Left const&, Left const&) = default;
};
struct Blocked {
  TaskId task;
  Instant at;
  friend bool operator==(Blocked const&, Blocked const&) = default;
};
struct Unblocked {
  TaskId task;
  friend bool operator==(Unblocked const&, Unblocked const&) = default;
};
struct HeldFor {  ///< a private reader is about to merge
  ReaderId reader;
  friend bool operator==(HeldFor const&, HeldFor const&) = default;
};
struct Released {
  ReaderId reader;
  friend bool operator==(Released const&, Released const&) = default;
};
struct ReadAsked {  ///< → ReadLog
  RequestId request;
  bool with_filter = false;
  friend bool operator==(ReadAsked const&, ReadAsked const&) = default;
};
struct ChunkTaken {
  Tick from;
  Tick last_scanned;
  Tick newest;
  std::string instance;
  std::uint64_t boot = 0;
  bool at_end = false;  ///< when it last read, for all members
  bool at_boundary = false;
  bool closed = false;
  WallTime read_at;
  Duration pause{0};
  Instant read_not_before;
  friend bool operator==(ChunkTaken const&, ChunkTaken const&) = default;
};
struct ReadFailed {
  Instant retry_at;
  std::string message;
  friend bool operator==(ReadFailed const&, ReadFailed const&) = default;
};
struct Beaten {  ///< its members said their heartbeats
  Instant next_at;
  friend bool operator==(Beaten const&, Beaten const&) = default;
};
struct Closed {  ///< → ForgetReader
  ServerId server;
  SyncerId syncer;
  friend bool operator==(Closed const&, Closed const&) = default;
};
struct Armed {  ///< → WakeAt
  Instant at;
  friend bool operator==(Armed const&, Armed const&) = default;
};
struct Woken {
  friend bool operator==(Woken const&, Woken const&) = default;
};
using Event = std::variant<Opened, MovedBack, JoinWaited, Joined, Left, Blocked, Unblocked, HeldFor, Released,
                           ReadAsked, ChunkTaken, ReadFailed, Beaten, Closed, Armed, Woken>;

State evolve(State state, Event const& event);
void check_invariants(State const& state);

/// Everything up to here is delivered, if it stands at a boundary.
inline Tick covered(State const& state) { return state.from < state.last_scanned ? state.last_scanned : state.from; }
std::vector<ShardFilter> filter_of(State const& state);

}  // namespace arangosync::worker::log_reader
