#include "adapters/rest/own_workers_http.h"

#include "adapters/rest/forms.h"
#include "adapters/x509/jwt.h"

namespace arangosync::rest {

OwnWorkersHttp::OwnWorkersHttp(http::Io& io, ports::Inbox<master::Command>& inbox, std::string master_jwt_secret)
    : io_(io), master_jwt_secret_(std::move(master_jwt_secret)), inbox_(inbox) {}

OwnWorkersHttp::~OwnWorkersHttp() {
  // Outside the mutex: a call that ends now may want to begin another one.
  std::map<std::string, std::unique_ptr<Line>> lines;
  {
    std::lock_guard const lock(mutex_);
    lines.swap(lines_);
  }
}

OwnWorkersHttp::Line& OwnWorkersHttp::line(std::string const& worker_ca) {
  std::lock_guard const lock(mutex_);
  auto& line = lines_[worker_ca];
  if (!line) line = std::make_unique<Line>(io_, worker_ca);
  return *line;
}

http::Task<Outcome<Done>> OwnWorkersHttp::Line::order(http::Endpoint endpoint, MasterCall call, bool absent_is_done) {
  Outcome<std::string> outcome = co_await call_endpoint(scope, endpoint, std::move(call));
  if (!outcome && !(absent_is_done && outcome.error().fault_class == FaultClass::NotFound)) {
    co_return unexpected(outcome.error());
  }
  co_return Done{};
}

void OwnWorkersHttp::start(RequestId request, Url const& worker, std::string const& worker_ca, MasterCall call,
                           bool absent_is_done) {
  call.authorization = "bearer " + x509::master_jwt(master_jwt_secret_);
  call.timeout = std::chrono::seconds(10);
  auto const endpoint = http::parse_endpoint(worker.value(), 8729);
  if (!endpoint) {
    inbox_.post(
        master::TaskSent{request, unexpected(Fault{FaultClass::Permanent, "worker endpoint: " + endpoint.error()})});
    return;
  }
  if (worker_ca.empty()) {
    Fault fault{FaultClass::Retry, "there is no certificate authority for workers yet"};
    inbox_.post(master::TaskSent{request, unexpected(std::move(fault))});
    return;
  }
  Line& to = line(worker_ca);
  to.scope.start(
      [&to, at = *endpoint, call = std::move(call), absent_is_done] { return to.order(at, call, absent_is_done); },
      [this, request](Outcome<Done> outcome) {
        inbox_.post(master::TaskSent{request, std::move(outcome)});
      });
}

void OwnWorkersHttp::perform(master::SendTask const& effect) {
  MasterCall call;
  call.method = "POST";
  call.target = "/_api/task";
  call.body = to_json(TaskOrder{effect.task, effect.spec, effect.remote, effect.worker.id, effect.shards, effect.term,
                                effect.reign, effect.request});
  start(effect.request, effect.worker.endpoint, effect.worker_ca, std::move(call), false);
}

void OwnWorkersHttp::perform(master::RevokeTask const& effect) {
  MasterCall call;
  call.method = "DELETE";
  call.target = "/_api/task/" + http::percent_encode(effect.task.value()) +
                "?worker=" + http::percent_encode(effect.worker.id.value());
  if (effect.term != Term()) call.target += "&term=" + std::to_string(effect.term.value());
  call.target += "&number=" + std::to_string(effect.request.value());
  start(effect.request, effect.worker.endpoint, effect.worker_ca, std::move(call), true);
}

}  // namespace arangosync::rest
