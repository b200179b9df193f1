#include "adapters/cluster/shard_scan.h"

#include "adapters/cluster/dump_answer.h"
#include "adapters/cluster/error_class.h"
#include "domain/base/limits.h"

#include <utility>

namespace arangosync::cluster {

ShardScan::ShardScan(DatabaseName database, inventory::Shard shard)
    : database_(std::move(database)), shard_(std::move(shard.name)) {
  if (!shard.servers.empty()) leader_ = shard.servers.front().value();
  if (leader_.starts_with('_')) leader_.erase(0, 1);  // it is resigning, but still the one to ask
}

http::Task<Outcome<Done>> ShardScan::open(http::Scope& scope, Connection& connection, std::optional<Instant> deadline) {
  Call call;
  call.what = "open snapshot of shard " + shard_.value();
  call.method = "POST";
  call.target = in_database(database_, "/_api/replication/batch?DBserver=" + http::percent_encode(leader_));
  call.body = R"({"ttl":600})";
  call.deadline = deadline;
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  auto const opened = parse_batch(reply->body);
  if (!opened) co_return unexpected(Fault{FaultClass::Permanent, call.what + ": answer not understood"});
  batch_ = opened->id;
  co_return Done{};
}

http::Task<Outcome<std::optional<std::string>>> ShardScan::next(http::Scope& scope, Connection& connection,
                                                                std::optional<Instant> deadline) {
  if (ended_) co_return std::optional<std::string>{};
  if (batch_.empty()) {
    auto opened = co_await open(scope, connection, deadline);
    if (!opened) co_return unexpected(opened.error());
  }
  Call call;
  call.what = "scan shard " + shard_.value();
  call.target = dump_target(database_, shard_, batch_, limits::snapshot_chunk_bytes, leader_);
  call.deadline = deadline;
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) {
    auto fault = fault_of(call.what, *reply);
    if (reply->status == 404 || reply->status == 400) fault.fault_class = FaultClass::NotFound;
    co_return unexpected(std::move(fault));
  }
  auto const chunk = check_chunk(counter_, *reply);
  if (!chunk) co_return unexpected(Fault{FaultClass::NotFound, call.what + ": a chunk was lost on the way"});
  counter_ = chunk->counter;
  ended_ = chunk->last;
  co_return std::optional<std::string>(std::move(reply->body));
}

http::Task<Done> ShardScan::close(http::Scope& scope, Connection& connection) {
  if (batch_.empty()) co_return Done{};
  Call call;
  call.what = "close snapshot of shard " + shard_.value();
  call.method = "DELETE";
  call.target = in_database(database_, "/_api/replication/batch/" + http::percent_encode(batch_) +
                                           "?DBserver=" + http::percent_encode(leader_));
  batch_.clear();
  auto reply = co_await call_coordinator(scope, connection, call);
  co_return Done{};
}

}  // namespace arangosync::cluster
