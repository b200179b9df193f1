// Revision trees of the cluster model: what a snapshot holds, whatever happens afterwards.
#include "domain/revision/tree.h"
#include "tests/adapters/sim/cluster_fixture.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace arangosync::sim {
namespace {

using revision::RevisionId;
constexpr RevisionId from_the_start{0};
revision::Ranges const everything{{RevisionId(0), RevisionId(~std::uint64_t{0})}};

struct Trees : ::testing::Test {
  void begin(ClusterModel::Options options = {}) {
    cluster = std::make_unique<TestCluster>(std::move(options));
    auto const& collection = cluster->create(R"({"name":"c"})");
    shard = collection.shards.front().name;
    server = collection.shards.front().servers.front();
  }
  std::string open() { return cluster->model.open_snapshot(server, "_system", {}, 600)->id; }
  ModelResult<revision::Tree> tree(std::string const& snapshot) {
    return cluster->model.revision_tree(server, "_system", snapshot, shard);
  }
  std::vector<RevisionId> revisions(std::string const& snapshot) {
    auto const found = cluster->model.revisions_in(server, "_system", snapshot, shard, everything, from_the_start);
    return found ? found->lists.at(0) : std::vector<RevisionId>{};
  }

  std::unique_ptr<TestCluster> cluster;
  std::string shard;
  std::string server;
};

TEST_F(Trees, SumUpTheDocumentsOfTheSnapshot) {
  begin();
  cluster->put("c", R"({"_key":"a"})");
  cluster->put("c", R"({"_key":"b"})");
  auto const snapshot = open();
  cluster->put("c", R"({"_key":"later"})");
  auto const found = tree(snapshot);
  ASSERT_TRUE(found.has_value());
  check_invariants(*found);
  EXPECT_EQ(found->total().count, 2u);
  std::uint64_t hash = 0;
  for (auto const id : revisions(snapshot)) hash ^= hash_of(id);
  EXPECT_EQ(found->total().hash, hash);
  EXPECT_EQ(tree(open())->total().count, 3u);
}

TEST_F(Trees, AreTheSameForDocumentsThatWereRestored) {
  begin();
  auto const written = cluster->put("c", R"({"_key":"a"})");
  TestCluster other;
  other.create(R"({"name":"c"})");
  WriteOptions restore;
  restore.is_restore = true;
  other.put("c", written.now->text, restore);
  auto const& copy = other.model.find_collection("_system", "c")->shards.front();
  auto const snapshot = other.model.open_snapshot(copy.servers.front(), "_system", {}, 600);
  auto const there = other.model.revision_tree(copy.servers.front(), "_system", snapshot->id, copy.name);
  EXPECT_EQ(*there, *tree(open()));
}

TEST_F(Trees, ListsRevisionsRangeByRangeAndGoesOnWhereItStopped) {
  ClusterModel::Options options;
  options.revisions_per_answer = 2;
  begin(options);
  for (int i = 0; i < 5; ++i) cluster->put("c", "{}");
  auto const snapshot = open();
  std::vector<RevisionId> found;
  std::optional<RevisionId> resume = from_the_start;
  int answers = 0;
  for (; resume; ++answers) {
    auto const answer = cluster->model.revisions_in(server, "_system", snapshot, shard, everything, *resume);
    ASSERT_TRUE(answer.has_value());
    for (auto const& list : answer->lists) found.insert(found.end(), list.begin(), list.end());
    resume = answer->resume;
  }
  EXPECT_EQ(answers, 3);
  ASSERT_EQ(found.size(), 5u);
  EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
  revision::Ranges const two{{found[0], found[1]}, {found[3], found[4]}};
  auto const second = cluster->model.revisions_in(server, "_system", snapshot, shard, two, found[3]);
  ASSERT_EQ(second->lists.size(), 1u);
  EXPECT_EQ(second->lists.front(), (std::vector<RevisionId>{found[3], found[4]}));
}

TEST_F(Trees, FindDocumentsByRevisionAsTheyWereInTheSnapshot) {
  begin();
  auto const first = cluster->put("c", R"({"_key":"a","v":1})");
  auto const snapshot = open();
  WriteOptions replace;
  replace.overwrite = Overwrite::Replace;
  auto const second = cluster->put("c", R"({"_key":"a","v":2})", replace);
  std::vector<RevisionId> const asked{RevisionId(first.now->revision_number), RevisionId(second.now->revision_number)};
  auto const found = cluster->model.documents_of(server, "_system", snapshot, shard, asked);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->at(0), first.now);
  EXPECT_EQ(found->at(1), nullptr);
}

TEST_F(Trees, AreReadBesideADump) {
  begin();
  for (int i = 0; i < 4; ++i) cluster->put("c", "{}");
  auto const snapshot = open();
  auto const first = cluster->model.dump(server, "_system", snapshot, shard, 1, 1);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(tree(snapshot)->total().count, 4u);
  EXPECT_EQ(cluster->model.dump(server, "_system", snapshot, shard, 1, 10)->documents.size(), 1u);
}

TEST_F(Trees, AreNotThereBeforeVersion38) {
  ClusterModel::Options options;
  options.revision_trees = false;
  begin(options);
  auto const refused = tree(open());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().status, 501);
  EXPECT_EQ(refused.error().number, 9);
}

TEST_F(Trees, MayNotBeAtHandForAWhile) {
  begin();
  cluster->model.hide_trees(1);
  auto const refused = tree(open());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().status, 500);
  EXPECT_EQ(refused.error().number, 4);
  EXPECT_TRUE(tree(open()).has_value());
}

TEST_F(Trees, NoticeThatTheSnapshotIsGoneButRangesDoNot) {
  begin();
  cluster->put("c", R"({"_key":"a"})");
  auto const snapshot = open();
  cluster->now = cluster->now + std::chrono::hours(2);
  cluster->put("c", R"({"_key":"b"})");
  EXPECT_EQ(tree(snapshot).error().number, 4);
  EXPECT_EQ(revisions(snapshot).size(), 2u);  // of now: the trap of spec arangodb-read 8.5
}

TEST_F(Trees, OlderServersNoticeItEverywhere) {
  ClusterModel::Options options;
  options.reads_on_without_snapshot = false;
  begin(options);
  EXPECT_EQ(tree("1").error().status, 404);
  EXPECT_EQ(cluster->model.documents_of(server, "_system", "1", shard, {}).error().status, 404);
}

TEST_F(Trees, UsingASnapshotKeepsItAlive) {
  begin();
  auto const snapshot = open();
  cluster->now = cluster->now + std::chrono::minutes(9);
  ASSERT_TRUE(tree(snapshot).has_value());
  cluster->now = cluster->now + std::chrono::minutes(50);
  EXPECT_TRUE(tree(snapshot).has_value());
}

TEST_F(Trees, AreOnlyOnServersThatHoldTheShard) {
  begin();
  EXPECT_EQ(cluster->model.revision_tree(server, "_system", open(), "s999").error().number, 1203);
  EXPECT_EQ(cluster->model.documents_of(server, "_system", "1", "s999", {}).error().number, 1203);
}

}  // namespace
}  // namespace arangosync::sim
