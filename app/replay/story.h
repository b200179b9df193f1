// One run as text: a world (options.h) and a script of what happens in it, a command per line (simulation.h).
//
// Drawn from a seed by the campaign, written by hand in tests/scenarios, and made from the former into the latter by
// shrinking: one language for all three, so that whatever fails can be read, cut down and kept.
#pragma once

#include "app/replay/options.h"

#include <cstdint>
#include <string>
#include <vector>

namespace arangosync::replay {

struct Line {
  Duration at{0};  ///< since the start
  std::string command;
};

struct Story {
  Options options;
  std::vector<Line> script;  ///< in order of time
  Duration length{0};        ///< then everything is healed and has to converge
};

/// Topology, workload and faults of a seed.
Story draw_story(std::uint64_t seed);

/// As a scenario: the world, the script with its waits spelled out, and `settle`.
std::string scenario_text(Story const& story);

}  // namespace arangosync::replay
