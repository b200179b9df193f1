// A revision tree: what a shard holds, summed up in buckets of revisions, so that two copies can find out cheaply where
// they differ (spec arangodb-read 8.3). The same numbers as ArangoDB's own tree for the same history, growth included.
//
// A bucket covers `bucket_width` consecutive revisions (a power of two), starting at the tree's lower end; its node is
// how many live revisions are in it and the XOR of their hashes. The range grows by doubling, neighbours merge; buckets
// stay aligned to the lower end the tree began with, so that any two trees that began alike can be laid over each
// other. Built by the simulated cluster from documents and by adapters/codec from what a DB-Server sends; compared by
// difference.h. Only populated buckets take memory. Pure.
#pragma once

#include "domain/revision/revision_id.h"

#include <cstdint>
#include <map>
#include <optional>

namespace arangosync::revision {

/// What a bucket, or a whole tree, holds.
struct Node {
  std::uint64_t count = 0;
  std::uint64_t hash = 0;  ///< XOR of hash_of each revision; 0 if there is none
  friend bool operator==(Node const&, Node const&) = default;
};

/// FNV-1a-64 of the revision's eight bytes, least significant first.
std::uint64_t hash_of(RevisionId id);

/// The range of a tree: [min, max), cut into 8^depth buckets.
struct Extent {
  std::uint32_t depth = 0;
  RevisionId min;
  RevisionId max;
  RevisionId initial_min;  ///< the lower end before any growth
  friend bool operator==(Extent const&, Extent const&) = default;
};

inline constexpr std::uint32_t tree_depth_default = 6;                 ///< of real shards
inline constexpr std::uint32_t tree_depth_max = 8;                     ///< what we accept
inline constexpr std::uint64_t tree_initial_width = 64;                ///< revisions in a bucket of a new tree
inline constexpr RevisionId tree_initial_min{1609459200000ULL << 20};  ///< 2021-01-01, of most collections

constexpr std::uint64_t bucket_count(std::uint32_t depth) { return std::uint64_t{1} << (3 * depth); }

class Tree {
public:
  /// Populated buckets by the first revision they may hold.
  using Nodes = std::map<RevisionId, Node>;

  /// Empty. `depth` is 1 … tree_depth_max; the first range must end below 2^64.
  explicit Tree(RevisionId initial_min = tree_initial_min, std::uint32_t depth = tree_depth_default);
  /// From parts that somebody else says are a tree; empty nodes are dropped. Absent: they cannot be one.
  static std::optional<Tree> assembled(Extent const& extent, Nodes nodes);

  /// Grows as far as needed. False, and nothing has changed: the range cannot grow that far, as on a server, which has
  /// no usable tree for such a shard then.
  bool insert(RevisionId id);
  /// False, and nothing has changed: the tree does not hold it (as far as counts can tell). The range never shrinks.
  bool remove(RevisionId id);

  Extent const& extent() const { return extent_; }
  Nodes const& nodes() const { return nodes_; }
  Node const& total() const { return total_; }
  std::uint64_t bucket_width() const;
  /// Number of the bucket, from the left; `id` is within the range.
  std::uint64_t bucket_of(RevisionId id) const;

  friend bool operator==(Tree const&, Tree const&) = default;

private:
  RevisionId start_of_bucket(RevisionId id) const;
  bool grow_to(RevisionId id);

  Extent extent_;
  Nodes nodes_;
  Node total_;
};

/// Range, alignment and sums of the tree hold; a violated one is a bug of ours.
void check_invariants(Tree const& tree);

}  // namespace arangosync::revision
