#include "adapters/rest/own_workers_http.h"

#include "adapters/rest/forms.h"
#include "adapters/x509/jwt.h"

namespace arangosync::rest {

OwnWorkersHttp::OwnWorkersHttp(http::Io& io, http::Client& client, ports::Inbox<master::Command>& inbox,
                               std::string master_jwt_secret)
    : master_jwt_secret_(std::move(master_jwt_secret)), inbox_(inbox), scope_(io, client) {}

http::Task<Outcome<Done>> OwnWorkersHttp::order(http::Endpoint endpoint, MasterCall call, bool absent_is_done) {
  Outcome<std::string> outcome = co_await call_endpoint(scope_, endpoint, std::move(call));
  if (!outcome && !(absent_is_done && outcome.error().fault_class == FaultClass::NotFound)) {
    co_return unexpected(outcome.error());
  }
  co_return Done{};
}

void OwnWorkersHttp::start(RequestId request, Url const& worker, MasterCall call, bool absent_is_done) {
  call.authorization = "bearer " + x509::master_jwt(master_jwt_secret_);
  call.timeout = std::chrono::seconds(10);
  auto const endpoint = http::parse_endpoint(worker.value(), 8729);
  if (!endpoint) {
    inbox_.post(
        master::TaskSent{request, unexpected(Fault{FaultClass::Permanent, "worker endpoint: " + endpoint.error()})});
    return;
  }
  scope_.start(
      [this, at = *endpoint, call = std::move(call), absent_is_done] { return order(at, call, absent_is_done); },
      [this, request](Outcome<Done> outcome) {
        inbox_.post(master::TaskSent{request, std::move(outcome)});
      });
}

void OwnWorkersHttp::perform(master::SendTask const& effect) {
  MasterCall call;
  call.method = "POST";
  call.target = "/_api/task";
  call.body = to_json(TaskOrder{effect.task, effect.spec, effect.remote, effect.worker.id});
  start(effect.request, effect.worker.endpoint, std::move(call), false);
}

void OwnWorkersHttp::perform(master::RevokeTask const& effect) {
  MasterCall call;
  call.method = "DELETE";
  call.target = "/_api/task/" + http::percent_encode(effect.task.value());
  start(effect.request, effect.worker.endpoint, std::move(call), true);
}

}  // namespace arangosync::rest
