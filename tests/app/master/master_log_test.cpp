// What an operator reads in a master's log when nothing goes on.
#include "app/master/master_log.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace arangosync::app
