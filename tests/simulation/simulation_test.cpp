// The simulation itself: it is deterministic, it tells stories as text and takes them back, and it sees what is broken.
// What it is for is the campaign (`./dev sim`) and the scenarios.
#include "app/replay/simulation.h"
#include "app/replay/scenario.h"
#include "app/replay/shrink.h"
#include "app/replay/violation.h"
#include "domain/base/mark.h"
#include "domain/master/view.h"

#include <chrono>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace arangosync::replay {
namespace {

using namespace std::chrono_literals;

TEST(ASeed, GivesTheSameTraceTwiceAndAnotherThanItsNeighbour) {
  std::uint64_t const once = run_seed(3).verdict.hash;
  EXPECT_EQ(run_seed(3).verdict.hash, once);
  EXPECT_NE(run_seed(4).verdict.hash, once);
}

TEST(AWorld, IsReadBackAsItWasPrinted) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::string const text = text_of(draw_story(seed).options);
    EXPECT_EQ(text_of(parse_options(text)), text);
  }
  EXPECT_EQ(text_of(Options{}), "seed=1");
  EXPECT_THROW(parse_options("sede=1"), std::invalid_argument);
  EXPECT_THROW(parse_options("keys=many"), std::invalid_argument);
  EXPECT_THROW(parse_options("write-every=5"), std::invalid_argument);
}

TEST(ADuration, IsReadBackAsItWasPrinted) {
  for (Duration const duration : {Duration(2h), Duration(90s), Duration(-250ms), Duration(40us), Duration(7), 0ns}) {
    EXPECT_EQ(parse_duration(text_of(duration)), duration) << text_of(duration);
  }
}

TEST(AStory, IsMadeOfCommandsThatMakeSense) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Story const story = draw_story(seed);
    Simulation simulation(story.options);
    for (Line const& line : story.script) {
      // Words are what this looks at; nothing else happens in between.
      EXPECT_NO_THROW(simulation.perform(line.command)) << line.command;
    }
  }
}

/// What the processes did, without the script.
std::string deeds_in(std::string const& trace) {
  std::istringstream in(trace);
  std::string deeds;
  for (std::string line; std::getline(in, line);) {
    if (line.find(" script command ") == std::string::npos) deeds += line + '\n';
  }
  return deeds;
}

TEST(AStory, GoesAsItWentWhenItIsPrintedAndPlayed) {
  Story const story = draw_story(3);
  std::ostringstream run_trace;
  run(story, &run_trace);
  std::ostringstream played_trace;
  EXPECT_EQ(play(scenario_text(story), &played_trace).failure, std::nullopt);
  EXPECT_TRUE(deeds_in(run_trace.str()) == deeds_in(played_trace.str()));
}

TEST(ACommand, ThatMakesNoSenseIsRefused) {
  Simulation simulation(Options{});
  for (char const* wrong :
       {"", "dance", "kill", "kill A/worker9", "kill D/worker1", "cut A", "cut A/nowhere B", "agency A sideways",
        "target B poison many", "advance 5", "links fine", "settle now", "stop B soon", "reset B first", "circle A D",
        "message-timeout B long", "drift A/master1 much", "agency A elects"}) {
    EXPECT_THROW(simulation.perform(wrong), std::invalid_argument) << wrong;
  }
}

/// A synchronization that runs, with something to lose.
struct ARunningCopy : testing::Test {
  ARunningCopy() {
    Options options;
    options.documents_first = 60;
    options.write_every = 200ms;
    simulation = std::make_unique<Simulation>(options);
    simulation->perform("configure");
    simulation->perform("settle");
  }
  sim::SimCluster& target() { return simulation->site("B").cluster(); }
  /// Database and name of some collection of the target, and a key in it.
  std::pair<std::string, std::string> somewhere(std::string& key) {
    for (auto const& [database, content] : target().model->databases()) {
      for (auto const& [name, collection] : content.collections) {
        for (auto const& shard : collection->shards) {
          if (collection->is_system || shard.documents->empty()) continue;
          key = shard.documents->begin()->first;
          return {database, name};
        }
      }
    }
    return {};
  }
  std::unique_ptr<Simulation> simulation;
};

TEST_F(ARunningCopy, IsSeenToHaveSomethingInvented) {
  std::string key;
  auto const [database, collection] = somewhere(key);
  sim::WriteOptions options;
  options.overwrite = sim::Overwrite::Replace;
  EXPECT_THROW(target().model->insert_one(database, collection,
                                          R"({"_key":")" + key + R"(","_from":"a/1","_to":"a/2"})", options),
               Violation);
}

TEST_F(ARunningCopy, IsSeenToHaveLostWhatItsPositionCovers) {
  simulation->perform("write 30s");
  simulation->perform("settle");
  std::string key;
  auto const [database, collection] = somewhere(key);
  simulation->site("A").cluster().model->update_one(database, collection, key, R"({"late":true})", {});
  simulation->perform("advance 10s");
  EXPECT_THROW(target().model->remove_one(database, collection, key, {}), Violation);
}

TEST_F(ARunningCopy, IsSeenNotToBeOneWhileItLags) {
  EXPECT_EQ(simulation->why_not_converged(), std::nullopt);
  std::string key;
  auto const [database, collection] = somewhere(key);
  simulation->perform("cut A B");
  simulation->site("A").cluster().model->remove_one(database, collection, key, {});
  simulation->perform("advance 30s");
  EXPECT_NE(simulation->shown().find("B differs from A"), std::string::npos) << simulation->shown();
  simulation->perform("settle");
  EXPECT_NE(simulation->shown().find("B equals A"), std::string::npos) << simulation->shown();
}

TEST_F(ARunningCopy, IsSeenToBeSaidCompleteWhenItIsNot) {
  std::string key;
  auto const [database, collection] = somewhere(key);
  simulation->perform("cut A B");
  simulation->perform("advance 1s");
  simulation->site("A").cluster().model->update_one(database, collection, key, R"({"late":true})", {});
  simulation->perform("advance 1s");
  Site& site = simulation->site("B");
  std::vector<sync::StatusEntry> lies;
  auto const status = status_of(site);
  for (auto const& [shard, report, in_sync] : status->shards) {
    lies.push_back({std::nullopt, shard, report});
    lies.back().report.caught_up = site.cluster().model->now();
  }
  // Again and again, as the workers say what is true in between.
  auto const lie = [&] {
    for (std::uint64_t call = 1'000'000; call < 1'000'012; ++call) {
      site.leader()->post(master::ReportStatus{master::CallId(call), lies});
      simulation->perform("advance 500ms");
    }
  };
  EXPECT_THROW(lie(), Violation);
}

TEST_F(ARunningCopy, IsSeenToBeUsedTheWrongWayRound) {
  Site& source = simulation->site("A");
  ShardRef const shard{DatabaseName("_system"), CollectionName("c"), 0};
  EXPECT_THROW(source.cluster().on_apply(source.worker(0)->process(), shard), Violation);
}

/// A copy that runs, whose channels may be silent for a minute, and an outage of three.
struct AnOutage : testing::Test {
  AnOutage() : simulation(world()) {
    for (char const* command :
         {"configure", "advance 30s", "message-timeout A 60s", "message-timeout B 60s", "write 600s", "advance 60s"}) {
      simulation.perform(command);
    }
  }
  static Options world() {
    Options options;
    options.documents_first = 60;
    options.write_every = 2s;
    return options;
  }
  std::uint64_t comparisons_after_silence(std::vector<char const*> const& before, std::vector<char const*> const& in) {
    std::uint64_t const earlier = marks_reached()["shard.receiver.silence"];
    for (char const* command : before) simulation.perform(command);
    for (char const* command : {"advance 20s", "cut A B", "cut B A", "advance 30s"}) simulation.perform(command);
    for (char const* command : in) simulation.perform(command);
    for (char const* command : {"advance 150s", "join A B", "join B A", "advance 60s", "settle"}) {
      simulation.perform(command);
    }
    return marks_reached()["shard.receiver.silence"] - earlier;
  }
  Simulation simulation;
};

TEST_F(AnOutage, LeadsToComparisonsWhenNobodyAnnouncesIt) { EXPECT_GT(comparisons_after_silence({}, {}), 0u); }

TEST_F(AnOutage, LeadsToNoneWhenItIsAnnouncedBefore) {
  EXPECT_EQ(comparisons_after_silence({"message-timeout A 300s", "message-timeout B 300s"}, {}), 0u);
}

TEST_F(AnOutage, LeadsToNoneWhenItIsAnnouncedInTime) {
  EXPECT_EQ(comparisons_after_silence({}, {"message-timeout A 300s", "message-timeout B 300s"}), 0u);
}

TEST(AFailure, IsOfAKindThatNumbersDoNotChange) {
  EXPECT_EQ(kind_of("at 12 ms: the position of a:b:1 (tick 5) has passed"),
            kind_of("at 977 ms: the position of c:d:2 (tick 77) has passed"));
  EXPECT_NE(kind_of("at 12 ms: not converged: B says failed"), kind_of("at 12 ms: two masters saved in term 3"));
}

// A story that cannot hold, with troubles that have nothing to do with it.
TEST(AFailure, IsCutDownToWhatItNeeds) {
  Story story = draw_story(3);
  story.options.convergence_max = std::chrono::milliseconds(1);
  std::uint64_t heard = 0;
  auto const shrunk = shrink(story, 12, [&](std::string const&) { ++heard; });
  ASSERT_TRUE(shrunk.has_value());
  EXPECT_LE(shrunk->runs, 12u);
  EXPECT_GT(heard, 0u);
  EXPECT_LT(shrunk->story.script.size(), story.script.size());
  auto const again = shrink(shrunk->story, 1, [](std::string const&) {});
  ASSERT_TRUE(again.has_value()) << "it fails when it is played again";
  EXPECT_EQ(kind_of(again->failure), kind_of(shrunk->failure));
}

}  // namespace
}  // namespace arangosync::replay
