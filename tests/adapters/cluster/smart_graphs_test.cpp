// Smart graphs and vector indexes on the target, over real sockets against the sandbox: whose id a graph holds, where
// edges are written to, when an index that learns from documents is made.
#include "adapters/cluster/smart_graphs.h"

#include "domain/inventory/plan.h"
#include "tests/adapters/cluster/stage.h"

#include <gmock/gmock.h>

namespace arangosync::cluster {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

codec::Change put(std::string_view key, std::string_view document) {
  return {codec::ChangeKind::Upsert, key, "", document};
}

// ---- graphs -----------------------------------------------------------------------------------------------------

constexpr std::string_view graph =
    R"({"_key":"g","_id":"_graphs/g","_rev":"_gjDBRr6---","isSmart":true,"initial":"towns","initialCid":4711,"x":1.0})";

std::string id_of_towns(Stage& stage) {
  std::string id;
  stage.sandbox->with_model([&](sim::ClusterModel& model) { id = model.find_collection("_system", "towns")->id; });
  return id;
}

TEST(ASmartGraph, HoldsTheIdThatItsCollectionHasHereUnderTheSourcesRevision) {
  Stage stage;
  stage.create("towns", 2, R"(,"isSmart":true)");
  for (int time = 0; time < 2; ++time) {
    auto const done =
        stage.apply(in_system("_graphs"), payload({put("g", graph), put("plain", R"({"_key":"plain"})")}));
    ASSERT_TRUE(done.has_value()) << done.error().message;
    auto const text = stage.documents("_graphs").at("g");
    EXPECT_THAT(text, HasSubstr("\"initialCid\":" + id_of_towns(stage) + ",\"x\":1.0}"));
    EXPECT_THAT(text, HasSubstr(R"("_rev":"_gjDBRr6---")")) << "nobody sees a difference";
  }
}

TEST(ASmartGraph, ThatCameBeforeItsCollectionIsSettledWhenThatIsMade) {
  Stage stage;
  ASSERT_TRUE(stage.apply(in_system("_graphs"), payload({put("g", graph)})).has_value());
  EXPECT_THAT(stage.documents("_graphs").at("g"), HasSubstr(R"("initialCid":4711)"));
  inventory::Collection towns;
  towns.id = "4711";
  towns.name = CollectionName("towns");
  towns.immutable_properties = R"({"isSmart":true,"numberOfShards":2})";
  towns.mutable_properties = "{}";
  auto const made = stage.apply(inventory::CreateCollection{DatabaseName("_system"), towns});
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_THAT(stage.documents("_graphs").at("g"), HasSubstr("\"initialCid\":" + id_of_towns(stage) + ","));
}

// The answer to the creation was lost: the next round finds the collection and records whose copy it is.
TEST(ASmartGraph, IsSettledAlsoWhenItsCollectionIsOnlyFoundToBeThere) {
  Stage stage;
  ASSERT_TRUE(stage.apply(in_system("_graphs"), payload({put("g", graph)})).has_value());
  stage.create("towns", 2, R"(,"isSmart":true)");
  EXPECT_THAT(stage.documents("_graphs").at("g"), HasSubstr(R"("initialCid":4711)"));
  auto const recorded = stage.apply(inventory::RecordOrigin{DatabaseName("_system"), CollectionName("towns"), "4711"});
  ASSERT_TRUE(recorded.has_value()) << recorded.error().message;
  EXPECT_THAT(stage.documents("_graphs").at("g"), HasSubstr("\"initialCid\":" + id_of_towns(stage) + ","));
}

TEST(ASmartGraph, KeepsTheFormOfItsIdAndEveryOtherLetter) {
  EXPECT_EQ(initial_collection(graph), "towns");
  EXPECT_FALSE(initial_collection(R"({"_key":"plain"})"));
  EXPECT_FALSE(initial_collection(R"({"initialCid":1})")) << "of which collection is not said";
  EXPECT_FALSE(initial_collection("broken"));
  EXPECT_EQ(with_initial_id(R"({"a":"initialCid","initialCid":"17","n":1.0})", "18"),
            R"({"a":"initialCid","initialCid":"18","n":1.0})");
  EXPECT_EQ(with_initial_id(R"({"initialCid":17})", "18"), R"({"initialCid":18})");
  EXPECT_FALSE(with_initial_id(R"({"initialCid":18})", "18"));
}

// ---- edges ------------------------------------------------------------------------------------------------------

void create_roads(Stage& stage) {
  stage.create("towns", 2, R"(,"isSmart":true,"shardKeys":["_key:"])");
  stage.create("roads", 2, R"(,"type":3,"isSmart":true,"shardKeys":["_key:"],"distributeShardsLike":"towns")");
}

std::string edge(std::string const& key, std::string const& revision) {
  auto const from = key.substr(0, key.find(':'));
  auto const to = key.substr(key.rfind(':') + 1);
  return R"({"_key":")" + key + R"(","_id":"roads/)" + key + R"(","_rev":")" + revision + R"(","_from":"towns/)" +
         from + R"(:1","_to":"towns/)" + to + R"(:1"})";
}

TEST(AnEdge, OfAPartIsWrittenToTheWholeWhichPutsItWhereItBelongs) {
  Stage stage;
  create_roads(stage);
  auto const far = edge("DE:1:FR", "_gjDBRr6---");
  auto const near = edge("DE:2:DE", "_gjDBRr6--_");
  ASSERT_TRUE(stage.apply(in_system("_to_roads", 1), payload({put("DE:1:FR", far)})).has_value());
  ASSERT_TRUE(stage.apply(in_system("_local_roads"), payload({put("DE:2:DE", near)})).has_value());
  for (auto const* part : {"_from_roads", "_to_roads"}) {
    auto const found = stage.documents(part);
    ASSERT_EQ(found.size(), 1u) << part;
    EXPECT_EQ(found.at("DE:1:FR"), far) << "with its revision, and under the name of the whole";
  }
  EXPECT_EQ(stage.documents("_local_roads").at("DE:2:DE"), near);
  auto const gone = stage.apply(in_system("_to_roads"), payload({{codec::ChangeKind::Remove, "DE:1:FR", "", ""}}));
  ASSERT_TRUE(gone.has_value());
  EXPECT_EQ(gone->removed, 1u);
  EXPECT_TRUE(stage.documents("_from_roads").empty());
  EXPECT_TRUE(stage.documents("_to_roads").empty());
  EXPECT_EQ(stage.documents("_local_roads").size(), 1u);
}

TEST(AnEdge, StaysWhenAnotherPartIsTruncatedOrHasASurplus) {
  Stage stage;
  stage.create("roads", 1, R"(,"type":3,"isSmart":true)");
  stage.insert("roads", {edge("DE:1:FR", "_gjDBRr6---"), edge("DE:2:DE", "_gjDBRr6--_")});
  auto const emptied = stage.apply(in_system("_to_roads"), payload({{codec::ChangeKind::Truncate, "", "", ""}}));
  ASSERT_TRUE(emptied.has_value()) << emptied.error().message;
  EXPECT_TRUE(stage.documents("_to_roads").empty());
  EXPECT_TRUE(stage.documents("_from_roads").empty());
  EXPECT_EQ(stage.documents("_local_roads").size(), 1u) << "the whole was not truncated";
  stage.insert("roads", {edge("DE:1:FR", "_gjDBRr6---")});
  worker::CopyId const copy(3);
  auto const kept = edge("DE:3:FR", "_gjDBRr6--A");
  ASSERT_TRUE(stage.apply(in_system("_to_roads"), payload({put("DE:3:FR", kept)}), copy).has_value());
  auto const removed = stage.remove_surplus(in_system("_to_roads"), copy);
  ASSERT_TRUE(removed.has_value()) << removed.error().message;
  EXPECT_EQ(*removed, 1u);
  EXPECT_EQ(stage.documents("_from_roads").count("DE:3:FR"), 1u);
  EXPECT_EQ(stage.documents("_from_roads").size(), 1u);
  EXPECT_EQ(stage.documents("_local_roads").size(), 1u);
}

TEST(SmartEdges, AreMadeWithTheirPartsAndLeaveNothingToDo) {
  Stage source(1);
  Stage target(2);
  create_roads(source);
  source.create("rows", 1, R"(,"type":3,"isSmart":true,"isDisjoint":true,"distributeShardsLike":"towns")");
  int passes = 0;
  for (; passes < 5; ++passes) {
    auto const wanted = source.structure();
    auto const existing = target.target_structure();
    ASSERT_TRUE(wanted.has_value() && existing.has_value());
    auto const steps = inventory::plan(*wanted, existing->structure, existing->origins, existing->limits);
    if (steps.empty()) {
      EXPECT_TRUE(unlike_source(*wanted, existing->structure, existing->origins, existing->limits).empty());
      break;
    }
    for (auto const& step : steps) {
      auto const done = target.apply(step);
      ASSERT_TRUE(done.has_value()) << to_string(step) << ": " << done.error().message;
    }
  }
  EXPECT_EQ(passes, 1);
  auto const parts = target.target_structure()->origins;
  EXPECT_TRUE(parts.contains({DatabaseName("_system"), CollectionName("_to_roads")}));
  EXPECT_TRUE(parts.contains({DatabaseName("_system"), CollectionName("_local_rows")}));
  EXPECT_FALSE(parts.contains({DatabaseName("_system"), CollectionName("_to_rows")}));
  auto const dropped = target.apply(inventory::DropCollection{DatabaseName("_system"), CollectionName("roads")});
  ASSERT_TRUE(dropped.has_value()) << dropped.error().message;
  target.sandbox->with_model(
      [](sim::ClusterModel& model) { EXPECT_EQ(model.find_collection("_system", "_to_roads"), nullptr); });
}

// ---- vector indexes ---------------------------------------------------------------------------------------------

sandbox::Options of_version(std::string version) {
  sandbox::Options options;
  options.version = std::move(version);
  return options;
}

inventory::Step vector_index() {
  return inventory::CreateIndex{
      DatabaseName("_system"),
      CollectionName("items"),
      {"90001", "vec", "vector", R"({"fields":["v"],"params":{"metric":"l2","dimension":2,"nLists":2}})"}};
}

std::size_t indexes_of(Stage& stage) {
  std::size_t count = 0;
  stage.sandbox->with_model(
      [&](sim::ClusterModel& model) { count = model.find_collection("_system", "items")->indexes.size(); });
  return count;
}

void store_position(Stage& stage, std::uint32_t index) {
  shard::Position position;
  position.shard = ShardName("s1");
  position.server = ServerId("PRMR-1");
  position.from = position.last_scanned = Tick(5);
  worker::Stamp const stamp{worker::PulseId(7), 1};
  ASSERT_TRUE(stage.beat(stamp).has_value());
  ASSERT_TRUE(stage.store({{in_system("items", index), position}}, stamp).has_value());
}

class AVectorIndex : public testing::TestWithParam<char const*> {};

TEST_P(AVectorIndex, IsMadeWhenAllItsDocumentsHaveCome) {
  Stage stage(1, of_version(GetParam()));
  stage.create("items", 2);
  auto const early = stage.apply(vector_index());
  ASSERT_FALSE(early.has_value());
  EXPECT_EQ(early.error().fault_class, FaultClass::Retry);
  EXPECT_THAT(early.error().message, HasSubstr("waits for the documents"));
  for (int n = 0; n < 50; ++n) stage.insert("items", {R"({"v":[1,2],"_key":"k)" + std::to_string(n) + R"("})"});
  store_position(stage, 0);
  EXPECT_THAT(stage.apply(vector_index()).error().message, HasSubstr("the first 1 of 2 shards are copied"));
  EXPECT_EQ(indexes_of(stage), 1u);
  store_position(stage, 1);
  auto const made = stage.apply(vector_index());
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_EQ(indexes_of(stage), 2u);
}

TEST_P(AVectorIndex, ThatLearnsNothingIsNotLeftBehindUnusable) {
  Stage stage(1, of_version(GetParam()));
  stage.create("items", 1);
  store_position(stage, 0);
  auto const failed = stage.apply(vector_index());
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(indexes_of(stage), 1u);
  stage.insert("items", {R"({"v":[1,2]})", R"({"v":[2,2]})"});
  EXPECT_TRUE(stage.apply(vector_index()).has_value()) << "tried again";
  EXPECT_EQ(indexes_of(stage), 2u);
}

INSTANTIATE_TEST_SUITE_P(Versions, AVectorIndex, testing::Values("3.12.4", "3.12.10"), [](auto const& each) {
  std::string name = each.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return "V" + name;
});

}  // namespace
}  // namespace arangosync::cluster
