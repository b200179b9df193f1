// Who we are towards an ArangoDB cluster: nobody (authentication is off there), or a superuser by one of the cluster's
// JWT secrets (spec arangodb-read 1.1). Tokens live an hour and are renewed after half of it. Thread-safe. Secrets
// leave this class as the Authorization header, and to our own workers.
//
// A secret may be exchanged while we run: servers and we learn of it at different moments, so what the cluster refuses
// is answered by a token of the next secret we know, round and round.
#pragma once

#include "ports/runtime.h"

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::cluster {

class Credentials {
public:
  /// No secret: no Authorization header at all. `caller` is what server logs show as server_id.
  Credentials(ports::Clock& clock, std::vector<std::string> secrets, std::string caller);

  /// Value of the Authorization header; empty if there is none.
  std::string authorization();
  /// The cluster refused this header. The next call gets another one, unless somebody has seen to that already. True if
  /// a call that has been refused `times` by now may find one that is accepted.
  bool refused(std::string_view authorization, std::size_t times);
  /// From now on these, beginning with the first. The one that is in use is kept behind them: servers may go on with it
  /// for a while. False if nothing is new. Never turns authentication on or off.
  bool replace(std::vector<std::string> secrets);
  std::string secret() const;  ///< the one in use; empty: none

private:
  ports::Clock& clock_;
  std::string const caller_;
  mutable std::mutex mutex_;
  std::vector<std::string> given_;    // as they were given last
  std::vector<std::string> secrets_;  // these, and what was in use before
  std::size_t used_ = 0;
  std::string header_;
  Instant renew_at_;
};

}  // namespace arangosync::cluster
