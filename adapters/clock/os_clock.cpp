#include "adapters/clock/os_clock.h"

#include "domain/base/check.h"

#include <cerrno>
#include <cstdint>
#include <ctime>

#include <sys/random.h>

namespace arangosync::clock {

namespace {

Duration read_clock(clockid_t which) {
  timespec at{};
  int const failed = clock_gettime(which, &at);
  DC_ASSERT(failed == 0);
  return std::chrono::seconds(at.tv_sec) + std::chrono::nanoseconds(at.tv_nsec);
}

}  // namespace

Instant OsClock::now() { return Instant(read_clock(CLOCK_BOOTTIME)); }

WallTime OsClock::wall_now() { return WallTime(read_clock(CLOCK_REALTIME)); }

Entropy OsEntropy::draw() {
  std::uint64_t bits = 0;
  // So few bytes come in one piece once the kernel has its entropy; before that the call waits and may be interrupted.
  for (;;) {
    auto const got = getrandom(&bits, sizeof bits, 0);
    if (got == static_cast<ssize_t>(sizeof bits)) return Entropy{bits};
    DC_ASSERT(got < 0 && errno == EINTR);
  }
}

}  // namespace arangosync::clock
