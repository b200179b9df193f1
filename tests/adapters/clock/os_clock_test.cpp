// The operating system's side of ports/runtime.h.
#include "adapters/clock/os_clock.h"

#include <gtest/gtest.h>

#include <set>

using namespace arangosync;

TEST(OsClock, NeverGoesBack) {
  clock::OsClock clock;
  Instant last = clock.now();
  for (int i = 0; i < 1000; ++i) {
    Instant const now = clock.now();
    EXPECT_LE(last, now);
    last = now;
  }
}

TEST(OsClock, KnowsTheYear) {
  clock::OsClock clock;
  EXPECT_GT(clock.wall_now(), WallTime(std::chrono::hours(24 * 365 * 50)));
}

TEST(OsClock, IsTheSameForEveryObject) {
  clock::OsClock a, b;
  Instant const first = a.now();
  Instant const second = b.now();
  EXPECT_LE(first, second);
  EXPECT_LT(second - first, std::chrono::minutes(1));
}

TEST(OsEntropy, DoesNotRepeatItself) {
  clock::OsEntropy entropy;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(seen.insert(entropy.draw().bits).second);
}
