// The source adapter over real sockets against the sandbox: structure, snapshots, the log, and the hand-over between
// them.
#include "adapters/cluster/wal_range.h"
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

struct Way {
  char const* name;
  bool only;  ///< a private reader
  RouteRule rule;
  bool hides_db_servers;
};
void PrintTo(Way const& way, std::ostream* out) { *out << way.name; }

class HandOver : public testing::TestWithParam<Way> {
protected:
  static sandbox::Options options() {
    sandbox::Options result;
    result.hides_db_servers = GetParam().hides_db_servers;
    return result;
  }
};

TEST_P(HandOver, OfSnapshotToLogUnderConcurrentWritesLosesNothing) {
  Stage stage(1, options(), GetParam().rule);
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
    log.only = GetParam().only;
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

INSTANTIATE_TEST_SUITE_P(Readers, HandOver,
                         testing::Values(Way{"DirectPrivate", true, RouteRule::Auto, false},
                                         Way{"DirectShared", false, RouteRule::Direct, false},
                                         Way{"CoordinatorPrivate", true, RouteRule::Coordinator, false},
                                         Way{"CoordinatorSharedBehindAFirewall", false, RouteRule::Auto, true}),
                         [](auto const& way) { return std::string(way.param.name); });

// Writes of all kinds in three databases while one reader follows them all: large transactions beside single
// operations, so that answers are full in one database and short in the next.
TEST(FollowedLog, OfSeveralDatabasesIsOneStreamThatLosesNothing) {
  sandbox::Options options;
  options.db_servers = 1;
  Stage stage(3, options, RouteRule::Coordinator);
  std::vector<std::string> const databases{"_system", "shop", "archive"};
  stage.sandbox->with_model([](sim::ClusterModel& model) {
    ASSERT_TRUE(model.create_database("shop", {}));
    ASSERT_TRUE(model.create_database("archive", {}));
  });
  std::vector<worker::ShardFilter> filter;
  std::map<std::string, Documents> copies;
  worker::ReadLog log;
  for (auto const& name : databases) stage.create("orders", 1, "", name);
  for (auto const& name : databases) {
    auto const shard = stage.shard("orders", 0, name);
    log.server = shard.servers.front();
    filter.push_back({DatabaseName(name), shard.name, Tick(0)});
  }
  auto const opened = stage.open_snapshot(stage.shard("orders", 0), worker::SyncerId(5));
  ASSERT_TRUE(opened.has_value());
  log.reader = worker::ReaderId(1);
  log.syncer = worker::SyncerId(5);
  log.from = log.last_scanned = opened->tick;
  log.chunk_bytes = 3 * 16384;
  log.filter = filter;
  auto const write = [&](int round) {
    auto const number = std::to_string(round);
    stage.insert("orders", {R"({"_key":"k)" + std::to_string(round % 7) + R"(","n":)" + number + "}"},
                 databases[static_cast<std::size_t>(round) % 3]);
    if (round % 5 != 0) return;
    std::vector<std::string> many;
    for (int i = 0; i < 200; ++i) {
      many.push_back(R"({"_key":"m)" + std::to_string(i) + R"(","n":)" + number + R"(,"filler":")" +
                     std::string(100, 'x') + R"("})");
    }
    stage.insert("orders", many, databases[static_cast<std::size_t>(round / 5) % 2]);
  };
  bool was_full = false;
  auto last = log.from;
  for (int round = 0; round < 60; ++round) {
    write(round);
    if (round % 4 != 0 && round != 59) continue;
    for (bool at_end = false; !at_end;) {
      auto const chunk = stage.read_log(log);
      ASSERT_TRUE(chunk.has_value()) << chunk.error().message;
      ASSERT_FALSE(chunk->lost);
      EXPECT_GE(chunk->from, last) << "positions never go back";
      for (auto const& slice : chunk->slices) replay(slice.changes, copies[slice.database.value()]);
      log.from = last = chunk->from;
      log.last_scanned = chunk->last_scanned;
      log.filter.reset();
      at_end = chunk->at_end;
      was_full = was_full || !at_end;
    }
    for (auto const& name : databases) EXPECT_EQ(copies[name], stage.documents("orders", {}, name)) << name;
  }
  EXPECT_TRUE(was_full) << "the test wants answers that end early";
  auto const again = stage.read_log(log);
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->at_end);
  EXPECT_TRUE(again->slices.empty()) << "nothing comes twice at the end of the log";
}

TEST(FollowedLog, IsKeptForItsReaderInEachDatabaseUntilItIsForgotten) {
  Stage stage(4, {}, RouteRule::Coordinator);
  stage.create("orders", 1);
  auto const shard = stage.shard("orders", 0);
  Documents copy;
  for (int round = 0; round < 50; ++round) scribble(stage, round);
  auto const snapshot = copy_shard(stage, shard, worker::SyncerId(9), copy);
  auto const tick_of_client = [&] {
    std::vector<std::uint64_t> ticks;
    stage.sandbox->with_model([&](sim::ClusterModel& model) {
      for (auto const& client : model.clients(shard.servers.front().value(), "_system")) ticks.push_back(client.tick);
    });
    return ticks;
  };
  EXPECT_EQ(tick_of_client(), (std::vector<std::uint64_t>{snapshot.tick.value() - 1})) << "asked for after the close";
  worker::ReadLog log;
  log.reader = worker::ReaderId(1);
  log.server = shard.servers.front();
  log.syncer = worker::SyncerId(9);
  log.from = log.last_scanned = snapshot.tick;
  log.chunk_bytes = 1 << 20;
  log.filter = {{DatabaseName("_system"), shard.name, snapshot.tick}};
  scribble(stage, 1);
  follow(stage, log, copy);
  EXPECT_EQ(copy, stage.documents("orders"));
  EXPECT_EQ(tick_of_client().size(), 1u);
  stage.source.perform(worker::ForgetReader{log.reader, log.server, log.syncer});
  auto const deadline = stage.clock.now() + 20s;
  while (!tick_of_client().empty() && stage.clock.now() < deadline) std::this_thread::yield();
  EXPECT_TRUE(tick_of_client().empty());
}

TEST(Log, IsKeptByServersThatKnowNoSyncer) {
  sandbox::Options options;
  options.version = "3.4.11";
  Stage stage(1, options);
  stage.create("orders", 1);
  auto const shard = stage.shard("orders", 0);
  Documents copy;
  for (int round = 0; round < 50; ++round) scribble(stage, round);
  auto const readers = [&] {
    std::set<std::string> names;
    stage.sandbox->with_model([&](sim::ClusterModel& model) {
      for (auto const& one : model.clients(shard.servers.front().value(), "_system")) names.insert(one.client.id());
    });
    return names;
  };
  auto const snapshot = copy_shard(stage, shard, worker::SyncerId(9), copy);
  EXPECT_EQ(readers(), std::set<std::string>{"9"}) << "else the log after the snapshot is removed";
  worker::ReadLog log;
  log.reader = worker::ReaderId(1);
  log.server = shard.servers.front();
  log.syncer = worker::SyncerId(11);
  log.from = log.last_scanned = snapshot.tick;
  log.chunk_bytes = 1 << 20;
  log.filter = {{DatabaseName("_system"), shard.name, snapshot.tick}};
  follow(stage, log, copy);
  EXPECT_EQ(readers(), (std::set<std::string>{"11", "9"}));
}

TEST(ReadRoute, IsDirectWhereItCanBeAndThroughACoordinatorBehindAFirewall) {
  auto const route_said = [](sandbox::Options options) {
    Stage stage(1, std::move(options));
    stage.create("orders", 1);
    EXPECT_TRUE(stage.open_snapshot(stage.shard("orders", 0), worker::SyncerId(7)).has_value());
    auto const said = stage.telemetry.routes();
    return said.empty() ? std::string() : said.front();
  };
  EXPECT_NE(route_said({}).find("is read by the route direct"), std::string::npos);
  sandbox::Options hidden;
  hidden.hides_db_servers = true;
  EXPECT_NE(route_said(hidden).find("is read by the route coordinator"), std::string::npos);
  hidden.version = "3.12.10";
  EXPECT_NE(route_said(hidden).find("is read by the route compare"), std::string::npos);
}

TEST(ClosedLog, TellsOnlyHowFarItGoes) {
  sandbox::Options options;
  options.version = "3.12.10";
  Stage stage(1, options, RouteRule::Coordinator);
  stage.create("orders", 1);
  auto const shard = stage.shard("orders", 0);
  Documents copy;
  for (int round = 0; round < 50; ++round) scribble(stage, round);
  auto const snapshot = copy_shard(stage, shard, worker::SyncerId(9), copy);
  EXPECT_EQ(copy, stage.documents("orders"));
  worker::ReadLog log;
  log.reader = worker::ReaderId(1);
  log.server = shard.servers.front();
  log.syncer = worker::SyncerId(9);
  log.from = log.last_scanned = snapshot.tick;
  log.filter = {{DatabaseName("_system"), shard.name, snapshot.tick}};
  auto const quiet = stage.read_log(log);
  ASSERT_TRUE(quiet.has_value()) << quiet.error().message;
  EXPECT_TRUE(quiet->closed);
  EXPECT_TRUE(quiet->at_end);
  scribble(stage, 1);
  auto const moved = stage.read_log(log);
  ASSERT_TRUE(moved.has_value());
  EXPECT_TRUE(moved->closed);
  EXPECT_FALSE(moved->at_end);
  EXPECT_GT(moved->newest, snapshot.tick);
  EXPECT_EQ(moved->from, snapshot.tick) << "the position stays";
  EXPECT_TRUE(moved->slices.empty());
}

TEST(ReadRoute, ThatIsClosedByAVersionWithoutForwardingSaysWhatToDo) {
  sandbox::Options old;
  old.version = "3.5.7";
  Stage stage(1, old, RouteRule::Coordinator);
  stage.create("orders", 1);
  auto const opened = stage.open_snapshot(stage.shard("orders", 0), worker::SyncerId(7));
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().message.find("let the worker reach the DB-Servers"), std::string::npos)
      << opened.error().message;
}

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

TEST(BootCounts, ComeWithSnapshotsAndLogReads) {
  Stage stage;
  stage.create("orders", 1);
  auto const shard = stage.shard("orders", 0);
  ServerId const server = shard.servers.front();
  stage.sandbox->with_model([&](sim::ClusterModel& model) { model.restart_server(server.value()); });
  auto const snapshot = stage.open_snapshot(shard, worker::SyncerId(4711));
  ASSERT_TRUE(snapshot.has_value()) << snapshot.error().message;
  EXPECT_EQ(snapshot->boot, 2u);
  worker::ReadLog read;
  read.reader = worker::ReaderId(1);
  read.server = server;
  read.syncer = worker::SyncerId(4711);
  read.from = snapshot->tick;
  read.last_scanned = snapshot->tick;
  read.chunk_bytes = 1u << 20;
  read.filter = {{DatabaseName("_system"), shard.name, snapshot->tick}};
  auto const chunk = stage.read_log(read);
  ASSERT_TRUE(chunk.has_value()) << chunk.error().message;
  EXPECT_EQ(chunk->boot, 2u);
}

TEST(BootCounts, AreReadFromTheAgencysAnswerWhateverThatIs) {
  ServerId const server("PRMR-1");
  EXPECT_EQ(parse_boot(R"([{"arango":{"Current":{"ServersKnown":{"PRMR-1":{"rebootId":12}}}}}])", server), 12u);
  for (auto const* unknown :
       {"", "[]", "{}", "[{}]", R"([{"arango":{"Current":{}}}])", R"([{"arango":{"Current":{"ServersKnown":7}}}])",
        R"([{"arango":{"Current":{"ServersKnown":{"PRMR-2":{"rebootId":12}}}}}])",
        R"([{"arango":{"Current":{"ServersKnown":{"PRMR-1":{"rebootId":"many"}}}}}])"}) {
    EXPECT_EQ(parse_boot(unknown, server), 0u) << unknown;
  }
}

}  // namespace
}  // namespace arangosync::cluster
