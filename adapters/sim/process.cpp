#include "adapters/sim/process.h"

#include "domain/base/check.h"

#include <chrono>
#include <utility>

namespace arangosync::sim {

namespace {

constexpr std::int64_t million = 1'000'000;
// What a bad quartz does; see also set_wall_error().
constexpr std::int64_t drift_ppm_max = 500;

}  // namespace

Process::Process(World& world, NodeId node, std::string name)
    : world_(world),
      node_(node),
      name_(std::move(name)),
      entropy_(world.fork()),
      clock_offset_(world.between(std::chrono::seconds(1), std::chrono::hours(1000))),
      drift_ppm_(static_cast<std::int64_t>(world.draw().below(2 * drift_ppm_max + 1)) - drift_ppm_max) {}

Instant Process::local(Instant of_world) const {
  Duration const passed = of_world.since_start();
  return Instant(passed + passed * drift_ppm_ / million + clock_offset_);
}

Instant Process::of_world(Instant local) const {
  Duration const shown = local.since_start() - clock_offset_;
  // Rounded up twice: a timer must not find its instant still ahead.
  std::int64_t const rate = million + drift_ppm_;
  return Instant(shown / rate * million + shown % rate * million / rate + Duration(2));
}

Duration Process::wall_error() const { return wall_error_ + (world_.now() - wall_set_at_) * wall_drift_ppm_ / million; }

void Process::set_wall_drift(Duration error, std::int64_t ppm) {
  wall_error_ = error;
  wall_drift_ppm_ = ppm;
  wall_set_at_ = world_.now();
}

void Process::kill() {
  DC_ASSERT(alive_);
  alive_ = false;
  paused_ = false;
  died_at_ = world_.now();
  deferred_.clear();
  timers_.clear();
}

void Process::pause() {
  DC_ASSERT(alive_);
  paused_ = true;
}

void Process::resume() {
  if (!alive_ || !paused_) return;
  paused_ = false;
  // In order of arrival; what they cause is scheduled behind them.
  while (!deferred_.empty() && alive_ && !paused_) {
    auto work = std::move(deferred_.front());
    deferred_.pop_front();
    work();
  }
}

bool Process::disarm(TimerName const& timer, std::uint64_t arming) {
  auto const known = timers_.find(timer);
  if (known == timers_.end() || known->second != arming) return false;
  timers_.erase(known);
  return true;
}

}  // namespace arangosync::sim
