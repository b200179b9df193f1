// Comparing shards that keep no revision tree, over sockets: lists of keys and revisions take the tree's place, on one
// side or on both, by every way that is open to them.
#include "adapters/cluster/shard_keys.h"
#include "tests/adapters/cluster/pair.h"

#include <gtest/gtest.h>

namespace arangosync::cluster {
namespace {

using revision::RevisionId;

constexpr char const* treeless = R"(,"syncByRevision":false,"usesRevisionsAsDocumentIds":false)";

struct Way {
  char const* name;
  char const* source;      ///< version
  char const* of_source;   ///< properties of the collection
  bool behind_a_firewall;  ///< the source's DB-Servers cannot be reached
  char const* target;
  char const* of_target;
};

class KeysCompare : public ::testing::TestWithParam<Way> {
protected:
  Pair pair{options(GetParam().source, GetParam().behind_a_firewall), options(GetParam().target, false),
            GetParam().of_source, GetParam().of_target};

  static sandbox::Options options(char const* version, bool hides) {
    auto result = of_version(version);
    result.hides_db_servers = hides;
    return result;
  }
};

TEST_P(KeysCompare, FindsNothingWhereNothingDiffers) {
  pair.source.insert("things", documents(50));
  pair.copy_to_target();
  auto const snapshot = pair.open();
  ASSERT_TRUE(snapshot.tree.has_value());
  auto const found = pair.target.compare(in_system("things"), worker::CopyId(5), *snapshot.tree, RevisionId(0), 1000);
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(*found, worker::Comparison{});
}

TEST_P(KeysCompare, SendsAndRemovesOnlyWhatDiffers) {
  pair.source.insert("things", documents(25'000));  // three chunks of keys
  pair.copy_to_target();
  pair.source.insert("things", {R"({"_key":"k17","v":"changed"})", R"({"_key":"a","v":1})", R"({"_key":"z","v":1})"});
  pair.source.remove("things", "k200");
  pair.source.remove("things", "k24999");
  pair.restore({R"({"_key":"stray","_rev":"_gjDBRr6--A"})"});
  auto const sums = pair.compare(pair.open());
  EXPECT_EQ(pair.target.documents("things"), pair.source.documents("things"));
  EXPECT_EQ(sums.upserted, 3u);
  EXPECT_EQ(sums.removed, 3u);  // the old k17 was replaced
}

TEST_P(KeysCompare, GoesThroughManySmallPartsAndChunks) {
  pair.source.insert("things", documents(40));
  pair.restore({R"({"_key":"a","_rev":"_gjDBRr6--A"})", R"({"_key":"b","_rev":"_gjDBRr6--B"})",
                R"({"_key":"k3","_rev":"_gjDBRr6--C"})", R"({"_key":"c","_rev":"_gjDBRr6--D"})",
                R"({"_key":"d","_rev":"_gjDBRr6--E"})", R"({"_key":"e","_rev":"_gjDBRr6--F"})"});
  auto const sums = pair.compare(pair.open(), 50, 100);
  EXPECT_EQ(pair.target.documents("things"), pair.source.documents("things"));
  EXPECT_GT(sums.parts, 2);
  EXPECT_GT(sums.chunks, 10);
}

TEST_P(KeysCompare, ReadsTheSnapshotWhateverIsWrittenMeanwhile) {
  pair.source.insert("things", documents(30));
  pair.copy_to_target();
  pair.target.remove("things", "k5");
  auto const before = pair.source.documents("things");
  auto const snapshot = pair.open();
  pair.source.insert("things", {R"({"_key":"k5","v":"changed"})", R"({"_key":"a","v":1})"});
  pair.source.remove("things", "k3");
  pair.compare(snapshot);
  EXPECT_EQ(pair.target.documents("things"), before);
}

TEST_P(KeysCompare, RemovesARevisionOnlyWhileTheDocumentStillHasIt) {
  pair.restore({R"({"_key":"a","_rev":"_gjDBRr6--A"})", R"({"_key":"b","_rev":"_gjDBRr6--B"})"});
  std::vector<codec::Change> changes(3);
  for (auto& change : changes) change.kind = codec::ChangeKind::RemoveRevision;
  changes[0].revision = "_gjDBRr6--A";
  changes[1].revision = "_gjDBRr6--Z";
  changes[2].revision = "_gjDBRr6--B";
  pair.restore({R"({"_key":"b","_rev":"_gjDBRr6--C"})"});
  auto const report = pair.target.apply(in_system("things"), payload(changes));
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->removed, 1u);
  EXPECT_EQ(pair.target.documents("things").size(), 1u);
  EXPECT_TRUE(pair.target.documents("things").contains("b"));
}

INSTANTIATE_TEST_SUITE_P(Ways, KeysCompare,
                         ::testing::Values(Way{"OldOnBothSides", "3.7.18", "", false, "3.7.18", ""},
                                           Way{"TargetWhoseCoordinatorsPassOnLittle", "3.5.7", "", false, "3.5.7", ""},
                                           Way{"CollectionsFromBefore38", "3.12.4", treeless, false, "3.12.4",
                                               treeless},
                                           Way{"ThroughCoordinators", "3.12.4", treeless, true, "3.12.4", treeless},
                                           Way{"InRounds", "3.12.10", treeless, true, "3.12.10", treeless},
                                           Way{"OnlyTheTargetKeepsATree", "3.7.18", "", false, "3.12.4", ""},
                                           Way{"OnlyTheSourceKeepsATree", "3.12.4", "", false, "3.12.4", treeless}),
                         [](auto const& given) { return std::string(given.param.name); });

TEST(KeysCompared, OldRevisionsInDecimalAreRevisionsToo) {
  Pair pair("3.7.18");
  auto const restore = [](Stage& stage, std::vector<std::string> const& texts) {
    stage.sandbox->with_model([&](sim::ClusterModel& model) {
      sim::WriteOptions options;
      options.is_restore = true;
      std::vector<std::string_view> const items(texts.begin(), texts.end());
      ASSERT_TRUE(model.insert("_system", "things", items, options).has_value());
    });
  };
  restore(pair.source, {R"({"_key":"a","_rev":"123456"})", R"({"_key":"b","_rev":"123457"})"});
  restore(pair.target, {R"({"_key":"a","_rev":"123456"})", R"({"_key":"c","_rev":"99"})"});
  auto const sums = pair.compare(pair.open());
  EXPECT_EQ(pair.target.documents("things"), pair.source.documents("things"));
  EXPECT_EQ(sums.upserted, 1u);
  EXPECT_EQ(sums.removed, 1u);
}

TEST(KeysCompared, ATreeThatIsNotAtHandIsMadeOfTheKeys) {
  Pair pair;
  pair.source.insert("things", documents(30));
  pair.copy_to_target();
  pair.target.remove("things", "k1");
  for (auto* stage : {&pair.source, &pair.target}) {
    stage->sandbox->with_model([](sim::ClusterModel& model) { model.hide_trees(100); });
  }
  auto const sums = pair.compare(pair.open());
  EXPECT_EQ(pair.target.documents("things"), pair.source.documents("things"));
  EXPECT_EQ(sums.upserted, 1u);
}

TEST(KeysCompared, TwoDocumentsOfOneRevisionAtTheTargetAreReasonForACopy) {
  Pair pair("3.7.18");
  pair.source.insert("things", documents(3));
  pair.restore({R"({"_key":"a","_rev":"_gjDBRr6--A"})", R"({"_key":"b","_rev":"_gjDBRr6--A"})"});
  auto const snapshot = pair.open();
  auto const found = pair.target.compare(in_system("things"), worker::CopyId(5), *snapshot.tree, RevisionId(0), 1000);
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(found->copy_instead,
            "target: the shard has no revision tree (not implemented (9)), and two documents have one revision");
}

TEST(KeysCompared, NoticesThatTheSnapshotIsGone) {
  Pair pair("3.7.18");
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

/// What a server of the stage does to some calls from now on.
void trouble(Stage& stage, std::string const& method, std::string const& body) {
  http::Request request{method, "/_sandbox/faults", {}, body};
  request.headers.push_back({"Authorization", stage.connection.authorization()});
  EXPECT_EQ(stage.sandbox->answer(sandbox::Sandbox::Role::Coordinator, 0, request).status, 200);
}

sandbox::Options troubled(std::string const& version) {
  auto options = of_version(version);
  options.fault_controls = true;
  return options;
}

TEST(KeysCompared, AServerThatListsNoKeysIsCopiedFrom) {
  Pair pair(troubled("3.7.18"), of_version("3.7.18"));
  pair.source.insert("things", documents(3));
  trouble(pair.source, "PUT", R"({"path":"/_api/replication/keys","errorPercent":100,"status":501,"errorNum":1470})");
  auto const snapshot = pair.open();
  EXPECT_FALSE(snapshot.tree.has_value());
  EXPECT_FALSE(snapshot.tree_may_come);
  EXPECT_TRUE(pair.source.read_snapshot(snapshot.id, pair.source.shard("things", 0).name, 0, 1000).has_value());
}

TEST(KeysCompared, AServerThatIsBusyIsAskedAgain) {
  Pair pair(troubled("3.7.18"), troubled("3.7.18"));
  pair.source.insert("things", documents(30));
  pair.copy_to_target();
  auto const busy = R"({"path":"/_api/replication/keys","errorPercent":100,"status":503,"errorNum":21003})";
  trouble(pair.source, "PUT", busy);
  auto const refused = pair.source.open_snapshot(pair.source.shard("things", 0), worker::SyncerId(7), true);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().fault_class, FaultClass::Retry);
  trouble(pair.source, "DELETE", "");
  auto const snapshot = pair.open();
  ASSERT_TRUE(snapshot.tree.has_value());
  trouble(pair.target, "PUT", busy);
  auto const late = pair.target.compare(in_system("things"), worker::CopyId(5), *snapshot.tree, RevisionId(0), 1000);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().fault_class, FaultClass::Retry);
  trouble(pair.target, "DELETE", "");
  auto const found = pair.target.compare(in_system("things"), worker::CopyId(5), *snapshot.tree, RevisionId(0), 1000);
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(*found, worker::Comparison{});
}

TEST(KeysCompared, AListWithoutRoomWaitsForOthersOrIsNone) {
  ShardPlace const place{DatabaseName("shop"), ShardName("s1"), ServerId("PRMR-1"), false};
  ListRoom room(1);
  ShardList large(room, revision::tree_initial_min);
  EXPECT_TRUE(large.add("_gjDBRr6--A", 0));
  ShardList other(room, revision::tree_initial_min);
  EXPECT_FALSE(other.add("_gjDBRr6--A", 0));
  auto const waits = finish_list(place, other, false);
  ASSERT_FALSE(waits.has_value());
  EXPECT_EQ(waits.error().fault_class, FaultClass::Retry);
  EXPECT_FALSE(large.add("_gjDBRr6--B", 1));
  EXPECT_EQ(finish_list(place, large, false), "it has too many documents to list their revisions");
}

TEST(KeysCompared, WhatWasFoundToBeRemovedIsRememberedUntilItCanBe) {
  Pair pair(of_version("3.7.18"), troubled("3.7.18"));
  auto& target = pair.target;
  pair.restore({R"({"_key":"a","_rev":"_gjDBRr6--A"})", R"({"_key":"b","_rev":"_gjDBRr6--B"})"});
  std::vector<codec::Change> changes(1);
  changes[0].kind = codec::ChangeKind::RemoveRevision;
  changes[0].revision = "_gjDBRr6--A";
  trouble(target, "PUT", R"({"path":"/_api/document","errorPercent":100,"status":403,"errorNum":11})");
  EXPECT_FALSE(target.apply(in_system("things"), payload(changes)).has_value());
  EXPECT_EQ(target.documents("things").size(), 2u);
  trouble(target, "DELETE", "");
  pair.restore({R"({"_key":"c","_rev":"_gjDBRr6--A"})"});  // who looks again finds this one, too
  auto const report = target.apply(in_system("things"), payload(changes));
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->removed, 1u);
  EXPECT_FALSE(target.documents("things").contains("a"));
}

}  // namespace
}  // namespace arangosync::cluster
