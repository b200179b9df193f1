// A revision tree seen from farther away, or in part: what the source of a comparison sends instead of its whole tree.
// It begins with a coarse outline of everything; where that differs from the target's tree, and the target holds too
// much to list, a finer one of just these ranges follows. For adapters/codec/comparison.h. Pure.
#pragma once

#include "domain/revision/difference.h"
#include "domain/revision/grid.h"

#include <cstddef>
#include <string>
#include <vector>

namespace arangosync::revision {

inline constexpr std::size_t outline_nodes_max = 512;          ///< of the first outline of a shard: some 10 kB
inline constexpr std::size_t outline_detail_nodes_max = 8192;  ///< of an outline of some ranges
inline constexpr std::uint64_t listed_directly_max = 256;      ///< revisions in a bucket that are rather listed

struct Outline {
  Grid grid;
  bool is_finest = false;  ///< the tree itself has no narrower buckets
  Ranges covered;          ///< it says nothing about other revisions
  Column nodes;
  std::uint64_t total = 0;  ///< revisions in the whole tree, covered or not
  friend bool operator==(Outline const&, Outline const&) = default;
};

/// Of everything, with at most `nodes_max` nodes.
Outline outline(Tree const& tree, std::size_t nodes_max);
/// Of some ranges, narrower than `finer_than` if the tree is, and otherwise with at most `nodes_max` nodes.
Outline outline(Tree const& tree, Ranges const& covered, std::uint64_t finer_than, std::size_t nodes_max);

/// Something differs in `range`.
struct Question {
  Range range;
  bool wants_detail = false;  ///< a finer outline is cheaper than listing what the target holds there
  friend bool operator==(Question const&, Question const&) = default;
};
/// Where the target differs from what the outline says. Ascending and disjoint; every revision within what is covered
/// that only one side holds is in one of them.
std::vector<Question> questions(Outline const& source, Tree const& target);

/// Whoever is asked for detail must answer with narrower buckets than these.
std::uint64_t width_of_questions(Outline const& source, Tree const& target);

/// Why copying everything is cheaper than comparing, in one line; empty: it is not.
std::string copy_is_better(Outline const& source, Tree const& target);

}  // namespace arangosync::revision
