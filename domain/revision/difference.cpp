#include "domain/revision/difference.h"

#include "domain/base/check.h"
#include "domain/revision/grid.h"

#include <algorithm>
#include <iterator>

namespace arangosync::revision {

void append(Ranges& ranges, Range const& range) {
  bool const touches = !ranges.empty() && ranges.back().last.next() == range.first;
  if (touches) {
    ranges.back().last = range.last;
  } else {
    ranges.push_back(range);
  }
}

Ranges difference(Tree const& left, Tree const& right) {
  bool const left_is_wider = left.bucket_width() >= right.bucket_width();
  Grid const coarse = grid_of(left_is_wider ? left : right);
  Grid const fine = grid_of(left_is_wider ? right : left);
  Ranges ranges;
  if (fits(fine, coarse)) {
    for_each_pair(regrouped(left.nodes(), coarse), regrouped(right.nodes(), coarse),
                  [&](RevisionId last, Node const& l, Node const& r) {
                    if (l != r) append(ranges, Range{coarse.first_of(last), last});
                  });
  } else if (left.total() != right.total()) {
    auto const end = std::max(left.extent().max, right.extent().max);
    ranges.push_back(Range{std::min(left.extent().min, right.extent().min), RevisionId(end.value() - 1)});
  }
  return ranges;
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
