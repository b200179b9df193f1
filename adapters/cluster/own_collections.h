// What we keep on the target, in system collections of `_system`, made on demand: `_arangosync_positions` holds up to
// where each shard is applied, `_arangosync_origins` of which source collection each collection is a copy; pulses.h the
// third. They live and roll back with the data (docs/decisions/0004, 0019). Part of TargetClusterHttp.
#pragma once

#include "adapters/cluster/calls.h"
#include "domain/inventory/plan.h"
#include "domain/shard/position.h"
#include "domain/worker/vocabulary.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::cluster {

inline constexpr char const* positions_collection = "_arangosync_positions";
inline constexpr char const* origins_collection = "_arangosync_origins";

/// A position whose stamp is void counts as none.
http::Task<Outcome<worker::TargetShard>> read_target_shard(http::Scope& scope, Connection& connection, ShardRef shard);
/// One bulk write; the last one wins where a shard is named twice.
http::Task<Outcome<Done>> store_positions(http::Scope& scope, Connection& connection,
                                          std::vector<worker::StoredPosition> positions, worker::Stamp stamp,
                                          Instant deadline);

http::Task<Outcome<inventory::Origins>> read_origins(http::Scope& scope, Connection& connection);
http::Task<Outcome<Done>> record_origin(http::Scope& scope, Connection& connection, inventory::RecordOrigin origin,
                                        Instant deadline);
/// With its parts, which go with it.
http::Task<Outcome<Done>> forget_origin(http::Scope& scope, Connection& connection, DatabaseName database,
                                        CollectionName collection, Instant deadline);

// ---- their documents; pure -----------------------------------------------------------------------------------------
/// Names of shards can be longer than a key and hold what a key must not: 32 hex digits of two hashes stand for them.
/// The document names the shard too, and one of another shard is not taken for this one's.
std::string position_key(ShardRef const& shard);
std::string position_document(ShardRef const& shard, shard::Position const& position, worker::Stamp const& stamp);
struct KeptPosition {
  shard::Position position;
  std::optional<worker::Stamp> stamp;  ///< absent: stored by a version that had none
};
std::optional<KeptPosition> parse_position(ShardRef const& shard, std::string_view document);

std::string origin_key(DatabaseName const& database, CollectionName const& collection);
std::string origin_document(inventory::RecordOrigin const& origin);
std::optional<inventory::RecordOrigin> parse_origin(std::string_view document);

}  // namespace arangosync::cluster
