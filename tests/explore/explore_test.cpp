// The promises of the small world, in every state it can get into; and that the explorer finds a world that breaks
// them.
#include "domain/base/check.h"
#include "tests/explore/explorer.h"
#include "tests/explore/small_world.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace arangosync::explore {
namespace {

using Predicates = std::vector<Predicate<SmallWorld>>;

Predicates promises() {
  return {{"at most one master leads", [](SmallWorld const& world) { return world.leaders() <= 1; }},
          {"one master saves in a term", [](SmallWorld const& world) { return world.terms_are_fenced(); }},
          {"the leader knows what is saved", [](SmallWorld const& world) { return world.leader_knows_the_agency(); }},
          {"a task runs on one worker", [](SmallWorld const& world) { return world.tasks_run_once(); }}};
}

Predicates recovery() {
  return {{"all tasks run again", [](SmallWorld const& world) { return world.is_calm(); }}};
}

class Explore : public ::testing::Test {
protected:
  void SetUp() override {
    handler_ = set_check_handler(
        [](char const* expression, char const*, int) { throw Broken(std::string("invariant: ") + expression); });
  }
  void TearDown() override { set_check_handler(handler_); }

  static Verdict run(SmallWorld const& world, Predicates always, Predicates eventually, std::size_t states_max) {
    Explorer<SmallWorld> explorer(std::move(always), std::move(eventually), states_max);
    // Of calm states the first test tells what comes after them.
    bool const can_go_wrong = world.may_go_wrong();
    if (can_go_wrong) explorer.stop_where([](SmallWorld const& each) { return each.is_over(); });
    auto const verdict = explorer.run(world);
    std::printf("%zu states, %zu steps, %s\n", verdict.states, verdict.steps,
                !verdict.violated.empty() ? ("violated: " + verdict.violated).c_str()
                : verdict.complete        ? "complete, nothing violated"
                                          : "bounded, nothing violated");
    constexpr std::size_t shown_max = 100;
    for (std::size_t i = 0; i < verdict.path.size() && i < shown_max; ++i)
      std::printf("  %s\n", verdict.path[i].c_str());
    return verdict;
  }

private:
  CheckHandler handler_ = nullptr;
};

TEST_F(Explore, ACalmWorldStaysCalmForEver) {
  auto const verdict = run(SmallWorld::begin(0), promises(), recovery(), 100'000);
  EXPECT_EQ(verdict.violated, "");
  EXPECT_TRUE(verdict.complete);
  EXPECT_GT(verdict.states, 20u);
}

TEST_F(Explore, OneTroubleAnywhereBreaksNoPromise) {
  auto const verdict = run(SmallWorld::begin(1), promises(), recovery(), 100'000);
  EXPECT_EQ(verdict.violated, "");
  EXPECT_TRUE(verdict.complete);
  EXPECT_GT(verdict.states, 5'000u);
}

TEST_F(Explore, TwoTroublesBreakNoPromiseAsFarAsTheBoundGoes) {
  auto const verdict = run(SmallWorld::begin(2), promises(), recovery(), 150'000);
  EXPECT_EQ(verdict.violated, "");
  EXPECT_GE(verdict.states, 150'000u);
}

TEST_F(Explore, FindsTheShortestPathToWhatAWrongPredicateForbids) {
  Predicates const wrong{
      {"the first leader leads for ever", [](SmallWorld const& world) { return world.leads(0) || world.leads(1); }}};
  auto const verdict = run(SmallWorld::begin(1), wrong, {}, 30'000);
  EXPECT_EQ(verdict.violated, wrong.front().name);
  ASSERT_EQ(verdict.path.size(), 1u);
  EXPECT_NE(verdict.path.front().find("crashes"), std::string::npos) << verdict.path.front();
}

TEST_F(Explore, FindsAWorldThatDoesNotRecover) {
  Predicates const wrong{{"there is no leader", [](SmallWorld const& world) { return world.leaders() == 0; }}};
  auto const verdict = run(SmallWorld::begin(0), {}, wrong, 100);
  EXPECT_EQ(verdict.violated, wrong.front().name);
  EXPECT_GT(verdict.path.size(), 100u);
}

TEST_F(Explore, FindsThatAnAgencyWithoutAFenceLetsAnOldLeaderWrite) {
  Mistakes mistakes;
  mistakes.agency_without_fence = true;
  auto const verdict = run(SmallWorld::begin(2, mistakes), promises(), {}, 600'000);
  EXPECT_NE(verdict.violated, "");
  EXPECT_FALSE(verdict.path.empty());
}

TEST_F(Explore, FindsThatAWorkerWhichIgnoresItsLeaseRunsATaskBesideAnother) {
  Mistakes mistakes;
  mistakes.workers_ignore_lease = true;
  auto const verdict = run(SmallWorld::begin(1, mistakes), promises(), {}, 200'000);
  EXPECT_EQ(verdict.violated, "a task runs on one worker");
  EXPECT_FALSE(verdict.path.empty());
}

}  // namespace
}  // namespace arangosync::explore
