// A datacenter that sends: targets that come, run and leave, and the tokens they read with.
#include "tests/domain/master/story/given_when_then.h"

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

/// The next look at the cluster's plan: this server leads the shards.
void look(Scene& scene, std::vector<ShardRef> const& shards, std::string const& leader, std::uint64_t version) {
  if (scene.under_way<ReadLandscape>().empty()) scene.lead_on(11s).fire("survey");
  task::Landscape landscape;
  for (ShardRef const& shard : shards) landscape.leaders[shard] = ServerId(leader);
  scene.when(LandscapeRead{scene.under_way<ReadLandscape>().at(0).request, Survey{version, landscape}});
}
/// … by another plan than before.
void look(Scene& scene, std::vector<ShardRef> const& shards, std::string const& leader) {
  static std::uint64_t version = 100;
  look(scene, shards, leader, ++version);
}

Reign reign_of(Scene const& scene, std::string const& name) {
  return task::find(scene.state.office->tasks, task::Purpose{target_id, shard_ref(name)})->assignment->reign;
}

TEST(MasterSource, KeepsUnderWhichReignAShardIsReadAndTellsItsSender) {
  Scene scene;
  send(scene);
  look(scene, {shard_ref("c")}, "P1");
  scene.when(start(scene, "c"));
  Reign const reign = reign_of(scene, "c");
  EXPECT_EQ(reign.leader, ServerId("P1"));
  EXPECT_EQ(scene.asked<SendTask>()->reign, reign);
  scene.workers_obey();
  look(scene, {shard_ref("c"), shard_ref("d")}, "P1");
  EXPECT_EQ(reign_of(scene, "c"), reign);
  EXPECT_TRUE(scene.under_way<SendTask>().empty()) << "it knows";
  scene.when(UnregisterWorker{scene.call(), scene.state.office->members.begin()->first});
  scene.join("w2");
  EXPECT_EQ(reign_of(scene, "c"), reign) << "whoever the worker is";
}

TEST(MasterSource, NumbersTheReignOfAShardThatItsPlanDidNotShowYet) {
  Scene scene;
  send(scene);
  scene.when(start(scene, "c"));
  EXPECT_FALSE(scene.asked<SendTask>()) << "nobody has looked yet";
  look(scene, {shard_ref("a")}, "P1");
  ASSERT_EQ(scene.under_way<SendTask>().size(), 1u);
  EXPECT_EQ(scene.under_way<SendTask>().at(0).reign, Reign{});
  look(scene, {shard_ref("c")}, "P1");
  EXPECT_EQ(scene.under_way<SendTask>().size(), 1u) << "with the next attempt, for this one is under way";
  scene.when(TaskSent{scene.under_way<SendTask>().at(0).request, Done{}});
  ASSERT_TRUE(scene.asked<SendTask>());
  EXPECT_EQ(scene.asked<SendTask>()->reign, reign_of(scene, "c"));
  EXPECT_NE(reign_of(scene, "c").number, 0u);
}

// Simulation seed 7734: a leader changed and changed back, and each time its sender moved to another worker.
TEST(MasterSource, GivesALeaderThatReturnsAnotherReign) {
  Scene scene;
  send(scene);
  scene.when(start(scene, "c")).workers_obey();
  std::uint64_t last = 0;
  for (char const* leader : {"P1", "P2", "P1"}) {
    look(scene, {shard_ref("c")}, leader);
    Reign const reign = reign_of(scene, "c");
    EXPECT_EQ(reign.leader, ServerId(leader));
    EXPECT_GT(reign.number, last);
    last = reign.number;
    ASSERT_TRUE(scene.asked<SendTask>());
    EXPECT_EQ(scene.asked<SendTask>()->reign, reign);
    look(scene, {}, leader);
    EXPECT_EQ(reign_of(scene, "c"), reign) << "a plan that does not say tells nothing";
    scene.workers_obey();
  }
}

TEST(MasterSource, SeesThatALeaderReturnedWhileTheTaskWasOnItsWayToAnotherWorker) {
  Scene scene;
  send(scene);
  std::vector<ShardRef> const shards{shard_ref("c"), shard_ref("d"), shard_ref("e"), shard_ref("f")};
  look(scene, shards, "P1");
  for (char const* name : {"c", "d", "e", "f"}) scene.when(start(scene, name));
  scene.workers_obey();
  Reign const before = reign_of(scene, "c");
  scene.join("w2");
  look(scene, {shard_ref("c"), shard_ref("d")}, "P2");
  look(scene, shards, "P1");
  EXPECT_GT(reign_of(scene, "c").number, before.number);
  EXPECT_EQ(reign_of(scene, "c").leader, ServerId("P1"));
  scene.workers_obey();
  EXPECT_TRUE(scene.under_way<SendTask>().empty());
}

TEST(MasterSource, SeesThatAnotherServerLeadsWhenAnotherMasterDoes) {
  Scene scene;
  send(scene);
  look(scene, {shard_ref("c")}, "P1");
  scene.when(start(scene, "c")).workers_obey();
  Reign const before = reign_of(scene, "c");
  Scene next;
  next.lead(scene.saved);
  EXPECT_EQ(reign_of(next, "c"), before);
  look(next, {shard_ref("c")}, "P2");
  EXPECT_EQ(reign_of(next, "c").leader, ServerId("P2"));
  EXPECT_GT(reign_of(next, "c").number, before.number);
}

// Simulation seed 1996: a leader went and returned while the only master slept.
TEST(MasterSource, BelievesNoReignWhenThePlanHasChangedAndNobodyLooked) {
  for (bool const changes : {false, true}) {
    Scene scene;
    send(scene);
    look(scene, {shard_ref("c")}, "P1", 7);
    scene.when(start(scene, "c")).workers_obey();
    Reign const before = reign_of(scene, "c");
    Scene next;
    next.lead(scene.saved).workers_obey();
    task::Task const* const sender = task::find(next.state.office->tasks, task::Purpose{target_id, shard_ref("c")});
    EXPECT_EQ(next.state.office->tasks.delivered.count(sender->id), 0u) << "its reign may be over";
    look(next, {shard_ref("c")}, "P1", changes ? 9 : 7);
    EXPECT_EQ(reign_of(next, "c") == before, !changes);
    ASSERT_EQ(next.under_way<SendTask>().size(), 1u);
    EXPECT_EQ(next.under_way<SendTask>().at(0).reign, reign_of(next, "c"));
    EXPECT_EQ(next.saved.plan_seen, changes ? 9u : 7u);
    next.workers_obey();
    Reign const known = reign_of(next, "c");
    look(next, {shard_ref("c")}, "P1", 11);
    EXPECT_EQ(reign_of(next, "c"), known) << "nothing is missed between two looks";
  }
}

TEST(MasterSource, BelievesNoReignWhenThePlanHasChangedSinceALookThatIsLongAgo) {
  Scene scene;
  send(scene);
  look(scene, {shard_ref("c")}, "P1", 7);
  scene.when(start(scene, "c")).workers_obey();
  Reign const before = reign_of(scene, "c");
  scene.lead_on(20s).fire("survey");
  look(scene, {shard_ref("c")}, "P1", 7);
  EXPECT_EQ(reign_of(scene, "c"), before) << "the plan is the same";
  scene.lead_on(20s).fire("survey");
  look(scene, {}, "P1", 8);
  EXPECT_GT(reign_of(scene, "c").number, before.number) << "also where the plan does not say who leads";
  EXPECT_EQ(reign_of(scene, "c").leader, before.leader);
}

TEST(MasterSource, GivesATaskThatFindsAnotherWorkerNoReignThatMayBeOver) {
  Scene scene;
  send(scene);
  std::vector<ShardRef> shards;
  for (std::uint32_t index = 0; index < 500; ++index) shards.push_back(shard_ref("c", index));
  look(scene, shards, "P1", 7);
  for (ShardRef const& shard : shards) {
    scene.when(StartOutgoingShard{scene.call(), target_id, shard, channels("c" + std::to_string(shard.index))});
  }
  std::map<TaskId, task::Task> const before = scene.saved.tasks;
  Scene next;
  next.lead(scene.saved);
  next.fire("housekeeping");
  EXPECT_EQ(next.saved.plan_seen, 7u) << "nobody has looked yet";
  look(next, shards, "P1", 8);
  EXPECT_EQ(next.saved.plan_seen, 7u) << "who takes over now begins them all";
  Reign const begun = next.saved.tasks.begin()->second.assignment->reign;
  next.lead_on(20s).keep_workers().fire("survey");
  look(next, shards, "P1", 8);
  EXPECT_EQ(next.saved.tasks.begin()->second.assignment->reign, begun) << "what this leader saw it has not missed";
  next.join("w2");
  next.when(UnregisterWorker{next.call(), before.begin()->second.assignment->worker});
  while (next.wakes("housekeeping")) next.fire("housekeeping");
  EXPECT_EQ(next.saved.plan_seen, 8u);
  for (auto const& [id, task] : next.saved.tasks) {
    if (!task.spec.shard) continue;
    EXPECT_GT(task.assignment->reign.number, before.at(id).assignment->reign.number);
  }
}

TEST(MasterSource, SavesNoMoreReignsAtATimeThanASaveCanHold) {
  Scene scene;
  send(scene);
  std::vector<ShardRef> shards;
  for (std::uint32_t index = 0; index < 500; ++index) {
    shards.push_back(shard_ref("c", index));
    scene.when(StartOutgoingShard{scene.call(), target_id, shards.back(), channels("c" + std::to_string(index))});
  }
  look(scene, shards, "P1");
  EXPECT_LE(scene.events.size(), limits::transaction_events_max);
  int steps = 0;
  for (; scene.wakes("housekeeping") && steps < 5; ++steps) {
    scene.fire("housekeeping");
    EXPECT_LE(scene.events.size(), limits::transaction_events_max);
  }
  EXPECT_EQ(steps, 1);
  for (auto const& [id, task] : scene.state.office->tasks.tasks) {
    EXPECT_EQ(task.assignment->reign.number != 0, task.spec.shard.has_value());
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

TEST(MasterSource, LetsATargetInAgainThatTheOriginalHasLeftAsFailed) {
  Scene former;
  send(former);
  Persisted stored = former.saved;
  stored.outgoing.at(target_id).status = sync::Status::Failed;
  Scene scene("m2");
  scene.lead(stored).workers_obey();
  scene.when(request(scene));
  EXPECT_TRUE(scene.replied<Refused>()) << "what served that goes first";
  scene.workers_obey();
  scene.when(request(scene));
  EXPECT_TRUE(scene.replied<OutgoingAccepted>());
  scene.workers_obey();
  EXPECT_EQ(status(scene.state, Details::Full)->outgoing.at(0).status, sync::Status::InitialSync);
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
  AcceptOutgoing deaf = request(scene);
  deaf.inventory.control = ChannelName();
  EXPECT_EQ(scene.when(deaf).refusal->message, "inventory-control channel missing");
}

TEST(MasterSource, SendsAShardOnceHoweverOftenItIsAsked) {
  Scene scene;
  send(scene);
  look(scene, {shard_ref("c")}, "P1");
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
  look(scene, {shard_ref("c")}, "P1");
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

TEST(MasterSource, StaysInTheModeThatATargetNamesWhenItIsLeavingAlready) {
  Scene scene;
  send(scene);
  scene.when(RemoveOutgoing{scene.call(), target_id, std::nullopt});
  scene.when(RemoveOutgoing{scene.call(), target_id, sync::ServerMode::ReadOnly}).workers_obey();
  ASSERT_EQ(scene.under_way<SetServerMode>().size(), 1u);
  EXPECT_EQ(scene.under_way<SetServerMode>().at(0).mode, sync::ServerMode::ReadOnly);
}

}  // namespace
}  // namespace arangosync::master
