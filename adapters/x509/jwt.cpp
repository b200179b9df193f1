#include "adapters/x509/jwt.h"

#include "adapters/x509/base64.h"
#include "adapters/x509/password_hash.h"
#include "domain/base/check.h"

#include <array>
#include <cmath>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <boost/json.hpp>

namespace arangosync::x509 {

namespace {

namespace json = boost::json;
constexpr std::size_t token_bytes_max = std::size_t{64} << 10;
constexpr std::string_view hs256_header = R"({"alg":"HS256","typ":"JWT"})";

std::string hmac(EVP_MD const* hash, std::string_view secret, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  auto const* const done = HMAC(hash, secret.data(), static_cast<int>(secret.size()),
                                reinterpret_cast<unsigned char const*>(text.data()), text.size(), digest.data(), &size);
  DC_ASSERT(done != nullptr);
  return {reinterpret_cast<char const*>(digest.data()), size};
}

std::string sign(std::string_view secret, json::object const& claims) {
  std::string token = base64url_encode(hs256_header) + "." + base64url_encode(json::serialize(claims));
  token += "." + base64url_encode(hmac(EVP_sha256(), secret, token));
  return token;
}

struct Parts {
  json::object header;
  json::object claims;
  std::string_view signed_text;
  std::string signature;
};

std::optional<json::object> object_of(std::string_view base64url) {
  auto const text = base64url_decode(base64url);
  if (!text) return std::nullopt;
  boost::system::error_code error;
  auto value = json::parse(*text, error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.as_object());
}

std::optional<Parts> split(std::string_view token) {
  if (token.size() > token_bytes_max) return std::nullopt;
  auto const first = token.find('.');
  auto const second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  auto header = object_of(token.substr(0, first));
  auto claims = object_of(token.substr(first + 1, second - first - 1));
  auto signature = base64url_decode(token.substr(second + 1));
  if (!header || !claims || !signature) return std::nullopt;
  return Parts{std::move(*header), std::move(*claims), token.substr(0, second), std::move(*signature)};
}

std::string_view text_at(json::object const& object, std::string_view name) {
  auto const* const value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

/// Seconds since 1970; fractions are allowed. `present` without a value: of the wrong kind.
struct TimeClaim {
  bool present = false;
  std::optional<WallTime> at;
};

TimeClaim time_at(json::object const& claims, std::string_view name) {
  auto const* const value = claims.if_contains(name);
  if (value == nullptr) return {};
  if (!value->is_number()) return {true, std::nullopt};
  double const seconds = value->to_number<double>();
  constexpr double seconds_max = 9.0e9;  // beyond the year 2250 nanoseconds run out; such a token just never expires
  if (!(seconds >= 0)) return {true, std::nullopt};
  return {
      true,
      WallTime(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::min(seconds, seconds_max))))};
}

Expected<std::optional<WallTime>, JwtFault> check_times(json::object const& claims, WallTime now) {
  auto const expires = time_at(claims, "exp");
  auto const not_before = time_at(claims, "nbf");
  auto const issued = time_at(claims, "iat");
  for (auto const& one : {expires, not_before, issued}) {
    if (one.present && !one.at) return unexpected(JwtFault::Malformed);
  }
  if (expires.at && *expires.at <= now) return unexpected(JwtFault::Expired);
  if (not_before.at && *not_before.at > now) return unexpected(JwtFault::NotYetValid);
  if (issued.at && *issued.at > now) return unexpected(JwtFault::NotYetValid);
  return expires.at;
}

Claims claims_of(json::object const& object, std::optional<WallTime> expires_at) {
  Claims claims;
  claims.issuer = text_at(object, "iss");
  claims.server_id = text_at(object, "server_id");
  claims.preferred_username = text_at(object, "preferred_username");
  claims.expires_at = expires_at;
  auto const* const paths = object.if_contains("allowed_paths");
  if (paths == nullptr) return claims;
  auto& allowed = claims.allowed_paths.emplace();
  if (!paths->is_array()) return claims;
  for (auto const& path : paths->get_array()) {
    if (path.is_string()) allowed.emplace_back(path.get_string().data(), path.get_string().size());
  }
  return claims;
}

EVP_MD const* hash_of(std::string_view algorithm) {
  if (algorithm == "HS256") return EVP_sha256();
  if (algorithm == "HS384") return EVP_sha384();
  if (algorithm == "HS512") return EVP_sha512();
  return nullptr;
}

/// The order is deliberate: nothing of the claims is looked at before the signature is known to be right.
Expected<Parts, JwtFault> verify_signature(std::string_view token, std::string_view secret, bool only_hs256) {
  auto parts = split(token);
  if (!parts) return unexpected(JwtFault::Malformed);
  auto const algorithm = text_at(parts->header, "alg");
  auto const* const hash = only_hs256 && algorithm != "HS256" ? nullptr : hash_of(algorithm);
  if (hash == nullptr) return unexpected(JwtFault::Algorithm);
  // An empty key would let anybody sign.
  if (secret.empty()) return unexpected(JwtFault::Signature);
  if (!equal_secrets(hmac(hash, secret, parts->signed_text), parts->signature)) return unexpected(JwtFault::Signature);
  return std::move(*parts);
}

std::int64_t seconds_of(WallTime time) { return std::chrono::floor<std::chrono::seconds>(time.since_epoch()).count(); }

json::object arangodb_claims(WallTime now, Duration lifetime) {
  json::object claims;
  claims["exp"] = seconds_of(now + lifetime);
  claims["iat"] = seconds_of(now);
  claims["iss"] = "arangodb";
  return claims;
}

}  // namespace

char const* to_string(JwtFault fault) {
  switch (fault) {
    case JwtFault::Malformed:
      return "malformed token";
    case JwtFault::Algorithm:
      return "algorithm not accepted";
    case JwtFault::Signature:
      return "wrong signature";
    case JwtFault::Expired:
      return "expired";
    case JwtFault::NotYetValid:
      return "not yet valid";
    case JwtFault::Issuer:
      return "wrong issuer";
    case JwtFault::NoIdentity:
      return "names neither a server nor a user";
  }
  return "unknown";
}

std::string master_jwt(std::string_view secret) {
  json::object claims;
  claims["iss"] = "arangosync";
  claims["server_id"] = "foo";
  return sign(secret, claims);
}

Expected<Claims, JwtFault> verify_master_jwt(std::string_view token, std::string_view secret, WallTime now) {
  auto const parts = verify_signature(token, secret, false);
  if (!parts) return unexpected(parts.error());
  auto const expires_at = check_times(parts->claims, now);
  if (!expires_at) return unexpected(expires_at.error());
  return claims_of(parts->claims, *expires_at);
}

std::string superuser_jwt(std::string_view secret, std::string_view server_id, WallTime now, Duration lifetime) {
  auto claims = arangodb_claims(now, lifetime);
  claims["server_id"] = json::string_view(server_id.data(), server_id.size());
  return sign(secret, claims);
}

std::string user_jwt(std::string_view secret, std::string_view user, WallTime now, Duration lifetime) {
  auto claims = arangodb_claims(now, lifetime);
  claims["preferred_username"] = json::string_view(user.data(), user.size());
  return sign(secret, claims);
}

Expected<Claims, JwtFault> verify_arangodb_jwt(std::string_view token, std::string_view secret, WallTime now) {
  auto const parts = verify_signature(token, secret, true);
  if (!parts) return unexpected(parts.error());
  if (text_at(parts->header, "typ") != "JWT") return unexpected(JwtFault::Malformed);
  if (text_at(parts->claims, "iss") != "arangodb") return unexpected(JwtFault::Issuer);
  // Only the expiry is the server's business (spec arangodb-read 1.1); it has to be a number above zero.
  auto const expires = time_at(parts->claims, "exp");
  if (expires.present && (!expires.at || expires.at->is_zero())) return unexpected(JwtFault::Malformed);
  if (expires.at && *expires.at <= now) return unexpected(JwtFault::Expired);
  Claims claims = claims_of(parts->claims, expires.at);
  if (claims.server_id.empty() && claims.preferred_username.empty()) return unexpected(JwtFault::NoIdentity);
  return claims;
}

}  // namespace arangosync::x509
