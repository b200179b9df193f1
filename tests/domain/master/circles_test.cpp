// Data must not run in a circle: neither to itself, nor back, nor through a third datacenter. Who may read what.
#include "tests/domain/master/story/given_when_then.h"

namespace arangosync::master {
namespace {

ClusterId const target_id("aaaaaaaaaaaaaaaaaaaa");

AcceptOutgoing request(Scene& scene, ClusterId const& id = target_id) {
  task::QueueConfig const queue{{Url("https://target:8629")}, "", "", "target-token", "CA of target"};
  task::Channels const channels{ChannelName("sync_t." + id.value()), ChannelName("sync_m1." + id.value())};
  return AcceptOutgoing{scene.call(), id, {Url("https://target:8629")}, channels, queue};
}

Scene& source_tells(Scene& scene, std::vector<ClusterId> lineage) {
  SourceFacts const facts{"sync_source.", source_urls(), std::move(lineage), queue_of_other("source-token"), 6h};
  return scene.when(SourceAsked{scene.under_way<AskSource>().at(0).request, facts});
}

Scene& lineage_is(Scene& scene, std::vector<ClusterId> lineage) {
  auto const asked = scene.under_way<AskLineage>();
  EXPECT_EQ(asked.size(), 1u);
  if (!asked.empty()) scene.when(LineageAnswered{asked.at(0).request, std::move(lineage)});
  return scene;
}

TEST(Circles, ToItselfIsSeenByTheClusterIdWhateverTheAddress) {
  Scene scene;
  scene.lead().configure();
  source_tells(scene, {cluster_id(scene.state)});
  auto const view = *status(scene.state, Details::Short);
  EXPECT_EQ(view.status, sync::Status::Failed);
  EXPECT_NE(view.message.find("this datacenter itself"), std::string::npos) << view.message;
}

TEST(Circles, BackToATargetAreRefusedOnBothSides) {
  Scene target;
  target.lead().when(request(target)).configure();
  source_tells(target, {target_id});
  EXPECT_EQ(status(target.state, Details::Short)->status, sync::Status::Failed);
  EXPECT_TRUE(target.under_way<SetServerMode>().empty()) << "nothing is touched";

  Scene source;
  source.lead().configure();
  source_tells(source, {target_id});
  source.when(request(source));
  ASSERT_TRUE(source.refusal);
  EXPECT_NE(source.refusal->message.find("circle"), std::string::npos);
}

TEST(Circles, ThatWereRefusedLeaveTheClusterWritableWhenATargetIsLetGo) {
  Scene scene;
  scene.lead();
  scene.join("w1");
  scene.when(request(scene)).configure().workers_obey();
  source_tells(scene, {target_id});
  scene.when(RemoveOutgoing{scene.call(), target_id, sync::ServerMode::Default}).workers_obey();
  ASSERT_EQ(scene.under_way<SetServerMode>().size(), 1u);
  EXPECT_EQ(scene.under_way<SetServerMode>().at(0).mode, sync::ServerMode::Default);
}

TEST(Circles, ThroughAThirdDatacenterAreRefused) {
  Scene scene;
  scene.lead().when(request(scene)).configure();
  source_tells(scene, {ClusterId("third"), target_id});
  auto const view = *status(scene.state, Details::Short);
  EXPECT_EQ(view.status, sync::Status::Failed);
  EXPECT_NE(view.message.find(target_id.value()), std::string::npos) << view.message;
}

TEST(Circles, ClosedLaterBySomebodyElseStopTheCopying) {
  Scene scene;
  scene.receive().when(request(scene)).start_shard(shard_ref("a")).workers_obey();
  scene.lead_on(30s).keep_workers().fire("lineage");
  lineage_is(scene, {ClusterId("third"), target_id});
  EXPECT_EQ(status(scene.state, Details::Short)->status, sync::Status::Failed);
  EXPECT_EQ(scene.all<RevokeTask>().size(), 2u);
  scene.workers_obey();
  for (TaskView const& view : tasks(scene.state)) EXPECT_TRUE(view.task.spec.target) << "only sending goes on";
  scene.when(StopSync{scene.call(), true, 1s, std::nullopt, std::nullopt});
  scene.when(RemoteDone{scene.under_way<WithdrawOutgoing>().at(0).request, Done{}}).mode_is_set();
  EXPECT_EQ(status(scene.state, Details::Short)->status, sync::Status::Inactive);
}

// A new leader tells the source of itself; before that is answered it learns of the circle, and everything ends here.
TEST(Circles, FoundBeforeTheSourceIsToldAgainAreTakenBackThereToo) {
  Scene scene;
  scene.receive().when(request(scene)).workers_obey();
  Scene next("m2");
  next.lead(persisted(scene.state));
  lineage_is(next, {ClusterId("third"), target_id}).workers_obey();
  EXPECT_EQ(status(next.state, Details::Short)->status, sync::Status::Failed);
  EXPECT_FALSE(next.state.office->sync.incoming->announced);
  next.when(StopSync{next.call(), false, {}, std::nullopt, std::nullopt});
  ASSERT_EQ(next.under_way<WithdrawOutgoing>().size(), 1u) << "it has accepted us before";
}

TEST(Circles, AreLookedForAgainAndAgain) {
  Scene scene;
  scene.receive();
  EXPECT_TRUE(scene.under_way<AskLineage>().empty()) << "it was told when the source was asked";
  scene.lead_on(30s).keep_workers().fire("lineage");
  lineage_is(scene, {ClusterId("source"), ClusterId("above")});
  EXPECT_TRUE(scene.wakes("lineage"));
  EXPECT_EQ(lineage(scene.state), (std::vector{cluster_id(scene.state), ClusterId("source"), ClusterId("above")}));
}

TEST(Circles, AnOriginalThatCannotTellIsTakenForOneThatReceivesFromNobody) {
  Scene scene;
  scene.receive();
  scene.lead_on(30s).keep_workers().fire("lineage");
  scene.when(LineageAnswered{scene.under_way<AskLineage>().at(0).request,
                             unexpected(Fault{FaultClass::NotFound, "no such call"})});
  EXPECT_EQ(lineage(scene.state), std::vector{cluster_id(scene.state)});
  EXPECT_TRUE(scene.under_way<AskLineage>().empty());
}

TEST(Sources, ThatAreNoLongerFitAreNamedWhileTheCopyingGoesOn) {
  Scene scene;
  scene.receive();
  scene.lead_on(30s).keep_workers().fire("lineage");
  auto const before = status(scene.state, Details::Short)->status;
  scene.when(LineageAnswered{scene.under_way<AskLineage>().at(0).request,
                             unexpected(Fault{FaultClass::Permanent, "upgrade this datacenter first"})});
  EXPECT_EQ(status(scene.state, Details::Short)->message, "upgrade this datacenter first");
  EXPECT_EQ(status(scene.state, Details::Short)->status, before);
  scene.lead_on(30s).keep_workers().fire("errands");
  lineage_is(scene, {ClusterId("source")});
  EXPECT_EQ(status(scene.state, Details::Short)->message, "");
}

TEST(Chains, AMiddleReceivesAndSendsToSeveralAtOnce) {
  Scene scene;
  scene.receive();
  ClusterId const other("bbbbbbbbbbbbbbbbbbbb");
  scene.when(request(scene)).when(request(scene, other)).workers_obey();
  auto const view = *status(scene.state, Details::Full);
  EXPECT_EQ(view.status, sync::Status::InitialSync);
  ASSERT_EQ(view.outgoing.size(), 2u);
  scene.when(RemoveOutgoing{scene.call(), target_id, std::nullopt}).workers_obey();
  EXPECT_EQ(status(scene.state, Details::Full)->outgoing.size(), 1u);
}

// ----------------------------------------------------------------------------------------------------------- tokens

TEST(Tokens, OfOneTargetDoNotOpenTheChannelsOfAnother) {
  Scene scene;
  scene.lead();
  scene.join("w1");
  ClusterId const other("bbbbbbbbbbbbbbbbbbbb");
  Token const first(scene.when(request(scene)).replied<OutgoingAccepted>()->queue.client_token);
  Token const second(scene.when(request(scene, other)).replied<OutgoingAccepted>()->queue.client_token);
  ChannelName const channel("sync_t." + target_id.value());
  EXPECT_TRUE(may_read(scene.state, first, channel));
  EXPECT_FALSE(may_read(scene.state, second, channel));
  scene.when(CloneToken{scene.call(), second});
  EXPECT_FALSE(may_read(scene.state, scene.replied<TokenIssued>()->token, channel)) << "nor does a clone";
  scene.when(IssueToken{scene.call(), target_id});
  EXPECT_TRUE(may_read(scene.state, scene.replied<TokenIssued>()->token, channel));
  scene.when(IssueToken{scene.call(), std::nullopt});
  EXPECT_TRUE(may_read(scene.state, scene.replied<TokenIssued>()->token, channel))
      << "an original does not say who asks";
}

TEST(Tokens, AreRevokedWhenTheirHolderLeaves) {
  Scene scene;
  scene.lead();
  scene.join("w1");
  Token const token(scene.when(request(scene)).replied<OutgoingAccepted>()->queue.client_token);
  scene.when(CloneToken{scene.call(), token});
  Token const clone = scene.replied<TokenIssued>()->token;
  scene.workers_obey();
  scene.when(RemoveOutgoing{scene.call(), target_id, std::nullopt}).workers_obey();
  EXPECT_FALSE(token_valid(scene.state, token, scene.wall));
  EXPECT_FALSE(token_valid(scene.state, clone, scene.wall));
}

TEST(Tokens, OfTheSourceAreRevokedWhenNothingIsReceivedAnyMore) {
  Scene scene;
  scene.receive();
  Token const token = scene.state.office->sync.incoming->own_token;
  EXPECT_TRUE(token_valid(scene.state, token, scene.wall));
  scene.when(StopSync{scene.call(), false, {}, std::nullopt, std::nullopt});
  scene.when(RemoteDone{scene.under_way<WithdrawOutgoing>().at(0).request, Done{}}).workers_obey().mode_is_set();
  EXPECT_FALSE(token_valid(scene.state, token, scene.wall));
}

// ----------------------------------------------------------------------------------------------------------- resets

TEST(Reset, GivesAShardNewTasksAndChannelsOnBothSides) {
  Scene scene;
  scene.receive().start_shard(shard_ref("a")).source_obeys().workers_obey();
  task::Channels const before = scene.state.office->sync.incoming->shards.at(shard_ref("a")).channels;
  scene.report(std::nullopt, shard_ref("a"), sync::Status::Failed);
  scene.when(ResetShard{scene.call(), shard_ref("a")});
  EXPECT_TRUE(scene.replied<Done>());
  EXPECT_EQ(scene.under_way<WithdrawShard>().size(), 1u);
  EXPECT_EQ(scene.under_way<RevokeTask>().size(), 1u);
  scene.workers_obey().source_obeys();
  auto const entry = scene.state.office->sync.incoming->shards.at(shard_ref("a"));
  EXPECT_NE(entry.channels, before);
  EXPECT_EQ(entry.status, sync::Status::Initializing);
  EXPECT_EQ(scene.under_way<AnnounceShard>().at(0).channels, entry.channels);
  EXPECT_EQ(scene.under_way<SendTask>().size(), 1u);
}

TEST(Reset, OfAShardThatIsNotThereIsRefused) {
  Scene scene;
  scene.receive().when(ResetShard{scene.call(), shard_ref("a")});
  ASSERT_TRUE(scene.refusal);
  EXPECT_EQ(scene.refusal->kind, RefusalKind::NotFound);
}

}  // namespace
}  // namespace arangosync::master
