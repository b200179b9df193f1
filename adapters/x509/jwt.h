// JSON web tokens, HMAC only: the master JWT between arangosync processes (spec arangosync-api 2.1, 2.2) and the tokens
// of an ArangoDB cluster (spec arangodb-read 1.1). Called by the REST server and client, the agency and cluster
// adapters and the sandbox. Secrets and tokens never appear in errors.
#pragma once

#include "domain/base/instant.h"
#include "domain/base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::x509 {

struct Claims {
  std::string issuer;
  std::string server_id;
  std::string preferred_username;
  std::optional<std::vector<std::string>> allowed_paths;  ///< absent: all; what is no list of paths allows none
  std::optional<WallTime> expires_at;
};

enum class JwtFault {
  Malformed,  ///< not three base64url parts of JSON objects, or a claim of the wrong kind
  Algorithm,  ///< not of the HMAC family (ArangoDB: not HS256)
  Signature,
  Expired,
  NotYetValid,  ///< nbf or iat lies ahead
  Issuer,       ///< ArangoDB only: iss is not "arangodb"
  NoIdentity,   ///< ArangoDB only: neither server_id nor preferred_username
};
char const* to_string(JwtFault fault);

/// {"iss":"arangosync","server_id":"foo"}, no expiry, as the original's clients send.
std::string master_jwt(std::string_view secret);

/// HS256, HS384 or HS512; exp, nbf, iat checked if present; issuer and server_id are not compared (spec 2.2).
Expected<Claims, JwtFault> verify_master_jwt(std::string_view token, std::string_view secret, WallTime now);

/// {"exp":…,"iat":…,"iss":"arangodb","server_id":…}: all rights on every server of the cluster.
std::string superuser_jwt(std::string_view secret, std::string_view server_id, WallTime now, Duration lifetime);

/// {"exp":…,"iat":…,"iss":"arangodb","preferred_username":…}: the rights of that user, on Coordinators.
std::string user_jwt(std::string_view secret, std::string_view user, WallTime now, Duration lifetime);

/// As an ArangoDB server does: HS256, typ JWT, issuer, expiry; superuser if there is a server_id and no user name.
Expected<Claims, JwtFault> verify_arangodb_jwt(std::string_view token, std::string_view secret, WallTime now);

}  // namespace arangosync::x509
