// Simulated time: a queue of things that will happen, run one after the other on one thread.
//
// Used by everything in adapters/sim and by app/replay. Two events of the same instant run in the order in which they
// were scheduled, and every chance is drawn from the seed: the same seed gives the same run, byte for byte. Nothing
// here looks at the real clock, at addresses or at the environment.
#pragma once

#include "domain/base/entropy.h"
#include "domain/base/instant.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace arangosync::sim {

class World {
public:
  explicit World(std::uint64_t seed);
  World(World const&) = delete;
  World& operator=(World const&) = delete;

  /// The one true time, from 0. Processes have clocks of their own (process.h).
  Instant now() const { return now_; }
  /// The same time as a calendar shows it; all simulated machines agree on it.
  WallTime wall_now() const;

  /// Never runs `work` on the caller's stack. An instant that has passed means "as soon as possible".
  void at(Instant when, std::function<void()> work);
  void after(Duration delay, std::function<void()> work) { at(now_ + delay, std::move(work)); }

  /// Runs the next event, if it is due at or before `until`; otherwise moves the clock there and returns false.
  bool step(Instant until);

  std::uint64_t events_run() const { return events_run_; }
  std::size_t events_pending() const { return heap_.size(); }

  // ---- chance -----------------------------------------------------------------------------------------------------
  Draw& draw() { return draw_; }
  bool chance(std::uint32_t per_mille) { return per_mille > 0 && draw_.below(1000) < per_mille; }
  Duration between(Duration least, Duration most);
  /// An independent stream, so that one consumer's draws do not shift another's.
  Draw fork() { return Draw(Entropy{draw_.next()}); }

private:
  struct Event {
    Instant at;
    std::uint64_t sequence = 0;
    std::size_t work = 0;  // its place in works_: what is small is cheaply sorted
  };
  static bool later(Event const& a, Event const& b);

  Instant now_;
  Draw draw_;
  std::vector<Event> heap_;
  std::vector<std::function<void()>> works_;
  std::vector<std::size_t> vacant_;  // places in works_
  std::uint64_t next_sequence_ = 0;
  std::uint64_t events_run_ = 0;
};

}  // namespace arangosync::sim
