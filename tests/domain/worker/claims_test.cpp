// What a worker says of its target, and how long: two workers, two toy clusters, and a target that may have been set
// back (docs/decisions/0033).
#include "tests/domain/worker/toy_world.h"

#include "domain/base/limits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace arangosync::worker {
namespace {

using namespace std::chrono_literals;
using toy::World;

/// Nothing comes from the source any more, so that nothing else is news of the shards.
World& cut_off(World& world) {
  world.run_for(20s);
  world.faults.lost_messages = 1000;
  world.run_for(10s);
  return world;
}

/// A leader that has just come knows no more than what it is told, and nobody knows what became of the target
/// meanwhile.
TEST(Claims, NobodyCountsOnATargetThatWasNotLookedAtForAWhile) {
  World world(11, 2, {});
  write_some(world, 30);
  world.start_inventory();
  cut_off(world);
  auto const told = [&] { return world.reports[1].back().report; };
  EXPECT_FALSE(told().caught_up.is_zero());
  EXPECT_FALSE(told().unconfirmed);
  EXPECT_NE(world.equal_at_told, WallTime{});
  world.stores_fail = true;
  world.run_until([&] { return told().unconfirmed; }, limits::pulse_trust + 2s);
  EXPECT_TRUE(told().unconfirmed) << "said soon, though nothing else has changed";
  world.run_for(1s);
  EXPECT_EQ(world.equal_at_told, WallTime{});
  EXPECT_LE(told().caught_up, world.state(1).pulse.beaten_wall) << "of later nothing is known";
  EXPECT_FALSE(told().caught_up.is_zero()) << "its delay is to go on growing, whatever becomes of the worker";
  std::size_t const senders = world.reports[0].size();
  world.stores_fail = false;
  world.run_until([&] { return !told().unconfirmed && !world.equal_at_told.is_zero(); }, 12s);
  EXPECT_FALSE(told().unconfirmed) << "it was looked at, and is as it was left";
  EXPECT_NE(world.equal_at_told, WallTime{});
  EXPECT_LE(world.reports[0].size(), senders + 2) << "senders have nothing to take back";
}

TEST(Claims, NothingIsClaimedForLongerByAWorkerThatHasLostItsMasters) {
  World world(11, 2, {});
  write_some(world, 30);
  world.start_inventory();
  cut_off(world);
  world.register_fails = true;
  world.run_until([&] { return !pulse::is_fresh(world.state(1).pulse, world.now()); }, 60s);
  world.run_for(2s);
  EXPECT_TRUE(world.reports[1].back().report.unconfirmed) << "it may not write, and so has no pulse";
  EXPECT_EQ(world.equal_at_told, WallTime{});
  world.register_fails = false;
  world.run_for(15s);
  EXPECT_FALSE(world.reports[1].back().report.unconfirmed);
}

TEST(Claims, ABeatWhoseAnswersAreLostCountsFromItsFirstTry) {
  World world(11, 2, {});
  write_some(world, 30);
  world.start_inventory();
  world.run_for(20s);
  world.stores_fail = true;
  world.run_for(48s);
  pulse::State const before = world.state(1).pulse;
  ASSERT_GT(before.failures, 1u);
  ASSERT_LT(before.asked_first_at, before.asked_at);
  world.stores_fail = false;
  world.run_until([&] { return world.state(1).pulse.beat > before.beat; }, 15s);
  pulse::State const after = world.state(1).pulse;
  EXPECT_EQ(after.beaten_first_at, before.asked_first_at) << "any of its tries may be the one that was seen";
  EXPECT_EQ(after.beaten_at, after.asked_at) << "it was looked at with the last one";
  EXPECT_TRUE(pulse::is_fresh(after, world.now()));
  EXPECT_LE(pulse::trusted_until(after), after.beaten_first_at + limits::pulse_gap_max) << "a gap would be found then";
  world.events[1].clear();
  write_some(world, 30);
  world.run_until([&] { return world.state(1).pulse.beat > after.beat; }, 15s);
  std::size_t flushes = 0;
  for (Event const& event : world.events[1]) {
    auto const* stored = std::get_if<PositionEvent>(&event);
    auto const* flush = stored != nullptr ? std::get_if<FlushAsked>(stored) : nullptr;
    if (flush == nullptr) continue;
    ++flushes;
    EXPECT_LE(flush->deadline, after.beaten_first_at + limits::pulse_gap_max) << "later it may be another target";
  }
  EXPECT_GT(flushes, 0u);
}

/// How often each shard's receiver has begun again from what is stored, as the target may have been set back.
std::map<TaskId, std::size_t> times_set_back(World const& world) {
  std::map<TaskId, std::size_t> times;
  for (Event const& event : world.events[1]) {
    auto const* told = std::get_if<ReceiverEvent>(&event);
    bool const is_it = told != nullptr && std::holds_alternative<shard::receiver::SetBack>(told->event);
    if (is_it) ++times[told->task];
  }
  return times;
}

/// For longer than a gap nothing can be stored on the target, then it can again.
void live_through_a_gap(World& world) {
  world.stores_fail = true;
  world.run_for(limits::pulse_gap_max + 10s);
  world.events[1].clear();
  world.stores_fail = false;
  world.run_for(40s);
}

TEST(Claims, APulseThatHadAGapBeginsAnewAndAllIsReadAgainOnce) {
  World world(11, 2, {});
  write_some(world, 30);
  world.start_inventory();
  world.run_for(20s);
  PulseId const former = world.state(1).pulse.id;
  live_through_a_gap(world);
  EXPECT_NE(world.state(1).pulse.id, former);
  auto const times = times_set_back(world);
  EXPECT_EQ(times.size(), 2u);
  for (auto const& [task, count] : times) EXPECT_EQ(count, 1u);
  EXPECT_EQ(world.difference(), "");
}

TEST(Claims, APulseWhoseFirstBeatTookTooLongBeginsAnew) {
  World world(11, 2, {});
  write_some(world, 30);
  world.stores_fail = true;
  world.start_inventory();
  world.run_until([&] { return world.state(1).pulse.request.has_value(); }, 20s);
  PulseId const former = world.state(1).pulse.id;
  ASSERT_EQ(world.state(1).pulse.beat, 0u);
  live_through_a_gap(world);
  EXPECT_NE(world.state(1).pulse.id, former);
  auto const answered = std::find_if(world.events[1].begin(), world.events[1].end(), [](Event const& event) {
    auto const* of_pulse = std::get_if<PulseEvent>(&event);
    return of_pulse != nullptr && (std::holds_alternative<pulse::Beaten>(of_pulse->event) ||
                                   std::holds_alternative<pulse::TargetSetBack>(of_pulse->event));
  });
  ASSERT_NE(answered, world.events[1].end());
  EXPECT_TRUE(std::holds_alternative<pulse::TargetSetBack>(std::get<PulseEvent>(*answered).event))
      << "its first beat counts for nothing";
  EXPECT_EQ(world.difference(), "");
}

TEST(Claims, ANewLeaderIsToldAllAtOnce) {
  World world(11, 2, {});
  write_some(world, 30);
  world.start_inventory();
  cut_off(world);
  world.inventories.clear();
  for (std::vector<sync::StatusEntry>& told : world.reports) told.clear();
  world.term = Term(world.term.value() + 1);
  world.run_until([&] { return world.state(1).registration.term == world.term; }, limits::worker_renewal + 1s);
  world.run_until([&] { return world.state(0).registration.term == world.term; }, limits::worker_renewal + 1s);
  world.run_for(2s);
  for (std::vector<sync::StatusEntry> const& told : world.reports) {
    std::set<ShardRef> shards;
    for (sync::StatusEntry const& entry : told) shards.insert(entry.shard);
    EXPECT_EQ(shards.size(), 2u);
  }
  EXPECT_EQ(world.term_told, world.term) << "and that it is for this leader";
  ASSERT_FALSE(world.inventories.empty()) << "though nothing has changed";
  EXPECT_EQ(world.inventories.back().term, world.term);
}

}  // namespace
}  // namespace arangosync::worker
