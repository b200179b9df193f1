// What a worker does with its tasks, sentence by sentence.
#include "domain/worker/view.h"
#include "domain/worker/worker.h"

#include <gtest/gtest.h>

#include <chrono>

namespace arangosync::worker {
namespace {

using namespace std::chrono_literals;

TaskId const receiving("receive");

task::Spec receive_shard(std::string const& run = "1") {
  task::Spec spec;
  spec.kind = task::Kind::ReceiveShard;
  spec.channels = {ChannelName("a.data." + run), ChannelName("b.control." + run)};
  spec.shard = ShardRef{DatabaseName("d"), CollectionName("c"), 0};
  return spec;
}

task::QueueConfig queue_at(std::string const& url) {
  task::QueueConfig queue;
  queue.endpoints = {Url(url)};
  return queue;
}

/// A worker, a clock and what the last command led to.
struct Story {
  State state = initial_state(Config{Url("https://w"), 2});
  Instant now{100s};
  std::vector<Effect> effects;
  std::uint64_t entropy = 0;

  Story& when(Command command) {
    effects.clear();
    Envelope<Command> const envelope{now, WallTime(5000s), Entropy{++entropy}, std::move(command)};
    auto const decision = decide(state, envelope);
    for (Event const& event : *decision) {
      state = evolve(std::move(state), event);
      for (Effect& effect : react(state, event)) effects.push_back(std::move(effect));
    }
    check_invariants(state);
    return *this;
  }
  template <class Wanted>
  Wanted const* effect() const {
    for (Effect const& effect : effects) {
      if (auto const* found = std::get_if<Wanted>(&effect)) return found;
    }
    return nullptr;
  }
  Story& registered(std::string const& id) {
    if (effect<Register>() == nullptr) when(TimerFired{TimerName("registration")});
    RequestId const asked = effect<Register>()->request;
    return when(Registered{asked, Registration{WorkerId(id), 30s, 60s, 1}});
  }
};

TEST(Tasks, AreNotTakenForAnotherRegistrationThanTheWorkerKnowsOf) {
  Story story;
  story.registered("w1");
  story.when(StartTask{receiving, receive_shard(), {}, WorkerId("w2")});
  EXPECT_FALSE(has_task(story.state, receiving, {}));
  story.when(StartTask{receiving, receive_shard(), {}, WorkerId("w1")});
  EXPECT_TRUE(has_task(story.state, receiving, {}));
}

// Simulation seed 171: tasks given to a paused worker under its new id came before the answer that told it that id.
TEST(Tasks, SurviveTheAnswerThatTellsTheIdTheyWereGivenFor) {
  Story story;
  WorkerId const later("w2");
  story.registered("w1").when(StartTask{receiving, receive_shard(), {}, WorkerId("w1")});
  story.when(StartTask{receiving, receive_shard(), {}, later});
  EXPECT_FALSE(has_task(story.state, receiving, later)) << "the master is to ask again";
  story.now = story.now + 20s;
  story.registered("w2");
  EXPECT_FALSE(has_task(story.state, receiving, later)) << "what the former registration was given is void";
  story.when(StartTask{receiving, receive_shard(), {}, later});
  story.now = story.now + 20s;
  story.registered("w2");
  EXPECT_TRUE(has_task(story.state, receiving, later));
}

TEST(Tasks, AreStartedOnce) {
  Story story;
  story.registered("w1").when(StartTask{receiving, receive_shard(), queue_at("https://m"), {}});
  ASSERT_NE(story.effect<Subscribe>(), nullptr);
  State const before = story.state;
  story.when(StartTask{receiving, receive_shard(), queue_at("https://m"), {}});
  EXPECT_TRUE(story.effects.empty());
}

TEST(Tasks, GivenAgainWithAnotherQueueSubscribeThere) {
  Story story;
  story.registered("w1").when(StartTask{receiving, receive_shard(), queue_at("https://m"), {}});
  story.when(StartTask{receiving, receive_shard(), queue_at("https://n"), {}});
  auto const* subscribe = story.effect<Subscribe>();
  ASSERT_NE(subscribe, nullptr);
  EXPECT_EQ(subscribe->remote, queue_at("https://n"));
}

TEST(Tasks, OfTheSameChannelReplaceEachOther) {
  Story story;
  story.registered("w1").when(StartTask{receiving, receive_shard(), {}, {}});
  story.when(StartTask{TaskId("later"), receive_shard(), {}, {}});
  EXPECT_FALSE(has_task(story.state, receiving, {}));
  EXPECT_TRUE(has_task(story.state, TaskId("later"), {}));
}

TEST(Tasks, ThatAreStoppedCountAsRunningUntilTheirRequestsAreAnswered) {
  Story story;
  story.registered("w1").when(StartTask{receiving, receive_shard(), {}, {}});
  auto const* read = story.effect<ReadPosition>();
  ASSERT_NE(read, nullptr);
  RequestId const asked = read->request;
  EXPECT_TRUE(has_requests(story.state, receiving));
  story.when(StopTask{receiving});
  EXPECT_FALSE(has_task(story.state, receiving, {}));
  EXPECT_TRUE(has_requests(story.state, receiving));
  story.when(PositionRead{asked, TargetShard{}});
  EXPECT_FALSE(has_requests(story.state, receiving));
}

TEST(Tasks, DoNotTrustAPositionThatWasStoredUnderAnotherChannel) {
  for (bool const is_same : {true, false}) {
    Story story;
    story.registered("w1").when(StartTask{receiving, receive_shard(), {}, {}});
    RequestId const asked = story.effect<ReadPosition>()->request;
    shard::Position position{ShardName("s1"), ServerId("PRMR-1"), "77", Tick(5), Tick(5), ChannelName("a.data.1")};
    if (!is_same) position.stream = ChannelName("a.data.0");
    story.when(PositionRead{asked, TargetShard{position, "7000"}});
    auto const* publish = story.effect<Publish>();
    ASSERT_NE(publish, nullptr);
    auto const& request = std::get<shard::Request>(std::get<shard::ControlMessage>(publish->message));
    EXPECT_EQ(request.position.has_value(), is_same);
  }
}

}  // namespace
}  // namespace arangosync::worker
