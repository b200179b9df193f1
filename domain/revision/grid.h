// The buckets of revision trees as a grid over all revisions, to lay one tree over another. For the files of this room.
#pragma once

#include "domain/revision/tree.h"

#include <limits>
#include <map>

namespace arangosync::revision {

/// Buckets of one width (a power of two, so that arithmetic may wrap around). A bucket begins at `origin`.
struct Grid {
  RevisionId origin;
  std::uint64_t width = 1;

  std::uint64_t within(RevisionId id) const { return (id.value() - origin.value()) & (width - 1); }
  /// The first and the last revision of the bucket that holds `id`, cut off at both ends of 64 bits.
  RevisionId first_of(RevisionId id) const {
    std::uint64_t const before = within(id);
    return RevisionId(before > id.value() ? 0 : id.value() - before);
  }
  RevisionId last_of(RevisionId id) const {
    std::uint64_t const rest = width - 1 - within(id);
    std::uint64_t const room = std::numeric_limits<std::uint64_t>::max() - id.value();
    return RevisionId(id.value() + (rest < room ? rest : room));
  }
  friend bool operator==(Grid const&, Grid const&) = default;
};

/// Every bucket of `fine` lies in one bucket of `coarse`.
inline bool fits(Grid const& fine, Grid const& coarse) {
  return fine.width <= coarse.width && ((coarse.origin.value() - fine.origin.value()) & (fine.width - 1)) == 0;
}

/// Trees that began alike fit each other however far each has grown.
inline Grid grid_of(Tree const& tree) { return Grid{tree.extent().initial_min, tree.bucket_width()}; }

/// Populated buckets of a grid, by the last revision each may hold.
using Column = std::map<RevisionId, Node>;

/// `nodes` are by any revision of their bucket.
inline Column regrouped(std::map<RevisionId, Node> const& nodes, Grid const& grid) {
  Column column;
  for (auto const& [id, node] : nodes) {
    Node& sum = column.try_emplace(column.end(), grid.last_of(id))->second;
    sum.count += node.count;
    sum.hash ^= node.hash;
  }
  return column;
}

/// Calls `visit(last, left, right)` for every bucket that is populated on either side.
template <class Visit>
void for_each_pair(Column const& left, Column const& right, Visit const& visit) {
  auto l = left.begin();
  auto r = right.begin();
  while (l != left.end() || r != right.end()) {
    bool const takes_left = r == right.end() || (l != left.end() && l->first <= r->first);
    bool const takes_right = l == left.end() || (r != right.end() && r->first <= l->first);
    visit(takes_left ? l->first : r->first, takes_left ? l->second : Node{}, takes_right ? r->second : Node{});
    if (takes_left) ++l;
    if (takes_right) ++r;
  }
}

}  // namespace arangosync::revision
