// One datacenter's simulated ArangoDB cluster: the model, where its servers are on the network, and what the replicator
// remembers in it beside the documents.
//
// Positions, origins and pulses live as long as the cluster, as the system collections of the real target do; they are
// kept apart from the model here because nothing but the target port looks at them.
#pragma once

#include "adapters/sim/agency_model.h"
#include "adapters/sim/cluster_model.h"
#include "adapters/sim/network.h"
#include "domain/inventory/plan.h"
#include "domain/inventory/structure.h"
#include "domain/revision/tree.h"
#include "domain/shard/position.h"
#include "domain/worker/vocabulary.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace arangosync::sim {

struct SimCluster {
  /// `truncate_marker_from`, `revision_trees`: see ClusterModel::Options.
  SimCluster(World& world, Network& network, Datacenter datacenter, unsigned db_servers, bool revision_trees = true,
             std::uint64_t truncate_marker_from = 8);

  std::unique_ptr<ClusterModel> model;
  std::unique_ptr<AgencyModel> agency;
  NodeId coordinator;
  NodeId agency_node;
  bool revision_trees;
  bool log_is_closed = false;  ///< nobody can read the servers' logs, only how far they go (spec read 1.5.4)
  /// Chance in 1/1000 that an agency write happens and its answer is lost, beyond what the network does.
  std::uint32_t agency_silence = 0;
  bool agency_is_down = false;  ///< no majority: nothing is read or written
  /// Until then agents elect a leader: nothing is read; of what is written half is in the new leader's log, unanswered.
  Instant agency_elects_until;
  std::uint32_t refusals = 0;  ///< chance in 1/1000 that the coordinator answers a target's request with 503
  std::uint32_t poison = 0;    ///< chance in 1/1000 that it finds a batch of documents unacceptable
  Duration slowness{0};        ///< it answers a target's request that late
  std::map<ServerId, NodeId> servers;

  /// Makes the agency show the plan as it is now: what the servers of the cluster do themselves.
  void show_plan();

  /// Told of every change of documents that a replicator's request makes, when it is made; for checkers. May be empty.
  std::function<void(Process const& by, ShardRef const& shard)> on_apply;

  struct KnownStructure {
    std::uint64_t plan_version = 0;
    inventory::Structure structure;
  };
  KnownStructure known_structure;

  struct KeptPosition {
    shard::Position position;
    worker::Stamp stamp;
  };
  inventory::Origins origins;
  std::map<ShardRef, KeptPosition> positions;
  /// Changes of a log that was read again and would have pushed a newer document aside: shard, key, revision.
  std::set<std::tuple<ShardRef, std::string, std::string>> given_way;
  std::map<worker::PulseId, std::uint64_t> pulses;  ///< how far each has come
  /// What is stored of the shard; null: nothing, or its stamp is void.
  shard::Position const* position_of(ShardRef const& shard) const;
  /// Told when somebody looks for a shard's position; for checkers. May be empty.
  std::function<void(Process const& by, ShardRef const& shard)> on_position_read;
  /// Told when a position is stored, unless it is void; for checkers. May be empty.
  std::function<void(Process const& by, ShardRef const& shard, shard::Position const& position)> on_position;

  /// The whole cluster as it is now; what the replicator keeps beside the documents goes back with them.
  void take_backup();
  bool has_backup() const { return kept_.has_value(); }
  /// False if there is none.
  bool restore_backup();

private:
  struct Kept {
    std::shared_ptr<ClusterModel::Backup const> model;
    inventory::Origins origins;
    std::map<ShardRef, KeptPosition> positions;
    std::map<worker::PulseId, std::uint64_t> pulses;
  };
  std::optional<Kept> kept_;
  std::uint64_t shown_plan_version_ = 0;
};

/// The structure as the cluster's inventory shows it (spec arangodb-read 4.2).
inventory::Structure structure_of(ClusterModel const& model);
/// The same, made anew only when the model's structure has changed.
inventory::Structure const& structure_of(SimCluster& cluster);
inventory::Collection structure_of(ModelCollection const& collection);

/// Bodies of the requests that create what the structure describes.
std::string creating_body(inventory::Collection const& collection);
std::string creating_body(inventory::Index const& index);

/// The revision tree that a server keeps of a shard with these documents; absent: it can keep none.
std::optional<revision::Tree> tree_of_documents(std::vector<ModelDocumentPtr> const& documents);

Fault fault_of(ModelError const& error);

}  // namespace arangosync::sim
