// How this room reaches an engine: commands go in, questions are asked on the engine's strand. Made by app/master and
// app/worker.
#pragma once

#include "domain/master/master.h"
#include "domain/worker/worker.h"

#include <functional>

namespace arangosync::rest {

/// Largest request body a master or worker takes: bodies are read before rights are checked. The largest ones, status
/// reports of thousands of shards, stay far below.
inline constexpr std::size_t request_bytes_max = std::size_t{64} << 20;

struct MasterAccess {
  std::function<bool(master::Command)> offer;  ///< false: it has too much to do
  /// Runs the closure on the strand when nothing is unsaved, or never if the engine has stopped. It must be quick.
  std::function<void(std::function<void(master::State const&)>)> query;
  /// Questions will be answered: the cluster was reached and the engine runs. Empty: they always are.
  std::function<bool()> is_running;
};

struct WorkerAccess {
  std::function<bool(worker::Command)> offer;  ///< false: it has too much to do
  /// Runs the closure on the strand, after what was posted before, or never if the engine has stopped.
  std::function<void(std::function<void(worker::State const&)>)> query;
};

}  // namespace arangosync::rest
