#include "adapters/rest/rights.h"

#include "adapters/x509/jwt.h"
#include "adapters/x509/password_hash.h"

namespace arangosync::rest {

Caller identify(http::Request const& request, http::Peer const& peer, Secrets const& secrets, WallTime now) {
  Caller caller;
  if (peer.has_client_certificate) caller.rights |= client_certificate;
  std::string_view const authorization = http::header(request.headers, "Authorization");
  caller.user = x509::basic_credentials(authorization);
  std::optional<std::string> const bearer = x509::bearer_token(authorization);
  if (!bearer || bearer->empty()) return caller;
  auto is = [&](std::string const& secret) { return !secret.empty() && x509::equal_secrets(*bearer, secret); };
  if (!secrets.jwt_secret.empty() && x509::verify_master_jwt(*bearer, secrets.jwt_secret, now)) {
    caller.rights |= master_jwt;
  } else if (is(secrets.monitoring_token)) {
    caller.rights |= monitoring;
  } else if (is(secrets.worker_token)) {
    caller.rights |= worker_token;
  } else {
    caller.token = Token(*bearer);
  }
  return caller;
}

}  // namespace arangosync::rest
