// Which worker a task belongs to.
//
// The rules, in order: all send-shard tasks of one DB-Server (its *cohort*) are on one worker, so that one log reader
// serves them; a task whose DB-Server shares its host with a worker is on such a worker; shares are even; as few tasks
// move as possible. Called by the master's root room when a task needs a worker (place_for), and when a worker joined
// or the cluster's landscape changed (rearranged). Pure; nothing here changes the state.
#pragma once

#include "domain/task/registry.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace arangosync::task {

struct Place {
  WorkerId worker;
  std::optional<ServerId> home_of;  ///< the worker is to become the home of this DB-Server's cohort
  friend bool operator==(Place const&, Place const&) = default;
};

/// Where a task that has no worker goes: to the home of its cohort; else to the worker with the smallest share among
/// those on the host of the shard's leader, or among all. Unlike `except`, if there is another. Absent: no worker.
std::optional<Place> place_for(State const& state, Spec const& spec,
                               std::optional<WorkerId> const& except = std::nullopt);

/// How many tasks every registered worker is meant to have: cohorts count where they are at home, tasks on the way
/// where they go.
std::map<WorkerId, std::uint32_t> shares(State const& state);

struct Rearrangement {
  std::vector<CohortHomed> homes;    ///< those that change
  std::vector<TaskMoveBegun> moves;  ///< of tasks that can be moved now; at most the limit
  bool is_complete = true;           ///< false: there were more moves than the limit
  std::uint64_t steps = 0;           ///< how much work it was
  friend bool operator==(Rearrangement const&, Rearrangement const&) = default;
};

/// What to move so that the rules hold again. Nothing is moved for its own sake: a cohort or single task leaves its
/// worker only to reach its host, or where that lowers the larger one of two shares.
Rearrangement rearranged(State const& state, std::size_t moves_max,
                         std::function<bool(Task const&)> const& may_move = nullptr);

/// The home of a task's cohort, if it has one and the task is not there.
std::optional<WorkerId> away_from_home(State const& state, Task const& task);

}  // namespace arangosync::task
