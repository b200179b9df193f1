// The promises about documents (design 7), for one target and the source it is a copy of:
//   - no document is on the target that the source never had, and none with another text,
//   - a stored position never passes unapplied data, and what it covers never goes back (but see Overtaken and
//     positioned_late),
//   - it has everything up to the moment that status says it has,
//   - in the end both are equal.
//
// Every write and every stored position is checked when it happens, as far as it can have changed the answer; sweep()
// looks at everything and so checks this checker, too. Throws Violation.
#pragma once

#include "adapters/sim/sim_cluster.h"
#include "app/replay/history.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace arangosync::replay {

class TrueCopy {
public:
  /// `history` is the source's; of a copy of a copy it is that of the first source, and positions, which speak of the
  /// log of the one in between, are not checked.
  TrueCopy(sim::SimCluster& source, sim::SimCluster& target, History const& history, bool checks_positions);
  TrueCopy(TrueCopy const&) = delete;
  TrueCopy& operator=(TrueCopy const&) = delete;

  void written(std::string const& database, sim::ModelCollection const& collection, sim::ModelShard const& shard,
               std::vector<sim::LoggedChange> const& changes);
  void positioned(ShardRef const& shard, shard::Position const& position);
  /// By one that has died: what it had sent comes late. If somebody has read the position since then, that one may
  /// begin at an older position and bring the target back to it first: until a living one stores a position of the
  /// shard nothing is promised of it (docs/known-gaps.md, seed 17034).
  void positioned_late(ShardRef const& shard, shard::Position const& position, Instant died_at);
  void position_read(ShardRef const& shard, Instant at);  ///< by whoever
  /// Somebody says that everything which the source had of the shard at `until` is on the target.
  void claimed(ShardRef const& shard, WallTime until);
  /// The target was restored from a backup.
  void set_back();
  /// Whether the target follows a shard under this data channel, and is not about to stop that: whoever follows it
  /// under a new one does not believe what was stored under a former one.
  std::function<bool(ShardRef const&, ChannelName const&)> follows = [](auto const&...) { return true; };
  /// The source was, which had these shards a moment ago. Those that have come back had been dropped: the log shows
  /// nothing of a dropped one, and whoever had read it to its end has said so, truly, in claims and positions. They are
  /// not held against him: such a position is compared before anybody goes on from it (docs/decisions/0019; seed
  /// 81837).
  void source_set_back(std::set<std::string> const& had);
  /// One of them was restored, and who says something of the source as it was at `said_of` cannot know it yet. Zero:
  /// nobody knows when that was.
  bool is_disturbed(WallTime said_of) const;
  void sweep() const;

  /// Why the target is not a copy of the source, or nothing.
  std::optional<std::string> difference() const;
  /// The same for one shard that both have.
  std::optional<std::string> difference(ShardRef const& shard) const;

private:
  struct Verified {
    std::string shard;  // the source's
    std::string server;
    std::uint32_t era = 0;
    std::uint64_t tick = 0;
    std::size_t logged = 0;  // so many of History::logged()
  };

  struct Claim {
    std::string shard;         // the source's
    std::size_t verified = 0;  // so many of History::timeline()
  };

  struct CameBack {
    std::uint32_t era = 0;  // that began with it
    WallTime at;
  };

  struct Life {
    std::string shard;                        // the source's, of the last position that was stored
    std::optional<WallTime> forgotten_since;  // as far as claims have seen
  };

  /// Documents that were removed in a revision which the source had replaced before, while nobody could know of a
  /// restore: a comparison that goes on brought the new revision before the restore, and removes the old one, which is
  /// back, after it; or a batch that was read before does, where the old one is in the way. Such a document may be
  /// missing until the position passes the change that replaced it: the log behind the position brings it
  /// (docs/decisions/0019). By the source's shard and key; the change by its place among those of the key. Also true
  /// after another restore: of a backup that was made meanwhile.
  using Overtaken = std::map<std::pair<std::string, std::string>, std::size_t>;

  /// The target was restored, and whoever writes the shard may not have noticed yet. A worker whose masters were gone
  /// for minutes has not looked at it either: what he holds he begins to apply while he looks, and stores a position
  /// only when he has (seed 85408).
  bool is_unnoticed(ShardRef const& shard) const;
  /// A position of this life of the shard was there, and is not since a moment ago.
  bool forgotten_lately(ShardRef const& shard, std::string const& life);
  void note_unseen_removals(ShardRef const& shard, std::vector<sim::LoggedChange> const& changes);
  void note_removal(std::string const& shard, sim::ModelDocument const& removed, History::Changes const& changes);
  void check_document(std::string const& database, std::string const& collection,
                      sim::ModelDocument const& document) const;
  /// Null if the position speaks of another life of the collection than the one that source or target have now.
  sim::ModelCollection const* covered_collection(ShardRef const& shard, shard::Position const& position) const;
  void check_key(ShardRef const& shard, shard::Position const& position, sim::ModelCollection const& target,
                 std::string const& key, History::Changes const& changes) const;
  std::optional<std::string> difference(inventory::Database const& source, inventory::Structure const& target) const;
  std::optional<std::string> difference(DatabaseName const& database, inventory::Collection const& source,
                                        inventory::Collection const& target) const;
  static std::optional<std::string> difference(std::string const& where, sim::ModelShard const& from,
                                               sim::ModelShard const& to);
  static std::optional<std::string> surplus(inventory::Structure const& source, inventory::Structure const& target);

  sim::SimCluster& source_;
  sim::SimCluster& target_;
  History const& history_;
  bool checks_positions_;
  std::map<ShardRef, Verified> verified_;
  std::map<ShardRef, Instant> read_at_;  // their positions, last
  std::set<ShardRef> late_;              // whose last position came late from a dead one
  std::map<ShardRef, Claim> claims_;
  std::map<ShardRef, Life> lives_;
  std::map<std::string, CameBack> came_back_;  // with a backup, after they had been dropped; the source's shards
  Overtaken overtaken_;
  std::set<ShardRef> positioned_since_;  // since the target was set back
  WallTime set_back_at_;                 // zero: never
  WallTime source_set_back_at_;          // zero: never
};

}  // namespace arangosync::replay
