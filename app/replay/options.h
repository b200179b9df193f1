// The world of one simulated run: topology, network, workload and bounds. What happens in it is the script (story.h).
//
// Drawn from the seed, or read from the first line of a scenario. Swarm testing: a seed switches each kind of trouble
// on or off, because troubles hide each other when all happen at once.
#pragma once

#include "adapters/sim/network.h"
#include "domain/base/entropy.h"
#include "domain/base/instant.h"
#include "domain/base/limits.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace arangosync::replay {

struct Options {
  std::uint64_t seed = 1;

  // Topology: A is replicated to B; with a third datacenter also A to C, or B to C (a chain).
  std::uint32_t datacenters = 2;
  std::uint32_t chain = 0;
  // Daemons and DB-Servers of A, and of each other datacenter.
  std::uint32_t source_masters = 2;
  std::uint32_t source_workers = 2;
  std::uint32_t source_servers = 2;
  std::uint32_t target_masters = 2;
  std::uint32_t target_workers = 2;
  std::uint32_t target_servers = 2;
  // 0: an old cluster, whose servers keep no revision trees.
  std::uint32_t source_trees = 1;
  std::uint32_t target_trees = 1;
  // 0: nobody can read the logs of A's servers, so that its shards are compared again and again.
  std::uint32_t source_log = 1;

  /// Of a token by which a datacenter reads the other's queue; a short one expires while a link is down.
  Duration token_lifetime = limits::token_lifetime;

  // The network while links are bad; a calm one otherwise.
  sim::LinkFaults inside;
  sim::LinkFaults between;

  // What users do in A.
  std::uint32_t databases = 1;    ///< besides _system
  std::uint32_t collections = 2;  ///< kept about this many
  std::uint32_t shards_max = 2;
  std::uint32_t keys = 40;            ///< few keys: hot ones
  std::uint32_t unique = 0;           ///< percent of new collections that get a unique index
  std::uint32_t documents_first = 0;  ///< there before anything is replicated
  std::uint32_t large_bytes = 0;      ///< of one document in some hundreds; 0: none is that large
  std::uint32_t extras = 0;           ///< 1: they also make views, define graphs and change more properties
  Duration write_every{0};            ///< mean; zero: nobody writes
  Duration structure_every{0};        ///< mean; create, drop, index, truncate, change; zero: never

  Duration convergence_max = std::chrono::minutes(5);  ///< after healing, the users having stopped
};

/// "seed=7 write-every=200ms": what differs from the defaults, in an order of its own. parse() reads it back and throws
/// std::invalid_argument on what it does not know.
std::string text_of(Options const& options);
Options parse_options(std::string_view text);

/// "1h", "90s", "250ms", "40us"; parse_duration throws std::invalid_argument.
std::string text_of(Duration duration);
Duration parse_duration(std::string_view text);

Options draw_options(std::uint64_t seed, Draw& draw);
/// So many shards that a minute of it costs as much as a quarter of an hour of others.
bool is_wide(Options const& options);

/// Calls visit(name, number or duration) for every field, which may change it.
template <class AnyOptions, class Visit>
void for_each_field(AnyOptions& options, Visit visit) {
  visit("seed", options.seed);
  visit("datacenters", options.datacenters);
  visit("chain", options.chain);
  visit("source-masters", options.source_masters);
  visit("source-workers", options.source_workers);
  visit("source-servers", options.source_servers);
  visit("target-masters", options.target_masters);
  visit("target-workers", options.target_workers);
  visit("target-servers", options.target_servers);
  visit("source-trees", options.source_trees);
  visit("target-trees", options.target_trees);
  visit("source-log", options.source_log);
  visit("token-lifetime", options.token_lifetime);
  auto link = [&](std::string const& name, auto& faults) {
    visit(name + "-loss", faults.loss);
    visit(name + "-duplication", faults.duplication);
    visit(name + "-slow", faults.slow);
    visit(name + "-delay-max", faults.delay_max);
    visit(name + "-slow-max", faults.slow_max);
  };
  link("inside", options.inside);
  link("between", options.between);
  visit("databases", options.databases);
  visit("collections", options.collections);
  visit("shards-max", options.shards_max);
  visit("keys", options.keys);
  visit("unique", options.unique);
  visit("documents-first", options.documents_first);
  visit("large-bytes", options.large_bytes);
  visit("extras", options.extras);
  visit("write-every", options.write_every);
  visit("structure-every", options.structure_every);
  visit("convergence-max", options.convergence_max);
}

}  // namespace arangosync::replay
