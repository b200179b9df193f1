#include "domain/revision/difference.h"

#include "domain/base/check.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace arangosync::revision {

namespace {

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

/// Buckets of one width, the same for both trees. Its buckets continue beyond either end of a tree's range.
struct Grid {
  RevisionId origin;
  std::uint64_t width = 0;  ///< a power of two, so that the arithmetic below may wrap around

  /// How far the revision is from the start of its bucket.
  std::uint64_t within(RevisionId id) const { return (id.value() - origin.value()) & (width - 1); }
};

/// By the last revision of a bucket: unlike the first one it never lies outside of the 64 bits on the left …
using Column = std::map<std::uint64_t, Node>;

std::uint64_t last_of_bucket(Grid const& grid, RevisionId id) {
  std::uint64_t const rest = grid.width - 1 - grid.within(id);
  return id.value() > largest - rest ? largest : id.value() + rest;  // … and is cut off on the right
}

Column laid_on(Grid const& grid, Tree const& tree) {
  Column column;
  for (auto const& [start, node] : tree.nodes()) {
    Node& sum = column[last_of_bucket(grid, start)];
    sum.count += node.count;
    sum.hash ^= node.hash;
  }
  return column;
}

void append(Ranges& ranges, Grid const& grid, std::uint64_t last) {
  std::uint64_t const before = grid.within(RevisionId(last));
  std::uint64_t const first = before > last ? 0 : last - before;
  if (!ranges.empty() && ranges.back().last.value() + 1 == first) {
    ranges.back().last = RevisionId(last);
  } else {
    ranges.push_back(Range{RevisionId(first), RevisionId(last)});
  }
}

Ranges differing_buckets(Grid const& grid, Column const& left, Column const& right) {
  Ranges ranges;
  auto l = left.begin();
  auto r = right.begin();
  while (l != left.end() || r != right.end()) {
    bool const takes_left = r == right.end() || (l != left.end() && l->first <= r->first);
    bool const takes_right = l == left.end() || (r != right.end() && r->first <= l->first);
    bool const is_equal = takes_left && takes_right && l->second == r->second;
    if (!is_equal) append(ranges, grid, takes_left ? l->first : r->first);
    if (takes_left) ++l;
    if (takes_right) ++r;
  }
  return ranges;
}

}  // namespace

Ranges difference(Tree const& left, Tree const& right) {
  bool const left_is_wider = left.bucket_width() >= right.bucket_width();
  Tree const& coarse = left_is_wider ? left : right;
  Tree const& fine = left_is_wider ? right : left;
  Grid const grid{coarse.extent().min, coarse.bucket_width()};
  std::uint64_t const offset = coarse.extent().min.value() - fine.extent().min.value();  // may wrap around
  bool const can_be_laid_over = (offset & (fine.bucket_width() - 1)) == 0;
  if (can_be_laid_over) return differing_buckets(grid, laid_on(grid, left), laid_on(grid, right));
  if (left.total() == right.total()) return {};
  auto const first = std::min(left.extent().min, right.extent().min);
  auto const end = std::max(left.extent().max, right.extent().max);
  return {Range{first, RevisionId(end.value() - 1)}};
}

bool contains(Ranges const& ranges, RevisionId id) {
  auto const range =
      std::partition_point(ranges.begin(), ranges.end(), [&](auto const& each) { return each.last < id; });
  return range != ranges.end() && range->first <= id;
}

Delta delta(std::vector<RevisionId> const& wanted, std::vector<RevisionId> const& present) {
  DC_ASSERT(std::is_sorted(wanted.begin(), wanted.end()));
  DC_ASSERT(std::is_sorted(present.begin(), present.end()));
  Delta result;
  std::set_difference(wanted.begin(), wanted.end(), present.begin(), present.end(), std::back_inserter(result.missing));
  std::set_difference(present.begin(), present.end(), wanted.begin(), wanted.end(), std::back_inserter(result.surplus));
  return result;
}

}  // namespace arangosync::revision
