// What a round of the inventory's receiver has to do: the steps that make the target's structure equal to the source's,
// the shards to be stopped before them and the positions to be forgotten. Pure functions of the receiver, which calls
// them and nobody else.
#pragma once

#include "domain/worker/inventory_receiver.h"

#include <set>

namespace arangosync::worker::inventory_receiver {

/// The source's structure is known.
RoundPlanned plan_round(State const& state, TargetStructure const& target, WallTime at);

/// What a step drops or makes, by whatever number of shards: a collection, or all of a database.
struct Ground {
  DatabaseName database;
  std::optional<CollectionName> collection;
};
std::optional<Ground> ground_of(inventory::Step const& step);
/// A step of the round is above the shard.
bool has_step_above(Working const& round, ShardRef const& shard);

/// Collections that this round's steps create or drop: not to be started before the next round has seen them.
std::set<Written> in_motion(Working const& round);

}  // namespace arangosync::worker::inventory_receiver
