// Workers come, go and are replaced; their tasks follow them.
#include "tests/domain/master/story/given_when_then.h"

#include <algorithm>

namespace arangosync::master {
namespace {

std::map<WorkerId, std::uint32_t> loads(Scene const& scene) { return scene.state.office->tasks.load; }

task::Task task_of(Scene const& scene, ShardRef const& shard) {
  task::Task const* const found = task::find(scene.state.office->tasks, task::Purpose{std::nullopt, shard});
  EXPECT_NE(found, nullptr);
  return found == nullptr ? task::Task{} : *found;
}

TEST(MasterWorkers, GetAnIdAndARegistrationThatEnds) {
  Scene scene;
  scene.lead();
  WorkerId const worker = scene.join("w1");
  auto const reply = *scene.replied<WorkerRegistered>();
  EXPECT_EQ(worker.value().size(), 20u);
  EXPECT_EQ(reply.expires_after, limits::worker_registration);
  EXPECT_EQ(reply.message_timeout, limits::message_timeout_default);
  EXPECT_GT(reply.worker.server_id, 0u);
  EXPECT_TRUE(scene.wakes("workers"));
}

TEST(MasterWorkers, KeepTheirIdWhenTheyRenew) {
  Scene scene;
  scene.lead();
  WorkerId const worker = scene.join("w1");
  scene.lead_on(20s);
  EXPECT_EQ(scene.join("w1"), worker);
  scene.lead_on(15s).fire("workers");
  EXPECT_EQ(workers(scene.state).size(), 1u);
}

TEST(MasterWorkers, AreForgottenWhenTheyDoNotRenew) {
  Scene scene;
  scene.lead();
  scene.join("w1");
  scene.lead_on(30s).fire("workers");
  EXPECT_TRUE(workers(scene.state).empty());
}

TEST(MasterWorkers, AreToldToTryAnotherAddressThatIsNoUrl) {
  Scene scene;
  scene.lead().when(RegisterWorker{scene.call(), Url("w1:8729"), Token("t"), "host"});
  ASSERT_TRUE(scene.refusal);
  EXPECT_EQ(scene.refusal->kind, RefusalKind::BadRequest);
}

TEST(MasterWorkers, ShareTheTasksEvenly) {
  Scene scene;
  scene.receive();
  for (std::uint32_t index = 0; index < 7; ++index) scene.start_shard(shard_ref("c", index));
  for (auto const& [worker, tasks] : loads(scene)) EXPECT_EQ(tasks, 4u);
}

TEST(MasterWorkers, AreSentATaskAgainUntilTheyConfirmIt) {
  Scene scene;
  scene.receive().start_shard(shard_ref("c"));
  auto send = scene.asked<SendTask>();
  ASSERT_TRUE(send);
  // Not the one from before the source had accepted us: that may have died with a former synchronization.
  EXPECT_EQ(send->remote.client_token, "acceptance-token");
  scene.when(TaskSent{send->request, unexpected(Fault{FaultClass::Retry, "connection refused"})});
  EXPECT_TRUE(scene.wakes("errands"));
  scene.after(1s).fire("errands");
  send = scene.asked<SendTask>();
  ASSERT_TRUE(send);
  scene.when(TaskSent{send->request, Done{}});
  EXPECT_TRUE(scene.under_way<SendTask>().empty());
  scene.after(10s).fire("errands");
  EXPECT_FALSE(scene.asked<SendTask>());
}

TEST(MasterWorkers, GetTheTasksThatWaitedForThem) {
  Scene scene;
  scene.lead().configure().source_answers().mode_is_set();
  EXPECT_TRUE(scene.under_way<SendTask>().empty());
  WorkerId const worker = scene.join("w1");
  ASSERT_TRUE(scene.asked<SendTask>());
  EXPECT_EQ(scene.asked<SendTask>()->worker.id, worker);
}

TEST(MasterWorkers, LeaveTheirTasksToOthersWhenTheyUnregister) {
  Scene scene;
  scene.receive().start_shard(shard_ref("c")).workers_obey();
  task::Task const before = task_of(scene, shard_ref("c"));
  scene.when(UnregisterWorker{scene.call(), before.assignment->worker});
  task::Task const after = task_of(scene, shard_ref("c"));
  EXPECT_NE(after.assignment->worker, before.assignment->worker);
  EXPECT_EQ(after.assignment->counter, 2u);
  EXPECT_TRUE(scene.replied<Done>());
}

// Of what the one before had started nobody else may know any more.
TEST(MasterWorkers, WhoReceiveTheInventoryAnewHearWhichShardsHaveTasks) {
  Scene scene;
  scene.receive().start_shard(shard_ref("c")).start_shard(shard_ref("d", 3)).workers_obey();
  task::Task const* const before = task::find(scene.state.office->tasks, task::Purpose{});
  scene.when(UnregisterWorker{scene.call(), WorkerId(before->assignment->worker)});
  int told = 0;
  for (SendTask const& sent : scene.all<SendTask>()) {
    bool const is_inventory = sent.spec.kind == task::Kind::ReceiveInventory;
    told += int{is_inventory};
    std::vector<ShardRef> const all{shard_ref("c"), shard_ref("d", 3)};
    EXPECT_EQ(sent.shards, is_inventory ? all : std::vector<ShardRef>{});
  }
  EXPECT_EQ(told, 1);
}

TEST(MasterWorkers, KeepTheirTasksUntilTheirRegistrationIsOver) {
  Scene scene;
  scene.receive().start_shard(shard_ref("c")).workers_obey();
  task::Task const before = task_of(scene, shard_ref("c"));
  scene.lead_on(29s).fire("workers");
  EXPECT_EQ(task_of(scene, shard_ref("c")), before);
}

TEST(MasterWorkers, AreReplacedAtOnceByANewProcessAtTheSameAddress) {
  Scene scene;
  scene.receive().start_shard(shard_ref("c")).start_shard(shard_ref("d")).workers_obey();
  WorkerId const old = task_of(scene, shard_ref("c")).assignment->worker;
  Url const address = scene.state.office->members.at(old).record.endpoint;
  scene.when(RegisterWorker{scene.call(), address, Token("another"), "host"});
  WorkerId const young = scene.replied<WorkerRegistered>()->worker.id;
  EXPECT_NE(young, old);
  EXPECT_EQ(workers(scene.state).size(), 2u);
  EXPECT_EQ(task_of(scene, shard_ref("c")).assignment->worker, young);
  EXPECT_FALSE(scene.all<SendTask>().empty());
}

// The call may be an older life's that a sleeping master passed on late: the tasks then run on at that address.
TEST(MasterWorkers, ThatAreReplacedLeaveTheirTasksToNobodyElse) {
  Scene scene;
  scene.receive().start_shard(shard_ref("c"));
  for (char const* idle : {"x1", "x2", "x3", "x4", "x5", "x6"}) scene.join(idle);
  scene.workers_obey();
  for (char const* token : {"late", "young", "late again", "young again"}) {
    WorkerId const old = task_of(scene, shard_ref("c")).assignment->worker;
    Url const address = scene.state.office->members.at(old).record.endpoint;
    scene.when(RegisterWorker{scene.call(), address, Token(token), "host"});
    EXPECT_EQ(task_of(scene, shard_ref("c")).assignment->worker, scene.replied<WorkerRegistered>()->worker.id);
    scene.workers_obey();
  }
}

// One decision keeps a hundred tasks: what is being stopped would be over without a worker, though it is written still.
TEST(MasterWorkers, ThatAreReplacedKeepFirstWhatIsBeingStopped) {
  Scene scene;
  scene.lead();
  WorkerId const old = scene.join("w1");
  scene.configure().source_answers().mode_is_set().source_accepts();
  for (std::uint32_t index = 0; index < 160; ++index) scene.start_shard(shard_ref("c", index));
  scene.workers_obey();
  for (std::uint32_t index = 0; index < 50; ++index) scene.when(StopShard{scene.call(), shard_ref("c", index)});
  Url const address = scene.state.office->members.at(old).record.endpoint;
  scene.when(RegisterWorker{scene.call(), address, Token("late"), "host"});
  for (std::uint32_t index = 0; index < 50; ++index) {
    scene.when(StopShard{scene.call(), shard_ref("c", index)});
    EXPECT_TRUE(scene.replied<Refused>()) << index;
  }
}

TEST(MasterWorkers, TakeSomeTasksOverFromOthersWhenTheyAreNew) {
  Scene scene;
  scene.lead();
  scene.join("w1");
  scene.configure().source_answers().mode_is_set().source_accepts();
  for (std::uint32_t index = 0; index < 5; ++index) scene.start_shard(shard_ref("c", index));
  scene.workers_obey();
  WorkerId const young = scene.join("w2");
  EXPECT_EQ(scene.all<RevokeTask>().size(), 3u);
  EXPECT_TRUE(scene.all<SendTask>().empty()) << "a task must be let go before another gets it";
  scene.workers_obey();
  EXPECT_EQ(loads(scene).at(young), 3u);
}

TEST(MasterWorkers, AreNotDisturbedWhenTheShareOfANewOneWouldBeNothing) {
  Scene scene;
  scene.lead();
  scene.join("w1");
  scene.configure().source_answers().mode_is_set().source_accepts().start_shard(shard_ref("c")).workers_obey();
  scene.join("w2");
  scene.join("w3");
  EXPECT_TRUE(scene.all<RevokeTask>().empty() || scene.all<RevokeTask>().size() == 1u);
}

TEST(MasterWorkers, AreNotToldToStopBeforeTheStartIsAnswered) {
  Scene scene;
  scene.receive().start_shard(shard_ref("c"));
  auto const send = *scene.asked<SendTask>();
  scene.when(StopShard{scene.call(), shard_ref("c")});
  EXPECT_FALSE(scene.asked<RevokeTask>());
  scene.when(TaskSent{send.request, unexpected(Fault{FaultClass::Retry, "timed out"})});
  EXPECT_TRUE(scene.asked<RevokeTask>());
}

TEST(MasterWorkers, HearTheTermInEveryOrderAndAnswer) {
  Scene scene;
  scene.receive().start_shard(shard_ref("c"));
  Term const term = scene.state.office->term;
  EXPECT_NE(term, Term());
  auto const send = *scene.asked<SendTask>();
  EXPECT_EQ(send.term, term);
  scene.when(TaskSent{send.request, Done{}});
  scene.when(StopShard{scene.call(), shard_ref("c")});
  ASSERT_TRUE(scene.asked<RevokeTask>());
  EXPECT_EQ(scene.asked<RevokeTask>()->term, term);
  scene.join("w1");
  EXPECT_EQ(scene.replied<WorkerRegistered>()->term, term);
}

// They have heard of a newer leader: this one does not know yet that it was followed.
TEST(MasterWorkers, ThatRefuseAnOrderLoseNothingAndAreAskedAgainLater) {
  Scene scene;
  scene.receive().start_shard(shard_ref("c"));
  task::Task const before = task_of(scene, shard_ref("c"));
  Persisted const stored = persisted(scene.state);
  Fault const newer{FaultClass::Refresh, "the worker has heard of a newer leader"};
  scene.when(TaskSent{scene.asked<SendTask>()->request, unexpected(Fault(newer))});
  EXPECT_EQ(task_of(scene, shard_ref("c")), before);
  EXPECT_TRUE(scene.under_way<SendTask>().empty());
  EXPECT_TRUE(scene.wakes("errands"));
  scene.after(1s).fire("errands");
  ASSERT_TRUE(scene.asked<SendTask>());
  scene.when(TaskSent{scene.asked<SendTask>()->request, Done{}}).when(StopShard{scene.call(), shard_ref("c")});
  auto const revoke = *scene.asked<RevokeTask>();
  scene.when(TaskSent{revoke.request, unexpected(Fault(newer))});
  EXPECT_EQ(task_of(scene, shard_ref("c")).assignment, before.assignment) << "it may run on there";
}

TEST(MasterWorkers, GetATaskThatAnotherCouldNotDo) {
  Scene scene;
  scene.receive().start_shard(shard_ref("c")).workers_obey();
  task::Task const before = task_of(scene, shard_ref("c"));
  scene.when(TaskCompleted{scene.call(), before.id, true});
  EXPECT_NE(task_of(scene, shard_ref("c")).assignment->worker, before.assignment->worker);
  scene.when(TaskCompleted{scene.call(), TaskId("none"), true});
  ASSERT_TRUE(scene.refusal);
  EXPECT_EQ(scene.refusal->kind, RefusalKind::NotFound);
}

TEST(MasterWorkers, AreGrantedAFullRegistrationByANewLeaderAndTheirTasksAreSentAgain) {
  Scene scene;
  scene.receive().start_shard(shard_ref("c")).workers_obey();
  Persisted const stored = persisted(scene.state);
  Scene next("m2");
  next.lead(stored);
  EXPECT_EQ(next.under_way<SendTask>().size(), 2u);
  EXPECT_EQ(workers(next.state).size(), 2u);
  for (auto const& worker : workers(next.state)) EXPECT_EQ(worker.expires_at, next.now + limits::worker_registration);
  Persisted after = persisted(next.state);
  // It began to lead, and tells the source that it does: nothing else is different.
  EXPECT_EQ(after.journal_sequence, stored.journal_sequence + 2);
  EXPECT_EQ(next.under_way<AnnounceOutgoing>().size(), 1u);
  after.journal_sequence = stored.journal_sequence;
  after.incoming->announced = true;
  EXPECT_EQ(after, stored);
}

TEST(MasterWorkers, LosingOneWithThousandsOfTasksIsDealtWithInSteps) {
  Scene scene;
  scene.lead();
  scene.join("w1");
  scene.configure().source_answers().mode_is_set().source_accepts();
  for (std::uint32_t index = 0; index < 250; ++index) scene.start_shard(shard_ref("c", index));
  scene.workers_obey();
  WorkerId const first = workers(scene.state).at(0).record.id;
  scene.when(UnregisterWorker{scene.call(), first});
  EXPECT_EQ(scene.state.office->tasks.homeless.size(), 251u);
  scene.join("w2");
  EXPECT_LE(scene.events.size(), limits::transaction_events_max);
  for (int steps = 0; steps < 10 && !scene.state.office->tasks.homeless.empty(); ++steps) {
    ASSERT_TRUE(scene.wakes("housekeeping"));
    scene.fire("housekeeping");
  }
  EXPECT_TRUE(scene.state.office->tasks.homeless.empty());
}

// Only another writer of the agency leaves such a thing there: what we save fits together. That is why no simulated
// datacenter has it.
TEST(MasterWorkers, AreNotGivenATaskThatHasNobodyToTalkTo) {
  Scene scene;
  scene.receive().start_shard(shard_ref("c")).workers_obey();
  Persisted stored = persisted(scene.state);
  task::Task stray = task_of(scene, shard_ref("c"));
  stray.id = TaskId("stray");
  stray.spec.shard = shard_ref("no such collection");
  stored.tasks[stray.id] = stray;
  task::Task second = task_of(scene, shard_ref("c"));
  second.id = TaskId("~ a second one for the same shard");
  stored.tasks[second.id] = second;
  Scene next("m2");
  next.lead(stored);
  EXPECT_EQ(tasks(next.state).size(), tasks(scene.state).size());
  EXPECT_FALSE(task(next.state, stray.id).has_value());
  EXPECT_FALSE(task(next.state, second.id).has_value());
  for (TaskId const& id : {stray.id, second.id}) {
    Event const removed(task::Event(task::TaskRemoved{id}));
    EXPECT_EQ(std::count(next.history.begin(), next.history.end(), removed), 1) << "the agency does not keep it";
  }
}

// The original's inventory has one channel; ours has one for each direction.
TEST(MasterWorkers, AreGivenAnInventoryThatHearsInPlaceOfTheOriginals) {
  Scene scene;
  scene.receive().start_shard(shard_ref("c")).workers_obey().source_obeys();
  TaskId const former = task::find(scene.state.office->tasks, task::Purpose{})->id;
  Persisted stored = scene.saved;
  stored.tasks.at(former).spec.channels.control = ChannelName();
  Scene next("m2");
  next.lead(stored).workers_obey();
  EXPECT_FALSE(task(next.state, former).has_value());
  next.mode_is_set();
  auto const sent = next.asked<SendTask>();
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->spec.kind, task::Kind::ReceiveInventory);
  EXPECT_FALSE(sent->spec.channels.control.value().empty());
  next.workers_obey();
  ASSERT_EQ(next.under_way<AnnounceOutgoing>().size(), 1u);
  EXPECT_EQ(next.under_way<AnnounceOutgoing>().at(0).inventory, sent->spec.channels);
  next.source_accepts();
  EXPECT_EQ(next.under_way<AnnounceShard>().size(), 1u) << "a source that began anew does not know it";
}

TEST(MasterWorkers, OfOneAddressAreOne) {
  Scene scene;
  scene.receive().start_shard(shard_ref("c")).workers_obey();
  Persisted stored = scene.saved;
  membership::WorkerRecord second = stored.workers.begin()->second;
  second.id = WorkerId("~second");
  stored.workers[second.id] = second;
  WorkerId const first = stored.workers.begin()->first;
  for (auto& [id, task] : stored.tasks) task.assignment->worker = second.id;
  Scene next("m2");
  next.lead(stored);
  EXPECT_EQ(workers(next.state).size(), 2u);
  for (auto const& it : tasks(next.state)) EXPECT_EQ(it.task.assignment->worker, first) << "none is given to another";
}

}  // namespace
}  // namespace arangosync::master
