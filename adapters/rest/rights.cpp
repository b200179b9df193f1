#include "adapters/rest/rights.h"

#include "adapters/x509/jwt.h"
#include "adapters/x509/password_hash.h"

#include <algorithm>

namespace arangosync::rest {

namespace {

/// A token may be made for some paths only (kube-arangodb's probe: spec arangosync-api 2.2).
bool allows(x509::Claims const& claims, std::string_view target) {
  if (!claims.allowed_paths) return true;
  auto const& paths = *claims.allowed_paths;
  return std::find(paths.begin(), paths.end(), target.substr(0, target.find('?'))) != paths.end();
}

}  // namespace

Caller identify(http::Request const& request, http::Peer const& peer, Secrets const& secrets, WallTime now) {
  Caller caller;
  if (peer.has_client_certificate) caller.rights |= client_certificate;
  std::string_view const authorization = http::header(request.headers, "Authorization");
  caller.user = x509::basic_credentials(authorization);
  std::optional<std::string> const bearer = x509::bearer_token(authorization);
  if (!bearer || bearer->empty()) return caller;
  auto is = [&](std::string const& secret) { return !secret.empty() && x509::equal_secrets(*bearer, secret); };
  if (!secrets.jwt_secret.empty()) {
    if (auto const claims = x509::verify_master_jwt(*bearer, secrets.jwt_secret, now)) {
      if (allows(*claims, request.target)) caller.rights |= master_jwt;
      return caller;
    }
  }
  if (is(secrets.monitoring_token)) {
    caller.rights |= monitoring;
  } else if (is(secrets.worker_token)) {
    caller.rights |= worker_token;
  } else {
    caller.token = Token(*bearer);
  }
  return caller;
}

}  // namespace arangosync::rest
