// The source adapter over real sockets against the sandbox: structure, snapshots, the log, and the hand-over between
// them.
#include "tests/adapters/cluster/stage.h"

#include <atomic>
#include <thread>

namespace arangosync::cluster {
namespace {

using Documents = std::map<std::string, std::string>;

void replay(shard::Payload const& changes, Documents& into) {
  auto const reader = codec::ChangesReader::open(changes);
  ASSERT_TRUE(reader.has_value());
  for (std::uint32_t index = 0; index < reader->size(); ++index) {
    auto const change = (*reader)[index];
    if (change.kind == codec::ChangeKind::Truncate) into.clear();
    if (change.kind == codec::ChangeKind::Remove) into.erase(std::string(change.key));
    if (change.kind == codec::ChangeKind::Upsert) into[std::string(change.key)] = std::string(change.document);
  }
}

worker::Snapshot copy_shard(Stage& stage, inventory::Shard const& shard, worker::SyncerId syncer, Documents& into) {
  auto const snapshot = stage.open_snapshot(shard, syncer);
  EXPECT_TRUE(snapshot.has_value()) << snapshot.error().message;
  for (std::uint64_t chunk = 0;; ++chunk) {
    auto const read = stage.read_snapshot(snapshot->id, shard.name, chunk, 2000);
    EXPECT_TRUE(read.has_value()) << read.error().message;
    if (!read) break;
    replay(read->documents, into);
    if (read->last) {
      EXPECT_GT(chunk, 0u) << "the test wants several chunks";
      break;
    }
  }
  EXPECT_TRUE(stage.close_snapshot(*snapshot, syncer).has_value());
  return *snapshot;
}

/// Reads the log from the snapshot's tick to its end, through one reader.
void follow(Stage& stage, worker::ReadLog first, Documents& into) {
  auto effect = std::move(first);
  for (int reads = 0; reads < 10'000; ++reads) {
    auto const chunk = stage.read_log(effect);
    ASSERT_TRUE(chunk.has_value()) << chunk.error().message;
    ASSERT_FALSE(chunk->lost);
    EXPECT_FALSE(chunk->instance.empty());
    for (auto const& slice : chunk->slices) replay(slice.changes, into);
    effect.from = chunk->from;
    effect.last_scanned = chunk->last_scanned;
    effect.filter.reset();
    if (chunk->at_end) {
      EXPECT_TRUE(chunk->at_boundary);
      return;
    }
  }
  FAIL() << "the end of the log was not reached";
}

void scribble(Stage& stage, int round) {
  auto const number = std::to_string(round);
  stage.insert("orders", {R"({"_key":"k)" + std::to_string(round % 40) + R"(","n":)" + number + "}"});
  stage.remove("orders", "k" + std::to_string((round * 7) % 60));
  stage.insert("orders", {R"({"_key":"a)" + number + R"("})", R"({"_key":"b)" + number + R"("})"});
}

class HandOver : public testing::TestWithParam<bool> {};

TEST_P(HandOver, OfSnapshotToLogUnderConcurrentWritesLosesNothing) {
  Stage stage;
  stage.create("orders", 2);
  for (int round = 0; round < 100; ++round) scribble(stage, round);
  std::atomic<bool> writing{true};
  // Not without end: on a busy machine a writer that never pauses can keep the cluster's one lock to itself.
  constexpr int last_round = 5000;
  std::thread writer([&] {
    for (int round = 100; writing && round < last_round; ++round) scribble(stage, round);
  });
  std::vector<Documents> copies(2);
  std::vector<worker::ReadLog> logs;
  for (std::uint32_t index = 0; index < 2; ++index) {
    auto const shard = stage.shard("orders", index);
    worker::SyncerId const syncer(100 + index);
    auto const snapshot = copy_shard(stage, shard, syncer, copies[index]);
    worker::ReadLog log;
    log.reader = worker::ReaderId(index + 1);
    log.server = shard.servers.front();
    log.syncer = syncer;
    log.from = log.last_scanned = snapshot.tick;
    log.chunk_bytes = 16384;
    log.only = GetParam();
    log.filter = {{DatabaseName("_system"), shard.name, snapshot.tick}};
    logs.push_back(std::move(log));
  }
  writing = false;
  writer.join();
  for (std::uint32_t index = 0; index < 2; ++index) {
    follow(stage, logs[index], copies[index]);
    EXPECT_EQ(copies[index], stage.documents("orders", index)) << "shard " << index;
  }
}

INSTANTIATE_TEST_SUITE_P(Readers, HandOver, testing::Bool(),
                         [](auto const& kind) { return kind.param ? "Private" : "Shared"; });

TEST(LogReader, LeavesOutOtherShardsAndWhatTheSnapshotHad) {
  Stage stage;
  stage.create("orders", 1);
  stage.create("others", 1, R"(,"distributeShardsLike":"orders")");
  stage.insert("orders", {R"({"_key":"before"})"});
  auto const shard = stage.shard("orders", 0);
  auto const snapshot = stage.open_snapshot(shard, worker::SyncerId(7));
  ASSERT_TRUE(snapshot.has_value());
  stage.insert("others", {R"({"_key":"elsewhere"})"});
  stage.insert("orders", {R"({"_key":"after"})"});
  worker::ReadLog log;
  log.reader = worker::ReaderId(1);
  log.server = shard.servers.front();
  log.syncer = worker::SyncerId(8);
  log.chunk_bytes = 1 << 20;
  log.filter = {{DatabaseName("_system"), shard.name, snapshot->tick}};
  Documents found;
  follow(stage, log, found);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found.contains("after"));
}

TEST(LogReader, WithAPositionBeyondTheLogIsToldThatItIsLost) {
  Stage stage;
  stage.create("orders", 1);
  auto const shard = stage.shard("orders", 0);
  worker::ReadLog log;
  log.reader = worker::ReaderId(1);
  log.server = shard.servers.front();
  log.syncer = worker::SyncerId(8);
  log.from = log.last_scanned = Tick(1ull << 60);
  log.filter = std::vector<worker::ShardFilter>{};
  auto const chunk = stage.read_log(log);
  ASSERT_TRUE(chunk.has_value()) << chunk.error().message;
  EXPECT_TRUE(chunk->lost);
}

TEST(Snapshot, ThatIsUnknownOrReadOutOfOrderMustStartOver) {
  Stage stage;
  stage.create("orders", 1);
  stage.insert("orders", {R"({"_key":"a"})"});
  auto const shard = stage.shard("orders", 0);
  auto const unknown = stage.read_snapshot({shard.servers.front(), DatabaseName("_system"), "77"}, shard.name, 0, 1000);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().fault_class, FaultClass::NotFound);
  auto const snapshot = stage.open_snapshot(shard, worker::SyncerId(7));
  ASSERT_TRUE(snapshot.has_value());
  auto const late = stage.read_snapshot(snapshot->id, shard.name, 1, 1000);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().fault_class, FaultClass::NotFound);
}

TEST(Snapshot, OfADbServerThatDoesNotExistAsksForTheStructureAgain) {
  Stage stage;
  inventory::Shard const nowhere{ShardName("s1"), {ServerId("PRMR-none")}};
  auto const opened = stage.open_snapshot(nowhere, worker::SyncerId(7));
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().fault_class, FaultClass::Refresh);
}

TEST(Structure, OfTheSandboxIsReadWithShardsAndIndexes) {
  Stage stage;
  stage.create("orders", 3, R"(,"replicationFactor":2)");
  stage.sandbox->with_model([](sim::ClusterModel& model) {
    ASSERT_TRUE(model.create_index("_system", "orders", R"({"type":"persistent","fields":["n"],"name":"by_n"})"));
    ASSERT_TRUE(model.create_database("shop", {}));
  });
  auto const structure = stage.structure();
  ASSERT_TRUE(structure.has_value()) << structure.error().message;
  EXPECT_TRUE(structure->databases.contains(DatabaseName("shop")));
  auto const* orders = inventory::find(*structure, DatabaseName("_system"), CollectionName("orders"));
  ASSERT_NE(orders, nullptr);
  ASSERT_EQ(orders->shards.size(), 3u);
  for (std::size_t index = 0; index < 3; ++index) EXPECT_EQ(orders->shards[index], stage.shard("orders", index));
  ASSERT_EQ(orders->indexes.size(), 1u);
  EXPECT_EQ(orders->indexes[0].name, "by_n");
}

}  // namespace
}  // namespace arangosync::cluster
