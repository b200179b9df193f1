// The promises of the design (section 7), each as a check that throws Violation with a sentence.
//
// Cheap ones run at every event of their kind; those that look at all documents run every few simulated seconds and at
// the end.
#pragma once

#include "adapters/sim/sim_cluster.h"
#include "app/replay/history.h"
#include "app/replay/host.h"

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace arangosync::replay {

class Violation : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

class Checkers final : public Witness {
public:
  Checkers(sim::World& world, sim::SimCluster& source, sim::SimCluster& target, History const& history);

  /// One leader's writes per term; the journal has no number twice.
  void saved(sim::Datacenter datacenter, std::string const& master, Term term, std::uint64_t first_sequence,
             std::uint64_t events) override;
  void task_started(std::string const& worker, task::Spec const& spec) override;
  /// A shard is written by one worker at a time: one that another has followed must have been told to start again.
  void applied(std::string const& worker, ShardRef const& shard);

  /// No document is on the target that the source never had; positions never pass unapplied data.
  void check_target() const;

  /// Why the target is not a copy of the source, or nothing.
  std::optional<std::string> difference() const;

private:
  void check_documents() const;
  void check_position(ShardRef const& shard, shard::Position const& position) const;
  std::optional<std::string> difference(inventory::Database const& source, inventory::Structure const& target) const;
  std::optional<std::string> difference(DatabaseName const& database, inventory::Collection const& source,
                                        inventory::Collection const& target) const;
  std::optional<std::string> surplus(inventory::Structure const& source, inventory::Structure const& target) const;

  struct Saves {
    std::map<Term, std::string> leaders;
    std::uint64_t last_sequence = 0;
  };
  sim::World& world_;
  sim::SimCluster& source_;
  sim::SimCluster& target_;
  History const& history_;
  std::map<sim::Datacenter, Saves> saves_;
  std::map<std::pair<std::string, ShardRef>, Instant> started_;      // by worker process
  std::map<ShardRef, std::map<std::string, Instant>> last_applied_;  // by worker process
};

}  // namespace arangosync::replay
