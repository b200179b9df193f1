// Tokens: what is accepted, and that nothing else is.
#include "adapters/x509/jwt.h"
#include "adapters/x509/base64.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace arangosync::x509 {
namespace {

using namespace std::chrono_literals;
WallTime const now{std::chrono::seconds(1'767'225'600)};
std::string const secret = "geheim";

std::string token_of(std::string const& header, std::string const& claims, std::string const& key = secret,
                     EVP_MD const* hash = EVP_sha256()) {
  std::string const text = base64url_encode(header) + "." + base64url_encode(claims);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(hash, key.data(), static_cast<int>(key.size()), reinterpret_cast<unsigned char const*>(text.data()), text.size(),
       digest, &size);
  return text + "." + base64url_encode({reinterpret_cast<char const*>(digest), size});
}

std::string const hs256 = R"({"alg":"HS256","typ":"JWT"})";

TEST(MasterJwt, IsTheTokenOfTheOriginal) {
  EXPECT_EQ(master_jwt(secret), token_of(hs256, R"({"iss":"arangosync","server_id":"foo"})"));
  auto const claims = verify_master_jwt(master_jwt(secret), secret, now);
  ASSERT_TRUE(claims.has_value());
  EXPECT_EQ(claims->issuer, "arangosync");
  EXPECT_EQ(claims->server_id, "foo");
  EXPECT_FALSE(claims->expires_at.has_value());
}

TEST(MasterJwt, IsAcceptedFromAnyIssuerAndWithAnyHmac) {
  // kube-arangodb's probe and RTA's arangod-style token (spec arangosync-api 2.2).
  auto const probe =
      token_of(hs256, R"({"iss":"arangodb","server_id":"kube-arangodb","allowed_paths":["/_api/version"]})");
  auto const claims = verify_master_jwt(probe, secret, now);
  ASSERT_TRUE(claims.has_value());
  EXPECT_EQ(claims->allowed_paths, (std::vector<std::string>{"/_api/version"}));
  auto const broken = verify_master_jwt(token_of(hs256, R"({"allowed_paths":"/_api/version"})"), secret, now);
  ASSERT_TRUE(broken.has_value());
  EXPECT_EQ(broken->allowed_paths, std::vector<std::string>()) << "a limit that cannot be read is none that is wide";
  EXPECT_FALSE(verify_master_jwt(token_of(hs256, "{}"), secret, now)->allowed_paths.has_value());
  EXPECT_TRUE(verify_master_jwt(token_of(R"({"alg":"HS384"})", "{}", secret, EVP_sha384()), secret, now).has_value());
  EXPECT_TRUE(verify_master_jwt(token_of(R"({"alg":"HS512"})", "{}", secret, EVP_sha512()), secret, now).has_value());
}

TEST(MasterJwt, IsRefusedWithAnotherAlgorithm) {
  for (auto const* header : {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"RS256"})", R"({"alg":""})", "{}",
                             R"({"alg":256})", R"({"alg":"hs256"})"}) {
    EXPECT_EQ(verify_master_jwt(token_of(header, "{}"), secret, now).error(), JwtFault::Algorithm) << header;
  }
  auto const unsigned_token = base64url_encode(R"({"alg":"none"})") + "." + base64url_encode("{}") + ".";
  EXPECT_FALSE(verify_master_jwt(unsigned_token, secret, now).has_value());
}

TEST(MasterJwt, IsRefusedWhenSignedWithAnotherSecretOrNone) {
  EXPECT_EQ(verify_master_jwt(master_jwt("other"), secret, now).error(), JwtFault::Signature);
  EXPECT_EQ(verify_master_jwt(master_jwt(""), "", now).error(), JwtFault::Signature);
}

TEST(MasterJwt, IsRefusedOutsideItsTime) {
  auto const check = [](std::string const& claims) { return verify_master_jwt(token_of(hs256, claims), secret, now); };
  EXPECT_TRUE(check(R"({"exp":1767225601})").has_value());
  EXPECT_EQ(check(R"({"exp":1767225600})").error(), JwtFault::Expired);
  EXPECT_EQ(check(R"({"exp":1.5})").error(), JwtFault::Expired);
  EXPECT_EQ(check(R"({"nbf":1767225601})").error(), JwtFault::NotYetValid);
  EXPECT_EQ(check(R"({"iat":1767225601})").error(), JwtFault::NotYetValid);
  EXPECT_TRUE(check(R"({"nbf":1767225600,"iat":1767225600})").has_value());
  EXPECT_TRUE(check(R"({"exp":1e300})").has_value());
  EXPECT_EQ(check(R"({"exp":"1767225601"})").error(), JwtFault::Malformed);
  EXPECT_EQ(check(R"({"exp":-1})").error(), JwtFault::Malformed);
  EXPECT_EQ(check(R"({"exp":null})").error(), JwtFault::Malformed);
}

TEST(MasterJwt, IsRefusedWhenMalformed) {
  for (std::string const token : {"", ".", "..", "a.b", "a.b.c", "....", "bearer x"}) {
    EXPECT_EQ(verify_master_jwt(token, secret, now).error(), JwtFault::Malformed) << token;
  }
  EXPECT_EQ(verify_master_jwt(master_jwt(secret) + ".x", secret, now).error(), JwtFault::Malformed);
  EXPECT_EQ(verify_master_jwt(master_jwt(secret) + "=", secret, now).error(), JwtFault::Malformed);
  EXPECT_EQ(verify_master_jwt(std::string(1'000'000, 'a'), secret, now).error(), JwtFault::Malformed);
  EXPECT_EQ(verify_master_jwt(token_of("[]", "{}"), secret, now).error(), JwtFault::Malformed);
}

RC_GTEST_PROP(MasterJwt, IsRefusedWithAnyOneCharacterChanged, ()) {
  std::string token = master_jwt(secret);
  auto const at = *rc::gen::inRange<std::size_t>(0, token.size());
  char const replaced = *rc::gen::arbitrary<char>();
  RC_PRE(replaced != token[at]);
  token[at] = replaced;
  RC_ASSERT(!verify_master_jwt(token, secret, now).has_value());
}

TEST(SuperuserJwt, GivesAllRightsUntilItExpires) {
  auto const token = superuser_jwt(secret, "arangosync-1", now, 1h);
  EXPECT_EQ(token,
            token_of(hs256, R"({"exp":1767229200,"iat":1767225600,"iss":"arangodb","server_id":"arangosync-1"})"));
  auto const claims = verify_arangodb_jwt(token, secret, now);
  ASSERT_TRUE(claims.has_value());
  EXPECT_EQ(claims->server_id, "arangosync-1");
  EXPECT_EQ(claims->preferred_username, "");
  EXPECT_EQ(claims->expires_at, now + 1h);
  EXPECT_EQ(verify_arangodb_jwt(token, secret, now + 1h).error(), JwtFault::Expired);
  EXPECT_EQ(verify_arangodb_jwt(token, "other", now).error(), JwtFault::Signature);
}

TEST(UserJwt, NamesItsUserHoweverStrange) {
  std::string const user = "m\"üll\n";
  auto const claims = verify_arangodb_jwt(user_jwt(secret, user, now, 1h), secret, now);
  ASSERT_TRUE(claims.has_value());
  EXPECT_EQ(claims->preferred_username, user);
  EXPECT_EQ(claims->server_id, "");
}

TEST(ArangoDbJwt, IsCheckedAsAServerDoes) {
  auto const check = [](std::string const& header, std::string const& claims) {
    return verify_arangodb_jwt(token_of(header, claims), secret, now);
  };
  EXPECT_TRUE(check(hs256, R"({"iss":"arangodb","server_id":"x"})").has_value());
  EXPECT_EQ(check(hs256, R"({"iss":"arangosync","server_id":"x"})").error(), JwtFault::Issuer);
  EXPECT_EQ(check(hs256, R"({"iss":"arangodb"})").error(), JwtFault::NoIdentity);
  EXPECT_EQ(check(hs256, R"({"iss":"arangodb","server_id":"x","exp":0})").error(), JwtFault::Malformed);
  EXPECT_EQ(check(R"({"alg":"HS256"})", R"({"iss":"arangodb","server_id":"x"})").error(), JwtFault::Malformed);
  auto const hs512 =
      token_of(R"({"alg":"HS512","typ":"JWT"})", R"({"iss":"arangodb","server_id":"x"})", secret, EVP_sha512());
  EXPECT_EQ(verify_arangodb_jwt(hs512, secret, now).error(), JwtFault::Algorithm);
  EXPECT_EQ(verify_arangodb_jwt(master_jwt(secret), secret, now).error(), JwtFault::Issuer);
}

}  // namespace
}  // namespace arangosync::x509
