#include "adapters/rest/own_master_http.h"

#include "adapters/x509/jwt.h"

namespace arangosync::rest {

namespace {

// A registration that hangs must leave time for another try before the lease ends.
constexpr Duration register_timeout = std::chrono::seconds(4);
// What is reported is soon not so any more, and nothing newer is said meanwhile (docs/decisions/0033).
constexpr Duration report_timeout = std::chrono::seconds(5);

template <class T>
Outcome<T> decoded(Read<T> read) {
  if (read) return std::move(*read);
  return unexpected(Fault{FaultClass::Permanent, "the master's answer cannot be read: " + read.error()});
}

}  // namespace

OwnMasterHttp::OwnMasterHttp(http::Io& io, http::Client& client, ports::Inbox<worker::Command>& inbox, Options options)
    : options_(std::move(options)), inbox_(inbox), caller_(scope_, options_.masters), scope_(io, client) {}

MasterCall OwnMasterHttp::call(std::string method, std::string target, std::string body) const {
  MasterCall made;
  made.method = std::move(method);
  made.target = std::move(target);
  made.body = std::move(body);
  made.authorization = "bearer " + x509::master_jwt(options_.master_jwt_secret);
  return made;
}

MasterCall OwnMasterHttp::report_call(std::string target, std::string body) const {
  MasterCall made = call("PUT", std::move(target), std::move(body));
  made.timeout = report_timeout;
  return made;
}

http::Task<Outcome<Done>> OwnMasterHttp::simple(MasterCall call) {
  Outcome<std::string> outcome = co_await caller_.call(std::move(call));
  if (!outcome) co_return unexpected(outcome.error());
  co_return Done{};
}

void OwnMasterHttp::answer_reported(RequestId request, MasterCall made) {
  scope_.start([this, made = std::move(made)] { return simple(made); },
               [this, request](Outcome<Done> outcome) {
                 inbox_.post(worker::Reported{request, std::move(outcome)});
               });
}

void OwnMasterHttp::perform(worker::Register const& effect) {
  MasterCall made =
      call("PUT", "/_api/worker", to_json(RegistrationRequest{options_.endpoint, options_.token, options_.host}));
  made.timeout = register_timeout;
  scope_.start([this, made = std::move(made)] { return caller_.call(made); },
               [this, request = effect.request](Outcome<std::string> outcome) {
                 worker::Registered registered{request, unexpected(Fault{})};
                 if (!outcome) {
                   registered.outcome = unexpected(outcome.error());
                 } else if (auto read = decoded(read_registered(*outcome)); !read) {
                   registered.outcome = unexpected(read.error());
                 } else {
                   registered.outcome = worker::Registration{read->worker.id, read->expires_after,
                                                             read->message_timeout, read->worker.server_id, read->term};
                 }
                 inbox_.post(std::move(registered));
               });
}

namespace {

/// Ours, an original's worker does not say it.
template <class Effect>
std::string in_the_name_of(Effect const& effect) {
  return "?task=" + http::percent_encode(effect.task.value()) +
         "&worker=" + http::percent_encode(effect.worker.value());
}

template <class Effect>
std::string numbered(Effect const& effect) {
  return "&term=" + std::to_string(effect.term.value()) + "&number=" + std::to_string(effect.request.value());
}

}  // namespace

http::Task<Outcome<Done>> OwnMasterHttp::report(worker::ReportStatus effect) {
  std::string const as_worker = "?worker=" + http::percent_encode(effect.worker.value()) + numbered(effect);
  std::vector<sync::StatusEntry> incoming;
  std::vector<sync::StatusEntry> outgoing;
  for (auto& entry : effect.entries) (entry.remote ? outgoing : incoming).push_back(std::move(entry));
  if (!incoming.empty()) {
    Outcome<Done> outcome = co_await simple(report_call("/_api/sync/multiple/status" + as_worker, to_json(incoming)));
    if (!outcome) co_return outcome;
  }
  if (!outgoing.empty()) {
    Outcome<Done> outcome =
        co_await simple(report_call("/_api/sync/multiple/outgoing/status" + as_worker, to_json(outgoing)));
    if (!outcome) co_return outcome;
  }
  co_return Done{};
}

void OwnMasterHttp::perform(worker::ReportStatus const& effect) {
  scope_.start([this, effect] { return report(effect); },
               [this, request = effect.request](Outcome<Done> outcome) {
                 inbox_.post(worker::Reported{request, std::move(outcome)});
               });
}

void OwnMasterHttp::perform(worker::ReportInventory const& effect) {
  answer_reported(effect.request,
                  report_call("/_api/sync/status" + in_the_name_of(effect) + numbered(effect), to_json(effect.report)));
}

void OwnMasterHttp::perform(worker::AskShardStart const& effect) {
  answer_reported(effect.request, call("POST", shard_path("/_api/sync", effect.shard) + in_the_name_of(effect), "{}"));
}

void OwnMasterHttp::perform(worker::AskShardStop const& effect) {
  answer_reported(effect.request, call("DELETE", shard_path("/_api/sync", effect.shard) + in_the_name_of(effect), ""));
}

void OwnMasterHttp::configure(std::function<void(Outcome<WorkerConfiguration>)> answer) {
  MasterCall made = call("POST", "/_api/worker/configure", configure_worker_json(options_.endpoint));
  made.timeout = std::chrono::seconds(10);
  scope_.start([this, made = std::move(made)] { return caller_.call(made); },
               [answer = std::move(answer)](Outcome<std::string> outcome) {
                 if (!outcome) {
                   answer(unexpected(outcome.error()));
                 } else {
                   answer(decoded(read_worker_configuration(*outcome)));
                 }
               });
}

void OwnMasterHttp::unregister(WorkerId const& worker, std::function<void(Outcome<Done>)> answer) {
  MasterCall made = call("DELETE", "/_api/worker/" + http::percent_encode(worker.value()), "");
  made.timeout = std::chrono::seconds(2);
  scope_.start([this, made = std::move(made)] { return simple(made); }, std::move(answer));
}

}  // namespace arangosync::rest
