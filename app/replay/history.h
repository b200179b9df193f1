// What a source's documents have ever been: the truth that the checkers hold its targets against.
//
// Fed by the model itself, right after each change, with the tick of the shard's leader at that moment. When the source
// is restored from a backup its logs go back, too, and their ticks are used again: that begins another *era*.
#pragma once

#include "adapters/sim/cluster_log.h"
#include "adapters/sim/cluster_model.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace arangosync::replay {

class History {
public:
  struct Change {
    std::uint64_t tick = 0;  ///< the log of `server` has it at or before this
    std::string server;
    std::uint32_t era = 0;
    std::string revision;  ///< empty: removed
  };
  using Changes = std::vector<Change>;
  using Shard = std::map<std::string, Changes, std::less<>>;  ///< by key, in order
  struct Logged {
    std::uint64_t tick = 0;
    std::string key;
  };

  /// A change by its place among those of its key.
  struct Moment {
    WallTime at;
    std::string key;
    std::size_t change = 0;
  };

  /// From now on every change of `cluster` is history.
  void record(sim::ClusterModel& cluster);

  /// It was just restored from a backup. What that changed is a change like any other.
  void restored(sim::ClusterModel const& cluster);
  /// A fail-over has lost what the former leader had not passed on. That is a change like any other, too.
  void lost(sim::ClusterModel const& cluster);
  std::uint32_t era() const { return era_; }  ///< the present one
  /// In which era a server was started so often.
  std::uint32_t era_of(std::string const& server, std::uint64_t boot) const;

  /// Was there ever such a revision? Returns the document, or null.
  sim::ModelDocument const* find(std::string const& database, std::string const& collection, std::string const& key,
                                 std::string const& revision) const;
  /// Of a source shard; null if it was never written to.
  Shard const* of_shard(std::string const& shard) const;
  /// The changes of a shard that a server logged as its leader in one era, in order; null if there are none.
  std::vector<Logged> const* logged(std::string const& shard, std::string const& server, std::uint32_t era) const;

  /// All changes of a shard, whichever server logged them, in order; null if there are none.
  std::vector<Moment> const* timeline(std::string const& shard) const;

  std::uint64_t size() const { return size_; }

private:
  void note(sim::ClusterModel const& cluster, sim::ModelShard const& shard, std::string const& key,
            std::string const& revision, std::uint64_t ticks_later);
  void note_differences(sim::ClusterModel const& cluster, std::uint64_t ticks_later);

  std::map<std::string, std::map<std::string, sim::ModelDocumentPtr>> revisions_;  // by "database/collection/key"
  std::map<std::string, Shard> shards_;
  std::map<std::tuple<std::string, std::string, std::uint32_t>, std::vector<Logged>> logged_;
  std::map<std::string, std::vector<Moment>> timelines_;
  std::map<std::string, std::vector<std::uint64_t>> eras_;  // by server: its first boot in each era but the first
  std::uint32_t era_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace arangosync::replay
