// The simulated network: a call is served, lost, served twice or answered too late, and its caller hears exactly once.
#include "adapters/sim/network.h"

#include <chrono>
#include <optional>

#include <gtest/gtest.h>

namespace arangosync::sim {
namespace {

using namespace std::chrono_literals;

struct SimulatedCall : testing::Test {
  World world{42};
  Network network{world};
  NodeId a = network.add_node(Datacenter::A, "a");
  NodeId b = network.add_node(Datacenter::B, "b");
  Process caller{world, a, "caller"};

  int served = 0;
  int heard = 0;
  int answered = 0;

  template <Network::Late late = Network::Late::Served>
  void call(Duration timeout = 5s) {
    network.call<int, late>(
        caller, b, timeout,
        [this](std::function<void(int)> answer) {
          ++served;
          answer(7);
        },
        [this](std::optional<int> answer) {
          ++heard;
          if (answer) ++answered;
        });
  }
  /// A request takes longer than its caller waits.
  void slow_down() {
    LinkFaults faults;
    faults.delay_min = 10s;
    faults.delay_max = 11s;
    network.set_faults(faults, faults);
  }
  void run(Duration duration = 1h) {
    Instant const until = world.now() + duration;
    while (world.step(until)) {
    }
  }
};

TEST_F(SimulatedCall, IsServedAndAnsweredOnceOnACalmNetwork) {
  call();
  run();
  EXPECT_EQ(served, 1);
  EXPECT_EQ(answered, 1);
  EXPECT_EQ(heard, 1);
}

TEST_F(SimulatedCall, EndsWithoutAnswerWhenTheRequestIsLost) {
  LinkFaults faults;
  faults.loss = 1000;
  network.set_faults(faults, faults);
  for (int i = 0; i < 20; ++i) call();
  run();
  EXPECT_EQ(served, 0);
  EXPECT_EQ(heard, 20);
  EXPECT_EQ(answered, 0);
}

TEST_F(SimulatedCall, MayHaveBeenServedAlthoughItsAnswerIsLost) {
  network.cut(b, a);
  call();
  run();
  EXPECT_EQ(served, 1);
  EXPECT_EQ(heard, 1);
  EXPECT_EQ(answered, 0);
}

TEST_F(SimulatedCall, MayBeServedTwiceAndIsHeardOnce) {
  LinkFaults faults;
  faults.duplication = 1000;
  network.set_faults(faults, faults);
  for (int i = 0; i < 20; ++i) call();
  run();
  EXPECT_GT(served, 20);
  EXPECT_EQ(heard, 20);
  EXPECT_EQ(answered, 20);
}

TEST_F(SimulatedCall, MayBeServedAfterItsCallerGaveUp) {
  slow_down();
  call(5s);
  run(5s);
  EXPECT_EQ(heard, 1);
  EXPECT_EQ(served, 0);
  run();
  EXPECT_EQ(served, 1);
  EXPECT_EQ(heard, 1);
  EXPECT_EQ(answered, 0);
}

TEST_F(SimulatedCall, IsNotServedThenWhereLateOnesAreDropped) {
  slow_down();
  call<Network::Late::Dropped>(5s);
  run();
  EXPECT_EQ(served, 0);
  EXPECT_EQ(heard, 1);
}

TEST_F(SimulatedCall, GetsThroughAgainAfterHealing) {
  network.cut_datacenters(Datacenter::A, Datacenter::B);
  call();
  run();
  EXPECT_EQ(answered, 0);
  network.heal();
  call();
  run();
  EXPECT_EQ(answered, 1);
}

TEST_F(SimulatedCall, IsNotHeardByACallerThatIsDead) {
  call();
  caller.kill();
  run();
  EXPECT_EQ(served, 1);  // it had left the machine already
  EXPECT_EQ(heard, 0);
}

TEST_F(SimulatedCall, OvertakesAnEarlierOneOnASlowNetwork) {
  LinkFaults faults;
  faults.delay_min = 0s;
  faults.delay_max = 2s;
  network.set_faults(faults, faults);
  bool overtaken = false;
  int last = -1;
  for (int i = 0; i < 20; ++i) {
    network.send(a, b, [&overtaken, &last, i] {
      if (i < last) overtaken = true;
      last = i;
    });
  }
  run();
  EXPECT_TRUE(overtaken);
}

}  // namespace
}  // namespace arangosync::sim
