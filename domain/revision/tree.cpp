#include "domain/revision/tree.h"

#include "domain/base/check.h"

#include <bit>
#include <limits>

namespace arangosync::revision {

namespace {

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

std::uint64_t width_of(Extent const& extent) {
  return (extent.max.value() - extent.min.value()) / bucket_count(extent.depth);
}

void add(Node& sum, Node const& node) {
  sum.count += node.count;
  sum.hash ^= node.hash;
}

/// Twice as wide, to the right or to the left. Doubled buckets must stay aligned to the initial lower end: if they
/// would not, the range moves by one bucket against the direction of growth. Absent: 64 bits do not reach that far.
std::optional<Extent> doubled(Extent extent, bool to_the_right) {
  std::uint64_t const range = extent.max.value() - extent.min.value();
  std::uint64_t const bucket = width_of(extent);
  bool const is_odd = (extent.initial_min.value() - extent.min.value()) / bucket % 2 != 0;
  std::uint64_t const shift = is_odd ? bucket : 0;
  if (to_the_right) {
    if (range > largest - extent.max.value()) return std::nullopt;
    extent.max = RevisionId(extent.max.value() + range - shift);
    extent.min = RevisionId(extent.min.value() - shift);
  } else {
    if (range > extent.min.value()) return std::nullopt;
    extent.min = RevisionId(extent.min.value() - range + shift);
    extent.max = RevisionId(extent.max.value() + shift);
  }
  return extent;
}

/// The first revision of the bucket that holds `id`; `id` is within the range.
RevisionId start_in(Extent const& extent, RevisionId id) {
  std::uint64_t const offset = id.value() - extent.min.value();
  return RevisionId(id.value() - offset % width_of(extent));
}

bool is_possible(Extent const& extent) {
  if (extent.depth == 0 || extent.depth > tree_depth_max) return false;
  if (extent.max <= extent.min || extent.min > extent.initial_min) return false;
  std::uint64_t const range = extent.max.value() - extent.min.value();
  if (!std::has_single_bit(range) || range < 2 * bucket_count(extent.depth)) return false;
  return (extent.initial_min.value() - extent.min.value()) % width_of(extent) == 0;
}

}  // namespace

std::uint64_t hash_of(RevisionId id) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (unsigned shift = 0; shift < 64; shift += 8) {
    hash = (hash ^ ((id.value() >> shift) & 0xffU)) * 0x100000001b3ULL;
  }
  return hash;
}

Tree::Tree(RevisionId initial_min, std::uint32_t depth) {
  DC_ASSERT(depth > 0 && depth <= tree_depth_max);
  std::uint64_t const range = tree_initial_width * bucket_count(depth);
  DC_ASSERT(initial_min.value() <= largest - range);
  extent_ = Extent{depth, initial_min, RevisionId(initial_min.value() + range), initial_min};
}

std::optional<Tree> Tree::assembled(Extent const& extent, Nodes nodes) {
  if (!is_possible(extent)) return std::nullopt;
  Tree tree;
  tree.extent_ = extent;
  for (auto const& [start, node] : nodes) {
    bool const is_inside = start >= extent.min && start < extent.max && start == start_in(extent, start);
    bool const is_odd = node.count == 0 && node.hash != 0;
    if (!is_inside || is_odd || node.count > largest - tree.total_.count) return std::nullopt;
    add(tree.total_, node);
  }
  std::erase_if(nodes, [](auto const& entry) { return entry.second.count == 0; });
  tree.nodes_ = std::move(nodes);
  return tree;
}

bool Tree::insert(RevisionId id) {
  if (!grow_to(id)) return false;
  Node const one{1, hash_of(id)};
  add(nodes_[start_of_bucket(id)], one);
  add(total_, one);
  return true;
}

bool Tree::remove(RevisionId id) {
  if (id < extent_.min || id >= extent_.max) return false;
  auto const found = nodes_.find(start_of_bucket(id));
  if (found == nodes_.end()) return false;
  Node& node = found->second;
  std::uint64_t const hash = hash_of(id);
  if (node.count == 1 && node.hash != hash) return false;  // another revision is alone in there
  --node.count;
  node.hash ^= hash;
  --total_.count;
  total_.hash ^= hash;
  if (node.count == 0) nodes_.erase(found);
  return true;
}

std::uint64_t Tree::bucket_width() const { return width_of(extent_); }

std::uint64_t Tree::bucket_of(RevisionId id) const {
  DC_ASSERT(id >= extent_.min && id < extent_.max);
  return (id.value() - extent_.min.value()) / bucket_width();
}

RevisionId Tree::start_of_bucket(RevisionId id) const { return start_in(extent_, id); }

bool Tree::grow_to(RevisionId id) {
  if (id >= extent_.min && id < extent_.max) return true;
  Extent grown = extent_;
  while (id < grown.min || id >= grown.max) {
    auto const next = doubled(grown, id >= grown.max);
    if (!next) return false;
    grown = *next;
  }
  Nodes merged;
  for (auto const& [start, node] : nodes_) {
    add(merged.try_emplace(merged.end(), start_in(grown, start))->second, node);
  }
  extent_ = grown;
  nodes_ = std::move(merged);
  return true;
}

void check_invariants(Tree const& tree) {
  DC_ASSERT(is_possible(tree.extent()));
  Node total;
  for (auto const& [start, node] : tree.nodes()) {
    DC_ASSERT(node.count > 0);
    DC_ASSERT(start >= tree.extent().min && start < tree.extent().max);
    DC_ASSERT(start == start_in(tree.extent(), start));
    add(total, node);
  }
  DC_ASSERT(total == tree.total());
}

}  // namespace arangosync::revision
