// A receiver of the inventory alone, with a clock: what its sentences begin with.
#pragma once

#include "domain/worker/inventory_receiver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace arangosync::worker::inventory_receiver {

using namespace std::chrono_literals;

inline ShardRef const the_shard{DatabaseName("d"), CollectionName("c"), 0};

inline inventory::Structure structure_with(std::string const& collection_id) {
  inventory::Collection collection;
  collection.id = collection_id;
  collection.name = the_shard.collection;
  collection.shards.push_back(inventory::Shard{ShardName("s1"), {ServerId("PRMR-1")}});
  inventory::Structure structure;
  structure.databases[the_shard.database].name = the_shard.database;
  structure.databases[the_shard.database].collections[collection.name] = collection;
  return structure;
}

inline inventory::Structure structure_without() {
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
  std::optional<ReportAsked> report;  ///< not answered yet
  sync::InventoryReport last_told;
  bool knows_target = true;

  explicit InventoryStory(std::vector<ShardRef> const& inherited = {}) {
    when([&](auto const& s, auto& m) { return on_start(s, m, inherited); });
  }
  template <class Decide>
  InventoryStory& when(Decide decide) {
    shard::Moment moment{now, WallTime(5000s), Draw(Entropy{++entropy}), last_request, Instant(9000s),
                         60s, knows_target};
    shard::Moment again = moment;
    events = decide(std::as_const(state), moment);
    EXPECT_TRUE(decide(std::as_const(state), again) == events) << "the same, asked twice";
    last_request = std::max(last_request, moment.last_request);
    for (Event const& event : events) {
      if (auto const* asked = std::get_if<ReportAsked>(&event)) {
        report = *asked;
        last_told = asked->report;
      }
      state = evolve(std::move(state), event);
    }
    check_invariants(state);
    return *this;
  }
  InventoryStory& source_has(inventory::Structure const& structure, WallTime read_at = {}) {
    shard::DataMessage const message{state.stream.epoch, Sequence(++sequence),
                                     shard::PublishedStructure{structure, read_at}};
    return when([&](auto const& s, auto& m) { return on_message(s, m, Offset(sequence), message); });
  }
  /// The source has been looked at again, and has nothing new.
  InventoryStory& source_is_same(WallTime read_at) {
    shard::DataMessage const message{state.stream.epoch, Sequence(sequence), shard::Heartbeat{{}, true, read_at}};
    return when([&](auto const& s, auto& m) { return on_message(s, m, Offset(sequence), message); });
  }
  /// What the master knows in the end.
  sync::InventoryReport told() {
    for (int i = 0; i < 5; ++i) {
      after(1s);
      while (report) answered(std::exchange(report, std::nullopt)->request);
    }
    return last_told;
  }
  InventoryStory& target_has(inventory::Structure const& structure, std::string const& origin) {
    TargetStructure target{structure, {}};
    for (auto const& [name, database] : structure.databases) {
      for (auto const& [collection, it] : database.collections) target.origins[{name, collection}] = origin;
    }
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

}  // namespace arangosync::worker::inventory_receiver
