// How this room reaches an engine: commands go in, questions are asked on the engine's strand. Made by app/master and
// app/worker.
#pragma once

#include "domain/master/master.h"
#include "domain/worker/worker.h"

#include <functional>

namespace arangosync::rest {

struct MasterAccess {
  std::function<void(master::Command)> post;
  /// Runs the closure on the strand when nothing is unsaved, or never if the engine has stopped. It must be quick.
  std::function<void(std::function<void(master::State const&)>)> query;
};

struct WorkerAccess {
  std::function<void(worker::Command)> post;
  /// Runs the closure on the strand, after what was posted before, or never if the engine has stopped.
  std::function<void(std::function<void(worker::State const&)>)> query;
};

}  // namespace arangosync::rest
