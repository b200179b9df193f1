// What an operator reads in a master's log when nothing goes on.
#include "app/master/master_log.h"
#include "tests/domain/master/story/given_when_then.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace arangosync::app {
namespace {

class Lines final : public ports::Telemetry {
public:
  void log(ports::LogLevel, std::string_view, std::string_view text) override { lines.emplace_back(text); }
  bool enabled(ports::LogLevel) const override { return false; }
  void count(std::string_view metric, Labels const& labels, std::uint64_t by) override {
    std::string name(metric);
    for (auto const& [label, value] : labels) name += " " + label + "=" + value;
    counters[name] += by;
  }
  void gauge(std::string_view, Labels const&, double) override {}
  std::vector<std::string> lines;
  std::map<std::string, std::uint64_t> counters;
};

TEST(MasterLog, ShowsTheOriginalsMetricsFromTheStartAndCountsLoads) {
  Lines told;
  MasterLog log(told);
  std::string const storage = "arangosync_master_worker_storage kind=";
  std::map<std::string, std::uint64_t> expected{{"arangosync_master_worker_registrations", 0},
                                                {storage + " op=load result=success", 0},
                                                {storage + " op=save result=success", 0}};
  EXPECT_EQ(told.counters, expected);
  master::State const state;
  master::Persisted stored;
  auto const load = [&] {
    log.on_command({Instant{}, WallTime{}, {}, master::StateLoaded{RequestId(1), stored}, {}}, state);
  };
  load();
  stored.workers[WorkerId("w")] = {};
  load();
  load();
  expected[storage + "empty op=load result=success"] = 1;
  expected[storage + " op=load result=success"] = 2;
  EXPECT_EQ(told.counters, expected);
}

TEST(MasterLog, SaysOnceWhyNobodyLeadsAndThatItIsOver) {
  Lines told;
  MasterLog log(told);
  master::State const state;
  auto const hear = [&](Outcome<master::Persisted> outcome) {
    log.on_command({Instant{}, WallTime{}, {}, master::StateLoaded{RequestId(1), std::move(outcome)}, {}}, state);
  };
  Fault const fault{FaultClass::Permanent, "taskRegistry/tasks/t: unknown task type 'x'"};
  hear(unexpected(fault));
  hear(unexpected(fault));
  ASSERT_EQ(told.lines.size(), 1u);
  EXPECT_EQ(told.lines[0], "could not load the datacenter's state from the agency: " + fault.message);
  hear(unexpected(Fault{FaultClass::Retry, "no agent answers"}));
  ASSERT_EQ(told.lines.size(), 2u) << "something else";
  hear(master::Persisted{});
  hear(master::Persisted{});
  ASSERT_EQ(told.lines.size(), 3u);
  EXPECT_EQ(told.lines[2], "could load the datacenter's state from the agency again");
}

using namespace std::chrono_literals;

/// A leader that receives, told of by a log.
struct Told {
  Told() : log(lines) { scene.lead(); }

  void when(master::Command command) {
    scene.when(std::move(command));
    for (master::Event const& event : scene.events) log.on_event(event, scene.state);
  }
  /// All orders are answered so until nothing is under way; time goes by.
  void answer_orders(std::function<Outcome<Done>(master::SendTask const&)> const& answer, int rounds) {
    for (int round = 0; round < rounds; ++round) {
      for (auto const& order : scene.under_way<master::SendTask>())
        when(master::TaskSent{order.request, answer(order)});
      scene.lead_on(11s).keep_workers().fire("errands");
    }
  }
  long count(std::string const& line) const { return std::count(lines.lines.begin(), lines.lines.end(), line); }

  master::Scene scene;
  Lines lines;
  MasterLog log;
};

Outcome<Done> refused(master::SendTask const& order) {
  return unexpected(Fault{FaultClass::Retry, "https://w1:8729: connection refused " + order.task.value()});
}

void receive_three_shards(Told& told) {
  told.scene.configure().source_answers().mode_is_set().source_accepts();
  for (std::uint32_t index = 0; index < 3; ++index) told.scene.start_shard(master::shard_ref("c", index));
}

TEST(MasterLog, NamesAWorkerThatCannotBeReachedOnce) {
  Told told;
  told.scene.join("w1");
  receive_three_shards(told);
  auto const worker = master::workers(told.scene.state)[0].record.id.value();
  auto const what = "give tasks to the worker " + worker + " at https://w1:8729";
  auto const lines_of = [&](std::string const& begin) {
    auto const& all = told.lines.lines;
    return std::count_if(all.begin(), all.end(), [&](auto const& line) { return line.rfind(begin, 0) == 0; });
  };
  told.answer_orders(refused, 7);
  EXPECT_EQ(lines_of("could"), 0) << "it may be busy";
  told.answer_orders(refused, 10);
  EXPECT_EQ(lines_of("could not " + what + ": https://w1:8729: connection refused"), 1) << "of four tasks";
  auto const first = told.scene.under_way<master::SendTask>().front().task;
  told.answer_orders([&](auto const& order) { return order.task == first ? Outcome<Done>(Done{}) : refused(order); },
                     3);
  EXPECT_EQ(lines_of("could"), 1) << "the others fail on";
  told.answer_orders([](auto const&) { return Done{}; }, 1);
  EXPECT_EQ(told.count("could " + what + " again"), 1);
  EXPECT_EQ(lines_of("could"), 2);
}

TEST(MasterLog, SaysItAnewOfWhatWasStoppedAndBegunAgain) {
  Told told;
  auto const fail_to_ask = [&] {
    told.scene.configure();
    EXPECT_FALSE(told.scene.refusal) << told.scene.refusal->message;
    for (int times = 0; times < 10; ++times) {
      auto const asks = told.scene.under_way<master::AskSource>();
      if (!asks.empty()) {
        told.when(master::SourceAsked{asks[0].request, unexpected(Fault{FaultClass::Retry, "no route"})});
      }
      told.scene.lead_on(11s).fire("errands");
    }
  };
  fail_to_ask();
  EXPECT_EQ(told.count("could not ask the source who it is: no route"), 1);
  told.when(master::StopSync{told.scene.call(), true});
  for (auto const& call : told.scene.under_way<master::SetServerMode>()) {
    told.when(master::ServerModeSet{call.request, Done{}});
  }
  fail_to_ask();
  EXPECT_EQ(told.count("could not ask the source who it is: no route"), 2);
}

}  // namespace
}  // namespace arangosync::app
