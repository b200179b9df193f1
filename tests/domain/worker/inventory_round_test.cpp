// What comes before a collection is dropped or made anew: its shards are written by nobody any more.
#include "tests/domain/worker/inventory_story.h"

namespace arangosync::worker::inventory_receiver {
namespace {

struct HeldStory : RunningStory {
  inventory::Structure wanted = structure_without();
  Outcome<Done> const still_stopping = unexpected(Fault{FaultClass::Permanent, "ask again"});

  HeldStory() {
    wanted.databases[DatabaseName("new")].name = DatabaseName("new");
    source_has(wanted).target_has(structure_with("1"), "7000");
  }
  inventory::Structure target_with_new() const {
    inventory::Structure target = structure_with("1");
    target.databases[DatabaseName("new")].name = DatabaseName("new");
    return target;
  }
  /// Until the round goes on to something else; how often it was asked for the shard to be stopped.
  int ask_in_vain() {
    int asked = 0;
    for (int i = 0; i < 100 && !event<StepAsked>() && !event<ForgetAsked>() && !event<RoundEnded>(); ++i) {
      if (event<StopAsked>() == nullptr) {
        after(100ms);
      } else {
        ++asked;
        answered(stop_asked(), still_stopping);
      }
    }
    return asked;
  }
  HeldStory& step_done() {
    RequestId const request = *std::get<Working>(state.phase).applying;
    when([&](auto const& s, auto& m) { return on_step_applied(s, m, request, Done{}); });
    return *this;
  }
  HeldStory& forgotten() {
    RequestId const request = *std::get<Working>(state.phase).forgetting;
    when([&](auto const& s, auto& m) { return on_positions_stored(s, m, request, Done{}); });
    return *this;
  }
  HeldStory& until_it_looks() {
    for (int i = 0; i < 12 && !std::holds_alternative<ReadingTarget>(state.phase); ++i) after(1s);
    EXPECT_TRUE(std::holds_alternative<ReadingTarget>(state.phase));
    return *this;
  }
  std::string step() const {
    auto const& round = std::get<Working>(state.phase);
    return round.applying ? inventory::to_string((*round.steps)[round.next]) : "none";
  }
};

TEST(InventoryRound, AsksSoonAgainForAShardThatAWorkerMayStillWrite) {
  HeldStory story;
  story.answered(story.stop_asked(), story.still_stopping);
  EXPECT_EQ(story.event<StopAsked>(), nullptr);
  story.after(100ms);
  ASSERT_NE(story.event<StopAsked>(), nullptr);
  story.answered(story.stop_asked());
  ASSERT_NE(story.event<ForgetAsked>(), nullptr);
  EXPECT_EQ(story.event<ForgetAsked>()->shards, std::vector<ShardRef>{the_shard});
}

// Its worker sleeps, and would write what it holds into the collection that is made under the name next (simulation
// seed 57695). It may also have died: then it takes half a minute, in which all else goes on.
TEST(InventoryRound, HoldsUpOnlyWhatIsAboveAShardThatAWorkerMayStillWrite) {
  HeldStory story;
  EXPECT_EQ(story.ask_in_vain(), 6);
  EXPECT_EQ(story.event<ForgetAsked>(), nullptr) << "of what is written positions may yet be stored";
  EXPECT_EQ(story.step(), "create database new");
  story.step_done();
  EXPECT_TRUE(std::holds_alternative<ReadingTarget>(story.state.phase)) << "what was made is seen at once";
  ASSERT_EQ(story.told().troubles.size(), 1u);
  EXPECT_EQ(story.told().troubles[0].item, "drop collection " + the_shard.database.value() + "/c");
  EXPECT_EQ(story.told().troubles[0].message, "waits until no worker receives the former shards any more: ask again");
  story.target_has(story.target_with_new(), "7000");
  EXPECT_EQ(story.ask_in_vain(), 1) << "it was waited for already";
  story.until_it_looks().target_has(story.target_with_new(), "7000");
  ASSERT_NE(story.event<StopAsked>(), nullptr) << "it is asked for in each round";
  story.answered(story.stop_asked());
  EXPECT_EQ(story.state.busy_rounds, 0u) << "nobody is suspicious of what waited";
  ASSERT_NE(story.event<ForgetAsked>(), nullptr);
  EXPECT_EQ(story.forgotten().step(), "drop collection " + the_shard.database.value() + "/c");
}

// A source with something new every second.
TEST(InventoryRound, WaitsForAShardOnceWhateverNewsComes) {
  HeldStory story;
  int asked = 0;
  for (int news = 0; news < 10 && story.event<StepAsked>() == nullptr; ++news) {
    for (int i = 0; i < 10 && story.event<StepAsked>() == nullptr; ++i) {
      if (story.event<StopAsked>() != nullptr) {
        ++asked;
        story.answered(story.stop_asked(), story.still_stopping);
      }
      if (story.event<StepAsked>() == nullptr) story.after(100ms);
    }
    if (story.event<StepAsked>() != nullptr) break;
    if (story.event<StopAsked>() != nullptr) ++asked;
    DatabaseName const other("other" + std::to_string(news));
    story.wanted.databases[other].name = other;
    story.source_has(story.wanted);
    auto const* round = std::get_if<Working>(&story.state.phase);
    if (round != nullptr) story.answered(round->stopping.value(), story.still_stopping);
    story.until_it_looks().target_has(structure_with("1"), "7000");
  }
  EXPECT_NE(story.event<StepAsked>(), nullptr);
  EXPECT_EQ(asked, 6);
}

// It has fewer shards than the former one, and those are written by its name.
TEST(InventoryRound, MakesNoCollectionAnewWhileAnyShardOfTheFormerMayBeWritten) {
  InventoryStory story;
  inventory::Structure two = structure_with("7000");
  two.databases[the_shard.database].collections[the_shard.collection].shards.push_back(
      inventory::Shard{ShardName("s2"), {ServerId("PRMR-1")}});
  story.source_has(two).target_has(two, "7000");
  while (!story.state.asking.empty()) story.answered(story.state.asking.begin()->first);
  story.when([](auto const& s, auto& m) { return on_set_back(s, m); });
  story.source_has(structure_with("8000")).target_has(structure_without(), "");
  Outcome<Done> const still_stopping = unexpected(Fault{FaultClass::Permanent, "ask again"});
  for (int i = 0; i < 200 && !story.event<RoundEnded>(); ++i) {
    ASSERT_EQ(story.event<StepAsked>(), nullptr);
    if (auto const* forgetting = story.event<ForgetAsked>()) {
      RequestId const request = forgetting->request;
      story.when([&](auto const& s, auto& m) { return on_positions_stored(s, m, request, Done{}); });
    } else if (auto const* stop = story.event<StopAsked>()) {
      bool const is_let_go = stop->shard.index == 0;
      story.answered(stop->request, is_let_go ? Outcome<Done>(Done{}) : still_stopping);
    } else {
      story.after(100ms);
    }
  }
  EXPECT_NE(story.event<RoundEnded>(), nullptr);
}

// One worker cannot be reached, and what another one has is dropped.
TEST(InventoryRound, DoesNotWaitLongerForAShardThatWasLeftOutBefore) {
  InventoryStory story;
  ShardRef const other{the_shard.database, CollectionName("a"), 0};
  inventory::Structure both = structure_with("7000");
  inventory::Database& database = both.databases[the_shard.database];
  inventory::Collection second = database.collections[the_shard.collection];
  second.id = "7001";
  second.name = other.collection;
  database.collections[second.name] = second;
  inventory::Structure only_second = both;
  only_second.databases[the_shard.database].collections.erase(the_shard.collection);
  Outcome<Done> const still_stopping = unexpected(Fault{FaultClass::Permanent, "ask again"});
  auto const target_has = [&](inventory::Structure const& structure) {
    TargetStructure target{structure, {}};
    target.origins = {{{the_shard.database, the_shard.collection}, "7000"},
                      {{other.database, other.collection}, "7001"}};
    RequestId const asked = std::get<ReadingTarget>(story.state.phase).request;
    story.when([&](auto const& s, auto& m) { return on_target_read(s, m, asked, target); });
  };
  story.source_has(both);
  target_has(both);
  while (!story.state.asking.empty()) story.answered(story.state.asking.begin()->first);
  story.source_has(only_second);
  target_has(both);
  for (int i = 0; i < 100 && story.event<RoundEnded>() == nullptr; ++i) {
    if (story.event<StopAsked>() != nullptr) story.answered(story.stop_asked(), still_stopping);
    if (story.event<RoundEnded>() == nullptr) story.after(100ms);
  }
  story.source_has(structure_without());
  while (!std::holds_alternative<ReadingTarget>(story.state.phase)) story.after(1s);
  target_has(both);
  std::map<ShardRef, int> asked;
  Instant const begin = story.now;
  for (int i = 0; i < 100 && story.event<ForgetAsked>() == nullptr; ++i) {
    while (story.event<StopAsked>() != nullptr) {
      ShardRef const shard = story.event<StopAsked>()->shard;
      bool const is_let_go = shard == other && ++asked[shard] == 2;
      story.answered(story.stop_asked(), is_let_go ? Outcome<Done>(Done{}) : still_stopping);
    }
    if (story.event<ForgetAsked>() == nullptr) story.after(10ms);
  }
  ASSERT_NE(story.event<ForgetAsked>(), nullptr);
  EXPECT_EQ(story.event<ForgetAsked>()->shards, std::vector<ShardRef>{other});
  EXPECT_EQ(story.now - begin, 100ms);
}

// Nothing is above it: the master begins it anew when its former life is over.
TEST(InventoryRound, DoesNotWaitForAShardThatNoStepIsAbove) {
  RunningStory story;
  story.source_has(structure_with("8000")).target_has(structure_with("2"), "8000");
  ASSERT_NE(story.event<StopAsked>(), nullptr);
  story.answered(story.stop_asked(), unexpected(Fault{FaultClass::Permanent, "ask again"}));
  ASSERT_NE(story.event<StartAsked>(), nullptr);
  EXPECT_EQ(story.event<StartAsked>()->source_id, "8000");
}

TEST(InventoryRound, DoesNotStartWhatItHasNotYetStopped) {
  HeldStory story;
  story.ask_in_vain();
  story.step_done();
  EXPECT_EQ(story.event<StartAsked>(), nullptr);
  EXPECT_TRUE(story.state.to_start.empty());
  EXPECT_EQ(story.state.started.find(the_shard), nullptr);
}

// A start that was on its way for long may have been carried out since, and nothing was said of it.
TEST(InventoryRound, StopsWhatWasEverStoppedBeforeItsCollectionIsMadeAnew) {
  RunningStory story;
  story.source_has(structure_without()).target_has(structure_without(), "");
  story.answered(story.stop_asked());
  EXPECT_EQ(story.state.started.find(the_shard), nullptr);
  EXPECT_FALSE(story.state.inherited.contains(the_shard));
  story.source_has(structure_with("8000")).target_has(structure_without(), "");
  ASSERT_NE(story.event<StopAsked>(), nullptr);
  EXPECT_EQ(story.event<StopAsked>()->shard, the_shard);
}

TEST(InventoryRound, DropsNothingWhenItsMasterIsNotFound) {
  RunningStory story;
  story.source_has(structure_without()).target_has(structure_with("1"), "7000");
  story.answered(story.stop_asked(), unexpected(Fault{FaultClass::NotFound, "no such page"}));
  EXPECT_EQ(story.event<ForgetAsked>(), nullptr);
}

}  // namespace
}  // namespace arangosync::worker::inventory_receiver
