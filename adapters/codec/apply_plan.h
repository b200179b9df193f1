// What a batch of changes comes down to: the last change of each key, after the last truncation (spec
// arangodb-write 13.2). Pure. Called by whoever applies batches to a target, the real one and the simulated one.
#pragma once

#include "adapters/codec/changes.h"

#include <cstdint>
#include <string>
#include <vector>

namespace arangosync::codec {

struct ApplyPlan {
  bool truncate = false;                 ///< the shard is emptied first
  std::vector<std::string> removals;     ///< keys, then
  std::vector<std::uint32_t> upserts;    ///< indexes into the batch, in log order, then
  std::vector<std::string> by_revision;  ///< revisions of documents to remove, if they are still there
};

ApplyPlan plan_batch(ChangesReader const& changes);

}  // namespace arangosync::codec
