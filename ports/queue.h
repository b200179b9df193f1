// Ordered channels between the datacenters: each side publishes locally and reads remotely.
// Implemented by adapters/direct (HTTPS) and adapters/sim; later by adapters/kafka. Calls never block.
#pragma once

#include "domain/worker/vocabulary.h"

namespace arangosync::ports {

class Queue {
public:
  virtual ~Queue() = default;
  virtual void perform(worker::Subscribe const& effect) = 0;
  virtual void perform(worker::Unsubscribe const& effect) = 0;
  virtual void perform(worker::Commit const& effect) = 0;
  virtual void perform(worker::Publish const& effect) = 0;
  virtual void perform(worker::DropChannel const& effect) = 0;
};

}  // namespace arangosync::ports
