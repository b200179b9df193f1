// One simulated datacenter: its cluster and its daemons, which can be killed, paused and started again.
#pragma once

#include "adapters/sim/sim_cluster.h"
#include "app/replay/host.h"
#include "app/replay/options.h"

#include <memory>
#include <string>
#include <vector>

namespace arangosync::replay {

class Site {
public:
  Site(sim::World& world, sim::Network& network, sim::Directory& directory, sim::SimCluster& cluster,
       sim::Datacenter datacenter, Trace& trace, Witness& witness, Options const& options);

  /// Starts what is down, daemons that died of themselves included.
  void start_all();
  void start(sim::NodeId daemon);

  std::size_t masters() const { return masters_.size(); }
  std::size_t workers() const { return workers_.size(); }
  /// Null while it is down.
  MasterHost* master(std::size_t index) { return masters_[index].running.get(); }
  WorkerHost* worker(std::size_t index) { return workers_[index].running.get(); }
  sim::NodeId master_node(std::size_t index) const { return masters_[index].node; }
  sim::NodeId worker_node(std::size_t index) const { return workers_[index].node; }

  void kill_master(std::size_t index);
  void kill_worker(std::size_t index);
  void start_master(std::size_t index);
  void start_worker(std::size_t index);

  /// Nobody listens any more where a daemon has died.
  void bury_dead();

  /// The live master that leads, or null; of two that believe so, the one of the later term.
  MasterHost* leader();
  std::vector<Url> master_endpoints() const;
  Url master_endpoint(std::size_t index) const { return masters_.at(index).endpoint; }
  sim::SimCluster& cluster() { return cluster_; }
  sim::Datacenter datacenter() const { return datacenter_; }

private:
  template <class HostType>
  struct Slot {
    Url endpoint;
    sim::NodeId node;
    std::string name;
    int starts = 0;
    std::unique_ptr<HostType> running;
    std::vector<std::unique_ptr<HostType>> dead;  // what is under way may still name them
  };
  Surroundings around() { return {world_, network_, directory_, cluster_, datacenter_, trace_, witness_}; }

  sim::World& world_;
  sim::Network& network_;
  sim::Directory& directory_;
  sim::SimCluster& cluster_;
  sim::Datacenter datacenter_;
  Trace& trace_;
  Witness& witness_;
  Duration token_lifetime_;
  std::vector<Slot<MasterHost>> masters_;
  std::vector<Slot<WorkerHost>> workers_;
};

}  // namespace arangosync::replay
