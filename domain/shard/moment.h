// What a decision may use besides the state: the envelope it came in, a source of request ids, and until when it may
// write.
//
// Made by domain/worker for each command and handed to every machine that takes part in its decision, so that request
// ids stay unique and draws are never repeated.
#pragma once

#include "domain/base/entropy.h"
#include "domain/base/ids.h"
#include "domain/base/instant.h"

#include <algorithm>

namespace arangosync::shard {

struct Moment {
  Instant at;
  WallTime wall;
  Draw draw;
  RequestId last_request;
  Instant write_until;          ///< the target must not be written to at or after this
  Duration message_timeout{0};  ///< silence of a stream that makes its receiver ask anew
  /// The target was looked at a moment ago (domain/worker/pulse.h). Else it may have been set back since, and nothing
  /// is claimed of it.
  bool knows_target = false;
  Term term = {};  ///< of the leader whose orders count (domain/worker/registration.h); 0: none was told

  RequestId next_request() { return last_request = last_request.next(); }
  bool may_write() const { return at < write_until; }
};

/// Pause before the `failures`-th repetition of a failed call: doubles from retry_min to retry_max, the upper half is
/// jitter.
Duration pause_after(std::uint32_t failures, Draw& draw);
/// Pause after a failure that time alone is unlikely to mend (rights, permanent errors).
Duration slow_pause(Draw& draw);

/// The sooner of two wake-ups, either of which may be absent (Instant::max-like "never").
inline constexpr Instant never{Duration::max()};
inline Instant sooner(Instant a, Instant b) { return std::min(a, b); }

}  // namespace arangosync::shard
