// What the metrics of a leader say of its datacenter, and those of a master that does not lead.
#include "app/master/master_gauges.h"
#include "tests/domain/master/story/given_when_then.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

namespace arangosync::app {
namespace {

class Gauges final : public ports::Telemetry {
public:
  void log(ports::LogLevel, std::string_view, std::string_view) override {}
  bool enabled(ports::LogLevel) const override { return false; }
  void count(std::string_view, Labels const&, std::uint64_t) override {}
  void gauge(std::string_view metric, Labels const& labels, double value) override {
    std::string name(metric);
    for (auto const& [label, text] : labels) name += " " + text;
    values[name] = value;
  }
  double of(std::string const& name) const {
    auto const found = values.find("arangosync_master_" + name);
    EXPECT_NE(found, values.end()) << name;
    return found == values.end() ? -1 : found->second;
  }
  std::map<std::string, double> values;
};

TEST(MasterGauges, SayWhatTheLeaderHas) {
  master::Scene scene;
  scene.receive();
  for (std::uint32_t index = 0; index < 3; ++index) scene.start_shard(master::shard_ref("c", index));
  scene.report(std::nullopt, master::shard_ref("c", 0), sync::Status::Running);
  Gauges told;
  measure(told, scene.state);
  EXPECT_EQ(told.of("workers"), 2);
  EXPECT_EQ(told.of("tasks receive-inventory"), 1);
  EXPECT_EQ(told.of("tasks receive-shard"), 3);
  EXPECT_EQ(told.of("tasks send-shard"), 0);
  EXPECT_EQ(told.of("tasks_unassigned"), 0);
  double shards = 0;
  for (auto const status : {"initializing", "initial-sync", "running", "cancelling", "failed"}) {
    shards += told.of(std::string("incoming_shards ") + status);
    EXPECT_EQ(told.of(std::string("outgoing_shards ") + status), 0);
  }
  EXPECT_EQ(shards, 3);
}

TEST(MasterGauges, CountAllShardsAsFailedWhenAllHasFailed) {
  master::Scene scene;
  scene.receive();
  scene.start_shard(master::shard_ref("c"));
  scene.report(std::nullopt, master::shard_ref("c"), sync::Status::Running);
  scene.state = master::evolve(scene.state, sync::IncomingEvent{sync::IncomingFailed{"a circle"}});
  Gauges told;
  measure(told, scene.state);
  EXPECT_EQ(told.of("incoming_shards failed"), 1);
  EXPECT_EQ(told.of("incoming_shards running"), 0);
}

TEST(MasterGauges, CountTasksThatNobodyHas) {
  master::Scene scene;
  scene.receive();
  scene.start_shard(master::shard_ref("c"));
  using namespace std::chrono_literals;
  scene.lead_on(31s).fire("workers");
  Gauges told;
  measure(told, scene.state);
  EXPECT_EQ(told.of("workers"), 0);
  EXPECT_EQ(told.of("tasks_unassigned"), 2);
}

TEST(MasterGauges, FallToNothingWhenTheLeaseIsLost) {
  master::Scene scene;
  scene.receive();
  scene.start_shard(master::shard_ref("c"));
  Gauges told;
  measure(told, scene.state);
  ASSERT_EQ(told.of("workers"), 2);
  scene.when(master::SaveFailed{"somebody else leads"});
  ASSERT_FALSE(master::is_leading(scene.state));
  measure(told, scene.state);
  for (auto const& [name, value] : told.values) EXPECT_EQ(value, 0) << name;
}

}  // namespace
}  // namespace arangosync::app
