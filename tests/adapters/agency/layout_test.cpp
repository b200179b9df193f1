// The layout reads the agency of a real pair of the original (tests/data/arangosync-agency) and writes it back as it
// was.
#include "adapters/agency/layout.h"

#include "adapters/sim/agency_model.h"
#include "tests/paths/paths.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <fstream>
#include <sstream>

namespace arangosync::agency {
namespace {

namespace bj = boost::json;

bj::value fixture(std::string const& name) {
  std::ifstream file(tests::data_folder() + "/arangosync-agency/" + name);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return bj::parse(text.str()).at("agency");
}

master::Persisted loaded(std::string const& name) {
  auto const state = layout::read_state(bj::serialize(fixture(name)));
  EXPECT_TRUE(state.has_value()) << (state ? "" : state.error().message);
  return state.value_or(master::Persisted{});
}

/// A leader that holds exactly this.
master::State state_of(master::Persisted const& persisted) {
  master::Identity identity;
  identity.id = MasterId("m1");
  identity.program_version = "2.13.0-preview-1+5cbccbe2";
  master::State state = master::initial_state(identity);
  election::Lease const lease{MasterId("m1"), Term(1), 1};
  state = master::evolve(std::move(state),
                         election::Event(election::Campaigned{RequestId(3), std::nullopt, lease, Instant{}}));
  state = master::evolve(std::move(state), election::Event(election::Elected{Instant{}}));
  return master::evolve(std::move(state), master::OfficeEvent(master::StateTaken{persisted, Instant{}}));
}

bj::object written(master::State const& state) {
  sim::AgencyModel agency;
  ports::AgencyTransaction transaction;
  transaction.operations = layout::render(layout::all_parts(state), state);
  EXPECT_GT(agency.write(transaction), 0u);
  return bj::parse(agency.at("/arangodb/arangosync")).as_object();
}

/// What a new leader writes is compared without the leases, and topics as a set (their order is the order of use).
bj::object comparable(bj::object root) {
  for (char const* lease : {"leader", "masters"}) root.erase(lease);
  return root;
}

class LayoutOfOriginal : public testing::TestWithParam<char const*> {};

TEST_P(LayoutOfOriginal, IsReadAndWrittenBackAsItWas) {
  bj::object const original = comparable(fixture(GetParam()).at("arangodb").at("arangosync").as_object());
  bj::object const ours = comparable(written(state_of(loaded(GetParam()))));
  EXPECT_EQ(ours, original) << bj::serialize(ours) << "\n\n" << bj::serialize(original);
}

INSTANTIATE_TEST_SUITE_P(Pair, LayoutOfOriginal, testing::Values("source.json", "target.json"));

TEST(Layout, UnderstandsTheTargetOfAnOriginal) {
  master::Persisted const state = loaded("target.json");
  ASSERT_TRUE(state.incoming);
  EXPECT_EQ(state.incoming->status, sync::Status::Running);
  EXPECT_TRUE(state.incoming->announced);
  EXPECT_EQ(state.incoming->shards.size(), 8u);
  EXPECT_EQ(state.workers.size(), 2u);
  EXPECT_EQ(state.workers.at(WorkerId("nT95Mfk4Oh0dhR7JyTbx")).server_id, 5340774647547379703u);
  EXPECT_EQ(state.cluster_id, ClusterId("0s4Kxjz5b797OuaS41ti"));
  ShardRef const jobs{DatabaseName("_system"), CollectionName("_jobs"), 0};
  EXPECT_EQ(state.tasks.at(TaskId("DDAeBcWEn0icfTua")).spec.shard, jobs) << "the task itself says _jobsbackup";
}

TEST(Layout, UnderstandsTheSourceOfAnOriginal) {
  master::Persisted const state = loaded("source.json");
  ASSERT_EQ(state.outgoing.size(), 1u);
  EXPECT_EQ(state.outgoing.begin()->second.shards.size(), 8u);
  EXPECT_EQ(state.tasks.size(), 9u);
  EXPECT_FALSE(state.incoming);
}

TEST(Layout, AnEmptyAgencyIsAnEmptyState) {
  auto const state = layout::read_state("{}");
  ASSERT_TRUE(state);
  EXPECT_EQ(*state, master::Persisted{});
}

TEST(Layout, SaysWhatItDoesNotUnderstand) {
  auto const broken = layout::read_state(
      R"({"arangodb":{"arangosync":{"taskRegistry":{"tasks":{"t":{"id":"t","task":{"type":"dance"}}}}}}})");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().fault_class, FaultClass::Permanent);
  EXPECT_NE(broken.error().message.find("taskRegistry/tasks/t: unknown task type 'dance'"), std::string::npos);
  EXPECT_FALSE(layout::read_state("no json"));
  EXPECT_FALSE(layout::read_state(R"({"arangodb":{"arangosync":{"workerRegistry":{"workers":{"w":7}}}}})"));
  EXPECT_FALSE(
      layout::read_state(R"({"arangodb":{"arangosync":{"synchronizationState":{"incoming":{"state":"odd"}}}}})"));
}

std::string with_tasks(std::string const& tasks) {
  return R"({"arangodb":{"arangosync":{"taskRegistry":{"tasks":{)" + tasks + "}}}}}";
}

TEST(Layout, RefusesTasksThatALeaderCouldNotHold) {
  std::string const sending = R"(,"task":{"type":"send-inventory","target_id":"c"}})";
  EXPECT_TRUE(layout::read_state(with_tasks(R"("t":{"id":"t")" + sending)));
  EXPECT_TRUE(layout::read_state(with_tasks(R"("a%2Fb":{"id":"a/b")" + sending)));
  std::string const two = R"("t":{"id":"t")" + sending + R"(,"u":{"id":"u")" + sending;
  auto const both = layout::read_state(with_tasks(two));
  ASSERT_TRUE(both) << both.error().message;
  EXPECT_EQ(both->tasks.size(), 2u) << "it chooses one and removes the other";
  for (auto const& [tasks, why] : {std::pair<std::string, char const*>{R"("t":{"id":"u")" + sending, "its id is 'u'"},
                                   {R"("t":{"x":"t")" + sending, "its id is ''"}}) {
    auto const state = layout::read_state(with_tasks(tasks));
    ASSERT_FALSE(state) << tasks;
    EXPECT_NE(state.error().message.find(why), std::string::npos) << state.error().message;
  }
}

TEST(Layout, ReadsReignsWhereThereAre) {
  auto const read = [](std::string const& reign) {
    auto const state = layout::read_state(
        with_tasks(R"("t":{"id":"t","task":{"type":"send-shard","target_id":"c","database":"d","collection":"c"},)"
                   R"("assignment":{"worker_id":"w","counter":1)" +
                   reign + "}}"));
    EXPECT_TRUE(state);
    return state->tasks.at(TaskId("t")).assignment->reign;
  };
  EXPECT_EQ(read(""), Reign{}) << "the original's, or an older version's";
  EXPECT_EQ(read(R"(,"reign":{"leader":"PRMR-1","number":7})"), (Reign{ServerId("PRMR-1"), 7}));
  EXPECT_EQ(read(R"(,"reign":{"leader":"","number":7})"), Reign{}) << "of nobody";
}

TEST(Layout, DoesNotTakeADurationBeyondAllForANegativeOne) {
  auto const state = layout::read_state(R"({"arangodb":{"arangosync":{"messageTimeout":9223372036854775808}}})");
  ASSERT_FALSE(state);
  EXPECT_NE(state.error().message.find("messageTimeout is too large"), std::string::npos) << state.error().message;
}

TEST(Layout, TakesWhatTheOriginalLeavesAfterAStopForNothing) {
  auto const state = layout::read_state(R"({"arangodb":{"arangosync":{"synchronizationState":{"cluster-id":"c",)"
                                        R"("incoming":{"state":"inactive","source":["https://a:1"]},)"
                                        R"("outgoing":{"targets":{}}}}}})");
  ASSERT_TRUE(state);
  EXPECT_FALSE(state->incoming);
  EXPECT_TRUE(state->outgoing.empty());
}

TEST(Layout, WatchesAnOriginalsLeaderAsALeaseOfTermZero) {
  auto const lease = layout::read_lease(R"({"arangodb":{"arangosync":{"leader":"abc"}}})");
  ASSERT_TRUE(lease && *lease);
  EXPECT_EQ(**lease, (election::Lease{MasterId("abc"), Term(0), 0}));
  EXPECT_FALSE(*layout::read_lease("{}"));
}

TEST(Layout, KeepsNamesThatLookLikePathsInOneSegment) {
  EXPECT_EQ(layout::segment("a/b%c:d"), "a%2Fb%25c:d");
  for (std::string const name : {"a/b%c:d", "%2F", "%", "", "%25", "/%2"}) {
    EXPECT_EQ(layout::name_of(layout::segment(name)), name);
  }
  auto const state = layout::read_state(R"({"arangodb":{"arangosync":{"directMQTokens":{"tokens":{"a%2Fb":{}}}}}})");
  ASSERT_TRUE(state);
  EXPECT_TRUE(state->tokens.contains(Token("a/b"))) << "or it would be written back as another one";
}

TEST(Layout, JournalKeepsTheLastEntries) {
  std::vector<master::Event> events;
  for (int i = 0; i < 700; ++i) {
    events.emplace_back(access::Event(access::TokenIssued{Token("secret"), access::TokenEntry{}}));
  }
  auto const all = layout::journal(events, 301, Term(1), WallTime{});
  std::size_t set = 0;
  std::size_t deleted = 0;
  for (auto const& operation : all) {
    if (std::holds_alternative<ports::AgencySet>(operation.what)) {
      ++set;
    } else {
      ++deleted;
    }
  }
  EXPECT_EQ(set, 501u) << "500 entries and the sequence";
  EXPECT_EQ(deleted, 300u) << "the ring held 1 to 300 before";
}

}  // namespace
}  // namespace arangosync::agency
