// The machine's clock and the kernel's randomness behind ports/runtime.h. Used by the daemons; simulation has its own.
// Thread-safe, stateless: any number of objects agree with each other. Never fails on a working Linux (else it aborts).
#pragma once

#include "ports/runtime.h"

namespace arangosync::clock {

/// `now()` counts from the boot of the machine and goes on while it sleeps: a lease must not outlive a suspended
/// virtual machine's nap unnoticed.
class OsClock final : public ports::Clock {
public:
  Instant now() override;
  WallTime wall_now() override;
};

/// 64 bits from the kernel per draw.
class OsEntropy final : public ports::EntropySource {
public:
  Entropy draw() override;
};

}  // namespace arangosync::clock
