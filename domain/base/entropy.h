// Randomness as an input: 64 bits travel in each envelope, drawn by the engine (from the OS in production, from
// the seed in simulation). What the domain draws from them is recorded in events.
#pragma once

#include <cstdint>
#include <string>

namespace arangosync {

struct Entropy {
  std::uint64_t bits = 0;
  friend bool operator==(Entropy const&, Entropy const&) = default;
};

/// A stream of draws from one envelope's entropy (splitmix64). Ours, because the standard distributions differ
/// between libraries and a trace must replay anywhere.
class Draw {
public:
  explicit Draw(Entropy entropy) : state_(entropy.bits) {}

  std::uint64_t next();
  /// Uniform in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound);
  /// `length` characters of [A-Za-z0-9].
  std::string alphanumeric(std::size_t length);
  /// `length` lower-case hex digits.
  std::string hex(std::size_t length);

private:
  std::uint64_t state_;
};

}  // namespace arangosync
