// The barrier: a source held read-only so that its target can catch up with all of it, and never longer than the target
// lives.
#include "tests/domain/master/story/given_when_then.h"

namespace arangosync::master {
namespace {

ClusterId const target_id("aaaaaaaaaaaaaaaaaaaa");

// ------------------------------------------------------------------------------------------------------- the target

Scene& run(Scene& scene) {
  scene.receive().start_shard(shard_ref("a")).start_shard(shard_ref("b"));
  scene.when(ReportInventory{scene.call(), {2, {}, {}}}).source_obeys().workers_obey();
  scene.report(std::nullopt, shard_ref("a"), sync::Status::Running);
  scene.report(std::nullopt, shard_ref("b"), sync::Status::Running);
  EXPECT_EQ(status(scene.state, Details::Short)->status, sync::Status::Running);
  return scene;
}

sync::BarrierState held(Scene const& scene, std::string const& id = "barrier") {
  return {sync::BarrierId(id), true, scene.wall};
}

Scene& source_holds(Scene& scene, sync::BarrierState const& said) {
  auto const asked = scene.under_way<RaiseBarrier>();
  EXPECT_EQ(asked.size(), 1u);
  if (!asked.empty()) scene.when(BarrierAsked{asked.at(0).request, said});
  return scene;
}

Scene& report_caught_up(Scene& scene, std::string const& collection, WallTime at) {
  sync::StatusEntry entry{std::nullopt, shard_ref(collection), {}};
  entry.report.status = sync::Status::Running;
  entry.report.caught_up = at;
  return scene.when(ReportStatus{scene.call(), {entry}});
}

Scene& report_structure(Scene& scene, WallTime equal_at) {
  return scene.when(ReportInventory{scene.call(), {2, {}, equal_at}});
}

/// Behind a barrier that is held.
void all_in_sync(Scene& scene) {
  run(scene).when(BeginBarrier{scene.call()});
  sync::BarrierState const said = held(scene);
  source_holds(scene, said);
  report_structure(scene, scene.wall + 10s);
  for (auto const* collection : {"a", "b"}) report_caught_up(scene, collection, scene.wall + 10s);
  EXPECT_EQ(barrier(scene.state), (BarrierView{2, 0, true}));
}

TEST(TargetBarrier, NeedsASynchronizationThatRuns) {
  Scene scene;
  scene.receive().when(BeginBarrier{scene.call()});
  ASSERT_TRUE(scene.refusal);
  EXPECT_EQ(scene.refusal->kind, RefusalKind::Precondition);
  EXPECT_TRUE(scene.when(EndBarrier{scene.call()}).replied<Done>()) << "no barrier is no error";
  EXPECT_EQ(barrier(scene.state), (BarrierView{0, 1, false}));
}

TEST(TargetBarrier, CountsNoShardOfATargetThatWasNotLookedAtLately) {
  Scene scene;
  all_in_sync(scene);
  sync::StatusEntry entry{std::nullopt, shard_ref("a"), {}};
  entry.report.status = sync::Status::Running;
  entry.report.caught_up = scene.wall + 10s;
  entry.report.unconfirmed = true;
  scene.when(ReportStatus{scene.call(), {entry}});
  EXPECT_EQ(barrier(scene.state), (BarrierView{1, 1, true}));
  entry.report.unconfirmed = false;
  scene.when(ReportStatus{scene.call(), {entry}});
  EXPECT_EQ(barrier(scene.state), (BarrierView{2, 0, true}));
}

TEST(TargetBarrier, IsCompleteWhenEveryShardHasReachedALogEndAfterTheSourceBecameReadOnly) {
  Scene scene;
  run(scene).when(BeginBarrier{scene.call()});
  EXPECT_TRUE(scene.replied<Done>());
  EXPECT_EQ(scene.under_way<RaiseBarrier>().at(0).id, cluster_id(scene.state));
  sync::BarrierState const said = held(scene);
  report_caught_up(scene, "a", scene.wall + 10s);
  EXPECT_EQ(barrier(scene.state), (BarrierView{0, 2, false})) << "the source has not said that it is read-only";
  source_holds(scene, said);
  EXPECT_EQ(barrier(scene.state), (BarrierView{1, 1, true}));
  report_structure(scene, scene.wall + 10s);
  report_caught_up(scene, "b", said.held_at + 4s);
  EXPECT_EQ(barrier(scene.state), (BarrierView{1, 1, true})) << "clocks differ: that may have been before";
  report_caught_up(scene, "b", said.held_at + 5s);
  EXPECT_EQ(barrier(scene.state), (BarrierView{2, 0, true}));
  EXPECT_TRUE(status(scene.state, Details::Full)->shards.at(0).in_sync);
}

// Probably simulation seed 553, with late modes: the target was set back, and the worker that would have seen it slept.
TEST(TargetBarrier, DoesNotBelieveWhatAWorkerSaidThatIsGone) {
  Scene scene;
  all_in_sync(scene);
  scene.join("w1", "of a new process");
  scene.join("w2", "of a new process");
  EXPECT_EQ(barrier(scene.state), (BarrierView{0, 2, true}));
  for (auto const* collection : {"a", "b"}) report_caught_up(scene, collection, scene.wall + 10s);
  EXPECT_EQ(barrier(scene.state), (BarrierView{2, 1, true})) << "of the structure nobody has said anything yet";
  report_structure(scene, scene.wall + 10s);
  EXPECT_EQ(barrier(scene.state), (BarrierView{2, 0, true}));
}

// Made anew under the barrier it is empty, whatever the former one had.
TEST(TargetBarrier, DoesNotBelieveWhatWasSaidOfAShardThatIsBeingStopped) {
  Scene scene;
  all_in_sync(scene);
  scene.when(StopShard{scene.call(), shard_ref("a")});
  EXPECT_EQ(barrier(scene.state), (BarrierView{1, 1, true}));
}

// Simulation seed 7744: of a collection that the source had dropped the shards were stopped already, and it was still
// there.
TEST(TargetBarrier, IsNotCompleteBeforeTheStructureThatTheSourceHasSinceThenIsHere) {
  Scene scene;
  run(scene).when(BeginBarrier{scene.call()});
  sync::BarrierState const said = held(scene);
  source_holds(scene, said);
  report_caught_up(scene, "a", scene.wall + 10s);
  report_caught_up(scene, "b", scene.wall + 10s);
  EXPECT_EQ(barrier(scene.state), (BarrierView{2, 1, true})) << "nothing is known of the structure";
  report_structure(scene, said.held_at + 4s);
  EXPECT_EQ(barrier(scene.state), (BarrierView{2, 1, true})) << "something may have been created or dropped since";
  report_structure(scene, said.held_at + 5s);
  EXPECT_EQ(barrier(scene.state), (BarrierView{2, 0, true}));
  report_structure(scene, WallTime{});
  EXPECT_EQ(barrier(scene.state), (BarrierView{2, 1, true})) << "the target was set back";
}

TEST(TargetBarrier, IsNotCompleteWhileShardsOfTheStructureAreNotHere) {
  Scene scene;
  run(scene).when(BeginBarrier{scene.call()});
  source_holds(scene, held(scene));
  report_caught_up(scene, "a", scene.wall + 10s);
  report_caught_up(scene, "b", scene.wall + 10s);
  scene.when(ReportInventory{scene.call(), {3, {}, scene.wall + 10s}});
  EXPECT_EQ(barrier(scene.state), (BarrierView{2, 1, true}));
}

TEST(TargetBarrier, IsAskedForUntilItIsHeldAndThenRenewed) {
  Scene scene;
  run(scene).when(BeginBarrier{scene.call()});
  source_holds(scene, sync::BarrierState{sync::BarrierId("barrier"), false, {}});
  EXPECT_FALSE(barrier(scene.state).source_read_only);
  EXPECT_TRUE(scene.under_way<RaiseBarrier>().empty());
  scene.after(sync::pace::barrier_poll).fire("barrier");
  source_holds(scene, held(scene));
  EXPECT_TRUE(barrier(scene.state).source_read_only);
  scene.after(sync::pace::barrier_renewal).fire("barrier");
  EXPECT_EQ(scene.under_way<RaiseBarrier>().size(), 1u);
}

TEST(TargetBarrier, IsNotBelievedInWhenTheSourceIsSilent) {
  Scene scene;
  run(scene).when(BeginBarrier{scene.call()});
  source_holds(scene, held(scene));
  scene.lead_on(sync::pace::barrier_trust).keep_workers().fire("barrier");
  EXPECT_FALSE(barrier(scene.state).source_read_only);
  EXPECT_EQ(barrier(scene.state).in_sync, 0u);
}

TEST(TargetBarrier, OfAnotherIdStartsTheWaitAnew) {
  Scene scene;
  run(scene).when(BeginBarrier{scene.call()});
  source_holds(scene, held(scene, "first"));
  report_caught_up(scene, "a", scene.wall + 10s);
  EXPECT_EQ(barrier(scene.state).in_sync, 1u);
  scene.after(sync::pace::barrier_renewal).fire("barrier");
  source_holds(scene, held(scene, "second"));  // it was lifted and raised again meanwhile
  EXPECT_EQ(barrier(scene.state).in_sync, 0u);
}

TEST(TargetBarrier, IsGivenBackAtTheSource) {
  Scene scene;
  run(scene).when(BeginBarrier{scene.call()});
  source_holds(scene, held(scene));
  scene.when(EndBarrier{scene.call()});
  EXPECT_FALSE(barrier(scene.state).source_read_only);
  auto const lower = scene.under_way<LowerBarrier>();
  ASSERT_EQ(lower.size(), 1u);
  scene.when(RemoteDone{lower.at(0).request, Done{}});
  EXPECT_TRUE(scene.under_way<LowerBarrier>().empty());
  EXPECT_FALSE(status(scene.state, Details::Short)->barrier);
}

TEST(TargetBarrier, IsHeldByANewLeaderToo) {
  Scene scene;
  run(scene).when(BeginBarrier{scene.call()});
  source_holds(scene, held(scene));
  Scene next("m2");
  next.lead(persisted(scene.state));
  EXPECT_FALSE(barrier(next.state).source_read_only) << "that has to be asked first";
  EXPECT_EQ(next.under_way<RaiseBarrier>().size(), 1u);
}

// Found by review: the operator's tool was killed, or its call to end the barrier was lost, and the source stayed
// read-only for ever.
TEST(TargetBarrier, IsGivenUpWhenNobodyWaitsBehindItAnyMore) {
  Scene scene;
  run(scene).when(BeginBarrier{scene.call()});
  EXPECT_TRUE(scene.wakes("barrier"));
  source_holds(scene, held(scene));
  scene.lead_on(sync::pace::barrier_interest - 1s).keep_workers().fire("barrier");
  EXPECT_TRUE(scene.under_way<LowerBarrier>().empty());
  source_holds(scene, held(scene));
  scene.after(1s).fire("barrier");
  auto const lower = scene.under_way<LowerBarrier>();
  ASSERT_EQ(lower.size(), 1u);
  EXPECT_TRUE(scene.under_way<RaiseBarrier>().empty());
  EXPECT_EQ(scene.saved.incoming->barrier, sync::BarrierWish::Lift) << "another leader tells the source, too";
  scene.when(RemoteDone{lower.at(0).request, Done{}});
  EXPECT_FALSE(status(scene.state, Details::Short)->barrier);
}

TEST(TargetBarrier, StaysAsLongAsSomebodyShowsThatHeWaits) {
  Scene scene;
  run(scene).when(BeginBarrier{scene.call()});
  source_holds(scene, held(scene));
  Duration const nearly = sync::pace::barrier_interest - 10s;
  scene.lead_on(nearly).keep_workers().when(BeginBarrier{scene.call()});
  EXPECT_TRUE(scene.replied<Done>());
  EXPECT_TRUE(scene.wakes("barrier"));
  scene.lead_on(nearly).keep_workers().when(AwaitBarrier{scene.call()});
  EXPECT_TRUE(scene.replied<Done>());
  EXPECT_TRUE(scene.wakes("barrier"));
  scene.lead_on(nearly).keep_workers().fire("barrier");
  source_holds(scene, held(scene));
  EXPECT_TRUE(scene.under_way<LowerBarrier>().empty());
  scene.lead_on(10s).fire("barrier");
  EXPECT_EQ(scene.under_way<LowerBarrier>().size(), 1u);
}

TEST(TargetBarrier, NotesNoMoreThanASignOfInterestInAFewSeconds) {
  Scene scene;
  run(scene).when(BeginBarrier{scene.call()});
  std::uint64_t const written = scene.saved.journal_sequence;
  scene.after(sync::pace::barrier_interest_step - 1s).when(AwaitBarrier{scene.call()});
  EXPECT_FALSE(scene.wakes("barrier"));
  scene.after(1s).when(AwaitBarrier{scene.call()});
  EXPECT_TRUE(scene.wakes("barrier"));
  EXPECT_EQ(scene.saved.journal_sequence, written) << "nothing of it is saved";
}

TEST(TargetBarrier, IsNotBegunByALookAtIt) {
  Scene scene;
  EXPECT_TRUE(scene.lead().when(AwaitBarrier{scene.call()}).replied<Done>()) << "where nothing is received, too";
  Scene receiving;
  EXPECT_TRUE(run(receiving).when(AwaitBarrier{receiving.call()}).replied<Done>());
  EXPECT_TRUE(receiving.under_way<RaiseBarrier>().empty());
  EXPECT_FALSE(status(receiving.state, Details::Short)->barrier);
  source_holds(receiving.when(BeginBarrier{receiving.call()}), held(receiving)).when(EndBarrier{receiving.call()});
  receiving.when(AwaitBarrier{receiving.call()});
  EXPECT_EQ(receiving.under_way<LowerBarrier>().size(), 1u) << "what has ended does not come back";
}

TEST(TargetBarrier, IsGrantedAWholePeriodByANewLeader) {
  Scene scene;
  run(scene).when(BeginBarrier{scene.call()});
  scene.lead_on(sync::pace::barrier_interest - 10s);
  Scene next("m2");
  next.lead(persisted(scene.state)).lead_on(sync::pace::barrier_interest - 1s).fire("barrier");
  source_holds(next, held(next));
  EXPECT_TRUE(next.under_way<LowerBarrier>().empty());
  next.after(1s).fire("barrier");
  EXPECT_EQ(next.under_way<LowerBarrier>().size(), 1u);
}

TEST(TargetBarrier, IsNotGivenUpByAStopThatTheSourceDoesNotKnowOf) {
  Scene scene;
  run(scene).when(BeginBarrier{scene.call()});
  source_holds(scene, held(scene));
  scene.when(StopSync{scene.call(), false, {}, std::nullopt, std::nullopt});
  scene.lead_on(sync::pace::barrier_interest).keep_workers().fire("barrier");
  EXPECT_TRUE(scene.under_way<LowerBarrier>().empty());
  EXPECT_EQ(scene.under_way<RaiseBarrier>().size(), 1u);
  scene.when(EndBarrier{scene.call()});
  EXPECT_TRUE(scene.under_way<LowerBarrier>().empty()) << "late: the stop itself ends it";
  Scene next("m2");
  next.lead(persisted(scene.state)).lead_on(sync::pace::barrier_interest).fire("barrier");
  EXPECT_TRUE(next.under_way<LowerBarrier>().empty());
}

// Simulation: the source was told of the stop and took writes again, but its answer was lost on the way.
TEST(TargetBarrier, IsNotReliedOnOnceTheStopHasBegun) {
  Scene scene;
  run(scene).when(BeginBarrier{scene.call()});
  sync::BarrierState const said = held(scene);
  source_holds(scene, said);
  report_caught_up(scene, "a", scene.wall + 10s);
  EXPECT_EQ(barrier(scene.state).in_sync, 1u);
  scene.when(StopSync{scene.call(), false, {}, std::nullopt, std::nullopt});
  EXPECT_EQ(barrier(scene.state), (BarrierView{0, 2, false}));
  scene.after(sync::pace::barrier_renewal).fire("barrier");
  source_holds(scene, said);
  EXPECT_EQ(barrier(scene.state), (BarrierView{0, 2, false})) << "the answer may be older than the stop";
}

TEST(TargetBarrier, IsHeldUntilTheSourceKnowsOfTheStop) {
  Scene scene;
  run(scene).when(BeginBarrier{scene.call()});
  source_holds(scene, held(scene));
  scene.when(StopSync{scene.call(), false, {}, std::nullopt, std::nullopt});
  scene.after(sync::pace::barrier_renewal).fire("barrier");
  EXPECT_EQ(scene.under_way<RaiseBarrier>().size(), 1u);
  scene.when(RemoteDone{scene.under_way<WithdrawOutgoing>().at(0).request, Done{}});
  scene.workers_obey().mode_is_set();
  EXPECT_EQ(status(scene.state, Details::Short)->status, sync::Status::Inactive);
  EXPECT_TRUE(scene.under_way<RaiseBarrier>().empty());
}

// ------------------------------------------------------------------------------------------------------- the source

AcceptOutgoing request(Scene& scene, ClusterId const& id, std::string const& name = "inventory") {
  task::QueueConfig const queue{{Url("https://target:8629")}, "", "", "target-token", "CA of target"};
  task::Channels const channels{ChannelName("sync_t." + name), ChannelName("sync_m1." + name)};
  return AcceptOutgoing{scene.call(), id, {Url("https://target:8629")}, channels, queue};
}

Scene& send(Scene& scene) {
  scene.lead();
  scene.join("w1");
  return scene.when(request(scene, target_id)).workers_obey();
}

sync::BarrierState raise(Scene& scene, ClusterId const& id = target_id) {
  scene.when(RaiseOutgoingBarrier{scene.call(), id});
  auto const said = scene.replied<sync::BarrierState>();
  EXPECT_TRUE(said.has_value());
  return said.value_or(sync::BarrierState{});
}

/// A source that is held read-only for its target, as far as it goes.
sync::BarrierState hold(Scene& scene) {
  raise(scene);
  scene.mode_is_set();
  return raise(scene);
}

TEST(SourceBarrier, IsHeldWhenTheClusterIsReadOnly) {
  Scene scene;
  send(scene);
  sync::BarrierState said = raise(scene);
  EXPECT_EQ(said.id.value().size(), 16u);
  EXPECT_FALSE(said.is_held);
  ASSERT_EQ(scene.under_way<SetServerMode>().size(), 1u);
  EXPECT_EQ(scene.under_way<SetServerMode>().at(0).mode, sync::ServerMode::ReadOnly);
  scene.mode_is_set();
  sync::BarrierState const held_now = raise(scene);
  EXPECT_TRUE(held_now.is_held);
  EXPECT_EQ(held_now.id, said.id);
  EXPECT_EQ(held_now.held_at, scene.wall);
  EXPECT_TRUE(status(scene.state, Details::Full)->outgoing.at(0).active_barrier);
}

TEST(SourceBarrier, IsLiftedWhenTheTargetSaysSo) {
  Scene scene;
  send(scene);
  hold(scene);
  scene.when(LowerOutgoingBarrier{scene.call(), target_id});
  ASSERT_EQ(scene.under_way<SetServerMode>().size(), 1u);
  EXPECT_EQ(scene.under_way<SetServerMode>().at(0).mode, sync::ServerMode::Default);
  scene.mode_is_set();
  EXPECT_FALSE(status(scene.state, Details::Full)->outgoing.at(0).active_barrier);
  EXPECT_TRUE(scene.when(LowerOutgoingBarrier{scene.call(), target_id}).replied<Done>());
  EXPECT_TRUE(scene.when(LowerOutgoingBarrier{scene.call(), ClusterId("nobody")}).replied<Done>());
}

// A stop that was given up had ended its barrier, and the call lay at a master that slept while the next stop began
// one.
TEST(SourceBarrier, IsNotLiftedByAnOrderThatANewerOneHasOvertaken) {
  Scene scene;
  send(scene);
  auto const order = [](std::uint64_t number) { return sync::Order{sync::Life(1), Term(1), RequestId(number)}; };
  scene.when(RaiseOutgoingBarrier{scene.call(), target_id, order(7)}).mode_is_set();
  scene.when(LowerOutgoingBarrier{scene.call(), target_id, order(6)});
  ASSERT_TRUE(scene.replied<Refused>());
  EXPECT_EQ(scene.replied<Refused>()->kind, RefusalKind::Late);
  EXPECT_TRUE(status(scene.state, Details::Full)->outgoing.at(0).active_barrier);
  EXPECT_TRUE(scene.when(LowerOutgoingBarrier{scene.call(), target_id, order(8)}).replied<Done>());
  EXPECT_EQ(scene.under_way<SetServerMode>().at(0).mode, sync::ServerMode::Default);
}

// Nobody would end it before its lease does.
TEST(SourceBarrier, IsNotRaisedByAnOrderThatItsEndHasOvertaken) {
  Scene scene;
  send(scene);
  auto const order = [](std::uint64_t number) { return sync::Order{sync::Life(1), Term(1), RequestId(number)}; };
  scene.when(RaiseOutgoingBarrier{scene.call(), target_id, order(7)}).mode_is_set();
  scene.when(LowerOutgoingBarrier{scene.call(), target_id, order(9)}).mode_is_set();
  EXPECT_TRUE(scene.when(RaiseOutgoingBarrier{scene.call(), target_id, order(8)}).replied<Refused>());
  EXPECT_TRUE(scene.under_way<SetServerMode>().empty());
  EXPECT_TRUE(scene.when(RaiseOutgoingBarrier{scene.call(), target_id, order(10)}).replied<sync::BarrierState>());
}

TEST(SourceBarrier, EndsByItselfWhenItsTargetIsSilentAndHasANewIdAfterwards) {
  Scene scene;
  send(scene);
  sync::BarrierState const first = hold(scene);
  scene.lead_on(sync::pace::barrier_lease - 20s).keep_workers();
  EXPECT_EQ(raise(scene).id, first.id);
  scene.lead_on(20s).keep_workers().fire("barrier");
  EXPECT_TRUE(scene.under_way<SetServerMode>().empty()) << "it was renewed";
  scene.lead_on(sync::pace::barrier_lease).fire("barrier");
  ASSERT_EQ(scene.under_way<SetServerMode>().size(), 1u);
  EXPECT_EQ(scene.under_way<SetServerMode>().at(0).mode, sync::ServerMode::Default);
  scene.mode_is_set();
  EXPECT_NE(raise(scene).id, first.id) << "writes may have happened: nothing is in sync under the old one";
}

TEST(SourceBarrier, IsWatchedByANewLeaderForAWholePeriod) {
  Scene scene;
  send(scene);
  sync::BarrierState const said = hold(scene);
  Scene next("m2");
  next.lead(persisted(scene.state));
  EXPECT_EQ(raise(next).id, said.id);
  EXPECT_TRUE(raise(next).is_held);
  Scene other("m3");
  other.lead(persisted(scene.state));
  other.lead_on(sync::pace::barrier_lease).fire("barrier");
  ASSERT_EQ(other.under_way<SetServerMode>().size(), 1u);
  EXPECT_EQ(other.under_way<SetServerMode>().at(0).mode, sync::ServerMode::Default);
}

TEST(SourceBarrier, OfOneTargetOutlivesThatOfAnother) {
  Scene scene;
  send(scene);
  ClusterId const other("bbbbbbbbbbbbbbbbbbbb");
  scene.when(request(scene, other, "other")).workers_obey();
  raise(scene);
  scene.mode_is_set();
  raise(scene, other);
  scene.mode_is_set();
  scene.when(LowerOutgoingBarrier{scene.call(), target_id});
  ASSERT_EQ(scene.under_way<SetServerMode>().size(), 1u);
  EXPECT_EQ(scene.under_way<SetServerMode>().at(0).mode, sync::ServerMode::ReadOnly) << "the other one still holds";
  scene.mode_is_set();
  scene.when(RemoveOutgoing{scene.call(), other, sync::ServerMode::Default}).workers_obey();
  EXPECT_EQ(scene.under_way<SetServerMode>().at(0).mode, sync::ServerMode::Default);
  scene.mode_is_set();
  EXPECT_EQ(status(scene.state, Details::Full)->outgoing.size(), 1u);
}

TEST(SourceBarrier, OfATargetThatLeavesIsLiftedWithIt) {
  Scene scene;
  send(scene);
  hold(scene);
  scene.when(RemoveOutgoing{scene.call(), target_id, std::nullopt});
  EXPECT_TRUE(scene.under_way<SetServerMode>().empty()) << "not before its tasks are gone";
  scene.workers_obey();
  ASSERT_EQ(scene.under_way<SetServerMode>().size(), 1u);
  EXPECT_EQ(scene.under_way<SetServerMode>().at(0).mode, sync::ServerMode::Default);
  scene.mode_is_set();
  EXPECT_TRUE(status(scene.state, Details::Full)->outgoing.empty());
}

// A sender whose worker registers and cannot be told anything: the source stayed read-only as long as it was there.
TEST(SourceBarrier, OfATargetThatLeavesIsLiftedInTimeThoughATaskCannotBeStopped) {
  Scene scene;
  send(scene);
  hold(scene);
  scene.when(RemoveOutgoing{scene.call(), target_id, std::nullopt});
  scene.lead_on(sync::pace::barrier_lease - 20s).keep_workers().fire("barrier");
  EXPECT_TRUE(scene.under_way<SetServerMode>().empty());
  scene.lead_on(20s).keep_workers().fire("barrier");
  ASSERT_EQ(scene.under_way<SetServerMode>().size(), 1u);
  EXPECT_EQ(scene.under_way<SetServerMode>().at(0).mode, sync::ServerMode::Default);
  EXPECT_TRUE(access::held_by(scene.state.office->tokens, access::Holder{target_id}).empty());
  scene.mode_is_set();
  EXPECT_FALSE(status(scene.state, Details::Full)->outgoing.at(0).active_barrier);
  EXPECT_TRUE(scene.under_way<SetServerMode>().empty());
  scene.workers_obey();
  EXPECT_TRUE(status(scene.state, Details::Full)->outgoing.empty()) << "the mode is what it is to be already";
}

TEST(SourceBarrier, OfATargetThatLeavesIsWatchedByANewLeaderToo) {
  Scene scene;
  send(scene);
  hold(scene);
  scene.when(RemoveOutgoing{scene.call(), target_id, std::nullopt});
  sync::State const& before = scene.state.office->sync;
  sync::State const after =
      sync::restored(before.cluster_id, before.incoming, before.outgoing, before.cancellation_aborted, Instant(500s));
  EXPECT_EQ(after.barrier_ends.at(target_id), Instant(500s) + sync::pace::barrier_lease);
}

TEST(SourceBarrier, ThatIsOverLeavesTheFinalModeReadOnly) {
  Scene scene;
  send(scene);
  hold(scene);
  scene.when(RemoveOutgoing{scene.call(), target_id, sync::ServerMode::ReadOnly});
  scene.lead_on(sync::pace::barrier_lease).keep_workers().fire("barrier");
  for (auto const& call : scene.under_way<SetServerMode>()) EXPECT_EQ(call.mode, sync::ServerMode::ReadOnly);
  scene.mode_is_set().workers_obey();
  ASSERT_EQ(scene.under_way<SetServerMode>().size(), 1u);
  EXPECT_EQ(scene.under_way<SetServerMode>().at(0).mode, sync::ServerMode::ReadOnly);
  scene.mode_is_set();
  EXPECT_TRUE(status(scene.state, Details::Full)->outgoing.empty());
}

// Simulation seed 22418: nobody had a wish for a moment, the call was forgotten, and the one that lifted the barrier
// overtook it. The cluster stayed read-only for ever.
TEST(SourceBarrier, IsNotLiftedBeforeTheCallThatRaisesItIsAnswered) {
  Scene scene;
  send(scene);
  raise(scene);
  RequestId const raising = scene.under_way<SetServerMode>().at(0).request;
  scene.when(RemoveOutgoing{scene.call(), target_id, std::nullopt}).workers_obey();
  EXPECT_TRUE(scene.under_way<SetServerMode>().empty());
  scene.when(ServerModeSet{raising, Done{}});
  ASSERT_EQ(scene.under_way<SetServerMode>().size(), 1u);
  EXPECT_EQ(scene.under_way<SetServerMode>().at(0).mode, sync::ServerMode::Default);
  scene.mode_is_set();
  EXPECT_TRUE(status(scene.state, Details::Full)->outgoing.empty());
}

TEST(SourceBarrier, IsRefusedWhereDataComesInItself) {
  Scene scene;
  scene.receive().when(request(scene, target_id)).workers_obey();
  scene.when(RaiseOutgoingBarrier{scene.call(), target_id});
  ASSERT_TRUE(scene.refusal);
  EXPECT_EQ(scene.refusal->kind, RefusalKind::Precondition);
  EXPECT_NE(scene.refusal->message.find("itself receives"), std::string::npos);
}

TEST(SourceBarrier, KeepsTheClusterFromBecomingATarget) {
  Scene scene;
  send(scene);
  raise(scene);
  scene.configure();
  ASSERT_TRUE(scene.refusal);
  EXPECT_EQ(scene.refusal->kind, RefusalKind::Precondition);
}

TEST(ServerModes, AMiddleOfAChainStaysReadOnlyWhenItsTargetLeaves) {
  Scene scene;
  scene.receive().when(request(scene, target_id)).workers_obey();
  scene.when(RemoveOutgoing{scene.call(), target_id, sync::ServerMode::Default}).workers_obey();
  ASSERT_EQ(scene.under_way<SetServerMode>().size(), 1u);
  EXPECT_EQ(scene.under_way<SetServerMode>().at(0).mode, sync::ServerMode::ReadOnly);
  scene.mode_is_set();
  EXPECT_TRUE(status(scene.state, Details::Full)->outgoing.empty());
}

}  // namespace
}  // namespace arangosync::master
