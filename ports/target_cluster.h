// The own cluster as a target: structure, documents, positions. Answers are posted to the worker's inbox.
// Implemented by adapters/cluster (HTTP, spec arangodb-write) and adapters/sim. Calls never block. Nothing is sent
// to the cluster after an effect's deadline; a call under way then is given up.
#pragma once

#include "domain/worker/vocabulary.h"

namespace arangosync::ports {

class TargetCluster {
public:
  virtual ~TargetCluster() = default;
  virtual void perform(worker::ReadTargetStructure const& effect) = 0;
  virtual void perform(worker::ApplyStep const& effect) = 0;
  virtual void perform(worker::ReadPosition const& effect) = 0;
  virtual void perform(worker::StorePositions const& effect) = 0;
  virtual void perform(worker::Beat const& effect) = 0;
  virtual void perform(worker::CompareTree const& effect) = 0;
  virtual void perform(worker::ApplyBatch const& effect) = 0;
  virtual void perform(worker::RemoveSurplus const& effect) = 0;
  virtual void perform(worker::ForgetCopy const& effect) = 0;
};

}  // namespace arangosync::ports
