// What travels between a send-shard and a receive-shard task, and between the inventory tasks.
//
// Data flows source → target on the data channel; control flows target → source on the control channel. Every data
// message carries the epoch its receiver drew, the answer its sender drew, and its sequence within these, starting at
// 1; the receiver takes exactly the next one of the answer it heard first, drops what it has seen, and asks for a new
// epoch when one is missing. A heartbeat has no number of its own: it carries that of the message before it
// (docs/decisions/0023). Wire form: adapters/codec.
#pragma once

#include "domain/base/blob.h"
#include "domain/base/ids.h"
#include "domain/base/instant.h"
#include "domain/inventory/structure.h"
#include "domain/shard/ids.h"
#include "domain/shard/position.h"

#include <cstdint>
#include <optional>
#include <variant>

namespace arangosync::shard {

/// A batch of changes (upsert, remove, truncate, in a comparison also remove-by-revision) of one shard, in log order;
/// encoded once at the source (adapters/codec/changes.h) and decoded only where it is applied.
struct Payload {
  Blob changes;
  std::uint32_t count = 0;  ///< changes in it
  friend bool operator==(Payload const&, Payload const&) = default;
};

// ---- data channel -----------------------------------------------------------------------------------------------

/// "I send this shard now and know no epoch": makes the receiver answer with Request. Epoch 0, sequence 0.
struct Hello {
  friend bool operator==(Hello const&, Hello const&) = default;
};
/// A full copy begins; everything the target has of this shard and the copy does not bring is surplus.
struct SnapshotBegin {
  std::string collection;  ///< id of the source's collection: the receiver refuses another one than it is a copy of
  friend bool operator==(SnapshotBegin const&, SnapshotBegin const&) = default;
};
struct SnapshotDocuments {
  Payload documents;
  friend bool operator==(SnapshotDocuments const&, SnapshotDocuments const&) = default;
};
/// The copy is complete and equals the shard at `position`; the log continues from there.
struct SnapshotEnd {
  Position position;
  std::uint64_t documents = 0;  ///< how many the copy had, to be checked by the receiver
  friend bool operator==(SnapshotEnd const&, SnapshotEnd const&) = default;
};
/// A comparison begins: `tree` is (a coarse form of) the shard's revision tree in the snapshot; the receiver says with
/// Difference where the target's differs, or with CopyWanted that it cannot.
struct CompareBegin {
  std::string collection;  ///< as in SnapshotBegin
  Blob tree;               ///< adapters/codec/comparison.h
  friend bool operator==(CompareBegin const&, CompareBegin const&) = default;
};
/// Upserts of documents that the target lacks and removals, by revision, of those that only the target has.
struct CompareChanges {
  Payload changes;
  friend bool operator==(CompareChanges const&, CompareChanges const&) = default;
};
/// Everything that Difference `part` asked for is sent. `detail`: the finer tree of the ranges for which it asked it.
struct PartDone {
  std::uint32_t part = 0;
  std::optional<Blob> detail;
  friend bool operator==(PartDone const&, PartDone const&) = default;
};
/// The target equals the shard at `position`, the snapshot's; the log continues from there.
struct CompareEnd {
  Position position;
  friend bool operator==(CompareEnd const&, CompareEnd const&) = default;
};
/// Changes from the log; when applied, the shard is at `position`.
struct Changes {
  Payload changes;
  Position position;
  WallTime source_time;  ///< when the source's worker read them
  bool log_end = false;  ///< the log was read to its end then
  friend bool operator==(Changes const&, Changes const&) = default;
};
/// Nothing (more) to apply up to `position`; proves that the stream lives, and that nothing before it is lost.
/// `log_end`: the log was read to its end, so at `source_time` the target lacked nothing but what it has not applied
/// yet. Of an inventory: what was published last is the structure as read at `source_time`. May be lost itself; only
/// said when the queue has everything before it, and never acknowledged.
struct Heartbeat {
  Position position;
  bool log_end = false;
  WallTime source_time;
  friend bool operator==(Heartbeat const&, Heartbeat const&) = default;
};
/// The sender cannot go on with this shard for now; the receiver shows it as the shard's message.
struct Trouble {
  std::string reason;
  friend bool operator==(Trouble const&, Trouble const&) = default;
};
/// Inventory data channel: the source's whole structure.
struct PublishedStructure {
  inventory::Structure structure;
  WallTime source_time;
  friend bool operator==(PublishedStructure const&, PublishedStructure const&) = default;
};

using DataBody = std::variant<Hello, SnapshotBegin, SnapshotDocuments, SnapshotEnd, CompareBegin, CompareChanges,
                              PartDone, CompareEnd, Changes, Heartbeat, Trouble, PublishedStructure>;

struct DataMessage {
  Epoch epoch;
  Sequence sequence;
  DataBody body;
  AnswerId answer{};  ///< 0 in a Hello
  friend bool operator==(DataMessage const&, DataMessage const&) = default;
};

// ---- control channel --------------------------------------------------------------------------------------------

/// Start a new stream under `epoch` from where the target is; without a position the source compares or copies.
struct Request {
  Epoch epoch;
  std::optional<Position> position;
  bool doubt = false;  ///< the target may differ in spite of its position: compare first, if both sides can
  friend bool operator==(Request const&, Request const&) = default;
};
/// Everything up to `applied` is applied and its position stored: opens the sender's window.
struct Acknowledge {
  Epoch epoch;
  Sequence applied;
  friend bool operator==(Acknowledge const&, Acknowledge const&) = default;
};

/// Where the target differs from the source's tree. Numbered on from the sequence of the CompareBegin, so that parts of
/// two comparisons in one epoch differ; repeated until its PartDone comes.
struct Difference {
  Epoch epoch;
  std::uint32_t part = 0;
  Blob ranges;        ///< with the target's revisions in them, or asking for detail: adapters/codec/comparison.h
  bool last = false;  ///< nothing else differs
  friend bool operator==(Difference const&, Difference const&) = default;
};
/// The target cannot compare, or has so little that a copy is cheaper.
struct CopyWanted {
  Epoch epoch;
  std::string reason;
  friend bool operator==(CopyWanted const&, CopyWanted const&) = default;
};

using ControlMessage = std::variant<Request, Acknowledge, Difference, CopyWanted>;

using Message = std::variant<DataMessage, ControlMessage>;

/// The changes a message brings; null if it brings none.
Payload const* payload_of(DataBody const& body);

/// Bytes a message counts for in windows and queues.
std::size_t weight_bytes(Message const& message);

}  // namespace arangosync::shard
