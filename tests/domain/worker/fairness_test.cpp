// Who is served when there are many: turns to copy, reports and positions, a few at a time.
#include "domain/base/limits.h"
#include "domain/worker/desk.h"
#include "domain/worker/view.h"
#include "domain/worker/worker.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>
#include <string>

namespace arangosync::worker {
namespace {

using namespace std::chrono_literals;

ClusterId const target_a("AAAAAAAAAAAAAAAAAAAA");
ClusterId const target_b("BBBBBBBBBBBBBBBBBBBB");

/// A worker with many tasks, all of shards of one collection.
struct Crowd {
  State state = initial_state(Config{Url("https://w"), 4});
  Instant now{100s};
  WallTime wall{5000s};
  std::vector<Effect> effects;
  std::uint64_t entropy = 0;

  Crowd() {
    when(TimerFired{TimerName("registration")});
    when(Registered{effect<Register>()->request, Registration{WorkerId("w1"), 30min, 60s, 1, {}}});
  }
  Crowd& when(Command command) {
    effects.clear();
    auto const decision = decide(state, {now, wall, Entropy{++entropy}, std::move(command)});
    for (Event const& event : *decision) {
      state = evolve(std::move(state), event);
      for (Effect& effect : react(state, event)) effects.push_back(std::move(effect));
    }
    return *this;
  }
  template <class Wanted>
  Wanted const* effect() const {
    for (Effect const& effect : effects) {
      if (auto const* found = std::get_if<Wanted>(&effect)) return found;
    }
    return nullptr;
  }
  static std::string numbered(std::uint32_t index) { return std::to_string(10'000 + index); }
  static TaskId task(std::uint32_t index) { return TaskId("t" + numbered(index)); }
  static ChannelName channel(std::uint32_t index) { return ChannelName("b.control." + numbered(index)); }
  static ShardName shard(std::uint32_t index) { return ShardName("s" + numbered(index)); }
  void start(task::Kind kind, std::uint32_t index, std::optional<ClusterId> target = std::nullopt) {
    task::Spec spec;
    spec.kind = kind;
    spec.channels = {ChannelName("a.data." + numbered(index)), channel(index)};
    spec.shard = ShardRef{DatabaseName("d"), CollectionName("c"), index};
    spec.target = std::move(target);
    when(StartTask{task(index), spec, {}, {}});
  }
  void know_structure(std::uint32_t shards) {
    inventory::Collection collection;
    collection.id = "7";
    collection.name = CollectionName("c");
    for (std::uint32_t index = 0; index < shards; ++index) {
      collection.shards.push_back({shard(index), {ServerId("PRMR-1")}});
    }
    inventory::Database const database{DatabaseName("d"), "1", "{}", "", {{collection.name, collection}}};
    if (!state.source->request) when(TimerFired{TimerName("structure")});
    when(StructureRead{*state.source->request, inventory::Structure{{{database.name, database}}}});
  }
  void ask(std::uint32_t index, shard::Request const& request) {
    when(MessageArrived{channel(index), Offset(1), shard::ControlMessage(request)});
    check_invariants(state);
  }
  void answer_beat() {
    if (auto const* beat = effect<Beat>()) when(BeatAnswered{beat->request, PulseFound::AsLeft});
  }
  bool has_turn(std::uint32_t index) const { return state.turns.contains(task(index)); }
};

TEST(Turns, OfATargetThatIsSilentAreItsOwn) {
  Crowd crowd;
  for (std::uint32_t index = 0; index < 12; ++index) {
    crowd.start(task::Kind::SendShard, index, index < 10 ? target_a : target_b);
  }
  crowd.know_structure(12);
  for (std::uint32_t index = 0; index < 12; ++index) crowd.ask(index, shard::Request{Epoch(index + 1), std::nullopt});
  EXPECT_EQ(crowd.state.turns.size(), 6u) << "four of A's, and both of B's";
  EXPECT_TRUE(crowd.has_turn(10));
  EXPECT_TRUE(crowd.has_turn(11));
}

// Quarter of an hour after a synchronization began its first shards are checked, and the last ones still copied.
TEST(Turns, OfShardsThatAreOnlyToBeCheckedComeFirstAndFromAStockOfTheirOwn) {
  Crowd crowd;
  for (std::uint32_t index = 0; index < 12; ++index) crowd.start(task::Kind::SendShard, index, target_a);
  crowd.know_structure(12);
  for (std::uint32_t index = 0; index < 10; ++index) crowd.ask(index, shard::Request{Epoch(index + 1), std::nullopt});
  EXPECT_FALSE(crowd.has_turn(4)) << "four at a time";
  for (std::uint32_t index = 10; index < 12; ++index) {
    shard::Position const position{Crowd::shard(index), ServerId("PRMR-1"), "77", Tick(10), Tick(10), {}};
    crowd.ask(index, shard::Request{Epoch(index + 1), position, true});
  }
  EXPECT_TRUE(crowd.has_turn(10)) << "a fifth, for checks";
  EXPECT_FALSE(crowd.has_turn(11));
  crowd.when(StopTask{Crowd::task(0)});
  EXPECT_TRUE(crowd.has_turn(11)) << "it came last, and goes first";
  EXPECT_FALSE(crowd.has_turn(4));
  for (std::uint32_t const checked : {10U, 11U}) crowd.when(StopTask{Crowd::task(checked)});
  EXPECT_TRUE(crowd.has_turn(4)) << "three copies are left";
  check_invariants(crowd.state);
}

TEST(Turns, OfChecksAreNotUsedForCopies) {
  Crowd crowd;
  for (std::uint32_t index = 0; index < 6; ++index) crowd.start(task::Kind::SendShard, index, target_a);
  crowd.know_structure(6);
  for (std::uint32_t index = 0; index < 5; ++index) crowd.ask(index, shard::Request{Epoch(index + 1), std::nullopt});
  shard::Position const position{Crowd::shard(5), ServerId("PRMR-1"), "77", Tick(10), Tick(10), {}};
  crowd.ask(5, shard::Request{Epoch(9), position, true});
  ASSERT_TRUE(crowd.has_turn(5));
  auto const asked = [&] {
    auto const& machine = std::get<shard::sender::State>(crowd.state.tasks.find(Crowd::task(5))->machine);
    return std::get<shard::sender::Opening>(machine.phase).request.value();
  };
  Snapshot snapshot{SnapshotId{ServerId("PRMR-1"), DatabaseName("d"), "900"}, Tick(10), "77", 0, Blob("tree"), false};
  crowd.when(SnapshotOpened{asked(), snapshot});
  crowd.when(
      MessageArrived{Crowd::channel(5), Offset(2), shard::ControlMessage(shard::Request{Epoch(10), std::nullopt})});
  check_invariants(crowd.state);
  EXPECT_FALSE(crowd.has_turn(5)) << "its target has lost what was to be checked";
  EXPECT_EQ(crowd.state.turns.size(), 4u);
  EXPECT_EQ(crowd.state.turns_waited.size(), 2u);
}

TEST(Reports, OfMoreShardsThanFitIntoOneAreMadeInTurn) {
  constexpr std::uint32_t shards = 600;
  Crowd crowd;
  for (std::uint32_t index = 0; index < shards; ++index) crowd.start(task::Kind::ReceiveShard, index);
  std::set<std::uint32_t> told;
  for (int round = 0; round < 2; ++round) {
    crowd.now = crowd.now + 1s;
    crowd.when(TimerFired{TimerName("reports")});
    auto const* report = crowd.effect<ReportStatus>();
    ASSERT_NE(report, nullptr);
    EXPECT_LT(report->entries.size(), shards);
    EXPECT_EQ(report->worker, crowd.state.registration.id) << "the master believes nobody else";
    for (auto const& entry : report->entries) told.insert(entry.shard.index);
    // So that the first ones have something to report again.
    crowd.when(Reported{report->request, unexpected(Fault{FaultClass::Retry, "no master answers"})});
  }
  EXPECT_EQ(told.size(), shards);
}

TEST(Positions, OfMoreShardsThanFitIntoOneCallAreStoredInTurn) {
  constexpr std::uint32_t shards = 1100;
  Crowd crowd;
  auto const machine = [&](std::uint32_t index) -> shard::receiver::State const& {
    return std::get<shard::receiver::State>(crowd.state.tasks.find(Crowd::task(index))->machine);
  };
  for (std::uint32_t index = 0; index < shards; ++index) {
    crowd.start(task::Kind::ReceiveShard, index);
    crowd.answer_beat();
    RequestId const asked = std::get<shard::receiver::Reading>(machine(index).phase).request.value();
    crowd.when(PositionRead{asked, TargetShard{}});
    shard::Position const position{Crowd::shard(index), ServerId("PRMR-1"), "77", Tick(10), Tick(10), {}};
    shard::Heartbeat const heartbeat{position, true, crowd.wall};
    shard::DataMessage const message{machine(index).stream.epoch, Sequence(), heartbeat};
    crowd.when(MessageArrived{ChannelName("a.data." + Crowd::numbered(index)), Offset(1), message});
    crowd.answer_beat();
  }
  std::map<TaskId, int> asked;
  for (int flushes = 0; flushes < 3; ++flushes) {
    ASSERT_TRUE(crowd.state.positions->request.has_value());
    for (FlushEntry const& entry : crowd.state.positions->under_way) ++asked[entry.task];
    crowd.when(PositionsStored{*crowd.state.positions->request, unexpected(Fault{FaultClass::Retry, "busy"})});
    crowd.now = crowd.now + 20s;
    crowd.when(TimerFired{TimerName("positions")});
    crowd.answer_beat();
  }
  EXPECT_EQ(asked.size(), shards) << "each once before any a third time";
}

}  // namespace
}  // namespace arangosync::worker
