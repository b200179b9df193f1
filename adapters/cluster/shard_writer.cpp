#include "adapters/cluster/shard_writer.h"

#include "adapters/cluster/error_class.h"
#include "adapters/cluster/lines.h"
#include "adapters/cluster/notices.h"
#include "adapters/cluster/root_user.h"
#include "adapters/cluster/structure_reader.h"
#include "adapters/codec/apply_plan.h"

#include <utility>

namespace arangosync::cluster {
namespace {

Destination destination_of(ShardRef const& shard, Instant deadline) {
  return Destination{shard.database, inventory::written_name(shard.collection), deadline};
}

bool is_users(Destination const& destination) {
  return destination.database.value() == "_system" && destination.collection.value() == "_users";
}

Expected<std::vector<std::string>, std::string> keys_of(std::string lines_text) {
  std::vector<std::string> keys;
  Lines lines(std::move(lines_text));
  DumpedDocument document;
  while (true) {
    auto const next = lines.next(document);
    if (next == Lines::Next::End) return keys;
    if (next == Lines::Next::Broken) {
      return unexpected("line " + std::to_string(lines.line_number()) + " is not understood");
    }
    keys.emplace_back(document.key);
  }
}

}  // namespace

http::Task<Outcome<inventory::Shard>> ShardWriter::find_shard(ShardRef shard) {
  auto shards = co_await read_shards(scope_, connection_, shard.database, inventory::target_name(shard.collection));
  if (!shards) co_return unexpected(shards.error());
  if (shard.index >= shards->size()) {
    auto const count = std::to_string(shards->size());
    co_return unexpected(
        Fault{FaultClass::Refresh, "find shard " + to_string(shard) + ": the target has only " + count + " shards"});
  }
  co_return std::move((*shards)[shard.index]);
}

http::Task<Outcome<std::uint32_t>> ShardWriter::empty_shard(ShardRef shard, Destination destination, std::string kept) {
  auto shards = co_await read_shards(scope_, connection_, shard.database, inventory::target_name(shard.collection));
  if (!shards) co_return unexpected(shards.error());
  bool const is_all = shards->size() == 1 && !inventory::whole_of(shard.collection);
  if (is_all && kept.empty()) {
    auto done = co_await truncate_collection(scope_, connection_, destination);
    if (!done) co_return unexpected(done.error());
    co_return 0u;
  }
  // A truncation of one shard of many, or of a part: the others keep their documents, so it goes key by key (spec
  // read 6.5.2).
  auto found = co_await find_shard(shard);
  if (!found) co_return unexpected(found.error());
  ShardScan scan(leader_of(destination.database, *found));
  std::uint32_t removed = 0;
  Outcome<std::uint32_t> result = 0u;
  while (true) {
    auto chunk = co_await scan.next(scope_, connection_, destination.deadline);
    if (!chunk) {
      auto fault = chunk.error();
      if (fault.fault_class == FaultClass::NotFound) fault.fault_class = FaultClass::Retry;
      result = unexpected(std::move(fault));
      break;
    }
    if (!chunk->has_value()) {
      result = removed;
      break;
    }
    auto keys = keys_of(std::move(**chunk));
    if (!keys) {
      result = unexpected(Fault{FaultClass::Retry, "scan shard " + to_string(shard) + ": " + keys.error()});
      break;
    }
    if (!kept.empty()) std::erase(*keys, kept);
    if (keys->empty()) continue;
    auto deleted = co_await delete_keys(scope_, connection_, destination, std::move(*keys));
    if (!deleted) {
      result = unexpected(deleted.error());
      break;
    }
    removed += *deleted;
  }
  co_await scan.close(scope_, connection_);
  co_return result;
}

http::Task<Outcome<worker::ApplyReport>> ShardWriter::apply(worker::ApplyBatch effect) {
  auto const destination = destination_of(effect.shard, effect.deadline);
  auto changes = codec::ChangesReader::open(effect.changes);
  if (!changes) {
    co_return unexpected(Fault{FaultClass::Permanent, "apply to " + to_string(effect.shard) + ": " + changes.error()});
  }
  auto plan = plan_batch(*changes);
  if (effect.copy) {
    // Before anything is written: a batch whose outcome is unknown was brought, too.
    std::vector<std::string> keys;
    for (auto const index : plan.upserts) keys.emplace_back((*changes)[index].key);
    copies_.brought(*effect.copy, std::move(keys));
  }
  std::string kept;
  if (keeps_root_ && is_users(destination)) {
    auto root = co_await find_root(scope_, connection_, destination);
    if (!root) co_return unexpected(root.error());
    leave_root_alone(plan, *changes, *root);
    if (*root) kept = (*root)->key;
  }
  worker::ApplyReport report;
  if (plan.truncate) {
    auto emptied = co_await empty_shard(effect.shard, destination, std::move(kept));
    if (!emptied) co_return unexpected(emptied.error());
    report.removed += *emptied;
  }
  if (!plan.removals.empty()) {
    auto removed = co_await delete_keys(scope_, connection_, destination, std::move(plan.removals));
    if (!removed) co_return unexpected(removed.error());
    report.removed += *removed;
  }
  if (!plan.upserts.empty()) {
    auto const how = effect.of_log ? Putting::UnlessNewer : Putting::Always;
    auto written =
        co_await put_documents(scope_, connection_, destination, std::move(*changes), std::move(plan.upserts), how);
    if (!written) co_return unexpected(written.error());
    report.upserted = *written;
  }
  if (!plan.by_revision.empty()) {
    auto shard = co_await find_shard(effect.shard);
    if (!shard) co_return unexpected(shard.error());
    auto const place = leader_of(destination.database, *shard);
    auto removed = co_await removals_.remove(place, destination, std::move(plan.by_revision));
    if (!removed) co_return unexpected(removed.error());
    report.removed += *removed;
  }
  auto told = co_await tell_cluster(scope_, connection_, destination);
  if (!told) co_return unexpected(told.error());
  co_return report;
}

http::Task<Outcome<Done>> ShardWriter::scan_for_surplus(worker::RemoveSurplus effect, Copies::Removal& removal) {
  auto const destination = destination_of(effect.shard, effect.deadline);
  if (!removal.scan) {
    auto shard = co_await find_shard(effect.shard);
    if (!shard) co_return unexpected(shard.error());
    removal.scan = std::make_unique<ShardScan>(leader_of(destination.database, *shard));
  }
  std::optional<RootUser> root;
  if (keeps_root_ && is_users(destination)) {
    auto found = co_await find_root(scope_, connection_, destination);
    if (!found) co_return unexpected(found.error());
    root = std::move(*found);
  }
  while (true) {
    if (!copies_.is_alive(effect.copy)) {
      co_return unexpected(Fault{FaultClass::NotFound, "remove surplus of " + to_string(effect.shard) + ": abandoned"});
    }
    if (!removal.pending.empty()) {
      auto deleted = co_await delete_keys(scope_, connection_, destination, removal.pending);
      if (!deleted) co_return unexpected(deleted.error());
      removal.removed += *deleted;
      removal.pending.clear();
    }
    auto chunk = co_await removal.scan->next(scope_, connection_, effect.deadline);
    if (!chunk) co_return unexpected(chunk.error());
    if (!chunk->has_value()) co_return Done{};
    auto keys = keys_of(std::move(**chunk));
    if (!keys)
      co_return unexpected(Fault{FaultClass::NotFound, "scan " + to_string(effect.shard) + ": " + keys.error()});
    removal.pending = copies_.surplus(effect.copy, std::move(*keys));
    if (root) std::erase(removal.pending, root->key);
  }
}

http::Task<Outcome<std::uint64_t>> ShardWriter::remove_surplus(worker::RemoveSurplus effect) {
  auto const what = "remove surplus of " + to_string(effect.shard);
  Copies::Removal* removal = nullptr;
  switch (copies_.begin_removal(effect.copy, removal)) {
    case Copies::Begin::Go:
      break;
    case Copies::Begin::Over:
      co_return 0u;
    case Copies::Begin::Busy:
      co_return unexpected(Fault{FaultClass::Retry, what + ": under way already"});
    case Copies::Begin::Abandoned:
      co_return unexpected(Fault{FaultClass::NotFound, what + ": the copy was abandoned"});
  }
  auto done = co_await scan_for_surplus(effect, *removal);
  auto const destination = destination_of(effect.shard, effect.deadline);
  if (done) done = co_await tell_cluster(scope_, connection_, destination);
  if (done) {
    auto const removed = removal->removed;
    co_await removal->scan->close(scope_, connection_);
    copies_.finish(effect.copy);
    co_return removed;
  }
  auto fault = done.error();
  if (fault.fault_class == FaultClass::NotFound && copies_.is_alive(effect.copy)) {
    removal->scan.reset();  // broken: the next try scans again from the beginning
    fault.fault_class = FaultClass::Retry;
  }
  copies_.leave(effect.copy);
  co_return unexpected(std::move(fault));
}

}  // namespace arangosync::cluster
