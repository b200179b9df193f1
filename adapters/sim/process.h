// A simulated operating system process: a place on the network, a clock, timers, and an end.
//
// Everything that happens inside a process (a message arrives, a timer fires, an answer comes back) goes through
// enter(): at once while the process runs, later while it is paused, never once it is dead. Its clock starts at an
// arbitrary value, so that an instant that escapes to another process is seen to be nonsense.
#pragma once

#include "adapters/sim/world.h"
#include "domain/base/ids.h"
#include "ports/runtime.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace arangosync::sim {

/// A machine on the network; several processes may live there one after the other.
using NodeId = Strong<struct NodeIdTag, std::uint32_t>;

class Process final : public ports::Clock, public ports::EntropySource {
public:
  Process(World& world, NodeId node, std::string name);

  World& world() const { return world_; }
  NodeId node() const { return node_; }
  std::string const& name() const { return name_; }

  bool is_alive() const { return alive_; }
  bool is_paused() const { return paused_; }
  /// When it was killed; meaningful only then.
  Instant died_at() const { return died_at_; }

  /// Runs `work` as this process: now, after resume(), or never.
  template <class Work>
  void enter(Work work) {
    if (!alive_) return;
    if (paused_) {
      deferred_.emplace_back(std::move(work));
    } else {
      work();
    }
  }
  /// The same, never on the caller's stack.
  template <class Work>
  void enter_later(Work work) {
    world_.at(world_.now(), [this, work = std::move(work)]() mutable { enter(std::move(work)); });
  }

  /// kill -9: memory, timers and everything under way inside are gone.
  void kill();
  /// kill -STOP and -CONT. Time goes on outside.
  void pause();
  void resume();

  /// Named timer by this process's clock; arming a name again replaces it.
  template <class Work>
  void wake_at(TimerName const& timer, Instant at, Work work) {
    auto fire = [this, timer, arming = arm(timer), work = std::move(work)]() mutable {
      if (disarm(timer, arming)) work();
    };
    world_.at(of_world(at), [this, fire = std::move(fire)]() mutable { enter(std::move(fire)); });
  }

  Instant now() override { return local(world_.now()); }
  WallTime wall_now() override { return world_.wall_now() + wall_error(); }
  Entropy draw() override { return Entropy{entropy_.next()}; }

  /// Somebody sets the machine's calendar clock wrong by that much, or right again. The monotonic clock goes on.
  void set_wall_error(Duration error) { set_wall_drift(error, 0); }
  /// From now on the calendar clock runs too fast by so many millionths, or too slow.
  void set_wall_drift(std::int64_t ppm) { set_wall_drift(wall_error(), ppm); }
  Duration wall_error() const;

  Instant local(Instant of_world) const;
  /// The first true instant at which the process's clock shows `local` or later.
  Instant of_world(Instant local) const;

private:
  void set_wall_drift(Duration error, std::int64_t ppm);
  std::uint64_t arm(TimerName const& timer) { return timers_[timer] = ++armings_; }
  /// False: another arming has replaced this one.
  bool disarm(TimerName const& timer, std::uint64_t arming);

  World& world_;
  NodeId node_;
  std::string name_;
  Draw entropy_;
  Duration clock_offset_;
  std::int64_t drift_ppm_;  // how much too fast the monotonic clock runs
  Duration wall_error_{0};  // when its drift was set last
  std::int64_t wall_drift_ppm_ = 0;
  Instant wall_set_at_;  // world's time
  bool alive_ = true;
  bool paused_ = false;
  Instant died_at_;
  std::deque<std::function<void()>> deferred_;
  std::map<TimerName, std::uint64_t> timers_;  // the latest arming of each
  std::uint64_t armings_ = 0;
};

}  // namespace arangosync::sim
