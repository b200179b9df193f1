// Inside of MasterServer: what the handlers of master_routes_*.cpp work with. Handlers run on Io threads while the
// server lives; what answers later holds the server weakly.
#pragma once

#include "adapters/rest/master_server.h"
#include "adapters/rest/questions.h"
#include "adapters/rest/responses.h"
#include "adapters/rest/router.h"

#include <mutex>

namespace arangosync::rest {

struct MasterServer::Impl : std::enable_shared_from_this<MasterServer::Impl> {
  Impl(http::Io& io, MasterServerOptions options, MasterServerSeams seams, Callers& callers, ports::Clock& clock,
       ports::Telemetry& telemetry);

  http::Io& io;
  MasterServerOptions const options;
  MasterServerSeams const seams;
  Secrets const secrets;
  Callers& callers;
  ports::Clock& clock;
  ports::Telemetry& telemetry;
  std::vector<Route> routes;
  Questions questions;
  http::Client leader_client;
  std::mutex worker_client_mutex;
  std::string worker_client_ca;
  std::shared_ptr<http::Client>
      worker_client;  // shared with the calls being sent; a new one when the worker CA changes
  std::unique_ptr<http::Server> server;

  // ---- one request: route, rights, leadership
  // -------------------------------------------------------------------------
  void take(http::Request request, http::Peer const& peer, http::Responder respond);
  void admit(Route const& route, Context context);
  void ask_about_user(Route const& route, Context context);
  void dispatch(Route const& route, Context context);
  void forward(Url const& leader, Context context);

  // ---- for handlers
  // -----------------------------------------------------------------------------------------------------
  /// Makes a command of the call, and a response of its reply.
  using Make = std::function<master::Command(master::CallId)>;
  using Render = std::function<http::Response(master::ReplyBody const&)>;
  void command(Context const& context, Make make, Render render = plain_reply);

  /// `look` runs on the engine's strand and is quick. A question that is given up is answered with 503.
  void query(http::Responder const& respond, Questions::Look look);

  /// The same; what `look` returns makes the response, elsewhere.
  template <class Look>
  void ask(Context const& context, Look look) {
    query(context.respond,
          [&io_in = io, respond = context.respond, look = std::move(look)](master::State const& state) {
            io_in.post([respond, render = look(state)] { respond(render()); });
          });
  }

  /// The same for what only the leader knows: 503 if the lead was lost since the request was let in.
  template <class Look>
  void ask_leader(Context const& context, Look look) {
    query(context.respond, [&io_in = io, &clock_in = clock, respond = context.respond,
                            look = std::move(look)](master::State const& state) {
      if (!master::is_leading(state, clock_in.now())) return io_in.post([respond] { respond(not_leading()); });
      io_in.post([respond, render = look(state)] { respond(render()); });
    });
  }

  /// Sends the request on to a worker and the answer back. Unreachable: 502.
  void pass_to_worker(Url const& worker, std::string const& worker_ca, Context context);
  std::shared_ptr<http::Client> client_for_workers(std::string const& ca);
};

void add_operator_routes(MasterServer::Impl& impl);  ///< spec 4
void add_worker_routes(MasterServer::Impl& impl);    ///< spec 5.1
void add_remote_routes(MasterServer::Impl& impl);    ///< spec 5.3, 5.4

}  // namespace arangosync::rest
