// The checker of copies, where it has to let something pass: what it lets pass, and how little that is.
#include "app/replay/true_copy.h"
#include "app/replay/violation.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace arangosync::replay {
namespace {

using namespace std::chrono_literals;

/// A document `k` is copied, and a backup made of the target with the position that speaks of it. Then the source
/// replaces the document, and a comparison brings that, too, with the position forgotten before.
struct ATargetSetBack : testing::Test {
  sim::World world{11};
  sim::Network network{world};
  sim::SimCluster a{world, network, sim::Datacenter::A, 1};
  sim::SimCluster b{world, network, sim::Datacenter::B, 1};
  History history;
  TrueCopy copy{a, b, history, true};
  sim::Process worker{world, network.add_node(sim::Datacenter::B, "B/worker1"), "B/worker1"};
  sim::Process successor{world, network.add_node(sim::Datacenter::B, "B/worker2"), "B/worker2"};
  ShardRef const shard{DatabaseName("_system"), CollectionName("c"), 0};
  std::uint64_t boot = 0;  ///< of the positions that are stored; 0: not known

  void SetUp() override {
    history.record(*a.model);
    b.model->watch([this](auto const&... change) { copy.written(change...); });
    b.on_position = [this](auto const& by, ShardRef const& of, shard::Position const& position) {
      by.is_alive() ? copy.positioned(of, position) : copy.positioned_late(of, position, by.died_at());
    };
    for (sim::SimCluster* const cluster : {&a, &b}) {
      ASSERT_TRUE(cluster->model->create_collection("_system", R"({"name":"c","numberOfShards":1})").has_value());
    }
    write("k", 1);
    bring("k");
    store_position();
    b.take_backup();
    pass(80s);
    write("before", 1);
  }
  void replace_and_compare() {
    write("k", 2);
    b.positions.clear();
    bring("k");
  }
  void restore() {
    ASSERT_TRUE(b.restore_backup());
    copy.set_back();
  }
  void pass(Duration time) {
    world.after(time, [] {});
    world.step(world.now() + time);
  }

  void write(std::string const& key, int value) {
    sim::WriteOptions options;
    options.overwrite = sim::Overwrite::Replace;
    std::string const body = R"({"_key":")" + key + R"(","n":)" + std::to_string(value) + "}";
    ASSERT_TRUE(a.model->insert_one("_system", "c", body, options).has_value());
  }
  std::string text_at_source(std::string const& key) {
    return a.model->find_document(*a.model->find_collection("_system", "c"), key)->text;
  }
  void bring(std::string const& key) { put(text_at_source(key)); }
  void put(std::string const& text) {
    sim::WriteOptions options;
    options.is_restore = true;
    options.overwrite = sim::Overwrite::Replace;
    ASSERT_TRUE(b.model->insert_one("_system", "c", text, options).has_value());
  }
  void remove(std::string const& key) { ASSERT_TRUE(b.model->remove_one("_system", "c", key, {}).has_value()); }
  /// The position behind all that the source has written so far, or before the last of it.
  void store_position(std::uint64_t before_the_end = 0) { store_position(worker, before_the_end); }
  void store_position(sim::Process const& by, std::uint64_t before_the_end = 0) {
    shard::Position position;
    std::string const server = a.model->db_servers().front().id;
    position.shard = ShardName(a.model->find_collection("_system", "c")->shards.front().name);
    position.server = ServerId(server);
    position.from = Tick(a.model->last_tick(server) - before_the_end);
    position.boot = boot;
    b.pulses[worker::PulseId(1)] = 1;
    b.positions[shard] = sim::SimCluster::KeptPosition{position, worker::Stamp{worker::PulseId(1), 1}};
    b.on_position(by, shard, position);
  }
};

TEST_F(ATargetSetBack, MayMissADocumentThatAComparisonRemovedUnawareUntilTheLogBringsIt) {
  replace_and_compare();
  restore();
  EXPECT_NO_THROW(remove("k"));
  EXPECT_NO_THROW(copy.sweep());
  bring("before");
  EXPECT_NO_THROW(store_position(1));
  bring("k");
  EXPECT_NO_THROW(store_position());
  EXPECT_FALSE(copy.difference(shard).has_value());
}

TEST_F(ATargetSetBack, MayNotMissItWhenThePositionPassesWhatReplacedIt) {
  replace_and_compare();
  restore();
  remove("k");
  bring("before");
  EXPECT_THROW(store_position(), Violation);
}

TEST_F(ATargetSetBack, MayNotHaveLostADocumentThatTheSourceHasNotReplaced) {
  restore();
  EXPECT_THROW(remove("k"), Violation);
}

TEST_F(ATargetSetBack, IsKnownToBeSoAfterAWhileToWhoStoresPositions) {
  replace_and_compare();
  restore();
  bring("before");
  store_position(1);
  pass(70s);
  EXPECT_THROW(remove("k"), Violation);
}

TEST_F(ATargetSetBack, IsUnknownForLongToAWorkerWhoseMastersAreGone) {
  replace_and_compare();
  restore();
  pass(300s);
  EXPECT_NO_THROW(remove("k"));
  bring("before");
  EXPECT_NO_THROW(store_position(1));
  EXPECT_NO_THROW(copy.sweep());
  EXPECT_THROW(store_position(), Violation) << "by then it is back";
}

/// Its worker has died, and what it had sent last is still under way; the successor has read the position before that.
struct ATargetWhoseWorkerDied : ATargetSetBack {
  std::string former;
  void SetUp() override {
    ATargetSetBack::SetUp();
    bring("before");
    former = text_at_source("k");
    write("k", 2);
    bring("k");
    worker.kill();
    copy.position_read(shard, world.now());
  }
};

TEST_F(ATargetWhoseWorkerDied, MayBeBehindThePositionThatComesLateUntilTheSuccessorStoresOne) {
  store_position();
  EXPECT_NO_THROW(put(former));
  EXPECT_NO_THROW(copy.sweep());
  bring("k");
  EXPECT_NO_THROW(store_position(successor));
  EXPECT_THROW(put(former), Violation);
}

TEST_F(ATargetWhoseWorkerDied, MayBeBehindOneThatComesAfterTheSuccessorsFirst) {
  store_position(successor, 1);
  store_position();
  EXPECT_NO_THROW(put(former));
}

TEST_F(ATargetSetBack, MayNotBeBehindAPositionThatComesLateAndThatNobodyHasMissed) {
  copy.position_read(shard, world.now());
  pass(1s);
  std::string const former = text_at_source("k");
  bring("before");
  write("k", 2);
  bring("k");
  worker.kill();
  store_position();
  EXPECT_THROW(put(former), Violation);
}

TEST_F(ATargetWhoseWorkerDied, MayNotStayBehindIt) {
  store_position();
  put(former);
  EXPECT_THROW(store_position(successor), Violation);
}

TEST_F(ATargetWhoseWorkerDied, MayNotBeBehindThatOfTheSuccessor) {
  store_position(successor);
  EXPECT_THROW(put(former), Violation);
}

/// A backup is made of the source, and a change of `k` not copied; then the collection is dropped, or not, and the
/// backup brought back.
struct ASourceSetBack : ATargetSetBack {
  WallTime before;

  void SetUp() override {
    ATargetSetBack::SetUp();
    b.origins[{shard.database, CollectionName("c")}] = a.model->find_collection("_system", "c")->id;
    bring("before");
    write("k", 2);
    a.take_backup();
    before = a.model->now();
    boot = a.model->db_servers().front().reboot_id;
    pass(1s);
  }
  void restore(bool is_dropped) {
    std::set<std::string> had;
    if (!is_dropped) had.insert(a.model->find_collection("_system", "c")->shards.front().name);
    if (is_dropped) {
      ASSERT_TRUE(a.model->drop_collection("_system", "c", false).has_value());
    }
    ASSERT_TRUE(a.restore_backup());
    history.restored(*a.model);
    copy.source_set_back(had);
  }
};

TEST_F(ASourceSetBack, MayBeCalledCompleteAsItWasWhenItsLogShowedADroppedCollectionNoMore) {
  restore(true);
  EXPECT_NO_THROW(copy.claimed(shard, before));
  EXPECT_NO_THROW(store_position());
  EXPECT_NO_THROW(copy.sweep());
  EXPECT_NO_THROW(put(text_at_source("before")));
}

TEST_F(ASourceSetBack, MayNotBeCalledCompleteAsItIsSince) {
  restore(true);
  pass(11s);
  EXPECT_THROW(copy.claimed(shard, a.model->now()), Violation);
  boot = a.model->db_servers().front().reboot_id;
  write("k", 3);
  EXPECT_THROW(store_position(), Violation) << "of its present log";
}

TEST_F(ASourceSetBack, MayNotBeCalledCompleteIfNothingHadBeenDropped) {
  restore(false);
  EXPECT_THROW(copy.claimed(shard, before), Violation);
  EXPECT_THROW(store_position(), Violation);
}

TEST_F(ASourceSetBack, MayNotBeCalledCompleteBeforeThat) {
  EXPECT_THROW(copy.claimed(shard, before), Violation);
  EXPECT_THROW(store_position(), Violation);
}

TEST_F(ATargetSetBack, ExcusesNobodyBeforeIt) {
  write("k", 2);
  EXPECT_THROW(remove("k"), Violation);
}

}  // namespace
}  // namespace arangosync::replay
