#include "adapters/sim/cluster_documents.h"
#include "tests/adapters/sim/cluster_fixture.h"

#include <gtest/gtest.h>

namespace arangosync::sim {
namespace {

WriteOptions restoring() {
  WriteOptions options;
  options.is_restore = true;
  options.overwrite = Overwrite::Replace;
  return options;
}

TEST(ClusterDocuments, KeepsNumbersAsTheyWereWritten) {
  TestCluster cluster;
  cluster.create(R"({"name":"c"})");
  cluster.put("c",
              "{ \"_key\" : \"k\",\n \"big\": 9007199254740993, \"one\": 1.0, \"e\": 1e2, \"s\": \" a  b\\u0041\" }");
  std::string text = cluster.text("c", "k");
  EXPECT_NE(text.find(R"("big":9007199254740993,"one":1.0,"e":1e2,"s":" a  b\u0041"})"), std::string::npos) << text;
  EXPECT_EQ(text.find(R"({"_key":"k","_id":"c/k","_rev":"_)"), 0u) << text;
}

TEST(ClusterDocuments, KeepsTheRevisionOfARestoredDocument) {
  TestCluster cluster;
  cluster.create(R"({"name":"c","numberOfShards":3})");
  auto result = cluster.put("c", R"({"_key":"k","_rev":"_gjDBOTm--_","v":1})", restoring());
  EXPECT_EQ(result.revision, "_gjDBOTm--_");
  auto again = cluster.put("c", R"({"_key":"k","_rev":"_gjDBOTm--A","v":2})", restoring());
  EXPECT_EQ(again.revision, "_gjDBOTm--A");
  EXPECT_EQ(again.old_revision, "_gjDBOTm--_");
  EXPECT_EQ(cluster.text("c", "k"), R"({"_key":"k","_id":"c/k","_rev":"_gjDBOTm--A","v":2})");
  auto fresh = cluster.put("c", R"({"_key":"n","_rev":"_gjDBOTm--_"})");
  EXPECT_NE(fresh.revision, "_gjDBOTm--_");
}

TEST(ClusterDocuments, RefusesASecondInsertAndNamesTheKey) {
  TestCluster cluster;
  cluster.create(R"({"name":"c"})");
  cluster.put("c", R"({"_key":"k"})");
  auto result = cluster.put("c", R"({"_key":"k"})");
  EXPECT_EQ(result.error, 1210);
  EXPECT_EQ(result.message,
            "unique constraint violated - in index primary of type primary over '_key'; conflicting key: k");
}

TEST(ClusterDocuments, ReportsEachItemOfABulkRequest) {
  TestCluster cluster;
  cluster.create(R"({"name":"c","numberOfShards":2})");
  cluster.create(R"({"name":"e","type":3})");
  auto results = cluster.put_many("c", {R"({"_key":111})", R"({"_key":"abc"})", "7", R"({"_key":"bad key"})", "{}"});
  EXPECT_EQ(results[0].error, 1221);
  EXPECT_EQ(results[1].error, 0);
  EXPECT_EQ(results[2].error, 1227);
  EXPECT_EQ(results[3].error, 1221);
  EXPECT_EQ(results[4].error, 0);
  EXPECT_FALSE(results[4].key.empty());
  auto edges =
      cluster.put_many("e", {R"({"_from":"c/a"})", R"({"_from":"c/a","_to":"c/b"})", R"({"_from":"c","_to":"c/b"})"});
  EXPECT_EQ(edges[0].error, 1233);
  EXPECT_EQ(edges[1].error, 0);
  EXPECT_EQ(edges[2].error, 1233);
}

TEST(ClusterDocuments, MergesPatchesAsAsked) {
  EXPECT_EQ(merged(R"({"a":1,"n":{"x":1,"y":2}})", R"({"n":{"y":3,"z":null},"b":null})", true, true),
            R"({"a":1,"n":{"x":1,"y":3,"z":null},"b":null})");
  EXPECT_EQ(merged(R"({"a":1,"n":{"x":1,"y":2}})", R"({"a":null,"n":{"y":null}})", false, true), R"({"n":{"x":1}})");
  EXPECT_EQ(merged(R"({"n":{"x":1}})", R"({"n":{"y":2}})", true, false), R"({"n":{"y":2}})");
}

TEST(ClusterDocuments, ComparesRevisionsOnlyWhenAsked) {
  TestCluster cluster;
  cluster.create(R"({"name":"c"})");
  auto stored = cluster.put("c", R"({"_key":"k"})");
  WriteOptions strict;
  strict.ignore_revs = false;
  std::string item = R"({"_key":"k","_rev":"_other"})";
  auto refused = cluster.model.remove("_system", "c", {item}, strict);
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->front().error, 1200);
  WriteOptions matching;
  matching.if_match = "_nonsense";
  EXPECT_EQ(cluster.model.replace_one("_system", "c", "k", "{}", matching)->error, 1200);
  matching.if_match = stored.revision;
  EXPECT_EQ(cluster.model.replace_one("_system", "c", "k", R"({"v":1})", matching)->error, 0);
  EXPECT_EQ(cluster.model.remove("_system", "c", {item}, {})->front().error, 0);
  EXPECT_EQ(cluster.model.remove("_system", "c", {"\"k\"", "\"other/k\""}, {})->front().error, 1202);
}

TEST(ClusterDocuments, EnforcesUniqueIndexesAndFreesTheirValues) {
  TestCluster cluster;
  cluster.create(R"({"name":"c"})");
  auto index = cluster.model.create_index("_system", "c",
                                          R"({"type":"persistent","fields":["email"],"unique":true,"name":"i"})");
  ASSERT_TRUE(index.has_value());
  cluster.put("c", R"({"_key":"a","email":"x"})");
  auto conflict = cluster.put("c", R"({"_key":"b","email":"x"})");
  EXPECT_EQ(conflict.error, 1210);
  EXPECT_EQ(conflict.message,
            "unique constraint violated - in index i of type persistent over 'email'; conflicting key: a");
  EXPECT_EQ(cluster.put("c", R"({"_key":"a","email":"y"})", restoring()).error, 0);
  EXPECT_EQ(cluster.put("c", R"({"_key":"b","email":"x"})").error, 0);
  EXPECT_EQ(cluster.model.remove_one("_system", "c", "b", {})->error, 0);
  EXPECT_EQ(cluster.put("c", R"({"_key":"d","email":"x"})").error, 0);
  auto impossible = cluster.model.create_index("_system", "c", R"({"type":"hash","fields":["none"],"unique":true})");
  ASSERT_FALSE(impossible.has_value());
  EXPECT_EQ(impossible.error().number, 1210);
}

TEST(ClusterDocuments, SpreadsDocumentsOverShardsByTheShardKeyAlone) {
  TestCluster cluster;
  auto const& collection = cluster.create(R"({"name":"c","numberOfShards":3})");
  std::vector<std::string> bodies;
  for (int i = 0; i < 300; ++i) bodies.push_back("{\"_key\":\"k" + std::to_string(i) + "\"}");
  cluster.put_many("c", bodies);
  for (auto const& shard : collection.shards) EXPECT_GT(shard.documents->size(), 50u);
  auto const& custom = cluster.create(R"({"name":"d","numberOfShards":3,"shardKeys":["country"]})");
  EXPECT_EQ(cluster.put("d", R"({"_key":"x","country":"fr"})").error, 1466);
  auto first = cluster.put("d", R"({"country":"fr"})");
  auto second = cluster.put("d", R"({"country":"fr"})");
  std::size_t shard = cluster.model.shard_of(custom, R"({"country":"fr"})");
  EXPECT_TRUE(custom.shards[shard].documents->contains(first.key));
  for (auto const* name : {"_key:", ":_key"}) {
    auto const& smart = cluster.create(R"({"name":"smart)" + std::to_string(name[0]) +
                                       R"(","numberOfShards":3,"shardKeys":[")" + name + R"("]})");
    EXPECT_EQ(cluster.put(smart.name.c_str(), R"({"_key":"fr:1:fr"})").error, 0) << "a key that tells its shard";
    EXPECT_EQ(cluster.put(smart.name.c_str(), R"({"_key":"fr:2:fr"})").error, 0);
    EXPECT_EQ(cluster.model.shard_of(smart, R"({"_key":"fr:1:fr"})"),
              cluster.model.shard_of(smart, R"({"_key":"fr:2:fr"})"));
    EXPECT_EQ(cluster.model.remove_one("_system", smart.name, "fr:1:fr", {})->error, 0);
  }
  EXPECT_TRUE(custom.shards[shard].documents->contains(second.key));
  EXPECT_NE(cluster.model.find_document(custom, first.key), nullptr);
}

TEST(ClusterDocuments, StopsOnlyOrdinaryCallersInReadOnlyMode) {
  TestCluster cluster;
  cluster.create(R"({"name":"c"})");
  cluster.model.set_read_only(true);
  WriteOptions ordinary;
  ordinary.caller.is_superuser = false;
  auto refused = cluster.model.insert_one("_system", "c", "{}", ordinary);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().number, 1004);
  EXPECT_EQ(refused.error().status, 403);
  EXPECT_EQ(cluster.put("c", "{}").error, 0);
  auto structure = cluster.model.create_collection("_system", R"({"name":"d"})", {false});
  ASSERT_FALSE(structure.has_value());
  EXPECT_EQ(structure.error().number, 11);
}

TEST(ClusterRevision, NeverRepeatsAndFollowsTheClock) {
  TestCluster cluster;
  auto first = cluster.model.next_revision();
  EXPECT_EQ(cluster.model.next_revision(), first + 1);
  cluster.now = cluster.now + std::chrono::milliseconds(1);
  EXPECT_EQ(cluster.model.next_revision() >> 20, (first >> 20) + 1);
}

}  // namespace
}  // namespace arangosync::sim
