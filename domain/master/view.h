// Read-only questions about a master's state, for the REST adapter (spec arangosync-api 3 to 5) and for logs and
// metrics.
//
// Called through the engine's query(), on a state in which nothing is unsaved. Nothing here changes anything. Unless
// said otherwise the answers are the leader's; a master that does not lead answers with what is empty.
#pragma once

#include "domain/master/master.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace arangosync::master {

// ---- any master ----------------------------------------------------------------------------------------------------
std::optional<MasterId> leader_id(State const& state);
/// Internal URL of the leader, if one is known and registered. The own one while leading.
std::optional<Url> leader_endpoint(State const& state);

struct MasterView {
  MasterId id;
  Url endpoint;
  bool leader = false;
  friend bool operator==(MasterView const&, MasterView const&) = default;
};
std::vector<MasterView> masters(State const& state);
/// Public URLs of all masters of this datacenter, own ones first (GET /_api/endpoints).
std::vector<Url> public_endpoints(State const& state);
/// Shutdown is complete: the lease is given back, or was not ours.
bool is_stopped(State const& state);

// ---- the leader ----------------------------------------------------------------------------------------------------
struct WorkerView {
  membership::WorkerRecord record;
  Instant expires_at;  ///< on this process's monotonic clock
  std::uint32_t tasks = 0;
  friend bool operator==(WorkerView const&, WorkerView const&) = default;
};
std::vector<WorkerView> workers(State const& state);
std::optional<WorkerView> worker(State const& state, WorkerId const& id);

struct TaskView {
  task::Task task;       ///< `cancelled` as it is meant: also when its synchronization or shard is being stopped
  bool running = false;  ///< its worker is registered and has confirmed it
  friend bool operator==(TaskView const&, TaskView const&) = default;
};
std::vector<TaskView> tasks(State const& state);
std::optional<TaskView> task(State const& state, TaskId const& id);
std::vector<TaskView> tasks_of_channel(State const& state, ChannelName const& channel);
/// The registered worker that publishes on this channel, for passing reads of the other datacenter on.
std::optional<membership::WorkerRecord> publisher_of(State const& state, ChannelName const& channel);
bool is_channel_relevant(State const& state, ChannelName const& channel);

struct ShardView {
  ShardRef shard;
  sync::ShardReport report;  ///< status included
  bool in_sync = false;      ///< known to be identical, under the barrier that holds now
  friend bool operator==(ShardView const&, ShardView const&) = default;
};
struct OutgoingView {
  ClusterId id;
  std::vector<Url> endpoint;
  sync::Status status = sync::Status::Inactive;
  std::string message;  ///< for the operator; not part of the original's status
  std::vector<ShardView> shards;
  std::uint64_t shards_count = 0;
  bool active_barrier = false;
  friend bool operator==(OutgoingView const&, OutgoingView const&) = default;
};
struct BarrierView {  ///< spec api 4.5
  std::uint64_t in_sync = 0;
  std::uint64_t not_in_sync = 0;  ///< shards that are, or structure that is, not known to be identical
  bool source_read_only = false;
  friend bool operator==(BarrierView const&, BarrierView const&) = default;
};
struct StatusView {  ///< spec api 4.1
  std::vector<Url> source;
  sync::Status status = sync::Status::Inactive;
  std::string message;  ///< why it does not go on, for the operator
  std::vector<ShardView> shards;
  std::uint64_t shards_count = 0;
  std::uint64_t total_shards_count = 0;
  std::vector<sync::StructureTrouble> structure_troubles;  ///< not part of the original's status
  std::vector<OutgoingView> outgoing;
  bool cancellation_aborted = false;
  std::optional<BarrierView> barrier;  ///< one was asked for, here
  friend bool operator==(StatusView const&, StatusView const&) = default;
};
enum class Details { Short, Full };
/// Absent: this master does not lead. What it does not know must not read as "inactive".
std::optional<StatusView> status(State const& state, Details details);

/// Of this datacenter as a target; nothing in sync without a barrier.
BarrierView barrier(State const& state);
/// This datacenter and all it receives from, nearest first, as far as they are known.
std::vector<ClusterId> lineage(State const& state);
Duration message_timeout(State const& state);
std::optional<WorkerCa> worker_ca(State const& state);
ClusterId cluster_id(State const& state);
/// May the bearer of this token read our queue? False unless leading.
bool token_valid(State const& state, Token const& token, WallTime now);
/// May the bearer of this valid token read this channel? A token opens what is published for whom it was given to; one
/// whose holder is not known opens the channels of all targets.
bool may_read(State const& state, Token const& token, ChannelName const& channel);

}  // namespace arangosync::master
