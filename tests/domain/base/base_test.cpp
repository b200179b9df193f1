// The small things that everything stands on.
#include "domain/base/blob.h"
#include "domain/base/check.h"
#include "domain/base/entropy.h"
#include "domain/base/ids.h"
#include "domain/base/instant.h"
#include "domain/base/mark.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace arangosync {
namespace {

using namespace std::chrono_literals;

TEST(Draw, GivesTheSameNumbersForTheSameEntropy) {
  Draw a(Entropy{42});
  Draw b(Entropy{42});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.next(), b.next());
  EXPECT_NE(Draw(Entropy{1}).next(), Draw(Entropy{2}).next());
}

RC_GTEST_PROP(Draw, StaysBelowItsBound, (std::uint64_t seed)) {
  auto const bound = *rc::gen::inRange<std::uint64_t>(1, 1000);
  Draw draw(Entropy{seed});
  for (int i = 0; i < 20; ++i) RC_ASSERT(draw.below(bound) < bound);
}

TEST(Draw, MakesTextsOfTheRightLengthAndAlphabet) {
  Draw draw(Entropy{7});
  std::string const hex = draw.hex(64);
  EXPECT_EQ(hex.size(), 64u);
  EXPECT_EQ(hex.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(draw.alphanumeric(20).size(), 20u);
}

TEST(Blob, SharesItsBytesAndIsComparedBySizeAndChecksum) {
  Blob const blob(std::string("content"));
  Blob const copy = blob;
  EXPECT_EQ(copy.bytes().data(), blob.bytes().data());
  EXPECT_EQ(Blob::described(7, fnv1a_64("content")), blob);
  EXPECT_FALSE(Blob::described(7, fnv1a_64("content")).has_content());
  EXPECT_NE(Blob(std::string("other")), blob);
  EXPECT_EQ(Blob().bytes(), "");
  EXPECT_EQ(Blob(std::string()), Blob()) << "a message comes out as it went in";
  EXPECT_EQ(Blob::described(0, fnv1a_64("")), Blob());
}

TEST(Fnv1a64, MatchesThePublishedValues) {
  EXPECT_EQ(fnv1a_64(""), 0xcbf29ce484222325ULL);
  EXPECT_EQ(fnv1a_64("a"), 0xaf63dc4c8601ec8cULL);
  EXPECT_EQ(fnv1a_64("foobar"), 0x85944171f73967e8ULL);
}

TEST(Ids, AreOrderedByTheirValuesAndCountersNameTheirSuccessor) {
  EXPECT_LT(TaskId("a"), TaskId("b"));
  EXPECT_EQ(Tick(4).next(), Tick(5));
  EXPECT_EQ(to_string(ShardRef{DatabaseName("d"), CollectionName("c"), 3}), "d:c:3");
}

TEST(Time, InstantsAreApartByDurations) {
  Instant const a(5s);
  EXPECT_EQ((a + 2s) - a, Duration(2s));
  EXPECT_TRUE(WallTime().is_zero());
}

TEST(Mark, CountsHowOftenAPathWasTaken) {
  auto const before = marks_reached()["test.base"];
  DC_MARK("test.base");
  EXPECT_EQ(marks_reached()["test.base"], before + 1);
}

TEST(Mark, IsKnownBeforeItsPathIsTaken) {
  EXPECT_TRUE(marks_known().contains("test.never"));
  EXPECT_FALSE(marks_reached().contains("test.never"));
  if (marks_known().empty()) DC_MARK("test.never");
}

TEST(Check, AHandlerHearsOfABrokenExpectation) {
  auto const previous = set_check_handler([](char const* text, char const*, int) { throw std::runtime_error(text); });
  EXPECT_THROW(DC_ASSERT(1 == 2), std::runtime_error);
  set_check_handler(previous);
}

}  // namespace
}  // namespace arangosync
