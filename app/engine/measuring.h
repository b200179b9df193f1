// Has a daemon's gauges measured now and then: by a query on the strand, one at a time.
//
// Called by the daemons' main threads, about every second. A strand that waits for a save is not asked twice.
#pragma once

#include "app/engine/runner.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <utility>

namespace arangosync::engine {

template <class Machine>
class Measuring {
public:
  /// Scrapers come every 10 s or so; a look costs what the state is large.
  static constexpr Duration pause = std::chrono::seconds(5);

  /// `runner` is stopped before this ends. `measure` runs on the strand.
  Measuring(Runner<Machine>& runner, std::function<void(typename Machine::State const&)> measure)
      : runner_(runner), measure_(std::move(measure)) {}

  void go_on(Instant now) {
    if (now < due_ || is_under_way_.exchange(true)) return;
    due_ = now + pause;
    runner_.query([this](typename Machine::State const& state) {
      measure_(state);
      is_under_way_ = false;
    });
  }

private:
  Runner<Machine>& runner_;
  std::function<void(typename Machine::State const&)> measure_;
  Instant due_;
  std::atomic<bool> is_under_way_{false};
};

}  // namespace arangosync::engine
