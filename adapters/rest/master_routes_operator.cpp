// What operators, the command line and kube-arangodb call (spec arangosync-api 4).
#include "adapters/rest/master_server_impl.h"
#include "domain/master/delay.h"

namespace arangosync::rest {

namespace {

using namespace std::chrono_literals;

constexpr Duration stop_poll = 200ms;
constexpr Duration stop_wait_max = 15min;

void get_status(MasterServer::Impl& impl, Context const& context) {
  std::string_view const asked = context.target.query_value("details");
  if (!asked.empty() && asked != "full" && asked != "short") {
    return context.respond(error_response(400, "details must be full or short"));
  }
  auto const details = asked == "short" ? master::Details::Short : master::Details::Full;
  impl.ask_leader(context, [details, now = impl.clock.wall_now()](master::State const& state) {
    master::StatusView view = *master::status(state, details);
    master::update_delays(view, now);
    return [view = std::move(view)] { return json_response(to_json(view)); };
  });
}

void configure(MasterServer::Impl& impl, Context const& context) {
  auto request = read_configure(context.request.body);
  if (!request) return context.respond(error_response(400, request.error()));
  for (Url const& source : request->source) {
    auto const endpoint = http::parse_endpoint(source.value(), 8629);
    if (!endpoint) return context.respond(error_response(400, "Invalid source: " + endpoint.error()));
    if (!endpoint->tls && !http::is_loopback(endpoint->host)) {
      return context.respond(error_response(400, "Invalid source: " + source.value() + " is not https://"));
    }
  }
  impl.command(context, [request = std::move(*request)](master::CallId call) {
    return master::ConfigureSync{call, request.source, request.authentication};
  });
}

/// Answers once nothing is received any more, with what the stop had said of its source; 408 after `patience`, 503 if
/// the lead is lost meanwhile: whether it is over, the next leader knows.
void wait_until_inactive(std::weak_ptr<MasterServer::Impl> weak, http::Responder respond, Duration patience,
                         master::SyncStopping report) {
  auto const impl = weak.lock();
  if (!impl) return;
  impl->query(respond, [weak, respond, patience, report](master::State const& state) {
    auto const status = master::status(state, master::Details::Short);
    auto const self = weak.lock();
    if (!self) return;
    if (!status) return self->io.post([respond] { respond(not_leading()); });
    if (status->status == sync::Status::Inactive) {
      master::SyncStopping over = report;
      over.cancelling = false;
      over.aborted = status->cancellation_aborted;
      over.message = over.aborted ? "inactive, but the source could not be told" : "inactive";
      return self->io.post([respond, over] { respond(json_response(to_json(over))); });
    }
    if (patience <= Duration{0}) return self->io.post([respond] { respond(error_response(408, "request timeout")); });
    self->io.post_after(stop_poll, [weak, respond, patience, report] {
      wait_until_inactive(weak, respond, patience - stop_poll, report);
    });
  });
}

void stop(MasterServer::Impl& impl, Context const& context) {
  auto request = read_stop(context.request.body);
  if (!request) return context.respond(error_response(400, request.error()));
  Context waiting = context;
  if (request->wait_timeout > Duration{0}) {
    waiting.respond = [weak = impl.weak_from_this(), respond = context.respond,
                       patience = std::min(request->wait_timeout, stop_wait_max)](http::Response response) {
      auto const report = read_stopping(response.body);
      if (response.status != 200 || !report) return respond(std::move(response));
      wait_until_inactive(weak, respond, patience, *report);
    };
  }
  impl.command(
      waiting,
      [stop = *request](master::CallId call) {
        return master::StopSync{call, stop.force, stop.force_timeout, stop.source_mode, stop.target_mode};
      },
      [](master::ReplyBody const& body) {
        auto const* report = std::get_if<master::SyncStopping>(&body);
        return report == nullptr ? plain_reply(body) : json_response(to_json(*report));
      });
}

void set_message_timeout(MasterServer::Impl& impl, Context const& context) {
  auto const timeout = read_message_timeout(context.request.body);
  if (!timeout) return context.respond(error_response(400, timeout.error()));
  if (*timeout <= Duration{0}) return context.respond(error_response(400, "messageTimeout must be positive"));
  impl.command(context, [timeout = *timeout](master::CallId call) { return master::SetMessageTimeout{call, timeout}; });
}

void reset_shard(MasterServer::Impl& impl, Context const& context) {
  auto const shard = parse_shard(context.path, 0);
  if (!shard) return context.respond(error_response(400, "bad shard index"));
  impl.command(context, [shard = *shard](master::CallId call) { return master::ResetShard{call, shard}; });
}

/// The journal lies in the agency, which any master may ask.
void get_events(MasterServer::Impl& impl, Context const& context) {
  if (!impl.seams.events) return context.respond(error_response(503, "there is no journal yet"));
  impl.seams.events([respond = context.respond](Outcome<std::vector<EventLine>> events) {
    respond(events ? json_response(to_json(*events)) : error_response(503, events.error().message));
  });
}

/// Whoever asks waits behind it: that keeps a barrier up that is there, and begins none.
void get_barrier(MasterServer::Impl& impl, Context const& context) {
  Context noted = context;
  noted.respond = [weak = impl.weak_from_this(), context](http::Response response) {
    auto const self = weak.lock();
    if (!self || response.status != 200) return context.respond(std::move(response));
    self->ask_leader(context, [](master::State const& state) {
      return [view = master::barrier(state)] { return json_response(to_json(view)); };
    });
  };
  impl.command(noted, [](master::CallId call) { return master::AwaitBarrier{call}; });
}

}  // namespace

void add_operator_routes(MasterServer::Impl& impl) {
  auto add = [&impl](std::string_view method, std::string_view pattern, Answerer answerer, auto handle) {
    impl.routes.push_back({method, pattern, admin, answerer, [&impl, handle](Context c) { handle(impl, c); }});
  };
  using Impl = MasterServer::Impl;
  add("GET", "/_api/sync", Answerer::Leader, get_status);
  add("POST", "/_api/sync", Answerer::Leader, configure);
  add("DELETE", "/_api/sync", Answerer::Leader, stop);
  add("GET", "/_api/sync/events", Answerer::Anybody, get_events);
  add("GET", "/_api/sync/barrier", Answerer::Leader, get_barrier);
  add("POST", "/_api/sync/barrier", Answerer::Leader, [](Impl& server, Context const& c) {
    server.command(c, [](master::CallId call) { return master::BeginBarrier{call}; });
  });
  add("DELETE", "/_api/sync/barrier", Answerer::Leader, [](Impl& server, Context const& c) {
    server.command(c, [](master::CallId call) { return master::EndBarrier{call}; });
  });
  add("PUT", "/_api/sync/database/{}/collection/{}/shard/{}/reset", Answerer::Leader, reset_shard);
  add("GET", "/_api/message-timeout", Answerer::Leader, [](Impl& server, Context const& c) {
    server.ask_leader(c, [](master::State const& state) {
      return [timeout = master::message_timeout(state)] { return json_response(message_timeout_json(timeout)); };
    });
  });
  add("PUT", "/_api/message-timeout", Answerer::Leader, set_message_timeout);
  // Every master knows its fellows: these stay answerable while nobody leads.
  add("GET", "/_api/endpoints", Answerer::Anybody, [](Impl& server, Context const& c) {
    server.ask(c, [](master::State const& state) {
      return [endpoints = master::public_endpoints(state)] { return json_response(endpoints_json(endpoints)); };
    });
  });
  add("GET", "/_api/leader/endpoint", Answerer::Anybody, [](Impl& server, Context const& c) {
    server.ask(c, [](master::State const& state) {
      std::vector<Url> endpoints;
      if (auto leader = master::leader_endpoint(state)) endpoints.push_back(*leader);
      return [endpoints = std::move(endpoints)] { return json_response(endpoints_json(endpoints)); };
    });
  });
  add("GET", "/_api/masters", Answerer::Anybody, [](Impl& server, Context const& c) {
    server.ask(c, [](master::State const& state) {
      return [list = master::masters(state)] { return json_response(to_json(list)); };
    });
  });
}

}  // namespace arangosync::rest
