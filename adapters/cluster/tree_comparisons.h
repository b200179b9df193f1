// Comparisons of the target's shards with trees of the source that are under way (spec arangodb-read 8.4). Part of
// TargetClusterHttp, in whose scope everything runs. Thread-safe.
//
// Between calls it remembers where the shard is and its tree, so that a comparison in many parts reads it once; where
// the target keeps no tree, a list of all its revisions and the tree made of them. After a fault it looks again.
#pragma once

#include "adapters/cluster/revisions.h"
#include "adapters/cluster/shard_list.h"
#include "domain/worker/vocabulary.h"

#include <map>
#include <memory>
#include <mutex>

namespace arangosync::cluster {

class TreeComparisons {
public:
  TreeComparisons(http::Scope& scope, Connection& connection) : scope_(scope), connection_(connection) {}

  /// To be called before compare(), in the order of the effects: what is forgotten meanwhile is not remembered again.
  void begin(worker::CopyId comparison);
  http::Task<Outcome<worker::Comparison>> compare(worker::CompareTree effect);
  void forget(worker::CopyId comparison);

private:
  struct Known {
    ShardPlace place;
    std::shared_ptr<revision::Tree const> tree;
    std::shared_ptr<ShardList const> list;  ///< what the tree was made of; null: it is the server's own
  };
  struct Looked {
    std::shared_ptr<Known const> known;
    std::string none;  ///< why there is no tree
  };

  /// `origin`: where the source's tree begins.
  http::Task<Outcome<Looked>> look(worker::CompareTree effect, revision::RevisionId origin);
  http::Task<Outcome<Looked>> make_tree(ShardPlace place, revision::RevisionId origin, std::string none);
  std::shared_ptr<Known const> remembered(worker::CopyId comparison);
  void remember(worker::CopyId comparison, std::shared_ptr<Known const> known);

  http::Scope& scope_;
  Connection& connection_;
  ListRoom room_;
  std::mutex mutex_;
  std::map<worker::CopyId, std::shared_ptr<Known const>> known_;  ///< null: to be looked at
};

}  // namespace arangosync::cluster
