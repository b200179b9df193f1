#include "adapters/cluster/shard_scan.h"

#include "adapters/cluster/dump_answer.h"
#include "adapters/cluster/error_class.h"
#include "domain/base/limits.h"

#include <utility>

namespace arangosync::cluster {

http::Task<Outcome<std::optional<std::string>>> ShardScan::next(http::Scope& scope, Connection& connection,
                                                                std::optional<Instant> deadline) {
  if (ended_) co_return std::optional<std::string>{};
  if (batch_.empty()) {
    auto opened = co_await open_batch(scope, connection, place_, deadline);
    if (!opened) co_return unexpected(opened.error());
    batch_ = opened->id;
  }
  Call call;
  call.what = "scan shard " + place_.shard.value();
  call.target = dump_target(place_.database, place_.shard, batch_, limits::snapshot_chunk_bytes, place_.server.value());
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
  auto const batch = std::exchange(batch_, std::string());
  co_await close_batch(scope, connection, place_, batch);
  co_return Done{};
}

}  // namespace arangosync::cluster
