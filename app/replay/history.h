// What the source's documents have ever been: the truth that the checkers hold the target against.
//
// Written by the workload right after each change of the model, with the tick of the shard's leader at that moment.
#pragma once

#include "adapters/sim/cluster_types.h"
#include "domain/base/ids.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace arangosync::replay {

class History {
public:
  struct Change {
    std::uint64_t tick = 0;  ///< the log of `server` has it at or before this
    std::string server;
    std::string revision;  ///< empty: removed
  };
  using Changes = std::vector<Change>;

  /// `document` is null for a removal.
  void changed(std::string const& database, std::string const& collection, std::string const& shard,
               std::string const& server, std::uint64_t tick, std::string const& key,
               sim::ModelDocumentPtr const& document);

  /// Was there ever such a revision? Returns the document, or null.
  sim::ModelDocument const* find(std::string const& database, std::string const& collection, std::string const& key,
                                 std::string const& revision) const;
  /// Changes of all keys of a source shard, by key, in order; null if it was never written to.
  std::map<std::string, Changes> const* of_shard(std::string const& shard) const;

  std::uint64_t size() const { return size_; }

private:
  std::map<std::tuple<std::string, std::string, std::string, std::string>, sim::ModelDocumentPtr> revisions_;
  std::map<std::string, std::map<std::string, Changes>> shards_;
  std::uint64_t size_ = 0;
};

}  // namespace arangosync::replay
