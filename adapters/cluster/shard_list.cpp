#include "adapters/cluster/shard_list.h"

#include <algorithm>
#include <limits>

namespace arangosync::cluster {

using revision::RevisionId;
using revision::Tree;

namespace {

constexpr std::uint64_t step = 4096;  // documents that room is taken for at once

/// No outline that came over the wire makes a tree that cannot be.
Tree tree_from(RevisionId origin) {
  std::uint64_t const range = revision::tree_initial_width * revision::bucket_count(revision::tree_depth_default);
  bool const is_possible = origin.value() <= std::numeric_limits<std::uint64_t>::max() - range;
  return Tree(is_possible ? origin : revision::tree_initial_min);
}

}  // namespace

bool ListRoom::take(std::uint64_t documents) {
  std::uint64_t free = free_;
  while (free >= documents) {
    if (free_.compare_exchange_weak(free, free - documents)) return true;
  }
  return false;
}

ShardList::ShardList(ListRoom& room, RevisionId origin) : room_(room), tree_(tree_from(origin)) {}

bool ShardList::add(std::string_view revision, std::uint32_t position) {
  if (entries_.size() == taken_) {
    std::uint64_t const more = std::min(step, room_.all() - std::min<std::uint64_t>(room_.all(), taken_));
    if (more == 0 || !room_.take(more)) return false;
    taken_ += more;
  }
  auto const id = revision::from_text(revision);
  if (!id) {
    has_strange_ = true;
    return true;
  }
  entries_.push_back(Entry{*id, position});
  fits_tree_ = fits_tree_ && tree_.insert(*id);
  return true;
}

std::string ShardList::finish() {
  if (has_strange_) return "a document has a revision that is none";
  entries_.shrink_to_fit();
  std::sort(entries_.begin(), entries_.end(), [](auto const& a, auto const& b) { return a.revision < b.revision; });
  auto const same = std::adjacent_find(entries_.begin(), entries_.end(),
                                       [](auto const& a, auto const& b) { return a.revision == b.revision; });
  if (same != entries_.end()) return "two documents have one revision";
  if (fits_tree_) return "";
  // There are revisions from before any tree; both sides then begin at the first that there can be.
  tree_ = Tree(RevisionId(0));
  for (auto const& entry : entries_) {
    if (!tree_.insert(entry.revision)) return "its revisions lie too far apart";
  }
  return "";
}

Revisions ShardList::within(revision::Range const& range, std::size_t count_max) const {
  Revisions found;
  auto at = std::lower_bound(entries_.begin(), entries_.end(), range.first, is_before);
  while (at != entries_.end() && at->revision <= range.last && found.ids.size() < count_max) {
    found.ids.push_back((at++)->revision);
  }
  found.to_the_end = at == entries_.end() || at->revision > range.last;
  return found;
}

std::optional<std::uint32_t> ShardList::position_of(RevisionId id) const {
  auto const at = std::lower_bound(entries_.begin(), entries_.end(), id, is_before);
  if (at == entries_.end() || at->revision != id) return std::nullopt;
  return at->position;
}

}  // namespace arangosync::cluster
