// Differences of revision trees: nothing is missed, whatever the trees look like, and nothing is asked for in vain
// where they can be laid over each other.
#include "domain/revision/difference.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

namespace arangosync::revision {
namespace {

using Numbers = std::set<std::uint64_t>;
constexpr std::uint64_t start = tree_initial_min.value();

rc::Gen<Numbers> some_numbers() {
  auto const far = rc::gen::map(rc::gen::inRange<std::uint64_t>(0, std::uint64_t{1} << 58),
                                [](std::uint64_t offset) { return start - (std::uint64_t{1} << 57) + offset; });
  auto const near = rc::gen::map(rc::gen::inRange<std::uint64_t>(0, 3'000),
                                 [](std::uint64_t offset) { return start - 1'500 + offset; });
  return rc::gen::container<Numbers>(rc::gen::oneOf(near, near, far));
}

struct Copies {
  Numbers left;
  Numbers right;
};
/// Mostly the same.
Copies some_copies() {
  Copies copies{*some_numbers(), {}};
  copies.right = copies.left;
  for (auto const number : *some_numbers()) copies.left.insert(number);
  if (*rc::gen::arbitrary<bool>()) {
    for (auto const number : *some_numbers()) copies.right.insert(number);
  }
  return copies;
}

Tree tree_of(Numbers const& numbers, RevisionId begin = tree_initial_min, std::uint32_t depth = 3) {
  Tree tree(begin, depth);
  for (auto const number : numbers) RC_ASSERT(tree.insert(RevisionId(number)));
  return tree;
}

Numbers differing(Copies const& copies) {
  Numbers result;
  std::set_symmetric_difference(copies.left.begin(), copies.left.end(), copies.right.begin(), copies.right.end(),
                                std::inserter(result, result.end()));
  return result;
}

void expect_well_formed(Ranges const& ranges) {
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    RC_ASSERT(ranges[i].first < ranges[i].last);
    if (i > 0) RC_ASSERT(ranges[i - 1].last.value() + 1 < ranges[i].first.value());
  }
}

RC_GTEST_PROP(RevisionDifference, CoversExactlyTheBucketsThatDiffer, ()) {
  auto const copies = some_copies();
  auto const left = tree_of(copies.left);
  auto const right = tree_of(copies.right);
  auto const ranges = difference(left, right);
  expect_well_formed(ranges);
  auto const width = std::max(left.bucket_width(), right.bucket_width());
  // The dumb way: the buckets, counted from where both began, in which something differs.
  std::set<std::int64_t> buckets;
  for (auto const number : differing(copies)) {
    auto const offset = static_cast<std::int64_t>(number) - static_cast<std::int64_t>(start);
    auto const signed_width = static_cast<std::int64_t>(width);
    buckets.insert(offset >= 0 ? offset / signed_width : -((-offset - 1) / signed_width) - 1);
    RC_ASSERT(contains(ranges, RevisionId(number)));
  }
  std::uint64_t covered = 0;
  for (auto const& range : ranges) covered += (range.last.value() - range.first.value() + 1) / width;
  RC_ASSERT(covered == buckets.size());
}

RC_GTEST_PROP(RevisionDifference, IsTheSameFromBothSides, ()) {
  auto const copies = some_copies();
  auto const left = tree_of(copies.left);
  auto const right = tree_of(copies.right);
  RC_ASSERT(difference(left, right) == difference(right, left));
}

RC_GTEST_PROP(RevisionDifference, OfEqualCopiesIsNothingHoweverTheyBecameSo, ()) {
  auto const numbers = *some_numbers();
  auto const tree = tree_of(numbers);
  auto grown = tree_of(numbers);
  for (auto const number : *some_numbers()) {
    if (numbers.contains(number)) continue;
    RC_ASSERT(grown.insert(RevisionId(number)));
    RC_ASSERT(grown.remove(RevisionId(number)));
  }
  RC_ASSERT(difference(tree, grown).empty());
}

RC_GTEST_PROP(RevisionDifference, MissesNothingWhereverTheTreesBeganAndHoweverDeepTheyAre, ()) {
  auto const copies = some_copies();
  auto const begin = RevisionId(start + *rc::gen::inRange<std::uint64_t>(0, 100'000));
  auto const left = tree_of(copies.left);
  auto const right = tree_of(copies.right, begin, *rc::gen::inRange<std::uint32_t>(1, 5));
  auto const ranges = difference(left, right);
  expect_well_formed(ranges);
  for (auto const number : differing(copies)) RC_ASSERT(contains(ranges, RevisionId(number)));
  if (copies.left == copies.right) RC_ASSERT(ranges.empty());
}

RC_GTEST_PROP(RevisionDifference, OfListsIsWhatOneHasAndTheOtherHasNot, ()) {
  auto const copies = some_copies();
  auto ids = [](Numbers const& numbers) {
    std::vector<RevisionId> list;
    for (auto const number : numbers) list.push_back(RevisionId(number));
    return list;
  };
  auto const found = delta(ids(copies.left), ids(copies.right));
  for (auto const id : found.missing) RC_ASSERT(copies.left.contains(id.value()) && !copies.right.contains(id.value()));
  for (auto const id : found.surplus) RC_ASSERT(copies.right.contains(id.value()) && !copies.left.contains(id.value()));
  RC_ASSERT(found.missing.size() + found.surplus.size() == differing(copies).size());
}

TEST(RevisionDifference, JoinsNeighbouringBuckets) {
  Tree const empty(tree_initial_min, 1);
  Tree full(tree_initial_min, 1);
  for (std::uint64_t const offset : {0, 64, 130, 300}) ASSERT_TRUE(full.insert(RevisionId(start + offset)));
  Ranges const expected{{RevisionId(start), RevisionId(start + 191)},
                        {RevisionId(start + 256), RevisionId(start + 319)}};
  EXPECT_EQ(difference(empty, full), expected);
}

TEST(RevisionDifference, OfTreesThatBeganElsewhereIsEverything) {
  Tree left(RevisionId(start), 1);
  Tree right(RevisionId(start + 1), 1);
  ASSERT_TRUE(left.insert(RevisionId(start + 5)));
  ASSERT_TRUE(right.insert(RevisionId(start + 6)));
  EXPECT_EQ(difference(left, right), (Ranges{{RevisionId(start), RevisionId(start + 512)}}));
  ASSERT_TRUE(left.insert(RevisionId(start + 6)));
  ASSERT_TRUE(left.remove(RevisionId(start + 5)));
  EXPECT_TRUE(difference(left, right).empty());
}

TEST(RevisionDifference, ReachesBothEndsOfTheNumbers) {
  Tree low(RevisionId(0), 1);
  Tree high(RevisionId(0), 1);
  ASSERT_TRUE(low.insert(RevisionId(0)));
  ASSERT_TRUE(high.insert(RevisionId((std::uint64_t{1} << 63) - 1)));
  auto const ranges = difference(low, high);
  EXPECT_TRUE(contains(ranges, RevisionId(0)));
  EXPECT_TRUE(contains(ranges, RevisionId((std::uint64_t{1} << 63) - 1)));
}

TEST(RevisionDifference, RangesContainTheirEnds) {
  Ranges const ranges{{RevisionId(10), RevisionId(20)}, {RevisionId(30), RevisionId(40)}};
  for (std::uint64_t const inside : {10, 15, 20, 30, 40}) EXPECT_TRUE(contains(ranges, RevisionId(inside))) << inside;
  for (std::uint64_t const outside : {9, 21, 29, 41}) EXPECT_FALSE(contains(ranges, RevisionId(outside))) << outside;
}

}  // namespace
}  // namespace arangosync::revision
