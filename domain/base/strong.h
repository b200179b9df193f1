// Strong typedefs: a value with an identity of its own.
//
// Every id, name and counter of the domain is a distinct type, so that a task id cannot be passed where a
// worker id is meant. No arithmetic, no implicit conversion; a counter names its successor with next().
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

namespace arangosync {

template <class Tag, class T>
class Strong {
public:
  using value_type = T;

  Strong() = default;
  explicit Strong(T value) : value_(std::move(value)) {}

  T const& value() const { return value_; }

  friend auto operator<=>(Strong const&, Strong const&) = default;
  friend bool operator==(Strong const&, Strong const&) = default;

private:
  T value_{};
};

/// Same, for counters: 64 bits, only ever moves on by next().
template <class Tag>
class StrongCounter {
public:
  constexpr StrongCounter() = default;
  constexpr explicit StrongCounter(std::uint64_t value) : value_(value) {}

  constexpr std::uint64_t value() const { return value_; }
  constexpr StrongCounter next() const { return StrongCounter(value_ + 1); }

  friend constexpr auto operator<=>(StrongCounter const&, StrongCounter const&) = default;

private:
  std::uint64_t value_ = 0;
};

}  // namespace arangosync
