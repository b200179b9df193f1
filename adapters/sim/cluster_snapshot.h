// The open snapshots ("batches") of all simulated DB-Servers (spec arangodb-read 5.2, 5.4). Called by ClusterModel
// only. A snapshot shares the document maps of its shards; writers copy a shared map before they change it.
#pragma once

#include "adapters/sim/cluster_types.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace arangosync::sim {

class Snapshots {
public:
  struct Snapshot {
    std::string server;
    std::string database;
    std::uint64_t tick = 0;
    std::uint64_t ttl_seconds = 0;
    WallTime expires;
    LogClient client;
    std::map<std::string, std::shared_ptr<ModelDocuments>> shards;  ///< not yet read
    struct Cursor {
      std::vector<ModelDocumentPtr> documents;  ///< by revision, as a server iterates
      std::size_t next = 0;
      std::uint64_t counter = 1;
    };
    std::map<std::string, Cursor> cursors;
    std::uint64_t last_keys = 0;
    std::map<std::uint64_t, std::shared_ptr<std::vector<ModelDocumentPtr> const>> keys;  ///< by number; by key
  };

  void add(std::string const& id, Snapshot snapshot) { open_.insert_or_assign(id, std::move(snapshot)); }
  /// Null if it does not exist there, or has expired.
  Snapshot* find(std::string const& server, std::string const& database, std::string const& id, WallTime now);
  void remove(std::string const& id) { open_.erase(id); }
  void remove_all_of(std::string const& server);
  void expire(WallTime now);

  /// The shard's documents in the snapshot; null if the server had no copy of it.
  static Snapshot::Cursor* cursor(Snapshot& snapshot, std::string const& shard);
  /// In the order of a dump.
  static std::vector<ModelDocumentPtr> by_revision(ModelDocuments const& documents);
  /// Next chunk of a shard; the caller has found the shard in the snapshot.
  static DumpChunk dump(Snapshot& snapshot, std::string const& shard, std::size_t chunk_bytes,
                        std::size_t documents_max);

private:
  std::map<std::string, Snapshot> open_;
};

}  // namespace arangosync::sim
