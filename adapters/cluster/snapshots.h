// Snapshots ("batches") on DB-Servers: opened, with the shard's revision tree where it is wanted (the server's, or one
// made of the shard's keys), read chunk by chunk or compared, kept alive, closed (spec arangodb-read 5.2, 5.4, 5.6, 8),
// by each server's route: the batch is the same by all of them. Part of SourceClusterHttp, in whose scope everything
// runs. Thread-safe.
#pragma once

#include "adapters/cluster/calls.h"
#include "adapters/cluster/difference_reader.h"
#include "adapters/cluster/read_routes.h"
#include "adapters/cluster/revisions.h"
#include "adapters/cluster/wal_range.h"
#include "domain/worker/vocabulary.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace arangosync::cluster {

class Snapshots {
public:
  Snapshots(http::Scope& scope, Connection& connection, ReadRoutes& routes, Instances& instances)
      : scope_(scope), connection_(connection), routes_(routes), instances_(instances) {}

  http::Task<Outcome<worker::Snapshot>> open(worker::OpenSnapshot effect);
  http::Task<Outcome<worker::SnapshotChunk>> read(worker::ReadSnapshot effect);
  http::Task<Outcome<worker::DifferenceChunk>> read_difference(worker::ReadDifference effect);
  http::Task<Outcome<Done>> close(worker::CloseSnapshot effect);

private:
  struct Cursor {
    std::uint64_t next_chunk = 0;
    std::uint64_t counter = 0;  ///< as the server counts
    bool busy = false;
    bool ended = false;
  };
  struct Open {
    std::map<ShardName, Cursor> cursors;
    ShardContents contents;  ///< shared with the differences being read
    Instant used_at;
  };

  http::Task<Outcome<worker::Snapshot>> open_once(ReadRoute route, worker::OpenSnapshot effect);
  http::Task<Outcome<TreeAnswer>> take_tree(ReadRoute route, worker::SnapshotId id, ShardName shard);
  /// Without a tree of the server: one of our own. `none`: why there is none.
  http::Task<Outcome<TreeAnswer>> make_tree(ReadRoute route, worker::SnapshotId id, ShardName shard, TreeAnswer none);
  void remember(worker::SnapshotId const& id, ShardContents contents);
  http::Task<Reply> call(ServerId server, Call call);
  http::Task<Done> keep_alive(worker::SnapshotId id, worker::SyncerId syncer);
  http::Task<Outcome<Done>> track(ReadRoute route, worker::SnapshotId id, worker::SyncerId syncer, Tick tick);
  std::optional<Fault> begin_read(worker::ReadSnapshot const& effect, std::uint64_t& counter);
  Outcome<worker::SnapshotChunk> finish_read(worker::ReadSnapshot const& effect, std::uint64_t counter, Reply reply);
  /// The shard's copy cannot be continued.
  Outcome<worker::SnapshotChunk> start_over(worker::ReadSnapshot const& effect, std::string why);
  bool is_wanted(worker::SnapshotId const& id);
  void drop(worker::SnapshotId const& id);

  http::Scope& scope_;
  Connection& connection_;
  ReadRoutes& routes_;
  Instances& instances_;
  ListRoom room_;
  std::mutex mutex_;
  std::map<worker::SnapshotId, Open> open_;
};

}  // namespace arangosync::cluster
