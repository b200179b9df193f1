// A whole ArangoDB cluster in memory: databases, sharded collections, documents, a log per DB-Server, snapshots,
// read-only mode, fail-over. The simulation uses it through the ports; app/sandbox serves it over HTTP.
//
// Deterministic: no thread, no I/O, no clock (time comes from the injected function), no hashing by address. Not
// thread-safe. Answers and errors are those of a real 3.9 cluster (specs arangodb-read 4 - 8, arangodb-write 1 - 4);
// what a real server does behind the scenes is only modelled where a client can see it: the copies of a shard share
// their documents, so a fail-over loses nothing (unless it is meant to), but the new leader's log knows nothing of the
// shard's past and its ticks mean something else. Names: `database`, `collection` are names (a collection also goes by
// its decimal id), `server` is "PRMR-…".
#pragma once

#include "adapters/sim/cluster_names.h"
#include "adapters/sim/cluster_types.h"
#include "domain/revision/difference.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::sim {

class ServerLog;      // cluster_log.h
struct LoggedChange;  // cluster_log.h
class Snapshots;      // cluster_snapshot.h

class ClusterModel {
public:
  struct Options {
    unsigned db_servers = 2;
    unsigned coordinators = 1;
    std::function<WallTime()> now;  ///< wall clock; required
    std::string cluster_id = "00000000-0000-4000-8000-000000000001";
    std::uint64_t seed = 1;           ///< makes server numbers and first ticks differ between clusters
    bool followers_log = false;       ///< copies of a shard write the markers into their server's log, too
    unsigned system_replication = 2;  ///< replicationFactor of system collections, at most db_servers
    /// All that a server makes, or only a few: each one replicated costs the simulation as much as one of the users'.
    bool all_system_collections = true;
    /// What every database has; the first one is the prototype of the others' shards where there is no _users.
    std::vector<std::string> system_collections = {"_graphs", "_analyzers", "_aqlfunctions", "_queues",
                                                   "_jobs",   "_apps",      "_appbundles",   "_frontend"};
    /// One server that is everything: collections are not sharded, can be renamed, and are called "h<server>/<id>" in
    /// the log.
    bool is_single_server = false;
    /// A truncate of a shard with at least so many documents is one marker 2004 (3.10 and later); smaller ones, and all
    /// of older versions, are a run of removals (spec arangodb-read 6.5.2).
    std::uint64_t truncate_marker_from = 32'768;
    /// Of collections with syncByRevision; servers before 3.8 have none, and what they made keeps none.
    bool revision_trees = true;
    std::size_t revisions_per_answer = 65'536;  ///< at most so many revisions of ranges at once
    /// Newer servers answer for ranges and documents from the present data when the snapshot is gone, without a word
    /// (spec arangodb-read 8.5); older ones refuse.
    bool reads_on_without_snapshot = true;
    Naming naming = Naming::Traditional;
    std::set<std::string, std::less<>> later_properties;  ///< of collections: what this version does not know yet
  };

  explicit ClusterModel(Options options);
  ~ClusterModel();
  ClusterModel(ClusterModel const&) = delete;
  ClusterModel& operator=(ClusterModel const&) = delete;

  // ---- servers ----
  std::vector<ModelServer> const& db_servers() const { return db_servers_; }
  std::vector<ModelServer> const& coordinators() const { return coordinators_; }
  ModelServer const* find_db_server(std::string_view id) const;
  std::string const& cluster_id() const { return options_.cluster_id; }
  Naming naming() const { return options_.naming; }
  void set_endpoint(std::string_view server, std::string endpoint);  ///< any server
  /// Grows with every change of structure or leadership (agency: Plan/Version, Current/Version).
  std::uint64_t plan_version() const { return plan_version_; }
  WallTime now() const { return options_.now(); }
  /// Next value of the cluster's id counter (ids of collections, shards, indexes, batches, keys).
  std::uint64_t next_id() { return ++last_id_; }
  /// The next one is at least this.
  void skip_ids(std::uint64_t next) { last_id_ = std::max(last_id_, next - 1); }
  /// A fresh revision of this cluster's hybrid logical clock (spec arangodb-read 8.1).
  std::uint64_t next_revision();

  /// Told of every change of documents, right after the shard's leader has logged it; for checkers.
  using Watch = std::function<void(std::string const& database, ModelCollection const& collection,
                                   ModelShard const& shard, std::vector<LoggedChange> const& changes)>;
  void watch(Watch watch) { watch_ = std::move(watch); }

  bool is_read_only() const { return read_only_; }
  void set_read_only(bool read_only);

  /// All servers run another version now; what there is stays as it is.
  void upgrade(Options const& version);

  // ---- trouble ----
  /// Makes the next healthy copy the leader. False if there is no other one.
  bool fail_over(std::string const& database, std::string const& shard);
  /// What the followers of a shard have got: of what a leader writes after that nothing is left when it falls away
  /// before it could pass it on (spec arangodb-read 7.3).
  struct Followed {
    std::string database;
    std::string shard;
    std::uint64_t plan_version = 0;
    std::shared_ptr<ModelDocuments> documents;
    std::map<std::string, std::map<std::string, std::string>> unique_values;
  };
  std::optional<Followed> followed(std::string const& database, std::string const& shard) const;
  /// Fails over and loses the rest; only fails over if the structure is another by now, or nobody may write.
  bool fail_over_to(Followed const& followed);
  /// Everything as it is now, to go back to: documents, structure, logs.
  class Backup;
  std::shared_ptr<Backup const> backup() const;
  /// All servers come up again with the backup's data and logs: ticks go back, snapshots and log clients are gone.
  void restore(Backup const& backup);
  /// Snapshots and log clients of the server are gone, its log stays (spec arangodb-read 7.5).
  void restart_server(std::string const& server);
  void set_healthy(std::string const& server, bool is_healthy);

  // ---- databases ----
  std::map<std::string, ModelDatabase> const& databases() const { return databases_; }
  ModelDatabase const* find_database(std::string_view name) const;
  /// `options`: members of the request's "options" object as JSON text.
  ModelResult<Done> create_database(std::string const& name, std::map<std::string, std::string> options,
                                    ModelCaller caller = {});
  ModelResult<Done> drop_database(std::string const& name, ModelCaller caller = {});

  // ---- collections ----
  /// Null if there is none; by name or decimal id. Pointers stay valid until the collection is dropped.
  ModelCollection const* find_collection(std::string_view database, std::string_view name_or_id) const;
  /// The collection a shard belongs to and the shard's index; null if there is none.
  ModelCollection const* find_shard(std::string_view database, std::string_view shard,
                                    std::size_t* index = nullptr) const;
  /// `body` as in POST /_api/collection (spec arangodb-write 3.1).
  ModelResult<ModelCollection const*> create_collection(std::string const& database, std::string_view body,
                                                        ModelCaller caller = {});
  ModelResult<ModelCollection const*> change_collection(std::string const& database, std::string_view collection,
                                                        std::string_view body, ModelCaller caller = {});
  /// Single servers only: 1470 in a cluster.
  ModelResult<ModelCollection const*> rename_collection(std::string const& database, std::string_view collection,
                                                        std::string const& name, ModelCaller caller = {});
  /// What the log and a server's definition of a shard call it: "c10054/s10055", "hF3D8AF2E752B/66939".
  std::string unique_id_of(ModelCollection const& collection, ModelShard const& shard) const;
  /// The id of what was dropped.
  ModelResult<std::string> drop_collection(std::string const& database, std::string_view collection, bool is_system,
                                           ModelCaller caller = {});
  ModelResult<ModelCollection const*> truncate(std::string const& database, std::string_view collection,
                                               ModelCaller caller = {});
  std::uint64_t count(ModelCollection const& collection) const;
  /// The shards that together hold each of its documents once: its own, or hidden ones (cluster_smart.h).
  std::vector<ModelShard const*> shards_of(ModelCollection const& collection) const;
  /// Index of the shard that holds a document with these values; `document` is an object's text.
  std::size_t shard_of(ModelCollection const& collection, std::string_view document) const;

  // ---- indexes ----
  struct IndexCreated {
    ModelIndex const* index = nullptr;
    bool is_new = false;
  };
  ModelResult<IndexCreated> create_index(std::string const& database, std::string_view collection,
                                         std::string_view body, ModelCaller caller = {});
  /// `id` with or without "collection/"; also by name.
  ModelResult<std::string> drop_index(std::string const& database, std::string_view collection, std::string_view id,
                                      ModelCaller caller = {});

  // ---- views; analyzers are documents of _analyzers that somebody else reads ----
  /// By name or decimal id; null if there is none.
  ModelView const* find_view(std::string_view database, std::string_view name_or_id) const;
  /// Gives it an id. 1207: a view or collection has its name; 1203: it leads to a collection that is not there.
  ModelResult<ModelView const*> create_view(std::string const& database, ModelView view, ModelCaller caller = {});
  /// `view` takes the place of the one of its name; id and type stay.
  ModelResult<ModelView const*> change_view(std::string const& database, ModelView view, ModelCaller caller = {});
  /// Single servers only: 1470 in a cluster.
  ModelResult<ModelView const*> rename_view(std::string const& database, std::string const& view,
                                            std::string const& name, ModelCaller caller = {});
  ModelResult<Done> drop_view(std::string const& database, std::string const& view, ModelCaller caller = {});
  void note_changed_analyzers(std::string const& database);
  /// Servers are to read users again (agency: Sync/UserVersion).
  void note_changed_users();
  std::uint64_t user_version() const { return user_version_; }

  // ---- documents ----
  /// Several documents at once: one transaction per shard, one result per item, in order. Items are JSON texts:
  /// objects, for remove also strings (key or "collection/key"). Fails as a whole only for reasons that concern all.
  ModelResult<std::vector<WriteResult>> insert(std::string const& database, std::string_view collection,
                                               std::vector<std::string_view> const& items, WriteOptions const& options);
  ModelResult<std::vector<WriteResult>> replace(std::string const& database, std::string_view collection,
                                                std::vector<std::string_view> const& items,
                                                WriteOptions const& options);
  ModelResult<std::vector<WriteResult>> update(std::string const& database, std::string_view collection,
                                               std::vector<std::string_view> const& items, WriteOptions const& options);
  ModelResult<std::vector<WriteResult>> remove(std::string const& database, std::string_view collection,
                                               std::vector<std::string_view> const& items, WriteOptions const& options);
  /// One document by itself: in the log as a single operation (tid "0"). `key` empty: taken from the body (insert).
  ModelResult<WriteResult> insert_one(std::string const& database, std::string_view collection, std::string_view body,
                                      WriteOptions const& options);
  ModelResult<WriteResult> replace_one(std::string const& database, std::string_view collection, std::string_view key,
                                       std::string_view body, WriteOptions const& options);
  ModelResult<WriteResult> update_one(std::string const& database, std::string_view collection, std::string_view key,
                                      std::string_view body, WriteOptions const& options);
  ModelResult<WriteResult> remove_one(std::string const& database, std::string_view collection, std::string_view key,
                                      WriteOptions const& options);
  /// Null if there is no such document. Looks into every shard if the collection is not sharded by _key.
  ModelDocumentPtr find_document(ModelCollection const& collection, std::string_view key) const;

  // ---- snapshots of one DB-Server (spec arangodb-read 5) ----
  ModelResult<ModelSnapshot> open_snapshot(std::string const& server, std::string const& database,
                                           LogClient const& client, std::uint64_t ttl_seconds);
  ModelResult<Done> extend_snapshot(std::string const& server, std::string const& database, std::string const& id,
                                    std::uint64_t ttl_seconds);
  ModelResult<Done> close_snapshot(std::string const& server, std::string const& database, std::string const& id);
  ModelResult<DumpChunk> dump(std::string const& server, std::string const& database, std::string const& snapshot,
                              std::string const& shard, std::size_t chunk_bytes, std::size_t documents_max = 10'000);
  /// Tick of an open snapshot.
  ModelResult<std::uint64_t> snapshot_tick(std::string const& server, std::string const& database,
                                           std::string const& id) const;

  // ---- revision trees of one DB-Server (spec arangodb-read 8) ----
  /// The shard's tree in the snapshot. 501/9: the cluster has none; 500/4: not at hand in this snapshot.
  ModelResult<revision::Tree> revision_tree(std::string const& server, std::string const& database,
                                            std::string const& snapshot, std::string const& shard);
  /// The next tree requests fail with 500/4: the server's tree has moved on beyond the snapshot.
  void hide_trees(unsigned requests) { hidden_trees_ = requests; }
  /// One list per range from the one that contains `resume` on. Ascending.
  struct RevisionLists {
    std::vector<std::vector<revision::RevisionId>> lists;
    std::optional<revision::RevisionId> resume;  ///< the answer is full: go on from here
  };
  ModelResult<RevisionLists> revisions_in(std::string const& server, std::string const& database,
                                          std::string const& snapshot, std::string const& shard,
                                          revision::Ranges const& ranges, revision::RevisionId resume);
  /// In the same order; null where the snapshot has no document of that revision.
  ModelResult<std::vector<ModelDocumentPtr>> documents_of(std::string const& server, std::string const& database,
                                                          std::string const& snapshot, std::string const& shard,
                                                          std::vector<revision::RevisionId> const& revisions);

  // ---- the keys of a shard in a snapshot of one DB-Server (spec arangodb-read 8.6) ----
  struct KeysOpened {
    std::string id;
    std::uint64_t count = 0;
  };
  ModelResult<KeysOpened> open_keys(std::string const& server, std::string const& database, std::string const& snapshot,
                                    std::string const& shard);
  /// Never null; ascending by key. 1600: closed, or the snapshot is gone.
  using DocumentsByKey = std::shared_ptr<std::vector<ModelDocumentPtr> const>;
  ModelResult<DocumentsByKey> documents_by_key(std::string const& server, std::string const& database,
                                               std::string const& id);
  ModelResult<Done> close_keys(std::string const& server, std::string const& database, std::string const& id);

  // ---- log of one DB-Server (spec arangodb-read 6) ----
  ModelResult<TailAnswer> tail(std::string const& server, TailRequest const& request);
  /// By logger-follow. `with_dropped`: changes of shards that are gone, too.
  ModelResult<FollowAnswer> follow(std::string const& server, FollowRequest const& request, bool with_dropped = false);
  std::uint64_t last_tick(std::string const& server) const;
  std::uint64_t first_tick(std::string const& server) const;  ///< oldest retained; 0 = nothing retained
  /// Registers or unregisters a reader in all databases (trackOnly=true, DELETE tail).
  void track(std::string const& server, LogClient const& client, std::uint64_t tick);
  void forget(std::string const& server, LogClient const& client);
  std::vector<RegisteredClient> clients(std::string const& server, std::string const& database);
  /// Drops what no registered client needs any more.
  void trim(std::string const& server);
  std::size_t log_bytes(std::string const& server) const;
  /// Drops everything up to `tick` in spite of registered clients: history is lost.
  void trim_to(std::string const& server, std::uint64_t tick);

private:
  friend class DocumentWriter;  // cluster_documents.h: one request's work on documents
  struct Located {
    ModelDatabase* database = nullptr;
    ModelCollection* collection = nullptr;
  };
  ModelResult<Located> locate(std::string_view database, std::string_view collection);
  ModelDatabase* database_of(std::string_view name);
  ModelShard* shard_in(std::string const& database, std::string const& shard) const;
  static ModelCollection* collection_of(ModelDatabase const& database, std::string_view name_or_id);
  ModelResult<Done> may_change_structure(ModelCaller caller) const;
  ModelResult<Done> may_write(ModelCaller caller) const;

  ModelCollection& add_collection(ModelDatabase& database, std::unique_ptr<ModelCollection> collection);
  ModelDatabase const* holder_of(ModelCollection const& collection) const;
  ModelResult<Done> create_children(std::string const& database, ModelCollection const& whole);
  static std::vector<ModelCollection*> children_in(ModelDatabase const& database, ModelCollection const& whole);
  ModelResult<Done> place_shards(ModelDatabase const& database, ModelCollection& collection);
  void create_system_collections(ModelDatabase& database);
  void erase_collection(ModelDatabase& database, ModelCollection& collection);
  /// 1203 if one of its links or entries leads nowhere.
  static ModelResult<Done> check_view(ModelDatabase const& database, ModelView const& view);
  void truncate_shard(ModelDatabase const& database, ModelCollection const& collection, ModelShard& shard);

  /// A shard's documents by revision as a revision call sees them.
  ModelResult<std::vector<ModelDocumentPtr>> documents_by_revision(std::string const& server,
                                                                   std::string const& database,
                                                                   std::string const& snapshot,
                                                                   std::string const& shard);

  /// Each use of a snapshot makes it, and what it needs of the log, last longer (spec arangodb-read 5.2).
  void note_use(std::string const& server, std::string const& database, LogClient const& client, std::uint64_t tick,
                WallTime& expires);

  bool holds_shard(std::string const& server, std::string const& database, std::string const& shard) const;
  ServerLog& log(std::string const& server);
  ServerLog const& log(std::string const& server) const;
  /// On every server that holds the shard.
  void log_structure(std::string const& database, ModelCollection const& collection, ModelShard const& shard, int type,
                     std::string const& data);
  void log_structure(std::string const& database, ModelCollection const& collection, int type, std::string const& data);
  void log_database(std::string const& database, int type, std::string const& data);
  /// Where a shard's entries stand in a log.
  LogPlace place_of(std::string const& database, ModelCollection const& collection, ModelShard const& shard) const;
  /// The documents of one shard that a request changed; a transaction unless `is_single`.
  void log_documents(std::string const& database, ModelCollection const& collection, ModelShard const& shard,
                     std::vector<LoggedChange> changes, bool is_single);

  Options options_;
  Watch watch_;
  std::vector<ModelServer> db_servers_;
  std::vector<ModelServer> coordinators_;
  std::map<std::string, ModelDatabase> databases_;
  std::map<std::string, std::unique_ptr<ServerLog>> logs_;
  std::unique_ptr<Snapshots> snapshots_;
  std::uint64_t last_id_ = 10'000;
  std::uint64_t last_revision_ = 0;
  std::uint64_t plan_version_ = 1;
  std::uint64_t user_version_ = 1;
  std::size_t next_server_ = 0;  // round robin
  unsigned hidden_trees_ = 0;
  bool read_only_ = false;
};

}  // namespace arangosync::sim
