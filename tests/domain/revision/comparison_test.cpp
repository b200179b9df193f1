// A whole comparison, played with sets of revisions for the two copies: it must make them equal, in parts of any size,
// whatever trees the two sides have.
#include "domain/revision/part.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <set>
#include <vector>

namespace arangosync::revision {
namespace {

using Numbers = std::set<std::uint64_t>;
constexpr std::uint64_t start = tree_initial_min.value();

Tree tree_of(Numbers const& numbers, std::uint64_t begin, std::uint32_t depth) {
  Tree tree(RevisionId(begin), depth);
  for (auto const number : numbers) RC_ASSERT(tree.insert(RevisionId(number)));
  return tree;
}

std::vector<RevisionId> listed(Numbers const& numbers, Range const& range) {
  std::vector<RevisionId> ids;
  for (auto at = numbers.lower_bound(range.first.value()); at != numbers.end() && *at <= range.last.value(); ++at) {
    ids.push_back(RevisionId(*at));
  }
  return ids;
}

/// What passed between the two sides.
struct Talk {
  std::size_t outlines = 0;
  std::size_t parts = 0;
  std::size_t nodes = 0;
  std::size_t revisions = 0;
};

struct Source {
  Numbers numbers;
  Tree tree;

  /// Applies to the target what the part asks for, `count_max` changes at a time.
  void answer(Part const& part, std::size_t count_max, Numbers& target) const {
    RevisionId from;
    while (auto piece = next_piece(part, from)) {
      auto const changes = changes_of(*piece, listed(numbers, piece->range), piece->range.last);
      for (std::size_t i = 0; i < changes.size() && i < count_max; ++i) {
        auto const number = changes[i].id.value();
        changes[i].is_removal ? target.erase(number) : target.insert(number).second;
      }
      from = changes.size() > count_max ? changes[count_max].id : piece->range.last.next();
      if (from == RevisionId(0)) break;
    }
  }
};

Part make_part(Outline const& outline, Tree const& tree, Numbers const& numbers, RevisionId& from, std::size_t bytes,
               bool& is_last) {
  PartMaker maker(questions(outline, tree), width_of_questions(outline, tree), from, bytes);
  while (auto const wanted = maker.wanted()) {
    auto all = listed(numbers, wanted->range);
    bool const cut = all.size() > wanted->count_max && wanted->count_max > 0;
    if (cut) all.resize(wanted->count_max);
    maker.listed(std::move(all), !cut);
  }
  auto const next = maker.next();
  is_last = !next;
  from = next.value_or(RevisionId(0));
  return maker.take();
}

Talk compare(Source const& source, Numbers& target, Tree const& tree, std::size_t nodes_max, std::size_t part_bytes,
             std::size_t count_max) {
  Talk talk;
  std::deque<Outline> outlines{outline(source.tree, nodes_max)};
  Numbers const before = target;  // parts are made from a snapshot of the target
  while (!outlines.empty()) {
    ++talk.outlines;
    RC_ASSERT(talk.outlines < 1000u);
    talk.nodes += outlines.front().nodes.size();
    RevisionId from;
    for (bool is_last = false; !is_last;) {
      auto const part = make_part(outlines.front(), tree, before, from, part_bytes, is_last);
      ++talk.parts;
      RC_ASSERT(is_sound(part));
      RC_ASSERT(talk.parts < 100'000u);
      for (auto const& range : part.ranges) talk.revisions += range.present.size();
      source.answer(part, count_max, target);
      if (!wants_detail(part)) continue;
      auto detail = outline(source.tree, ranges_for_detail(part), part.finer_than, nodes_max);
      RC_ASSERT(detail.grid.width < part.finer_than);
      outlines.push_back(std::move(detail));
    }
    outlines.pop_front();
  }
  return talk;
}

rc::Gen<Numbers> some_numbers() {
  auto const far = rc::gen::map(rc::gen::inRange<std::uint64_t>(0, std::uint64_t{1} << 57),
                                [](std::uint64_t offset) { return start - (std::uint64_t{1} << 56) + offset; });
  auto const near =
      rc::gen::map(rc::gen::inRange<std::uint64_t>(0, 3'000), [](std::uint64_t offset) { return start + offset; });
  return rc::gen::container<Numbers>(rc::gen::oneOf(near, near, far));
}

RC_GTEST_PROP(RevisionComparison, MakesTheCopiesEqualInPartsOfAnySize, ()) {
  Numbers numbers = *some_numbers();
  Numbers target = numbers;
  for (auto const number : *some_numbers()) numbers.insert(number);
  for (auto const number : *some_numbers()) target.insert(number);
  bool const alike = *rc::gen::inRange(0, 4) != 0;
  auto const begin = alike ? start : start + *rc::gen::inRange<std::uint64_t>(0, 1000);
  Source const source{numbers, tree_of(numbers, start, 2)};
  auto const tree = tree_of(target, begin, alike ? 2 : 3);
  compare(source, target, tree, *rc::gen::inRange<std::size_t>(1, 20), *rc::gen::inRange<std::size_t>(1, 300),
          *rc::gen::inRange<std::size_t>(1, 10));
  RC_ASSERT(target == numbers);
}

/// A hundred thousand documents, written over two years.
Numbers many() {
  Numbers numbers;
  std::uint64_t number = start;
  for (std::uint64_t i = 0; i < 100'000; ++i) numbers.insert(number += (std::uint64_t{1} << 39) + i * 7919);
  return numbers;
}

TEST(RevisionComparison, CostsLittleWhereLittleDiffers) {
  auto const numbers = many();
  auto target = numbers;
  target.erase(std::next(target.begin(), 40'000));
  target.insert(*std::next(target.begin(), 70'000) + 1);
  Source const source{numbers, tree_of(numbers, start, 6)};
  auto const tree = tree_of(target, start, 6);
  auto const talk = compare(source, target, tree, outline_nodes_max, 1u << 19, 1000);
  EXPECT_EQ(target, numbers);
  EXPECT_LE(talk.nodes, 2 * outline_nodes_max + 512);
  EXPECT_LE(talk.revisions, 2 * listed_directly_max);
}

TEST(RevisionComparison, AsksForDetailOnlyWhereItHelps) {
  auto const numbers = many();
  auto target = numbers;
  target.erase(target.begin());
  auto const source = tree_of(numbers, start, 6);
  auto const here = tree_of(target, start, 6);
  auto const coarse = questions(outline(source, 64), here);
  ASSERT_EQ(coarse.size(), 1u);
  EXPECT_TRUE(coarse.front().wants_detail);
  auto const finest = questions(outline(source, 1u << 20), here);
  ASSERT_EQ(finest.size(), 1u);
  EXPECT_FALSE(finest.front().wants_detail);
  auto const empty = questions(outline(source, 64), Tree());
  EXPECT_TRUE(std::none_of(empty.begin(), empty.end(), [](auto const& each) { return each.wants_detail; }));
}

TEST(RevisionComparison, OfEqualCopiesAsksNothing) {
  auto const tree = tree_of(many(), start, 6);
  EXPECT_TRUE(questions(outline(tree, outline_nodes_max), tree).empty());
}

TEST(RevisionComparison, ACopyIsBetterForAnEmptyTarget) {
  Numbers const numbers{start, start + 1, start + 2};
  auto const tree = tree_of(numbers, start, 2);
  EXPECT_NE(copy_is_better(outline(tree, 8), Tree()), "");
  EXPECT_EQ(copy_is_better(outline(tree, 8), tree), "");
  EXPECT_EQ(copy_is_better(outline(Tree(), 8), Tree()), "");
  EXPECT_EQ(copy_is_better(outline(Tree(), 8), tree), "");
}

TEST(RevisionComparison, PartsThatOverlapAreNonsense) {
  auto range = [](std::uint64_t first, std::uint64_t last, std::vector<std::uint64_t> const& present) {
    PartRange result{{RevisionId(first), RevisionId(last)}, false, {}};
    for (auto const number : present) result.present.push_back(RevisionId(number));
    return result;
  };
  EXPECT_TRUE(is_sound(Part{0, {range(1, 5, {1, 5}), range(6, 6, {})}}));
  EXPECT_FALSE(is_sound(Part{0, {range(1, 5, {}), range(5, 6, {})}}));
  EXPECT_FALSE(is_sound(Part{0, {range(5, 1, {})}}));
  EXPECT_FALSE(is_sound(Part{0, {range(1, 5, {6})}}));
  EXPECT_FALSE(is_sound(Part{0, {range(1, 5, {0})}}));
  EXPECT_FALSE(is_sound(Part{0, {range(1, 5, {3, 2})}}));
  EXPECT_FALSE(is_sound(Part{0, {range(1, 5, {3, 3})}}));
  Part detail{0, {range(1, 5, {3})}};
  detail.ranges.front().wants_detail = true;
  EXPECT_FALSE(is_sound(detail));
}

}  // namespace
}  // namespace arangosync::revision
