// Troubles that were thought of later than the others, each for one in some seeds: made for a single weakness, and
// drawn from a stream of its own, so that all the rest of a seed is as it was before.
#pragma once

#include "app/replay/story.h"

#include <cstdint>

namespace arangosync::replay {

/// Adds some of them to a story that is drawn already, in the order of time.
void add_rarities(std::uint64_t seed, Story& story);

}  // namespace arangosync::replay
