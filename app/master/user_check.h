// Do a user and password open the own cluster, with the right to administrate it (spec arangosync-api 2.1, Basic)?
// Used by the master's REST server for operators' commands. A cluster without authentication has no users to check:
// everybody may. A cluster that cannot be asked makes nobody's password wrong, and neither do too many who ask at once.
#pragma once

#include "adapters/cluster/connection.h"
#include "adapters/http/scope.h"
#include "adapters/http/task.h"
#include "adapters/rest/rights.h"
#include "adapters/x509/authorization.h"

#include <atomic>
#include <functional>

namespace arangosync::app {

class UserCheck {
public:
  UserCheck(http::Io& io, http::Client& client, cluster::Connection& connection, bool has_authentication)
      : connection_(connection), has_authentication_(has_authentication), scope_(io, client) {}

  /// `answer` runs later, on an Io thread, or at once if there is nothing to ask.
  void check(x509::BasicCredentials credentials, std::function<void(rest::Verdict)> answer);

private:
  http::Task<rest::Verdict> ask(x509::BasicCredentials credentials);

  cluster::Connection& connection_;
  bool const has_authentication_;
  std::atomic<int> under_way_{0};
  http::Scope scope_;
};

}  // namespace arangosync::app
