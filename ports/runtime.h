// Time and chance. The engine's runner draws both; the domain only sees them in envelopes.
// Implemented by adapters/clock and adapters/sim.
#pragma once

#include "domain/base/entropy.h"
#include "domain/base/ids.h"
#include "domain/base/instant.h"

namespace arangosync::ports {

class Timer {
public:
  virtual ~Timer() = default;
  /// Posts the machine's TimerFired{timer} at `at` or soon after; replaces an earlier wake-up of that name.
  virtual void wake_at(TimerName const& timer, Instant at) = 0;
};

class Clock {
public:
  virtual ~Clock() = default;
  virtual Instant now() = 0;  ///< monotonic
  virtual WallTime wall_now() = 0;
};

class EntropySource {
public:
  virtual ~EntropySource() = default;
  virtual Entropy draw() = 0;
};

}  // namespace arangosync::ports
