// Base64, hex, password hashes and Authorization headers.
#include "adapters/x509/authorization.h"
#include "adapters/x509/base64.h"
#include "adapters/x509/password_hash.h"
#include "adapters/x509/random.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace arangosync::x509 {
namespace {

TEST(Base64, IsThatOfTheStandard) {
  EXPECT_EQ(base64_encode(""), "");
  EXPECT_EQ(base64_encode("f"), "Zg==");
  EXPECT_EQ(base64_encode("fo"), "Zm8=");
  EXPECT_EQ(base64_encode("foo"), "Zm9v");
  EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64_encode("\xfb\xff"), "+/8=");
  EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
}

TEST(Base64, IsStrict) {
  for (auto const* text : {"Z", "Zg", "Zg=", "Zh==", "Zg==Zg==", "Z g=", "Zm9v\n", "====", "=", "-_8="}) {
    EXPECT_FALSE(base64_decode(text).has_value()) << text;
  }
  for (auto const* text : {"Z", "Zg==", "Zh", "+/8", "Zg\n"}) EXPECT_FALSE(base64url_decode(text).has_value()) << text;
}

RC_GTEST_PROP(Base64, ComesBackInBothAlphabets, (std::string const& bytes)) {
  RC_ASSERT(base64_decode(base64_encode(bytes)) == bytes);
  RC_ASSERT(base64url_decode(base64url_encode(bytes)) == bytes);
}

TEST(Secrets, AreRandomAndHex) {
  std::string const secret = random_hex(32);
  EXPECT_EQ(secret.size(), 64u);
  EXPECT_EQ(secret.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(secret, random_hex(32));
  EXPECT_EQ(random_bytes(17).size(), 17u);
}

TEST(Secrets, AreEqualOnlyAsAWhole) {
  EXPECT_TRUE(equal_secrets("abc", "abc"));
  EXPECT_TRUE(equal_secrets("", ""));
  EXPECT_FALSE(equal_secrets("abc", "abd"));
  EXPECT_FALSE(equal_secrets("abc", "abcd"));
  EXPECT_FALSE(equal_secrets("abc", ""));
}

TEST(PasswordHash, IsTheSha256OfSaltAndPassword) {
  EXPECT_EQ(password_hash("", ""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(password_hash("a", "bc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Authorization, OfBearersTakesTheWordInAnyCase) {
  EXPECT_EQ(bearer_token("bearer abc"), "abc");
  EXPECT_EQ(bearer_token(" BeArEr   abc "), "abc");
  for (auto const* text : {"", "bearer", "bearer ", "Basic abc", "bearerabc", "abc"})
    EXPECT_FALSE(bearer_token(text)) << text;
}

TEST(Authorization, OfUsersMayHoldColonsInThePassword) {
  auto const credentials = basic_credentials(basic_authorization({"root", "a:b"}));
  ASSERT_TRUE(credentials.has_value());
  EXPECT_EQ(credentials->user, "root");
  EXPECT_EQ(credentials->password, "a:b");
  EXPECT_TRUE(basic_credentials("basic cm9vdDo="));
  for (auto const* text : {"", "Basic", "Basic !", "Basic cm9vdA==", "bearer cm9vdDo="}) {
    EXPECT_FALSE(basic_credentials(text)) << text;
  }
}

}  // namespace
}  // namespace arangosync::x509
