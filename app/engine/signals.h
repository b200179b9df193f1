// A daemon's signals, taken synchronously by its main thread: SIGTERM and SIGINT mean stop, SIGHUP means reopen the
// log.
//
// Construct it before any other thread starts: threads inherit the mask, so that none of them is ever interrupted.
#pragma once

#include "domain/base/instant.h"

namespace arangosync::engine {

class Signals {
public:
  enum class Heard { Nothing, Stop, ReopenLog };

  Signals();
  /// Waits up to `patience` for the next signal.
  Heard wait(Duration patience);
};

}  // namespace arangosync::engine
