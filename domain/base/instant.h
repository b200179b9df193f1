// Time as the domain sees it. Nothing here can ask what time it is: instants arrive in envelopes.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

namespace arangosync {

using Duration = std::chrono::nanoseconds;

/// A point on this process's own monotonic clock. Not comparable between processes.
class Instant {
public:
  constexpr Instant() = default;
  constexpr explicit Instant(Duration since_start) : since_start_(since_start) {}

  constexpr Duration since_start() const { return since_start_; }

  friend constexpr Instant operator+(Instant at, Duration by) { return Instant(at.since_start_ + by); }
  friend constexpr Duration operator-(Instant a, Instant b) { return a.since_start_ - b.since_start_; }
  friend constexpr auto operator<=>(Instant const&, Instant const&) = default;

private:
  Duration since_start_{0};
};

/// Wall clock, nanoseconds since 1970-01-01T00:00Z. For people and for other processes to read; never for deadlines
/// of our own. Zero means "never" and prints as Go's zero time (spec arangosync-api 1).
class WallTime {
public:
  constexpr WallTime() = default;
  constexpr explicit WallTime(Duration since_epoch) : since_epoch_(since_epoch) {}

  constexpr Duration since_epoch() const { return since_epoch_; }
  constexpr bool is_zero() const { return since_epoch_ == Duration{0}; }

  friend constexpr WallTime operator+(WallTime at, Duration by) { return WallTime(at.since_epoch_ + by); }
  friend constexpr Duration operator-(WallTime a, WallTime b) { return a.since_epoch_ - b.since_epoch_; }
  friend constexpr auto operator<=>(WallTime const&, WallTime const&) = default;

private:
  Duration since_epoch_{0};
};

}  // namespace arangosync
