// Who we are towards an ArangoDB cluster: nobody (authentication is off there), or a superuser by the cluster's JWT
// secret (spec arangodb-read 1.1). Tokens live an hour and are renewed after half of it. Thread-safe. Secrets never
// leave this class but as the Authorization header.
#pragma once

#include "ports/runtime.h"

#include <mutex>
#include <string>

namespace arangosync::cluster {

class Credentials {
public:
  /// Empty `jwt_secret`: no Authorization header at all. `caller` is what server logs show as server_id.
  Credentials(ports::Clock& clock, std::string jwt_secret, std::string caller);

  /// Value of the Authorization header; empty if there is none.
  std::string authorization();
  /// The cluster refused the token: make a new one at the next call.
  void renew();

private:
  ports::Clock& clock_;
  std::string const secret_;
  std::string const caller_;
  std::mutex mutex_;
  std::string header_;
  Instant renew_at_;
};

}  // namespace arangosync::cluster
