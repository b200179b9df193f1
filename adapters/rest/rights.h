// Who calls, and what each credential opens (spec arangosync-api 2). Decides from the request alone; passwords and
// queue tokens, which somebody else has to be asked about, are named as questions. Never logs a credential.
#pragma once

#include "adapters/http/http.h"
#include "adapters/x509/authorization.h"
#include "domain/base/ids.h"
#include "domain/base/instant.h"

#include <optional>
#include <string>

namespace arangosync::rest {

using Rights = unsigned;
inline constexpr Rights anyone = 0;  ///< no credential needed
inline constexpr Rights master_jwt = 1u << 0;
inline constexpr Rights client_certificate = 1u << 1;
inline constexpr Rights cluster_user = 1u << 2;  ///< Basic, checked against the own cluster
inline constexpr Rights monitoring = 1u << 3;
inline constexpr Rights queue_token = 1u << 4;    ///< DirectMQ token of the other datacenter
inline constexpr Rights worker_token = 1u << 5;   ///< what a worker gave with its registration
inline constexpr Rights channel_token = 1u << 6;  ///< opens one channel on one worker
inline constexpr Rights admin = master_jwt | client_certificate | cluster_user;

struct Secrets {
  std::string jwt_secret;
  std::string monitoring_token;  ///< empty: none is accepted
  std::string worker_token;      ///< workers only
};

struct Caller {
  Rights rights = 0;                           ///< proven
  std::optional<x509::BasicCredentials> user;  ///< to be asked about
  std::optional<Token> token;                  ///< a bearer token that is none of ours: may be a queue or channel token
};

/// What the own cluster says about a user and password.
enum class Verdict { Opens, Closed, Unknown };  ///< Unknown: the cluster could not be asked

Caller identify(http::Request const& request, http::Peer const& peer, Secrets const& secrets, WallTime now);

}  // namespace arangosync::rest
