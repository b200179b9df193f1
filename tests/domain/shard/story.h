// Given / when / then for the machines of one shard: a machine, a clock, and the events of the last decision.
#pragma once

#include "domain/shard/receiver.h"
#include "domain/shard/sender.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace arangosync::shard {

using namespace std::chrono_literals;

inline ShardRef const the_shard{DatabaseName("d"), CollectionName("c"), 0};

inline Position position_at(std::uint64_t tick, std::string const& server = "PRMR-1", std::string const& shard = "s1") {
  return Position{ShardName(shard), ServerId(server), "77", Tick(tick), Tick(tick), {}};
}

inline Payload payload(std::size_t bytes, std::uint32_t count = 1) {
  return Payload{Blob(std::string(bytes, 'x')), count};
}

inline Fault fault(FaultClass fault_class, std::string message = "told so") {
  return Fault{fault_class, std::move(message)};
}

/// `Self` is the story of one machine, derived from this.
template <class Self, class State, class Event>
struct Story {
  State state;
  Instant now{1000s};
  std::uint64_t entropy = 7;
  RequestId last_request;
  Instant write_until{2000s};
  WallTime wall{5000s};
  std::vector<Event> events;

  Moment moment() { return Moment{now, wall, Draw(Entropy{++entropy}), last_request, write_until, 60s}; }
  /// Decides with `decide(state, moment)` and takes the events over.
  template <class Decide>
  Self& when(Decide decide) {
    Moment at = moment();
    events = decide(std::as_const(state), at);
    last_request = std::max(last_request, at.last_request);
    for (Event const& event : events) state = evolve(std::move(state), event);
    check_invariants(state);
    return static_cast<Self&>(*this);
  }
  Self& after(Duration duration) {
    now = now + duration;
    return static_cast<Self&>(*this);
  }
  /// The first event of this kind in the last decision; null if there is none.
  template <class Wanted>
  Wanted const* event() const {
    for (Event const& event : events) {
      if (auto const* found = std::get_if<Wanted>(&event)) return found;
    }
    return nullptr;
  }
};

}  // namespace arangosync::shard
