#include "adapters/sim/cluster_json.h"
#include "adapters/sim/cluster_render.h"
#include "tests/adapters/sim/cluster_fixture.h"

#include <gtest/gtest.h>

namespace arangosync::sim {
namespace {

std::vector<ModelDocumentPtr> dump_all(TestCluster& cluster, std::string const& server, ModelSnapshot const& snapshot,
                                       std::string const& shard, std::size_t chunk_bytes,
                                       std::string* counters = nullptr) {
  std::vector<ModelDocumentPtr> found;
  for (bool more = true; more;) {
    auto chunk = cluster.model.dump(server, "_system", snapshot.id, shard, chunk_bytes);
    EXPECT_TRUE(chunk.has_value());
    if (!chunk) return found;
    found.insert(found.end(), chunk->documents.begin(), chunk->documents.end());
    if (counters != nullptr) *counters += std::to_string(chunk->counter) + (chunk->check_more ? "+ " : ". ");
    more = chunk->check_more;
  }
  return found;
}

TEST(ClusterStructure, HasTheSystemCollectionsOfANewDatabase) {
  TestCluster cluster;
  ASSERT_TRUE(cluster.model.create_database("shop", {}).has_value());
  for (auto const* name :
       {"_graphs", "_analyzers", "_aqlfunctions", "_queues", "_jobs", "_apps", "_appbundles", "_frontend"}) {
    ASSERT_NE(cluster.model.find_collection("shop", name), nullptr) << name;
    EXPECT_TRUE(cluster.model.find_collection("shop", name)->is_system);
  }
  EXPECT_EQ(cluster.model.find_collection("shop", "_users"), nullptr);
  EXPECT_EQ(cluster.model.find_collection("shop", "_jobs")->distribute_shards_like, "_graphs");
  EXPECT_EQ(cluster.model.find_collection("_system", "_jobs")->distribute_shards_like, "_users");
  EXPECT_EQ(cluster.model.find_collection("_system", "_jobs")->indexes.size(), 3u);
  EXPECT_EQ(cluster.model.create_database("shop", {}).error().number, 1207);
  EXPECT_EQ(cluster.model.create_database("9x", {}).error().number, 1229);
  ASSERT_TRUE(cluster.model.drop_database("shop").has_value());
  EXPECT_EQ(cluster.model.drop_database("shop").error().number, 1228);
}

TEST(ClusterStructure, ShowsViewsInPlanAndInventoryUntilWhatTheyLeadToIsGone) {
  TestCluster cluster;
  auto const& model = cluster.model;
  cluster.create(R"({"name":"things"})");
  ASSERT_TRUE(cluster.model.create_index("_system", "things", R"({"type":"inverted","name":"inv","fields":["a"]})"));
  ModelView view;
  view.name = "found";
  view.type = "arangosearch";
  view.links["things"] = "{}";
  ASSERT_TRUE(cluster.model.create_view("_system", view).has_value());
  EXPECT_EQ(cluster.model.create_view("_system", view).error().number, 1207);
  EXPECT_EQ(cluster.model.create_collection("_system", R"({"name":"found"})").error().number, 1207);
  ModelView alias{"", "all", "search-alias", {}, {}, {{"things", "inv"}}};
  ASSERT_TRUE(cluster.model.create_view("_system", alias).has_value());
  alias.indexes = {{"things", "other"}};
  EXPECT_EQ(cluster.model.change_view("_system", alias).error().number, 1212);
  std::string const inventory = cluster_inventory_json(cluster.model, *model.find_database("_system"), true);
  EXPECT_EQ(json::elements(json::find(inventory, "views")).size(), 2u);
  std::string const agency = agency_json(model, "3.11.8", "2023-09-01T15:01:23Z");
  auto const planned = json::find(json::find(json::find(agency, "Plan"), "Views"), "_system");
  EXPECT_EQ(json::members(planned).size(), 2u);
  ASSERT_TRUE(cluster.model.drop_index("_system", "things", "inv").has_value());
  EXPECT_TRUE(model.find_view("_system", "all")->indexes.empty());
  ASSERT_TRUE(cluster.model.drop_collection("_system", "things", false).has_value());
  EXPECT_TRUE(model.find_view("_system", "found")->links.empty());
  ASSERT_TRUE(cluster.model.drop_view("_system", "found").has_value());
  EXPECT_EQ(cluster.model.drop_view("_system", "found").error().number, 1203);
}

TEST(ClusterStructure, PlacesShardsRoundRobinAndLikeTheirPrototype) {
  TestCluster cluster({.db_servers = 3});
  auto const& a = cluster.create(R"({"name":"a","numberOfShards":3,"replicationFactor":2})");
  EXPECT_NE(a.shards[0].servers.front(), a.shards[1].servers.front());
  EXPECT_EQ(a.shards[0].servers.size(), 2u);
  EXPECT_EQ(a.shards[1].name, "s" + std::to_string(std::stoull(a.shards[0].name.substr(1)) + 1));
  auto const& b = cluster.create(R"({"name":"b","distributeShardsLike":"a"})");
  ASSERT_EQ(b.shards.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(b.shards[i].servers, a.shards[i].servers);
  EXPECT_EQ(cluster.model.drop_collection("_system", "a", false).error().number, 1485);
  EXPECT_EQ(cluster.model.create_collection("_system", R"({"name":"c","distributeShardsLike":"b"})").error().number,
            1484);
  EXPECT_EQ(cluster.model.create_collection("_system", R"({"name":"c","distributeShardsLike":"x"})").error().number,
            1486);
  EXPECT_EQ(cluster.model.create_collection("_system", R"({"name":"c","replicationFactor":4})").error().number, 1487);
}

TEST(ClusterStructure, KeepsPropertiesAndForgetsWhatServersDrop) {
  TestCluster cluster;
  auto const& made = cluster.create(R"({"name":"c","type":3,"waitForSync":true,"smartGraphAttribute":"x",)"
                                    R"("keyOptions":{"type":"uuid"},"journalSize":7,"id":"777"})");
  EXPECT_EQ(made.id, "777");
  EXPECT_EQ(made.type, 3);
  EXPECT_EQ(made.attributes.at("waitForSync"), "true");
  EXPECT_EQ(made.attributes.at("smartGraphAttribute"), "\"x\"");
  EXPECT_EQ(json::find(made.attributes.at("keyOptions"), "type"), "\"uuid\"");
  EXPECT_EQ(json::find(made.attributes.at("keyOptions"), "allowUserKeys"), "true");
  EXPECT_FALSE(made.attributes.contains("journalSize"));
  auto changed =
      cluster.model.change_collection("_system", "c", R"({"waitForSync":false,"numberOfShards":5,"writeConcern":2})");
  ASSERT_TRUE(changed.has_value());
  EXPECT_EQ((*changed)->attributes.at("waitForSync"), "false");
  EXPECT_EQ((*changed)->attributes.at("numberOfShards"), "1");
  EXPECT_EQ((*changed)->attributes.at("minReplicationFactor"), "2");
}

TEST(ClusterStructure, RefusesNamesAndDropsAsServersDo) {
  TestCluster cluster;
  EXPECT_EQ(cluster.model.create_collection("_system", R"({"name":"_x"})").error().number, 1208);
  EXPECT_EQ(cluster.model.create_collection("_system", R"({"name":""})").error().number, 1208);
  EXPECT_EQ(cluster.model.create_collection("nowhere", R"({"name":"a"})").error().number, 1228);
  cluster.create(R"({"name":"a"})");
  EXPECT_EQ(cluster.model.create_collection("_system", R"({"name":"a"})").error().number, 1207);
  EXPECT_EQ(cluster.model.drop_collection("_system", "_jobs", false).error().number, 11);
  EXPECT_EQ(cluster.model.drop_collection("_system", "b", false).error().number, 1203);
}

TEST(ClusterStructure, RecognisesTheSameIndexAndRefusesASecondUseOfItsId) {
  TestCluster cluster;
  cluster.create(R"({"name":"c","numberOfShards":2})");
  auto first =
      cluster.model.create_index("_system", "c", R"({"type":"persistent","fields":["a"],"id":"10030","name":"i"})");
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(first->is_new);
  EXPECT_EQ(first->index->id, "10030");
  auto same = cluster.model.create_index("_system", "c", R"({"type":"persistent","fields":["a"]})");
  EXPECT_FALSE(same->is_new);
  EXPECT_EQ(same->index->id, "10030");
  EXPECT_TRUE(cluster.model.create_index("_system", "c", R"({"type":"hash","fields":["a"]})")->is_new);
  EXPECT_EQ(cluster.model.create_index("_system", "c", R"({"type":"hash","fields":["b"],"id":"10030"})").error().number,
            1005);
  EXPECT_EQ(
      cluster.model.create_index("_system", "c", R"({"type":"hash","fields":["b"],"unique":true})").error().number,
      1470);
  EXPECT_EQ(*cluster.model.drop_index("_system", "c", "c/10030"), "10030");
  EXPECT_EQ(cluster.model.drop_index("_system", "c", "10030").error().number, 1212);
}

TEST(ClusterStructure, ShowsPlanAndInventoryInValidJson) {
  TestCluster cluster;
  cluster.create(R"({"name":"a","numberOfShards":2,"replicationFactor":2})");
  cluster.create(R"({"name":"b","distributeShardsLike":"a"})");
  auto tree = agency_json(cluster.model, "3.9.12", utc_text(cluster.now));
  ASSERT_TRUE(json::is_valid(tree));
  auto const& a = *cluster.model.find_collection("_system", "a");
  auto const& b = *cluster.model.find_collection("_system", "b");
  auto planned = json::find(json::find(json::find(json::find(tree, "Plan"), "Collections"), "_system"), b.id);
  EXPECT_EQ(json::text_of(json::find(planned, "distributeShardsLike")), a.id);
  auto inventory = cluster_inventory_json(cluster.model, *cluster.model.find_database("_system"), true);
  ASSERT_TRUE(json::is_valid(inventory));
  EXPECT_NE(inventory.find(R"("distributeShardsLike":"a")"), std::string::npos);
  EXPECT_EQ(utc_text(cluster.now), "2023-09-01T15:01:20Z");
}

TEST(ClusterSnapshot, IsIsolatedFromLaterWritesAndJoinsTheLogWithoutGap) {
  TestCluster cluster;
  auto const& collection = cluster.create(R"({"name":"c"})");
  auto const& shard = collection.shards.front();
  cluster.put_many("c", {R"({"_key":"a"})", R"({"_key":"b"})", R"({"_key":"c"})"});
  auto snapshot = cluster.model.open_snapshot(shard.servers.front(), "_system", {"815", "", ""}, 60);
  ASSERT_TRUE(snapshot.has_value());
  cluster.put("c", R"({"_key":"d"})");
  ASSERT_EQ(cluster.model.remove_one("_system", "c", "a", {})->error, 0);
  auto documents = dump_all(cluster, shard.servers.front(), *snapshot, shard.name, 1 << 20);
  ASSERT_EQ(documents.size(), 3u);
  EXPECT_EQ(documents.front()->key, "a");
  EXPECT_EQ(dump_all(cluster, shard.servers.front(), *snapshot, shard.name, 1 << 20).size(), 3u);  // starts over
  TailRequest request;
  request.from = snapshot->tick;
  request.last_scanned = snapshot->tick;
  request.shard = shard.name;
  auto tail = cluster.model.tail(shard.servers.front(), request);
  EXPECT_EQ(json::lines(tail->lines).size(), 2u);
}

TEST(ClusterSnapshot, CountsItsChunks) {
  TestCluster cluster;
  auto const& collection = cluster.create(R"({"name":"c"})");
  auto const& empty = cluster.create(R"({"name":"empty"})");
  auto const& server = collection.shards.front().servers.front();
  cluster.put_many("c", {R"({"_key":"a"})", R"({"_key":"b"})", R"({"_key":"c"})"});
  auto snapshot = cluster.model.open_snapshot(server, "_system", {}, 60);
  std::string counters;
  dump_all(cluster, server, *snapshot, collection.shards.front().name, 1, &counters);
  EXPECT_EQ(counters, "2+ 3+ 3. ");
  counters.clear();
  dump_all(cluster, server, *snapshot, collection.shards.front().name, 1 << 20, &counters);
  EXPECT_EQ(counters, "1. ");
  counters.clear();
  auto const& where = empty.shards.front().servers.front();
  auto other = cluster.model.open_snapshot(where, "_system", {}, 60);
  dump_all(cluster, where, *other, empty.shards.front().name, 1, &counters);
  EXPECT_EQ(counters, "0. ");
}

TEST(ClusterSnapshot, ExpiresAndIsGoneAfterARestart) {
  TestCluster cluster;
  auto const& collection = cluster.create(R"({"name":"c"})");
  auto const& shard = collection.shards.front();
  std::string server = shard.servers.front();
  auto snapshot = cluster.model.open_snapshot(server, "_system", {}, 60);
  cluster.now = cluster.now + std::chrono::seconds(59);
  EXPECT_TRUE(cluster.model.extend_snapshot(server, "_system", snapshot->id, 60).has_value());
  cluster.now = cluster.now + std::chrono::seconds(59);
  EXPECT_TRUE(cluster.model.dump(server, "_system", snapshot->id, shard.name, 1000).has_value());
  cluster.now = cluster.now + std::chrono::seconds(61);
  auto gone = cluster.model.dump(server, "_system", snapshot->id, shard.name, 1000);
  ASSERT_FALSE(gone.has_value());
  EXPECT_EQ(gone.error().status, 404);
  EXPECT_EQ(gone.error().number, 400);
  EXPECT_EQ(cluster.model.close_snapshot(server, "_system", snapshot->id).error().number, 1600);
  auto second = cluster.model.open_snapshot(server, "_system", {"9", "", ""}, 60);
  EXPECT_EQ(cluster.model.clients(server, "_system").size(), 1u);
  cluster.model.restart_server(server);
  EXPECT_FALSE(cluster.model.dump(server, "_system", second->id, shard.name, 1000).has_value());
  EXPECT_TRUE(cluster.model.clients(server, "_system").empty());
}

TEST(ClusterFailover, MovesTheLeadWithoutLosingDocuments) {
  TestCluster cluster;
  auto const& collection = cluster.create(R"({"name":"c","replicationFactor":2})");
  auto const& shard = collection.shards.front();
  cluster.put("c", R"({"_key":"k"})");
  std::string old_leader = shard.servers[0];
  std::string next = shard.servers[1];
  auto plan = cluster.model.plan_version();
  EXPECT_TRUE(cluster.model.fail_over("_system", shard.name));
  EXPECT_GT(cluster.model.plan_version(), plan);
  EXPECT_EQ(shard.servers.front(), next);
  EXPECT_FALSE(cluster.text("c", "k").empty());
  auto before = cluster.model.last_tick(next);
  cluster.put("c", R"({"_key":"l"})");
  EXPECT_GT(cluster.model.last_tick(next), before);
  cluster.model.set_healthy(old_leader, false);
  EXPECT_FALSE(cluster.model.fail_over("_system", shard.name));
}

}  // namespace
}  // namespace arangosync::sim
