// The simulated cluster as a target: structure, documents and positions in the model, reached over the simulated
// network.
//
// The twin of the writing half of adapters/cluster. Which keys a copy has brought is kept in the worker process and
// dies with it. No request is served after its effect's deadline.
#pragma once

#include "adapters/sim/sim_cluster.h"
#include "ports/inbox.h"
#include "ports/target_cluster.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::sim {

class SimTargetCluster final : public ports::TargetCluster {
public:
  SimTargetCluster(Process& self, Network& network, SimCluster& cluster, ports::Inbox<worker::Command>& inbox)
      : self_(self), network_(network), cluster_(cluster), inbox_(inbox) {}

  void perform(worker::ReadTargetStructure const& effect) override;
  void perform(worker::ApplyStep const& effect) override;
  void perform(worker::ReadPosition const& effect) override;
  void perform(worker::StorePositions const& effect) override;
  void perform(worker::Beat const& effect) override;
  void perform(worker::CompareTree const& effect) override;
  void perform(worker::ApplyBatch const& effect) override;
  void perform(worker::RemoveSurplus const& effect) override;
  void perform(worker::ForgetCopy const& effect) override;

private:
  using Keys = std::shared_ptr<std::set<std::string, std::less<>>>;

  template <class Answer>
  void call(Instant deadline, std::function<Outcome<Answer>()> ask, std::function<void(Outcome<Answer>)> told);
  Outcome<Done> apply(inventory::Step const& step);
  Outcome<worker::ApplyReport> apply(ShardRef const& shard, std::vector<shard::Payload> const& changes,
                                     Keys const& copied, bool of_log);
  Outcome<worker::Comparison> compare(worker::CompareTree const& effect);
  Outcome<std::uint32_t> remove_revisions(ShardRef const& shard, std::vector<std::string_view> const& revisions);
  Outcome<ModelShard const*> find_shard(ShardRef const& shard) const;
  Outcome<std::uint64_t> remove_surplus(ShardRef const& shard, Keys const& copied);

  Process& self_;
  Network& network_;
  SimCluster& cluster_;
  ports::Inbox<worker::Command>& inbox_;
  std::map<worker::CopyId, Keys> copies_;
};

}  // namespace arangosync::sim
