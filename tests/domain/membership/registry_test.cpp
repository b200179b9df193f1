// Registrations of workers: found by address, ending when they are not renewed.
#include "domain/membership/registry.h"

#include <gtest/gtest.h>

#include <chrono>

namespace arangosync::membership {
namespace {

using namespace std::chrono_literals;

WorkerJoined joined(std::string const& name, Duration until) {
  WorkerRecord const record{WorkerId(name), Url("https://" + name + ":8729"), Token("t"), 1, "host"};
  return WorkerJoined{record, Instant(until)};
}

TEST(Registrations, EndWhenTheirTimeHasCome) {
  Members members;
  membership::apply(members, joined("a", 10s));
  membership::apply(members, joined("b", 20s));
  EXPECT_EQ(next_expiry(members), Instant(10s));
  EXPECT_TRUE(expired(members, Instant(9s)).empty());
  EXPECT_EQ(expired(members, Instant(10s)), std::vector{WorkerId("a")});
  EXPECT_EQ(expired(members, Instant(1h)).size(), 2u);
}

TEST(Registrations, LastLongerWhenRenewedAndNeverShorter) {
  Members members;
  membership::apply(members, joined("a", 10s));
  membership::apply(members, RegistrationRenewed{WorkerId("a"), Instant(30s)});
  membership::apply(members, RegistrationRenewed{WorkerId("a"), Instant(20s)});
  membership::apply(members, RegistrationRenewed{WorkerId("nobody"), Instant(99s)});
  EXPECT_EQ(next_expiry(members), Instant(30s));
  check_invariants(members);
}

TEST(Registrations, RememberTheNewestReportUntilTheyAreOver) {
  Members members;
  membership::apply(members, joined("a", 10s));
  auto const is_late = [&](std::uint64_t number, ReportKind kind = ReportKind::Status) {
    return is_overtaken(members, WorkerId("a"), kind, RequestId(number));
  };
  EXPECT_FALSE(is_late(1));
  membership::apply(members, WorkerHeard{WorkerId("a"), ReportKind::Status, RequestId(4)});
  membership::apply(members, WorkerHeard{WorkerId("nobody"), ReportKind::Status, RequestId(9)});
  EXPECT_TRUE(is_late(3));
  EXPECT_FALSE(is_late(4));
  EXPECT_FALSE(is_late(5));
  EXPECT_FALSE(is_late(0)) << "it does not say";
  EXPECT_FALSE(is_late(3, ReportKind::Inventory)) << "the two are sent side by side";
  membership::apply(members, joined("a", 10s));
  EXPECT_FALSE(is_late(3)) << "a new registration counts anew";
  EXPECT_EQ(members.size(), 1u);
  EXPECT_FALSE(is_durable(WorkerHeard{WorkerId("a"), ReportKind::Status, RequestId(4)}));
}

TEST(Registrations, AreFoundByAddress) {
  Members members;
  membership::apply(members, joined("a", 10s));
  ASSERT_NE(at_endpoint(members, Url("https://a:8729")), nullptr);
  EXPECT_EQ(at_endpoint(members, Url("https://b:8729")), nullptr);
  membership::apply(members, WorkerLeft{WorkerId("a"), Farewell::Expired});
  EXPECT_EQ(at_endpoint(members, Url("https://a:8729")), nullptr);
  EXPECT_FALSE(next_expiry(members));
}

}  // namespace
}  // namespace arangosync::membership
