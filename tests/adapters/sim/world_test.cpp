// Simulated time and processes: order, determinism, and what a kill or a pause does to work under way.
#include "adapters/sim/world.h"
#include "adapters/sim/process.h"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace arangosync::sim {
namespace {

using namespace std::chrono_literals;

void run_all(World& world) {
  while (world.step(world.now() + 1h)) {
  }
}

TEST(SimulatedTime, RunsEventsInOrderOfTimeAndOfSchedulingWithinAnInstant) {
  World world(1);
  std::string order;
  world.after(2s, [&] { order += 'c'; });
  world.after(1s, [&] { order += 'a'; });
  world.after(1s, [&] { order += 'b'; });
  run_all(world);
  EXPECT_EQ(order, "abc");
}

TEST(SimulatedTime, NeverRunsWorkOnTheStackOfWhoSchedulesIt) {
  World world(1);
  std::string order;
  world.after(1s, [&] {
    world.after(0s, [&] { order += "later"; });
    order += "first ";
  });
  run_all(world);
  EXPECT_EQ(order, "first later");
}

TEST(SimulatedTime, StopsAtTheInstantAskedForAndMovesTheClockThere) {
  World world(1);
  bool ran = false;
  world.after(10s, [&] { ran = true; });
  EXPECT_FALSE(world.step(Instant(5s)));
  EXPECT_EQ(world.now(), Instant(5s));
  EXPECT_FALSE(ran);
  EXPECT_TRUE(world.step(Instant(10s)));
  EXPECT_TRUE(ran);
}

TEST(SimulatedTime, DrawsTheSameFromTheSameSeedAndSomethingElseFromAnother) {
  auto draws = [](std::uint64_t seed) {
    World world(seed);
    std::vector<Duration> drawn;
    for (int i = 0; i < 8; ++i) drawn.push_back(world.between(0s, 1h));
    return drawn;
  };
  EXPECT_EQ(draws(7), draws(7));
  EXPECT_NE(draws(7), draws(8));
}

TEST(SimulatedProcess, DoesNothingMoreOnceItIsKilled) {
  World world(1);
  Process process(world, NodeId(0), "worker");
  bool ran = false;
  process.wake_at(TimerName("t"), process.now() + 1s, [&] { ran = true; });
  process.enter_later([&] { ran = true; });
  process.kill();
  process.enter([&] { ran = true; });
  run_all(world);
  EXPECT_FALSE(ran);
}

TEST(SimulatedProcess, DoesLaterWhatReachesItWhilePaused) {
  World world(1);
  Process process(world, NodeId(0), "worker");
  std::string order;
  process.pause();
  process.enter([&] { order += 'a'; });
  process.wake_at(TimerName("t"), process.now() + 1s, [&] { order += 'b'; });
  while (world.step(Instant(2s))) {
  }
  EXPECT_EQ(order, "");
  process.resume();
  EXPECT_EQ(order, "ab");
}

TEST(SimulatedProcess, KeepsOnlyTheLatestArmingOfATimer) {
  World world(1);
  Process process(world, NodeId(0), "worker");
  std::vector<int> fired;
  process.wake_at(TimerName("t"), process.now() + 1s, [&] { fired.push_back(1); });
  process.wake_at(TimerName("t"), process.now() + 3s, [&] { fired.push_back(3); });
  run_all(world);
  EXPECT_EQ(fired, std::vector<int>{3});
}

TEST(SimulatedProcess, HasAClockOfItsOwn) {
  World world(1);
  Process a(world, NodeId(0), "a");
  Process b(world, NodeId(1), "b");
  EXPECT_NE(a.now(), b.now());
  EXPECT_LE(a.of_world(a.now()) - world.now(), 2ns);
}

TEST(SimulatedProcess, HasAClockThatDriftsAndWhoseTimersNeverFireEarly) {
  World world(1);
  Process a(world, NodeId(0), "a");
  Instant const before = a.now();
  Instant const due = before + 1h;
  Instant fired;
  a.wake_at(TimerName("t"), due, [&] { fired = a.now(); });
  world.step(Instant(2h));
  EXPECT_GE(fired, due);
  EXPECT_LE(fired - due, 10ns);
  EXPECT_NE(world.now().since_start(), 1h);
}

TEST(SimulatedProcess, ShowsAWrongDateOnlyOnTheCalendar) {
  World world(1);
  Process a(world, NodeId(0), "a");
  Instant const before = a.now();
  a.set_wall_error(-1h);
  EXPECT_EQ(a.wall_now(), world.wall_now() + -1h);
  EXPECT_EQ(a.now(), before);
}

}  // namespace
}  // namespace arangosync::sim
