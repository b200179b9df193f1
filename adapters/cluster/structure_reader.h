// Reads the structure of a whole cluster through a Coordinator: names of databases, then one clusterInventory each
// (spec arangodb-read 4), and the list of analyzers, which no inventory tells, of those that can have any. Used for the
// source and the target alike.
#pragma once

#include "adapters/cluster/calls.h"
#include "domain/inventory/structure.h"

namespace arangosync::cluster {

/// A database that vanishes meanwhile is left out.
http::Task<Outcome<inventory::Structure>> read_structure(http::Scope& scope, Connection& connection);

/// Shards of one collection with their leaders, in numeric order. Fault Refresh if there is no such collection.
http::Task<Outcome<std::vector<inventory::Shard>>> read_shards(http::Scope& scope, Connection& connection,
                                                               DatabaseName database, CollectionName collection);

}  // namespace arangosync::cluster
