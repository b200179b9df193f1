// A daemon's signals, taken synchronously by its main thread: SIGTERM and SIGINT mean stop, SIGHUP means reopen the
// log.
//
// Construct it before any other thread starts: threads inherit the mask, so that none of them is ever interrupted.
#pragma once

#include "domain/base/instant.h"

#include <functional>

namespace arangosync::engine {

class Signals {
public:
  Signals();
  /// What SIGHUP does, whatever is waited for when it comes. Nothing until it is set.
  std::function<void()> reopen_log;
  /// Waits up to `patience` for the next signal; true if it says stop.
  bool wait(Duration patience);
};

}  // namespace arangosync::engine
