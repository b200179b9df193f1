// Whose reports are believed, and until when (docs/decisions/0033).
#include "tests/domain/master/story/given_when_then.h"

namespace arangosync::master {
namespace {

// Simulation seed 752: a worker slept, its successor began again from what was stored, and then came what the first one
// had seen before it slept.
TEST(MasterReports, BelievesNoReportOfAWorkerThatHasTheTaskNoMore) {
  Scene scene;
  running_pair(scene);
  task::Task const* const task = task::find(scene.state.office->tasks, task::Purpose{std::nullopt, shard_ref("a")});
  WorkerId const owner = task->assignment->worker;
  sync::StatusEntry entry{std::nullopt, shard_ref("a"), {}};
  entry.report.status = sync::Status::Running;
  entry.report.caught_up = scene.wall;
  auto const seen = [&] { return status(scene.state, Details::Full)->shards.at(0).report.caught_up; };
  scene.when(UnregisterWorker{scene.call(), owner});
  WorkerId const successor =
      task::find(scene.state.office->tasks, task::Purpose{std::nullopt, shard_ref("a")})->assignment->worker;
  ASSERT_NE(successor, owner);
  scene.when(ReportStatus{scene.call(), {entry}, owner});
  EXPECT_TRUE(scene.replied<Done>().has_value()) << "there is nothing to repeat";
  EXPECT_TRUE(seen().is_zero());
  entry.task = TaskId("of a former life");
  scene.when(ReportStatus{scene.call(), {entry}, successor});
  EXPECT_TRUE(seen().is_zero()) << "the shard was begun anew since";
  entry.task = task::find(scene.state.office->tasks, task::Purpose{std::nullopt, shard_ref("a")})->id;
  scene.when(ReportStatus{scene.call(), {entry}, successor});
  EXPECT_EQ(seen(), scene.wall);
  scene.when(UnregisterWorker{scene.call(), successor});
  ASSERT_TRUE(workers(scene.state).empty());
  entry.report.caught_up = scene.wall + 1s;
  scene.when(ReportStatus{scene.call(), {entry}, successor});
  EXPECT_EQ(scene.state.office->sync.unheard.count(shard_ref("a")), 1u) << "of one that is gone, while nobody follows";
}

// Simulation seed 67834: a stop that cannot tell the source, and a target that is restored meanwhile.
TEST(MasterReports, PromisesNothingOfATargetThatIsBeingLetGo) {
  Scene scene;
  running_pair(scene);
  task::Task const* const task = task::find(scene.state.office->tasks, task::Purpose{std::nullopt, shard_ref("a")});
  sync::StatusEntry entry{std::nullopt, shard_ref("a"), {}, task->id};
  entry.report.status = sync::Status::Running;
  entry.report.caught_up = scene.wall;
  scene.when(ReportStatus{scene.call(), {entry}, task->assignment->worker});
  auto const seen = [&] { return status(scene.state, Details::Full)->shards.at(0).report; };
  ASSERT_FALSE(seen().unconfirmed);
  scene.when(StopSync{scene.call(), false, {}, std::nullopt, std::nullopt});
  ASSERT_EQ(status(scene.state, Details::Short)->status, sync::Status::Cancelling);
  EXPECT_TRUE(seen().unconfirmed);
  EXPECT_EQ(seen().caught_up, scene.wall) << "it may still be said how far it was";
}

TEST(MasterReports, BelievesNoReportOfAFormerReceiverOfTheInventory) {
  Scene scene;
  scene.receive();
  task::Task const inventory = *task::find(scene.state.office->tasks, task::Purpose{});
  scene.when(ReportInventory{scene.call(), {2, {}, {}}, inventory.id, WorkerId("a former one")});
  EXPECT_TRUE(scene.replied<Refused>().has_value());
  EXPECT_EQ(status(scene.state, Details::Short)->total_shards_count, 0u);
  scene.when(ReportInventory{scene.call(), {2, {}, {}}, inventory.id, inventory.assignment->worker});
  EXPECT_EQ(status(scene.state, Details::Short)->total_shards_count, 2u);
}

TEST(MasterReports, BelievesNoReportThatANewerOneOfItsWorkerHasOvertaken) {
  Scene scene;
  running_pair(scene);
  task::Task const task = *task::find(scene.state.office->tasks, task::Purpose{std::nullopt, shard_ref("a")});
  WorkerId const owner = task.assignment->worker;
  sync::StatusEntry entry{std::nullopt, shard_ref("a"), {}, task.id};
  entry.report.status = sync::Status::Running;
  entry.report.caught_up = scene.wall;
  auto const seen = [&] { return status(scene.state, Details::Full)->shards.at(0).report.caught_up; };
  Term const term = scene.state.office->term;
  scene.when(ReportStatus{scene.call(), {entry}, owner, term, RequestId(7)});
  EXPECT_EQ(seen(), scene.wall);
  entry.report.caught_up = scene.wall + 5s;
  scene.when(ReportStatus{scene.call(), {entry}, owner, term, RequestId(6)});
  EXPECT_EQ(scene.replied<Refused>()->kind, RefusalKind::Late);
  EXPECT_EQ(seen(), scene.wall);
  scene.when(ReportStatus{scene.call(), {entry}, owner, term, RequestId(7)});
  EXPECT_EQ(seen(), scene.wall + 5s) << "its other half, or the same again";
  entry.report.caught_up = scene.wall + 6s;
  scene.when(ReportStatus{scene.call(), {entry}, owner});
  EXPECT_EQ(seen(), scene.wall + 6s) << "an original's worker does not count";
}

TEST(MasterReports, BelievesNoReportThatWasMadeForAFormerLeader) {
  Scene scene;
  scene.found_lease = election::Lease{MasterId(), Term(3), 12};
  running_pair(scene);
  task::Task const task = *task::find(scene.state.office->tasks, task::Purpose{std::nullopt, shard_ref("a")});
  WorkerId const owner = task.assignment->worker;
  sync::StatusEntry entry{std::nullopt, shard_ref("a"), {}, task.id};
  entry.report.status = sync::Status::Running;
  entry.report.caught_up = scene.wall + 9s;
  Term const term = scene.state.office->term;
  ASSERT_GT(term, Term(1));
  WallTime const before = status(scene.state, Details::Full)->shards.at(0).report.caught_up;
  scene.when(ReportStatus{scene.call(), {entry}, owner, Term(term.value() - 1), RequestId(9)});
  EXPECT_EQ(scene.replied<Refused>()->kind, RefusalKind::Late);
  EXPECT_EQ(status(scene.state, Details::Full)->shards.at(0).report.caught_up, before);
  task::Task const inventory = *task::find(scene.state.office->tasks, task::Purpose{});
  sync::InventoryReport const known = scene.state.office->sync.inventory;
  scene.when(ReportInventory{scene.call(),
                             {77, {}, scene.wall},
                             inventory.id,
                             inventory.assignment->worker,
                             Term(term.value() - 1),
                             RequestId(10)});
  EXPECT_EQ(scene.replied<Refused>()->kind, RefusalKind::Late);
  EXPECT_EQ(scene.state.office->sync.inventory, known);
  auto const say = [&](std::uint64_t total, std::uint64_t number) {
    scene.when(ReportInventory{
        scene.call(), {total, {}, scene.wall}, inventory.id, inventory.assignment->worker, term, RequestId(number)});
    return scene.state.office->sync.inventory.total_shards;
  };
  EXPECT_EQ(say(5, 21), 5u);
  EXPECT_EQ(say(6, 20), 5u) << "a newer one has overtaken it";
  // After an agency came back from a backup terms begin again at what they were: a worker may know a later one.
  scene.when(ReportStatus{scene.call(), {entry}, owner, Term(term.value() + 5), RequestId(11)});
  EXPECT_EQ(status(scene.state, Details::Full)->shards.at(0).report.caught_up, scene.wall + 9s);
}

}  // namespace
}  // namespace arangosync::master
