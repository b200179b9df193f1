// What a master's metrics say of its datacenter's state: how many workers, tasks and shards there are.
//
// Called by the daemon every few seconds, on the strand. Only the leader knows: a master that does not lead says 0 of
// everything, so that a sum over all masters is right (but for one that hangs in a save, whose gauges stand still).
// Costs a look at every task and shard.
#pragma once

#include "domain/master/master.h"
#include "ports/telemetry.h"

namespace arangosync::app {

void measure(ports::Telemetry& telemetry, master::State const& state);

}  // namespace arangosync::app
