// A message of any size goes through a queue with a limit and comes out as it was, or is noticed to be broken.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "adapters/codec/pieces.h"

namespace arangosync::codec {
namespace {

constexpr std::size_t any_size = std::size_t{1} << 20;

std::vector<std::string> rejoined(Rejoiner& rejoiner, std::vector<std::string> const& elements) {
  std::vector<std::string> messages;
  for (auto const& element : elements) {
    auto const message = rejoiner.take(element);
    EXPECT_TRUE(message.has_value()) << (message ? "" : message.error());
    if (message && *message) messages.push_back(**message);
  }
  return messages;
}

TEST(Pieces, AMessageWithinTheLimitIsLeftAlone) {
  EXPECT_EQ(split("ASQ1 short", 100), std::vector<std::string>{"ASQ1 short"});
  Rejoiner rejoiner(any_size);
  EXPECT_EQ(rejoined(rejoiner, {"ASQ1 short"}), std::vector<std::string>{"ASQ1 short"});
}

RC_GTEST_PROP(Pieces, MakeTheMessageAgain, ()) {
  std::string message = "ASQ1";
  for (int left = *rc::gen::inRange(0, 2000); left > 0; --left) message += static_cast<char>('a' + left % 26);
  auto const bytes_max = static_cast<std::size_t>(*rc::gen::inRange(21, 300));
  auto const elements = split(message, bytes_max);
  for (auto const& element : elements) RC_ASSERT(element.size() <= bytes_max);
  Rejoiner rejoiner(any_size);
  RC_ASSERT(rejoined(rejoiner, elements) == std::vector<std::string>{message});
  RC_ASSERT(!rejoiner.is_waiting());
}

RC_GTEST_PROP(Pieces, DoNotMindBeingSentAgain, ()) {
  std::string const message(500, 'x');
  auto const elements = split(message, 100);
  auto const got = static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, elements.size()));
  std::vector<std::string> twice(elements.begin(), elements.begin() + got);  // an attempt that ended halfway
  twice.insert(twice.end(), elements.begin(), elements.end());
  Rejoiner rejoiner(any_size);
  RC_ASSERT(rejoined(rejoiner, twice) == std::vector<std::string>{message});
}

TEST(Pieces, OneThatIsMissingIsNoticedAndTheNextMessageIsWhole) {
  auto elements = split(std::string(500, 'x'), 100);
  elements.erase(elements.begin() + 2);
  Rejoiner rejoiner(any_size);
  bool noticed = false;
  for (auto const& element : elements) noticed = !rejoiner.take(element).has_value() || noticed;
  EXPECT_TRUE(noticed);
  EXPECT_EQ(rejoined(rejoiner, split(std::string(300, 'y'), 100)), std::vector<std::string>{std::string(300, 'y')});
}

TEST(Pieces, OfAMessageThatWasGivenUpAreForgotten) {
  auto const elements = split(std::string(500, 'x'), 100);
  Rejoiner rejoiner(any_size);
  (void)rejoiner.take(elements[0]);
  EXPECT_TRUE(rejoiner.is_waiting());
  EXPECT_EQ(rejoined(rejoiner, {"ASQ1 short"}), std::vector<std::string>{"ASQ1 short"});
  EXPECT_FALSE(rejoiner.is_waiting());
}

TEST(Pieces, ThatMakeSomethingElseOrTooMuchAreRefused) {
  auto elements = split(std::string(500, 'x'), 100);
  elements.back().back() = 'y';
  Rejoiner rejoiner(any_size);
  bool refused = false;
  for (auto const& element : elements) refused = !rejoiner.take(element).has_value();
  EXPECT_TRUE(refused);
  Rejoiner small(150);
  refused = false;
  for (auto const& element : split(std::string(500, 'x'), 100)) refused = !small.take(element).has_value() || refused;
  EXPECT_TRUE(refused);
  EXPECT_FALSE(small.take("ASP1").has_value());
}

}  // namespace
}  // namespace arangosync::codec
