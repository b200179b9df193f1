// The JSON in which a server shows its structure: properties of collections, definitions of indexes, the inventory,
// Plan and Current of the agency (spec arangodb-read 3, 4; arangodb-write 3, 4). Called by ClusterModel (for its log)
// and app/sandbox. Pure.
#pragma once

#include "adapters/sim/cluster_model.h"

#include <string>

namespace arangosync::sim {

/// One index; with "collection/" before its id if `collection` is not empty.
std::string index_json(ModelIndex const& index, std::string const& collection);

/// All properties of a collection as members of an object: what `properties` answers show, without error and code.
std::string collection_properties_json(ModelCollection const& collection);

/// All that a view is: id, name, type, properties, links, indexes; `unique` is its globallyUniqueId.
std::string view_json(ModelView const& view, std::string const& unique);

/// "c10054/" or, for a shard, "c10054/s10055".
std::string unique_id(ModelCollection const& collection, std::string const& shard = "");

/// "hF3D8AF2E752B/66939": what a single server calls a collection of users.
std::string single_server_id(ModelServer const& server, ModelCollection const& collection);

/// Answer of clusterInventory for one database (spec arangodb-read 4.2).
std::string cluster_inventory_json(ClusterModel& model, ModelDatabase const& database, bool with_system);

/// The subtree /arango as an agency holds it (spec arangodb-read 3).
std::string agency_json(ClusterModel const& model, std::string const& version, std::string const& timestamp);

/// "2023-09-01T15:01:23Z".
std::string utc_text(WallTime time);

}  // namespace arangosync::sim
