// What a command has led to, in three numbers: enough to see at which command a replay takes another way.
#pragma once

#include "app/trace/codec.h"
#include "app/trace/redaction.h"

#include <cstdint>
#include <span>

namespace arangosync::trace {

struct Consequences {
  std::uint64_t events = 0;
  std::uint64_t effects = 0;
  std::uint64_t hash = 0;  ///< over the events, the effects and the refusal
  friend bool operator==(Consequences const&, Consequences const&) = default;
};

/// Adds up one command's consequences as an observer of the engine hears of them.
template <class Machine>
class Tally {
public:
  explicit Tally(Redactor& redactor) : redactor_(redactor) {}

  void clear() { sum_ = {}; }
  void event(typename Machine::Event const& event) {
    ++sum_.events;
    fold(Codec<Machine>::digest(event, redactor_));
  }
  void refusal(typename Machine::Refusal const& refusal) { fold(Codec<Machine>::digest(refusal, redactor_)); }
  void effects(std::span<typename Machine::Effect const> effects) {
    for (auto const& effect : effects) {
      ++sum_.effects;
      fold(Codec<Machine>::digest(effect, redactor_));
    }
  }
  Consequences const& sum() const { return sum_; }

private:
  void fold(std::uint64_t digest) { sum_.hash = (sum_.hash ^ digest) * 0x100000001b3ULL ^ (sum_.hash >> 29U); }

  Redactor& redactor_;
  Consequences sum_;
};

}  // namespace arangosync::trace
