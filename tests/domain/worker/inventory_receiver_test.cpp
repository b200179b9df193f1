// What the target's half of the inventory says to its master, sentence by sentence.
#include "domain/base/limits.h"
#include "tests/domain/worker/inventory_story.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace arangosync::worker::inventory_receiver {
namespace {

TEST(InventoryReceiver, SaysOnceWhatIsAnswered) {
  RunningStory story;
  story.after(60s);
  EXPECT_EQ(story.event<StartAsked>(), nullptr);
  EXPECT_TRUE(story.state.started.find(the_shard)->confirmed);
}

// Simulation seed 7744.
TEST(InventoryReceiver, TellsUpToWhenTheStructuresAreEqualAndOnlyIfItHasSeenIt) {
  InventoryStory story;
  story.source_has(structure_with("7000"), WallTime(4000s));
  EXPECT_TRUE(story.told().equal_at.is_zero()) << "the target was not looked at yet";
  story.target_has(structure_with("1"), "7000").answered(story.start_asked());
  EXPECT_EQ(story.told().equal_at, WallTime(4000s));
  story.source_is_same(WallTime(4002s));
  EXPECT_EQ(story.told().equal_at, WallTime(4002s));
  story.source_has(structure_without(), WallTime(4004s));
  EXPECT_TRUE(story.told().equal_at.is_zero()) << "the target has a collection that the source has dropped";
  story.target_has(structure_without(), "7000");
  EXPECT_TRUE(story.told().equal_at.is_zero()) << "its shard is to be stopped first";
  story.answered(std::get<Working>(story.state.phase).stopping.value());
  story.source_is_same(WallTime(4006s));
  EXPECT_EQ(story.told().equal_at, WallTime(4006s));
  story.knows_target = false;
  story.after(limits::total_repeat);
  EXPECT_TRUE(story.told().equal_at.is_zero()) << "nobody has looked at the target for a while";
  story.knows_target = true;
  story.after(limits::total_repeat);
  EXPECT_EQ(story.told().equal_at, WallTime(4006s));
  story.when([](auto const& s, auto& m) { return on_set_back(s, m); });
  EXPECT_TRUE(story.told().equal_at.is_zero());
}

// The order waits in a master that sleeps, and is carried out when the shard has long begun anew (simulation seed
// 3088).
TEST(InventoryReceiver, StartsAShardAgainThatALateStopMayYetEnd) {
  RunningStory story;
  story.source_has(structure_without()).target_has(structure_without(), "7000");
  story.answered(story.stop_asked());
  story.source_has(structure_with("8000")).target_has(structure_with("2"), "8000");
  story.answered(story.start_asked());
  story.after(10s);
  ASSERT_NE(story.event<StartAsked>(), nullptr) << "a late stop may have come";
  EXPECT_EQ(story.event<StartAsked>()->source_id, "8000");
  story.answered(story.start_asked()).after(10s);
  EXPECT_NE(story.event<StartAsked>(), nullptr) << "or may come later";
}

TEST(InventoryReceiver, StopsAShardAgainThatALateStartMayYetBegin) {
  InventoryStory story;
  story.source_has(structure_with("7000")).target_has(structure_with("1"), "7000");
  story.answered(story.start_asked());
  story.source_has(structure_without()).target_has(structure_without(), "7000");
  story.answered(story.stop_asked()).after(10s);
  auto const* again = story.event<StopRepeated>();
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->shard, the_shard);
  story.answered(again->request).after(10s);
  EXPECT_NE(story.event<StopRepeated>(), nullptr);
}

TEST(InventoryReceiver, StopsNothingWhoseStartIsUnderWayBeforeThatIsAnswered) {
  InventoryStory story;
  story.source_has(structure_with("7000")).target_has(structure_with("1"), "7000");
  RequestId const start = story.start_asked();
  story.source_has(structure_without()).target_has(structure_without(), "7000");
  EXPECT_EQ(story.event<StopAsked>(), nullptr);
  story.answered(start);
  EXPECT_NE(story.event<StopAsked>(), nullptr);
}

ShardRef const gone{DatabaseName("gone"), CollectionName("x"), 0};

// A backup was brought back that holds a collection with fewer shards than it had when it was dropped, and the receiver
// of then died (simulation seeds 547, 1105).
TEST(InventoryReceiver, StopsWhatWhoeverWasThereBeforeHasLeftBehind) {
  ShardRef const surplus{the_shard.database, the_shard.collection, 4};
  InventoryStory story({the_shard, surplus, gone});
  story.source_has(structure_with("7000")).target_has(structure_with("1"), "7000");
  std::set<ShardRef> stopped;
  for (int i = 0; i < 2; ++i) {
    ASSERT_NE(story.event<StopAsked>(), nullptr);
    stopped.insert(story.event<StopAsked>()->shard);
    story.answered(story.stop_asked());
  }
  EXPECT_EQ(stopped, (std::set<ShardRef>{surplus, gone}));
  EXPECT_EQ(story.event<StopAsked>(), nullptr) << "what the source has is started, and that is the same";
  ASSERT_NE(story.event<StartAsked>(), nullptr);
  EXPECT_EQ(story.event<StartAsked>()->shard, the_shard);
  story.source_has(structure_without()).target_has(structure_without(), "7000");
  EXPECT_EQ(story.event<StopAsked>(), nullptr) << "not twice, and not what was started and is not answered yet";
}

TEST(InventoryReceiver, StopsNothingOfThoseBeforeUntilItKnowsThatTheSourceLacksIt) {
  InventoryStory story({gone});
  story.after(10s);
  EXPECT_EQ(story.event<StopAsked>(), nullptr) << "the source has told nothing";
  inventory::Structure with_gone = structure_with("7000");
  with_gone.databases[gone.database].name = gone.database;
  inventory::Collection& unsettled = with_gone.databases[gone.database].collections[gone.collection];
  unsettled = with_gone.databases[the_shard.database].collections[the_shard.collection];
  unsettled.name = gone.collection;
  unsettled.is_ready = false;
  story.source_has(with_gone).target_has(with_gone, "7000");
  EXPECT_EQ(story.event<StopAsked>(), nullptr) << "only its leader is not known";
  story.source_has(structure_with("7000"));
  RequestId const asked = std::get<ReadingTarget>(story.state.phase).request;
  Fault const fault{FaultClass::Retry, "no answer"};
  story.when([&](auto const& s, auto& m) { return on_target_read(s, m, asked, unexpected(fault)); });
  EXPECT_EQ(story.event<StopAsked>(), nullptr) << "the target is to be seen, too";
  story.after(60s).target_has(structure_with("1"), "7000");
  ASSERT_NE(story.event<StopAsked>(), nullptr);
  EXPECT_EQ(story.event<StopAsked>()->shard, gone);
}

TEST(InventoryReceiver, StopsWhatWasLeftBehindAgainWhenTheRoundIsOvertaken) {
  InventoryStory story({gone});
  story.source_has(structure_with("7000")).target_has(structure_with("1"), "7000");
  RequestId const stop = story.stop_asked();
  story.source_has(structure_with("7001"));
  story.answered(stop, unexpected(Fault{FaultClass::Retry, "no answer"})).after(60s);
  story.target_has(structure_with("1"), "7000");
  EXPECT_NE(story.event<StopAsked>(), nullptr);
}

/// A view of the source that the target shows otherwise than it was given.
inventory::Structure structure_with_view(std::string const& interval) {
  inventory::Structure structure = structure_with("7000");
  inventory::View view{"arangosearch", "{}", R"({"commitIntervalMsec":)" + interval + "}", {}, {}};
  structure.databases[the_shard.database].views.emplace().emplace(inventory::ViewName("v"), view);
  return structure;
}

struct ViewStory : InventoryStory {
  /// The target as asked for; true if that led to a step, which is then done.
  bool round(inventory::Structure const& target) {
    if (!std::holds_alternative<ReadingTarget>(state.phase)) after(61s);
    if (!std::holds_alternative<ReadingTarget>(state.phase)) return false;
    target_has(target, "7000");
    auto const* asked = event<StepAsked>();
    if (asked == nullptr) return false;
    RequestId const request = asked->request;
    when([&](auto const& s, auto& m) { return on_step_applied(s, m, request, Done{}); });
    return true;
  }
  /// One round at a target that is like this; all steps succeed but the one that is named. Tells them.
  std::vector<std::string> steps_of_round(inventory::Structure const& target, std::string const& origin,
                                          std::string const& failing = "") {
    if (!std::holds_alternative<ReadingTarget>(state.phase)) after(61s);
    std::vector<std::string> steps;
    target_has(target, origin);
    if (event<StopAsked>() != nullptr) answered(stop_asked());
    if (auto const* forgetting = event<ForgetAsked>()) {
      RequestId const request = forgetting->request;
      when([&](auto const& s, auto& m) { return on_positions_stored(s, m, request, Done{}); });
    }
    for (auto const* asked = event<StepAsked>(); asked != nullptr; asked = event<StepAsked>()) {
      auto const& round = std::get<Working>(state.phase);
      steps.push_back(inventory::to_string((*round.steps)[round.next]));
      RequestId const request = asked->request;
      Outcome<Done> outcome = Done{};
      if (steps.back() == failing) outcome = unexpected(Fault{FaultClass::Permanent, "duplicate name (1207)"});
      when([&](auto const& s, auto& m) { return on_step_applied(s, m, request, outcome); });
    }
    return steps;
  }
};

// Simulation seed 391: a collection that was dropped came back with a backup, and was left there for a quarter of an
// hour; seed 430: one that was created anew twice.
TEST(InventoryReceiver, RepeatsAtOnceWhatMayBeDueAgainForGoodReasonsButNotForEver) {
  ViewStory story;
  story.source_has(structure_with_view("1000"));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(story.round(structure_with_view("2000"))) << i;
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(story.round(structure_with_view("2000"))) << i;
  EXPECT_EQ(story.state.troubles.at("change view d/v").message, "was done, but the target reports something else");
  int repeated = 0;
  for (int i = 0; i < 15; ++i) repeated += int{story.round(structure_with_view("2000"))};
  EXPECT_EQ(repeated, 1) << "it may have been lost";
  EXPECT_FALSE(story.round(structure_with_view("1000")));
  EXPECT_TRUE(story.state.troubles.empty());
}

// Simulation seed 509: the target had another collection under the name; that one was dropped, but the creation was
// left alone, as it had been done before.
TEST(InventoryReceiver, DoesAgainWhatFollowsAStepThatIsDone) {
  ViewStory story;
  story.source_has(structure_with("7000"));
  std::vector<std::string> const creation{"create collection d/c", "record origin of d/c"};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(story.steps_of_round(structure_without(), ""), creation) << i;
  EXPECT_TRUE(story.steps_of_round(structure_without(), "").empty()) << "in vain, as it seems";
  std::vector<std::string> const anew{"drop collection d/c", "create collection d/c", "record origin of d/c"};
  EXPECT_EQ(story.steps_of_round(structure_with("1"), "6000"), anew);
}

// Simulation seed 5450: a collection had been dropped to be made anew, and then the source dropped it: that was left
// alone, as it had been done before.
TEST(InventoryReceiver, DropsWhatItHasMadeAnewWhenTheSourceDropsIt) {
  ViewStory story;
  story.source_has(structure_with("7000"));
  std::vector<std::string> const anew{"drop collection d/c", "create collection d/c", "record origin of d/c"};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(story.steps_of_round(structure_with("1"), "6000"), anew) << i;
  EXPECT_TRUE(story.steps_of_round(structure_with("1"), "6000").empty()) << "in vain, as it seems";
  story.source_has(structure_without());
  EXPECT_EQ(story.steps_of_round(structure_with("1"), "6000"), std::vector<std::string>{"drop collection d/c"});
}

// Simulation seed 2509: a collection was dropped to be made anew and came back with a backup before it was; dropping it
// again was then left alone, and the creation failed for a quarter of an hour, as the name was taken.
TEST(InventoryReceiver, DropsAgainWhatACreationWaitsFor) {
  ViewStory story;
  story.source_has(structure_with("7000"));
  std::string const creation = "create collection d/c";
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(story.steps_of_round(structure_with("1"), "6000", creation).front(), "drop collection d/c") << i;
  }
  std::vector<std::string> const anew{"drop collection d/c", creation, "record origin of d/c"};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(story.steps_of_round(structure_with("1"), "6000"), anew) << i;
  EXPECT_TRUE(story.steps_of_round(structure_with("1"), "6000").empty()) << "all was done, in vain as it seems";
}

// A creation that had no answer may have happened all the same; what the source drops then goes.
TEST(InventoryReceiver, DropsWhatAnUnansweredCreationHasMade) {
  ViewStory story;
  story.source_has(structure_with("7000"));
  std::string const creation = "create collection d/c";
  for (int i = 0; i < 3; ++i) story.steps_of_round(structure_with("1"), "6000");
  story.steps_of_round(structure_with("1"), "6000", creation);
  story.source_has(structure_without());
  EXPECT_EQ(story.steps_of_round(structure_with("1"), "6000"), std::vector<std::string>{"drop collection d/c"});
}

// One item that cannot be made keeps nothing from being made that does not need it.
TEST(InventoryReceiver, GoesOnWithTheRestWhenAStepFails) {
  inventory::Structure wanted = structure_with("7000");
  inventory::Collection& second = wanted.databases[the_shard.database].collections[CollectionName("e")];
  second = wanted.databases[the_shard.database].collections[the_shard.collection];
  second.id = "7001";
  second.name = CollectionName("e");
  ViewStory story;
  story.source_has(wanted);
  std::vector<std::string> const steps = story.steps_of_round(structure_without(), "", "create collection d/c");
  EXPECT_EQ(steps,
            (std::vector<std::string>{"create collection d/c", "create collection d/e", "record origin of d/e"}));
  std::vector<sync::StructureTrouble> const troubles = story.told().troubles;
  ASSERT_EQ(troubles.size(), 2u);
  EXPECT_EQ(troubles[0].item, "create collection d/c");
  EXPECT_EQ(troubles[0].message, "duplicate name (1207)");
  EXPECT_EQ(troubles[1].message, "waits for: create collection d/c");
}

TEST(InventoryReceiver, ForgetsWhatItDidInVainNoSoonerForNewsButIsAtOnceAtWhatIsNew) {
  ViewStory story;
  story.source_has(structure_with_view("1000"));
  for (int i = 0; i < 3; ++i) story.round(structure_with_view("2000"));
  EXPECT_FALSE(story.round(structure_with_view("2000"))) << "in vain";
  inventory::Structure more = structure_with_view("1000");
  inventory::Collection& added = more.databases[the_shard.database].collections[CollectionName("new")];
  added = more.databases[the_shard.database].collections[the_shard.collection];
  added.id = "7001";
  added.name = CollectionName("new");
  story.source_has(more);
  ASSERT_TRUE(std::holds_alternative<ReadingTarget>(story.state.phase));
  std::vector<std::string> const steps{"create collection d/new", "record origin of d/new"};
  EXPECT_EQ(story.steps_of_round(structure_with_view("2000"), "7000"), steps);
  EXPECT_TRUE(std::holds_alternative<ReadingTarget>(story.state.phase)) << "the next round sees them at once";
}

TEST(InventoryReceiver, LooksAtTheTargetNowAndThenThoughThereIsNoNews) {
  RunningStory story;
  while (std::holds_alternative<ReadingTarget>(story.state.phase)) story.target_has(structure_with("1"), "7000");
  story.after(14min);
  EXPECT_FALSE(std::holds_alternative<ReadingTarget>(story.state.phase));
  EXPECT_LE(next_wake(story.state, 24h, false, true), story.now + 62s);
  story.after(62s);
  EXPECT_TRUE(std::holds_alternative<ReadingTarget>(story.state.phase));
}

// Somebody drops it on the target, and nothing happens at the source: its shard would go on at a position that speaks
// of documents which are gone.
TEST(InventoryReceiver, StopsAndForgetsAShardWhoseCollectionItMakesAnew) {
  RunningStory story;
  story.after(16min).target_has(structure_without(), "7000");
  story.answered(story.stop_asked());
  auto const* forget = story.event<ForgetAsked>();
  ASSERT_NE(forget, nullptr);
  EXPECT_EQ(forget->shards, std::vector{the_shard});
  story.when([&](auto const& s, auto& m) { return on_positions_stored(s, m, forget->request, Done{}); });
  for (int steps = 0; steps < 2; ++steps) {
    auto const* step = story.event<StepAsked>();
    ASSERT_NE(step, nullptr);
    RequestId const asked = step->request;
    story.when([&](auto const& s, auto& m) { return on_step_applied(s, m, asked, Done{}); });
  }
  story.after(1s).target_has(structure_with("2"), "7000");
  EXPECT_EQ(story.start_asked(), story.event<StartAsked>()->request) << "and it is copied";
}

// It was neither started nor to be started for us, and ran; its collection would have been made anew under it.
TEST(InventoryReceiver, StopsAShardWhoseStartHadNoAnswerAndWasForgottenWithTheNews) {
  InventoryStory story;
  story.source_has(structure_with("7000")).target_has(structure_with("1"), "7000");
  Fault const away{FaultClass::Retry, "no master leads"};
  story.answered(story.start_asked(), unexpected(away));
  inventory::Structure more = structure_with("7000");
  more.databases[DatabaseName("new")].name = DatabaseName("new");
  story.source_has(more).target_has(structure_without(), "7000");
  while (std::holds_alternative<ReadingTarget>(story.state.phase)) story.target_has(structure_without(), "7000");
  ASSERT_NE(story.event<StopAsked>(), nullptr);
  EXPECT_EQ(story.event<StopAsked>()->shard, the_shard);
}

// No step makes what servers make themselves, and nothing but a position speaks of what it had.
TEST(InventoryReceiver, StopsTheShardsOfServerMadeCollectionsWhoseDatabaseItMakesAnew) {
  inventory::Structure with_graphs = structure_with("7000");
  inventory::Database& database = with_graphs.databases[the_shard.database];
  inventory::Collection graphs = database.collections[the_shard.collection];
  graphs.id = "7001";
  graphs.name = CollectionName("_graphs");
  graphs.is_system = true;
  database.collections[graphs.name] = graphs;
  InventoryStory story;
  story.source_has(with_graphs).target_has(with_graphs, "7000");
  for (auto const& [asked, shard] : std::map<RequestId, ShardRef>(story.state.asking)) story.answered(asked);
  story.after(16min);
  while (std::holds_alternative<ReadingTarget>(story.state.phase)) story.target_has(inventory::Structure(), "7000");
  std::set<ShardRef> stopped;
  while (auto const* stop = story.event<StopAsked>()) {
    stopped.insert(stop->shard);
    story.answered(stop->request);
  }
  auto const* forget = story.event<ForgetAsked>();
  ASSERT_NE(forget, nullptr);
  ShardRef const of_graphs{the_shard.database, graphs.name, 0};
  EXPECT_TRUE(stopped.contains(of_graphs));
  EXPECT_EQ(std::count(forget->shards.begin(), forget->shards.end(), of_graphs), 1);
}

// A source whose structure changes more often than the target can be read.
TEST(InventoryReceiver, PlansForTheNewsThatCameWhileItReadTheTarget) {
  InventoryStory story;
  story.source_has(structure_without());
  story.source_has(structure_with("7000"));
  story.target_has(structure_without(), "");
  EXPECT_FALSE(story.state.round_due);
  EXPECT_EQ(std::get<Working>(story.state.phase).steps->size(), 2u) << "it is created, and its origin recorded";
}

TEST(InventoryReceiver, StopsNothingAgainWhenTheRoundIsOvertaken) {
  InventoryStory story;
  auto const both = [](std::string const& id) {
    auto structure = structure_with(id);
    auto& collection = structure.databases[the_shard.database].collections[the_shard.collection];
    collection.shards.push_back(inventory::Shard{ShardName("s2"), {ServerId("PRMR-1")}});
    return structure;
  };
  story.source_has(both("7000")).target_has(both("1"), "7000");
  while (!story.state.asking.empty()) story.answered(story.state.asking.begin()->first);
  story.source_has(structure_without()).target_has(both("1"), "7000");
  EXPECT_EQ(std::get<Working>(story.state.phase).to_stop.size(), 2u);
  story.source_has(structure_without(), WallTime(1s));
  inventory::Structure other = structure_without();
  other.databases[DatabaseName("e")].name = DatabaseName("e");
  story.source_has(other).answered(*std::get<Working>(story.state.phase).stopping);
  story.target_has(both("1"), "7000");
  EXPECT_EQ(std::get<Working>(story.state.phase).to_stop.size(), 1u) << "the other one is stopped already";
}

TEST(InventoryReceiver, DoesNotStartAShardWhoseCollectionIsGoneMeanwhile) {
  InventoryStory story;
  story.source_has(structure_with("7000")).target_has(structure_with("1"), "7000");
  RequestId const start = story.start_asked();
  story.source_has(structure_without());
  story.answered(start, unexpected(Fault{FaultClass::Retry, "no answer"}));
  EXPECT_TRUE(story.state.to_start.empty());
}

// Simulation seed 841: the target was set back to before a creation, which then was left alone as in vain.
TEST(InventoryReceiver, DoesAgainWhatATargetThatWasSetBackHasLost) {
  ViewStory story;
  story.source_has(structure_with_view("1000"));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(story.round(structure_with_view("2000"))) << i;
  EXPECT_FALSE(story.round(structure_with_view("2000")));
  story.when([](auto const& s, auto& m) { return on_set_back(s, m); });
  EXPECT_TRUE(story.round(structure_with_view("2000")));
}

TEST(InventoryReceiver, TellsItsMasterWhatFailedAndSinceWhen) {
  ViewStory story;
  story.source_has(structure_with_view("1000"));
  story.when([&](auto const& s, auto& m) { return on_reported(s, m, *s.reporting, Done{}); });
  story.target_has(structure_with("1"), "7000");
  RequestId const request = story.event<StepAsked>()->request;
  Fault const fault{FaultClass::Permanent, "illegal name (1208)"};
  story.when([&](auto const& s, auto& m) { return on_step_applied(s, m, request, unexpected(fault)); });
  auto const* told = story.event<ReportAsked>();
  ASSERT_NE(told, nullptr);
  EXPECT_EQ(told->report.total_shards, 1u);
  std::vector<sync::StructureTrouble> const expected{{"create view d/v", "illegal name (1208)", WallTime(5000s)}};
  EXPECT_EQ(told->report.troubles, expected);
  RequestId const telling = told->request;
  story.when([&](auto const& s, auto& m) { return on_reported(s, m, telling, Done{}); });
  EXPECT_TRUE(story.round(structure_with("1"))) << "it is tried again";
  EXPECT_FALSE(story.round(structure_with_view("1000")));
  story.when([&](auto const& s, auto& m) { return on_reported(s, m, *s.reporting, Done{}); });
  EXPECT_TRUE(story.state.report_under_way.troubles.empty()) << "and told again when all is well";
}

// Edges of smart graphs: the parts lie in hidden collections that the server drops and makes with the whole.
TEST(InventoryReceiver, StopsPartsBeforeTheirWholeIsDroppedAndStartsThemWhenItIsSeenAgain) {
  auto const with_edges = [](std::string const& id) {
    auto structure = structure_without();
    for (std::string const name : {"roads", "_to_roads"}) {
      inventory::Collection collection;
      collection.id = id;
      collection.name = CollectionName(name);
      if (name != "roads") collection.shards.push_back(inventory::Shard{ShardName("s1"), {ServerId("PRMR-1")}});
      structure.databases[the_shard.database].collections[collection.name] = collection;
    }
    return structure;
  };
  ShardRef const part{the_shard.database, CollectionName("_to_roads"), 0};
  InventoryStory story;
  story.source_has(with_edges("7000")).target_has(with_edges("1"), "7000");
  EXPECT_EQ(story.event<StartAsked>()->shard, part);
  story.answered(story.start_asked());
  EXPECT_EQ(story.state.total, 1u) << "the whole has no shards of its own";
  story.source_has(with_edges("8000")).target_has(with_edges("1"), "7000");
  ASSERT_NE(story.event<StopAsked>(), nullptr) << "the ground is not pulled from under it";
  EXPECT_EQ(story.event<StopAsked>()->shard, part);
  story.answered(story.stop_asked());
  ASSERT_NE(story.event<ForgetAsked>(), nullptr);
  EXPECT_EQ(story.event<ForgetAsked>()->shards, std::vector<ShardRef>{part});
  RequestId const forgetting = story.event<ForgetAsked>()->request;
  story.when([&](auto const& s, auto& m) { return on_positions_stored(s, m, forgetting, Done{}); });
  std::vector<std::string> steps;
  while (auto const* asked = story.event<StepAsked>()) {
    EXPECT_EQ(story.event<StartsDue>(), nullptr) << "what is there now is not what will be";
    RequestId const step = asked->request;
    story.when([&](auto const& s, auto& m) { return on_step_applied(s, m, step, Done{}); });
    steps.push_back(story.event<StepDone>()->step);
  }
  EXPECT_EQ(steps, (std::vector<std::string>{"drop collection d/roads", "create collection d/roads",
                                             "record origin of d/roads", "record origin of d/_to_roads"}));
  EXPECT_EQ(story.event<StartsDue>(), nullptr);
  story.target_has(with_edges("2"), "8000");
  EXPECT_EQ(story.event<StartAsked>()->shard, part);
}

TEST(InventoryReceiver, StartsNoShardWhoseDocumentsWouldBelongElsewhere) {
  auto const sharded_by = [](std::string const& id, std::string const& key) {
    inventory::Structure structure = structure_with(id);
    auto& collection = structure.databases[the_shard.database].collections[the_shard.collection];
    collection.shards.push_back(inventory::Shard{ShardName("s2"), {ServerId("PRMR-1")}});
    collection.immutable_properties = R"({"shardKeys":[")" + key + R"("]})";
    return structure;
  };
  InventoryStory story;
  story.source_has(sharded_by("7000", "_key")).target_has(sharded_by("1", "country"), "7000");
  EXPECT_EQ(story.event<StartAsked>(), nullptr);
  EXPECT_TRUE(story.state.troubles.contains("collection d/c"));
}

}  // namespace
}  // namespace arangosync::worker::inventory_receiver
