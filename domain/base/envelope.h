// What every command comes in: when it was taken from the inbox, and the randomness its decision may use.
//
// Everything but `fresh_token` is written to the trace as it is. Whoever reads a trace knows the entropy and with it
// all that was drawn from it; a token must not be among that, so it comes by itself.
#pragma once

#include "domain/base/entropy.h"
#include "domain/base/ids.h"
#include "domain/base/instant.h"

namespace arangosync {

template <class Command>
struct Envelope {
  Instant at;     ///< this process's monotonic clock
  WallTime wall;  ///< for values that people or other processes read
  Entropy entropy;
  Command body;
  Token fresh_token;  ///< never used before; a decision may issue it, once. Empty for machines that issue none
};

}  // namespace arangosync
