// Everything a worker hears (commands) and everything it asks for (effects).
//
// Called by: app/worker, which performs effects through the ports; adapters, which answer with commands. Rules:
//  - an effect with a RequestId is answered by exactly one command with the same RequestId, eventually, at the latest
//  as
//    a Fault when the adapter's own deadline has passed; performing an effect twice is harmless;
//  - answers may arrive in any order; one that no longer fits is ignored by the machine;
//  - a command never says what to do about a failure, only its class (base/result.h).
#pragma once

#include "domain/base/ids.h"
#include "domain/base/instant.h"
#include "domain/base/result.h"
#include "domain/inventory/plan.h"
#include "domain/inventory/structure.h"
#include "domain/revision/revision_id.h"
#include "domain/shard/ids.h"
#include "domain/shard/message.h"
#include "domain/shard/position.h"
#include "domain/sync/status.h"
#include "domain/task/task.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace arangosync::worker {

using shard::CopyId;
using shard::SnapshotId;
using shard::SyncerId;
using shard::TargetShard;
/// One reader of one DB-Server's log: the shared one, or a private one of a shard that catches up.
using ReaderId = StrongCounter<struct ReaderIdTag>;
/// A document on the target that one worker counts up (pulse.h); drawn, never 0.
using PulseId = Strong<struct PulseIdTag, std::uint64_t>;
/// The beat under which something was stored on the target. Void where the pulse has not come so far: that target was
/// set back to an earlier moment, and what was stored speaks of what it no longer has.
struct Stamp {
  PulseId pulse;
  std::uint64_t beat = 0;
  friend bool operator==(Stamp const&, Stamp const&) = default;
};

// ================================================================================================= commands

// ---- from the own master ----------------------------------------------------------------------------------------
/// Idempotent: of a task that runs already only another `remote` or `reign` is taken. Not started by a worker that is
/// not known to itself as `worker`: a new registration voids all tasks of the former one, so one that came first would
/// be lost. Nor for a leader that another has followed (registration.h), or that has ordered it to stop since
/// (orders.h).
struct StartTask {
  TaskId task;
  task::Spec spec;
  task::QueueConfig remote;  ///< the other datacenter's queue
  WorkerId worker;           ///< whom the master means; empty: whoever is asked
  /// Of the inventory's receiver: for which shards the master has tasks, whoever had them started.
  std::vector<ShardRef> shards = {};
  Term term = {};         ///< of the leader that orders it; 0: it does not say
  Reign reign = {};       ///< of a shard's sender: who leads it, since when
  RequestId number = {};  ///< of the order, growing within that leader; 0: it does not say
};
/// Not carried out by a worker that runs the task and is not known to itself as `worker`: a task keeps its id when it
/// is given anew, so this may be a late order to the registration before. Nor if it runs by a newer order.
struct StopTask {
  TaskId task;
  WorkerId worker = {};  ///< whom the master means; empty: whoever is asked
  Term term = {};
  RequestId number = {};  ///< as above
};
struct Registration {
  WorkerId id;
  Duration expires_after{0};  ///< counted from before the registration was sent
  Duration message_timeout{0};
  std::uint64_t server_id = 0;  ///< serverId towards ArangoDB's replication API
  Term term = {};               ///< of the leader that answers; 0: it does not say
};
struct Registered {
  RequestId request;
  Outcome<Registration> outcome;
};
struct Reported {  ///< answers ReportStatus, ReportInventory, AskShardStart, AskShardStop
  RequestId request;
  Outcome<Done> outcome;
};
struct TimerFired {
  TimerName timer;
};

// ---- from the own cluster as source -------------------------------------------------------------------------------
struct StructureRead {  ///< answers ReadStructure
  RequestId request;
  Outcome<inventory::Structure> outcome;
};
struct Snapshot {
  SnapshotId id;
  Tick tick;               ///< the log continues the snapshot from here
  std::string instance;    ///< server.serverId behind the server
  std::uint64_t boot = 0;  ///< how often the server was started; 0: it does not say
  /// The shard's revision tree in the snapshot, coarse where the whole would be large (adapters/codec/comparison.h).
  /// Absent: not asked for, or the shard has none that can be had.
  std::optional<Blob> tree;
  bool tree_may_come = false;  ///< another snapshot may have it
  std::string route;           ///< by which it was made, for people; empty: it does not say
};
struct SnapshotOpened {
  RequestId request;
  Outcome<Snapshot> outcome;
};
struct SnapshotChunk {
  shard::Payload documents;  ///< upserts
  bool last = false;
};
struct SnapshotRead {
  RequestId request;
  Outcome<SnapshotChunk> outcome;  ///< NotFound: the snapshot is gone, or a chunk was lost on the way: start over
};
/// What the target lacks, and what it has too much, in the ranges of one part of a comparison.
struct DifferenceChunk {
  shard::Payload changes;                    ///< upserts
  std::optional<revision::RevisionId> next;  ///< more of the part begins there; absent: the part is dealt with
  std::optional<Blob> detail;                ///< with the last chunk: the finer tree of the ranges that asked for it
  shard::Payload removals;                   ///< by revision
};
struct DifferenceRead {
  RequestId request;
  Outcome<DifferenceChunk> outcome;  ///< NotFound: the snapshot is gone: start over. Permanent: the part is nonsense
};
struct SnapshotClosed {
  RequestId request;
  Outcome<Done> outcome;
};
/// Changes of one shard out of one log read.
struct LogSlice {
  DatabaseName database;
  ShardName shard;
  shard::Payload changes;
};
struct LogChunk {
  std::vector<LogSlice> slices;  ///< only shards of the reader's filter, only past their skip_until, each at most once
  Tick from;                     ///< the position after this chunk (spec read 6.4) …
  Tick last_scanned;             ///< … both halves
  Tick newest;                   ///< last tick of the server at that moment
  std::string instance;
  std::uint64_t boot = 0;    ///< how often the server was started, asked before the log; 0: it does not say
  bool lost = false;         ///< history after the asked position is gone (spec read 6.8): discard, resynchronize
  bool at_end = false;       ///< read to the end of the log
  bool at_boundary = false;  ///< not inside a transaction: everything up to max(from, last_scanned) is delivered
  WallTime read_at;
  /// The log of this server cannot be read now: `newest` is all that is known of it, the position stays.
  bool closed = false;
  std::string route;  ///< by which it was read, for people; empty: it does not say
};
struct LogRead {
  RequestId request;
  Outcome<LogChunk> outcome;
};

// ---- from the own cluster as target -------------------------------------------------------------------------------
struct TargetStructure {
  inventory::Structure structure;
  inventory::Origins origins;
  inventory::CopyLimits limits;
  friend bool operator==(TargetStructure const&, TargetStructure const&) = default;
};
struct TargetStructureRead {  ///< answers ReadTargetStructure
  RequestId request;
  Outcome<TargetStructure> outcome;
};
struct StepApplied {
  RequestId request;
  Outcome<Done> outcome;
};
struct PositionRead {
  RequestId request;
  Outcome<TargetShard> outcome;
};
/// Where a shard of the target differs from a tree of the source.
struct Comparison {
  std::string copy_instead;                  ///< why not to compare; with ranges: it does differ, but a copy is cheaper
  Blob ranges;                               ///< of this part; empty: nothing (more) differs
  bool wants_detail = false;                 ///< some of them ask for a finer tree
  std::optional<revision::RevisionId> next;  ///< the next part begins there; absent: the tree is compared to its end
  friend bool operator==(Comparison const&, Comparison const&) = default;
};
struct TreeCompared {
  RequestId request;
  Outcome<Comparison> outcome;
};
struct PositionsStored {
  RequestId request;
  Outcome<Done> outcome;
};
enum class PulseFound {
  AsLeft,   ///< and counted up now
  SetBack,  ///< an older count, or none: the target is as it was at an earlier moment
};
struct BeatAnswered {
  RequestId request;
  Outcome<PulseFound> outcome;
};
struct ApplyReport {
  std::uint32_t upserted = 0;
  std::uint32_t removed = 0;
};
struct BatchApplied {
  RequestId request;
  Outcome<ApplyReport> outcome;
};
struct SurplusRemoved {
  RequestId request;
  Outcome<std::uint64_t> outcome;  ///< documents removed
};

// ---- from the queue -------------------------------------------------------------------------------------------------
/// In channel order; again after a restart until committed. Not beyond the adapter's prefetch window.
struct MessageArrived {
  ChannelName channel;
  Offset offset;
  shard::Message message;
};
/// A message that cannot be decoded (other version, broken bytes). Counts as lost: the receiver asks for a new epoch.
struct MessageUnreadable {
  ChannelName channel;
  Offset offset;
  std::string reason;
};
struct Published {
  RequestId request;
  Outcome<Done> outcome;  ///< taken over by the local queue; Retry: it is full
};

using Command = std::variant<StartTask, StopTask, Registered, Reported, TimerFired, StructureRead, SnapshotOpened,
                             SnapshotRead, DifferenceRead, SnapshotClosed, LogRead, TargetStructureRead, StepApplied,
                             PositionRead, PositionsStored, BeatAnswered, TreeCompared, BatchApplied, SurplusRemoved,
                             MessageArrived, MessageUnreadable, Published>;

// ================================================================================================== effects

// ---- to the own master ------------------------------------------------------------------------------------------
struct Register {
  RequestId request;
  friend bool operator==(Register const&, Register const&) = default;
};
struct ReportStatus {
  RequestId request;
  std::vector<sync::StatusEntry> entries;  ///< incoming and outgoing mixed
  WorkerId worker = {};                    ///< the registration that has seen that: the master believes no former one
  Term term = {};  ///< of the leader it is told to, as far as the worker knows; the request is its number
  friend bool operator==(ReportStatus const&, ReportStatus const&) = default;
};
struct ReportInventory {
  RequestId request;
  sync::InventoryReport report;
  TaskId task = {};
  WorkerId worker = {};  ///< as above
  Term term = {};        ///< as above
  friend bool operator==(ReportInventory const&, ReportInventory const&) = default;
};
struct AskShardStart {  ///< "this shard's collection exists on the target: start its tasks"; idempotent
  RequestId request;
  ShardRef shard;
  TaskId task;      ///< the inventory's receiver that asks, …
  WorkerId worker;  ///< … and the registration it runs under: the master obeys no other
  friend bool operator==(AskShardStart const&, AskShardStart const&) = default;
};
struct AskShardStop {
  RequestId request;
  ShardRef shard;
  TaskId task;  ///< as above
  WorkerId worker;
  friend bool operator==(AskShardStop const&, AskShardStop const&) = default;
};
struct WakeAt {  ///< comes back as TimerFired; replaces an earlier one of the same name
  TimerName timer;
  Instant at;
  friend bool operator==(WakeAt const&, WakeAt const&) = default;
};

// ---- to the own cluster as source -----------------------------------------------------------------------------------
struct ReadStructure {
  RequestId request;
  friend bool operator==(ReadStructure const&, ReadStructure const&) = default;
};
struct OpenSnapshot {
  RequestId request;
  ServerId server;
  DatabaseName database;
  ShardName shard;
  SyncerId
      syncer;  ///< keeps the log after the snapshot's tick while the snapshot lives and the later reader's until then
  bool tree = false;  ///< read the shard's revision tree at once, too; tried with new snapshots when it is not at hand
  friend bool operator==(OpenSnapshot const&, OpenSnapshot const&) = default;
};
struct ReadSnapshot {
  RequestId request;
  SnapshotId snapshot;
  ShardName shard;
  std::uint64_t chunk = 0;  ///< 0, 1, 2, …: lets the adapter see a lost chunk (spec read 5.4)
  std::size_t chunk_bytes = 0;
  friend bool operator==(ReadSnapshot const&, ReadSnapshot const&) = default;
};
/// Compares the target's revisions that `part` lists with the snapshot's, from revision `from` of its ranges on. The
/// same question has the same answer as long as the snapshot lives.
struct ReadDifference {
  RequestId request;
  SnapshotId snapshot;
  ShardName shard;
  Blob part;
  revision::RevisionId from;
  std::size_t chunk_bytes = 0;
  friend bool operator==(ReadDifference const&, ReadDifference const&) = default;
};
struct CloseSnapshot {  ///< the adapter makes the log request that must follow (spec read 5.2), with this syncer and
                        ///< tick
  RequestId request;
  SnapshotId snapshot;
  SyncerId syncer;
  Tick tick;
  friend bool operator==(CloseSnapshot const&, CloseSnapshot const&) = default;
};
/// One shard a reader delivers; its markers up to and including skip_until are left out.
struct ShardFilter {
  DatabaseName database;
  ShardName shard;
  Tick skip_until;
  friend bool operator==(ShardFilter const&, ShardFilter const&) = default;
};
struct ReadLog {
  RequestId request;
  ReaderId reader;
  ServerId server;
  SyncerId syncer;
  Tick from;
  Tick last_scanned;
  std::size_t chunk_bytes = 0;
  /// Absent: as in this reader's previous read. A private reader (exactly one shard for ever) says so with `only`.
  std::optional<std::vector<ShardFilter>> filter;
  bool only = false;
  friend bool operator==(ReadLog const&, ReadLog const&) = default;
};
struct ForgetReader {  ///< unregister at the server; no answer
  ReaderId reader;
  ServerId server;
  SyncerId syncer;
  friend bool operator==(ForgetReader const&, ForgetReader const&) = default;
};

// ---- to the own cluster as target -----------------------------------------------------------------------------------
struct ReadTargetStructure {
  RequestId request;
  friend bool operator==(ReadTargetStructure const&, ReadTargetStructure const&) = default;
};
struct ApplyStep {
  RequestId request;
  inventory::Step step;
  Instant deadline;  ///< give up before this: the worker's lease ends then
  friend bool operator==(ApplyStep const&, ApplyStep const&) = default;
};
struct ReadPosition {  ///< unless its stamp is void; and of which source collection the shard is a copy
  RequestId request;
  ShardRef shard;
  friend bool operator==(ReadPosition const&, ReadPosition const&) = default;
};
struct StoredPosition {
  ShardRef shard;
  std::optional<shard::Position> position;  ///< absent: forget it (a full copy begins)
  friend bool operator==(StoredPosition const&, StoredPosition const&) = default;
};
struct StorePositions {
  RequestId request;
  std::vector<StoredPosition> positions;
  Stamp stamp;  ///< of the positions; without meaning where all are forgotten
  Instant deadline;
  friend bool operator==(StorePositions const&, StorePositions const&) = default;
};
/// Counts the pulse up to the stamp's beat if it has come just so far, or is there already (an answer was lost); the
/// first beat makes it. Compared and set in one step, so that no late one counts up what was restored meanwhile.
/// `forget_before`: pulses that have not beaten since then are removed, their workers are dead.
struct Beat {
  RequestId request;
  Stamp stamp;
  WallTime at;
  std::optional<WallTime> forget_before;
  Instant deadline;
  friend bool operator==(Beat const&, Beat const&) = default;
};
/// Reads the target's tree of the shard, compares it with the source's from revision `from` on, and lists the target's
/// revisions of the first ranges that differ. Depends on nothing but the tree and the target, which only this shard's
/// task changes; the adapter may remember the target's tree under `comparison` until ForgetCopy.
struct CompareTree {
  RequestId request;
  ShardRef shard;
  CopyId comparison;
  Blob tree;
  revision::RevisionId from;
  std::size_t part_bytes = 0;
  friend bool operator==(CompareTree const&, CompareTree const&) = default;
};
/// Only the last change of each key counts, over all payloads: what is left has no key in common, so the adapter may
/// write it in pieces and in any order, removals before upserts (docs/decisions/0009).
struct ApplyBatch {
  RequestId request;
  ShardRef shard;                       ///< the adapter maps `_jobs`, `_queues` to their backup collections
  std::vector<shard::Payload> changes;  ///< one after the other
  std::optional<CopyId> copy;           ///< remember the keys as brought by this copy
  Instant deadline;
  /// They are of a log, and the target may have what comes later in it already (it is sent again after an answer was
  /// lost): a document that is newer than one of them keeps its unique values, and that one is left out.
  bool of_log = false;
  friend bool operator==(ApplyBatch const&, ApplyBatch const&) = default;
};
struct RemoveSurplus {  ///< remove what is in the shard and was not brought by the copy; forgets the copy's keys
  RequestId request;
  ShardRef shard;
  CopyId copy;
  Instant deadline;
  friend bool operator==(RemoveSurplus const&, RemoveSurplus const&) = default;
};
struct ForgetCopy {  ///< the copy was abandoned, or the comparison is over; no answer
  CopyId copy;
  friend bool operator==(ForgetCopy const&, ForgetCopy const&) = default;
};

// ---- to the queue ---------------------------------------------------------------------------------------------------
struct Subscribe {  ///< read a channel of the other datacenter; idempotent; messages come as MessageArrived
  ChannelName channel;
  task::QueueConfig remote;
  std::optional<ShardRef> shard;  ///< helps the remote master to find the task (spec api 5.4)
  friend bool operator==(Subscribe const&, Subscribe const&) = default;
};
struct Unsubscribe {
  ChannelName channel;
  friend bool operator==(Unsubscribe const&, Unsubscribe const&) = default;
};
struct Commit {  ///< messages up to and including offset are dealt with; no answer
  ChannelName channel;
  Offset offset;
  friend bool operator==(Commit const&, Commit const&) = default;
};
struct Publish {
  std::optional<RequestId> request;  ///< absent: nobody waits for it, and it may be lost
  ChannelName channel;
  shard::Message message;
  friend bool operator==(Publish const&, Publish const&) = default;
};
struct DropChannel {  ///< forget what was published on it; no answer
  ChannelName channel;
  friend bool operator==(DropChannel const&, DropChannel const&) = default;
};

using Effect = std::variant<Register, ReportStatus, ReportInventory, AskShardStart, AskShardStop, WakeAt, ReadStructure,
                            OpenSnapshot, ReadSnapshot, ReadDifference, CloseSnapshot, ReadLog, ForgetReader,
                            ReadTargetStructure, ApplyStep, ReadPosition, StorePositions, Beat, CompareTree, ApplyBatch,
                            RemoveSurplus, ForgetCopy, Subscribe, Unsubscribe, Commit, Publish, DropChannel>;

}  // namespace arangosync::worker
