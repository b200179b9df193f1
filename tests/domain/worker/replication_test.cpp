// Two workers, two toy clusters, one collection: whatever happens on the way, the target ends up equal to the source.
#include "tests/domain/worker/toy_world.h"

#include "domain/base/limits.h"

#include <gtest/gtest.h>

#include <vector>

namespace arangosync::worker {
namespace {

using namespace std::chrono_literals;
using toy::Faults;
using toy::World;

std::string key(std::uint64_t number) { return "k" + std::to_string(number); }

TEST(Replication, CopiesWhatIsThereAndThenFollowsTheLog) {
  World world(1, 3, {});
  write_some(world, 100);
  world.start_inventory();
  world.run_for(20s);
  EXPECT_EQ(world.difference(), "");
  std::size_t const copies = world.copies_begun;
  EXPECT_EQ(copies, 3u);
  EXPECT_EQ(world.applied_of_log, 0u) << "what a copy brings makes room for itself";
  write_some(world, 100);
  world.run_for(10s);
  EXPECT_EQ(world.difference(), "");
  EXPECT_GT(world.applied_of_log, 0u);
  EXPECT_EQ(world.copies_begun, copies) << "changes come from the log, not from another copy";
  EXPECT_EQ(world.source.snapshots_open(), 0u);
}

TEST(Replication, OneReaderServesAllShardsOfAServer) {
  World world(2, 6, {});
  write_some(world, 100);
  world.start_inventory();
  world.run_for(30s);
  ASSERT_EQ(world.difference(), "");
  View const seen = view(world.state(0), world.now());
  EXPECT_EQ(seen.readers.size(), 2u) << "two servers";
  for (ReaderView const& reader : seen.readers) EXPECT_EQ(reader.shards, 3u);
}

TEST(Replication, IdleShardsAreHeardFromWithoutATimerOfTheirOwn) {
  World world(2, 6, {});
  write_some(world, 100);
  world.start_inventory();
  world.run_for(30s);
  ASSERT_EQ(world.difference(), "");
  world.events[0].clear();
  std::size_t const reads = world.log_reads;
  world.run_for(100s);
  std::size_t beats = 0;
  std::size_t timers = 0;
  std::map<TaskId, std::size_t> heartbeats;
  for (Event const& event : world.events[0]) {
    if (auto const* read = std::get_if<ReaderEvent>(&event)) {
      beats += std::holds_alternative<log_reader::Beaten>(read->event) ? 1u : 0u;
    } else if (auto const* sent = std::get_if<SenderEvent>(&event)) {
      if (std::holds_alternative<shard::sender::HeartbeatSaid>(sent->event)) ++heartbeats[sent->task];
    } else if (auto const* of_task = std::get_if<TaskEvent>(&event)) {
      auto const* woken = std::get_if<TaskWoken>(of_task);
      timers += woken != nullptr && world.state(0).tasks.find(woken->task)->spec->shard ? 1u : 0u;
    }
  }
  EXPECT_EQ(timers, 0u);
  EXPECT_NEAR(static_cast<double>(beats), 2 * 100.0 / 2, 40) << "two readers, each two seconds";
  EXPECT_EQ(heartbeats.size(), 6u);
  for (auto const& [task, count] : heartbeats) EXPECT_GE(count, 25u);
  EXPECT_LT(world.log_reads - reads, 260u) << "an idle log is read once a second";
}

TEST(Replication, ARestartedReceiverGoesOnFromItsStoredPositions) {
  World world(3, 3, {});
  write_some(world, 100);
  world.start_inventory();
  world.run_for(20s);
  std::size_t const copies = world.copies_begun;
  world.restart(1);
  write_some(world, 50);
  world.run_for(30s);
  EXPECT_EQ(world.difference(), "");
  EXPECT_EQ(world.copies_begun, copies);
}

TEST(Replication, ARestartedSenderIsAskedAnewAndNeedsNoCopy) {
  World world(4, 3, {});
  write_some(world, 100);
  world.start_inventory();
  world.run_for(20s);
  std::size_t const copies = world.copies_begun;
  world.restart(0);
  write_some(world, 50);
  world.run_for(30s);
  EXPECT_EQ(world.difference(), "");
  EXPECT_EQ(world.copies_begun, copies);
}

TEST(Replication, ARestartedSenderReadsALogOnceForAllWhoFollowIt) {
  World world(14, 12, {});
  write_some(world, 100);
  world.start_inventory();
  world.run_for(20s);
  for (int writes = 0; writes < 10; ++writes) {
    write_some(world, 1);
    world.run_for(1s);
  }
  world.restart(0);
  for (int looks = 0; looks < 50; ++looks) {
    world.run_for(100ms);
    EXPECT_LE(view(world.state(0), world.now()).readers.size(), 2u);
  }
  EXPECT_EQ(world.difference(), "");
}

TEST(Replication, ANewLeaderMeansAComparisonOfThatShardOnly) {
  World world(5, 3, {});
  write_some(world, 100);
  world.start_inventory();
  world.run_for(20s);
  std::size_t const copies = world.copies_begun;
  std::size_t const comparisons = world.comparisons_begun;
  world.source.move_leader(1);
  world.run_for(10s);
  write_some(world, 50);
  world.run_for(20s);
  EXPECT_EQ(world.difference(), "");
  EXPECT_EQ(world.copies_begun, copies);
  EXPECT_EQ(world.comparisons_begun, comparisons + 1);
  EXPECT_EQ(world.documents_compared, 0u) << "nothing was written in between";
}

TEST(Replication, LostHistoryCostsWhatDiffers) {
  World world(6, 2, {});
  write_some(world, 100);
  world.start_inventory();
  world.run_for(20s);
  std::size_t const copies = world.copies_begun;
  world.restart(0);
  for (int i = 0; i < 4; ++i) world.source.write(0, "new" + std::to_string(i), "v");
  for (int i = 0; i < 40; ++i) world.source.remove(1, key(static_cast<std::uint64_t>(i)));
  world.source.forget_history();
  world.run_for(30s);
  EXPECT_EQ(world.difference(), "");
  EXPECT_EQ(world.copies_begun, copies);
  EXPECT_GE(world.documents_compared, 4u);
  EXPECT_LE(world.documents_compared, 44u);
}

TEST(Replication, WithoutTreesOnEitherSideAllIsCopiedAnew) {
  for (bool const of_source : {true, false}) {
    World world(6, 2, {});
    world.source.has_trees(!of_source);
    world.target_has_trees = of_source;
    write_some(world, 100);
    world.start_inventory();
    world.run_for(20s);
    std::size_t const copies = world.copies_begun;
    world.source.move_leader(1);
    write_some(world, 50);
    world.run_for(30s);
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.copies_begun, copies + 1);
    EXPECT_EQ(world.documents_compared, 0u);
  }
}

TEST(Replication, WithoutALogItIsComparedAgainAndAgainWhileAnythingIsLogged) {
  World world(1, 3, {});
  world.source.close_log(true);
  write_some(world, 100);
  world.start_inventory();
  world.run_for(20s);
  std::size_t const copies = world.copies_begun;
  for (int round = 0; round < 5; ++round) {
    write_some(world, 6);
    world.run_for(60s);
    EXPECT_EQ(world.difference(), "") << world.standing();
  }
  EXPECT_EQ(world.copies_begun, copies) << "only what differs is sent";
  EXPECT_EQ(world.source.snapshots_open(), 0u);
  world.run_for(180s);
  std::size_t const quiet = world.comparisons_begun;
  world.run_for(180s);
  EXPECT_EQ(world.comparisons_begun, quiet) << "nothing is logged, nothing can differ";
}

TEST(Replication, FollowsALogThatCanBeReadAgain) {
  World world(9, 2, {});
  world.source.close_log(true);
  write_some(world, 100);
  world.start_inventory();
  world.run_for(20s);
  world.source.close_log(false);
  write_some(world, 50);
  world.run_for(60s);
  EXPECT_EQ(world.difference(), "") << world.standing();
  std::size_t const comparisons = world.comparisons_begun;
  write_some(world, 50);
  world.run_for(10s);
  EXPECT_EQ(world.difference(), "");
  EXPECT_EQ(world.comparisons_begun, comparisons);
}

// A process paused in the middle of a request: its write lands when the shard has long had another owner.
TEST(Replication, ALateWriteOfAFormerOwnerIsRepaired) {
  World world(14, 1, {});
  world.source.write(0, "a", "old");
  world.start_inventory();
  world.run_for(20s);
  world.source.write(0, "a", "new");
  world.run_for(5s);
  world.restart(1);
  world.run_for(20s);
  ASSERT_EQ(world.difference(), "");
  world.target.begin()->second["a"] = "old";
  world.target.begin()->second["b"] = "never-there";
  world.run_for(limits::write_request_max + limits::check_spread_max + 30s);
  EXPECT_EQ(world.difference(), "");
  EXPECT_EQ(world.copies_begun, 1u);
  EXPECT_EQ(world.documents_compared, 2u);
}

TEST(Replication, ACheckThatFindsTheTargetEmptyMeansACopy) {
  World world(16, 1, {});
  write_some(world, 60);
  world.start_inventory();
  world.run_for(30s);
  std::size_t const copies = world.copies_begun;
  world.target.begin()->second.clear();
  world.run_for(limits::write_request_max + limits::check_spread_max + 60s);
  EXPECT_EQ(world.difference(), "") << "a good position must not hide it";
  EXPECT_EQ(world.copies_begun, copies + 1);
}

TEST(Replication, ACheckThatFindsNothingLeavesTheShardRunning) {
  World world(15, 2, {});
  write_some(world, 60);
  world.start_inventory();
  world.run_for(30s);
  world.reports[1].clear();
  world.run_for(limits::write_request_max + limits::check_spread_max + 30s);
  EXPECT_GE(world.comparisons_begun, 4u) << "at the start, and to check";
  EXPECT_EQ(world.copies_begun, 2u);
  for (auto const& entry : world.reports[1]) EXPECT_EQ(entry.report.status, sync::Status::Running);
}

TEST(Replication, ATargetThatIsSetBackUnderItsWorkerIsNoticedThoughNobodyWrites) {
  World world(11, 3, {});
  write_some(world, 100);
  world.start_inventory();
  world.run_for(20s);
  world.back_up_target();
  write_some(world, 60);
  world.run_for(70s);
  ASSERT_EQ(world.difference(), "");
  std::size_t const copies = world.copies_begun;
  std::size_t const comparisons = world.comparisons_begun;
  world.restore_target();
  ASSERT_NE(world.difference(), "");
  world.run_for(2 * limits::pulse);
  EXPECT_EQ(world.difference(), "");
  EXPECT_EQ(world.copies_begun, copies) << "the log is followed from what is stored";
  EXPECT_EQ(world.comparisons_begun, comparisons);
}

TEST(Replication, APositionStoredBeforeTheWorkerNoticesThatTheTargetWasSetBackIsVoid) {
  std::size_t void_positions = 0;
  for (int tenth = 0; tenth < 60; tenth += 3) {
    World world(12, 3, {});
    write_some(world, 100);
    world.start_inventory();
    world.run_for(20s);
    world.back_up_target();
    write_some(world, 60);
    world.run_for(70s + tenth * 100ms);
    write_some(world, 10);
    world.run_for(50ms);  // some of it is applied and not yet stored
    world.restore_target();
    world.run_for(500ms);
    for (auto const& [shard, kept] : world.positions) {
      if (kept.position && world.pulses[kept.stamp.pulse] < kept.stamp.beat) ++void_positions;
    }
    world.restart(1);  // nobody is left who could have noticed
    world.run_for(20s);
    EXPECT_EQ(world.difference(), "") << tenth;
  }
  EXPECT_GT(void_positions, 0u);
}

// What it had read may be of before the restore, and its pulse, which would tell, is of after it.
TEST(Replication, ATargetThatWasSetBackBeforeItsWorkersFirstBeatIsReadAgain) {
  World world(15, 3, {});
  write_some(world, 100);
  world.start_inventory();
  world.run_for(20s);
  world.back_up_target();
  for (std::uint32_t index = 0; index < 3; ++index) world.source.write(index, "late", "v");
  world.run_for(20s);
  ASSERT_EQ(world.difference(), "");
  world.stores_fail = true;
  world.restart(1);
  world.run_for(5s);
  world.restore_target();
  world.run_for(5s);
  ASSERT_NE(world.difference(), "");
  world.stores_fail = false;
  world.run_for(30s);
  EXPECT_EQ(world.difference(), "");
}

TEST(Replication, WhatWasAppliedAndNotStoredIsNotBelievedIfNobodyLookedForLong) {
  World world(13, 3, {});
  write_some(world, 100);
  world.start_inventory();
  world.run_for(20s);
  world.stores_fail = true;
  world.back_up_target();
  for (std::uint32_t index = 0; index < 3; ++index) world.source.write(index, "late", "v");
  world.run_for(limits::pulse_gap_max + 5s);
  ASSERT_EQ(world.difference(), "") << "documents can be written";
  world.restore_target();  // its pulses are as they were left
  world.run_for(5s);
  ASSERT_NE(world.difference(), "");
  world.stores_fail = false;
  world.run_for(30s);
  EXPECT_EQ(world.difference(), "");
}

TEST(Replication, ASourceWhoseLogWentBackAndGrewAgainIsCompared) {
  World world(14, 3, {});
  write_some(world, 100);
  world.start_inventory();
  world.run_for(20s);
  world.source.back_up();
  write_some(world, 30);
  world.run_for(20s);
  ASSERT_EQ(world.difference(), "");
  std::size_t const copies = world.copies_begun;
  std::size_t const comparisons = world.comparisons_begun;
  world.source.restore();
  write_some(world, 60);
  world.run_for(20s);
  EXPECT_EQ(world.difference(), "");
  EXPECT_EQ(world.copies_begun, copies);
  EXPECT_EQ(world.comparisons_begun, comparisons + 3);
}

TEST(Replication, APositionFromBeforeTheSourceWasSetBackIsCompared) {
  World world(15, 3, {});
  write_some(world, 100);
  world.start_inventory();
  world.run_for(20s);
  world.source.back_up();
  write_some(world, 30);
  world.run_for(20s);
  ASSERT_EQ(world.difference(), "");
  world.source.restore();
  write_some(world, 60);
  world.restart(0);
  world.restart(1);
  world.run_for(30s);
  EXPECT_EQ(world.difference(), "");
}

TEST(Replication, ARestartOfTheServersCostsAComparisonOrNothing) {
  for (int kind = 0; kind < 3; ++kind) {
    World world(16, 3, {});
    if (kind == 1) world.source.has_trees(false);
    if (kind == 2) world.source.tell_no_boots();
    write_some(world, 100);
    world.start_inventory();
    world.run_for(20s);
    std::size_t const copies = world.copies_begun;
    std::size_t const comparisons = world.comparisons_begun;
    world.source.back_up();
    world.source.restore();
    world.run_for(10s);
    write_some(world, 30);
    world.run_for(20s);
    EXPECT_EQ(world.difference(), "");
    EXPECT_EQ(world.copies_begun, copies) << "a restart is no reason for a copy";
    EXPECT_EQ(world.comparisons_begun, comparisons + (kind == 0 ? 3 : 0)) << "once, or not at all";
    EXPECT_EQ(world.documents_compared, 0u);
  }
}

TEST(Replication, ACollectionThatIsDroppedAndCreatedAgainIsCopiedAnew) {
  World world(7, 3, {});
  write_some(world, 100);
  world.start_inventory();
  world.run_for(20s);
  world.source.recreate();
  write_some(world, 60);
  world.run_for(60s);
  EXPECT_EQ(world.difference(), "");
  EXPECT_EQ(world.copies_begun, 6u);
}

TEST(Replication, NothingIsWrittenWithoutALease) {
  World world(8, 2, {});
  write_some(world, 50);
  world.start_inventory();
  world.run_for(20s);
  world.register_fails = true;
  world.run_for(31s);
  std::size_t const applied = world.applied;
  write_some(world, 50);
  world.run_for(60s);
  EXPECT_EQ(world.applied, applied);
  world.register_fails = false;
  world.run_for(40s);
  EXPECT_EQ(world.difference(), "");
}

TEST(Replication, AnotherWorkerIdMeansThatAllTasksAreGone) {
  World world(9, 2, {});
  world.start_inventory();
  world.run_for(20s);
  ASSERT_GT(world.state(0).tasks.size(), 1u);
  world.worker_id[0] = "someone-else";
  world.run_for(10s);
  EXPECT_EQ(world.state(0).tasks.size(), 0u);
  EXPECT_EQ(world.state(0).readers.size(), 0u);
}

TEST(Replication, APermanentErrorFailsTheShardAndIsTriedAgainByItself) {
  World world(10, 1, {});
  write_some(world, 20);
  world.apply_error = "the document is not to the target's liking";
  world.start_inventory();
  world.run_for(20s);
  auto const failed = view(world.state(1), world.now());
  bool seen = false;
  for (TaskView const& task : failed.tasks) {
    if (task.report) seen = task.report->status == sync::Status::Failed && task.report->message == world.apply_error;
  }
  EXPECT_TRUE(seen);
  world.apply_error.clear();
  world.run_for(120s);
  EXPECT_EQ(world.difference(), "");
}

TEST(Replication, ReportsTellThatTheShardsRun) {
  World world(11, 2, {});
  write_some(world, 30);
  world.start_inventory();
  world.run_for(20s);
  for (std::size_t node = 0; node < 2; ++node) {
    ASSERT_FALSE(world.reports[node].empty());
    EXPECT_EQ(world.reports[node].back().report.status, sync::Status::Running);
    EXPECT_EQ(world.reports[node].back().remote.has_value(), node == 0);
  }
}

TEST(Replication, ReportsTellByWhichRouteTheSourceIsRead) {
  World world(14, 2, {});
  auto const told = [&](std::size_t node) {
    std::map<ShardRef, std::string> routes;
    for (auto const& entry : world.reports[node]) routes[entry.shard] = entry.report.route;
    return routes;
  };
  world.start_inventory();
  world.run_for(20s);
  for (auto const& [shard, route] : told(0)) EXPECT_EQ(route, "direct") << to_string(shard);
  EXPECT_EQ(told(0).size(), 2u);
  for (auto const& [shard, route] : told(1)) EXPECT_EQ(route, "") << "a receiver reads no log";
  world.source.close_log(true);
  world.run_for(20s);
  for (auto const& [shard, route] : told(0)) EXPECT_EQ(route, "compare") << to_string(shard);
}

// Simulation seed 189: a new leader was never told, and the synchronization stayed in its initial copy.
TEST(Replication, TheNumberOfShardsIsToldAgainAsTheLeaderKeepsItInMemory) {
  World world(13, 2, {});
  world.start_inventory();
  world.run_for(20s);
  ASSERT_EQ(world.total_told, 2u);
  world.total_told.reset();
  world.run_for(limits::total_repeat + 2s);
  EXPECT_EQ(world.total_told, 2u);
}

TEST(Replication, ReplayingTheEventsGivesTheState) {
  World world(12, 3, {20, 20, 20, 20});
  write_some(world, 100);
  world.start_inventory();
  world.run_for(40s);
  for (std::size_t node = 0; node < 2; ++node) {
    State state = initial_state(Config{Url("https://worker"), 2});
    for (Event const& event : world.events[node]) state = evolve(std::move(state), event);
    EXPECT_TRUE(state == world.state(node));
  }
}

class ReplicationUnderFaults : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ReplicationUnderFaults, EndsEqual) {
  World world(GetParam(), 4, {30, 30, 30, 30});
  Draw& draw = world.draw();
  write_some(world, 60);
  world.start_inventory();
  for (int round = 0; round < 30; ++round) {
    write_some(world, 10);
    world.run_for(std::chrono::milliseconds(draw.below(4000)));
    switch (draw.below(16)) {
      case 0:
        world.restart(0);
        break;
      case 1:
        world.restart(1);
        break;
      case 2:
        world.source.move_leader(static_cast<std::uint32_t>(draw.below(4)));
        break;
      case 3:
        world.source.recreate();
        break;
      case 4:
        world.source.forget_history();
        break;
      case 5:
        world.source.lose_snapshots();
        break;
      case 6:
        world.source.has_trees(draw.below(3) > 0);
        break;
      case 7:
        world.target_has_trees = draw.below(3) > 0;
        break;
      case 8:
        world.source.close_log(draw.below(2) > 0);
        break;
      default:
        break;
    }
  }
  world.heal();
  write_some(world, 20);
  world.run_for(300s);
  EXPECT_EQ(world.difference(), "") << world.standing();
}

INSTANTIATE_TEST_SUITE_P(Seeds, ReplicationUnderFaults, testing::Range<std::uint64_t>(100, 200));

}  // namespace
}  // namespace arangosync::worker
