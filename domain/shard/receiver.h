// The target's half of one shard: takes one numbered stream per epoch, applies it in order, one batch at a time (all of
// one kind that wait make one batch), and acknowledges what is applied and whose position is stored.
//
// In a comparison (docs/decisions/0008) it reads the target's revision tree, says where it differs from the source's,
// in parts, and applies what comes for each part. It doubts its own position, and asks for a comparison, after a
// silence, and once after everything that may have let a late write through: another owner of the shard, a write of its
// own whose outcome it never learned. It takes copies and comparisons only of the source collection whose copy the
// target's collection is.
//
// Used by domain/worker, which feeds it, turns its events into effects and stores the positions of all its shards
// together. Never writes after Moment::write_until; never applies a message out of order; a position is only offered
// for storing after everything before it is applied. Spec arangodb-write 13.2; design page §5.
#pragma once

#include "domain/base/fifo.h"
#include "domain/base/result.h"
#include "domain/revision/revision_id.h"
#include "domain/shard/ids.h"
#include "domain/shard/message.h"
#include "domain/shard/moment.h"
#include "domain/shard/stream.h"
#include "domain/sync/status.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace arangosync::shard::receiver {

/// The position on the target is not known yet.
struct Reading {
  std::optional<RequestId> request;
  friend bool operator==(Reading const&, Reading const&) = default;
};
struct Receiving {
  friend bool operator==(Receiving const&, Receiving const&) = default;
};
/// Nothing is taken until `until`; then a new epoch is drawn.
struct Failed {
  Instant until;
  friend bool operator==(Failed const&, Failed const&) = default;
};
using Phase = std::variant<Reading, Receiving, Failed>;

struct Received {
  Sequence sequence;
  Offset offset;
  DataBody body;
  friend bool operator==(Received const&, Received const&) = default;
};

/// What the target is busy with for the front of the queue. `stale`: its epoch is over, the answer only ends it.
struct Forgetting {  ///< a copy began: the old position must be gone before its first document is applied
  friend bool operator==(Forgetting const&, Forgetting const&) = default;
};
struct Applying {
  RequestId request;
  std::uint32_t messages = 1;  ///< from the front, applied together
  bool stale = false;
  friend bool operator==(Applying const&, Applying const&) = default;
};
struct Comparing {  ///< it is not known yet whether anything differs; the request is the comparison's
  friend bool operator==(Comparing const&, Comparing const&) = default;
};
struct RemovingSurplus {
  RequestId request;
  bool stale = false;
  friend bool operator==(RemovingSurplus const&, RemovingSurplus const&) = default;
};
using Work = std::variant<Forgetting, Applying, Comparing, RemovingSurplus>;

/// A part of a comparison, until the sender has dealt with it.
struct Part {
  std::uint32_t number = 0;
  bool wants_detail = false;
  bool is_last = false;
  ControlMessage message;  ///< Difference, or instead of all of them CopyWanted
  friend bool operator==(Part const&, Part const&) = default;
};
struct ComparisonState {
  CopyId id;
  Fifo<Blob> trees;           ///< of the source, to be compared; the front is under way
  revision::RevisionId from;  ///< where the front is compared on
  std::optional<RequestId> request;
  Instant retry_at;  ///< not before
  std::uint32_t failures = 0;
  std::uint32_t parts_made = 0;
  bool last_made = false;
  Fifo<Part> parts;
  std::uint32_t said = 0;  ///< parts up to this one are with the sender, or on their way
  Instant said_at;
  friend bool operator==(ComparisonState const&, ComparisonState const&) = default;
};

/// Applied, but not yet stored beside the data.
struct Unstored {
  std::optional<Position> position;  ///< absent: a copy began
  Epoch epoch;
  Sequence sequence;
  Offset offset;
  std::optional<WallTime> caught_up = {};  ///< what may be claimed once it is stored
  friend bool operator==(Unstored const&, Unstored const&) = default;
};

struct State {
  ShardRef shard;
  Phase phase;
  std::optional<Position> position;  ///< up to which everything is applied; absent: none, or a copy is under way
  stream::State stream;
  talk::State talk;
  Fifo<Received> queue;
  std::size_t queue_bytes = 0;
  std::optional<Work> work;
  std::string origin;        ///< id of the source collection that the target's collection is a copy of
  bool doubt = false;        ///< the target may differ in spite of its position
  Instant check_at = never;  ///< a late write can have landed until then: compare once after it
  Instant recheck_at;        ///< so can one that has failed since then was known; zero: none has
  std::optional<ComparisonState> comparison;
  std::optional<CopyId> copy;
  std::uint64_t copied = 0;  ///< documents the copy brought so far
  WallTime kept_at;          ///< when `unstored` was last set
  std::optional<Unstored> unstored;
  Sequence confirmed;  ///< of this epoch: applied, and its position stored
  Offset seen;         ///< the last message that the channel brought
  Offset commit;       ///< the channel is dealt with up to here
  std::uint32_t failures = 0;
  std::uint32_t halvings = 0;  ///< of what is applied together: failures since the target last kept up
  Instant retry_at;
  sync::Status status = sync::Status::Initializing;
  std::string message;
  /// The target had everything that the source's log held then; absent: not since this machine or a copy began. Only
  /// what is stored counts: whoever goes on from the stored position brings the target back to it first.
  std::optional<WallTime> caught_up;
  Duration delay{0};  ///< from the last end of the log until the last message was dealt with
  WallTime last_message;
  WallTime last_data_change;
  WallTime last_leader_change;
  std::uint64_t documents = 0;
  std::uint64_t bytes = 0;
  friend bool operator==(State const&, State const&) = default;
};

// ---- events -----------------------------------------------------------------------------------------------------
struct PositionAsked {  ///< → ReadPosition
  RequestId request;
  friend bool operator==(PositionAsked const&, PositionAsked const&) = default;
};
struct PositionKnown {
  TargetShard known;
  Instant check_at;  ///< whoever had the shard before may still have a write under way until then
  friend bool operator==(PositionKnown const&, PositionKnown const&) = default;
};
struct CallFailed {  ///< a call to the target; repeated at retry_at
  Instant retry_at;
  std::optional<Instant> check_at;  ///< what it wrote may land until then
  std::string message;
  friend bool operator==(CallFailed const&, CallFailed const&) = default;
};
struct GivenUp {  ///< → failed, until `until`
  std::string reason;
  Instant until;
  friend bool operator==(GivenUp const&, GivenUp const&) = default;
};
struct OriginRefused {  ///< the source sends another collection than this is a copy of: look again at `again_at`
  std::string reason;
  Instant again_at;
  friend bool operator==(OriginRefused const&, OriginRefused const&) = default;
};
struct Doubted {          ///< the next stream is to begin with a comparison
  bool is_check = false;  ///< late writes have landed by now
  Instant at;             ///< of a check
  friend bool operator==(Doubted const&, Doubted const&) = default;
};
struct SetBack {  ///< the target is as it was at an earlier moment: its position is to be read again
  friend bool operator==(SetBack const&, SetBack const&) = default;
};
struct ComparisonBegun {
  CopyId comparison;
  Blob tree;
  friend bool operator==(ComparisonBegun const&, ComparisonBegun const&) = default;
};
struct TreeAsked {  ///< → CompareTree
  RequestId request;
  friend bool operator==(TreeAsked const&, TreeAsked const&) = default;
};
struct TreeFailed {
  Instant retry_at;
  std::string message;
  friend bool operator==(TreeFailed const&, TreeFailed const&) = default;
};
struct TreeLookedAt {  ///< `next` absent: to its end
  std::optional<revision::RevisionId> next;
  friend bool operator==(TreeLookedAt const&, TreeLookedAt const&) = default;
};
struct PartMade {
  Part part;
  friend bool operator==(PartMade const&, PartMade const&) = default;
};
struct PartsDue {  ///< the first part is to be said again
  friend bool operator==(PartsDue const&, PartsDue const&) = default;
};
struct DifferenceFound {  ///< the position is not true: it is forgotten before anything is applied
  friend bool operator==(DifferenceFound const&, DifferenceFound const&) = default;
};
struct MessageTaken {
  Offset offset;
  DataBody body;
  Instant at;
  WallTime wall;
  friend bool operator==(MessageTaken const&, MessageTaken const&) = default;
};
struct MessageDropped {  ///< → Commit, if nothing before it is pending
  Offset offset;
  friend bool operator==(MessageDropped const&, MessageDropped const&) = default;
};
struct CopyBegun {
  CopyId copy;
  friend bool operator==(CopyBegun const&, CopyBegun const&) = default;
};
struct CopyAbandoned {  ///< or a comparison, or it is over → ForgetCopy
  CopyId copy;
  friend bool operator==(CopyAbandoned const&, CopyAbandoned const&) = default;
};
struct ApplyAsked {  ///< the front of the queue → ApplyBatch
  RequestId request;
  std::uint32_t messages = 1;
  Instant deadline;
  friend bool operator==(ApplyAsked const&, ApplyAsked const&) = default;
};
struct SurplusAsked {  ///< → RemoveSurplus
  RequestId request;
  Instant deadline;
  friend bool operator==(SurplusAsked const&, SurplusAsked const&) = default;
};
/// The front of the queue is dealt with. → Commit, if no position waits to be stored
struct MessageFinished {
  WallTime wall;
  std::uint64_t documents = 0;
  friend bool operator==(MessageFinished const&, MessageFinished const&) = default;
};
struct WorkEnded {                  ///< answer to a call of an epoch that is over
  std::optional<Instant> check_at;  ///< it may be carried out yet
  friend bool operator==(WorkEnded const&, WorkEnded const&) = default;
};
struct PositionStored {  ///< → Commit
  Epoch epoch;
  Sequence sequence;
  Offset offset;
  std::optional<WallTime> caught_up = {};  ///< what may be claimed now
  friend bool operator==(PositionStored const&, PositionStored const&) = default;
};

using Event = std::variant<PositionAsked, PositionKnown, CallFailed, GivenUp, OriginRefused, Doubted, SetBack,
                           ComparisonBegun, TreeAsked, TreeFailed, TreeLookedAt, PartMade, PartsDue, DifferenceFound,
                           MessageTaken, MessageDropped, CopyBegun, CopyAbandoned, ApplyAsked, SurplusAsked,
                           MessageFinished, WorkEnded, PositionStored, stream::Event, talk::Event>;

// ---- the machine ------------------------------------------------------------------------------------------------
State initial_state(ShardRef shard);
State evolve(State state, Event const& event);
void check_invariants(State const& state);

using Events = std::vector<Event>;
Events on_start(State const& state, Moment& moment);
Events on_position_read(State const& state, Moment& moment, RequestId request, Outcome<TargetShard> const& outcome);
Events on_message(State const& state, Moment& moment, Offset offset, DataMessage const& message);
/// A message of the channel that is not for us or cannot be read.
Events on_unreadable(State const& state, Moment& moment, Offset offset);
Events on_applied(State const& state, Moment& moment, RequestId request, Outcome<std::uint64_t> const& documents);
struct Compared {
  std::string copy_instead;
  Blob ranges;
  bool wants_detail = false;
  std::optional<revision::RevisionId> next;
};
Events on_tree_compared(State const& state, Moment& moment, RequestId request, Outcome<Compared> const& outcome);
Events on_surplus_removed(State const& state, Moment& moment, RequestId request,
                          Outcome<std::uint64_t> const& documents);
Events on_stored(State const& state, Moment& moment, Unstored const& stored);
Events on_published(State const& state, Moment& moment, RequestId request, Outcome<Done> const& outcome);
/// The target may be as it was at an earlier moment: nothing that is remembered of it is believed.
Events on_set_back(State const& state, Moment& moment);
Events on_stop(State const& state);
Events on_wake(State const& state, Moment& moment);

/// `waits_for_lease`: whoever gives the lease back wakes it, so it does not ask for that itself.
Instant next_wake(State const& state, Duration message_timeout, bool waits_for_lease = false);
/// Something could be written, were it allowed: wake it when writing is allowed again.
bool waits_for_lease(State const& state, Instant at);
sync::ShardReport report(State const& state);

}  // namespace arangosync::shard::receiver
