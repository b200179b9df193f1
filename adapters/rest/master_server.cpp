#include "adapters/rest/master_server.h"

#include "adapters/rest/common_routes.h"
#include "adapters/rest/master_server_impl.h"
#include "adapters/x509/jwt.h"

#include <algorithm>

namespace arangosync::rest {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view forward_header = "X-Allow-Forward-To-Leader";
constexpr Duration long_poll_timeout = 100s;  // the queue holds a pull open for up to a minute

bool equal_names(std::string_view a, std::string_view b) {
  auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// The request as it goes on to another process of ours: same content, our own credential where the caller's cannot
/// travel.
http::Request passed_on(Context const& context, std::string authorization) {
  http::Request request{context.request.method, context.request.target, {}, context.request.body};
  for (auto const& header : context.request.headers) {
    if (equal_names(header.name, "X-ArangoSync-Client-ID")) request.headers.push_back(header);
  }
  request.headers.push_back({"Authorization", std::move(authorization)});
  return request;
}

http::Response passed_back(http::Response response) {
  std::string const type(http::header(response.headers, "Content-Type"));
  response.headers.clear();
  if (!type.empty()) response.headers.push_back({"Content-Type", type});
  return response;
}

}  // namespace

MasterServer::Impl::Impl(http::Io& io_in, MasterServerOptions options_in, MasterServerSeams seams_in,
                         Callers& callers_in, ports::Clock& clock_in, ports::Telemetry& telemetry_in)
    : io(io_in),
      options(std::move(options_in)),
      seams(std::move(seams_in)),
      secrets{options.jwt_secret, options.monitoring_token, {}},
      callers(callers_in),
      clock(clock_in),
      telemetry(telemetry_in),
      questions(io, seams.master.query, seams.master.is_running),
      leader_client(io, options.leader_tls) {
  auto health = [this](std::function<void(std::string)> answer) {
    auto look = [&io_later = io, answer](master::State const& state) {
      std::string const trouble = master::leader_endpoint(state) ? "" : "no master leads";
      io_later.post([answer, trouble] { answer(trouble); });
    };
    questions.ask(options.health_timeout, std::move(look), [answer] { answer(std::string(waiting_for_agency)); });
  };
  routes = common_routes({options.version, "master", seams.metrics_text, seams.metrics_json, health},
                         admin | monitoring, queue_token);
  add_operator_routes(*this);
  add_worker_routes(*this);
  add_remote_routes(*this);
}

void MasterServer::Impl::take(http::Request request, http::Peer const& peer, http::Responder respond_in) {
  http::Responder respond = counted(std::move(respond_in), telemetry);
  auto target = http::parse_target(request.target);
  if (!target) return respond(error_response(400, "bad request target"));
  std::vector<std::string> path;
  Route const* const route = find_route(routes, request.method, target->segments, path);
  Caller caller = identify(request, peer, secrets, clock.wall_now());
  // Strangers do not learn which paths exist.
  if (route == nullptr) {
    return respond(caller.rights == 0 ? error_response(401, "unauthorized") : error_response(404, "not found"));
  }
  if (!are_names(path)) {
    return respond(caller.rights == 0 ? error_response(401, "unauthorized") : error_response(400, "bad name in path"));
  }
  admit(*route, {std::move(request), std::move(*target), std::move(path), std::move(caller), std::move(respond)});
}

void MasterServer::Impl::admit(Route const& route, Context context) {
  if (route.rights == anyone || (route.rights & context.caller.rights) != 0) return dispatch(route, std::move(context));
  if ((route.rights & cluster_user) != 0 && context.caller.user) return ask_about_user(route, std::move(context));
  if ((route.rights & queue_token) != 0 && context.caller.token) {
    context.by_token = true;
    return dispatch(route, std::move(context));
  }
  context.respond(error_response(401, "unauthorized"));
}

void MasterServer::Impl::ask_about_user(Route const& route, Context context) {
  x509::BasicCredentials const user = *context.caller.user;
  seams.check_user(user, [weak = weak_from_this(), &route, context = std::move(context)](Verdict verdict) mutable {
    auto const self = weak.lock();
    if (!self) return;
    if (verdict == Verdict::Unknown)
      return context.respond(
          error_response(503, "the cluster cannot be asked about the user, or too many ask at once"));
    if (verdict == Verdict::Closed) return context.respond(error_response(401, "unauthorized"));
    context.caller.rights |= cluster_user;
    self->dispatch(route, std::move(context));
  });
}

/// Whether we lead, and whether the other datacenter's token lives, is asked in one go. A follower cannot judge a
/// token: it travels on to the leader as it is.
void MasterServer::Impl::dispatch(Route const& route, Context context) {
  if (route.answerer == Answerer::Anybody && !context.by_token) return route.handle(std::move(context));
  struct Findings {
    bool leads = false;
    bool token_lives = false;
    std::optional<Url> leader;
  };
  WallTime const now = clock.wall_now();
  auto look = [&clock_in = clock, token = context.caller.token, now](master::State const& state) {
    return Findings{master::is_leading(state, clock_in.now()), token && master::token_valid(state, *token, now),
                    master::leader_endpoint(state)};
  };
  http::Responder const respond = context.respond;
  query(respond, [weak = weak_from_this(), &route, context = std::move(context),
                  look = std::move(look)](master::State const& state) {
    auto const asker = weak.lock();
    if (!asker) return;
    asker->io.post([weak, &route, context, found = look(state)]() mutable {
      auto const self = weak.lock();
      if (!self) return;
      bool const is_local = found.leads || route.answerer == Answerer::Anybody;
      if (is_local && context.by_token && !found.token_lives)
        return context.respond(error_response(401, "unauthorized"));
      if (is_local) return route.handle(std::move(context));
      bool const may_forward = !http::header(context.request.headers, forward_header).empty();
      if (!found.leader || *found.leader == self->options.identity.internal_endpoint) {
        return context.respond(error_response(503, "no master leads"));
      }
      if (!may_forward) return context.respond(not_leading());
      self->forward(*found.leader, std::move(context));
    });
  });
}

void MasterServer::Impl::forward(Url const& leader, Context context) {
  auto const endpoint = http::parse_endpoint(leader.value(), 8629);
  if (!endpoint) return context.respond(error_response(503, "bad endpoint of the leading master"));
  // What was proven here (certificate, password) is vouched for with the masters' own secret. Who came in by a token
  // goes on with it, whatever else he has shown: that did not open this route.
  std::string authorization =
      context.by_token ? "Bearer " + context.caller.token->value() : "bearer " + x509::master_jwt(options.jwt_secret);
  http::Request request = passed_on(context, std::move(authorization));
  leader_client.send(
      {*endpoint, std::move(request), long_poll_timeout + 5s, true},
      [respond = std::move(context.respond)](http::Answer answer) {
        if (!answer)
          return respond(error_response(503, "the leading master cannot be reached: " + answer.error().message));
        respond(passed_back(std::move(*answer)));
      });
}

void MasterServer::Impl::query(http::Responder const& respond, Questions::Look look) {
  questions.ask(options.call_timeout, std::move(look), [respond] { respond(error_response(503, waiting_for_agency)); });
}

void MasterServer::Impl::command(Context const& context, Make make, Render render) {
  master::CallId const call = callers.expect(
      options.call_timeout,
      [respond = context.respond, render = std::move(render)](std::optional<master::ReplyBody> body) {
        respond(body ? render(*body) : error_response(503, "the master has too much to do to decide in time"));
      });
  if (!seams.master.offer(make(call))) callers.give_up(call);
}

std::shared_ptr<http::Client> MasterServer::Impl::client_for_workers(std::string const& ca) {
  std::lock_guard const lock(worker_client_mutex);
  if (!worker_client || ca != worker_client_ca) {
    worker_client = std::make_shared<http::Client>(io, http::ClientTls{ca, {}, {}});
    worker_client_ca = ca;
  }
  return worker_client;
}

void MasterServer::Impl::pass_to_worker(Url const& worker, std::string const& worker_ca, Context context) {
  auto const endpoint = http::parse_endpoint(worker.value(), 8729);
  if (!endpoint) return context.respond(error_response(502, "bad endpoint of the worker"));
  http::Request request = passed_on(context, "bearer " + x509::master_jwt(options.jwt_secret));
  client_for_workers(worker_ca)->send(
      {*endpoint, std::move(request), long_poll_timeout, true},
      [respond = std::move(context.respond)](http::Answer answer) {
        if (!answer) return respond(error_response(502, "the worker cannot be reached: " + answer.error().message));
        respond(passed_back(std::move(*answer)));
      });
}

MasterServer::MasterServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
MasterServer::~MasterServer() { impl_->server.reset(); }

std::uint16_t MasterServer::port() const { return impl_->server->port(); }

Expected<std::unique_ptr<MasterServer>, std::string> MasterServer::start(http::Io& io, MasterServerOptions options,
                                                                         MasterServerSeams seams, Callers& callers,
                                                                         ports::Clock& clock,
                                                                         ports::Telemetry& telemetry) {
  http::Server::Options listen = options.listen;
  listen.body_bytes_max = request_bytes_max;
  auto impl = std::make_shared<Impl>(io, std::move(options), std::move(seams), callers, clock, telemetry);
  auto server = http::Server::start(
      io, listen, [weak = std::weak_ptr(impl)](http::Request request, http::Peer const& peer, http::Responder respond) {
        if (auto const self = weak.lock()) self->take(std::move(request), peer, std::move(respond));
      });
  if (!server) return unexpected(std::move(server.error()));
  impl->server = std::move(*server);
  return std::unique_ptr<MasterServer>(new MasterServer(std::move(impl)));
}

}  // namespace arangosync::rest
