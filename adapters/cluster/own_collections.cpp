#include "adapters/cluster/own_collections.h"

#include "adapters/cluster/own_calls.h"
#include "adapters/cluster/pulses.h"

#include <map>
#include <utility>

namespace arangosync::cluster {

http::Task<Outcome<worker::TargetShard>> read_target_shard(http::Scope& scope, Connection& connection, ShardRef shard) {
  worker::TargetShard found;
  auto const name = inventory::target_name(shard.collection);
  auto const what = "read origin of " + to_string(shard);
  auto origin = co_await read_own(scope, connection, what, origins_collection, origin_key(shard.database, name));
  if (!origin) co_return unexpected(origin.error());
  if (*origin) {
    auto const recorded = parse_origin(**origin);
    bool const is_ours = recorded && recorded->database == shard.database && recorded->collection == name;
    if (is_ours) found.origin = recorded->source_id;
  }
  auto position = co_await read_own(scope, connection, "read position of " + to_string(shard), positions_collection,
                                    position_key(shard));
  if (!position) co_return unexpected(position.error());
  if (!*position) co_return found;
  auto const kept = parse_position(shard, **position);
  if (!kept) co_return found;
  if (kept->stamp) {
    auto const stamp = *kept->stamp;
    auto good = co_await is_good(scope, connection, stamp);
    if (!good) co_return unexpected(good.error());
    if (!*good) co_return found;
  }
  found.position = kept->position;
  co_return found;
}

http::Task<Outcome<Done>> store_positions(http::Scope& scope, Connection& connection,
                                          std::vector<worker::StoredPosition> positions, worker::Stamp stamp,
                                          Instant deadline) {
  std::map<ShardRef, std::optional<shard::Position>> last;
  for (auto& stored : positions) last[stored.shard] = std::move(stored.position);
  std::vector<OwnDocument> documents;
  std::vector<std::string> forgotten;
  for (auto const& [shard, position] : last) {
    if (position) {
      documents.push_back({position_key(shard), position_document(shard, *position, stamp)});
    } else {
      forgotten.push_back(position_key(shard));
    }
  }
  if (!documents.empty()) {
    auto written = co_await put_own(scope, connection, positions_collection, std::move(documents), deadline);
    if (!written) co_return unexpected(written.error());
  }
  if (!forgotten.empty()) {
    auto removed = co_await delete_own(scope, connection, positions_collection, std::move(forgotten), deadline);
    if (!removed) co_return unexpected(removed.error());
  }
  co_return Done{};
}

http::Task<Outcome<inventory::Origins>> read_origins(http::Scope& scope, Connection& connection) {
  auto documents = co_await read_all(scope, connection, system_database(), CollectionName(origins_collection));
  if (!documents) co_return unexpected(documents.error());
  inventory::Origins origins;
  for (auto const& document : *documents) {
    auto const origin = parse_origin(document);
    if (origin) origins[{origin->database, origin->collection}] = origin->source_id;
  }
  co_return origins;
}

http::Task<Outcome<Done>> record_origin(http::Scope& scope, Connection& connection, inventory::RecordOrigin origin,
                                        Instant deadline) {
  std::vector<OwnDocument> documents;
  documents.push_back({origin_key(origin.database, origin.collection), origin_document(origin)});
  auto written = co_await put_own(scope, connection, origins_collection, std::move(documents), deadline);
  co_return written;
}

http::Task<Outcome<Done>> forget_origin(http::Scope& scope, Connection& connection, DatabaseName database,
                                        CollectionName collection, Instant deadline) {
  std::vector<std::string> keys;
  keys.push_back(origin_key(database, collection));
  for (auto const& part : inventory::parts_of(collection)) keys.push_back(origin_key(database, part));
  auto removed = co_await delete_own(scope, connection, origins_collection, std::move(keys), deadline);
  co_return removed;
}

}  // namespace arangosync::cluster
