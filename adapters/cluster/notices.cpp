#include "adapters/cluster/notices.h"

#include "adapters/cluster/error_class.h"
#include "adapters/cluster/smart_graphs.h"

#include <chrono>
#include <utility>

namespace arangosync::cluster {
namespace {

constexpr Duration heal_timeout = std::chrono::seconds(10);

http::Task<Outcome<Done>> reload_users(http::Scope& scope, Connection& connection, Destination destination) {
  Call call;
  call.what = "make Coordinators read users again";
  call.method = "POST";
  call.target = "/_admin/auth/reload";
  call.deadline = destination.deadline;
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  // Servers of 3.4 to 3.6 have no such call; they notice when a user is changed the next time (spec write 7.4).
  if (succeeded(*reply) || reply->status == 404) co_return Done{};
  co_return unexpected(fault_of(call.what, *reply));
}

http::Task<Done> heal_services(http::Scope& scope, Connection& connection, Destination destination) {
  auto const members = co_await refresh_members(scope, connection);
  std::vector<http::Endpoint> coordinators;
  if (members) coordinators = members->coordinators;
  if (coordinators.empty()) coordinators.push_back(connection.coordinator());
  for (auto const& coordinator : coordinators) {
    Call call;
    call.what =
        "install Foxx services of database " + destination.database.value() + " at " + http::to_url(coordinator);
    call.method = "POST";
    call.target = in_database(destination.database, "/_api/foxx/_local/heal");
    call.timeout = heal_timeout;
    call.deadline = destination.deadline;
    auto reply = co_await call_endpoint(scope, connection, coordinator, call);
    if (scope.closed()) co_return Done{};
    // 404: no Foxx any more; 403: switched off (spec write 8.3).
    bool const is_off = reply && (reply->status == 404 || reply->status == 403);
    if (is_off || (reply && succeeded(*reply))) continue;
    auto const fault = reply ? fault_of(call.what, *reply) : reply.error();
    connection.telemetry().log(ports::LogLevel::Warn, "cluster", fault.message + "; it does so by itself later");
  }
  co_return Done{};
}

}  // namespace

http::Task<Outcome<Done>> tell_cluster(http::Scope& scope, Connection& connection, Destination destination) {
  std::string const& name = destination.collection.value();
  if (name == "_users" && destination.database.value() == "_system") {
    auto told = co_await reload_users(scope, connection, destination);
    co_return told;
  }
  if (name == "_graphs") {
    auto settled = co_await settle_graph_ids(scope, connection, destination.database, destination.deadline);
    co_return settled;
  }
  if (name == "_apps" || name == "_appbundles") co_await heal_services(scope, connection, destination);
  co_return Done{};
}

}  // namespace arangosync::cluster
