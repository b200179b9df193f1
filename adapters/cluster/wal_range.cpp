#include "adapters/cluster/wal_range.h"

#include "adapters/cluster/error_class.h"
#include "adapters/cluster/json_value.h"

#include <utility>

namespace arangosync::cluster {
namespace {

constexpr Duration remembered_for = std::chrono::seconds(10);

}  // namespace

http::Task<Outcome<WalRange>> read_wal_range(http::Scope& scope, Connection& connection, ServerId server) {
  Call call;
  call.what = "read range of the log of DB-Server " + server.value();
  call.target = "/_api/wal/range";
  call.timeout = std::chrono::seconds(20);
  auto reply = co_await call_db_server(scope, connection, server, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  auto const body = parse_json(reply->body);
  auto const* about = body ? member(*body, "server") : nullptr;
  WalRange range;
  if (about != nullptr) range.instance = id_of(*about, "serverId");
  auto const oldest = body ? unsigned_of(*body, "tickMin") : std::nullopt;
  auto const newest = body ? unsigned_of(*body, "tickMax") : std::nullopt;
  if (range.instance.empty() || !oldest || !newest) {
    co_return unexpected(Fault{FaultClass::Permanent, call.what + ": answer not understood"});
  }
  range.oldest = Tick(*oldest);
  range.newest = Tick(*newest);
  co_return range;
}

http::Task<Outcome<std::string>> Instances::ask(ServerId server) {
  auto const now = connection_.clock().now();
  {
    std::lock_guard lock(mutex_);
    auto const found = known_.find(server);
    if (found != known_.end() && now < found->second.until) co_return found->second.instance;
  }
  auto range = co_await read_wal_range(scope_, connection_, server);
  if (!range) co_return unexpected(range.error());
  std::lock_guard lock(mutex_);
  known_[server] = Known{range->instance, now + remembered_for};
  co_return range->instance;
}

void Instances::forget(ServerId const& server) {
  std::lock_guard lock(mutex_);
  known_.erase(server);
}

}  // namespace arangosync::cluster
