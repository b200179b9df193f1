#include "adapters/cluster/tree_comparisons.h"

#include "adapters/cluster/error_class.h"
#include "adapters/cluster/revision_answer.h"
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
http::Task<Outcome<Done>> fill(http::Scope& scope, Connection& connection, ShardPlace place, std::string batch,
                               revision::PartMaker& maker) {
  while (auto const wanted = maker.wanted()) {
    auto listed = co_await list_revisions(scope, connection, place, batch, wanted->range, std::nullopt);
    if (!listed) co_return unexpected(listed.error());
    maker.listed(std::move(listed->ids), listed->to_the_end);
  }
  co_return Done{};
}

}  // namespace

std::shared_ptr<TreeComparisons::Known const> TreeComparisons::remembered(worker::CopyId comparison) {
  std::lock_guard lock(mutex_);
  auto const found = known_.find(comparison);
  return found == known_.end() ? nullptr : found->second;
}

void TreeComparisons::forget(worker::CopyId comparison) {
  std::lock_guard lock(mutex_);
  known_.erase(comparison);
}

http::Task<Outcome<TreeComparisons::Looked>> TreeComparisons::look(worker::CompareTree effect) {
  if (auto known = remembered(effect.comparison)) co_return Looked{std::move(known), ""};
  auto const name = inventory::target_name(effect.shard.collection);
  auto shards = co_await read_shards(scope_, connection_, effect.shard.database, name);
  if (!shards) co_return unexpected(shards.error());
  if (effect.shard.index >= shards->size()) {
    co_return unexpected(Fault{FaultClass::Refresh, "compare " + to_string(effect.shard) + ": no such shard"});
  }
  auto const place = leader_of(effect.shard.database, (*shards)[effect.shard.index]);
  auto answer = co_await try_for_tree(scope_, connection_, place);
  if (!answer) co_return unexpected(answer.error());
  if (!answer->tree) co_return Looked{nullptr, "target: " + answer->reason};
  auto known = std::make_shared<Known const>(Known{place, std::move(*answer->tree)});
  {
    std::lock_guard lock(mutex_);
    known_[effect.comparison] = known;
  }
  co_return Looked{std::move(known), ""};
}

http::Task<Outcome<worker::Comparison>> TreeComparisons::compare(worker::CompareTree effect) {
  auto const outline = codec::read_outline(effect.tree);
  if (!outline) {
    co_return unexpected(Fault{FaultClass::Permanent, "compare " + to_string(effect.shard) + ": " + outline.error()});
  }
  auto looked = co_await look(effect);
  if (!looked) co_return unexpected(looked.error());
  worker::Comparison comparison;
  comparison.copy_instead = looked->known ? revision::copy_is_better(*outline, looked->known->tree) : looked->none;
  if (!comparison.copy_instead.empty()) {
    if (looked->known) comparison.ranges = effect.tree;  // it does differ, wherever
    co_return comparison;
  }
  auto const& place = looked->known->place;
  auto const& tree = looked->known->tree;
  revision::PartMaker maker(revision::questions(*outline, tree), revision::width_of_questions(*outline, tree),
                            effect.from, effect.part_bytes);
  if (maker.wanted()) {
    auto batch = co_await open_batch(scope_, connection_, place, std::nullopt);
    if (!batch) {
      forget(effect.comparison);
      co_return unexpected(batch.error());
    }
    auto filled = co_await fill(scope_, connection_, place, batch->id, maker);
    co_await close_batch(scope_, connection_, place, batch->id);
    if (!filled) {
      forget(effect.comparison);
      co_return unexpected(filled.error());
    }
  }
  comparison.next = maker.next();
  auto const part = maker.take();
  comparison.wants_detail = revision::wants_detail(part);
  comparison.ranges = codec::print_part(part);
  co_return comparison;
}

// ---- removal by revision ----------------------------------------------------------------------------------------

namespace {

using revision::RevisionId;

/// Which documents have these revisions now? Looks at some of them, and takes those off the front of `pending`.
http::Task<Outcome<std::vector<KeyedRevision>>> look_up(http::Scope& scope, Connection& connection, ShardPlace place,
                                                        std::string batch, std::vector<RevisionId>& pending,
                                                        Instant deadline) {
  auto const count = static_cast<std::ptrdiff_t>(std::min(pending.size(), lookup_count_max));
  std::vector<RevisionId> some(pending.begin(), pending.begin() + count);
  auto body =
      co_await read_documents(scope, connection, place, std::move(batch), std::move(some), lookup_bytes, deadline);
  if (!body) co_return unexpected(body.error());
  std::vector<KeyedRevision> found;
  std::ptrdiff_t answered = 0;
  bool const is_array = parse_documents_answer(std::move(*body), [&](DumpedDocument const& document) {
    ++answered;
    if (document.key.empty()) return;
    found.push_back(KeyedRevision{std::string(document.key), std::string(document.revision)});
  });
  if (!is_array || answered == 0 || answered > count) {
    co_return unexpected(Fault{FaultClass::Retry, "look up revisions of " + to_string(place) + ": not understood"});
  }
  pending.erase(pending.begin(), pending.begin() + answered);
  co_return found;
}

/// One round over all of them. How many documents have changed in between, and are to be looked at again.
http::Task<Outcome<RevisionRemoval>> remove_once(http::Scope& scope, Connection& connection, ShardPlace place,
                                                 Destination destination, std::string batch,
                                                 std::vector<RevisionId> pending) {
  RevisionRemoval sum;
  while (!pending.empty()) {
    auto found = co_await look_up(scope, connection, place, batch, pending, destination.deadline);
    if (!found) co_return unexpected(found.error());
    if (found->empty()) continue;
    auto removed = co_await delete_revisions(scope, connection, destination, std::move(*found));
    if (!removed) co_return unexpected(removed.error());
    sum.removed += removed->removed;
    sum.conflicts += removed->conflicts;
  }
  co_return sum;
}

}  // namespace

http::Task<Outcome<std::uint32_t>> remove_revisions(http::Scope& scope, Connection& connection, ShardPlace place,
                                                    Destination destination, std::vector<std::string> revisions) {
  std::vector<RevisionId> ids;
  for (auto const& text : revisions) {
    if (auto const id = revision::from_base64(text)) ids.push_back(*id);
  }
  std::sort(ids.begin(), ids.end());
  std::uint32_t removed = 0;
  for (int round = 0; round < removal_rounds; ++round) {
    if (round > 0) co_await scope.pause(removal_pause * round);
    auto batch = co_await open_batch(scope, connection, place, destination.deadline);
    if (!batch) co_return unexpected(batch.error());
    auto done = co_await remove_once(scope, connection, place, destination, batch->id, ids);
    co_await close_batch(scope, connection, place, batch->id);
    if (!done) co_return unexpected(done.error());
    removed += done->removed;
    if (done->conflicts == 0) co_return removed;
  }
  co_return unexpected(
      Fault{FaultClass::Retry, "remove revisions of " + to_string(place) + ": locked again and again"});
}

}  // namespace arangosync::cluster
