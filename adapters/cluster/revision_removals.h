// Removes documents of a target's shard by their revision, which is all that a comparison knows of them (spec
// arangodb-read 8.4). Part of ShardWriter. Thread-safe; removals of one shard never overlap.
//
// A server that keeps revisions is asked which documents have them. Otherwise the whole shard is looked at, which may
// take longer than the effect may write: what was found is then remembered for its next try.
#pragma once

#include "adapters/cluster/document_calls.h"
#include "adapters/cluster/shard_place.h"
#include "domain/revision/revision_id.h"

#include <map>
#include <mutex>
#include <vector>

namespace arangosync::cluster {

class RevisionRemovals {
public:
  RevisionRemovals(http::Scope& scope, Connection& connection) : scope_(scope), connection_(connection) {}

  /// Removes the documents that have exactly these revisions. How many there were.
  http::Task<Outcome<std::uint32_t>> remove(ShardPlace place, Destination destination,
                                            std::vector<std::string> revisions);

private:
  using Ids = std::vector<revision::RevisionId>;
  struct Round {
    RevisionRemoval sum;
    bool is_unknown = false;  ///< the server finds no documents by revision
  };
  struct Found {
    Ids of;
    std::vector<KeyedRevision> documents;
  };

  http::Task<Outcome<Round>> remove_by_asking(ShardPlace place, Destination destination, Ids pending);
  http::Task<Outcome<RevisionRemoval>> remove_by_looking(ShardPlace place, Destination destination, Ids ids);
  http::Task<Outcome<std::vector<KeyedRevision>>> find(ShardPlace place, Ids ids);
  void forget_first(ShardName const& shard, std::size_t count);

  http::Scope& scope_;
  Connection& connection_;
  std::mutex mutex_;
  std::map<ShardName, Found> found_;  ///< and not removed yet
};

}  // namespace arangosync::cluster
