// A barrier: the source's cluster is held read-only so that a target can catch up with all of it (spec arangosync-api
// 4.5, docs/decisions/0011).
//
// Used by the master's rooms on both sides. Lives only as long as the target keeps asking for it, and that asks only as
// long as somebody waits behind it.
#pragma once

#include "domain/base/ids.h"
#include "domain/base/instant.h"

#include <chrono>

namespace arangosync::sync {

using BarrierId = Strong<struct BarrierIdTag, std::string>;  ///< 16 of [A-Za-z0-9], drawn by the source

/// What a target wants of its source. Lift: it is to be told that the barrier is over.
enum class BarrierWish { None, Hold, Lift };

/// On the source.
enum class BarrierPhase { Raising, Held, Lifting };
struct Barrier {
  BarrierId id;
  BarrierPhase phase = BarrierPhase::Raising;
  WallTime held_at;  ///< since when the cluster is read-only, by the clock of the source's master
  friend bool operator==(Barrier const&, Barrier const&) = default;
};

/// What a source says of a target's barrier.
struct BarrierState {
  BarrierId id;
  bool is_held = false;  ///< the cluster is read-only …
  WallTime held_at;      ///< … since then, by the clock of the source's master
  friend bool operator==(BarrierState const&, BarrierState const&) = default;
};

namespace pace {

using namespace std::chrono_literals;

inline constexpr Duration barrier_renewal = 10s;  ///< a target asks its source this often, and …
inline constexpr Duration barrier_poll = 500ms;   ///< … this often until the answer is that it is held.
inline constexpr Duration barrier_trust = 30s;    ///< so long after an answer the target takes it for true, and …
inline constexpr Duration barrier_lease = 90s;    ///< … so long after a question the source goes on.
/// So long after the last sign that somebody waits behind it the target gives a barrier up. Tools ask every few
/// seconds, Kubernetes operators about every minute.
inline constexpr Duration barrier_interest = 180s;
inline constexpr Duration barrier_interest_step = 5s;  ///< signs that come sooner one after the other are one
inline constexpr Duration peer_call_max = 30s;         ///< a call to a master of the other datacenter is given up then
/// Clocks within one datacenter agree that well. A shard is in sync when its log was read to its end, and the structure
/// when it was read, so long after the cluster became read-only.
inline constexpr Duration clocks_agree = 5s;

static_assert(barrier_renewal * 2 < barrier_trust);
static_assert(barrier_trust + peer_call_max < barrier_lease);
static_assert(barrier_interest_step * 2 < barrier_interest);

}  // namespace pace

}  // namespace arangosync::sync
