// A master whose cluster cannot be reached, or whose engine takes long: every question ends with 503, soon, and leaves
// nothing behind; what is not known is not said.
#include <gtest/gtest.h>

#include "adapters/rest/questions.h"
#include "tests/adapters/rest/support.h"

namespace arangosync::rest {
namespace {

class Outage : public ::testing::Test {
protected:
  http::Response call(std::string const& method, std::string const& target, std::string const& body = {},
                      Credential const& who = jwt()) {
    return clients.call(master.endpoint(), method, target, body, who);
  }
  void expect_waiting(std::string const& method, std::string const& target, std::string const& body = {}) {
    auto const answer = call(method, target, body);
    EXPECT_EQ(answer.status, 503) << method << " " << target;
    EXPECT_EQ(answer.body, R"({"Error":"waiting for the cluster's agency"})") << method << " " << target;
  }
  void expect_waiting_everywhere() {
    for (char const* target :
         {"/_api/health", "/_api/sync", "/_api/endpoints", "/_api/leader/endpoint", "/_api/masters", "/_api/worker",
          "/_api/task", "/_api/message-timeout", "/_api/mq/config", "/_api/mq/direct/channel/a.b/messages"}) {
      expect_waiting("GET", target);
    }
    expect_waiting("DELETE", "/_api/sync");
    expect_waiting("PUT", "/_api/worker", "{}");
    expect_waiting("POST", "/_api/mq/direct/pull?worker=w");
  }

  http::Io io{2};
  TestMaster master{io};
  Clients clients{io};
};

TEST_F(Outage, BeforeTheEngineRunsQuestionsAreNotEvenAsked) {
  master.is_running = false;
  master.answers = false;
  expect_waiting_everywhere();
  EXPECT_TRUE(master.held.empty());
  EXPECT_EQ(call("GET", "/_api/version").status, 200);
  EXPECT_EQ(call("GET", "/metrics").status, 200);
}

TEST_F(Outage, QuestionsThatAreNotAnsweredEndInTime) {
  master.answers = false;
  expect_waiting_everywhere();
  EXPECT_TRUE(master.commands.empty());
}

TEST_F(Outage, AnAnswerThatComesTooLateIsDropped) {
  master.answers = false;
  expect_waiting("GET", "/_api/sync");
  {
    std::lock_guard const lock(master.mutex);
    ASSERT_EQ(master.held.size(), 1u);
    master.held.front()(master.state);
  }
  master.answers = true;
  EXPECT_EQ(call("GET", "/_api/sync").status, 200);
}

TEST_F(Outage, WhatAGivenUpQuestionHeldIsFreed) {
  std::vector<std::function<void(master::State const&)>> engine;
  Questions questions(io, [&](auto query) { engine.push_back(std::move(query)); }, {});
  auto body = std::make_shared<std::string>("a large body");  // shared: to see when it is let go
  std::weak_ptr<std::string> const seen = body;
  std::promise<void> given_up;
  questions.ask(
      1ms, [body = std::move(body)](master::State const&) { ADD_FAILURE() << "it was given up"; },
      [&] { given_up.set_value(); });
  given_up.get_future().get();
  EXPECT_TRUE(eventually([&] { return seen.expired(); }));
  ASSERT_EQ(engine.size(), 1u);
  engine.front()(master::State{});
}

TEST_F(Outage, QuestionsDoNotPileUpInAnEngineThatTakesNone) {
  std::vector<std::function<void(master::State const&)>> engine;
  Questions questions(io, [&](auto query) { engine.push_back(std::move(query)); }, {});
  std::atomic<std::size_t> refused{0};
  auto ask = [&] {
    questions.ask(
        1h, [](master::State const&) {}, [&] { ++refused; });
  };
  for (std::size_t count = 0; count < Questions::open_max + 5; ++count) ask();
  EXPECT_EQ(engine.size(), Questions::open_max);
  EXPECT_TRUE(eventually([&] { return refused == 5u; }));
  engine.clear();
  ask();
  EXPECT_EQ(engine.size(), 1u) << "there is room again";
}

TEST_F(Outage, AClusterThatCannotBeAskedMakesNoPasswordWrong) {
  master.knows_users = false;
  EXPECT_EQ(call("GET", "/_api/sync", "", basic("right")).status, 503);
  EXPECT_EQ(call("GET", "/_api/sync", "", basic("wrong")).status, 503);
  master.knows_users = true;
  EXPECT_EQ(call("GET", "/_api/sync", "", basic("right")).status, 200);
  EXPECT_EQ(call("GET", "/_api/sync", "", basic("wrong")).status, 401);
}

TEST_F(Outage, AStopThatIsWaitedForIsNotCalledDoneWhenTheLeadIsLost) {
  {
    std::lock_guard const lock(master.mutex);
    master.reply = master::SyncStopping{};
    master.state.office->sync.incoming.emplace().status = sync::Status::Cancelling;
  }
  auto waiting = std::async(std::launch::async,
                            [&] { return call("DELETE", "/_api/sync", R"({"wait_timeout":20000000000})").status; });
  ASSERT_TRUE(eventually([&] { return master.last<master::StopSync>().has_value(); }));
  master.change([](master::State& state) { state.office.reset(); });
  EXPECT_EQ(waiting.get(), 503);
}

}  // namespace
}  // namespace arangosync::rest
