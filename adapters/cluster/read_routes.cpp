#include "adapters/cluster/read_routes.h"

#include "adapters/cluster/error_class.h"
#include "adapters/cluster/follow_answer.h"
#include "adapters/cluster/wal_range.h"

#include <algorithm>
#include <utility>

namespace arangosync::cluster {
namespace {

constexpr std::uint32_t failures_max = 3;
constexpr Duration doubt_pause = std::chrono::seconds(10);
// Firewalls are opened while we run, and a restart with other options need not change the version.
constexpr Duration better_pause = std::chrono::minutes(5);
constexpr Duration short_call = std::chrono::seconds(10);

/// The server may be down, or its Coordinator cannot reach it.
bool is_failure(Reply const& reply) { return !reply || reply->status == 503 || reply->status == 504; }

}  // namespace

std::string identity_of(worker::SyncerId syncer) {
  auto const number = std::to_string(syncer.value());
  return "syncerId=" + number + "&serverId=" + number + "&clientInfo=arangosync";
}

char const* to_text(ReadRoute route) {
  switch (route) {
    case ReadRoute::Direct:
      return "direct";
    case ReadRoute::Coordinator:
      return "coordinator";
    case ReadRoute::Compare:
      return "compare";
  }
  return "unknown";
}

std::string passed_on(std::string target, ServerId const& server) {
  target += target.find('?') == std::string::npos ? '?' : '&';
  return target + "DBserver=" + http::percent_encode(server.value());
}

http::Task<Reply> ReadRoutes::call(ReadRoute route, ServerId server, Call call) {
  Reply reply;
  if (route == ReadRoute::Direct) {
    reply = co_await call_db_server(scope_, connection_, server, call);
  } else {
    call.target = passed_on(std::move(call.target), server);
    reply = co_await call_coordinator(scope_, connection_, call);
  }
  note(server, !is_failure(reply));
  co_return reply;
}

void ReadRoutes::note(ServerId const& server, bool succeeded) {
  std::lock_guard lock(mutex_);
  auto& known = servers_[server];
  known.failures = succeeded ? 0 : known.failures + 1;
  if (known.failures >= failures_max) known.in_doubt = true;
}

void ReadRoutes::saw_version(ServerId const& server, std::string const& version) {
  std::lock_guard lock(mutex_);
  auto& known = servers_[server];
  if (known.version == version) return;
  bool const is_new = known.version.empty();
  known.version = version;
  if (is_new) return;
  known.in_doubt = true;
  known.look_again = Instant{};
}

void ReadRoutes::closed(ServerId const& server) {
  std::lock_guard lock(mutex_);
  auto& known = servers_[server];
  known.in_doubt = true;
  known.look_again = Instant{};
}

http::Task<Outcome<ReadRoute>> ReadRoutes::choose(ServerId server) {
  auto const now = connection_.clock().now();
  std::optional<ReadRoute> former;
  {
    std::lock_guard lock(mutex_);
    auto& known = servers_[server];
    former = known.route;
    bool const may_improve = rule_ != RouteRule::Direct && former && *former != ReadRoute::Direct;
    bool const is_due = now >= known.look_again && (known.in_doubt || may_improve);
    if (former && !is_due) co_return *former;
    known.look_again = now + doubt_pause;
  }
  if (former) {  // a firewall may keep us waiting: everybody goes on the old way meanwhile
    scope_.start([this, server] { return look(server); },
                 [this, server](Outcome<Found> const& found) {
                   if (found) settle(server, *found);
                 });
    co_return *former;
  }
  auto const found = co_await look(server);
  if (!found) co_return unexpected(found.error());
  settle(server, *found);
  co_return found->route;
}

void ReadRoutes::settle(ServerId const& server, Found const& found) {
  std::string text;
  {
    std::lock_guard lock(mutex_);
    auto& known = servers_[server];
    bool const is_news = known.route != found.route;
    known.route = found.route;
    known.failures = 0;
    known.in_doubt = false;
    known.look_again = connection_.clock().now() + better_pause;
    if (!is_news) return;
  }
  text = "DB-Server " + server.value() + " is read by the route " + to_text(found.route);
  if (!found.why.empty()) text += " (" + found.why + ")";
  connection_.telemetry().log(ports::LogLevel::Info, "cluster.route", text);
  for (auto const route : {ReadRoute::Direct, ReadRoute::Coordinator, ReadRoute::Compare}) {
    connection_.telemetry().gauge("arangosync_worker_read_route",
                                  {{"server", server.value()}, {"route", to_text(route)}}, route == found.route);
  }
}

http::Task<Outcome<ReadRoutes::Found>> ReadRoutes::look(ServerId server) {
  if (rule_ == RouteRule::Direct) co_return Found{ReadRoute::Direct, "as --cluster.read-route says"};
  std::string why = "as --cluster.read-route says";
  if (rule_ == RouteRule::Auto) {
    auto const direct = co_await try_direct(server);
    if (direct) co_return Found{ReadRoute::Direct, ""};
    why = direct.error().message;
  }
  auto found = co_await try_coordinator(server);
  if (!found) {
    Fault fault = found.error();
    if (rule_ == RouteRule::Auto) fault.message += "; " + why;
    co_return unexpected(std::move(fault));
  }
  found->why = found->why.empty() ? why : why + "; " + found->why;
  co_return found;
}

http::Task<Outcome<Done>> ReadRoutes::try_direct(ServerId server) {
  Call call;
  call.what = "read log of DB-Server " + server.value() + " directly";
  call.target = "/_api/wal/lastTick";
  call.timeout = short_call;
  auto const reply = co_await call_db_server(scope_, connection_, server, call);
  if (!reply) co_return unexpected(reply.error());
  if (reply->status != 200) co_return unexpected(fault_of(call.what, *reply));
  co_return Done{};
}

http::Task<Outcome<ReadRoutes::Found>> ReadRoutes::try_coordinator(ServerId server) {
  auto const state = co_await read_log_state(scope_, connection_, server);
  if (!state) co_return unexpected(state.error());
  saw_version(server, state->version);
  Call call;
  call.what = "read log of DB-Server " + server.value() + " through a Coordinator";
  auto const tick = std::to_string(std::max<std::uint64_t>(1, state->newest.value()));
  call.target = passed_on("/_api/replication/logger-follow?from=" + tick + "&to=" + tick, server);
  call.timeout = short_call;
  auto const reply = co_await call_coordinator(scope_, connection_, call);
  if (!reply) co_return unexpected(reply.error());
  if (succeeded(*reply) && parse_log_headers(*reply)) co_return Found{ReadRoute::Coordinator, ""};
  if (is_follow_unknown(*reply)) {
    co_return Found{ReadRoute::Compare, "the log of ArangoDB " + state->version + " is not passed on by Coordinators"};
  }
  co_return unexpected(fault_of(call.what, *reply));
}

}  // namespace arangosync::cluster
