#include "adapters/cluster/tree_comparisons.h"

#include "adapters/cluster/error_class.h"
#include "adapters/cluster/shard_walk.h"
#include "adapters/cluster/structure_reader.h"
#include "adapters/codec/comparison.h"

#include <algorithm>
#include <utility>

namespace arangosync::cluster {
namespace {

constexpr int tree_tries = 5;
constexpr Duration tree_pause = std::chrono::milliseconds(200);
constexpr int removal_rounds = 8;
constexpr Duration removal_pause = std::chrono::milliseconds(100);
constexpr std::size_t lookup_count_max = 1000;
constexpr std::size_t lookup_bytes = 8u << 20;

/// A tree comes with a new batch only (spec 8.3), so each try has its own.
http::Task<Outcome<TreeAnswer>> try_for_tree(http::Scope& scope, Connection& connection, ShardPlace place) {
  TreeAnswer answer;
  for (int tried = 0; tried < tree_tries; ++tried) {
    if (tried > 0) co_await scope.pause(tree_pause * tried);
    auto batch = co_await open_batch(scope, connection, place, std::nullopt);
    if (!batch) co_return unexpected(batch.error());
    auto read = co_await read_tree(scope, connection, place, batch->id, std::nullopt);
    co_await close_batch(scope, connection, place, batch->id);
    if (!read) co_return unexpected(read.error());
    answer = std::move(*read);
    if (answer.tree || !answer.may_come) break;
  }
  co_return std::move(answer);
}

/// Fills the part by asking for the revisions in its ranges.
http::Task<Outcome<Done>> fill_by_asking(http::Scope& scope, Connection& connection, ShardPlace place,
                                         std::string batch, revision::PartMaker& maker) {
  while (auto const wanted = maker.wanted()) {
    auto listed = co_await list_revisions(scope, connection, place, batch, wanted->range, std::nullopt);
    if (!listed) co_return unexpected(listed.error());
    maker.listed(std::move(listed->ids), listed->to_the_end);
  }
  co_return Done{};
}

http::Task<Outcome<Done>> fill(http::Scope& scope, Connection& connection, ShardPlace place, ShardList const* list,
                               revision::PartMaker& maker) {
  while (list != nullptr && maker.wanted()) {
    auto const wanted = *maker.wanted();
    auto found = list->within(wanted.range, wanted.count_max);
    maker.listed(std::move(found.ids), found.to_the_end);
  }
  if (!maker.wanted()) co_return Done{};
  auto batch = co_await open_batch(scope, connection, place, std::nullopt);
  if (!batch) co_return unexpected(batch.error());
  auto filled = co_await fill_by_asking(scope, connection, place, batch->id, maker);
  co_await close_batch(scope, connection, place, batch->id);
  co_return filled;
}

}  // namespace

void TreeComparisons::begin(worker::CopyId comparison) {
  std::lock_guard lock(mutex_);
  known_.try_emplace(comparison);
}

std::shared_ptr<TreeComparisons::Known const> TreeComparisons::remembered(worker::CopyId comparison) {
  std::lock_guard lock(mutex_);
  auto const found = known_.find(comparison);
  return found == known_.end() ? nullptr : found->second;
}

void TreeComparisons::remember(worker::CopyId comparison, std::shared_ptr<Known const> known) {
  std::lock_guard lock(mutex_);
  if (auto const found = known_.find(comparison); found != known_.end()) found->second = std::move(known);
}

void TreeComparisons::forget(worker::CopyId comparison) {
  std::lock_guard lock(mutex_);
  known_.erase(comparison);
}

http::Task<Outcome<TreeComparisons::Looked>> TreeComparisons::make_tree(ShardPlace place, revision::RevisionId origin,
                                                                        std::string none) {
  auto list = std::make_shared<ShardList>(room_, origin);
  bool has_room = true;
  EachKey const add = [&](std::string_view, std::string_view revision, std::uint32_t position) {
    return has_room = list->add(revision, position);
  };
  auto walked = co_await walk_shard(scope_, connection_, place, add);
  if (!walked) co_return unexpected(walked.error());
  auto const reason = finish_list(place, *list, has_room);
  if (!reason) co_return unexpected(reason.error());
  Looked looked;
  looked.none = reason->empty() ? "" : "target: " + none + ", and " + *reason;
  if (reason->empty()) {
    std::shared_ptr<revision::Tree const> tree(list, &list->tree());
    looked.known = std::make_shared<Known const>(Known{place, std::move(tree), std::move(list)});
  }
  co_return looked;
}

http::Task<Outcome<TreeComparisons::Looked>> TreeComparisons::look(worker::CompareTree effect,
                                                                   revision::RevisionId origin) {
  Looked looked;
  looked.known = remembered(effect.comparison);
  if (looked.known) co_return looked;
  auto const name = inventory::target_name(effect.shard.collection);
  auto shards = co_await read_shards(scope_, connection_, effect.shard.database, name);
  if (!shards) co_return unexpected(shards.error());
  if (effect.shard.index >= shards->size()) {
    co_return unexpected(Fault{FaultClass::Refresh, "compare " + to_string(effect.shard) + ": no such shard"});
  }
  auto const place = leader_of(effect.shard.database, (*shards)[effect.shard.index]);
  auto answer = co_await try_for_tree(scope_, connection_, place);
  if (!answer) co_return unexpected(answer.error());
  if (answer->tree) {
    auto tree = std::make_shared<revision::Tree const>(std::move(*answer->tree));
    looked.known = std::make_shared<Known const>(Known{place, std::move(tree), nullptr});
  } else {
    auto made = co_await make_tree(place, origin, answer->reason);
    if (!made) co_return unexpected(made.error());
    looked = std::move(*made);
  }
  if (looked.known) remember(effect.comparison, looked.known);
  co_return looked;
}

http::Task<Outcome<worker::Comparison>> TreeComparisons::compare(worker::CompareTree effect) {
  auto const outline = codec::read_outline(effect.tree);
  if (!outline) {
    co_return unexpected(Fault{FaultClass::Permanent, "compare " + to_string(effect.shard) + ": " + outline.error()});
  }
  auto looked = co_await look(effect, outline->grid.origin);
  if (!looked) co_return unexpected(looked.error());
  worker::Comparison comparison;
  comparison.copy_instead = looked->known ? revision::copy_is_better(*outline, *looked->known->tree) : looked->none;
  if (!comparison.copy_instead.empty()) {
    if (looked->known) comparison.ranges = effect.tree;  // it does differ, wherever
    co_return comparison;
  }
  auto const& place = looked->known->place;
  auto const& tree = *looked->known->tree;
  revision::PartMaker maker(revision::questions(*outline, tree), revision::width_of_questions(*outline, tree),
                            effect.from, effect.part_bytes);
  auto filled = co_await fill(scope_, connection_, place, looked->known->list.get(), maker);
  if (!filled) {
    remember(effect.comparison, nullptr);
    co_return unexpected(filled.error());
  }
  comparison.next = maker.next();
  auto const part = maker.take();
  comparison.wants_detail = revision::wants_detail(part);
  comparison.ranges = codec::print_part(part);
  co_return comparison;
}

}  // namespace arangosync::cluster
