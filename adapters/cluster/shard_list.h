// All revisions of a shard in one snapshot, for comparing shards whose servers keep no revision tree (spec
// arangodb-read 8.6; docs/decisions/0008): the tree that a server would keep, lists of the revisions in ranges, and
// where each stands in the order of the keys. Made by shard_keys.h. Pure, but for the room that all lists of
// one side of a process share.
//
// 16 bytes for each document; what the tree takes is bounded (domain/revision/tree.h).
#pragma once

#include "adapters/cluster/revisions.h"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace arangosync::cluster {

/// How many documents may be listed at one time, over all lists of the snapshots, or of the comparisons. Thread-safe.
class ListRoom {
public:
  static constexpr std::uint64_t documents_max = 16'000'000;

  explicit ListRoom(std::uint64_t documents = documents_max) : all_(documents), free_(documents) {}
  bool take(std::uint64_t documents);
  void give(std::uint64_t documents) { free_ += documents; }
  std::uint64_t all() const { return all_; }
  std::uint64_t free() const { return free_; }

private:
  std::uint64_t const all_;
  std::atomic<std::uint64_t> free_;
};

class ShardList {
public:
  /// `origin`: where the tree that it is to be compared with began.
  ShardList(ListRoom& room, revision::RevisionId origin);
  ~ShardList() { room_.give(taken_); }
  ShardList(ShardList const&) = delete;
  ShardList& operator=(ShardList const&) = delete;

  /// False, and the list is of no use any more: there is no room.
  bool add(std::string_view revision, std::uint32_t position);
  /// It alone would fill the room; others leaving would not help.
  bool is_too_large() const { return entries_.size() >= room_.all(); }
  /// To be called once after the last one. Why the shard cannot be compared by its revisions; empty: it can.
  std::string finish();

  // ---- once it is finished ----
  revision::Tree const& tree() const { return tree_; }
  /// As a server would answer: at least one if there is any, at most `count_max`.
  Revisions within(revision::Range const& range, std::size_t count_max) const;
  std::optional<std::uint32_t> position_of(revision::RevisionId id) const;

private:
  struct Entry {
    revision::RevisionId revision;
    std::uint32_t position = 0;
  };
  static bool is_before(Entry const& entry, revision::RevisionId id) { return entry.revision < id; }

  ListRoom& room_;
  std::uint64_t taken_ = 0;
  std::vector<Entry> entries_;  ///< ascending by revision once it is finished
  revision::Tree tree_;
  bool fits_tree_ = true;
  bool has_strange_ = false;
};

}  // namespace arangosync::cluster
