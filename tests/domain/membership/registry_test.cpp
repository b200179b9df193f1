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
