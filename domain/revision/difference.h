// Where two copies of a shard differ: first by trees, as ranges of revisions, then by the revisions of these ranges
// (spec arangodb-read 8.4, 8.5). For the way "compare" of a shard. Pure.
//
// Total, and safe on the side that matters: whatever the two trees look like, every revision that only one side holds
// is in a range. Trees of one beginning give the ranges that ArangoDB's own comparison gives.
#pragma once

#include "domain/revision/tree.h"

#include <vector>

namespace arangosync::revision {

/// [first, last], both inclusive; first < last.
struct Range {
  RevisionId first;
  RevisionId last;
  friend auto operator<=>(Range const&, Range const&) = default;
};
using Ranges = std::vector<Range>;  ///< ascending, no two of them touch

/// Empty: the copies hold the same. Trees that cannot be laid over each other (they began at different revisions) are
/// equal by their sums or differ in everything that either of them covers.
Ranges difference(Tree const& left, Tree const& right);

/// Adds a range that lies right of all others, joining it with the last one if they touch.
void append(Ranges& ranges, Range const& range);
bool contains(Ranges const& ranges, RevisionId id);

/// What one list of revisions has and the other has not. Lists are ascending.
struct Delta {
  std::vector<RevisionId> missing;  ///< wanted, not there
  std::vector<RevisionId> surplus;  ///< there, not wanted
  friend bool operator==(Delta const&, Delta const&) = default;
};
Delta delta(std::vector<RevisionId> const& wanted, std::vector<RevisionId> const& present);

}  // namespace arangosync::revision
