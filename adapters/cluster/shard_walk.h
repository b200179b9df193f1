// Looks at every document of one of the target's shards, as it is now, for its key and revision only: by the keys
// protocol, or by a dump where the Coordinators do not pass that on (before 3.8). Used where the shard keeps no
// revision tree.
#pragma once

#include "adapters/cluster/shard_keys.h"

namespace arangosync::cluster {

/// Places count from 0. Takes as long as it takes: it only reads.
http::Task<Outcome<Done>> walk_shard(http::Scope& scope, Connection& connection, ShardPlace place, EachKey each);

}  // namespace arangosync::cluster
