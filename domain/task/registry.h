// All tasks of a datacenter and which worker has them (spec arangosync-api 5.1, arangosync-agency 2.7).
//
// Called by the master's root room. A task whose assignment names a worker that is not registered is *homeless*: nobody
// runs it. That way the departure of a worker changes no task, however many it had, and the count of assignments
// survives.
#pragma once

#include "domain/base/ids.h"
#include "domain/task/landscape.h"
#include "domain/task/task.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>
#include <vector>

namespace arangosync::task {

/// What a task is for: the other datacenter (absent: the one we receive from) and the shard (absent: the inventory).
struct Purpose {
  std::optional<ClusterId> target;
  std::optional<ShardRef> shard;
  friend auto operator<=>(Purpose const&, Purpose const&) = default;
};

Purpose purpose_of(Spec const& spec);

/// The send-shard tasks of all targets whose shards one DB-Server leads.
struct Cohort {
  std::set<TaskId> tasks;
  std::optional<WorkerId> home;  ///< the worker they belong to; absent: not chosen yet
  friend bool operator==(Cohort const&, Cohort const&) = default;
};

struct State {
  std::map<TaskId, Task> tasks;
  // ---- derived or volatile
  std::map<Purpose, TaskId> by_purpose;                 ///< at most one task per purpose
  std::set<std::pair<ChannelName, TaskId>> by_channel;  ///< both channels of every task that has them
  std::map<WorkerId, std::uint32_t> load;               ///< tasks of every registered worker, also of those without any
  std::set<TaskId> homeless;
  std::set<TaskId> delivered;           ///< the worker has confirmed it has the task
  std::map<TaskId, WorkerId> moving;    ///< being taken from its worker to give it to this one
  std::map<WorkerId, HostNames> hosts;  ///< of every registered worker
  Landscape landscape;
  std::map<ServerId, Cohort> cohorts;         ///< of every DB-Server that has tasks or a home
  std::map<WorkerId, std::uint32_t> singles;  ///< tasks of every registered worker that are in no cohort
  friend bool operator==(State const&, State const&) = default;
};

// ---- events -------------------------------------------------------------------------------------------------------
struct TaskCreated {  ///< durable; usually assigned already
  Task task;
  friend bool operator==(TaskCreated const&, TaskCreated const&) = default;
};
struct TaskAssigned {  ///< durable
  TaskId task;
  Assignment assignment;
  friend bool operator==(TaskAssigned const&, TaskAssigned const&) = default;
};
/// Durable: its shard is led by another DB-Server, or the first one is seen. The worker is to be told.
struct ReignBegun {
  TaskId task;
  Reign reign;
  friend bool operator==(ReignBegun const&, ReignBegun const&) = default;
};
struct TaskDelivered {
  TaskId task;
  friend bool operator==(TaskDelivered const&, TaskDelivered const&) = default;
};
struct TaskMoveBegun {
  TaskId task;
  WorkerId to;
  friend bool operator==(TaskMoveBegun const&, TaskMoveBegun const&) = default;
};
struct TaskCancelled {  ///< durable
  TaskId task;
  friend bool operator==(TaskCancelled const&, TaskCancelled const&) = default;
};
struct TaskRemoved {  ///< durable
  TaskId task;
  friend bool operator==(TaskRemoved const&, TaskRemoved const&) = default;
};
struct CohortHomed {  ///< all tasks of the DB-Server belong to this worker
  ServerId server;
  WorkerId worker;
  friend bool operator==(CohortHomed const&, CohortHomed const&) = default;
};
struct LandscapeSeen {
  Landscape landscape;
  friend bool operator==(LandscapeSeen const&, LandscapeSeen const&) = default;
};
using Event = std::variant<TaskCreated, TaskAssigned, ReignBegun, TaskDelivered, TaskMoveBegun, TaskCancelled,
                           TaskRemoved, CohortHomed, LandscapeSeen>;

Task const* find(State const& state, TaskId const& id);
Task const* find(State const& state, Purpose const& purpose);
/// Those that read or publish on this channel, in order of ids.
std::vector<Task const*> find(State const& state, ChannelName const& channel);
/// The channel this task's worker publishes on.
ChannelName const& published_channel(Spec const& spec);
/// Its worker is registered.
bool has_worker(State const& state, Task const& task);
bool is_inventory(Kind kind);
/// Any task for that datacenter?
bool has_tasks(State const& state, std::optional<ClusterId> const& target);

/// The DB-Server whose cohort the task belongs to; null: it is no send-shard task, or its shard's leader is not known.
ServerId const* cohort_of(State const& state, Spec const& spec);

/// Homeless tasks, inventory first, at most `limit`.
std::vector<TaskId> next_homeless(State const& state, std::size_t limit);

void apply(State& state, Event const& event);
void worker_joined(State& state, WorkerId const& worker, HostNames hosts);
void worker_left(State& state, WorkerId const& worker);
/// The queue of that datacenter has changed: its tasks' workers must be told.
void forget_deliveries(State& state, std::optional<ClusterId> const& target);
void check_invariants(State const& state);

}  // namespace arangosync::task
