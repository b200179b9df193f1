// Proves the order of the engine's loop with a toy machine: nothing is performed before it is saved, commands and
// queries wait behind a save, a failed save silences what rested on it.
#include "app/engine/engine.h"

#include "domain/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace arangosync::engine {
namespace {

// A counter that must be saved (Add), a greeting that need not be (Greet), a word it refuses (Bad).
struct Toy {
  struct State {
    int sum = 0;
    int failures = 0;
    std::size_t size = 0;
    std::shared_ptr<int> checks = std::make_shared<int>(0);
  };
  struct Add {
    int by;
  };
  struct Greet {
    std::string whom;
  };
  struct Bad {};
  struct SaveFailed {};
  using Command = std::variant<Add, Greet, Bad, SaveFailed>;
  struct Added {
    int by;
  };
  struct Greeted {
    std::string whom;
  };
  struct Fallen {};
  using Event = std::variant<Added, Greeted, Fallen>;
  using Effect = std::string;
  using Refusal = std::string;

  static Expected<std::vector<Event>, Refusal> decide(State const&, Envelope<Command> const& command) {
    if (auto const* add = std::get_if<Add>(&command.body)) return std::vector<Event>{Added{add->by}};
    if (auto const* greet = std::get_if<Greet>(&command.body)) return std::vector<Event>{Greeted{greet->whom}};
    if (std::holds_alternative<SaveFailed>(command.body)) return std::vector<Event>{Fallen{}};
    return unexpected(Refusal("bad word"));
  }
  static State evolve(State state, Event const& event) {
    if (auto const* added = std::get_if<Added>(&event)) state.sum += added->by;
    if (std::holds_alternative<Fallen>(event)) ++state.failures;
    return state;
  }
  static std::vector<Effect> react(State const& after, Event const& event) {
    if (std::holds_alternative<Added>(event)) return {"sum " + std::to_string(after.sum)};
    if (auto const* greeted = std::get_if<Greeted>(&event)) return {"hello " + greeted->whom};
    return {"fallen"};
  }
  static std::vector<Effect> on_start(State const&) { return {"started"}; }
  static std::vector<Effect> on_refusal(Command const&, Refusal const& why) { return {"refused: " + why}; }
  static bool is_durable(Event const& event) { return std::holds_alternative<Added>(event); }
  static bool forbids_saving(Event const& event) { return std::holds_alternative<Fallen>(event); }
  static void check_invariants(State const& state) { ++*state.checks; }
  static std::size_t check_cost(State const& state) { return state.size; }
};

Envelope<Toy::Command> envelope(Toy::Command command) { return {Instant{}, WallTime{}, Entropy{}, std::move(command)}; }

class EngineTest : public testing::Test {
protected:
  std::vector<std::string> performed;
  std::vector<std::size_t> saves;  // number of events in each save
  Engine<Toy> engine{
      Toy::State{},
      {[this](std::string const& effect) { performed.push_back(effect); },
       [this](std::vector<Toy::Event> const& events, Toy::State const&) { saves.push_back(events.size()); }}};

  void saved(SaveOutcome outcome) {
    engine.saved(outcome, [] { return envelope(Toy::SaveFailed{}); });
  }
};

// A master that was paused finds a renewal of its workers and the end of its lease in one inbox (simulation seed 73).
TEST_F(EngineTest, SavesWhatWasDecidedBeforeTheEndOfAllSaving) {
  engine.step(envelope(Toy::Add{1}));
  engine.step(envelope(Toy::Add{2}));
  engine.step(envelope(Toy::SaveFailed{}));
  saved(SaveOutcome::Applied);
  EXPECT_EQ(saves, (std::vector<std::size_t>{1, 1}));
  EXPECT_EQ(performed, (std::vector<std::string>{"sum 1"}));
  saved(SaveOutcome::Applied);
  EXPECT_EQ(performed, (std::vector<std::string>{"sum 1", "sum 3", "fallen"}));
}

TEST_F(EngineTest, LooksAtAStateWhenAsManyEventsHaveChangedItAsItIsLarge) {
  auto const checks = std::make_shared<int>(0);
  Engine<Toy> large{Toy::State{0, 0, 3, checks}, {[](std::string const&) {}, [](auto const&, auto const&) {}}};
  for (int event = 1; event <= 2; ++event) large.step(envelope(Toy::Greet{"world"}));
  EXPECT_EQ(*checks, 0);
  large.step(envelope(Toy::Bad{}));  // changes nothing
  EXPECT_EQ(*checks, 0);
  large.step(envelope(Toy::Greet{"world"}));
  EXPECT_EQ(*checks, 1);
  for (int event = 1; event <= 3; ++event) large.step(envelope(Toy::Greet{"world"}));
  EXPECT_EQ(*checks, 2);
}

TEST_F(EngineTest, PerformsTheFirstEffectsAtStart) {
  engine.start();
  EXPECT_EQ(performed, std::vector<std::string>{"started"});
}

TEST_F(EngineTest, PerformsEffectsOfDurableEventsOnlyAfterTheSave) {
  engine.step(envelope(Toy::Add{2}));
  EXPECT_TRUE(performed.empty());
  EXPECT_EQ(saves, std::vector<std::size_t>{1});
  saved(SaveOutcome::Applied);
  EXPECT_EQ(performed, std::vector<std::string>{"sum 2"});
}

TEST_F(EngineTest, PerformsEffectsOfOtherEventsAtOnce) {
  engine.step(envelope(Toy::Greet{"world"}));
  EXPECT_EQ(performed, std::vector<std::string>{"hello world"});
  EXPECT_TRUE(saves.empty());
}

TEST_F(EngineTest, GathersCommandsThatWaitedIntoOneSave) {
  engine.step(envelope(Toy::Add{1}));
  engine.step(envelope(Toy::Add{2}));
  engine.step(envelope(Toy::Greet{"late"}));
  engine.step(envelope(Toy::Add{3}));
  EXPECT_EQ(engine.waiting(), 3u);
  saved(SaveOutcome::Applied);
  EXPECT_EQ(saves, (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(performed, std::vector<std::string>{"sum 1"});
  saved(SaveOutcome::Applied);
  EXPECT_EQ(performed, (std::vector<std::string>{"sum 1", "sum 3", "hello late", "sum 6"}));
}

TEST_F(EngineTest, TellsTheMachineOfAFailedSaveBeforeAnythingElseAndPerformsNothingOfIt) {
  engine.step(envelope(Toy::Add{5}));
  engine.step(envelope(Toy::Greet{"after"}));
  saved(SaveOutcome::Refused);
  EXPECT_EQ(performed, (std::vector<std::string>{"fallen", "hello after"}));
  EXPECT_EQ(engine.state().failures, 1);
}

TEST_F(EngineTest, TreatsAnUnknownOutcomeLikeAFailedOne) {
  engine.step(envelope(Toy::Add{5}));
  saved(SaveOutcome::Unknown);
  EXPECT_EQ(performed, std::vector<std::string>{"fallen"});
}

TEST_F(EngineTest, PerformsTheAnswerToARefusal) {
  engine.step(envelope(Toy::Bad{}));
  EXPECT_EQ(performed, std::vector<std::string>{"refused: bad word"});
}

TEST_F(EngineTest, AnswersQueriesOnlyFromSavedState) {
  int seen = -1;
  engine.step(envelope(Toy::Add{7}));
  engine.query([&](Toy::State const& state) { seen = state.sum; });
  EXPECT_EQ(seen, -1);
  saved(SaveOutcome::Applied);
  EXPECT_EQ(seen, 7);
}

TEST_F(EngineTest, AnswersQueriesAlsoWhenOneSaveFollowsTheOther) {
  int seen = -1;
  engine.step(envelope(Toy::Add{7}));
  engine.step(envelope(Toy::Add{1}));
  engine.query([&](Toy::State const& state) { seen = state.sum; });
  saved(SaveOutcome::Applied);
  EXPECT_TRUE(engine.saving());
  EXPECT_EQ(seen, 7);
}

}  // namespace
}  // namespace arangosync::engine
