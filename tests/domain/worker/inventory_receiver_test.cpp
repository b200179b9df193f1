// What the target's half of the inventory says to its master, sentence by sentence.
#include "domain/worker/inventory_receiver.h"

#include "domain/base/limits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace arangosync::worker::inventory_receiver {
namespace {

using namespace std::chrono_literals;

ShardRef const the_shard{DatabaseName("d"), CollectionName("c"), 0};

inventory::Structure structure_with(std::string const& collection_id) {
  inventory::Collection collection;
  collection.id = collection_id;
  collection.name = the_shard.collection;
  collection.shards.push_back(inventory::Shard{ShardName("s1"), {ServerId("PRMR-1")}});
  inventory::Structure structure;
  structure.databases[the_shard.database].name = the_shard.database;
  structure.databases[the_shard.database].collections[collection.name] = collection;
  return structure;
}

inventory::Structure structure_without() {
  inventory::Structure structure;
  structure.databases[the_shard.database].name = the_shard.database;
  return structure;
}

/// The machine, a clock, and a target that already has what the source has.
struct InventoryStory {
  State state;
  Instant now{1000s};
  RequestId last_request;
  std::uint64_t entropy = 3;
  std::uint64_t sequence = 0;
  Events events;

  InventoryStory() {
    when([](auto const& s, auto& m) { return on_start(s, m); });
  }
  template <class Decide>
  InventoryStory& when(Decide decide) {
    shard::Moment moment{now, WallTime(5000s), Draw(Entropy{++entropy}), last_request, Instant(9000s), 60s};
    events = decide(std::as_const(state), moment);
    last_request = std::max(last_request, moment.last_request);
    for (Event const& event : events) state = evolve(std::move(state), event);
    check_invariants(state);
    return *this;
  }
  InventoryStory& source_has(inventory::Structure const& structure) {
    shard::DataMessage const message{state.stream.epoch, Sequence(++sequence),
                                     shard::PublishedStructure{structure, WallTime{}}};
    return when([&](auto const& s, auto& m) { return on_message(s, m, Offset(sequence), message); });
  }
  InventoryStory& target_has(inventory::Structure const& structure, std::string const& origin) {
    TargetStructure target{structure, {}};
    target.origins[{the_shard.database, the_shard.collection}] = origin;
    RequestId const asked = std::get<ReadingTarget>(state.phase).request;
    return when([&](auto const& s, auto& m) { return on_target_read(s, m, asked, target); });
  }
  InventoryStory& answered(RequestId request, Outcome<Done> const& outcome = Done{}) {
    return when([&](auto const& s, auto& m) { return on_reported(s, m, request, outcome); });
  }
  InventoryStory& after(Duration duration) {
    now = now + duration;
    return when([](auto const& s, auto& m) { return on_wake(s, m); });
  }
  template <class Wanted>
  Wanted const* event() const {
    for (Event const& event : events) {
      if (auto const* found = std::get_if<Wanted>(&event)) return found;
    }
    return nullptr;
  }
  RequestId start_asked() const {
    EXPECT_NE(event<StartAsked>(), nullptr);
    return event<StartAsked>()->request;
  }
  RequestId stop_asked() const {
    EXPECT_NE(event<StopAsked>(), nullptr);
    return event<StopAsked>()->request;
  }
};

struct RunningStory : InventoryStory {
  RunningStory() {
    source_has(structure_with("7000")).target_has(structure_with("1"), "7000");
    answered(start_asked());
  }
};

TEST(InventoryReceiver, SaysOnceWhatIsAnswered) {
  RunningStory story;
  story.after(60s);
  EXPECT_EQ(story.event<StartAsked>(), nullptr);
  EXPECT_TRUE(story.state.started.find(the_shard)->confirmed);
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

}  // namespace
}  // namespace arangosync::worker::inventory_receiver
