// The source's half of one shard: sends the log's changes, what differs, or a full copy, whatever the receiver needs,
// in one numbered stream per epoch, never more than the receiver's window ahead.
//
//   Greeting ──Request──► Deciding ──position good────────────────────────────────────► Tailing
//                            └─else─► Waiting ──turn──► Opening ──tree──► Comparing ──► Tailing
//                                                          └─no tree─► Copying ◄┘ (the target cannot compare)
//   anything that breaks the stream (new leader, lost snapshot) ──► Greeting, so that the receiver draws a new epoch
//
// Comparing (docs/decisions/0008): the shard's tree in a snapshot goes out; the receiver answers with parts, each the
// target's revisions of some ranges that differ; for each part goes out what the target lacks, and what it has too much
// is removed after all of them.
//
// A position is believed only in the reign that it was made in (docs/decisions/0028): the master tells the reign; when
// we see the leader change before the master does, we give the new one a number of our own.
//
// Where the log cannot be read (docs/decisions/0021) a Tailing shard is compared again and again, in rounds, as long as
// something is logged at all: the more seldom the less was found.
//
// Used by domain/worker, which feeds it and turns its events into effects; it also decides who may copy (turn) and
// which log reader serves it. Never reads a document; never talks to the cluster. Spec arangodb-read 5.6, 6.4-6.8, 7.
#pragma once

#include "domain/base/fifo.h"
#include "domain/base/result.h"
#include "domain/revision/revision_id.h"
#include "domain/shard/ids.h"
#include "domain/shard/message.h"
#include "domain/shard/moment.h"
#include "domain/sync/status.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace arangosync::shard::sender {

/// Where the shard lives on the source, as the structure says.
struct Place {
  std::string collection;  ///< its id
  ShardName shard;
  ServerId leader;
  friend bool operator==(Place const&, Place const&) = default;
};

struct Greeting {
  Instant hello_at;  ///< next Hello
  std::uint32_t hellos = 0;
  friend bool operator==(Greeting const&, Greeting const&) = default;
};
struct Deciding {  ///< asked, but the shard has no stable leader yet
  std::optional<Position> position;
  bool doubt = false;
  friend bool operator==(Deciding const&, Deciding const&) = default;
};
/// For its turn to hold a snapshot. `fallback`: the receiver's position is good, but it is in doubt; without a tree to
/// compare the log is followed from there all the same.
struct Waiting {
  std::optional<Position> fallback;
  std::uint32_t trees_missed = 0;  ///< by snapshots one after the other, though there may be one
  friend bool operator==(Waiting const&, Waiting const&) = default;
};
struct Opening {
  std::optional<RequestId> request;
  SyncerId syncer;
  std::optional<Position> fallback;
  std::uint32_t trees_missed = 0;  ///< as in Waiting
  friend bool operator==(Opening const&, Opening const&) = default;
};
struct Copying {
  SnapshotId snapshot;
  SyncerId syncer;
  Position position;  ///< of the snapshot
  std::uint64_t next_chunk = 0;
  std::optional<RequestId> reading;
  std::uint64_t documents = 0;
  friend bool operator==(Copying const&, Copying const&) = default;
};
struct Comparing {
  SnapshotId snapshot;
  SyncerId syncer;
  Position position;                 ///< of the snapshot
  std::optional<Position> fallback;  ///< as in Waiting
  Fifo<Difference> parts;            ///< asked for and not dealt with
  std::uint32_t parts_heard = 0;
  revision::RevisionId from;         ///< where the front is read on
  std::optional<RequestId> reading;  ///< the front
  /// Removals, kept until all that the target lacks was sent: a document that was changed is not to vanish before its
  /// newer revision, which may be in a later part, is there.
  Fifo<Payload> removals;
  std::size_t removals_bytes = 0;
  friend bool operator==(Comparing const&, Comparing const&) = default;
};
struct Tailing {
  Position position;               ///< everything up to here is queued
  std::optional<SyncerId> syncer;  ///< of the snapshot, until a log reader takes it over
  friend bool operator==(Tailing const&, Tailing const&) = default;
};
using Phase = std::variant<Greeting, Deciding, Waiting, Opening, Copying, Comparing, Tailing>;

struct Sent {
  Sequence sequence;
  std::size_t bytes = 0;
  friend bool operator==(Sent const&, Sent const&) = default;
};

/// A shard whose log cannot be read is compared this long after the last time: the shorter one when anything differed,
/// doubling up to the longer one while nothing does.
inline constexpr Duration round_pause_min = std::chrono::seconds(2);
inline constexpr Duration round_pause_max = std::chrono::minutes(2);

/// Of a shard whose log cannot be read.
struct Rounds {
  Duration pause{0};            ///< after the last one
  Instant next;                 ///< not before
  WallTime began;               ///< when the last one over took its snapshot: what was acknowledged before it is sent
  WallTime asked;               ///< when the snapshot of the one under way was asked for
  std::uint64_t documents = 0;  ///< sent when the last one began
  friend bool operator==(Rounds const&, Rounds const&) = default;
};

struct State {
  ShardRef shard;
  std::optional<Place> place;
  Reign told;                  ///< the newest that the master told; without a leader: it was seen to end
  std::uint64_t reign = 0;     ///< of what is read now: the master's, or our own until it tells; 0: not known
  bool led_elsewhere = false;  ///< an earlier reign was seen: a position that says none is not believed
  Phase phase;
  Epoch epoch;               ///< 0 while greeting
  AnswerId answer;           ///< ours to that epoch
  Sequence sequence;         ///< of the last queued message
  Fifo<DataMessage> outbox;  ///< not yet taken over by the queue; the front is under way while `publishing`
  std::optional<RequestId> publishing;
  std::uint32_t publish_failures = 0;
  Instant publish_at;  ///< not before
  Fifo<Sent> unacknowledged;
  std::size_t unacknowledged_bytes = 0;
  std::uint32_t failures = 0;  ///< of the snapshot call under way
  Instant retry_at;
  std::optional<Rounds> rounds;
  Instant queued_at;          ///< when the last message was queued, or heartbeat said
  Instant heard_at;           ///< when the receiver was last heard of
  std::uint32_t unheard = 0;  ///< heartbeats said since then
  /// Since when the receiver, alive and with nothing to do, has lacked all that fills the window.
  std::optional<Instant> lacked_since;
  std::string trouble;
  std::uint64_t documents = 0;
  std::uint64_t bytes = 0;
  WallTime last_message;
  WallTime last_data_change;
  WallTime last_leader_change;
  friend bool operator==(State const&, State const&) = default;
};

// ---- events -----------------------------------------------------------------------------------------------------
struct ReignTold {
  Reign reign;
  bool is_unseen = false;  ///< another server led the shard meanwhile, and we did not see it
  friend bool operator==(ReignTold const&, ReignTold const&) = default;
};
struct PlaceChanged {
  std::optional<Place> place;
  WallTime at;
  std::uint64_t reign = 0;  ///< of this place, unless the master has told it
  friend bool operator==(PlaceChanged const&, PlaceChanged const&) = default;
};
struct StreamRequested {  ///< a new epoch; what was queued for the old one is void
  Epoch epoch;
  AnswerId answer;
  std::optional<Position> position;
  bool doubt = false;
  Instant at;
  friend bool operator==(StreamRequested const&, StreamRequested const&) = default;
};
struct StreamBroken {
  std::string reason;
  Instant at;
  friend bool operator==(StreamBroken const&, StreamBroken const&) = default;
};
struct TailChosen {
  Position position;
  friend bool operator==(TailChosen const&, TailChosen const&) = default;
};
struct SnapshotChosen {  ///< the log alone will not do
  std::string reason;
  std::optional<Position> fallback;
  bool again = false;  ///< the next of the rounds
  std::uint32_t trees_missed = 0;
  friend bool operator==(SnapshotChosen const&, SnapshotChosen const&) = default;
};
struct SnapshotAsked {  ///< → OpenSnapshot
  RequestId request;
  ServerId server;
  ShardName shard;
  SyncerId syncer;
  WallTime at;
  friend bool operator==(SnapshotAsked const&, SnapshotAsked const&) = default;
};
struct SnapshotStarted {
  SnapshotId snapshot;
  Position position;
  bool compares = false;
  Instant at;
  friend bool operator==(SnapshotStarted const&, SnapshotStarted const&) = default;
};
struct CopyStarted {  ///< the snapshot is copied after all: the receiver cannot compare
  std::string reason;
  friend bool operator==(CopyStarted const&, CopyStarted const&) = default;
};
struct PartHeard {
  Difference part;
  Instant at;
  friend bool operator==(PartHeard const&, PartHeard const&) = default;
};
struct DifferenceAsked {  ///< of the first part → ReadDifference
  RequestId request;
  friend bool operator==(DifferenceAsked const&, DifferenceAsked const&) = default;
};
/// Read and queued. `next` absent: the part is dealt with.
struct DifferenceTaken {
  std::optional<revision::RevisionId> next;
  Payload removals;  ///< not queued yet
  friend bool operator==(DifferenceTaken const&, DifferenceTaken const&) = default;
};
struct RemovalsSent {  ///< what was kept of them is queued, next
  friend bool operator==(RemovalsSent const&, RemovalsSent const&) = default;
};
struct ChunkAsked {  ///< → ReadSnapshot
  RequestId request;
  friend bool operator==(ChunkAsked const&, ChunkAsked const&) = default;
};
struct ChunkTaken {
  std::uint32_t documents = 0;
  bool last = false;
  friend bool operator==(ChunkTaken const&, ChunkTaken const&) = default;
};
/// The snapshot is read to its end, or given up. → CloseSnapshot
struct SnapshotLeft {
  RequestId request;
  SnapshotId snapshot;
  SyncerId syncer;
  Tick tick;
  friend bool operator==(SnapshotLeft const&, SnapshotLeft const&) = default;
};
struct CallFailed {  ///< a snapshot call; repeated at retry_at
  Instant retry_at;
  std::string message;
  friend bool operator==(CallFailed const&, CallFailed const&) = default;
};
struct MessageQueued {
  DataBody body;
  Instant at;
  WallTime wall;
  friend bool operator==(MessageQueued const&, MessageQueued const&) = default;
};
struct PublishAsked {  ///< the front of the outbox → Publish
  RequestId request;
  friend bool operator==(PublishAsked const&, PublishAsked const&) = default;
};
struct PublishDone {
  friend bool operator==(PublishDone const&, PublishDone const&) = default;
};
struct PublishFailed {
  Instant retry_at;
  friend bool operator==(PublishFailed const&, PublishFailed const&) = default;
};
struct Acknowledged {
  Sequence applied;
  Instant at;
  friend bool operator==(Acknowledged const&, Acknowledged const&) = default;
};
struct HeartbeatSaid {  ///< → Publish, and nobody waits for it
  Heartbeat body;
  Instant at;
  WallTime wall;
  friend bool operator==(HeartbeatSaid const&, HeartbeatSaid const&) = default;
};
struct ReceiverHeard {  ///< it lives, and says nothing new
  Instant at;
  friend bool operator==(ReceiverHeard const&, ReceiverHeard const&) = default;
};
struct LackHeard {  ///< the receiver lacks all that fills the window, and says so although it has nothing to do
  Instant at;
  friend bool operator==(LackHeard const&, LackHeard const&) = default;
};
struct PositionAdvanced {  ///< the log holds nothing for this shard up to here
  Position position;
  friend bool operator==(PositionAdvanced const&, PositionAdvanced const&) = default;
};
struct TurnGivenBack {  ///< no snapshot can be opened, again and again: others come first, this one queues up anew
  friend bool operator==(TurnGivenBack const&, TurnGivenBack const&) = default;
};
struct HelloHastened {  ///< somebody listens, to an earlier stream
  Instant at;
  friend bool operator==(HelloHastened const&, HelloHastened const&) = default;
};
struct SyncerTakenOver {
  friend bool operator==(SyncerTakenOver const&, SyncerTakenOver const&) = default;
};

using Event = std::variant<ReignTold, PlaceChanged, StreamRequested, StreamBroken, TailChosen, SnapshotChosen,
                           SnapshotAsked, SnapshotStarted, CopyStarted, PartHeard, DifferenceAsked, DifferenceTaken,
                           RemovalsSent, ChunkAsked, ChunkTaken, SnapshotLeft, CallFailed, MessageQueued, PublishAsked,
                           PublishDone, PublishFailed, HeartbeatSaid, Acknowledged, ReceiverHeard, LackHeard,
                           PositionAdvanced, TurnGivenBack, HelloHastened, SyncerTakenOver>;

// ---- the machine ------------------------------------------------------------------------------------------------
State initial_state(ShardRef shard, Instant at);
State evolve(State state, Event const& event);
void check_invariants(State const& state);

using Events = std::vector<Event>;
/// What the master has seen of who leads the shard. Older ones are known by their numbers and left alone.
Events on_reign(State const& state, Moment& moment, Reign const& told);
Events on_place(State const& state, Moment& moment, std::optional<Place> const& place);
Events on_request(State const& state, Moment& moment, Request const& request);
Events on_acknowledge(State const& state, Moment& moment, Acknowledge const& message);
Events on_difference(State const& state, Moment& moment, Difference const& part);
Events on_copy_wanted(State const& state, Moment& moment, CopyWanted const& message);
Events on_turn(State const& state, Moment& moment);  ///< it may hold a snapshot now
struct Opened {
  SnapshotId id;
  Tick tick;
  std::string instance;
  std::optional<Blob> tree;
  std::uint64_t boot = 0;
  bool tree_may_come = false;
};
Events on_snapshot_opened(State const& state, Moment& moment, RequestId request, Outcome<Opened> const& outcome);
struct Chunk {
  Payload documents;
  bool last = false;
};
Events on_chunk(State const& state, Moment& moment, RequestId request, Outcome<Chunk> const& outcome);
struct DifferenceChunk {
  Payload changes;
  std::optional<revision::RevisionId> next;
  std::optional<Blob> detail;
  Payload removals;
};
Events on_difference_read(State const& state, Moment& moment, RequestId request,
                          Outcome<DifferenceChunk> const& outcome);
Events on_published(State const& state, Moment& moment, RequestId request, Outcome<Done> const& outcome);
/// `log_end`: the log was read to its end with these.
Events on_changes(State const& state, Moment& moment, Payload const& changes, Position const& position,
                  WallTime read_at, bool log_end);
/// The log from its position on is gone or void: compare or copy, within the same epoch.
Events on_lost(State const& state, Moment& moment, std::string const& reason);
/// Its DB-Server was restarted, and its log may be an older one that has grown since: compare within the same epoch, or
/// follow the log from where we were if that cannot be.
Events on_restarted(State const& state, Moment& moment);
/// The shard is not served where it was: the receiver has to ask anew.
Events on_broken(State const& state, Moment& moment, std::string const& reason);
Events on_stop(State const& state, Moment& moment);  ///< gives up what it holds at the source
/// What its log reader knows at this moment.
struct LogView {
  Position position;
  bool log_end = false;
  WallTime read_at;     ///< both the log and who leads the shard were looked at then, or later
  bool closed = false;  ///< it cannot be read; log_end: nothing was logged since the position
};
/// Its log reader beats: for all its members at once, each `limits::heartbeat`, so that no shard needs a timer.
Events on_beat(State const& state, Moment& moment, LogView const& log);
/// `is_read`: a log reader serves it, and beats.
Events on_wake(State const& state, Moment& moment, bool is_read);

Instant next_wake(State const& state, bool is_read);  ///< shard::never: nothing to do by itself
bool window_is_full(State const& state);
bool wants_turn(State const& state);
/// Its position is good as far as anybody knows, and is only to be compared.
bool wants_check(State const& state);
bool holds_turn(State const& state);
Tailing const* tailing(State const& state);
sync::ShardReport report(State const& state);

}  // namespace arangosync::shard::sender
