// What makes the target's part of a comparison equal to a snapshot of the source: documents to send and revisions to
// remove (domain/revision/part.h). Part of SourceClusterHttp, in whose scope it runs.
#pragma once

#include "adapters/cluster/revisions.h"
#include "domain/worker/vocabulary.h"

#include <memory>

namespace arangosync::cluster {

/// `tree` is the shard's in the snapshot. Depends on nothing but the snapshot and the effect.
http::Task<Outcome<worker::DifferenceChunk>> read_difference(http::Scope& scope, Connection& connection,
                                                             std::shared_ptr<revision::Tree const> tree,
                                                             ShardPlace place, worker::ReadDifference effect);

}  // namespace arangosync::cluster
