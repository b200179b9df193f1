#include "adapters/rest/sync_client.h"

#include "adapters/http/scope.h"
#include "adapters/rest/master_caller.h"
#include "adapters/x509/authorization.h"
#include "adapters/x509/jwt.h"

#include <future>

namespace arangosync::rest {

struct SyncClient::Impl {
  explicit Impl(Options given)
      : options(std::move(given)),
        io(1),
        client(io, options.tls),
        caller(scope, options.endpoints),
        scope(io, client) {}

  Options const options;
  http::Io io;
  http::Client client;
  MasterCaller caller;
  http::Scope scope;  // last: it waits for what uses the caller

  std::string authorization() const {
    if (!options.user.empty()) return x509::basic_authorization({options.user, options.password});
    if (!options.master_jwt_secret.empty()) return "bearer " + x509::master_jwt(options.master_jwt_secret);
    return {};
  }

  Outcome<std::string> call(std::string method, std::string target, std::string body = {}) {
    MasterCall made;
    made.method = std::move(method);
    made.target = std::move(target);
    made.body = std::move(body);
    made.authorization = authorization();
    made.timeout = options.timeout;
    auto promise = std::make_shared<std::promise<Outcome<std::string>>>();  // kept by whichever of the two ends last
    auto future = promise->get_future();
    scope.start([this, made = std::move(made)] { return caller.call(made); },
                [promise](Outcome<std::string> outcome) { promise->set_value(std::move(outcome)); });
    return future.get();
  }

  template <class T>
  Outcome<T> get(std::string target, Read<T> (*read)(std::string_view)) {
    Outcome<std::string> outcome = call("GET", std::move(target));
    if (!outcome) return unexpected(outcome.error());
    Read<T> value = read(*outcome);
    if (!value) return unexpected(Fault{FaultClass::Permanent, "the master's answer cannot be read: " + value.error()});
    return std::move(*value);
  }

  Outcome<Done> done(Outcome<std::string> outcome) {
    if (!outcome) return unexpected(outcome.error());
    return Done{};
  }
};

SyncClient::SyncClient(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
SyncClient::~SyncClient() = default;

Outcome<Version> SyncClient::version() { return impl_->get<Version>("/_api/version", &read_version); }

Outcome<master::StatusView> SyncClient::status(master::Details details) {
  return impl_->get<master::StatusView>(
      details == master::Details::Full ? "/_api/sync?details=full" : "/_api/sync?details=short", &read_status);
}

Outcome<std::vector<task::Task>> SyncClient::tasks() {
  return impl_->get<std::vector<task::Task>>("/_api/task", &read_tasks);
}

Outcome<std::vector<master::MasterView>> SyncClient::masters() {
  return impl_->get<std::vector<master::MasterView>>("/_api/masters", &read_masters);
}

Outcome<std::vector<WorkerEntry>> SyncClient::workers() {
  return impl_->get<std::vector<WorkerEntry>>("/_api/worker", &read_workers);
}

Outcome<std::vector<EventLine>> SyncClient::events() {
  return impl_->get<std::vector<EventLine>>("/_api/sync/events", &read_events);
}

Outcome<Duration> SyncClient::message_timeout() {
  return impl_->get<Duration>("/_api/message-timeout", &read_message_timeout);
}

Outcome<Done> SyncClient::set_message_timeout(Duration timeout) {
  return impl_->done(impl_->call("PUT", "/_api/message-timeout", message_timeout_json(timeout)));
}

Outcome<Done> SyncClient::configure(ConfigureRequest const& request) {
  return impl_->done(impl_->call("POST", "/_api/sync", to_json(request)));
}

Outcome<master::SyncStopping> SyncClient::stop(StopRequest const& request) {
  Outcome<std::string> outcome = impl_->call("DELETE", "/_api/sync", to_json(request));
  if (!outcome) return unexpected(outcome.error());
  auto report = read_stopping(*outcome);
  if (!report) return unexpected(Fault{FaultClass::Permanent, "the master's answer cannot be read: " + report.error()});
  return std::move(*report);
}

Outcome<Done> SyncClient::begin_barrier() { return impl_->done(impl_->call("POST", "/_api/sync/barrier")); }
Outcome<Done> SyncClient::end_barrier() { return impl_->done(impl_->call("DELETE", "/_api/sync/barrier")); }

Outcome<master::BarrierView> SyncClient::barrier() {
  return impl_->get<master::BarrierView>("/_api/sync/barrier", &read_barrier);
}

Outcome<Done> SyncClient::remove_outgoing(ClusterId const& id) {
  return impl_->done(
      impl_->call("DELETE", "/_api/sync/outgoing/" + http::percent_encode(id.value()) + "?server_mode="));
}

Outcome<Done> SyncClient::reset_shard(ShardRef const& shard) {
  return impl_->done(impl_->call("PUT", shard_path("/_api/sync", shard) + "/reset"));
}

Outcome<std::string> SyncClient::raw(std::string const& target) { return impl_->call("GET", target); }

}  // namespace arangosync::rest
