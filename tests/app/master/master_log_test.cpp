// What an operator reads in a master's log when nothing goes on.
#include "app/master/master_log.h"
#include "tests/domain/master/given_when_then.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace arangosync::app {
namespace {

class Lines final : public ports::Telemetry {
public:
  void log(ports::LogLevel, std::string_view, std::string_view text) override { lines.emplace_back(text); }
  bool enabled(ports::LogLevel) const override { return false; }
  void count(std::string_view, Labels const&, std::uint64_t) override {}
  void gauge(std::string_view, Labels const&, double) override {}
  std::vector<std::string> lines;
};

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

/// The order for the inventory's task that is under way is answered so.
template <class Outcome>
void answer_order(master::Scene& scene, MasterLog& log, Outcome outcome) {
  auto const orders = scene.under_way<master::SendTask>();
  ASSERT_EQ(orders.size(), 1u);
  scene.when(master::TaskSent{orders[0].request, std::move(outcome)});
  for (master::Event const& event : scene.events) log.on_event(event, scene.state);
}

TEST(MasterLog, NamesAWorkerThatCannotBeReached) {
  using namespace std::chrono_literals;
  master::Scene scene;
  scene.lead();
  scene.join("w1");
  scene.configure().source_answers().mode_is_set().source_accepts();
  Lines told;
  MasterLog log(told);
  Fault const fault{FaultClass::Retry, "https://w1:8729: connection refused"};
  std::string const what =
      "give tasks to the worker " + master::workers(scene.state)[0].record.id.value() + " at https://w1:8729";
  auto const said = [&](std::string const& line) { return std::count(told.lines.begin(), told.lines.end(), line); };
  for (int times = 0; times < 3; ++times) {
    EXPECT_EQ(said("could not " + what + ": " + fault.message), times < 2 ? 0 : 1) << times;
    answer_order(scene, log, Outcome<Done>(unexpected(fault)));
    for (int i = 0; i < 10 && scene.under_way<master::SendTask>().empty(); ++i) {
      scene.lead_on(11s).keep_workers().fire("errands");
    }
  }
  EXPECT_EQ(said("could not " + what + ": " + fault.message), 1);
  answer_order(scene, log, Outcome<Done>(Done{}));
  EXPECT_EQ(said("could " + what + " again"), 1);
}

}  // namespace
}  // namespace arangosync::app
