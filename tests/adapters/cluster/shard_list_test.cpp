// The list of a shard's revisions: the tree made of it, lists of ranges, places of documents, and where it is refused.
#include "adapters/cluster/shard_list.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace arangosync::cluster {
namespace {

using revision::Range;
using revision::RevisionId;
using revision::Tree;

std::vector<std::string> const some = {"_gjDBRr6--C", "_gjDBRr6--A", "_gjDBRr7---", "_eljTnkS--A"};

RevisionId id(std::string_view text) { return revision::from_text(text).value(); }

Tree tree_of(std::vector<std::string> const& texts, RevisionId origin) {
  Tree tree(origin);
  for (auto const& text : texts) EXPECT_TRUE(tree.insert(id(text)));
  return tree;
}

TEST(ShardList, MakesTheTreeThatAServerWouldKeep) {
  ListRoom room;
  for (auto const origin : {revision::tree_initial_min, RevisionId(1'640'000'000'000ULL << 20)}) {
    ShardList list(room, origin);
    for (auto const& text : some) EXPECT_TRUE(list.add(text, 0));
    EXPECT_EQ(list.finish(), "");
    EXPECT_EQ(list.tree(), tree_of(some, origin));
  }
}

TEST(ShardList, ListsWhatLiesInARange) {
  ListRoom room;
  ShardList list(room, revision::tree_initial_min);
  for (auto const& text : some) list.add(text, 0);
  ASSERT_EQ(list.finish(), "");
  Range const range{id("_gjDBRr6---"), id("_gjDBRr7---")};
  auto const all = list.within(range, 10);
  EXPECT_EQ(all.ids, (std::vector<RevisionId>{id("_gjDBRr6--A"), id("_gjDBRr6--C"), id("_gjDBRr7---")}));
  EXPECT_TRUE(all.to_the_end);
  auto const first = list.within(range, 2);
  EXPECT_EQ(first.ids.size(), 2u);
  EXPECT_FALSE(first.to_the_end);
  EXPECT_TRUE(list.within(Range{RevisionId(0), RevisionId(9)}, 2).to_the_end);
}

TEST(ShardList, KnowsWhereADocumentStands) {
  ListRoom room;
  ShardList list(room, revision::tree_initial_min);
  for (std::uint32_t i = 0; i < some.size(); ++i) list.add(some[i], i);
  ASSERT_EQ(list.finish(), "");
  EXPECT_EQ(list.position_of(id("_gjDBRr7---")), 2u);
  EXPECT_EQ(list.position_of(id("_gjDBRr7--A")), std::nullopt);
}

TEST(ShardList, HoldsRevisionsFromBeforeAnyTree) {
  ListRoom room;
  ShardList list(room, revision::tree_initial_min);
  for (auto const* text : {"_gjDBRr6--C", "123456", "1450656000000"}) list.add(text, 0);
  EXPECT_EQ(list.finish(), "");
  EXPECT_EQ(list.tree().extent().initial_min, RevisionId(0));
  EXPECT_EQ(list.tree().total().count, 3u);
  EXPECT_EQ(list.within(Range{RevisionId(0), RevisionId(200'000)}, 9).ids, std::vector<RevisionId>{RevisionId(123456)});
}

TEST(ShardList, TakesAnyBeginningThatComesOverTheWire) {
  ListRoom room;
  ShardList list(room, RevisionId(~std::uint64_t{0}));
  list.add(some[0], 0);
  EXPECT_EQ(list.finish(), "");
}

TEST(ShardList, IsOfNoUseWhereRevisionsDoNotTellDocumentsApart) {
  ListRoom room;
  ShardList twice(room, revision::tree_initial_min);
  for (auto const& text : some) twice.add(text, 0);
  twice.add(some[1], 9);
  EXPECT_EQ(twice.finish(), "two documents have one revision");
  ShardList strange(room, revision::tree_initial_min);
  strange.add("no revision!", 0);
  EXPECT_EQ(strange.finish(), "a document has a revision that is none");
}

TEST(ShardList, SharesItsRoomWithOthers) {
  ListRoom room(5);
  {
    ShardList one(room, revision::tree_initial_min);
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(one.add(some[0], 0));
    EXPECT_EQ(room.free(), 0u);
    ShardList other(room, revision::tree_initial_min);
    EXPECT_FALSE(other.add(some[0], 0));
    EXPECT_FALSE(other.is_too_large());
    EXPECT_FALSE(one.add(some[0], 0));
    EXPECT_TRUE(one.is_too_large());
  }
  EXPECT_EQ(room.free(), 5u);
}

}  // namespace
}  // namespace arangosync::cluster
