// Orders of a target to its source, numbered so that a late one is known for what it is (docs/decisions/0018).
//
// A call may lie in the socket of a sleeping master for minutes and be carried out when its synchronization, or the
// shard it names, is long over or has begun anew. Every order therefore says which life of the synchronization it
// belongs to and which number it has; the source keeps the newest one about each thing and refuses what is older.
// An order that is still wanted is said again with a new number, so a refusal loses nothing. Used by the master's root
// room. Pure. An original's orders have no number: they are always taken for the newest.
#pragma once

#include "domain/base/ids.h"
#include "domain/base/instant.h"

#include <cstddef>
#include <map>

namespace arangosync::sync {

/// Number of a target's synchronization; grows with every configure. 0: from before lives were numbered.
using Life = StrongCounter<struct LifeTag>;

struct Order {
  Life life;
  Term term;         ///< of the target's leader that gives it
  RequestId number;  ///< of the request, within that leader
  friend auto operator<=>(Order const&, Order const&) = default;
};

/// The newest order of a target about its synchronization as a whole; kept when that is over.
struct Heard {
  Order order;
  WallTime at;
  friend bool operator==(Heard const&, Heard const&) = default;
};

/// Of the shards that are gone: the orders that ended them, as far as they are kept.
struct Endings {
  std::map<ShardRef, Order> shards;
  Order floor;  ///< the newest of those that are not kept any more
  friend bool operator==(Endings const&, Endings const&) = default;
};

inline constexpr std::size_t endings_max = 64;
inline constexpr std::size_t targets_heard_max = 64;  ///< of those that are gone

/// An order about a shard that is gone: it was given before the one that ended the shard, or may have been.
bool is_late(Endings const& endings, ShardRef const& shard, Order const& order);
/// The shard has been ended by this order, unless a newer one is known.
void note(Endings& endings, ShardRef const& shard, Order const& order);

}  // namespace arangosync::sync
