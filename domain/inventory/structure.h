// The structure of a cluster, as far as it is replicated: databases, analyzers, collections with their sharding,
// indexes, views.
//
// Both sides read it from their own cluster (spec arangodb-read 4.2, arangodb-write 3.1); the inventory sender
// publishes the source's, the inventory receiver compares it with the target's and makes a plan (plan.h).
// Attribute values we do not interpret travel as canonical JSON text and are only compared and passed on.
#pragma once

#include "domain/base/ids.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace arangosync::inventory {

/// One index definition. Primary and edge indexes never appear here (the server makes them itself).
struct Index {
  std::string id;  ///< decimal, without "collection/"
  std::string name;
  std::string type;  ///< as reported by the source: hash, skiplist and persistent are three types (spec write 4.5)
  std::string definition;  ///< canonical JSON (members sorted) of everything else: fields, unique, sparse, …
  friend bool operator==(Index const&, Index const&) = default;
};

/// One shard and the servers that hold it; the first is the leader.
struct Shard {
  ShardName name;
  std::vector<ServerId> servers;
  friend bool operator==(Shard const&, Shard const&) = default;
};

struct Collection {
  std::string id;  ///< decimal cluster-wide id; a new id under an old name is a new collection
  CollectionName name;
  int type = 2;  ///< 2 documents, 3 edges
  bool is_system = false;
  bool is_ready = true;                ///< clusterInventory's isReady: leaders of plan and current agree
  std::string distribute_shards_like;  ///< name of the prototype, empty if none
  /// Canonical JSON of the attributes that cannot change (numberOfShards, shardKeys, shardingStrategy, keyOptions,
  /// isSmart, …): a difference means drop and create.
  std::string immutable_properties;
  /// Canonical JSON of those that can (waitForSync, schema, computedValues, cacheEnabled, replicationFactor, …).
  std::string mutable_properties;
  std::vector<Shard> shards;  ///< in numeric order of their names: position = shard index
  std::vector<Index> indexes;
  friend bool operator==(Collection const&, Collection const&) = default;
};

using AnalyzerName = Strong<struct AnalyzerNameTag, std::string>;  ///< without its database's name in front
using ViewName = Strong<struct ViewNameTag, std::string>;          ///< shares its namespace with collections

/// How texts are cut into terms. Nothing of it can change: another definition is another analyzer (spec write 5.2).
struct Analyzer {
  std::string type;
  std::string definition;  ///< canonical JSON of properties and features
  friend bool operator==(Analyzer const&, Analyzer const&) = default;
};

/// What a search-alias view consists of. By name: ids differ between clusters.
struct ViewedIndex {
  CollectionName collection;
  std::string index;
  friend auto operator<=>(ViewedIndex const&, ViewedIndex const&) = default;
};

/// A view (spec write 5.1). It has no id here: views are compared by what they are.
struct View {
  std::string type;  ///< arangosearch or search-alias
  std::string immutable_properties;
  std::string mutable_properties;               ///< without links and indexes
  std::map<CollectionName, std::string> links;  ///< arangosearch: canonical JSON by collection
  std::set<ViewedIndex> indexes;                ///< search-alias
  friend bool operator==(View const&, View const&) = default;
};

struct Database {
  DatabaseName name;
  std::string id;
  std::string options;  ///< canonical JSON of sharding, replicationFactor, writeConcern as far as reported; may be "{}"
  std::string unfit;    ///< why it cannot be synchronized, for people; then nothing in it is told. Empty: it can
  std::map<CollectionName, Collection> collections;
  /// Absent: not told, so leave the target's alone (a server too old to have any, or a sender of an older version).
  std::optional<std::map<AnalyzerName, Analyzer>> analyzers;
  std::optional<std::map<ViewName, View>> views;
  friend bool operator==(Database const&, Database const&) = default;
};

struct Structure {
  std::map<DatabaseName, Database> databases;
  friend bool operator==(Structure const&, Structure const&) = default;
};

/// Name under which the target keeps a source collection: `_jobs` and `_queues` become `…backup` (spec write 8.2).
CollectionName target_name(CollectionName const& source_name);

/// Edges of a smart graph lie in hidden collections that the server makes and drops with the one they belong to (spec
/// write 3.7): in `_local_…`, or twice, in `_from_…` and `_to_…`. The collection that `_local_…` or `_to_…`, which
/// together hold each edge once, are parts of; absent: it is no such part.
std::optional<CollectionName> whole_of(CollectionName const& name);

/// Both parts of a collection, whether it has any or not.
std::vector<CollectionName> parts_of(CollectionName const& whole);

/// Name under which documents of a source collection are written to the target. Only a server may write to parts: it
/// puts each edge where it belongs, twice if need be.
CollectionName written_name(CollectionName const& source_name);

/// Is this collection replicated at all? Statistics, `_frontend` and our own `_arangosync_…` are not (spec write 8.2);
/// neither is `_analyzers`, whose documents no server would notice: analyzers are structure (5.2); nor what the target
/// makes of other collections (`_from_…`). Of parts only the documents are replicated.
bool is_replicated(Collection const& collection);

/// Does every server make this system collection itself (spec write 3.6)? Then only its documents are replicated.
bool is_made_by_server(CollectionName const& name);

/// The collection a shard belongs to, or null.
Collection const* find(Structure const& structure, DatabaseName const& database, CollectionName const& collection);

}  // namespace arangosync::inventory
