// Comparing a shard over sockets: the source's tree and documents, the target's tree and revisions, and what is applied
// makes both sides equal - between two sandboxes, with the real adapters on both sides.
#include "tests/adapters/cluster/pair.h"

#include <gtest/gtest.h>

namespace arangosync::cluster {
namespace {

using revision::RevisionId;

TEST(Compare, FindsNothingWhereNothingDiffers) {
  Pair pair;
  pair.source.insert("things", documents(50));
  pair.copy_to_target();
  auto const snapshot = pair.open();
  ASSERT_TRUE(snapshot.tree.has_value());
  auto const found = pair.target.compare(in_system("things"), worker::CopyId(5), *snapshot.tree, RevisionId(0), 1000);
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(*found, worker::Comparison{});
}

TEST(Compare, SendsAndRemovesOnlyWhatDiffers) {
  Pair pair;
  pair.source.insert("things", documents(400));
  pair.copy_to_target();
  pair.source.insert("things", {R"({"_key":"k17","v":"changed"})", R"({"_key":"new","v":1})"});
  pair.source.remove("things", "k200");
  pair.restore({R"({"_key":"stray","_rev":"_gjDBRr6--A"})"});
  auto const sums = pair.compare(pair.open());
  EXPECT_EQ(pair.target.documents("things"), pair.source.documents("things"));
  EXPECT_EQ(sums.upserted, 2u);
  EXPECT_EQ(sums.removed, 2u);  // k200 and the stray one; the old k17 was replaced
}

TEST(Compare, GoesThroughManySmallPartsAndChunks) {
  Pair pair("3.11.8", 3);  // three revisions per answer of the servers
  pair.source.insert("things", documents(40));
  pair.restore({R"({"_key":"a","_rev":"_gjDBRr6--A"})", R"({"_key":"b","_rev":"_gjDBRr6--B"})",
                R"({"_key":"k3","_rev":"_gjDBRr6--C"})", R"({"_key":"c","_rev":"_gjDBRr6--D"})",
                R"({"_key":"d","_rev":"_gjDBRr6--E"})", R"({"_key":"e","_rev":"_gjDBRr6--F"})"});
  auto const sums = pair.compare(pair.open(), 50, 100);
  EXPECT_EQ(pair.target.documents("things"), pair.source.documents("things"));
  EXPECT_GT(sums.parts, 2);
  EXPECT_GT(sums.chunks, 10);
}

TEST(Compare, AsksForDetailWhereATargetHoldsMuch) {
  Pair pair;
  // Documents of one minute each: the coarse outline has many of them in a bucket.
  std::vector<std::string> texts;
  std::uint64_t const begin = (1'693'580'480'000ULL) << 20;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    auto const rev = revision::to_text(RevisionId(begin + ((i * 60'000'000) << 20)));
    texts.push_back("{\"_key\":\"k" + std::to_string(i) + R"(","_rev":")" + rev + "\"}");
  }
  for (auto* stage : {&pair.source, &pair.target}) {
    stage->sandbox->with_model([&](sim::ClusterModel& model) {
      sim::WriteOptions options;
      options.is_restore = true;
      std::vector<std::string_view> const items(texts.begin(), texts.end());
      ASSERT_TRUE(model.insert("_system", "things", items, options).has_value());
    });
  }
  pair.target.remove("things", "k1234");
  auto const snapshot = pair.open();
  // A coarser outline than the adapters would make, so that a few thousand documents are many.
  auto outline = codec::read_outline(*snapshot.tree).value();
  ASSERT_FALSE(outline.is_finest);
  while (outline.nodes.size() > 4) {
    outline.grid.width *= 2;
    outline.nodes = revision::regrouped(outline.nodes, outline.grid);
  }
  auto coarse = snapshot;
  coarse.tree = codec::print_outline(outline);
  auto const sums = pair.compare(coarse);
  EXPECT_EQ(pair.target.documents("things"), pair.source.documents("things"));
  EXPECT_GT(sums.trees, 1);
  EXPECT_EQ(sums.upserted, 1u);
  EXPECT_EQ(sums.removed, 0u);
}

TEST(Compare, RemovesARevisionOnlyWhileTheDocumentStillHasIt) {
  Pair pair;
  pair.restore({R"({"_key":"a","_rev":"_gjDBRr6--A"})", R"({"_key":"b","_rev":"_gjDBRr6--B"})"});
  std::vector<codec::Change> changes(3);
  for (auto& change : changes) change.kind = codec::ChangeKind::RemoveRevision;
  changes[0].revision = "_gjDBRr6--A";
  changes[1].revision = "_gjDBRr6--Z";
  changes[2].revision = "_gjDBRr6--D";
  pair.restore({R"({"_key":"b","_rev":"_gjDBRr6--C"})"});
  auto const report = pair.target.apply(in_system("things"), payload(changes));
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->removed, 1u);
  EXPECT_EQ(pair.target.documents("things").size(), 1u);
  EXPECT_TRUE(pair.target.documents("things").contains("b"));
}

TEST(Compare, TriesNewSnapshotsUntilTheTreeIsAtHand) {
  Pair pair;
  pair.source.insert("things", documents(3));
  pair.copy_to_target();
  pair.source.sandbox->with_model([](sim::ClusterModel& model) { model.hide_trees(2); });
  pair.target.sandbox->with_model([](sim::ClusterModel& model) { model.hide_trees(2); });
  auto const snapshot = pair.open();
  ASSERT_TRUE(snapshot.tree.has_value());
  pair.compare(snapshot);
}

TEST(Compare, ASnapshotWithoutATreeIsStillASnapshot) {
  Pair pair("3.7.18");
  for (auto const* key : {"a", "b"}) {
    auto const text = std::string(R"({"_key":")") + key + R"(","_rev":"_gjDBRr6--A"})";
    pair.source.sandbox->with_model([&](sim::ClusterModel& model) {
      sim::WriteOptions options;
      options.is_restore = true;
      ASSERT_EQ(model.insert_one("_system", "things", text, options)->error, 0);
    });
  }
  auto const snapshot = pair.open();  // two documents of one revision: no list of revisions tells them apart
  EXPECT_FALSE(snapshot.tree.has_value());
  EXPECT_FALSE(snapshot.tree_may_come);
  EXPECT_TRUE(pair.source.read_snapshot(snapshot.id, pair.source.shard("things", 0).name, 0, 1000).has_value());
  auto const gone = pair.source.read_difference(snapshot.id, pair.source.shard("things", 0).name, Blob(), {}, 100);
  ASSERT_FALSE(gone.has_value());
  EXPECT_EQ(gone.error().fault_class, FaultClass::NotFound);
}

TEST(Compare, AnEmptyTargetIsRatherCopied) {
  Pair pair;
  pair.source.insert("things", documents(30));
  auto const snapshot = pair.open();
  auto const found = pair.target.compare(in_system("things"), worker::CopyId(5), *snapshot.tree, RevisionId(0), 1000);
  ASSERT_TRUE(found.has_value());
  EXPECT_NE(found->copy_instead, "");
}

TEST(Compare, NoticesThatTheSnapshotIsGone) {
  Pair pair;
  pair.source.insert("things", documents(30));
  pair.copy_to_target();
  pair.target.remove("things", "k1");
  auto const snapshot = pair.open();
  auto const shard = pair.source.shard("things", 0);
  auto const found = pair.target.compare(in_system("things"), worker::CopyId(5), *snapshot.tree, RevisionId(0), 1000);
  ASSERT_TRUE(found.has_value());
  pair.source.sandbox->with_model([&](sim::ClusterModel& model) {
    ASSERT_TRUE(model.close_snapshot(shard.servers.front().value(), "_system", snapshot.id.id).has_value());
  });
  auto const gone = pair.source.read_difference(snapshot.id, shard.name, found->ranges, {}, 100);
  ASSERT_FALSE(gone.has_value());
  EXPECT_EQ(gone.error().fault_class, FaultClass::NotFound) << gone.error().message;
}

TEST(Compare, NonsenseIsPermanent) {
  Pair pair;
  auto const bad = Blob(std::string("nonsense"));
  auto const snapshot = pair.open();
  auto const chunk = pair.source.read_difference(snapshot.id, pair.source.shard("things", 0).name, bad, {}, 100);
  ASSERT_FALSE(chunk.has_value());
  EXPECT_EQ(chunk.error().fault_class, FaultClass::Permanent);
  auto const found = pair.target.compare(in_system("things"), worker::CopyId(5), bad, RevisionId(0), 1000);
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().fault_class, FaultClass::Permanent);
}

TEST(Compare, LooksAgainAfterTheTargetsShardHasMoved) {
  Pair pair;
  pair.source.insert("things", documents(20));
  pair.copy_to_target();
  pair.target.remove("things", "k1");
  auto const snapshot = pair.open();
  auto const first = pair.target.compare(in_system("things"), worker::CopyId(5), *snapshot.tree, RevisionId(0), 1000);
  ASSERT_TRUE(first.has_value());
  auto const moved_from = pair.target.shard("things", 0);
  pair.target.sandbox->with_model([&](sim::ClusterModel& model) {
    model.set_healthy(moved_from.servers.front().value(), false);
    model.fail_over("_system", moved_from.name.value());
  });
  auto const failed = pair.target.compare(in_system("things"), worker::CopyId(5), *snapshot.tree, RevisionId(0), 1000);
  EXPECT_TRUE(failed || failed.error().fault_class == FaultClass::Retry);
  auto const again = pair.target.compare(in_system("things"), worker::CopyId(5), *snapshot.tree, RevisionId(0), 1000);
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->ranges, first->ranges);
}

}  // namespace
}  // namespace arangosync::cluster
