// Tokens and their children.
#include "domain/access/tokens.h"

#include <gtest/gtest.h>

#include <chrono>

namespace arangosync::access {
namespace {

using namespace std::chrono_literals;

WallTime wall(Duration since) { return WallTime(since); }

Tokens family() {
  Tokens tokens;
  access::apply(tokens, TokenIssued{Token("parent"), TokenEntry{wall(10s), std::nullopt}});
  access::apply(tokens, TokenIssued{Token("child"), TokenEntry{wall(20s), Token("parent")}});
  return tokens;
}

TEST(Tokens, AreValidUntilTheyExpire) {
  Tokens const tokens = family();
  EXPECT_TRUE(is_valid(tokens, Token("parent"), wall(9s)));
  EXPECT_FALSE(is_valid(tokens, Token("parent"), wall(10s)));
  EXPECT_FALSE(is_valid(tokens, Token("unknown"), wall(1s)));
  EXPECT_FALSE(is_valid(tokens, Token(), wall(1s)));
}

TEST(Tokens, DieWithTheirParents) {
  Tokens tokens = family();
  EXPECT_TRUE(is_valid(tokens, Token("child"), wall(9s)));
  EXPECT_FALSE(is_valid(tokens, Token("child"), wall(15s)));
  EXPECT_EQ(expired(tokens, wall(15s), 10).size(), 2u);
  access::apply(tokens, TokensExpired{{Token("parent")}});
  EXPECT_FALSE(is_valid(tokens, Token("child"), wall(1s)));
}

TEST(Tokens, LiveLongerWhenExtended) {
  Tokens tokens = family();
  access::apply(tokens, TokenExtended{Token("parent"), wall(30s)});
  EXPECT_TRUE(is_valid(tokens, Token("child"), wall(15s)));
}

TEST(Tokens, ThatAreEachOthersParentsAreNotValid) {
  Tokens tokens;
  tokens[Token("a")] = TokenEntry{wall(10s), Token("b")};
  tokens[Token("b")] = TokenEntry{wall(10s), Token("a")};
  EXPECT_FALSE(is_valid(tokens, Token("a"), wall(1s)));
}

TEST(Tokens, AreForgottenInPortions) { EXPECT_EQ(expired(family(), wall(1h), 1).size(), 1u); }

}  // namespace
}  // namespace arangosync::access
