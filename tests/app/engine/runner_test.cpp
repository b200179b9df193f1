// What the runner does with more commands than its inbox holds.
#include "app/engine/runner.h"

#include "domain/base/result.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace arangosync::engine {
namespace {

struct Counter {
  struct State {
    int sum = 0;
  };
  struct Add {
    int by = 0;
  };
  struct TimerFired {
    TimerName timer;
  };
  using Command = std::variant<Add, TimerFired>;
  using Event = Add;
  using Effect = int;
  using Refusal = std::string;

  static Expected<std::vector<Event>, Refusal> decide(State const&, Envelope<Command> const& command) {
    if (auto const* add = std::get_if<Add>(&command.body)) return std::vector<Event>{*add};
    return std::vector<Event>{};
  }
  static State evolve(State state, Event const& event) {
    state.sum += event.by;
    return state;
  }
  static std::vector<Effect> react(State const& after, Event const&) { return {after.sum}; }
  static std::vector<Effect> on_start(State const&) { return {}; }
  static std::vector<Effect> on_refusal(Command const&, Refusal const&) { return {}; }
  static bool is_durable(Event const&) { return false; }
  static bool forbids_saving(Event const&) { return false; }
  static void check_invariants(State const&) {}
  static std::size_t check_cost(State const&) { return 0; }
  static Token fresh_token(ports::EntropySource&) { return Token{}; }
};

struct Stopped final : ports::Clock, ports::EntropySource {
  Instant now() override { return Instant{}; }
  WallTime wall_now() override { return WallTime{}; }
  Entropy draw() override { return Entropy{1}; }
};

TEST(Runner, RefusesWhatIsOfferedToAFullInboxButTakesAnswers) {
  Stopped world;
  std::promise<int> sixteen;
  Runner<Counter> runner(Counter::State{},
                         {[&](int sum) {
                            if (sum == 16) sixteen.set_value(sum);
                          },
                          {}},
                         world, world, {}, 2);
  EXPECT_TRUE(runner.offer(Counter::Add{1}));
  EXPECT_TRUE(runner.offer(Counter::Add{2}));
  EXPECT_FALSE(runner.offer(Counter::Add{4})) << "nobody takes anything out yet";
  runner.post(Counter::Add{8});
  runner.post(Counter::Add{5});
  runner.start();
  EXPECT_EQ(sixteen.get_future().get(), 16) << "all but the refused one";
  runner.stop();
  EXPECT_FALSE(runner.offer(Counter::Add{1})) << "nobody will ever take it out";
}

}  // namespace
}  // namespace arangosync::engine
