// A set of keys that holds 16 bytes per key, whatever the keys' length: their 128-bit hashes.
//
// For the removal of surplus after a full copy: which keys did the copy bring? Two keys with the same hash would keep a
// surplus document alive until the next copy; with 128 bits that is not to be expected before 2^60 keys. Sorted runs of
// doubling size, merged as they grow: insertion is O(log n) on average, a look-up O(log² n), and memory has no slack
// but the vectors' own.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace arangosync::batch {

struct KeyHash {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(KeyHash const&, KeyHash const&) = default;
};

KeyHash hash_of(std::string_view key);

class KeySet {
public:
  void insert(std::string_view key);  ///< again is harmless
  bool contains(std::string_view key) const;
  std::size_t size() const;  ///< distinct keys
  std::size_t memory_bytes() const;

private:
  static constexpr std::size_t buffer_max = 64;

  std::vector<KeyHash> buffer_;             ///< the newest, unsorted
  std::vector<std::vector<KeyHash>> runs_;  ///< sorted, disjoint, largest first
};

}  // namespace arangosync::batch
