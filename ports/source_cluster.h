// The own cluster as a source: structure, snapshots, log. Answers are posted to the worker's inbox.
// Implemented by adapters/cluster (HTTP, spec arangodb-read) and adapters/sim. Calls never block.
#pragma once

#include "domain/worker/vocabulary.h"

namespace arangosync::ports {

class SourceCluster {
public:
  virtual ~SourceCluster() = default;
  virtual void perform(worker::ReadStructure const& effect) = 0;
  virtual void perform(worker::OpenSnapshot const& effect) = 0;
  virtual void perform(worker::ReadSnapshot const& effect) = 0;
  virtual void perform(worker::ReadDifference const& effect) = 0;
  virtual void perform(worker::CloseSnapshot const& effect) = 0;
  virtual void perform(worker::ReadLog const& effect) = 0;
  virtual void perform(worker::ForgetReader const& effect) = 0;
};

}  // namespace arangosync::ports
