// Where tasks belong: cohorts together, on their host, even shares, few moves.
#include "domain/task/placement.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace arangosync::task {
namespace {

WorkerId worker(int number) { return WorkerId("w" + std::to_string(100 + number)); }
ServerId server(std::uint32_t number) { return ServerId("PRMR-" + std::to_string(100 + number)); }
ShardRef shard(std::uint32_t index) { return ShardRef{DatabaseName("d"), CollectionName("c"), index}; }

Task sender(std::uint32_t index, std::string const& target = "t") {
  Task task;
  task.id = TaskId(target + std::to_string(100000 + index));
  task.spec.kind = Kind::SendShard;
  task.spec.target = ClusterId(target);
  task.spec.shard = shard(index);
  return task;
}

Task receiver(std::uint32_t index) {
  Task task;
  task.id = TaskId("r" + std::to_string(100000 + index));
  task.spec.kind = Kind::ReceiveShard;
  task.spec.shard = shard(index);
  return task;
}

/// Shard i is led by server i mod `servers`; server s runs on host "h<s>".
Landscape landscape(std::uint32_t shards, std::uint32_t servers) {
  Landscape found;
  for (std::uint32_t i = 0; i < shards; ++i) found.leaders[shard(i)] = server(i % servers);
  for (std::uint32_t i = 0; i < servers; ++i) found.hosts[server(i)] = {"h" + std::to_string(i)};
  return found;
}

void create(State& state, Task task) {
  if (auto const found = place_for(state, task.spec)) {
    if (found->home_of) apply(state, CohortHomed{*found->home_of, found->worker});
    task.assignment = Assignment{found->worker, WallTime{}, 1};
  }
  apply(state, TaskCreated{task});
  if (has_worker(state, task)) apply(state, TaskDelivered{task.id});
}

/// What a master does with the homeless.
void house(State& state) {
  for (TaskId const& id : next_homeless(state, SIZE_MAX)) {
    auto const found = place_for(state, state.tasks.at(id).spec);
    if (!found) return;
    if (found->home_of) apply(state, CohortHomed{*found->home_of, found->worker});
    apply(state, TaskAssigned{id, Assignment{found->worker, WallTime{}, 2}});
    apply(state, TaskDelivered{id});
  }
}

/// What a master does with a rearrangement; returns how many tasks moved.
std::size_t move(State& state, std::size_t moves_max = SIZE_MAX) {
  Rearrangement const wanted = rearranged(state, moves_max);
  for (CohortHomed const& homed : wanted.homes) apply(state, homed);
  for (TaskMoveBegun const& begun : wanted.moves) apply(state, begun);
  check_invariants(state);
  for (TaskMoveBegun const& begun : wanted.moves) {
    apply(state, TaskAssigned{begun.task, Assignment{begun.to, WallTime{}, 2}});
    apply(state, TaskDelivered{begun.task});
  }
  check_invariants(state);
  return wanted.moves.size();
}

std::set<WorkerId> workers_of(State const& state, ServerId const& of) {
  std::set<WorkerId> found;
  for (TaskId const& id : state.cohorts.at(of).tasks) found.insert(state.tasks.at(id).assignment->worker);
  return found;
}

std::uint32_t highest(State const& state) {
  std::uint32_t most = 0;
  for (auto const& [id, load] : state.load) most = std::max(most, load);
  return most;
}
std::uint32_t lowest(State const& state) {
  std::uint32_t least = UINT32_MAX;
  for (auto const& [id, load] : state.load) least = std::min(least, load);
  return least;
}

TEST(Placement, KeepsAllSendersOfOneServerOnOneWorkerWhateverTheTarget) {
  State state;
  for (int i = 0; i < 3; ++i) worker_joined(state, worker(i), {});
  apply(state, LandscapeSeen{landscape(12, 3)});
  for (std::uint32_t i = 0; i < 12; ++i) create(state, sender(i, "t"));
  for (std::uint32_t i = 0; i < 12; ++i) create(state, sender(i, "u"));
  check_invariants(state);
  for (std::uint32_t s = 0; s < 3; ++s) EXPECT_EQ(workers_of(state, server(s)).size(), 1u);
  EXPECT_EQ(highest(state), 8u);
  EXPECT_EQ(lowest(state), 8u);
}

TEST(Placement, PrefersAWorkerOnTheServersHost) {
  State state;
  worker_joined(state, worker(0), {"h1"});
  worker_joined(state, worker(1), {"h0", "10.0.0.1"});
  apply(state, LandscapeSeen{landscape(4, 2)});
  for (std::uint32_t i = 0; i < 4; ++i) create(state, sender(i));
  EXPECT_EQ(workers_of(state, server(0)), std::set{worker(1)});
  EXPECT_EQ(workers_of(state, server(1)), std::set{worker(0)});
  create(state, receiver(0));
  EXPECT_EQ(state.tasks.at(receiver(0).id).assignment->worker, worker(1));
}

TEST(Placement, OfAShardWhoseLeaderIsUnknownIsEven) {
  State state;
  worker_joined(state, worker(0), {"h0"});
  worker_joined(state, worker(1), {"h1"});
  for (std::uint32_t i = 0; i < 10; ++i) create(state, sender(i));
  EXPECT_EQ(highest(state), 5u);
}

TEST(Placement, WithoutAWorkerIsNone) {
  State state;
  EXPECT_FALSE(place_for(state, sender(1).spec));
  EXPECT_EQ(rearranged(state, 100), Rearrangement{});
}

TEST(Placement, GathersACohortWhereMostOfItIsWhenItBecomesKnown) {
  State state;
  worker_joined(state, worker(0), {});
  worker_joined(state, worker(1), {});
  for (std::uint32_t i = 0; i < 8; ++i) create(state, sender(i));
  apply(state, LandscapeSeen{landscape(8, 2)});
  EXPECT_EQ(move(state), 0u) << "every second shard went to the same worker, as every second is led by one server";
  apply(state, LandscapeSeen{landscape(8, 4)});
  EXPECT_EQ(move(state), 0u) << "smaller cohorts are where they are";
  apply(state, LandscapeSeen{landscape(8, 3)});
  move(state);
  for (std::uint32_t s = 0; s < 3; ++s) EXPECT_EQ(workers_of(state, server(s)).size(), 1u);
  EXPECT_EQ(move(state), 0u);
}

TEST(Placement, BringsACohortHomeWhenAWorkerOnItsHostAppears) {
  State state;
  worker_joined(state, worker(0), {"h9"});
  apply(state, LandscapeSeen{landscape(6, 2)});
  for (std::uint32_t i = 0; i < 6; ++i) create(state, sender(i));
  worker_joined(state, worker(1), {"h1"});
  EXPECT_EQ(move(state), 3u);
  EXPECT_EQ(workers_of(state, server(1)), std::set{worker(1)});
  EXPECT_EQ(workers_of(state, server(0)), std::set{worker(0)});
}

TEST(Placement, FollowsAShardWhoseLeaderHasChanged) {
  State state;
  worker_joined(state, worker(0), {});
  worker_joined(state, worker(1), {});
  apply(state, LandscapeSeen{landscape(6, 2)});
  for (std::uint32_t i = 0; i < 6; ++i) create(state, sender(i));
  Landscape changed = landscape(6, 2);
  changed.leaders[shard(0)] = server(1);
  apply(state, LandscapeSeen{changed});
  EXPECT_EQ(move(state), 1u);
  EXPECT_EQ(workers_of(state, server(1)).size(), 1u);
}

TEST(Placement, MovesNoMoreAtOnceThanItIsTold) {
  State state;
  worker_joined(state, worker(0), {});
  apply(state, LandscapeSeen{landscape(20, 2)});
  for (std::uint32_t i = 0; i < 20; ++i) create(state, sender(i));
  worker_joined(state, worker(1), {});
  Rearrangement const some = rearranged(state, 3);
  EXPECT_EQ(some.moves.size(), 3u);
  EXPECT_FALSE(some.is_complete);
  std::size_t moved = 0;
  for (int rounds = 0; rounds < 10; ++rounds) moved += move(state, 3);
  EXPECT_EQ(moved, 10u);
  EXPECT_EQ(highest(state), 10u);
}

// Of a target that is being stopped: it would stand before all others in every pass, and never move.
TEST(Placement, WhatMayNotMoveKeepsNothingElseFromMoving) {
  State state;
  worker_joined(state, worker(0), {});
  apply(state, LandscapeSeen{landscape(20, 2)});
  for (std::uint32_t i = 0; i < 20; ++i) create(state, sender(i));
  worker_joined(state, worker(1), {});
  std::vector<TaskMoveBegun> const all = rearranged(state, SIZE_MAX).moves;
  ASSERT_EQ(all.size(), 10u);
  Rearrangement const wanted = rearranged(state, 3, [&](Task const& task) { return task.id == all.back().task; });
  EXPECT_EQ(wanted.moves, std::vector{all.back()});
  EXPECT_TRUE(wanted.is_complete);
}

TEST(Placement, DoesNotMoveAgainWhatIsOnItsWay) {
  State state;
  worker_joined(state, worker(0), {});
  for (std::uint32_t i = 0; i < 8; ++i) create(state, receiver(i));
  worker_joined(state, worker(1), {});
  Rearrangement const wanted = rearranged(state, 100);
  EXPECT_EQ(wanted.moves.size(), 4u);
  for (TaskMoveBegun const& begun : wanted.moves) apply(state, begun);
  EXPECT_TRUE(rearranged(state, 100).moves.empty());
  EXPECT_EQ(shares(state).at(worker(1)), 4u);
}

TEST(Placement, LeavesALargeCohortAloneThatWouldOnlyChangePlaces) {
  State state;
  worker_joined(state, worker(0), {});
  apply(state, LandscapeSeen{landscape(5, 1)});
  for (std::uint32_t i = 0; i < 5; ++i) create(state, sender(i));
  worker_joined(state, worker(1), {});
  EXPECT_EQ(move(state), 0u);
}

// ------------------------------------------------------------------------------------------------------------- laws

/// A life of workers that come and go under many tasks.
struct Life {
  State state;
  int next = 0;
  std::uint32_t servers = 1;

  Life(std::uint32_t tasks, std::uint32_t of_servers, int workers, bool has_hosts) : servers(of_servers) {
    for (int i = 0; i < workers; ++i) join(has_hosts);
    apply(state, LandscapeSeen{landscape(tasks, servers)});
    for (std::uint32_t i = 0; i < tasks; ++i) create(state, sender(i));
    for (std::uint32_t i = 0; i < tasks; ++i) create(state, receiver(i));
    move(state);
  }
  void join(bool has_host) {
    int const number = next++;
    HostNames hosts;
    if (has_host) hosts = {"h" + std::to_string(number % static_cast<int>(servers + 1))};
    worker_joined(state, worker(number), hosts);
  }
};

RC_GTEST_PROP(PlacementLaws, ACohortIsNeverSplitForLong, (std::uint8_t tasks, std::uint8_t servers, bool has_hosts)) {
  Life life(tasks, servers % 7u + 1, 3, has_hosts);
  for (int turn = 0; turn < 6; ++turn) {
    if (turn % 2 == 0) {
      life.join(has_hosts);
    } else {
      WorkerId const gone = life.state.load.begin()->first;
      worker_left(life.state, gone);
      house(life.state);
    }
    move(life.state);
    for (auto const& [id, cohort] : life.state.cohorts) {
      if (!cohort.tasks.empty()) RC_ASSERT(workers_of(life.state, id).size() == 1u);
    }
  }
}

RC_GTEST_PROP(PlacementLaws, SharesDifferByNoMoreThanTheLargestThingThatMovesAsOne,
              (std::uint8_t tasks, std::uint8_t servers, std::uint8_t workers)) {
  Life life(tasks, servers % 7u + 1, workers % 6 + 1, false);
  std::size_t largest = 1;
  for (auto const& [id, cohort] : life.state.cohorts) largest = std::max(largest, cohort.tasks.size());
  RC_ASSERT(highest(life.state) - lowest(life.state) <= largest);
}

RC_GTEST_PROP(PlacementLaws, SinglesAreSharedToWithinOne, (std::uint8_t tasks, std::uint8_t workers)) {
  State state;
  worker_joined(state, worker(0), {});
  for (std::uint32_t i = 0; i < tasks; ++i) create(state, receiver(i));
  for (int i = 1; i < workers % 6 + 1; ++i) worker_joined(state, worker(i), {});
  move(state);
  RC_ASSERT(highest(state) <= lowest(state) + 1);
}

RC_GTEST_PROP(PlacementLaws, OnlyTasksOfAWorkerThatLeftMoveThen, (std::uint8_t tasks, std::uint8_t servers)) {
  Life life(tasks, servers % 7u + 1, 4, false);
  WorkerId const gone = life.state.load.begin()->first;
  std::map<TaskId, Task> const before = life.state.tasks;
  worker_left(life.state, gone);
  house(life.state);
  for (auto const& [id, task] : before) {
    if (task.assignment->worker != gone) RC_ASSERT(life.state.tasks.at(id) == task);
  }
}

RC_GTEST_PROP(PlacementLaws, ANewcomerTakesSinglesFromOthersAndNothingMovesBetweenThem,
              (std::uint8_t tasks, std::uint8_t workers)) {
  State state;
  int const count = workers % 6 + 1;
  for (int i = 0; i < count; ++i) worker_joined(state, worker(i), {});
  for (std::uint32_t i = 0; i < tasks; ++i) create(state, receiver(i));
  worker_joined(state, worker(count), {});
  for (TaskMoveBegun const& begun : rearranged(state, SIZE_MAX).moves) RC_ASSERT(begun.to == worker(count));
  RC_ASSERT(move(state) == tasks / static_cast<std::size_t>(count + 1));
}

RC_GTEST_PROP(PlacementLaws, WhatIsArrangedOnceStaysAndNobodyIsWorseOffForIt,
              (std::uint8_t tasks, std::uint8_t servers)) {
  Life life(tasks, servers % 7u + 1, 3, false);
  life.join(false);
  std::uint32_t const before = highest(life.state);
  move(life.state);
  RC_ASSERT(highest(life.state) <= before);
  RC_ASSERT(move(life.state) == 0u);
}

RC_GTEST_PROP(PlacementLaws, WhoHasAWorkerOnItsHostIsThere, (std::uint8_t tasks, std::uint8_t servers)) {
  Life life(tasks, servers % 5u + 1, 4, true);
  for (auto const& [id, task] : life.state.tasks) {
    HostNames const& host = life.state.landscape.hosts.at(life.state.landscape.leaders.at(*task.spec.shard));
    auto const is_local = [&](WorkerId const& at) { return life.state.hosts.at(at) == host; };
    bool const has_local = std::any_of(life.state.hosts.begin(), life.state.hosts.end(),
                                       [&](auto const& entry) { return is_local(entry.first); });
    if (has_local) RC_ASSERT(is_local(task.assignment->worker));
  }
}

TEST(PlacementLaws, TheWorkGrowsWithTheNumberOfTasksAndNotFaster) {
  std::uint64_t steps_before = 0;
  for (std::uint32_t const tasks : {1000u, 2000u, 4000u}) {
    State state;
    for (int i = 0; i < 50; ++i) worker_joined(state, worker(i), {});
    apply(state, LandscapeSeen{landscape(tasks, 20)});
    for (std::uint32_t i = 0; i < tasks; ++i) {
      Task task = receiver(i);
      task.assignment = Assignment{worker(0), WallTime{}, 1};
      apply(state, TaskCreated{task});
      apply(state, TaskDelivered{task.id});
    }
    Rearrangement const wanted = rearranged(state, SIZE_MAX);
    EXPECT_EQ(wanted.moves.size(), tasks - tasks / 50);
    EXPECT_LE(wanted.steps, 3 * tasks);
    EXPECT_TRUE(steps_before == 0 || wanted.steps <= 3 * steps_before);
    steps_before = wanted.steps;
  }
}

}  // namespace
}  // namespace arangosync::task
