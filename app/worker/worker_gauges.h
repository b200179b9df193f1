// What a worker's metrics say of its state: copies under way, and how far its shards are behind.
//
// Called by the daemon every few seconds, on the strand. Costs a look at every task.
#pragma once

#include "domain/worker/worker.h"
#include "ports/telemetry.h"

namespace arangosync::app {

void measure(ports::Telemetry& telemetry, worker::State const& state, Instant at);

}  // namespace arangosync::app
