// HTTP calls to one cluster, with everything that is the same for all of them: credentials, fail-over between
// Coordinators, addresses of DB-Servers. Used by the coroutines of this room; every call is awaited in the caller's
// scope.
//
// A response of any status is handed out as it is; a fault means that there is none. All our calls may be repeated
// (spec arangodb-write 13), so a call whose Coordinator dropped the connection is sent to the next one at once, unless
// it may come late; a timeout is not repeated, because the caller's deadline rules.
#pragma once

#include "adapters/cluster/connection.h"
#include "adapters/http/http.h"
#include "adapters/http/scope.h"
#include "adapters/http/task.h"
#include "domain/base/result.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::cluster {

struct Call {
  std::string what;  ///< for messages: "read position of shop:products:0"; no secret, no document
  std::string method = "GET";
  std::string target;  ///< path and query
  std::string body;    ///< JSON
  Duration timeout{std::chrono::seconds(60)};
  std::optional<Instant> deadline;  ///< nothing is sent after it, and a call under way then is given up
  /// What the first Coordinator has got may be carried out after what is written next: whoever asked has to hear that
  /// it had no answer.
  bool may_come_late = false;
  /// Without our credentials: whether the server refuses is about what is asked, not about us.
  bool is_anonymous = false;
};

using Reply = Outcome<http::Response>;

http::Task<Reply> call_coordinator(http::Scope& scope, Connection& connection, Call call);

/// This Coordinator and no other one, once.
http::Task<Reply> call_endpoint(http::Scope& scope, Connection& connection, http::Endpoint endpoint, Call call);

/// Fault Refresh if the cluster knows no such DB-Server.
http::Task<Reply> call_db_server(http::Scope& scope, Connection& connection, ServerId server, Call call);

/// One attempt at one agent: most of them only say who leads.
http::Task<Reply> call_agent(http::Scope& scope, Connection& connection, http::Endpoint agent, Call call);

/// Role and version at first contact.
http::Task<Outcome<ClusterFacts>> look_at_cluster(http::Scope& scope, Connection& connection);

/// Asks for the members and hands them to the connection.
http::Task<Outcome<Members>> refresh_members(http::Scope& scope, Connection& connection);

/// "/_db/<name>" + path.
std::string in_database(DatabaseName const& database, std::string_view path);

}  // namespace arangosync::cluster
