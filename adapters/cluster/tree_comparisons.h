// Comparisons of the target's shards with trees of the source that are under way, and removals by revision that follow
// from them (spec arangodb-read 8.4). Part of TargetClusterHttp, in whose scope everything runs. Thread-safe.
//
// Between calls it remembers where the shard is and its tree, so that a comparison in many parts reads it once; after a
// fault it looks again.
#pragma once

#include "adapters/cluster/document_calls.h"
#include "adapters/cluster/revisions.h"
#include "domain/worker/vocabulary.h"

#include <map>
#include <memory>
#include <mutex>

namespace arangosync::cluster {

class TreeComparisons {
public:
  TreeComparisons(http::Scope& scope, Connection& connection) : scope_(scope), connection_(connection) {}

  http::Task<Outcome<worker::Comparison>> compare(worker::CompareTree effect);
  void forget(worker::CopyId comparison);

private:
  struct Known {
    ShardPlace place;
    revision::Tree tree;
  };
  struct Looked {
    std::shared_ptr<Known const> known;
    std::string none;  ///< why there is no tree
  };

  http::Task<Outcome<Looked>> look(worker::CompareTree effect);
  std::shared_ptr<Known const> remembered(worker::CopyId comparison);

  http::Scope& scope_;
  Connection& connection_;
  std::mutex mutex_;
  std::map<worker::CopyId, std::shared_ptr<Known const>> known_;
};

/// Removes the documents that have exactly these revisions. How many there were.
http::Task<Outcome<std::uint32_t>> remove_revisions(http::Scope& scope, Connection& connection, ShardPlace place,
                                                    Destination destination, std::vector<std::string> revisions);

}  // namespace arangosync::cluster
