// Full copies of shards that are under way on the target: the keys each has brought, and how far the removal of what it
// did not bring has come (spec arangodb-read 7.4). Part of TargetClusterHttp. Thread-safe.
//
// A copy that brought nothing is a copy of an empty shard. One that has been finished or abandoned is remembered as
// such, so that an effect that is performed twice never takes it for an empty one and removes everything; not for ever,
// as comparisons are forgotten here, too, and some shards are compared every few seconds.
#pragma once

#include "adapters/cluster/shard_scan.h"
#include "domain/batch/key_set.h"
#include "domain/worker/vocabulary.h"

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace arangosync::cluster {

class Copies {
public:
  /// The removal of surplus as far as it has come; used by one coroutine at a time.
  struct Removal {
    std::unique_ptr<ShardScan> scan;
    std::vector<std::string> pending;  ///< found to be surplus, not removed yet
    std::uint64_t removed = 0;
  };

  void brought(worker::CopyId copy, std::vector<std::string> keys);
  void forget(worker::CopyId copy);
  bool is_alive(worker::CopyId copy) const;

  enum class Begin { Go, Busy, Over, Abandoned };
  /// Go: `removal` may be used until leave() or finish().
  Begin begin_removal(worker::CopyId copy, Removal*& removal);
  void leave(worker::CopyId copy);
  void finish(worker::CopyId copy);
  /// Those the copy did not bring.
  std::vector<std::string> surplus(worker::CopyId copy, std::vector<std::string> keys) const;

  /// Those that are remembered, ended ones included.
  std::size_t size() const;

private:
  /// An ended one is remembered until so many others have ended.
  static constexpr std::size_t ended_max = 4096;
  enum class Life { Open, Over, Abandoned };
  struct Copy {
    Life life = Life::Open;
    batch::KeySet keys;
    bool busy = false;
    std::unique_ptr<Removal> removal;
  };
  mutable std::mutex mutex_;
  void note_ended(worker::CopyId copy);

  std::map<worker::CopyId, Copy> copies_;
  std::deque<worker::CopyId> ended_;  // oldest first
};

}  // namespace arangosync::cluster
