// A datacenter that sends: targets that come, run and leave, and the tokens they read with.
#include "tests/domain/master/given_when_then.h"

namespace arangosync::master {
namespace {

ClusterId const target_id("aaaaaaaaaaaaaaaaaaaa");

task::Channels channels(std::string const& name) {
  return {ChannelName("sync_target." + name), ChannelName("sync_m1." + name)};
}

AcceptOutgoing request(Scene& scene, std::string const& inventory = "inventory") {
  task::QueueConfig const queue{{Url("https://target:8629")}, "", "", "target-token", "CA of target"};
  return AcceptOutgoing{scene.call(), target_id, {Url("https://target:8629")}, channels(inventory), queue};
}

void send(Scene& scene) {
  scene.lead();
  scene.join("w1");
  scene.when(request(scene)).workers_obey();
}

StartOutgoingShard start(Scene& scene, std::string const& name) {
  return StartOutgoingShard{scene.call(), target_id, shard_ref(name), channels(name)};
}

// Simulation seed 6522: a DB-Server's tasks were about to move to another worker when the late call of an older life
// replaced the one that still had them; the other got them at once.
TEST(MasterSource, LeavesTasksThatAreMovingWhereTheyRunWhenTheirWorkerIsReplaced) {
  Scene scene;
  send(scene);
  task::Landscape landscape;
  for (char const* name : {"c", "d", "e", "f"})
    landscape.leaders[shard_ref(name)] = ServerId(*name < 'e' ? "P1" : "P2");
  scene.when(LandscapeRead{scene.under_way<ReadLandscape>().at(0).request, Survey{7, landscape}});
  for (char const* name : {"c", "d", "e", "f"}) scene.when(start(scene, name));
  scene.workers_obey();
  WorkerId const old = scene.state.office->tasks.tasks.begin()->second.assignment->worker;
  Url const address = scene.state.office->members.at(old).record.endpoint;
  scene.join("w2");
  std::vector<RevokeTask> const moving = scene.all<RevokeTask>();
  ASSERT_FALSE(moving.empty());
  scene.when(RegisterWorker{scene.call(), address, Token("of an older life"), "host"});
  WorkerId const in_its_place = scene.replied<WorkerRegistered>()->worker.id;
  for (RevokeTask const& revoke : moving) {
    EXPECT_EQ(task::find(scene.state.office->tasks, revoke.task)->assignment->worker, in_its_place);
  }
}

TEST(MasterSource, AcceptsATargetAndGivesItAToken) {
  Scene scene;
  scene.lead();
  scene.join("w1");
  scene.when(request(scene));
  auto const reply = scene.replied<OutgoingAccepted>();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->queue.endpoints, std::vector{Url("https://m1.example:8629")});
  EXPECT_EQ(reply->queue.ca_certificate, "CA of m1");
  EXPECT_TRUE(token_valid(scene.state, Token(reply->queue.client_token), scene.wall));
  auto const sent = scene.asked<SendTask>();
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->spec.kind, task::Kind::SendInventory);
  EXPECT_EQ(sent->spec.target, target_id);
  EXPECT_EQ(sent->remote.client_token, "target-token");
  scene.workers_obey();
  EXPECT_EQ(status(scene.state, Details::Full)->outgoing.at(0).status, sync::Status::InitialSync);
}

TEST(MasterSource, AcceptsTheSameTargetAgainWithoutASecondTask) {
  Scene scene;
  send(scene);
  scene.when(request(scene));
  EXPECT_TRUE(scene.replied<OutgoingAccepted>());
  EXPECT_EQ(tasks(scene.state).size(), 1u);
}

TEST(MasterSource, LetsATargetThatStartedAnewInOnlyWhenTheOldOneIsGone) {
  Scene scene;
  send(scene);
  scene.when(request(scene, "other"));
  ASSERT_TRUE(scene.replied<Refused>());
  EXPECT_EQ(scene.replied<Refused>()->kind, RefusalKind::Precondition);
  scene.workers_obey();
  scene.when(request(scene, "other"));
  EXPECT_TRUE(scene.replied<OutgoingAccepted>());
  EXPECT_EQ(tasks(scene.state).at(0).task.spec.channels, channels("other"));
}

TEST(MasterSource, DoesNotSendToItself) {
  Scene scene;
  scene.lead().configure();
  AcceptOutgoing command = request(scene);
  command.id = cluster_id(scene.state);
  scene.when(command);
  ASSERT_TRUE(scene.refusal);
  EXPECT_EQ(scene.refusal->kind, RefusalKind::Precondition);
}

TEST(MasterSource, SaysWhatIsMissingInATargetsRequest) {
  Scene scene;
  scene.lead();
  AcceptOutgoing nameless = request(scene);
  nameless.id = ClusterId();
  EXPECT_EQ(scene.when(nameless).refusal->message, "id missing");
  AcceptOutgoing nowhere = request(scene);
  nowhere.target.clear();
  EXPECT_EQ(scene.when(nowhere).refusal->message, "target missing");
}

TEST(MasterSource, SendsAShardOnceHoweverOftenItIsAsked) {
  Scene scene;
  send(scene);
  scene.when(start(scene, "a"));
  ASSERT_TRUE(scene.asked<SendTask>());
  EXPECT_EQ(scene.asked<SendTask>()->spec.kind, task::Kind::SendShard);
  scene.when(start(scene, "a"));
  EXPECT_TRUE(scene.replied<Done>());
  EXPECT_EQ(tasks(scene.state).size(), 2u);
}

TEST(MasterSource, ReplacesASenderWhoseShardHasNewChannels) {
  Scene scene;
  send(scene);
  scene.when(start(scene, "a")).workers_obey();
  StartOutgoingShard again = start(scene, "a");
  again.channels = channels("a2");
  scene.when(again);
  EXPECT_TRUE(scene.replied<Refused>());
  scene.workers_obey();
  scene.when(again);
  EXPECT_TRUE(scene.replied<Done>());
  EXPECT_EQ(scene.asked<SendTask>()->spec.channels, channels("a2"));
}

TEST(MasterSource, KnowsNoShardsOfATargetItDoesNotKnow) {
  Scene scene;
  scene.lead().when(start(scene, "a"));
  ASSERT_TRUE(scene.refusal);
  EXPECT_EQ(scene.refusal->kind, RefusalKind::NotFound);
}

TEST(MasterSource, RunsWhenAllItsShardsRun) {
  Scene scene;
  send(scene);
  scene.when(start(scene, "a")).when(start(scene, "b")).workers_obey();
  scene.report(target_id, shard_ref("a"), sync::Status::Running);
  EXPECT_EQ(status(scene.state, Details::Full)->outgoing.at(0).status, sync::Status::InitialSync);
  scene.report(target_id, shard_ref("b"), sync::Status::Running);
  EXPECT_EQ(status(scene.state, Details::Full)->outgoing.at(0).status, sync::Status::Running);
}

TEST(MasterSource, StopsAShard) {
  Scene scene;
  send(scene);
  scene.when(start(scene, "a")).workers_obey();
  scene.when(StopOutgoingShard{scene.call(), target_id, shard_ref("a")});
  EXPECT_TRUE(scene.asked<RevokeTask>());
  scene.workers_obey();
  EXPECT_EQ(status(scene.state, Details::Full)->outgoing.at(0).shards_count, 0u);
  scene.when(StopOutgoingShard{scene.call(), target_id, shard_ref("a")});
  EXPECT_TRUE(scene.replied<Done>());
}

TEST(MasterSource, ForgetsATargetThatLeaves) {
  Scene scene;
  send(scene);
  scene.when(start(scene, "a")).workers_obey();
  scene.when(RemoveOutgoing{scene.call(), target_id, std::nullopt});
  EXPECT_TRUE(scene.replied<Done>());
  EXPECT_EQ(scene.all<RevokeTask>().size(), 2u);
  scene.workers_obey();
  EXPECT_TRUE(status(scene.state, Details::Full)->outgoing.empty());
  EXPECT_TRUE(scene.state.office->topics.empty());
  scene.when(RemoveOutgoing{scene.call(), target_id, std::nullopt});
  EXPECT_TRUE(scene.replied<Done>());
}

TEST(MasterSource, SetsTheFinalModeATargetAsksFor) {
  Scene scene;
  send(scene);
  scene.when(RemoveOutgoing{scene.call(), target_id, sync::ServerMode::ReadOnly}).workers_obey();
  ASSERT_EQ(scene.under_way<SetServerMode>().size(), 1u);
  EXPECT_EQ(scene.under_way<SetServerMode>().at(0).mode, sync::ServerMode::ReadOnly);
  scene.mode_is_set();
  EXPECT_TRUE(status(scene.state, Details::Full)->outgoing.empty());
}

TEST(MasterSource, ForgetsATargetWhoseWorkersAreGone) {
  Scene scene;
  scene.lead();
  scene.when(request(scene)).when(RemoveOutgoing{scene.call(), target_id, std::nullopt});
  EXPECT_TRUE(status(scene.state, Details::Full)->outgoing.empty());
}

TEST(MasterTokens, ChildrenDieWithTheirParents) {
  Scene scene;
  scene.lead().when(IssueToken{scene.call(), std::nullopt});
  auto const parent = scene.replied<TokenIssued>()->token;
  scene.when(CloneToken{scene.call(), parent});
  auto const child = scene.replied<TokenIssued>()->token;
  scene.wall = scene.wall + 3h;
  scene.when(RenewToken{scene.call(), child});
  EXPECT_EQ(scene.replied<TokenIssued>()->lifetime, 6h);
  EXPECT_TRUE(token_valid(scene.state, child, scene.wall + 2h));
  EXPECT_FALSE(token_valid(scene.state, child, scene.wall + 4h)) << "its parent has expired then";
  scene.wall = scene.wall + 4h;
  scene.fire("tokens");
  EXPECT_TRUE(scene.state.office->tokens.empty());
}

TEST(MasterTokens, RefusesToRenewOrCloneWhatItDoesNotKnow) {
  Scene scene;
  scene.lead().when(RenewToken{scene.call(), Token("made up")});
  EXPECT_EQ(scene.refusal->kind, RefusalKind::Unauthorized);
  scene.when(CloneToken{scene.call(), Token("made up")});
  EXPECT_EQ(scene.refusal->kind, RefusalKind::Unauthorized);
}

TEST(MasterTokens, CostNoWriteWhenTheyAreRenewedAllTheTime) {
  Scene scene;
  scene.lead().when(IssueToken{scene.call(), std::nullopt});
  Token const token = scene.replied<TokenIssued>()->token;
  scene.wall = scene.wall + 1min;
  scene.when(RenewToken{scene.call(), token});
  EXPECT_EQ(scene.events.size(), 1u);
  EXPECT_TRUE(scene.replied<TokenIssued>());
}

TEST(MasterTokens, AReplacementFromTheTargetIsTakenAndTasksAreToldAgain) {
  Scene scene;
  send(scene);
  scene.when(ReplaceRemoteToken{scene.call(), target_id, Token("newer"), 6h});
  EXPECT_TRUE(scene.replied<Done>());
  ASSERT_TRUE(scene.asked<SendTask>());
  EXPECT_EQ(scene.asked<SendTask>()->remote.client_token, "newer");
}

}  // namespace
}  // namespace arangosync::master
