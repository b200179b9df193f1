// What a batch of changes comes down to before it is written: one change per key, in pieces that one request can hold.
//
// Pure functions for whoever applies batches (spec arangodb-write 13.2). They see kinds and keys only, never documents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace arangosync::batch {

enum class Kind { Upsert, Remove, Truncate, RemoveRevision };

struct Change {
  Kind kind = Kind::Upsert;
  std::string_view key;  ///< empty for Truncate and RemoveRevision
};

/// Indexes into the batch. Removals and upserts have no key in common; each is in the order of the batch. Removals by
/// revision come last: what an upsert has replaced by then is not removed.
struct Selection {
  bool truncate = false;  ///< the shard is emptied first
  std::vector<std::uint32_t> removals;
  std::vector<std::uint32_t> upserts;
  std::vector<std::uint32_t> by_revision;
  friend bool operator==(Selection const&, Selection const&) = default;
};

/// The last change of each key, after the last truncation. An emptied shard has nothing to remove.
Selection last_change_per_key(std::vector<Change> const& changes);

/// [begin, end) of consecutive elements.
struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(Piece const&, Piece const&) = default;
};

/// Cuts elements of these sizes into pieces of at most `count_max` elements and `bytes_max` bytes. An element that is
/// larger than that by itself is a piece of its own: no document is too large.
std::vector<Piece> cut(std::vector<std::size_t> const& sizes, std::size_t count_max, std::size_t bytes_max);

}  // namespace arangosync::batch
