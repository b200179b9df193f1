// What one simulated run is made of: topology, faults and workload, all drawn from the seed.
//
// Swarm testing: a seed switches each kind of trouble on or off, because faults hide each other when all happen at
// once.
#pragma once

#include "adapters/sim/network.h"
#include "domain/base/instant.h"

#include <cstdint>
#include <string>

namespace arangosync::replay {

struct Options {
  std::uint64_t seed = 0;

  // Topology, per datacenter.
  std::uint32_t masters = 2;
  std::uint32_t workers = 2;
  std::uint32_t source_servers = 2;  ///< DB-Servers
  std::uint32_t target_servers = 2;

  // Phases.
  Duration trouble{0};          ///< workload and faults
  Duration convergence_max{0};  ///< after healing, the workload having stopped

  // The network.
  sim::LinkFaults inside;
  sim::LinkFaults between;

  // Nemeses: mean time between two, zero: never.
  Duration crash_every{0};  ///< any master or worker, any moment
  Duration leader_kill_every{0};
  Duration pause_every{0};
  Duration partition_every{0};
  Duration agency_trouble_every{0};  ///< a while in which writes time out although some of them happen
  Duration restart_after_max{0};
  Duration partition_max{0};
  Duration pause_max{0};

  // Workload on the source.
  std::uint32_t databases = 1;    ///< besides _system
  std::uint32_t collections = 3;  ///< kept about this many
  std::uint32_t shards_max = 3;
  std::uint32_t keys = 40;            ///< few keys: hot ones
  Duration write_every{0};            ///< mean
  Duration structure_every{0};        ///< mean; create, drop, index, truncate
  std::uint32_t documents_first = 0;  ///< there before the synchronization is configured
};

Options draw_options(std::uint64_t seed);

/// One line for people, printed when a seed fails or runs alone.
std::string banner(Options const& options);

}  // namespace arangosync::replay
