// Many seeds: each runs twice and must give the same trace; what broke is said at once, and at the end how fast it went
// and which marked rare paths were never taken.
//
// Called by the program `simulate`. The seeds are dealt out over processes of our own making, one per core, because the
// simulation is single-threaded and a crash must cost one seed, not the campaign.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

namespace arangosync::replay {

struct Campaign {
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 1;  ///< 0: until something breaks
  unsigned processes = 1;
  bool twice = true;          ///< run every seed a second time and compare the traces' hashes
  bool until_broken = false;  ///< the first broken promise ends the campaign
  bool demand_marks = false;  ///< a marked path that no seed has reached is a failure
};

/// True if all seeds hold and, if demanded, all marks were reached.
bool run_campaign(Campaign const& campaign, std::ostream& out);

struct Wish {
  bool print_trace = false;
  std::string trace_folder;  ///< where each process's own trace is left, as the daemons write it; empty: nowhere
  bool twice = true;
};
/// One seed in this process, with its world and figures.
bool run_alone(std::uint64_t seed, Wish const& wish, std::ostream& out);

}  // namespace arangosync::replay
