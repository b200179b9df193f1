// How far a target is behind its source, as operators are shown it.
//
// A shard's report says what was true when it was made; one that is silent is behind by all that time. Asked by whoever
// answers for the status (adapters/rest). Pure; changes nothing but the view.
#pragma once

#include "domain/master/view.h"

namespace arangosync::master {

/// At least what it was when the last message was applied, and all the time since the target was known to have
/// everything, once that is longer than heartbeats and reports take.
Duration delay_at(WallTime now, sync::ShardReport const& report);
/// Makes the delays of the incoming shards those of `now`.
void update_delays(StatusView& view, WallTime now);

}  // namespace arangosync::master
