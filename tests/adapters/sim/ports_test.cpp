// The simulated cluster behind the source and target ports: what is read as snapshot and log and then applied makes a
// copy, whatever the network does to single calls.
#include "adapters/sim/source_port.h"
#include "adapters/sim/target_port.h"

#include "adapters/codec/changes.h"
#include "domain/base/limits.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

namespace arangosync::sim {
namespace {

using namespace std::chrono_literals;

struct Heard final : ports::Inbox<worker::Command> {
  void post(worker::Command command) override { commands.push_back(std::move(command)); }
  std::vector<worker::Command> commands;
};

struct SimulatedCluster : testing::Test {
  World world{11};
  Network network{world};
  SimCluster a{world, network, Datacenter::A, 1};
  SimCluster b{world, network, Datacenter::B, 1};
  NodeId node = network.add_node(Datacenter::A, "worker");
  Process process{world, node, "worker"};
  Heard inbox;
  SimSourceCluster source{process, network, a, inbox};
  SimTargetCluster target{process, network, b, inbox};
  ServerId const server{a.model->db_servers().front().id};
  DatabaseName const database{"_system"};
  ShardRef const shard{database, CollectionName("c"), 0};
  std::uint64_t requests = 0;

  void SetUp() override {
    for (SimCluster* const cluster : {&a, &b}) {
      ASSERT_TRUE(cluster->model->create_collection("_system", R"({"name":"c","numberOfShards":1})").has_value());
    }
  }
  RequestId next() { return RequestId(++requests); }

  /// Performs an effect and waits for the answer of that type.
  template <class Answer, class Port, class Effect>
  Answer ask(Port& port, Effect const& effect) {
    inbox.commands.clear();
    port.perform(effect);
    Instant const until = world.now() + 60s;
    while (inbox.commands.empty() && world.step(until)) {
    }
    EXPECT_EQ(inbox.commands.size(), 1U);
    return std::get<Answer>(inbox.commands.at(0));
  }
  ShardName shard_name() const { return ShardName(a.model->find_collection("_system", "c")->shards.front().name); }
  void write(std::string const& key, int value) {
    WriteOptions options;
    options.overwrite = Overwrite::Replace;
    std::string const body = R"({"_key":")" + key + R"(","n":)" + std::to_string(value) + "}";
    ASSERT_TRUE(a.model->insert_one("_system", "c", body, options).has_value());
  }
  void remove(std::string const& key) { ASSERT_TRUE(a.model->remove_one("_system", "c", key, {}).has_value()); }
  bool is_copy() const {
    auto const& original = *a.model->find_collection("_system", "c")->shards.front().documents;
    auto const& copy = *b.model->find_collection("_system", "c")->shards.front().documents;
    if (original.size() != copy.size()) return false;
    for (auto const& [key, document] : original) {
      auto const found = copy.find(key);
      if (found == copy.end() || found->second->revision != document->revision || found->second->text != document->text)
        return false;
    }
    return true;
  }
  Instant deadline() { return process.now() + 20s; }
  void pass(Duration time) {
    Instant const until = world.now() + time;
    while (world.step(until)) {
    }
  }

  /// A full copy; returns the tick from which the log continues, or 0 if it has to be tried again.
  std::uint64_t copy(worker::CopyId id) {
    worker::SyncerId const syncer(77);
    auto const opened = ask<worker::SnapshotOpened>(
        source, worker::OpenSnapshot{next(), server, database, shard_name(), syncer, false});
    if (!opened.outcome) return 0;
    for (std::uint64_t chunk = 0;; ++chunk) {
      auto const read = ask<worker::SnapshotRead>(
          source, worker::ReadSnapshot{next(), opened.outcome->id, shard_name(), chunk, limits::snapshot_chunk_bytes});
      if (!read.outcome) return 0;
      auto const applied = ask<worker::BatchApplied>(
          target, worker::ApplyBatch{next(), shard, {read.outcome->documents}, id, deadline()});
      if (!applied.outcome) return 0;
      if (read.outcome->last) break;
    }
    auto const removed = ask<worker::SurplusRemoved>(target, worker::RemoveSurplus{next(), shard, id, deadline()});
    if (!removed.outcome) return 0;
    (void)ask<worker::SnapshotClosed>(source,
                                      worker::CloseSnapshot{next(), opened.outcome->id, syncer, opened.outcome->tick});
    return opened.outcome->tick.value();
  }
  /// A whole comparison; how many changes it took, or nothing if it has to be tried again.
  std::optional<std::uint32_t> compare() {
    auto const opened = ask<worker::SnapshotOpened>(
        source, worker::OpenSnapshot{next(), server, database, shard_name(), worker::SyncerId(77), true});
    if (!opened.outcome || !opened.outcome->tree) return std::nullopt;
    std::uint32_t changes = 0;
    std::vector<Blob> trees{*opened.outcome->tree};
    for (std::size_t tree = 0; tree < trees.size(); ++tree) {
      std::optional<revision::RevisionId> from = revision::RevisionId();
      while (from) {
        auto const compared = ask<worker::TreeCompared>(
            target, worker::CompareTree{next(), shard, worker::CopyId(1), trees[tree], *from, 1u << 20});
        if (!compared.outcome || !compared.outcome->copy_instead.empty()) return std::nullopt;
        if (compared.outcome->ranges.size_bytes() > 0) {
          auto const detail = answer_part(opened.outcome->id, compared.outcome->ranges, changes);
          if (detail) trees.push_back(*detail);
        }
        from = compared.outcome->next;
      }
    }
    return changes;
  }
  std::optional<Blob> answer_part(worker::SnapshotId const& snapshot, Blob const& part, std::uint32_t& changes) {
    std::optional<revision::RevisionId> from = revision::RevisionId();
    while (true) {
      auto const read = ask<worker::DifferenceRead>(
          source, worker::ReadDifference{next(), snapshot, shard_name(), part, *from, 1u << 20});
      EXPECT_TRUE(read.outcome.has_value());
      if (!read.outcome) return std::nullopt;
      for (auto const& payload : {read.outcome->changes, read.outcome->removals}) {
        changes += payload.count;
        if (payload.count == 0) continue;
        auto const applied =
            ask<worker::BatchApplied>(target, worker::ApplyBatch{next(), shard, {payload}, {}, deadline()});
        EXPECT_TRUE(applied.outcome.has_value());
      }
      from = read.outcome->next;
      if (!from) return read.outcome->detail;
    }
  }
  /// Follows the log to its end.
  void follow(std::uint64_t tick, std::size_t chunk_bytes) {
    Tick from(tick);
    Tick last_scanned(0);
    std::optional<std::vector<worker::ShardFilter>> filter{{worker::ShardFilter{database, shard_name(), Tick(tick)}}};
    for (int i = 0; i < 10'000; ++i) {
      auto const read =
          ask<worker::LogRead>(source, worker::ReadLog{next(), worker::ReaderId(1), server, worker::SyncerId(77), from,
                                                       last_scanned, chunk_bytes, filter, false});
      if (!read.outcome) continue;
      ASSERT_FALSE(read.outcome->lost);
      for (auto const& slice : read.outcome->slices) {
        while (!ask<worker::BatchApplied>(target, worker::ApplyBatch{next(), shard, {slice.changes}, {}, deadline()})
                    .outcome) {
        }
      }
      from = read.outcome->from;
      last_scanned = read.outcome->last_scanned;
      filter.reset();
      if (read.outcome->at_end) return;
    }
    FAIL() << "the log has no end";
  }
};

TEST_F(SimulatedCluster, IsCopiedBySnapshotSurplusIncluded) {
  for (int i = 0; i < 100; ++i) write("k" + std::to_string(i), i);
  ASSERT_TRUE(b.model->insert_one("_system", "c", R"({"_key":"surplus"})", {}).has_value());
  ASSERT_GT(copy(worker::CopyId(1)), 0U);
  EXPECT_TRUE(is_copy());
}

TEST_F(SimulatedCluster, IsRepairedByAComparisonAtTheCostOfWhatDiffers) {
  for (int i = 0; i < 400; ++i) write("k" + std::to_string(i), i);
  ASSERT_GT(copy(worker::CopyId(1)), 0U);
  for (int i = 0; i < 30; ++i) write("k" + std::to_string(7 * i), -i);  // changed
  for (int i = 0; i < 20; ++i) write("n" + std::to_string(i), i);       // new
  for (int i = 0; i < 10; ++i) remove("k" + std::to_string(300 + i));   // gone
  // Later: revisions are times, and both clusters' clocks are the world's. Two documents of one revision are equal to
  // every comparison.
  pass(1s);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(b.model->insert_one("_system", "c", R"({"_key":"only)" + std::to_string(i) + "\"}", {}).has_value());
  }
  std::optional<std::uint32_t> changes;
  while (!changes) changes = compare();
  EXPECT_TRUE(is_copy());
  EXPECT_LE(*changes, 30u + 30u + 20u + 10u + 5u) << "a changed document is one to send and one to remove";
  std::optional<std::uint32_t> again;
  while (!again) again = compare();
  EXPECT_EQ(*again, 0u) << "equal now";
}

TEST_F(SimulatedCluster, AComparisonRemovesNothingNewerThanItHasSeen) {
  for (int i = 0; i < 20; ++i) write("k" + std::to_string(i), i);
  ASSERT_GT(copy(worker::CopyId(1)), 0U);
  std::string const old = b.model->find_document(*b.model->find_collection("_system", "c"), "k3")->revision;
  write("k3", 1000);
  std::uint64_t const tick = copy(worker::CopyId(2));
  ASSERT_GT(tick, 0U);
  codec::ChangesBuilder builder;
  builder.add({codec::ChangeKind::RemoveRevision, "", old, ""});
  auto const applied =
      ask<worker::BatchApplied>(target, worker::ApplyBatch{next(), shard, {builder.finish()}, {}, deadline()});
  ASSERT_TRUE(applied.outcome.has_value());
  EXPECT_EQ(applied.outcome->removed, 0u);
  EXPECT_TRUE(is_copy());
}

TEST_F(SimulatedCluster, LeavesUniqueValuesToNewerDocumentsWhereALogIsReadAgain) {
  auto const index = R"({"type":"persistent","fields":["n"],"unique":true,"sparse":true})";
  ASSERT_TRUE(a.model->create_index("_system", "c", index).has_value());
  ASSERT_TRUE(b.model->create_index("_system", "c", index).has_value());
  write("old", 0);
  std::uint64_t const tick = copy(worker::CopyId(1));
  ASSERT_GT(tick, 0U);
  write("a", 1);
  write("a", 9);
  write("b", 1);
  write("c", 2);
  follow(tick, 1u << 20);
  ASSERT_TRUE(is_copy());
  codec::ChangesBuilder builder;
  builder.add({codec::ChangeKind::Upsert, "a", "_a", R"({"_key":"a","_rev":"_a","n":1})"});
  auto const applied =
      ask<worker::BatchApplied>(target, worker::ApplyBatch{next(), shard, {builder.finish()}, {}, deadline(), true});
  ASSERT_TRUE(applied.outcome.has_value());
  EXPECT_TRUE(is_copy());
}

TEST_F(SimulatedCluster, IsFollowedByItsLogAfterTheSnapshot) {
  for (int i = 0; i < 30; ++i) write("k" + std::to_string(i), i);
  std::uint64_t const tick = copy(worker::CopyId(1));
  for (int i = 0; i < 40; ++i) write("k" + std::to_string(i % 17), i);
  remove("k3");
  ASSERT_TRUE(a.model->truncate("_system", "c").has_value());
  for (int i = 0; i < 10; ++i) write("n" + std::to_string(i), i);
  follow(tick, 1u << 20);
  EXPECT_TRUE(is_copy());
}

TEST_F(SimulatedCluster, IsFollowedThroughTransactionsLongerThanAChunk) {
  std::uint64_t const tick = copy(worker::CopyId(1));
  std::vector<std::string> bodies;
  for (int i = 0; i < 60; ++i) bodies.push_back(R"({"_key":"k)" + std::to_string(i) + R"("})");
  std::vector<std::string_view> const items(bodies.begin(), bodies.end());
  ASSERT_TRUE(a.model->insert("_system", "c", items, {}).has_value());
  follow(tick, 300);
  EXPECT_TRUE(is_copy());
}

TEST_F(SimulatedCluster, IsCopiedOverABadNetworkToo) {
  LinkFaults faults;
  faults.loss = 50;
  faults.duplication = 50;
  faults.delay_max = 100ms;
  network.set_faults(faults, faults);
  for (int i = 0; i < 60; ++i) write("k" + std::to_string(i), i);
  std::uint64_t tick = 0;
  for (std::uint64_t attempt = 1; tick == 0 && attempt < 100; ++attempt) tick = copy(worker::CopyId(attempt));
  ASSERT_GT(tick, 0U);
  for (int i = 0; i < 60; ++i) write("k" + std::to_string(i % 7), i);
  follow(tick, 400);
  EXPECT_TRUE(is_copy());
}

TEST_F(SimulatedCluster, IsNotWrittenToAfterTheDeadlineOfAnEffect) {
  write("k", 1);
  auto const changes = [&] {
    auto const opened = ask<worker::SnapshotOpened>(
        source, worker::OpenSnapshot{next(), server, database, shard_name(), worker::SyncerId(7), false});
    return ask<worker::SnapshotRead>(source,
                                     worker::ReadSnapshot{next(), opened.outcome->id, shard_name(), 0, 1u << 20})
        .outcome->documents;
  }();
  auto const late = ask<worker::BatchApplied>(target, worker::ApplyBatch{next(), shard, {changes}, {}, process.now()});
  EXPECT_FALSE(late.outcome.has_value());
  EXPECT_FALSE(is_copy());
}

TEST_F(SimulatedCluster, ShowsTheSameStructureOnBothSidesOfACopy) {
  auto const read = ask<worker::StructureRead>(source, worker::ReadStructure{next()});
  ASSERT_TRUE(read.outcome.has_value());
  auto const& collection = read.outcome->databases.at(database).collections.at(CollectionName("c"));
  inventory::Collection copy = collection;
  copy.name = CollectionName("d");
  auto const made = ask<worker::StepApplied>(
      target, worker::ApplyStep{next(), inventory::CreateCollection{database, copy}, deadline()});
  ASSERT_TRUE(made.outcome.has_value());
  auto const shown = structure_of(*b.model->find_collection("_system", "d"));
  EXPECT_EQ(shown.immutable_properties, collection.immutable_properties);
  EXPECT_EQ(shown.mutable_properties, collection.mutable_properties);
  EXPECT_EQ(shown.shards.size(), collection.shards.size());
}

TEST_F(SimulatedCluster, OfACollectionThatIsDroppedItIsForgottenWhoseCopyItWas) {
  auto const does = [&](inventory::Step const& step) {
    return ask<worker::StepApplied>(target, worker::ApplyStep{next(), step, deadline()}).outcome.has_value();
  };
  inventory::Collection copy;
  copy.id = "4711";
  copy.name = CollectionName("d");
  copy.immutable_properties = R"({"numberOfShards":2})";
  copy.mutable_properties = "{}";
  EXPECT_TRUE(does(inventory::CreateCollection{database, copy}));
  EXPECT_FALSE(does(inventory::CreateCollection{database, copy})) << "what is there is looked at first";
  EXPECT_TRUE(does(inventory::RecordOrigin{database, copy.name, copy.id}));
  EXPECT_TRUE(b.origins.contains({database, copy.name}));
  EXPECT_TRUE(does(inventory::DropCollection{database, copy.name}));
  EXPECT_FALSE(b.origins.contains({database, copy.name}));
}

TEST_F(SimulatedCluster, APulseOfABackupThatWasRestoredIsNotAsItWasLeftAndWhatIsStoredUnderItIsVoid) {
  Instant const deadline = process.now() + 1000s;
  auto const beat = [&](std::uint64_t number) {
    worker::Stamp const stamp{worker::PulseId(7), number};
    auto const outcome = ask<worker::BeatAnswered>(target, worker::Beat{next(), stamp, {}, {}, deadline}).outcome;
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message;
    return outcome.value();
  };
  auto const position = [&] {
    return ask<worker::PositionRead>(target, worker::ReadPosition{next(), shard}).outcome.value().position;
  };
  auto const store = [&](std::uint64_t tick, std::uint64_t number) {
    shard::Position const reached{ShardName("s1"), server, "1", Tick(tick), Tick(tick), {}, 1};
    worker::Stamp const stamp{worker::PulseId(7), number};
    worker::StorePositions const effect{next(), {{shard, reached}}, stamp, deadline};
    ASSERT_TRUE(ask<worker::PositionsStored>(target, effect).outcome.has_value());
  };
  ASSERT_EQ(beat(1), worker::PulseFound::AsLeft);
  store(10, 1);
  b.take_backup();
  ASSERT_EQ(beat(2), worker::PulseFound::AsLeft);
  store(20, 2);
  ASSERT_EQ(position().value().from, Tick(20));
  ASSERT_TRUE(b.restore_backup());
  EXPECT_EQ(position().value().from, Tick(10)) << "it came back with the documents";
  store(30, 2);
  EXPECT_EQ(position(), std::nullopt);
  EXPECT_EQ(beat(3), worker::PulseFound::SetBack);
}

}  // namespace
}  // namespace arangosync::sim
