// The lease rules by themselves: two clocks that start together at worst must never let two masters believe they hold
// it.
#include "domain/election/election.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>

namespace arangosync::election {
namespace {

using namespace std::chrono_literals;

Instant at(Duration since_start) { return Instant(since_start); }
Lease lease_of(std::string const& name, std::uint64_t beat) { return Lease{MasterId(name), Term(3), beat}; }

Watching watching_since(Lease const& lease, Duration since) { return Watching{true, lease, at(since)}; }

TEST(Election, ALeaseThatWasNeverSeenBeforeIsNotTakenOver) {
  EXPECT_FALSE(may_take_over(Watching{}, lease_of("a", 1), MasterId("b"), at(1h), 0s));
}

TEST(Election, StandstillIsCountedFromTheFirstSightOfAValue) {
  State state;
  apply(state, LeaseSeen{lease_of("a", 1), at(0s)});
  apply(state, LeaseSeen{lease_of("a", 1), at(20s)});
  auto const& same = std::get<Watching>(state.phase);
  EXPECT_FALSE(may_take_over(same, lease_of("a", 1), MasterId("b"), at(29s), 0s));
  EXPECT_TRUE(may_take_over(same, lease_of("a", 1), MasterId("b"), at(30s), 0s));
  EXPECT_FALSE(may_take_over(same, lease_of("a", 1), MasterId("b"), at(30s), 2s)) << "patience comes on top";
  apply(state, LeaseSeen{lease_of("a", 2), at(31s)});
  EXPECT_FALSE(may_take_over(std::get<Watching>(state.phase), lease_of("a", 2), MasterId("b"), at(60s), 0s));
}

TEST(Election, AClaimAlwaysHasAHigherTerm) {
  EXPECT_EQ(claim(std::nullopt, MasterId("b")).term, Term(1));
  EXPECT_EQ(claim(lease_of("a", 9), MasterId("b")), (Lease{MasterId("b"), Term(4), 1}));
}

TEST(Election, OwnLeaseOfAnEarlierLifeIsFree) {
  EXPECT_TRUE(may_take_over(Watching{}, lease_of("b", 1), MasterId("b"), at(0s), 2s));
}

// The holder counts from before its write was sent, the follower from after it saw the result: whatever the delays, the
// first has stopped when the second may begin. One clock for both, since only differences matter.
RC_GTEST_PROP(Election, TheHolderStopsBeforeAFollowerMayBegin,
              (std::uint32_t sent_ms, std::uint16_t until_applied_ms, std::uint16_t until_seen_ms)) {
  Instant const sent = at(std::chrono::milliseconds(sent_ms));
  Instant const seen = sent + std::chrono::milliseconds(until_applied_ms) + std::chrono::milliseconds(until_seen_ms);
  Watching const watching = watching_since(lease_of("a", 5), seen.since_start());
  Instant const still_believes = deadline_of(sent) + Duration(-1);
  RC_ASSERT(!may_take_over(watching, lease_of("a", 5), MasterId("b"), still_believes, Duration{0}));
}

}  // namespace
}  // namespace arangosync::election
