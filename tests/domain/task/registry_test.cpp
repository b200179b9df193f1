// Which worker has which task, and the tasks that have none. Where tasks belong: placement_test.cpp.
#include "domain/task/registry.h"

#include <gtest/gtest.h>

namespace arangosync::task {
namespace {

Task shard_task(std::uint32_t index, std::string const& worker) {
  Task task;
  task.id = TaskId("task" + std::to_string(1000 + index));
  task.spec.kind = Kind::ReceiveShard;
  task.spec.shard = ShardRef{DatabaseName("d"), CollectionName("c"), index};
  if (!worker.empty()) task.assignment = Assignment{WorkerId(worker), WallTime{}, 1};
  return task;
}

State with_tasks(std::uint32_t count, std::string const& worker) {
  State state;
  worker_joined(state, WorkerId(worker), {});
  for (std::uint32_t i = 0; i < count; ++i) {
    apply(state, TaskCreated{shard_task(i, worker)});
    apply(state, TaskDelivered{shard_task(i, worker).id});
  }
  check_invariants(state);
  return state;
}

TEST(Tasks, AreHomelessWhenTheirWorkerLeavesAndKeepTheirCount) {
  State state = with_tasks(3, "a");
  worker_left(state, WorkerId("a"));
  check_invariants(state);
  EXPECT_EQ(state.homeless.size(), 3u);
  EXPECT_TRUE(state.delivered.empty());
  EXPECT_EQ(state.tasks.begin()->second.assignment->counter, 1u);
}

TEST(Tasks, OfInventoriesFindAHomeFirst) {
  State state;
  for (std::uint32_t i = 0; i < 3; ++i) apply(state, TaskCreated{shard_task(i, "")});
  Task inventory;
  inventory.id = TaskId("zzz");
  inventory.spec.kind = Kind::ReceiveInventory;
  apply(state, TaskCreated{inventory});
  EXPECT_EQ(next_homeless(state, 1), std::vector{TaskId("zzz")});
  EXPECT_EQ(next_homeless(state, 3).size(), 3u);
}

TEST(Tasks, AreFoundByWhatTheyAreFor) {
  State state = with_tasks(2, "a");
  EXPECT_NE(find(state, Purpose{std::nullopt, ShardRef{DatabaseName("d"), CollectionName("c"), 1}}), nullptr);
  EXPECT_EQ(find(state, Purpose{}), nullptr);
  EXPECT_TRUE(has_tasks(state, std::nullopt));
  EXPECT_FALSE(has_tasks(state, ClusterId("other")));
  apply(state, TaskRemoved{shard_task(0, "a").id});
  apply(state, TaskRemoved{shard_task(1, "a").id});
  EXPECT_FALSE(has_tasks(state, std::nullopt));
}

TEST(Tasks, AreFoundByTheirChannelsUntilTheyAreGone) {
  State state;
  Task task = shard_task(0, "");
  task.spec.channels = {ChannelName("a.data"), ChannelName("b.control")};
  Task rival = shard_task(1, "");
  rival.spec.channels.data = ChannelName("a.data");
  apply(state, TaskCreated{task});
  apply(state, TaskCreated{rival});
  check_invariants(state);
  EXPECT_EQ(find(state, ChannelName("a.data")).size(), 2u);
  ASSERT_EQ(find(state, ChannelName("b.control")).size(), 1u);
  EXPECT_EQ(find(state, ChannelName("b.control")).front()->id, task.id);
  EXPECT_TRUE(find(state, ChannelName("a.dat")).empty());
  EXPECT_TRUE(find(state, ChannelName()).empty()) << "no channel is none";
  apply(state, TaskRemoved{task.id});
  check_invariants(state);
  EXPECT_TRUE(find(state, ChannelName("b.control")).empty());
  ASSERT_EQ(find(state, ChannelName("a.data")).size(), 1u);
  EXPECT_EQ(find(state, ChannelName("a.data")).front()->id, rival.id);
}

}  // namespace
}  // namespace arangosync::task
