// Smart edge collections in plans: their hidden parts come and go with them, and what cannot be copied is named.
#include "domain/inventory/plan.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace arangosync::inventory {
namespace {

DatabaseName const shop("shop");

Collection collection(std::string const& name, std::string const& id, std::string const& like = "", int type = 2) {
  Collection made;
  made.id = id;
  made.name = CollectionName(name);
  made.type = type;
  made.is_system = name.starts_with("_");
  made.distribute_shards_like = like;
  made.immutable_properties = R"({"isSmart":true,"numberOfShards":1,"shardKeys":["_key:"]})";
  made.mutable_properties = "{}";
  made.shards = {{ShardName("s1"), {ServerId("PRMR-1")}}};
  return made;
}

Structure structure(std::vector<Collection> const& collections) {
  Structure made;
  made.databases[shop].name = shop;
  for (auto const& c : collections) made.databases[shop].collections[c.name] = c;
  return made;
}

/// "roads" with id `id`, and what the server makes for it, with ids that follow.
std::vector<Collection> smart_edges(int id) {
  auto whole = collection("roads", std::to_string(id), "towns", 3);
  whole.shards.clear();
  std::vector<Collection> made{whole};
  for (std::string const prefix : {"_local_", "_from_", "_to_"}) {
    made.push_back(collection(prefix + "roads", std::to_string(++id), "towns", 3));
  }
  return made;
}

Structure smart_graph(int id) {
  auto made = structure(smart_edges(id));
  made.databases[shop].collections.emplace(CollectionName("towns"), collection("towns", "1"));
  return made;
}

Origins smart_origins(int id) {
  return {{{shop, CollectionName("towns")}, "1"},
          {{shop, CollectionName("roads")}, std::to_string(id)},
          {{shop, CollectionName("_local_roads")}, std::to_string(id + 1)},
          {{shop, CollectionName("_to_roads")}, std::to_string(id + 3)}};
}

std::vector<std::string> named(std::vector<Step> const& steps) {
  std::vector<std::string> names;
  for (Step const& step : steps) names.push_back(to_string(step));
  return names;
}

TEST(SmartGraphs, PartsAreMadeByTheServerAndOnlyTheirOriginIsRecorded) {
  auto without = structure({collection("towns", "1")});
  auto const steps = plan(smart_graph(20), without, {{{shop, CollectionName("towns")}, "1"}});
  EXPECT_EQ(named(steps),
            (std::vector<std::string>{"create collection shop/roads", "record origin of shop/roads",
                                      "record origin of shop/_local_roads", "record origin of shop/_to_roads"}));
  EXPECT_EQ(std::get<RecordOrigin>(steps.at(3)).source_id, "23");
  EXPECT_TRUE(depends_on(steps.at(3), steps.at(0)));
  EXPECT_TRUE(plan(smart_graph(20), smart_graph(70), smart_origins(20)).empty());
}

TEST(SmartGraphs, PartsGoAndComeAgainWithTheWhole) {
  auto const gone = plan(structure({collection("towns", "1")}), smart_graph(70), smart_origins(20));
  EXPECT_EQ(named(gone), (std::vector<std::string>{"drop collection shop/roads"}));
  auto const again = plan(smart_graph(30), smart_graph(70), smart_origins(20));
  EXPECT_EQ(named(again), (std::vector<std::string>{"drop collection shop/roads", "create collection shop/roads",
                                                    "record origin of shop/roads", "record origin of shop/_local_roads",
                                                    "record origin of shop/_to_roads"}));
  EXPECT_EQ(std::get<RecordOrigin>(again.at(3)).source_id, "31");
}

TEST(SmartGraphs, PartsOfAnUnknownOriginAreTakenOver) {
  auto origins = smart_origins(20);
  origins.erase({shop, CollectionName("_to_roads")});
  EXPECT_EQ(named(plan(smart_graph(20), smart_graph(70), origins)),
            std::vector<std::string>{"record origin of shop/_to_roads"});
}

TEST(SmartGraphs, AreNamedWhereTheirEdgesCannotBeCopied) {
  auto const source = smart_graph(20);
  EXPECT_TRUE(unlike_source(source, smart_graph(70), smart_origins(20)).empty());
  auto community = smart_graph(70);
  community.databases[shop].collections.erase(CollectionName("_to_roads"));
  auto const missing = unlike_source(source, community, smart_origins(20));
  ASSERT_EQ(missing.size(), 1u);
  EXPECT_NE(missing.at("collection shop/_to_roads").find("Enterprise Edition"), std::string::npos);
  auto silent = source;
  for (auto const& part : parts_of(CollectionName("roads"))) silent.databases[shop].collections.erase(part);
  auto const untold = unlike_source(silent, smart_graph(70), smart_origins(20));
  ASSERT_EQ(untold.size(), 1u);
  EXPECT_NE(untold.at("collection shop/roads").find("same version of arangosync"), std::string::npos);
}

TEST(SmartGraphs, DocumentsOfPartsAreWrittenToTheWhole) {
  EXPECT_EQ(written_name(CollectionName("_to_roads")), CollectionName("roads"));
  EXPECT_EQ(written_name(CollectionName("_local_roads")), CollectionName("roads"));
  EXPECT_EQ(written_name(CollectionName("roads")), CollectionName("roads"));
  EXPECT_EQ(written_name(CollectionName("_jobs")), CollectionName("_jobsbackup"));
  EXPECT_FALSE(is_replicated(collection("_from_roads", "1"))) << "the target's server makes it of the others";
  EXPECT_FALSE(whole_of(CollectionName("_tools")));
}

}  // namespace
}  // namespace arangosync::inventory
