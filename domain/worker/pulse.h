// How a worker sees that the target is still as it left it: on the target it keeps a small document of its own, its
// pulse, and counts it up every few seconds. A target that was restored from a backup has an older count, or none: then
// nothing that this worker remembers of it is believed (docs/decisions/0019).
//
// Only its state and events; the decisions, which involve the tasks that write to the target, are in pulse.cpp. Every
// stored position carries the beat it was stored under, so that one that was stored between the restore and its being
// noticed is void by itself. Spec arangodb-write 1.8, 1.9.
#pragma once

#include "domain/base/ids.h"
#include "domain/base/instant.h"
#include "domain/worker/vocabulary.h"

#include <cstdint>
#include <optional>
#include <variant>

namespace arangosync::worker::pulse {

struct State {
  std::uint32_t writers = 0;         ///< tasks that write to the target
  PulseId id;                        ///< 0: none drawn yet
  std::uint64_t beat = 0;            ///< the last one that the target has seen; 0: none
  Instant beaten_first_at;           ///< that one was sent first then: any of its tries may be what the target saw
  Instant beaten_at;                 ///< that one was sent last then …
  WallTime beaten_wall;              ///< … by the calendar
  bool is_trusted = false;           ///< what is said of the target rests on that one
  std::optional<RequestId> request;  ///< the next one, under way
  Instant asked_first_at;
  Instant asked_at;
  WallTime asked_wall;
  std::uint32_t failures = 0;
  Instant beat_not_before;
  std::optional<Instant> armed;
  friend bool operator==(State const&, State const&) = default;
};

struct Asked {  ///< → Beat
  RequestId request;
  PulseId id;  ///< another one than before: its first beat
  Instant at;
  WallTime wall;
  friend bool operator==(Asked const&, Asked const&) = default;
};
struct Beaten {
  friend bool operator==(Beaten const&, Beaten const&) = default;
};
struct Missed {  ///< it is not known whether the target has seen it
  Instant retry_at;
  friend bool operator==(Missed const&, Missed const&) = default;
};
struct TrustEnded {  ///< too long ago: nothing is claimed of the target until the next one is answered
  friend bool operator==(TrustEnded const&, TrustEnded const&) = default;
};
struct TargetSetBack {  ///< the pulse is not as it was left, or proves nothing; it is never counted on
  friend bool operator==(TargetSetBack const&, TargetSetBack const&) = default;
};
struct Armed {  ///< → WakeAt
  Instant at;
  friend bool operator==(Armed const&, Armed const&) = default;
};
struct Woken {
  friend bool operator==(Woken const&, Woken const&) = default;
};
using Event = std::variant<Asked, Beaten, Missed, TrustEnded, TargetSetBack, Armed, Woken>;

State evolve(State state, Event const& event);
void check_invariants(State const& state);

/// What the request under way says; the deadline is the caller's.
Beat beat_of(State const& state, Instant deadline);
/// So long the last beat is good: no backup is brought back unseen before that.
Instant trusted_until(State const& state);
/// From then on the next answer would prove nothing of the time since.
Instant gap_from(State const& state);
/// Is the target known to be as we left it, a moment ago? Else no position is stored, and nothing is claimed of it
/// (docs/decisions/0033).
bool is_fresh(State const& state, Instant at);

}  // namespace arangosync::worker::pulse
