// What every command comes in: when it was taken from the inbox, and the randomness its decision may use.
#pragma once

#include "domain/base/entropy.h"
#include "domain/base/instant.h"

namespace arangosync {

template <class Command>
struct Envelope {
  Instant at;     ///< this process's monotonic clock
  WallTime wall;  ///< for values that people or other processes read
  Entropy entropy;
  Command body;
};

}  // namespace arangosync
