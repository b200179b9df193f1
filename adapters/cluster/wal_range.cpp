#include "adapters/cluster/wal_range.h"

#include "adapters/cluster/error_class.h"
#include "adapters/cluster/json_value.h"

#include <utility>

namespace arangosync::cluster {
namespace {

constexpr Duration remembered_for = std::chrono::seconds(10);
constexpr Duration agents_pause = std::chrono::minutes(5);  // after none of them could be asked

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
  if (about != nullptr) range.version = string_of(*about, "version").value_or("");
  auto const oldest = body ? unsigned_of(*body, "tickMin") : std::nullopt;
  auto const newest = body ? unsigned_of(*body, "tickMax") : std::nullopt;
  if (range.instance.empty() || !oldest || !newest) {
    co_return unexpected(Fault{FaultClass::Permanent, call.what + ": answer not understood"});
  }
  range.oldest = Tick(*oldest);
  range.newest = Tick(*newest);
  co_return range;
}

namespace {

/// Through a Coordinator, on whose word alone it is not clear that a DB-Server has answered.
http::Task<Outcome<boost::json::value>> ask_through(http::Scope& scope, Connection& connection, ServerId server,
                                                    std::string what, std::string path) {
  Call call;
  call.what = std::move(what) + " of DB-Server " + server.value() + " through a Coordinator";
  call.target = passed_on(std::move(path), server);
  call.timeout = std::chrono::seconds(20);
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (reply->status == 501) {
    co_return unexpected(
        Fault{FaultClass::Permanent, call.what + ": this version does not pass the call on; let the worker reach the "
                                                 "DB-Servers themselves"});
  }
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  auto body = parse_json(reply->body);
  if (!body) co_return unexpected(Fault{FaultClass::Permanent, call.what + ": answer not understood"});
  co_return std::move(*body);
}

}  // namespace

http::Task<Outcome<LogState>> read_log_state(http::Scope& scope, Connection& connection, ServerId server) {
  auto const body =
      co_await ask_through(scope, connection, server, "read state of the log", "/_api/replication/logger-state");
  if (!body) co_return unexpected(body.error());
  auto const* state = member(*body, "state");
  auto const* about = member(*body, "server");
  auto const newest = state != nullptr ? unsigned_of(*state, "lastLogTick") : std::nullopt;
  LogState result;
  if (about != nullptr) {
    result.instance = id_of(*about, "serverId");
    result.version = string_of(*about, "version").value_or("");
  }
  if (!newest || result.instance.empty()) {
    co_return unexpected(
        Fault{FaultClass::Permanent, "read state of the log of DB-Server " + server.value() + ": not understood"});
  }
  result.newest = Tick(*newest);
  co_return result;
}

http::Task<Outcome<Tick>> read_first_tick(http::Scope& scope, Connection& connection, ServerId server) {
  auto const body =
      co_await ask_through(scope, connection, server, "read begin of the log", "/_api/replication/logger-first-tick");
  if (!body) co_return unexpected(body.error());
  co_return Tick(unsigned_of(*body, "firstTick").value_or(0));  // null: there is none
}

std::uint64_t parse_boot(std::string_view text, ServerId const& server) {
  auto const body = parse_json(text);
  if (!body || !body->is_array() || body->get_array().empty()) return 0;
  auto const* at = &body->get_array().front();
  for (auto const& step :
       {std::string("arango"), std::string("Current"), std::string("ServersKnown"), server.value()}) {
    at = member(*at, step);
    if (at == nullptr) return 0;
  }
  return unsigned_of(*at, "rebootId").value_or(0);
}

http::Task<std::optional<std::uint64_t>> read_boot(http::Scope& scope, Connection& connection, ServerId server) {
  Call call;
  call.what = "read boot count of DB-Server " + server.value();
  call.method = "POST";
  call.target = "/_api/agency/read";
  call.body = "[[" + quoted("/arango/Current/ServersKnown/" + server.value()) + "]]";
  call.timeout = std::chrono::seconds(3);
  auto agents = connection.known_agents();
  while (true) {
    // Only the leader answers; the others send us away (spec 2.2).
    for (auto const& agent : agents) {
      auto reply = co_await call_agent(scope, connection, agent, call);
      if (reply && succeeded(*reply)) co_return parse_boot(reply->body, server);
    }
    // None is known yet, or others have taken their place.
    auto members = co_await refresh_members(scope, connection);
    if (!members || members->agents == agents) co_return std::nullopt;
    agents = std::move(members->agents);
  }
}

http::Task<std::uint64_t> Instances::boot_of(ServerId server) {
  {
    std::lock_guard lock(mutex_);
    if (connection_.clock().now() < agents_not_before_) co_return 0;
  }
  auto const boot = co_await read_boot(scope_, connection_, server);
  if (boot) co_return *boot;
  std::lock_guard lock(mutex_);
  agents_not_before_ = connection_.clock().now() + agents_pause;
  co_return 0;
}

http::Task<Outcome<Instance>> Instances::ask(ReadRoute route, ServerId server) {
  auto const now = connection_.clock().now();
  {
    std::lock_guard lock(mutex_);
    auto const found = known_.find(server);
    if (found != known_.end() && now < found->second.until) co_return found->second.instance;
  }
  Known known{{}, now + remembered_for};
  // First: one that is started between the two has the older count, and is doubted once more than needed.
  known.instance.boot = co_await boot_of(server);
  if (route == ReadRoute::Direct) {
    auto range = co_await read_wal_range(scope_, connection_, server);
    if (!range) co_return unexpected(range.error());
    known.instance.id = range->instance;
    routes_.saw_version(server, range->version);
  } else {
    auto state = co_await read_log_state(scope_, connection_, server);
    if (!state) co_return unexpected(state.error());
    known.instance.id = state->instance;
    routes_.saw_version(server, state->version);
  }
  std::lock_guard lock(mutex_);
  known_[server] = known;
  co_return known.instance;
}

void Instances::forget(ServerId const& server) {
  std::lock_guard lock(mutex_);
  known_.erase(server);
}

}  // namespace arangosync::cluster
