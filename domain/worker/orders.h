// Which orders about tasks are overtaken: a worker does nothing that its leader has since ordered otherwise.
//
// A leader numbers its orders (docs/decisions/0027). Of one without an answer in time it gives a newer one, and the
// older one may still arrive, or arrive twice. A task that runs remembers the newest order it runs by; of those that
// were stopped this remembers the order that did it, under the present registration and term: older ones of either are
// refused before. Both for as long as an order can be late: an agency that was set back may have two leaders of one
// term, and the numbers of the second one may be smaller.
// Pure; used by the worker's machine (tasks.cpp, evolve.cpp).
#pragma once

#include "domain/base/ids.h"
#include "domain/base/instant.h"
#include "domain/base/limits.h"
#include "domain/worker/persistent_map.h"

#include <cstddef>

namespace arangosync::worker::orders {

/// So late may an order be. One that comes still later after another is not taken for the older of the two.
inline constexpr Duration late_max = limits::write_request_max;

/// An order without a term or a number (an original's) is neither newer nor older than another.
struct Order {
  Term term;
  RequestId number;
  Instant at;  ///< when it came
  friend bool operator==(Order const&, Order const&) = default;
};
bool is_numbered(Order const& order);
/// `than`: the one that came before it.
bool is_older(Order const& order, Order const& than);

/// Of so many stops it is known to which task they belong.
inline constexpr std::size_t stops_kept = 1024;

struct Stop {
  RequestId number;
  Instant at;
  friend bool operator==(Stop const&, Stop const&) = default;
};
struct State {
  PersistentMap<TaskId, Stop> stops;  ///< the newest of each
  Stop forgotten;                     ///< the newest of which the task is no longer known
  friend bool operator==(State const&, State const&) = default;
};

/// The task was ordered to stop since. `state`: what was heard under the order's own term.
bool is_overtaken(State const& state, TaskId const& task, Order const& start);
State stopped(State state, TaskId const& task, Stop const& stop);
void check_invariants(State const& state);

}  // namespace arangosync::worker::orders
