// What a datacenter knows about its synchronizations: the one it receives from, those it sends to, and their shards.
//
// Called by the master's root room, which decides; this room keeps the books. Durable parts are in sync.h; the rest is
// the leader's memory. A *partner* is the other datacenter: absent for the source we receive from, else a target's
// cluster id.
#pragma once

#include "domain/base/ids.h"
#include "domain/base/instant.h"
#include "domain/sync/sync.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace arangosync::sync {

using Partner = std::optional<ClusterId>;

/// What the source last said of our barrier, and until when that is certainly true.
struct HeldBarrier {
  BarrierState said;
  Instant until;
  friend bool operator==(HeldBarrier const&, HeldBarrier const&) = default;
};

struct State {
  ClusterId cluster_id;  ///< empty until this datacenter becomes a target
  Life life;             ///< of the incoming synchronization, or of the last one
  std::optional<Incoming> incoming;
  std::map<ClusterId, Outgoing> outgoing;
  std::map<ClusterId, Heard> heard;  ///< source: from every target, also from those that are gone
  bool cancellation_aborted = false;
  // ---- volatile
  std::map<Partner, Instant> renew_at;  ///< when the token a partner gave us is due for renewal
  std::set<Partner> renewing;
  bool source_token_lost = false;   ///< ask the source for a new one
  std::optional<Instant> abort_at;  ///< a forced stop gives the source up then
  std::set<ShardRef> withdrawn;     ///< cancelled shards the source knows about
  std::map<std::pair<Partner, ShardRef>, ShardReport> reports;
  /// Received; whoever reported is gone, and no report came since: not known to be in sync.
  std::set<ShardRef> unheard;
  std::map<Partner, std::uint64_t> running;  ///< shards whose durable status is Running; no entry: none
  InventoryReport inventory;                 ///< as the inventory receiver tells
  std::optional<HeldBarrier> held;           ///< target: the source is read-only for us
  bool barrier_due = false;                  ///< target: the source is to be asked to hold it (still)
  std::optional<Instant> barrier_ask_at;     ///< target: when that is due next
  /// Target: unless somebody shows until then that he waits behind it, the barrier is given up. Absent: none is held,
  /// or the stop has begun, which keeps it until the source has been told.
  std::optional<Instant> barrier_awaited_until;
  std::map<ClusterId, Instant> barrier_ends;  ///< source: unless that target asks again
  std::map<ClusterId, Order> barrier_orders;  ///< source: the newest of each target about its barrier
  bool lineage_due = false;                   ///< target: the source is to be asked whom it receives from
  friend bool operator==(State const&, State const&) = default;
};

// ---- events about the source we receive from; durable ---------------------------------------------------------------
struct ClusterIdDrawn {
  ClusterId id;
  friend bool operator==(ClusterIdDrawn const&, ClusterIdDrawn const&) = default;
};
struct LifeBegun {
  Life life;
  friend bool operator==(LifeBegun const&, LifeBegun const&) = default;
};
struct IncomingConfigured {
  std::vector<Url> source;
  Authentication authentication;
  friend bool operator==(IncomingConfigured const&, IncomingConfigured const&) = default;
};
struct IncomingReconfigured {  ///< more endpoints of the same source, or other credentials
  std::vector<Url> source;
  Authentication authentication;
  friend bool operator==(IncomingReconfigured const&, IncomingReconfigured const&) = default;
};
struct SourceLearned {
  std::string source_prefix;
  std::string target_prefix;
  std::vector<Url> source;  ///< configured and learned
  std::vector<ClusterId> lineage;
  task::QueueConfig queue;
  WallTime token_expires;
  Instant renew_at;
  friend bool operator==(SourceLearned const&, SourceLearned const&) = default;
};
struct OwnTokenGiven {  ///< the source is to be told (again)
  Token token;
  friend bool operator==(OwnTokenGiven const&, OwnTokenGiven const&) = default;
};
struct SourceAccepted {
  friend bool operator==(SourceAccepted const&, SourceAccepted const&) = default;
};
/// The source does not know us any more: it is to be told everything again.
struct SourceForgot {
  friend bool operator==(SourceForgot const&, SourceForgot const&) = default;
};
struct LineageLearned {
  std::vector<ClusterId> lineage;
  friend bool operator==(LineageLearned const&, LineageLearned const&) = default;
};
struct BarrierWished {
  BarrierWish wish = BarrierWish::None;
  std::optional<Instant> awaited_until;  ///< of Hold
  friend bool operator==(BarrierWished const&, BarrierWished const&) = default;
};
struct IncomingFailed {
  std::string message;
  friend bool operator==(IncomingFailed const&, IncomingFailed const&) = default;
};
struct IncomingCancelled {
  Cancellation cancellation;
  std::optional<Instant> abort_at;
  friend bool operator==(IncomingCancelled const&, IncomingCancelled const&) = default;
};
struct SourceLeft {  ///< told, or given up
  bool told = false;
  friend bool operator==(SourceLeft const&, SourceLeft const&) = default;
};
struct IncomingRemoved {
  friend bool operator==(IncomingRemoved const&, IncomingRemoved const&) = default;
};
using IncomingEvent = std::variant<ClusterIdDrawn, LifeBegun, IncomingConfigured, IncomingReconfigured, SourceLearned,
                                   OwnTokenGiven, SourceAccepted, SourceForgot, LineageLearned, BarrierWished,
                                   IncomingFailed, IncomingCancelled, SourceLeft, IncomingRemoved>;

// ---- events about a target we send to; durable ----------------------------------------------------------------------
struct TargetHeard {  ///< the newest order about its synchronization as a whole
  ClusterId id;
  Heard heard;
  friend bool operator==(TargetHeard const&, TargetHeard const&) = default;
};
struct OutgoingEntered {
  Outgoing outgoing;
  Instant renew_at;
  friend bool operator==(OutgoingEntered const&, OutgoingEntered const&) = default;
};
struct OutgoingUpdated {
  ClusterId id;
  std::vector<Url> target;
  task::QueueConfig queue;
  Instant renew_at;
  friend bool operator==(OutgoingUpdated const&, OutgoingUpdated const&) = default;
};
struct OutgoingCancelled {
  ClusterId id;
  std::optional<ServerMode> final_mode;
  friend bool operator==(OutgoingCancelled const&, OutgoingCancelled const&) = default;
};
struct OutgoingRemoved {
  ClusterId id;
  friend bool operator==(OutgoingRemoved const&, OutgoingRemoved const&) = default;
};
struct BarrierRaised {
  ClusterId id;
  BarrierId barrier;
  Instant ends;
  friend bool operator==(BarrierRaised const&, BarrierRaised const&) = default;
};
struct BarrierHeld {  ///< the cluster is read-only
  ClusterId id;
  WallTime at;
  friend bool operator==(BarrierHeld const&, BarrierHeld const&) = default;
};
struct BarrierDropped {  ///< to be lifted: the target said so, or was silent too long
  ClusterId id;
  friend bool operator==(BarrierDropped const&, BarrierDropped const&) = default;
};
struct BarrierLifted {
  ClusterId id;
  friend bool operator==(BarrierLifted const&, BarrierLifted const&) = default;
};
using OutgoingEvent = std::variant<TargetHeard, OutgoingEntered, OutgoingUpdated, OutgoingCancelled, OutgoingRemoved,
                                   BarrierRaised, BarrierHeld, BarrierDropped, BarrierLifted>;

// ---- events about either -------------------------------------------------------------------------------------------
struct StatusReached {  ///< durable
  Partner partner;
  Status status = Status::Running;
  friend bool operator==(StatusReached const&, StatusReached const&) = default;
};
struct RemoteTokenKept {  ///< durable
  Partner partner;
  Token token;
  WallTime expires_at;
  Instant renew_at;
  friend bool operator==(RemoteTokenKept const&, RemoteTokenKept const&) = default;
};
struct RemoteTokenFound {  ///< the partner knows it, and nothing about it has changed
  Partner partner;
  Instant renew_at;
  friend bool operator==(RemoteTokenFound const&, RemoteTokenFound const&) = default;
};
struct RemoteTokenDue {
  Partner partner;
  friend bool operator==(RemoteTokenDue const&, RemoteTokenDue const&) = default;
};
struct RemoteTokenLost {  ///< the partner does not know it any more
  Partner partner;
  Instant renew_at;
  friend bool operator==(RemoteTokenLost const&, RemoteTokenLost const&) = default;
};
struct InventoryReported {
  InventoryReport report;
  friend bool operator==(InventoryReported const&, InventoryReported const&) = default;
};
struct BarrierRenewed {  ///< by a target
  ClusterId id;
  Instant ends;
  friend bool operator==(BarrierRenewed const&, BarrierRenewed const&) = default;
};
struct BarrierOrdered {  ///< by a target: up or down
  ClusterId id;
  Order order;
  friend bool operator==(BarrierOrdered const&, BarrierOrdered const&) = default;
};
struct BarrierAwaited {  ///< somebody waits behind it
  Instant until;
  friend bool operator==(BarrierAwaited const&, BarrierAwaited const&) = default;
};
struct BarrierDue {  ///< the source is to be asked
  friend bool operator==(BarrierDue const&, BarrierDue const&) = default;
};
struct BarrierAnswered {
  std::optional<HeldBarrier> held;  ///< absent: the source is not read-only yet
  Instant ask_at;
  friend bool operator==(BarrierAnswered const&, BarrierAnswered const&) = default;
};
struct BarrierLost {  ///< the source was not heard from in time
  friend bool operator==(BarrierLost const&, BarrierLost const&) = default;
};
struct LineageDue {
  friend bool operator==(LineageDue const&, LineageDue const&) = default;
};
struct LineageTaken {
  Instant at;
  friend bool operator==(LineageTaken const&, LineageTaken const&) = default;
};
using PartnerEvent = std::variant<StatusReached, RemoteTokenKept, RemoteTokenFound, RemoteTokenDue, RemoteTokenLost,
                                  InventoryReported, BarrierRenewed, BarrierOrdered, BarrierAwaited, BarrierDue,
                                  BarrierAnswered, BarrierLost, LineageDue, LineageTaken>;

// ---- events about shards -------------------------------------------------------------------------------------------
struct ShardAdded {  ///< durable; replaces a cancelled entry
  Partner partner;
  ShardEntry entry;
  friend bool operator==(ShardAdded const&, ShardAdded const&) = default;
};
struct ShardStatusReached {  ///< durable
  Partner partner;
  ShardRef shard;
  Status status = Status::Running;
  friend bool operator==(ShardStatusReached const&, ShardStatusReached const&) = default;
};
struct ShardCancelled {  ///< durable; `restart`: start it anew once it is gone
  Partner partner;
  ShardRef shard;
  bool restart = false;
  std::optional<Order> order;  ///< source: that asks for it
  friend bool operator==(ShardCancelled const&, ShardCancelled const&) = default;
};
struct ShardWithdrawn {  ///< the source has stopped a cancelled shard
  ShardRef shard;
  friend bool operator==(ShardWithdrawn const&, ShardWithdrawn const&) = default;
};
struct ShardRemoved {  ///< durable; of a shard that is not there: a start that is still on its way must not begin it
  Partner partner;
  ShardRef shard;
  std::optional<Order> order;  ///< source: that asks for it; absent: the newest one about the shard
  friend bool operator==(ShardRemoved const&, ShardRemoved const&) = default;
};
struct ReportTaken {
  StatusEntry entry;
  friend bool operator==(ReportTaken const&, ReportTaken const&) = default;
};
using ShardEvent =
    std::variant<ShardAdded, ShardStatusReached, ShardCancelled, ShardWithdrawn, ShardRemoved, ReportTaken>;

/// Initializing, InitialSync or Running.
bool is_active(Status status);
/// Status of a partner; absent: no such partner (Inactive for the source).
std::optional<Status> status_of(State const& state, Partner const& partner);
std::map<ShardRef, ShardEntry> const* shards_of(State const& state, Partner const& partner);
ShardEntry const* find(State const& state, Partner const& partner, ShardRef const& shard);
/// The queue of a partner that exists. A source that names no CA of its own is verified by the one that the operator
/// gave for it: a queue without any would be read from whoever answers.
task::QueueConfig queue_of(State const& state, Partner const& partner);
/// The target has all that the source's log held after the source became read-only, under the barrier that holds now.
bool is_in_sync(State const& state, Partner const& partner, ShardRef const& shard);
/// Whoever looked after it is gone: what he said of it may not be so any more.
void lose_sight(State& state, task::Spec const& spec);
/// The target's structure is what the source's was after the source became read-only, under the barrier that holds now.
bool has_structure(State const& state);
/// The next moment at which something about a barrier is due.
std::optional<Instant> next_barrier_moment(State const& state);
/// This datacenter and all it receives from, nearest first, as far as they are known.
std::vector<ClusterId> lineage_of(State const& state);
/// An order from that target that a newer one about the same thing has overtaken: about its synchronization as a whole,
/// about a shard, or (of a former life) about anything.
bool is_late(State const& state, ClusterId const& target, std::optional<Order> const& order);
bool is_late(State const& state, ClusterId const& target, ShardRef const& shard, std::optional<Order> const& order);
bool is_of_former_life(State const& state, ClusterId const& target, std::optional<Order> const& order);
/// A task of this purpose is to be stopped: its partner or its shard is cancelled or gone.
bool is_cancelled(State const& state, Partner const& partner, std::optional<ShardRef> const& shard);

void apply(State& state, IncomingEvent const& event);
void apply(State& state, OutgoingEvent const& event);
void apply(State& state, PartnerEvent const& event);
void apply(State& state, ShardEvent const& event);
/// Derives what is not stored; `renew_at` is granted to every partner.
State restored(ClusterId cluster_id, std::optional<Incoming> incoming, std::map<ClusterId, Outgoing> outgoing,
               bool cancellation_aborted, Instant at);
void check_invariants(State const& state);

}  // namespace arangosync::sync
