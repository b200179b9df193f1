#include "adapters/cluster/shard_place.h"

#include "adapters/cluster/error_class.h"

#include <utility>

namespace arangosync::cluster {

std::string to_string(ShardPlace const& place) {
  return "shard " + place.shard.value() + " on DB-Server " + place.server.value();
}

ShardPlace leader_of(DatabaseName database, inventory::Shard const& shard) {
  std::string leader = shard.servers.empty() ? std::string() : shard.servers.front().value();
  if (leader.starts_with('_')) leader.erase(0, 1);  // it is resigning, but still the one to ask
  return ShardPlace{std::move(database), shard.name, ServerId(leader), true};
}

std::string target_at(ShardPlace const& place, std::string_view path, std::string_view query) {
  std::string target = in_database(place.database, path) + "?" + std::string(query);
  if (!place.through_coordinator) return target;
  if (!query.empty()) target += '&';
  return target + "DBserver=" + http::percent_encode(place.server.value());
}

http::Task<Reply> call_place(http::Scope& scope, Connection& connection, ShardPlace place, Call call) {
  if (place.through_coordinator) co_return co_await call_coordinator(scope, connection, std::move(call));
  co_return co_await call_db_server(scope, connection, place.server, std::move(call));
}

Fault fault_in_batch(std::string_view what, http::Response const& response) {
  auto const error = server_error(response);
  auto fault = fault_of(what, error);
  bool const is_gone = error.status == 404 && (error.number == 400 || error.number == error::cursor_not_found);
  if (is_gone) fault.fault_class = FaultClass::NotFound;
  return fault;
}

http::Task<Outcome<OpenedBatch>> open_batch(http::Scope& scope, Connection& connection, ShardPlace place,
                                            std::optional<Instant> deadline) {
  Call call;
  call.what = "open snapshot of " + to_string(place);
  call.method = "POST";
  call.target = target_at(place, "/_api/replication/batch", "");
  call.body = R"({"ttl":600})";
  call.deadline = deadline;
  auto reply = co_await call_place(scope, connection, place, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  auto opened = parse_batch(reply->body);
  if (!opened) co_return unexpected(Fault{FaultClass::Permanent, call.what + ": answer not understood"});
  co_return std::move(*opened);
}

http::Task<Done> close_batch(http::Scope& scope, Connection& connection, ShardPlace place, std::string batch) {
  Call call;
  call.what = "close snapshot of " + to_string(place);
  call.method = "DELETE";
  call.target = target_at(place, "/_api/replication/batch/" + http::percent_encode(batch), "");
  auto reply = co_await call_place(scope, connection, place, call);
  co_return Done{};
}

}  // namespace arangosync::cluster
