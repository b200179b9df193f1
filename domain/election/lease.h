// The leader's lease as it lies in the agency (spec arangodb-read 2.9, arangosync-agency 2.2).
//
// A counter, not a time: the holder moves `beat` on; whoever sees the same value for longer than the expiry on its own
// monotonic clock may take over with the next term. No wall clocks are compared between machines. `term` fences
// every other write of the leader.
#pragma once

#include "domain/base/ids.h"

#include <cstdint>

namespace arangosync::election {

struct Lease {
  MasterId holder;  ///< empty: given back by its holder, free at once
  Term term;
  std::uint64_t beat = 0;
  friend bool operator==(Lease const&, Lease const&) = default;
};

}  // namespace arangosync::election
