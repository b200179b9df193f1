// What a simulated ArangoDB cluster is made of (cluster_model.h): servers, databases, collections, shards, documents.
// Plain values; JSON stays text, so that numbers survive as they were written.
#pragma once

#include "domain/base/instant.h"
#include "domain/base/result.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arangosync::sim {

/// An error as a server reports it: HTTP status, errorNum, errorMessage (spec arangodb-read 11, arangodb-write 10).
struct ModelError {
  int status = 500;
  int number = 4;
  std::string message;
};
template <class T>
using ModelResult = Expected<T, ModelError>;

/// The error of that number with the server's usual status and text.
ModelError model_error(int number);
ModelError model_error(int number, std::string message);

/// One stored revision of a document. Immutable: log, snapshots and shards share it.
struct ModelDocument {
  std::string key;
  std::string revision;               ///< as text, "_gjDBOTm--_"
  std::uint64_t revision_number = 0;  ///< orders a dump (spec arangodb-read 5.4)
  std::string text;  ///< whole document, one line: _key, _id, _rev first, then (_from, _to and) the rest
};
using ModelDocumentPtr = std::shared_ptr<ModelDocument const>;
using ModelDocuments = std::map<std::string, ModelDocumentPtr, std::less<>>;

struct ModelShard {
  std::string name;                  ///< "s10021"
  std::vector<std::string> servers;  ///< ids of DB-Servers; the first one leads
  /// Never null. A snapshot shares the map; a writer copies it first when it is shared.
  std::shared_ptr<ModelDocuments> documents;
  /// Key by value, for each unique index by its id.
  std::map<std::string, std::map<std::string, std::string>> unique_values;
};

struct ModelIndex {
  std::string id;  ///< decimal, without "collection/"; "0" is the primary index
  std::string name;
  std::string type;  ///< as asked for: hash, skiplist, persistent, …
  std::vector<std::string> fields;
  bool is_unique = false;
  bool is_sparse = false;
  /// Every other member by name, as JSON text (deduplicate, estimates, expireAfter, …).
  std::map<std::string, std::string> attributes;
};

struct ModelCollection {
  std::string id;  ///< decimal, cluster-wide
  std::string name;
  int type = 2;  ///< 2 documents, 3 edges
  bool is_system = false;
  std::string distribute_shards_like;  ///< name of the prototype, empty if none
  std::vector<std::string> shard_keys;
  /// All other properties a Coordinator shows, as JSON text by name: numberOfShards, shardingStrategy,
  /// replicationFactor, writeConcern, keyOptions, waitForSync, schema, cacheEnabled, isSmart, … (spec
  /// arangodb-write 3.1); those without a default only if the creating request had them.
  std::map<std::string, std::string> attributes;
  std::vector<ModelShard> shards;   ///< in numeric order of their names: position = shard index
  std::vector<ModelIndex> indexes;  ///< primary (and edge) index first
  std::uint64_t last_key = 0;       ///< newest of a key generator that counts
};

/// A view's definition; nothing is ever searched (spec arangodb-write 5.1).
struct ModelView {
  std::string id;
  std::string name;
  std::string type;                                          ///< "arangosearch", "search-alias"
  std::map<std::string, std::string> properties;             ///< JSON text by name, without those below
  std::map<std::string, std::string> links;                  ///< arangosearch: by name of the collection; go with it
  std::vector<std::pair<std::string, std::string>> indexes;  ///< search-alias: names of collection and index
};

struct ModelDatabase {
  std::string id;
  std::string name;
  std::map<std::string, ModelView> views;      ///< by name
  std::uint64_t analyzers_revision = 0;        ///< how often the set of analyzers has changed (agency: Plan/Analyzers)
  std::map<std::string, std::string> options;  ///< sharding, replicationFactor, writeConcern as JSON text
  std::map<std::string, std::unique_ptr<ModelCollection>> collections;  ///< by name
};

struct ModelServer {
  std::string id;          ///< "PRMR-…", "CRDN-…", "AGNT-…"
  std::string short_name;  ///< "DBServer0001"
  std::string endpoint;    ///< "tcp://127.0.0.1:8530"; empty in simulation
  std::string number;      ///< server.serverId: decimal, changes with the data directory
  std::uint64_t reboot_id = 1;
  bool is_healthy = true;
};

/// Who asks. A superuser token is not stopped by read-only mode (spec arangodb-write 9.2).
struct ModelCaller {
  bool is_superuser = true;
};

// ---- documents ----

enum class Overwrite { Conflict, Ignore, Replace, Update };

struct WriteOptions {
  ModelCaller caller;
  bool is_restore = false;                    ///< keep the `_rev` of the body (spec arangodb-write 1.2)
  Overwrite overwrite = Overwrite::Conflict;  ///< insert only
  bool keep_null = true;                      ///< update only
  bool merge_objects = true;                  ///< update only
  bool ignore_revs = true;                    ///< replace, update, remove: false compares the item's `_rev`
  std::string if_match;                       ///< single replace, update, remove: required revision; empty: none
};

/// What became of one document of a request.
struct WriteResult {
  int error = 0;  ///< errorNum; 0 = done
  std::string message;
  std::string key;           ///< empty if not known
  std::string revision;      ///< of what is stored now (after an error 1200: of what is stored)
  std::string old_revision;  ///< of what was replaced or removed
  ModelDocumentPtr now;      ///< stored revision; null after a remove or an error
  ModelDocumentPtr before;   ///< revision that was replaced or removed
};

// ---- snapshots and log ----

struct ModelSnapshot {
  std::string id;
  std::uint64_t tick = 0;
};

/// Answer of a dump call (spec arangodb-read 5.4).
struct DumpChunk {
  std::vector<ModelDocumentPtr> documents;
  std::uint64_t counter = 0;  ///< x-arango-replication-lastincluded: the chunk counter
  bool check_more = false;
};
/// Body of a dump answer: one line per document.
std::string dump_lines(DumpChunk const& chunk, bool with_envelope);

/// Who reads the log, so that the server keeps it (spec arangodb-read 6.7).
struct LogClient {
  std::string syncer;  ///< decimal; empty: `server` identifies
  std::string server;
  std::string info;
  bool is_known() const { return !syncer.empty() || !server.empty(); }
  std::string const& id() const { return syncer.empty() ? server : syncer; }
};

/// What an entry of a server's log belongs to.
struct LogPlace {
  std::string database;
  std::string cuid;                ///< "c<collection id>/<shard>"; empty for databases
  std::string shard;               ///< empty for databases
  std::uint64_t index_writes = 0;  ///< sequence numbers that each document takes for secondary indexes
  /// Id and name of a single server's collection; empty in a cluster, where the shard tells both.
  std::string cid;
  std::string cname;
};

struct TailRequest {
  std::uint64_t from = 0;                ///< exclusive
  std::uint64_t to = ~std::uint64_t{0};  ///< inclusive
  std::uint64_t last_scanned = 0;
  std::size_t chunk_bytes = 1u << 20;
  bool global = false;  ///< all databases
  std::string database = "_system";
  std::string shard;  ///< only this one; empty: all. Ignored with `global`
  LogClient client;
};
struct TailAnswer {
  std::string lines;  ///< each ended by '\n'; empty = 204
  std::uint64_t last_included = 0;
  std::uint64_t last_scanned = 0;
  std::uint64_t last_tick = 0;
  bool from_present = false;
  bool check_more = false;
};

/// What `logger-follow` reads: whole batches, as entries that still have to be written down (spec arangodb-read 6.9).
struct FollowRequest {
  std::uint64_t from = 0;                ///< exclusive; the end of a batch
  std::uint64_t to = ~std::uint64_t{0};  ///< batches that start later are left out
  std::size_t chunk_bytes = 1u << 20;    ///< enough after a batch that reaches it
  std::string database = "_system";
  std::string shard;  ///< only this one; empty: all
};
struct FollowEntry {
  std::uint64_t tick = 0;
  std::uint64_t tid = 0;
  int type = 0;
  std::string cuid;
  std::string cid;
  std::string cname;
  std::string data;  ///< empty: none
};
struct FollowAnswer {
  std::vector<FollowEntry> entries;
  std::uint64_t last_included = 0;
  std::uint64_t last_scanned = 0;
  std::uint64_t last_tick = 0;
  bool from_present = false;
  bool check_more = false;
};

struct RegisteredClient {
  LogClient client;
  std::uint64_t tick = 0;
  WallTime seen;
  WallTime expires;
};

}  // namespace arangosync::sim
