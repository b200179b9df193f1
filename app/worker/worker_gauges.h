// What a worker's metrics say of its state: copies under way, and how far its shards are behind.
//
// Called by the daemon every few seconds, on the strand. Costs a look at every task. A shard that was never
// complete has no delay yet: its status tells.
#pragma once

#include "domain/worker/worker.h"
#include "ports/telemetry.h"

namespace arangosync::app {

void measure(ports::Telemetry& telemetry, worker::State const& state, Instant at, WallTime wall);

}  // namespace arangosync::app
