// Revision trees: laws that hold for any revisions, and how the range grows. That the numbers are those of ArangoDB's
// own trees is shown by tests/adapters/codec/golden_trees_test.cpp.
#include "domain/revision/tree.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace arangosync::revision {
namespace {

constexpr std::uint64_t start = tree_initial_min.value();

/// Revisions of a few years around the trees' beginning, some of them close together.
rc::Gen<std::set<std::uint64_t>> some_revisions() {
  auto const far = rc::gen::map(rc::gen::inRange<std::uint64_t>(0, std::uint64_t{1} << 58),
                                [](std::uint64_t offset) { return start - (std::uint64_t{1} << 57) + offset; });
  auto const near = rc::gen::map(rc::gen::inRange<std::uint64_t>(0, 10'000),
                                 [](std::uint64_t offset) { return start - 5'000 + offset; });
  return rc::gen::container<std::set<std::uint64_t>>(rc::gen::oneOf(far, near));
}

Tree tree_of(std::vector<std::uint64_t> const& numbers, std::uint32_t depth) {
  Tree tree(tree_initial_min, depth);
  for (auto const number : numbers) RC_ASSERT(tree.insert(RevisionId(number)));
  check_invariants(tree);
  return tree;
}

std::vector<std::uint64_t> listed(std::set<std::uint64_t> const& numbers) { return {numbers.begin(), numbers.end()}; }

std::uint32_t some_depth() { return *rc::gen::inRange<std::uint32_t>(1, tree_depth_max + 1); }

RC_GTEST_PROP(RevisionTree, SumsUpTheRevisionsOfEachBucket, ()) {
  auto const numbers = *some_revisions();
  auto const tree = tree_of(listed(numbers), some_depth());
  std::map<std::uint64_t, Node> buckets;  // the dumb way
  for (auto const number : numbers) {
    RC_ASSERT(number >= tree.extent().min.value());
    RC_ASSERT(number < tree.extent().max.value());
    auto& node = buckets[(number - tree.extent().min.value()) / tree.bucket_width()];
    ++node.count;
    node.hash ^= hash_of(RevisionId(number));
  }
  std::map<std::uint64_t, Node> nodes;
  for (auto const& [first, node] : tree.nodes()) nodes[tree.bucket_of(first)] = node;
  RC_ASSERT(nodes == buckets);
  RC_ASSERT(tree.total().count == numbers.size());
}

RC_GTEST_PROP(RevisionTree, InsertThenRemoveLeavesWhatWasThere, ()) {
  auto const before = *some_revisions();
  auto after = *some_revisions();
  for (auto const number : before) after.erase(number);
  auto tree = tree_of(listed(before), some_depth());
  for (auto const number : after) RC_ASSERT(tree.insert(RevisionId(number)));
  auto expected = tree;  // of the range that the tree has grown to
  for (auto const number : before) RC_ASSERT(expected.remove(RevisionId(number)));
  for (auto const number : after) RC_ASSERT(expected.remove(RevisionId(number)));
  RC_ASSERT(expected.nodes().empty());
  RC_ASSERT(expected.total() == Node{});
  for (auto const number : before) RC_ASSERT(expected.insert(RevisionId(number)));
  for (auto const number : after) RC_ASSERT(tree.remove(RevisionId(number)));
  check_invariants(tree);
  RC_ASSERT(tree == expected);
}

RC_GTEST_PROP(RevisionTree, HoldsTheSameInWhateverOrder, ()) {
  auto const numbers = *some_revisions();
  auto shuffled = listed(numbers);
  for (std::size_t i = shuffled.size(); i > 1; --i)
    std::swap(shuffled[i - 1], shuffled[*rc::gen::inRange<std::size_t>(0, i)]);
  auto const depth = some_depth();
  auto const one = tree_of(listed(numbers), depth);
  auto const other = tree_of(shuffled, depth);
  RC_ASSERT(one.total() == other.total());
  RC_ASSERT(one.bucket_width() == other.bucket_width() || one.extent().min != other.extent().min ||
            one.extent().max != other.extent().max);
}

RC_GTEST_PROP(RevisionTree, StaysAlignedToItsBeginningHoweverItGrows, ()) {
  auto const tree = tree_of(listed(*some_revisions()), some_depth());
  RC_ASSERT((start - tree.extent().min.value()) % tree.bucket_width() == 0u);
  RC_ASSERT(tree.bucket_width() % tree_initial_width == 0u);
  RC_ASSERT(tree.extent().max.value() - tree.extent().min.value() ==
            tree.bucket_width() * bucket_count(tree.extent().depth));
}

RC_GTEST_PROP(RevisionTree, ComesBackFromItsParts, ()) {
  auto const tree = tree_of(listed(*some_revisions()), some_depth());
  RC_ASSERT(Tree::assembled(tree.extent(), tree.nodes()) == tree);
}

TEST(RevisionTree, IsEmptyAtFirstAndCoversItsFirstMoments) {
  Tree const tree;
  EXPECT_EQ(tree.extent().min, tree_initial_min);
  EXPECT_EQ(tree.bucket_width(), 64u);
  EXPECT_EQ(tree.extent().max.value() - start, 64u << 18);
  EXPECT_EQ(tree.total(), Node{});
}

TEST(RevisionTree, GrowsToTheRightByDoubling) {
  Tree tree(tree_initial_min, 1);
  ASSERT_TRUE(tree.insert(RevisionId(start)));
  ASSERT_TRUE(tree.insert(RevisionId(start + 64)));
  EXPECT_EQ(tree.nodes().size(), 2u);
  ASSERT_TRUE(tree.insert(RevisionId(start + 512)));
  EXPECT_EQ(tree.extent().min.value(), start);
  EXPECT_EQ(tree.extent().max.value(), start + 1024);
  ASSERT_EQ(tree.nodes().size(), 2u);  // the first two have become neighbours in one bucket
  EXPECT_EQ(tree.nodes().begin()->second.count, 2u);
}

TEST(RevisionTree, MovesByOneBucketWhereGrowthWouldBreakTheAlignment) {
  Tree tree(tree_initial_min, 1);
  ASSERT_TRUE(tree.insert(RevisionId(start - 1)));  // doubled to the left: [-512, 512), buckets of 128
  EXPECT_EQ(tree.extent().min.value(), start - 512);
  ASSERT_TRUE(tree.insert(RevisionId(start + 512)));  // -512 is a multiple of 256: no need to move
  EXPECT_EQ(tree.extent().min.value(), start - 512);
  EXPECT_EQ(tree.extent().max.value(), start + 1536);
  ASSERT_TRUE(tree.insert(RevisionId(start + 1536)));  // buckets of 512 begin at -512: still aligned
  EXPECT_EQ(tree.extent().min.value(), start - 512);
  ASSERT_TRUE(tree.insert(RevisionId(start + 3584)));  // buckets of 1024 cannot begin at -512, but at -1024
  EXPECT_EQ(tree.extent().min.value(), start - 1024);
  EXPECT_EQ(tree.extent().max.value(), start + 7168);
  check_invariants(tree);
}

TEST(RevisionTree, MovesToTheRightWhenItGrowsToTheLeft) {
  Tree tree(tree_initial_min, 1);
  for (std::uint64_t const number : {start - 1, start + 512, start + 1536})
    ASSERT_TRUE(tree.insert(RevisionId(number)));
  ASSERT_EQ(tree.extent().min.value(), start - 512);  // width 4096, buckets of 512
  ASSERT_TRUE(tree.insert(RevisionId(start - 513)));
  EXPECT_EQ(tree.extent().min.value(), start - 4096);
  EXPECT_EQ(tree.extent().max.value(), start + 4096);
  check_invariants(tree);
}

TEST(RevisionTree, RefusesWhatItsRangeCannotReach) {
  Tree tree;
  ASSERT_TRUE(tree.insert(RevisionId(start + (std::uint64_t{1} << 58))));
  auto const before = tree;
  EXPECT_FALSE(tree.insert(RevisionId(1)));
  EXPECT_FALSE(tree.insert(RevisionId(~std::uint64_t{0})));
  EXPECT_EQ(tree, before);
}

TEST(RevisionTree, DoesNotRemoveWhatItDoesNotHold) {
  Tree tree;
  ASSERT_TRUE(tree.insert(RevisionId(start + 1)));
  auto const before = tree;
  EXPECT_FALSE(tree.remove(RevisionId(start - 1)));        // out of range
  EXPECT_FALSE(tree.remove(RevisionId(start + 100'000)));  // an empty bucket
  EXPECT_FALSE(tree.remove(RevisionId(start + 2)));        // another one is alone there
  EXPECT_EQ(tree, before);
}

TEST(RevisionTree, IsNotMadeOfPartsThatCannotBeOne) {
  Extent const good{2, RevisionId(start), RevisionId(start + 4096), RevisionId(start)};
  Tree::Nodes const node{{RevisionId(start + 64), Node{1, 5}}};
  ASSERT_TRUE(Tree::assembled(good, node).has_value());
  struct Case {
    char const* what;
    Extent extent;
    Tree::Nodes nodes;
  };
  auto with = [&](auto change) {
    Extent extent = good;
    change(extent);
    return extent;
  };
  std::vector<Case> const cases{
      {"no depth", with([](auto& e) { e.depth = 0; }), {}},
      {"too deep", with([](auto& e) { e.depth = 9; }), {}},
      {"ends before it begins", with([](auto& e) { e.max = RevisionId(start - 1); }), {}},
      {"not a power of two wide", with([](auto& e) { e.max = RevisionId(start + 4160); }), {}},
      {"less than two revisions per bucket", with([](auto& e) { e.max = RevisionId(start + 64); }), {}},
      {"began left of its range", with([](auto& e) { e.initial_min = RevisionId(start - 64); }), {}},
      {"not aligned", with([](auto& e) { e.initial_min = RevisionId(start + 1); }), {}},
      {"node outside", good, {{RevisionId(start + 4096), Node{1, 5}}}},
      {"node left of it", good, {{RevisionId(start - 64), Node{1, 5}}}},
      {"node between buckets", good, {{RevisionId(start + 65), Node{1, 5}}}},
      {"hash of nothing", good, {{RevisionId(start), Node{0, 5}}}},
      {"more than can be counted", good, {{RevisionId(start), Node{~0ULL, 5}}, {RevisionId(start + 64), Node{1, 5}}}}};
  for (auto const& each : cases) EXPECT_FALSE(Tree::assembled(each.extent, each.nodes).has_value()) << each.what;
  auto const without_empty = Tree::assembled(good, {{RevisionId(start), Node{}}});
  ASSERT_TRUE(without_empty.has_value());
  EXPECT_TRUE(without_empty->nodes().empty());
}

TEST(RevisionTree, HashesTheBytesOfARevisionFromTheLowestOn) {
  EXPECT_EQ(hash_of(RevisionId(1)), 9929646806074584996u);  // spec arangodb-read 8.3
}

}  // namespace
}  // namespace arangosync::revision
