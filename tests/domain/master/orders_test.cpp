// Orders between datacenters that come late: kept by a sleeping master, duplicated by the network, or given by a target
// whose agency was brought back from a backup (docs/decisions/0018).
#include "tests/domain/master/story/given_when_then.h"

namespace arangosync::master {
namespace {

ClusterId const target_id("aaaaaaaaaaaaaaaaaaaa");

sync::Order order(std::uint64_t life, std::uint64_t number) { return {sync::Life(life), Term(1), RequestId(number)}; }

task::Channels channels(std::string const& name) {
  return {ChannelName("sync_target." + name), ChannelName("sync_m1." + name)};
}

AcceptOutgoing accept(Scene& scene, std::string const& inventory, sync::Order const& number,
                      ClusterId const& id = target_id) {
  task::QueueConfig const queue{{Url("https://target:8629")}, "", "", "target-token", "CA of target"};
  return AcceptOutgoing{scene.call(), id, {Url("https://target:8629")}, channels(inventory), queue, number};
}

RemoveOutgoing leave(Scene& scene, std::optional<sync::Order> const& number) {
  return RemoveOutgoing{scene.call(), target_id, std::nullopt, number};
}

StartOutgoingShard start(Scene& scene, std::string const& channel, sync::Order const& number) {
  return StartOutgoingShard{scene.call(), target_id, shard_ref("a"), channels(channel), number};
}

StopOutgoingShard stop(Scene& scene, sync::Order const& number) {
  return StopOutgoingShard{scene.call(), target_id, shard_ref("a"), number};
}

/// Sends to a target whose life has this number.
void send(Scene& scene, std::uint64_t life) {
  scene.lead();
  scene.join("w1");
  scene.when(accept(scene, "inventory", order(life, 1))).workers_obey();
  EXPECT_EQ(status(scene.state, Details::Short)->outgoing.size(), 1u);
}

bool is_late(Scene const& scene) {
  auto const refused = scene.replied<Refused>();
  return refused && refused->kind == RefusalKind::Late;
}

std::size_t tasks_of(Scene const& scene) { return tasks(scene.state).size(); }

// ------------------------------------------------------------------------------------------------------- the source

// Simulation seed 940.
TEST(MasterOrders, AFormerLifeNeitherComesBackNorEndsTheNextOne) {
  Scene scene;
  send(scene, 2);
  Token const token(scene.history.empty() ? "" : scene.state.office->tokens.begin()->first.value());
  EXPECT_TRUE(is_late(scene.when(accept(scene, "former", order(1, 7)))));
  EXPECT_TRUE(is_late(scene.when(leave(scene, order(1, 9)))));
  EXPECT_TRUE(is_late(scene.when(start(scene, "former", order(1, 8)))));
  EXPECT_TRUE(is_late(scene.when(stop(scene, order(1, 8)))));
  EXPECT_TRUE(is_late(scene.when(RaiseOutgoingBarrier{scene.call(), target_id, order(1, 8)})));
  EXPECT_TRUE(is_late(scene.when(LowerOutgoingBarrier{scene.call(), target_id, order(1, 8)})));
  EXPECT_EQ(status(scene.state, Details::Short)->outgoing.at(0).status, sync::Status::InitialSync);
  EXPECT_TRUE(token_valid(scene.state, token, scene.wall));
  EXPECT_EQ(tasks_of(scene), 1u);
}

TEST(MasterOrders, OfAFormerLifeAreLateAsSoonAsTheNextOneHasKnocked) {
  Scene scene;
  send(scene, 1);
  scene.when(accept(scene, "next", order(2, 1)));
  EXPECT_EQ(scene.replied<Refused>()->kind, RefusalKind::Precondition) << "the former one goes first";
  EXPECT_TRUE(is_late(scene.when(accept(scene, "inventory", order(1, 5)))));
  scene.workers_obey();
  EXPECT_TRUE(is_late(scene.when(accept(scene, "inventory", order(1, 5)))));
  EXPECT_TRUE(scene.when(accept(scene, "next", order(2, 2))).replied<OutgoingAccepted>());
}

TEST(MasterOrders, AnAnnouncementIsLateWhenItsWithdrawalHasCome) {
  Scene scene;
  send(scene, 3);
  scene.when(leave(scene, order(3, 8))).workers_obey();
  EXPECT_TRUE(is_late(scene.when(accept(scene, "inventory", order(3, 7)))));
  Scene next("m2");
  next.lead(scene.saved);
  EXPECT_TRUE(is_late(next.when(accept(next, "inventory", order(3, 7))))) << "also for another leader";
  EXPECT_TRUE(next.when(accept(next, "anew", order(4, 1))).replied<OutgoingAccepted>());
}

TEST(MasterOrders, AnAnnouncementIsLateAlsoWhenTheWithdrawalWasTheFirstThingHeard) {
  Scene scene;
  scene.lead().when(leave(scene, order(1, 2)));
  EXPECT_TRUE(scene.replied<Done>());
  EXPECT_TRUE(is_late(scene.when(accept(scene, "inventory", order(1, 1)))));
}

TEST(MasterOrders, SaidTwiceAreNotLateAndChangeNothing) {
  Scene scene;
  send(scene, 1);
  scene.when(start(scene, "a", order(1, 2))).workers_obey();
  Persisted const before = persisted(scene.state);
  EXPECT_TRUE(scene.when(start(scene, "a", order(1, 2))).replied<Done>());
  EXPECT_EQ(persisted(scene.state), before);
  scene.when(stop(scene, order(1, 3))).workers_obey();
  Persisted const after = persisted(scene.state);
  EXPECT_TRUE(scene.when(stop(scene, order(1, 3))).replied<Done>());
  EXPECT_EQ(persisted(scene.state), after);
}

// Simulation seed 3087, between datacenters.
TEST(MasterOrders, AStopForAShardsFormerLifeDoesNotEndTheNextOne) {
  Scene scene;
  send(scene, 1);
  scene.when(start(scene, "a", order(1, 2))).workers_obey();
  scene.when(stop(scene, order(1, 3))).workers_obey();
  EXPECT_TRUE(scene.when(start(scene, "anew", order(1, 5))).replied<Done>());
  EXPECT_TRUE(is_late(scene.when(stop(scene, order(1, 4)))));
  EXPECT_EQ(status(scene.state, Details::Full)->outgoing.at(0).shards_count, 1u);
}

TEST(MasterOrders, AStartForAShardsFormerLifeDoesNotReplaceTheNextOne) {
  Scene scene;
  send(scene, 1);
  scene.when(stop(scene, order(1, 3)));
  EXPECT_TRUE(scene.replied<Done>());
  EXPECT_TRUE(is_late(scene.when(start(scene, "a", order(1, 2))))) << "the shard is not there, and it is over";
  EXPECT_EQ(tasks_of(scene), 1u);
  scene.when(start(scene, "anew", order(1, 4))).workers_obey();
  EXPECT_TRUE(is_late(scene.when(start(scene, "a", order(1, 2)))));
  EXPECT_FALSE(scene.asked<RevokeTask>());
  Scene next("m2");
  next.lead(scene.saved).workers_obey();
  EXPECT_TRUE(is_late(next.when(start(next, "a", order(1, 2))))) << "also for another leader";
}

// The shard's sender is still being stopped when the second stop comes; the start between them is late, too.
TEST(MasterOrders, AStopOfAShardThatIsBeingStoppedIsRemembered) {
  Scene scene;
  send(scene, 1);
  scene.when(start(scene, "a", order(1, 2))).workers_obey();
  scene.when(stop(scene, order(1, 3)));
  EXPECT_TRUE(scene.when(stop(scene, order(1, 5))).replied<Done>());
  scene.workers_obey();
  EXPECT_EQ(tasks_of(scene), 1u);
  EXPECT_TRUE(is_late(scene.when(start(scene, "anew", order(1, 4)))));
}

TEST(MasterOrders, WithoutANumberAreTheNewest) {
  Scene scene;
  send(scene, 5);
  EXPECT_TRUE(scene.when(leave(scene, std::nullopt)).replied<Done>());
  scene.workers_obey();
  EXPECT_TRUE(status(scene.state, Details::Short)->outgoing.empty());
}

TEST(MasterOrders, OfTargetsThatAreGoneAreRememberedWithinLimits) {
  Scene scene;
  scene.lead();
  for (int i = 0; i < 100; ++i) {
    ClusterId const id("target-" + std::to_string(i));
    scene.after(10ms).when(RemoveOutgoing{scene.call(), id, std::nullopt, order(1, 2)});
  }
  EXPECT_EQ(scene.state.office->sync.heard.size(), sync::targets_heard_max);
  EXPECT_TRUE(is_late(scene.when(accept(scene, "i", order(1, 1), ClusterId("target-99")))));
}

// ------------------------------------------------------------------------------------------------------- the target

TEST(MasterOrders, BelongToALifeThatGrowsWithEveryConfigure) {
  Scene scene;
  scene.receive();
  sync::Life const first = scene.state.office->sync.life;
  scene.when(StopSync{scene.call(), false, {}, {}, {}}).workers_obey();
  auto const withdraw = scene.under_way<WithdrawOutgoing>().at(0);
  EXPECT_EQ(withdraw.order.life, first);
  scene.when(RemoteDone{withdraw.request, Done{}}).mode_is_set();
  Scene next("m2");
  next.lead(scene.saved);
  next.join("w1");
  next.configure().source_answers().mode_is_set();
  EXPECT_EQ(next.under_way<AnnounceOutgoing>().at(0).order.life, first.next());
}

TEST(MasterOrders, AreNewerWhenTheyAreSaidAgain) {
  Scene scene;
  scene.receive().start_shard(shard_ref("a"));
  auto const first = *scene.asked<AnnounceShard>();
  scene.when(RemoteDone{first.request, unexpected(Fault{FaultClass::Retry, "no answer"})});
  scene.after(20s).fire("errands");
  ASSERT_TRUE(scene.asked<AnnounceShard>());
  EXPECT_LT(first.order, scene.asked<AnnounceShard>()->order);
}

// The target's agency was brought back from a backup: its source has heard a later life already.
TEST(MasterOrders, ThatAreLateThoughTheyAreMeantBeginTheNextLife) {
  Scene scene;
  scene.lead();
  scene.join("w1");
  scene.configure().source_answers().mode_is_set();
  sync::Life const life = scene.state.office->sync.life;
  for (std::uint64_t round = 0; round < 3; ++round) {
    auto const announce = scene.under_way<AnnounceOutgoing>();
    ASSERT_EQ(announce.size(), 1u);
    EXPECT_EQ(announce.at(0).order.life.value(), life.value() + round);
    scene.when(OutgoingAnnounced{announce.at(0).request, unexpected(Fault{FaultClass::Refresh, "late"})});
    EXPECT_TRUE(scene.under_way<AnnounceOutgoing>().empty()) << "not at once";
    scene.lead_on(11s).keep_workers().fire("errands");
  }
  scene.source_accepts();
  EXPECT_EQ(status(scene.state, Details::Short)->status, sync::Status::InitialSync);
}

TEST(MasterOrders, ALateWithdrawalIsAsGoodAsDone) {
  Scene scene;
  scene.receive().when(StopSync{scene.call(), false, {}, {}, {}}).workers_obey();
  auto const withdraw = scene.under_way<WithdrawOutgoing>().at(0);
  scene.when(RemoteDone{withdraw.request, unexpected(Fault{FaultClass::Refresh, "late"})}).mode_is_set();
  EXPECT_EQ(status(scene.state, Details::Short)->status, sync::Status::Inactive);
}

TEST(MasterOrders, ASourceThatHasForgottenItsTargetIsToldEverythingAgain) {
  Scene scene;
  scene.receive().start_shard(shard_ref("a")).start_shard(shard_ref("b"));
  auto const both = scene.under_way<AnnounceShard>();
  ASSERT_EQ(both.size(), 2u);
  scene.when(RemoteDone{both.at(0).request, Done{}});
  scene.when(RemoteDone{both.at(1).request, unexpected(Fault{FaultClass::NotFound, "unknown target"})});
  EXPECT_TRUE(scene.under_way<AnnounceShard>().empty()) << "it would not know whose they are";
  ASSERT_EQ(scene.under_way<AnnounceOutgoing>().size(), 1u);
  scene.source_accepts();
  EXPECT_EQ(scene.under_way<AnnounceShard>().size(), 2u);
  scene.source_obeys();
  EXPECT_TRUE(scene.under_way<AnnounceShard>().empty());
}

TEST(MasterOrders, ASourceThatHasRevokedOurTokenIsNoticedSoonAndToldEverythingAgain) {
  Scene scene;
  scene.receive().start_shard(shard_ref("a")).source_obeys();
  scene.lead_on(30s).keep_workers().fire("tokens");
  auto const look = scene.asked<RenewRemoteToken>();
  ASSERT_TRUE(look);
  scene.when(RemoteTokenRenewed{look->request, unexpected(Fault{FaultClass::Denied, "unknown or expired token"})});
  scene.source_answers("fresh").source_accepts();
  EXPECT_EQ(scene.under_way<AnnounceShard>().size(), 1u);
}

TEST(MasterOrders, ALookAtATokenThatIsStillGoodCostsNoWrite) {
  Scene scene;
  scene.receive().lead_on(30s).keep_workers().fire("tokens");
  auto const look = scene.asked<RenewRemoteToken>();
  ASSERT_TRUE(look);
  Persisted const before = persisted(scene.state);
  scene.when(RemoteTokenRenewed{look->request, std::pair{Token("acceptance-token"), Duration(6h) - 30s}});
  EXPECT_EQ(persisted(scene.state), before);
  scene.fire("tokens");
  EXPECT_FALSE(scene.asked<RenewRemoteToken>()) << "not before its time";
}

}  // namespace
}  // namespace arangosync::master
