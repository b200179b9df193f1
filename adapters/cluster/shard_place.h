// One copy of a shard and the way to it, and batches there (spec arangodb-read 1.5, 5.2): the source's shards are asked
// on their DB-Servers, the target's through its Coordinators. Used by the coroutines of this room.
#pragma once

#include "adapters/cluster/calls.h"
#include "adapters/cluster/dump_answer.h"
#include "domain/inventory/structure.h"

#include <optional>
#include <string>
#include <string_view>

namespace arangosync::cluster {

struct ShardPlace {
  DatabaseName database;
  ShardName shard;
  ServerId server;
  bool through_coordinator = false;
};
std::string to_string(ShardPlace const& place);

/// The shard's leader, reached through a Coordinator.
ShardPlace leader_of(DatabaseName database, inventory::Shard const& shard);

/// "/_db/<name>" + path + "?" + query, with what a Coordinator needs to pass it on.
std::string target_at(ShardPlace const& place, std::string_view path, std::string_view query);

/// `call.target` comes from target_at().
http::Task<Reply> call_place(http::Scope& scope, Connection& connection, ShardPlace place, Call call);

/// Of a call that names a batch. NotFound: the batch is gone.
Fault fault_in_batch(std::string_view what, http::Response const& response);

/// A batch that nobody tails from, kept for ten minutes after its last use.
http::Task<Outcome<OpenedBatch>> open_batch(http::Scope& scope, Connection& connection, ShardPlace place,
                                            std::optional<Instant> deadline);
/// Failures are ignored, it ends by itself.
http::Task<Done> close_batch(http::Scope& scope, Connection& connection, ShardPlace place, std::string batch);

}  // namespace arangosync::cluster
