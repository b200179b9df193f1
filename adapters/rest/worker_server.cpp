#include "adapters/rest/worker_server.h"

#include "domain/worker/view.h"

#include "adapters/direct/routes.h"
#include "adapters/rest/common_routes.h"
#include "adapters/rest/json_access.h"
#include "adapters/rest/responses.h"
#include "adapters/rest/router.h"

namespace arangosync::rest {

struct WorkerServer::Impl : std::enable_shared_from_this<WorkerServer::Impl> {
  Impl(WorkerServerOptions options_in, WorkerServerSeams seams_in, direct::ChannelStore& store, ports::Clock& clock_in,
       ports::Telemetry& telemetry_in)
      : options(std::move(options_in)),
        seams(std::move(seams_in)),
        secrets{options.jwt_secret, options.monitoring_token, options.worker_token},
        queue(store, clock_in, telemetry_in),
        clock(clock_in),
        telemetry(telemetry_in) {
    auto health = [query = seams.worker.query, &clock_in](std::function<void(std::string)> const& answer) {
      query([answer, &clock_in](worker::State const& state) {
        bool const is_registered = worker::is_registered(state, clock_in.now());
        answer(is_registered ? "" : "the worker is not registered at a master");
      });
    };
    routes = common_routes({options.version, "worker", seams.metrics_text, seams.metrics_json, health},
                           master_jwt | monitoring, anyone);
    add_task_routes();
    add_queue_routes();
  }

  WorkerServerOptions options;
  WorkerServerSeams seams;
  Secrets secrets;
  direct::Routes queue;
  ports::Clock& clock;
  ports::Telemetry& telemetry;
  std::vector<Route> routes;
  std::unique_ptr<http::Server> server;

  void add_task_routes() {
    constexpr Rights master = master_jwt | worker_token;
    routes.push_back({"POST", "/_api/task", master, Answerer::Anybody, [this](Context c) {
                        auto order = read_task_order(c.request.body);
                        if (!order) return c.respond(error_response(400, order.error()));
                        start_task(std::move(*order), std::move(c.respond));
                      }});
    routes.push_back({"DELETE", "/_api/task/{}", master, Answerer::Anybody, [this](Context c) {
                        auto const term = parse_number(c.target.query_value("term"));
                        auto const number = parse_number(c.target.query_value("number"));
                        if (!term || !number) return c.respond(error_response(400, "term and number must be numbers"));
                        WorkerId const worker(std::string(c.target.query_value("worker")));
                        stop_task(worker::StopTask{TaskId(c.path[0]), worker, Term(*term), RequestId(*number)},
                                  std::move(c.respond));
                      }});
    routes.push_back({"PUT", "/_api/worker/configure", master, Answerer::Anybody, [this](Context c) {
                        Reader body(c.request.body);
                        std::string secret = body.text("secret");
                        if (body.failed()) return c.respond(error_response(400, body.problem_text()));
                        if (secret.empty()) return c.respond(error_response(400, "secret missing"));
                        seams.change_cluster_secret(std::move(secret));
                        c.respond(done_response());
                      }});
  }

  /// To a leader that another has followed: late, as orders of a datacenter are that a newer one has overtaken.
  static http::Response deposed() { return error_response(409, "the worker has heard of a newer leader"); }

  /// Of a registration that the worker no longer has, or overtaken by a newer order (domain/worker/orders.h).
  static constexpr char const* not_obeyed = "not registered as that worker, or ordered otherwise since";

  /// Whether a task was taken only its machine knows: not while the worker has another registration than the master
  /// thinks. Then the master asks again.
  void start_task(TaskOrder order, http::Responder respond) {
    worker::StartTask start{
        order.id,    std::move(order.spec), std::move(order.remote), order.worker, std::move(order.shards), order.term,
        order.reign, order.number};
    if (!seams.worker.offer(std::move(start))) return respond(error_response(503, "the worker has too much to do"));
    seams.worker.query([id = order.id, worker = order.worker, term = order.term,
                        respond = std::move(respond)](worker::State const& state) {
      if (worker::is_deposed(state, term)) return respond(deposed());
      respond(worker::has_task(state, id, worker) ? done_response() : error_response(503, not_obeyed));
    });
  }

  /// Stopped is a task when nothing that it has begun can still arrive at the cluster. Until then, and while the worker
  /// has another registration than the master thinks, the master asks again.
  void stop_task(worker::StopTask const& stop, http::Responder respond) {
    if (!seams.worker.offer(stop)) return respond(error_response(503, "the worker has too much to do"));
    seams.worker.query([stop, respond = std::move(respond)](worker::State const& state) {
      if (worker::is_deposed(state, stop.term)) return respond(deposed());
      if (worker::has_let_go(state, stop.task)) return respond(done_response());
      respond(error_response(
          503, worker::has_task(state, stop.task, {}) ? not_obeyed : "the task's last request is under way"));
    });
  }

  void add_queue_routes() {
    constexpr Rights master = master_jwt | worker_token;
    auto serve = [this](Context c) { queue.serve(c.request, c.target, std::move(c.respond)); };
    routes.push_back({"POST", "/_api/mq/direct/pull", master, Answerer::Anybody, serve});
    routes.push_back({"POST", "/_api/mq/direct/channel/{}/token", master, Answerer::Anybody, serve});
    routes.push_back({"GET", "/_api/mq/direct/channel/{}/messages", master | channel_token, Answerer::Anybody, serve});
    routes.push_back({"POST", "/_api/mq/direct/channel/{}/commit", master | channel_token, Answerer::Anybody, serve});
  }

  bool may(Route const& route, Caller const& caller, std::vector<std::string> const& path) {
    if ((route.rights & caller.rights) != 0) return true;
    return (route.rights & channel_token) != 0 && caller.token &&
           queue.opens(ChannelName(path.front()), caller.token->value());
  }

  void take(http::Request request, http::Peer const& peer, http::Responder respond_in) {
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
    if (!may(*route, caller, path)) return respond(error_response(401, "unauthorized"));
    route->handle({std::move(request), std::move(*target), std::move(path), std::move(caller), std::move(respond)});
  }
};

WorkerServer::WorkerServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
WorkerServer::~WorkerServer() { impl_->server.reset(); }

std::uint16_t WorkerServer::port() const { return impl_->server->port(); }

Expected<std::unique_ptr<WorkerServer>, std::string> WorkerServer::start(http::Io& io, WorkerServerOptions options,
                                                                         WorkerServerSeams seams,
                                                                         direct::ChannelStore& store,
                                                                         ports::Clock& clock,
                                                                         ports::Telemetry& telemetry) {
  http::Server::Options listen = options.listen;
  listen.body_bytes_max = request_bytes_max;
  auto impl = std::make_shared<Impl>(std::move(options), std::move(seams), store, clock, telemetry);
  auto server = http::Server::start(
      io, listen, [weak = std::weak_ptr(impl)](http::Request request, http::Peer const& peer, http::Responder respond) {
        if (auto const self = weak.lock()) self->take(std::move(request), peer, std::move(respond));
      });
  if (!server) return unexpected(std::move(server.error()));
  impl->server = std::move(*server);
  return std::unique_ptr<WorkerServer>(new WorkerServer(std::move(impl)));
}

}  // namespace arangosync::rest
