// How many times as long one thing takes as another one.
//
// Both run in turns on one thread and are timed by the CPU time of the process, so that neither other load nor the
// speed of the machine matters much; what counts is the median of the ratios. Used by tests/bench/main.cpp only.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

namespace arangosync::bench {

struct Figure {
  std::string what;
  std::string than;        ///< the reference
  double ratio = 0;        ///< median
  double ratio_least = 0;  ///< of all rounds
  double ratio_most = 0;
  double reference_ns = 0;  ///< median, for one unit of work
  std::string unit;
};

inline double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// Work is something whose result is a number; the numbers are kept, so that no compiler leaves the work out.
using Work = std::function<std::uint64_t()>;

inline std::uint64_t& kept() {
  static std::uint64_t sum = 0;
  return sum;
}

/// Time of one call, over as many calls as fill `least_s`.
inline double seconds_of(Work const& work, double least_s) {
  double const begin = cpu_seconds();
  double passed = 0;
  std::uint64_t calls = 0;
  while (passed < least_s) {
    kept() += work();
    ++calls;
    passed = cpu_seconds() - begin;
  }
  return passed / static_cast<double>(calls);
}

/// `units`: what one call of either works on (bytes, changes, tasks).
inline Figure compare(std::string what, Work const& subject, std::string than, Work const& reference,
                      std::uint64_t units, std::string unit) {
  constexpr std::size_t rounds = 15;
  constexpr double turn_s = 0.01;
  kept() += subject() + reference();  // warm
  std::vector<double> ratios;
  std::vector<double> references;
  for (std::size_t i = 0; i < rounds; ++i) {
    double const reference_s = seconds_of(reference, turn_s);
    ratios.push_back(seconds_of(subject, turn_s) / reference_s);
    references.push_back(reference_s);
  }
  std::sort(ratios.begin(), ratios.end());
  std::sort(references.begin(), references.end());
  double const reference_ns = references[rounds / 2] * 1e9 / static_cast<double>(units);
  return Figure{std::move(what), std::move(than), ratios[rounds / 2], ratios.front(),
                ratios.back(),   reference_ns,    std::move(unit)};
}

}  // namespace arangosync::bench
