#include "adapters/cluster/own_collections.h"

#include "adapters/cluster/document_calls.h"
#include "adapters/cluster/error_class.h"
#include "adapters/cluster/lines.h"
#include "adapters/cluster/shard_scan.h"
#include "adapters/cluster/structure_reader.h"
#include "adapters/codec/changes.h"

#include <map>
#include <utility>

namespace arangosync::cluster {
namespace {

DatabaseName system_database() { return DatabaseName("_system"); }

http::Task<Outcome<Done>> create_own_collection(http::Scope& scope, Connection& connection, std::string name,
                                                Instant deadline) {
  Call call;
  call.what = "create collection _system/" + name;
  call.method = "POST";
  call.target = "/_api/collection?enforceReplicationFactor=false";
  call.body = R"({"name":")" + name + R"(","isSystem":true,"numberOfShards":1,"replicationFactor":2})";
  call.deadline = deadline;
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply) && server_error(*reply).number != error::duplicate_name) {
    co_return unexpected(fault_of(call.what, *reply));
  }
  co_return Done{};
}

/// A document of one of our collections.
struct OwnDocument {
  std::string key;
  std::string text;
};

/// Replaces or inserts documents of one of our collections, which is made if it is not there yet.
http::Task<Outcome<Done>> put_own(http::Scope& scope, Connection& connection, std::string collection,
                                  std::vector<OwnDocument> documents, Instant deadline) {
  codec::ChangesBuilder builder;
  for (auto const& each : documents) builder.add({codec::ChangeKind::Upsert, each.key, "", each.text});
  auto const payload = builder.finish();
  std::vector<std::uint32_t> all;
  for (std::uint32_t index = 0; index < documents.size(); ++index) all.push_back(index);
  Destination const destination{system_database(), CollectionName(collection), deadline};
  bool created = false;
  while (true) {
    auto changes = codec::ChangesReader::open(payload);
    if (!changes) co_return unexpected(Fault{FaultClass::Permanent, "write to " + collection + ": " + changes.error()});
    auto written = co_await put_documents(scope, connection, destination, std::move(*changes), all);
    if (written) co_return Done{};
    if (written.error().fault_class != FaultClass::Refresh || created) co_return unexpected(written.error());
    auto made = co_await create_own_collection(scope, connection, collection, deadline);
    if (!made) co_return unexpected(made.error());
    created = true;
  }
}

/// One document of one of our collections; absent: there is none.
http::Task<Outcome<std::optional<std::string>>> read_own(http::Scope& scope, Connection& connection, std::string what,
                                                         std::string collection, std::string key) {
  Call call;
  call.what = std::move(what);
  call.target = "/_api/document/" + collection + "/" + key;
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (succeeded(*reply)) co_return std::move(reply->body);
  auto const why = server_error(*reply);
  bool const none = why.number == error::document_not_found || why.number == error::collection_not_found;
  if (none) co_return std::optional<std::string>{};
  co_return unexpected(fault_of(call.what, why));
}

http::Task<Outcome<Done>> delete_own(http::Scope& scope, Connection& connection, std::string collection,
                                     std::vector<std::string> keys, Instant deadline) {
  Destination const destination{system_database(), CollectionName(collection), deadline};
  auto removed = co_await delete_keys(scope, connection, destination, std::move(keys));
  // Refresh: there is no such collection, so nothing to remove either.
  if (!removed && removed.error().fault_class != FaultClass::Refresh) co_return unexpected(removed.error());
  co_return Done{};
}

}  // namespace

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
  if (*position) found.position = parse_position(shard, **position);
  co_return found;
}

http::Task<Outcome<Done>> store_positions(http::Scope& scope, Connection& connection,
                                          std::vector<worker::StoredPosition> positions, Instant deadline) {
  std::map<ShardRef, std::optional<shard::Position>> last;
  for (auto& stored : positions) last[stored.shard] = std::move(stored.position);
  std::vector<OwnDocument> documents;
  std::vector<std::string> forgotten;
  for (auto const& [shard, position] : last) {
    if (position) {
      documents.push_back({position_key(shard), position_document(shard, *position)});
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
  inventory::Origins origins;
  auto shards = co_await read_shards(scope, connection, system_database(), CollectionName(origins_collection));
  if (!shards) {
    if (shards.error().fault_class == FaultClass::Refresh) co_return origins;  // nothing recorded yet
    co_return unexpected(shards.error());
  }
  for (auto const& shard : *shards) {
    ShardScan scan(system_database(), shard);
    while (true) {
      auto chunk = co_await scan.next(scope, connection, std::nullopt);
      if (!chunk) {
        co_await scan.close(scope, connection);
        auto fault = chunk.error();
        if (fault.fault_class == FaultClass::NotFound) fault.fault_class = FaultClass::Retry;
        co_return unexpected(std::move(fault));
      }
      if (!chunk->has_value()) break;
      Lines lines(std::move(**chunk));
      DumpedDocument document;
      while (lines.next(document) == Lines::Next::Read) {
        auto const origin = parse_origin(document.document);
        if (origin) origins[{origin->database, origin->collection}] = origin->source_id;
      }
    }
    co_await scan.close(scope, connection);
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
  auto removed = co_await delete_own(scope, connection, origins_collection, std::move(keys), deadline);
  co_return removed;
}

}  // namespace arangosync::cluster
