#include "adapters/sim/world.h"

#include "domain/base/check.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace arangosync::sim {

namespace {

// 2024-01-01T00:00:00Z, so that simulated time stamps look like time stamps.
constexpr Duration simulated_epoch = std::chrono::seconds(1'704'067'200);

}  // namespace

World::World(std::uint64_t seed) : draw_(Entropy{seed}) {}

WallTime World::wall_now() const { return WallTime(simulated_epoch + now_.since_start()); }

bool World::later(Event const& a, Event const& b) {
  if (a.at != b.at) return a.at > b.at;
  return a.sequence > b.sequence;
}

void World::at(Instant when, std::function<void()> work) {
  DC_ASSERT(work != nullptr);
  std::size_t place = works_.size();
  if (vacant_.empty()) {
    works_.push_back(std::move(work));
  } else {
    place = vacant_.back();
    vacant_.pop_back();
    works_[place] = std::move(work);
  }
  heap_.push_back(Event{std::max(when, now_), next_sequence_++, place});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

bool World::step(Instant until) {
  if (heap_.empty() || heap_.front().at > until) {
    now_ = std::max(now_, until);
    return false;
  }
  std::pop_heap(heap_.begin(), heap_.end(), later);
  Event const event = heap_.back();
  heap_.pop_back();
  DC_ASSERT(event.at >= now_);
  now_ = event.at;
  ++events_run_;
  std::function<void()> const work = std::exchange(works_[event.work], nullptr);
  vacant_.push_back(event.work);
  work();
  return true;
}

Duration World::between(Duration least, Duration most) {
  DC_ASSERT(least <= most);
  auto const span = static_cast<std::uint64_t>((most - least).count());
  return least + Duration(static_cast<Duration::rep>(draw_.below(span + 1)));
}

}  // namespace arangosync::sim
