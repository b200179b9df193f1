#include "adapters/cluster/calls.h"

#include "adapters/cluster/error_class.h"
#include "adapters/cluster/fitness.h"
#include "adapters/cluster/health_answer.h"
#include "adapters/cluster/json_value.h"

#include <algorithm>
#include <utility>

namespace arangosync::cluster {
namespace {

constexpr Duration short_call = std::chrono::seconds(10);

http::Client::Call prepare(Connection& connection, http::Endpoint endpoint, Call const& call) {
  http::Client::Call prepared;
  prepared.endpoint = std::move(endpoint);
  prepared.request.method = call.method;
  prepared.request.target = call.target;
  prepared.request.body = call.body;
  if (!call.body.empty()) prepared.request.headers.push_back({"Content-Type", "application/json"});
  if (auto authorization = connection.authorization(); !authorization.empty() && !call.is_anonymous) {
    prepared.request.headers.push_back({"Authorization", std::move(authorization)});
  }
  prepared.timeout = call.timeout;
  if (call.deadline) prepared.timeout = std::min(call.timeout, *call.deadline - connection.clock().now());
  prepared.repeatable = !call.may_come_late;
  return prepared;
}

std::string authorization_of(http::Client::Call const& prepared) {
  return std::string(http::header(prepared.request.headers, "Authorization"));
}

Fault too_late(Call const& call) {
  return Fault{FaultClass::Retry, call.what + ": no time left before the lease ends"};
}

Fault stopped(Call const& call) { return Fault{FaultClass::Retry, call.what + ": stopped"}; }

}  // namespace

http::Task<Reply> call_coordinator(http::Scope& scope, Connection& connection, Call call) {
  auto const breather = call.method == "GET" ? Duration{0} : connection.breather();
  bool const has_time = !call.deadline || connection.clock().now() + breather < *call.deadline;
  if (has_time) co_await scope.pause(breather);
  if (scope.closed()) co_return unexpected(stopped(call));
  std::size_t refusals = 0;
  std::size_t attempts = 0;
  while (true) {
    auto const endpoint = connection.coordinator();
    auto prepared = prepare(connection, endpoint, call);
    auto const authorization = authorization_of(prepared);
    if (prepared.timeout <= Duration{0}) co_return unexpected(too_late(call));
    auto answer = co_await scope.fetch(std::move(prepared));
    if (scope.closed()) co_return unexpected(stopped(call));
    ++attempts;
    if (!answer) {
      connection.coordinator_failed(endpoint);
      auto const kind = answer.error().kind;
      bool const was_sent = kind != http::Failure::Kind::Unreachable;
      bool const next_one_may_do = kind != http::Failure::Kind::Timeout && kind != http::Failure::Kind::TooLarge &&
                                   !(was_sent && call.may_come_late);
      if (next_one_may_do && attempts < connection.coordinators()) continue;
      co_return unexpected(fault_of(call.what, answer.error()));
    }
    bool const refuses_us = answer->status == 401 && !call.is_anonymous;
    if (refuses_us && connection.refused(authorization, ++refusals)) continue;
    if (answer->status == 503) {
      connection.coordinator_failed(endpoint);
    } else {
      connection.coordinator_answered();
    }
    connection.queue_told(http::header(answer->headers, "x-arango-queue-time-seconds"));
    co_return std::move(*answer);
  }
}

http::Task<Reply> call_endpoint(http::Scope& scope, Connection& connection, http::Endpoint endpoint, Call call) {
  auto prepared = prepare(connection, std::move(endpoint), call);
  if (prepared.timeout <= Duration{0}) co_return unexpected(too_late(call));
  auto answer = co_await scope.fetch(std::move(prepared));
  if (scope.closed()) co_return unexpected(stopped(call));
  if (!answer) co_return unexpected(fault_of(call.what, answer.error()));
  co_return std::move(*answer);
}

http::Task<Outcome<Members>> refresh_members(http::Scope& scope, Connection& connection) {
  Call call;
  call.what = "read members of the cluster";
  call.target = "/_admin/cluster/health";
  call.timeout = short_call;
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  auto members = parse_health(reply->body);
  if (!members) co_return unexpected(Fault{FaultClass::Permanent, call.what + ": answer not understood"});
  if (!connection.members(*members)) co_return unexpected(Fault{FaultClass::Permanent, foreign(members->cluster)});
  co_return std::move(*members);
}

namespace {

/// Does the server at this endpoint carry this id? An address may have been given to another server.
http::Task<Outcome<Done>> verify_db_server(http::Scope& scope, Connection& connection, ServerId server,
                                           http::Endpoint endpoint) {
  Call call;
  call.what = "ask DB-Server " + server.value() + " who it is";
  call.target = "/_admin/server/id";
  call.timeout = short_call;
  std::optional<http::Answer> answer;
  for (std::size_t refusals = 0; !answer;) {
    auto prepared = prepare(connection, endpoint, call);
    auto const authorization = authorization_of(prepared);
    answer = co_await scope.fetch(std::move(prepared));
    bool const is_refused = *answer && (*answer)->status == 401;
    if (is_refused && !scope.closed() && connection.refused(authorization, ++refusals)) answer.reset();
  }
  if (!*answer) co_return unexpected(fault_of(call.what, answer->error()));
  if (!succeeded(**answer)) co_return unexpected(fault_of(call.what, **answer));
  auto const body = parse_json((*answer)->body);
  if (!body || string_of(*body, "id") != server.value()) {
    co_return unexpected(Fault{FaultClass::Refresh, call.what + ": another server answers at its endpoint"});
  }
  connection.verified(server);
  co_return Done{};
}

}  // namespace

http::Task<Reply> call_db_server(http::Scope& scope, Connection& connection, ServerId server, Call call) {
  auto endpoint = connection.db_server(server);
  if (!endpoint) {
    auto refreshed = co_await refresh_members(scope, connection);
    if (!refreshed) co_return unexpected(refreshed.error());
    endpoint = connection.db_server(server);
  }
  if (!endpoint) {
    co_return unexpected(Fault{FaultClass::Refresh, call.what + ": the cluster has no DB-Server " + server.value()});
  }
  if (!connection.is_verified(server)) {
    auto verified = co_await verify_db_server(scope, connection, server, *endpoint);
    if (!verified) {
      connection.db_server_failed(server);
      co_return unexpected(verified.error());
    }
  }
  std::size_t refusals = 0;
  while (true) {
    auto prepared = prepare(connection, *endpoint, call);
    auto const authorization = authorization_of(prepared);
    if (prepared.timeout <= Duration{0}) co_return unexpected(too_late(call));
    auto answer = co_await scope.fetch(std::move(prepared));
    if (scope.closed()) co_return unexpected(stopped(call));
    if (!answer) {
      connection.db_server_failed(server);
      co_return unexpected(fault_of(call.what, answer.error()));
    }
    if (answer->status == 401 && connection.refused(authorization, ++refusals)) continue;
    co_return std::move(*answer);
  }
}

http::Task<Reply> call_agent(http::Scope& scope, Connection& connection, http::Endpoint agent, Call call) {
  auto prepared = prepare(connection, agent, call);
  auto answer = co_await scope.fetch(std::move(prepared));
  if (scope.closed()) co_return unexpected(stopped(call));
  if (!answer) co_return unexpected(fault_of(call.what, answer.error()));
  co_return std::move(*answer);
}

namespace {

Fault refused(Connection& connection, std::string const& why) {
  return Fault{FaultClass::Permanent,
               "the ArangoDB server at " + http::to_url(connection.coordinator()) + " cannot be used: " + why};
}

/// Asks one Coordinator for a JSON object.
http::Task<Outcome<boost::json::value>> ask(http::Scope& scope, Connection& connection, std::string what,
                                            std::string target) {
  Call call;
  call.what = what + " of the ArangoDB server at " + http::to_url(connection.coordinator());
  call.target = std::move(target);
  call.timeout = short_call;
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  // Only there a server names another one that answers (spec arangodb-write 10.2, 11).
  if (!http::header(reply->headers, "X-Arango-Endpoint").empty()) {
    co_return unexpected(
        refused(connection, "it belongs to an Active Failover pair: only a cluster can be synchronized"));
  }
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  auto body = parse_json(reply->body);
  if (!body) co_return unexpected(Fault{FaultClass::Permanent, call.what + ": no ArangoDB server answers there"});
  co_return std::move(*body);
}

}  // namespace

http::Task<Outcome<ClusterFacts>> look_at_cluster(http::Scope& scope, Connection& connection) {
  ClusterFacts facts;
  auto const version = co_await ask(scope, connection, "read version", "/_api/version");
  if (!version) co_return unexpected(version.error());
  if (!member(*version, "version")) {
    co_return unexpected(refused(connection, "it tells no version, so it is no ArangoDB server"));
  }
  facts.version = string_of(*version, "version").value_or("");
  if (auto const why = unfit_version(facts.version)) co_return unexpected(refused(connection, *why));

  auto const role = co_await ask(scope, connection, "read role", "/_admin/server/role");
  if (!role) co_return unexpected(role.error());
  if (auto const why = unfit_role(string_of(*role, "role").value_or("unknown"))) {
    co_return unexpected(refused(connection, *why));
  }

  auto members = co_await refresh_members(scope, connection);
  if (!members) co_return unexpected(members.error());
  if (members->engines.empty()) {  // health tells them from 3.4 on
    auto const engine = co_await ask(scope, connection, "read storage engine", "/_api/engine");
    if (engine) members->engines.insert(string_of(*engine, "name").value_or("rocksdb"));
  }
  if (auto const why = unfit_engine(members->engines)) co_return unexpected(refused(connection, *why));
  facts.db_servers = members->db_servers.size();
  facts.agents = members->agents.size();
  co_return facts;
}

std::string in_database(DatabaseName const& database, std::string_view path) {
  return "/_db/" + http::percent_encode(database.value()) + std::string(path);
}

}  // namespace arangosync::cluster
