#include "adapters/cluster/control_http.h"

#include "adapters/cluster/calls.h"
#include "adapters/cluster/error_class.h"

#include <utility>

namespace arangosync::cluster {
namespace {

http::Task<Outcome<Done>> set_mode(http::Scope& scope, Connection& connection, sync::ServerMode mode) {
  auto const name = std::string(mode == sync::ServerMode::ReadOnly ? "readonly" : "default");
  Call call;
  call.what = "set server mode to " + name;
  call.method = "PUT";
  call.target = "/_admin/server/mode";
  call.body = R"({"mode":")" + name + R"("})";
  call.may_come_late = true;
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  co_return Done{};
}

}  // namespace

ControlHttp::ControlHttp(http::Io& io, http::Client& client, Connection& connection,
                         ports::Inbox<master::Command>& inbox)
    : connection_(connection), inbox_(inbox), scope_(io, client) {}

void ControlHttp::perform(master::SetServerMode const& effect) {
  scope_.start([this, mode = effect.mode] { return set_mode(scope_, connection_, mode); },
               [this, request = effect.request](Outcome<Done> outcome) {
                 inbox_.post(master::ServerModeSet{request, std::move(outcome)});
               });
}

}  // namespace arangosync::cluster
