// What makes the target's part of a comparison equal to a snapshot of the source: documents to send and revisions to
// remove (domain/revision/part.h). Part of SourceClusterHttp, in whose scope it runs.
#pragma once

#include "adapters/cluster/revisions.h"
#include "adapters/cluster/shard_keys.h"
#include "domain/worker/vocabulary.h"

#include <memory>

namespace arangosync::cluster {

/// A shard in a snapshot, as far as it is known.
struct ShardContents {
  std::shared_ptr<revision::Tree const> tree;  ///< null: none can be had
  std::shared_ptr<KeyedList const> list;       ///< what the tree was made of; null: it is the server's own
};

/// Depends on nothing but the snapshot and the effect.
http::Task<Outcome<worker::DifferenceChunk>> read_difference(http::Scope& scope, Connection& connection,
                                                             ShardContents contents, ShardPlace place,
                                                             worker::ReadDifference effect);

}  // namespace arangosync::cluster
