#include "adapters/rest/master_caller.h"

#include "adapters/rest/forms.h"

namespace arangosync::rest {

FaultClass class_of_status(int status) {
  if (status == 401 || status == 403) return FaultClass::Denied;
  if (status == 404) return FaultClass::NotFound;
  if (status == 409) return FaultClass::Refresh;
  if (status == 408 || status >= 500) return FaultClass::Retry;
  return FaultClass::Permanent;
}

std::string shard_path(std::string_view prefix, ShardRef const& shard) {
  return std::string(prefix) + "/database/" + http::percent_encode(shard.database.value()) + "/collection/" +
         http::percent_encode(shard.collection.value()) + "/shard/" + std::to_string(shard.index);
}

std::vector<http::Endpoint> to_endpoints(std::vector<Url> const& urls, std::uint16_t default_port) {
  std::vector<http::Endpoint> endpoints;
  for (Url const& url : urls) {
    if (auto endpoint = http::parse_endpoint(url.value(), default_port)) endpoints.push_back(*endpoint);
  }
  return endpoints;
}

http::Task<Outcome<std::string>> call_endpoint(http::Scope& scope, http::Endpoint endpoint, MasterCall call) {
  http::Client::Call out;
  out.endpoint = endpoint;
  out.timeout = call.timeout;
  out.repeatable = true;  // every call of this API may be repeated
  out.request.method = call.method;
  out.request.target = call.target;
  out.request.body = std::move(call.body);
  out.request.headers.push_back({"X-Allow-Forward-To-Leader", "true"});
  if (!call.authorization.empty()) out.request.headers.push_back({"Authorization", call.authorization});
  http::Answer answer = co_await scope.fetch(std::move(out));
  if (!answer) co_return unexpected(Fault{FaultClass::Retry, answer.error().message});
  if (answer->status == 200) co_return std::move(answer->body);
  std::string message = http::to_url(endpoint) + " " + call.method + " " +
                        call.target.substr(0, call.target.find('?')) + ": " + std::to_string(answer->status) + " " +
                        error_text(answer->body, answer->status);
  co_return unexpected(Fault{class_of_status(answer->status), std::move(message)});
}

http::Task<Outcome<std::string>> MasterCaller::call(MasterCall call) {
  if (endpoints_.empty()) co_return unexpected(Fault{FaultClass::Permanent, "no master endpoint is known"});
  std::size_t const first = preferred_.load() % endpoints_.size();
  Outcome<std::string> last = unexpected(Fault{});
  for (std::size_t tried = 0; tried < endpoints_.size(); ++tried) {
    std::size_t const index = (first + tried) % endpoints_.size();
    Outcome<std::string> outcome = co_await call_endpoint(scope_, endpoints_[index], call);
    bool const is_final = outcome.has_value() || outcome.error().fault_class != FaultClass::Retry;
    if (is_final) preferred_ = index;
    last = std::move(outcome);
    if (is_final || scope_.closed()) break;
  }
  co_return last;
}

}  // namespace arangosync::rest
