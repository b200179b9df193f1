// The own cluster as a target, over HTTP and through Coordinators only (spec arangodb-write; recipe in its section 13).
// Built by app/worker; thread-safe; calls return at once and answers are posted to the worker's inbox from Io threads.
// Nothing is posted any more once the destructor has returned, and nothing is sent after an effect's deadline.
//
// Positions, origins and pulses are documents of system collections in `_system`, made on demand (own_collections.h).
// The keys that a full copy brought are held in memory until RemoveSurplus or ForgetCopy.
#pragma once

#include "adapters/cluster/connection.h"
#include "adapters/http/http.h"
#include "ports/inbox.h"
#include "ports/target_cluster.h"

#include <cstdint>
#include <memory>

namespace arangosync::cluster {

/// What the operator allows on this cluster (spec arangosync-api 5.1).
struct TargetRules {
  std::uint32_t least_copies = 1;  ///< of a shard
  std::uint32_t most_copies = ~std::uint32_t{0};
  bool keeps_root = false;  ///< the user root is not replicated
};

class TargetClusterHttp final : public ports::TargetCluster {
public:
  TargetClusterHttp(http::Io& io, http::Client& client, Connection& connection, ports::Inbox<worker::Command>& inbox,
                    TargetRules rules = {});
  ~TargetClusterHttp() override;

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
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace arangosync::cluster
