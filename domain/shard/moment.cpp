#include "domain/shard/moment.h"

#include "domain/base/check.h"
#include "domain/base/limits.h"

namespace arangosync::shard {

namespace {

/// Half of it for certain, the other half by chance, so that many who failed together do not come back together.
Duration with_jitter(Duration pause, Draw& draw) {
  auto const half = pause.count() / 2;
  return Duration(half + static_cast<Duration::rep>(draw.below(static_cast<std::uint64_t>(half) + 1)));
}

}  // namespace

Duration pause_after(std::uint32_t failures, Draw& draw) {
  DC_ASSERT(failures > 0);
  Duration pause = limits::retry_min;
  for (std::uint32_t i = 1; i < failures && pause < limits::retry_max; ++i) pause *= 2;
  return with_jitter(std::min(pause, limits::retry_max), draw);
}

Duration slow_pause(Draw& draw) { return with_jitter(limits::retry_max, draw); }

}  // namespace arangosync::shard
