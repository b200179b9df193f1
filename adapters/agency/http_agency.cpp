#include "adapters/agency/http_agency.h"

#include "adapters/agency/agency_answer.h"
#include "adapters/http/scope.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

namespace arangosync::agency {
namespace {

constexpr std::uint16_t agent_port = 8531;
constexpr Duration wait_for_endpoints = std::chrono::milliseconds(50);
constexpr Duration wait_for_leader = std::chrono::milliseconds(250);
constexpr int redirects_max = 3;

/// One HTTP exchange with whatever agent would have it.
struct Exchange {
  std::optional<http::Response> response;  ///< absent: nobody answered
  bool may_have_arrived = false;           ///< an attempt went out whose outcome nobody told us
  Fault fault;                             ///< when absent: the last reason
};

}  // namespace

struct HttpAgency::Impl : std::enable_shared_from_this<HttpAgency::Impl> {
  Impl(http::Io& io, http::Client& client, ports::Clock& clock_in, Options options_in)
      : clock(clock_in), options(std::move(options_in)), scope(io, client) {}

  ports::Clock& clock;
  Options const options;
  std::mutex mutex;
  Endpoints pool;
  std::size_t preferred = 0;
  bool asking = false;
  http::Scope scope;  // last: it ends before what its calls use

  void ask_for_endpoints();
  std::optional<http::Endpoint> agent();
  void failed(http::Endpoint const& endpoint);
  bool follow(http::Endpoint const& leader);
  http::Client::Call prepare(http::Endpoint endpoint, std::string const& call, std::string const& body, Instant until);

  http::Task<Exchange> try_agents(std::string call, std::string body, Instant until, bool repeatable);
  http::Task<std::optional<http::Endpoint>> find_agent(Instant until);
  http::Task<Outcome<std::string>> read(std::vector<std::string> paths);
  http::Task<ports::AgencyOutcome> write(ports::AgencyTransaction transaction);
  http::Task<std::optional<bool>> was_applied(std::string client_id, Instant until);
};

void HttpAgency::Impl::ask_for_endpoints() {
  {
    std::lock_guard lock(mutex);
    if (asking) return;
    asking = true;
  }
  // The answer may come after this object's end, or never.
  options.endpoints([weak = weak_from_this()](Endpoints found) {
    auto const self = weak.lock();
    if (!self) return;
    std::lock_guard lock(self->mutex);
    self->asking = false;
    if (found.empty()) return;
    auto const leader = self->pool.empty() ? std::nullopt : std::optional(self->pool[self->preferred]);
    self->pool = std::move(found);
    self->preferred = 0;
    for (std::size_t at = 0; at < self->pool.size(); ++at) {
      if (leader == self->pool[at]) self->preferred = at;
    }
  });
}

std::optional<http::Endpoint> HttpAgency::Impl::agent() {
  std::lock_guard lock(mutex);
  if (pool.empty()) return std::nullopt;
  return pool[preferred];
}

void HttpAgency::Impl::failed(http::Endpoint const& endpoint) {
  std::lock_guard lock(mutex);
  if (!pool.empty() && pool[preferred] == endpoint) preferred = (preferred + 1) % pool.size();
}

bool HttpAgency::Impl::follow(http::Endpoint const& leader) {
  std::lock_guard lock(mutex);
  auto const found = std::find(pool.begin(), pool.end(), leader);
  if (found == pool.end()) return false;  // a redirect is only trusted within the pool
  preferred = static_cast<std::size_t>(found - pool.begin());
  return true;
}

http::Client::Call HttpAgency::Impl::prepare(http::Endpoint endpoint, std::string const& call, std::string const& body,
                                             Instant until) {
  http::Client::Call prepared;
  prepared.endpoint = std::move(endpoint);
  prepared.request.method = "POST";
  prepared.request.target = "/_api/agency/" + call;
  prepared.request.body = body;
  prepared.request.headers.push_back({"Content-Type", "application/json"});
  if (auto authorization = options.authorization(); !authorization.empty()) {
    prepared.request.headers.push_back({"Authorization", std::move(authorization)});
  }
  prepared.timeout = std::min(options.call_timeout, until - clock.now());
  return prepared;
}

http::Task<std::optional<http::Endpoint>> HttpAgency::Impl::find_agent(Instant until) {
  while (!scope.closed() && clock.now() < until) {
    auto endpoint = agent();
    if (endpoint) co_return endpoint;
    ask_for_endpoints();
    co_await scope.pause(wait_for_endpoints);
  }
  co_return std::optional<http::Endpoint>{};
}

http::Task<Exchange> HttpAgency::Impl::try_agents(std::string call, std::string body, Instant until, bool repeatable) {
  Exchange exchange;
  exchange.fault = Fault{FaultClass::Retry, "agency " + call + ": no agent is known"};
  int redirects = 0;
  std::size_t failures = 0;
  std::size_t refusals = 0;
  while (true) {
    auto endpoint = co_await find_agent(until);
    if (!endpoint || scope.closed()) co_return exchange;
    auto prepared = prepare(*endpoint, call, body, until);
    if (prepared.timeout <= Duration{0}) co_return exchange;
    prepared.repeatable = repeatable;
    auto const authorization = std::string(http::header(prepared.request.headers, "Authorization"));
    auto answer = co_await scope.fetch(std::move(prepared));
    if (scope.closed()) co_return exchange;
    if (answer && answer->status == 307 && redirects < redirects_max) {
      ++redirects;
      auto const leader = http::parse_endpoint(http::header(answer->headers, "location"), agent_port);
      if (leader && follow(*leader)) continue;
    }
    if (answer && answer->status == 401 && options.refused(authorization, ++refusals)) continue;
    bool const usable = answer && answer->status != 307 && answer->status != 408 && answer->status < 500;
    if (usable) {
      exchange.response.emplace(std::move(*answer));
      co_return exchange;
    }
    redirects = 0;
    failed(*endpoint);
    ask_for_endpoints();
    exchange.fault.message = "agency " + call + ": " +
                             (answer ? "HTTP " + std::to_string(answer->status) + " from " + http::to_url(*endpoint)
                                     : answer.error().message);
    bool const never_sent = !answer && (answer.error().kind == http::Failure::Kind::Unreachable ||
                                        answer.error().kind == http::Failure::Kind::Tls);
    bool const refused_to_lead = answer && answer->status == 307;
    if (!never_sent && !refused_to_lead) exchange.may_have_arrived = true;
    // The outcome of a write must be known before it is sent again.
    if (exchange.may_have_arrived && !repeatable) co_return exchange;
    if (++failures % 3 == 0) co_await scope.pause(wait_for_leader);
  }
}

http::Task<Outcome<std::string>> HttpAgency::Impl::read(std::vector<std::string> paths) {
  auto const until = clock.now() + options.give_up_after;
  auto body = read_body(paths);
  auto exchange = co_await try_agents("read", std::move(body), until, true);
  if (!exchange.response) co_return unexpected(exchange.fault);
  auto const status = exchange.response->status;
  if (status == 401 || status == 403) {
    co_return unexpected(Fault{FaultClass::Denied, "agency read: HTTP " + std::to_string(status)});
  }
  auto result = status == 200 ? parse_read(exchange.response->body) : std::nullopt;
  if (!result) {
    co_return unexpected(
        Fault{FaultClass::Permanent, "agency read: answer not understood, HTTP " + std::to_string(status)});
  }
  co_return std::move(*result);
}

/// Has the log a transaction with this client id? Nothing: nobody could tell.
http::Task<std::optional<bool>> HttpAgency::Impl::was_applied(std::string client_id, Instant until) {
  auto const body = inquire_body(client_id);
  while (true) {
    auto exchange = co_await try_agents("inquire", body, until, true);
    if (!exchange.response) co_return std::optional<bool>{};
    auto const status = exchange.response->status;
    auto const index = status == 200 || status == 404 ? parse_result(exchange.response->body) : std::nullopt;
    if (!index) co_return std::optional<bool>{};
    if (*index > 0) co_return std::optional<bool>(true);
    if (!is_ongoing(exchange.response->body)) co_return std::optional<bool>(false);
    co_await scope.pause(wait_for_leader);
  }
}

http::Task<ports::AgencyOutcome> HttpAgency::Impl::write(ports::AgencyTransaction transaction) {
  auto const until = clock.now() + options.give_up_after;
  auto const body = write_body(transaction);
  bool in_doubt = false;
  while (true) {
    auto exchange = co_await try_agents("write", body, until, false);
    auto const status = exchange.response ? exchange.response->status : 0;
    auto const index = status == 200 || status == 412 ? parse_result(exchange.response->body) : std::nullopt;
    if (index && *index > 0) co_return ports::AgencyOutcome::Applied;
    // Refused, unless it is our own earlier attempt that made the condition false.
    if (index && !in_doubt) co_return ports::AgencyOutcome::Refused;
    if (!index && !exchange.may_have_arrived) {
      // 4xx: not even looked at. No agent: nothing was sent by this attempt.
      if (!in_doubt) co_return exchange.response ? ports::AgencyOutcome::Refused : ports::AgencyOutcome::Unknown;
    }
    if (transaction.client_id.empty()) co_return ports::AgencyOutcome::Unknown;
    auto applied = co_await was_applied(transaction.client_id, until);
    if (!applied) co_return ports::AgencyOutcome::Unknown;
    if (*applied) co_return ports::AgencyOutcome::Applied;
    if (index) co_return ports::AgencyOutcome::Refused;
    in_doubt = true;  // it did not arrive, as far as the leader knows: once more, under the same conditions
    if (scope.closed() || clock.now() >= until) co_return ports::AgencyOutcome::Unknown;
  }
}

HttpAgency::HttpAgency(http::Io& io, http::Client& client, ports::Clock& clock, Options options)
    : impl_(std::make_shared<Impl>(io, client, clock, std::move(options))) {}

HttpAgency::~HttpAgency() { impl_->scope.close(); }

void HttpAgency::read(std::vector<std::string> paths, std::function<void(Outcome<std::string>)> answer) {
  auto* self = impl_.get();
  self->scope.start([self, paths = std::move(paths)] { return self->read(paths); }, std::move(answer));
}

void HttpAgency::write(ports::AgencyTransaction transaction, std::function<void(ports::AgencyOutcome)> answer) {
  auto* self = impl_.get();
  self->scope.start([self, transaction = std::move(transaction)] { return self->write(transaction); },
                    std::move(answer));
}

}  // namespace arangosync::agency
