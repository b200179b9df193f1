// `arangosync sim`: runs seeds and says which of them break a promise, with the command that replays each.
#pragma once

#include <cstdint>
#include <ostream>

namespace arangosync::replay {

struct SimArguments {
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 1;
  bool print_trace = false;
  bool twice = true;  ///< run every seed a second time and compare the traces' hashes
};

/// Exit code: 0 when all seeds hold, 1 otherwise.
int run_sim_command(SimArguments const& arguments, std::ostream& out);

}  // namespace arangosync::replay
