// What the workers of the own datacenter call (spec arangosync-api 5.1).
#include "adapters/rest/master_server_impl.h"
#include "adapters/x509/certificate.h"

namespace arangosync::rest {

namespace {

using Impl = MasterServer::Impl;

/// Issues a server certificate for the worker's endpoint and tells it where everything is.
http::Response configuration(Impl& impl, std::optional<master::WorkerCa> const& ca, http::Endpoint const& worker,
                             std::vector<Url> const& masters) {
  if (!ca) return error_response(503, "there is no certificate authority for workers yet");
  x509::LeafRequest wanted;
  wanted.hosts = {worker.host};
  wanted.not_before = impl.clock.wall_now() + -x509::clock_margin;
  auto leaf = x509::create_leaf({ca->certificate, ca->key}, wanted);
  if (!leaf) return error_response(500, "cannot issue a certificate: " + leaf.error());
  ClusterFacts const cluster = impl.seams.cluster();
  WorkerConfiguration answer;
  answer.cluster_endpoints = cluster.endpoints;
  answer.cluster_jwt_secret = cluster.jwt_secret;
  answer.rules = cluster.rules;
  answer.certificate_pem = std::move(leaf->certificate_pem);
  answer.key_pem = std::move(leaf->key_pem);
  answer.queue.endpoints = masters;
  answer.queue.ca_certificate = impl.options.identity.tls_ca_certificate;
  return json_response(to_json(answer));
}

void configure_worker(Impl& impl, Context const& context) {
  auto const endpoint_url = read_configure_worker(context.request.body);
  if (!endpoint_url) return context.respond(error_response(400, endpoint_url.error()));
  auto const endpoint = http::parse_endpoint(endpoint_url->value(), 8729);
  if (!endpoint) return context.respond(error_response(400, "Invalid endpoint: " + endpoint.error()));
  impl.ask_leader(context, [weak = impl.weak_from_this(), endpoint = *endpoint](master::State const& state) {
    return [weak, endpoint, ca = master::worker_ca(state), masters = master::public_endpoints(state)] {
      auto const self = weak.lock();
      return self ? configuration(*self, ca, endpoint, masters) : error_response(503, "the master is stopping");
    };
  });
}

void register_worker(Impl& impl, Context const& context) {
  auto request = read_registration_request(context.request.body);
  if (!request) return context.respond(error_response(400, request.error()));
  impl.command(
      context,
      [request = std::move(*request)](master::CallId call) {
        return master::RegisterWorker{call, request.endpoint, request.token, request.host};
      },
      [](master::ReplyBody const& body) {
        auto const* registered = std::get_if<master::WorkerRegistered>(&body);
        return registered == nullptr ? plain_reply(body) : json_response(to_json(*registered));
      });
}

WorkerEntry entry_of(master::WorkerView const& view, Instant now, WallTime wall) {
  return {view.record, wall + (view.expires_at - now)};
}

void list_workers(Impl& impl, Context const& context) {
  impl.ask_leader(context, [now = impl.clock.now(), wall = impl.clock.wall_now()](master::State const& state) {
    std::vector<WorkerEntry> entries;
    for (auto const& view : master::workers(state)) entries.push_back(entry_of(view, now, wall));
    return [entries = std::move(entries)] { return json_response(to_json(entries)); };
  });
}

void show_worker(Impl& impl, Context const& context) {
  WorkerId const id(context.path[0]);
  impl.ask_leader(context, [id, now = impl.clock.now(), wall = impl.clock.wall_now()](master::State const& state) {
    std::optional<WorkerEntry> entry;
    if (auto const view = master::worker(state, id)) entry = entry_of(*view, now, wall);
    return [entry] { return entry ? json_response(to_json(*entry)) : error_response(404, "worker not found"); };
  });
}

std::vector<task::Task> tasks_of(std::vector<master::TaskView> const& views) {
  std::vector<task::Task> tasks;
  for (auto const& view : views) tasks.push_back(view.task);
  return tasks;
}

void list_tasks(Impl& impl, Context const& context) {
  impl.ask_leader(context, [](master::State const& state) {
    return [views = master::tasks(state)] { return json_response(to_json(tasks_of(views))); };
  });
}

void show_task(Impl& impl, Context const& context) {
  impl.ask_leader(context, [id = TaskId(context.path[0])](master::State const& state) {
    return [view = master::task(state, id)] {
      return view ? json_response(to_json(view->task)) : error_response(404, "task not found");
    };
  });
}

void list_tasks_of_channel(Impl& impl, Context const& context) {
  impl.ask_leader(context, [channel = ChannelName(context.path[0])](master::State const& state) {
    return [views = master::tasks_of_channel(state, channel)] { return json_response(to_json(tasks_of(views))); };
  });
}

void complete_task(Impl& impl, Context const& context) {
  auto const has_error = read_completed(context.request.body);
  if (!has_error) return context.respond(error_response(400, has_error.error()));
  impl.command(context, [task = TaskId(context.path[0]), error = *has_error](master::CallId call) {
    return master::TaskCompleted{call, task, error};
  });
}

template <class Command>
void shard_call(Impl& impl, Context const& context) {
  auto const shard = parse_shard(context.path, 0);
  if (!shard) return context.respond(error_response(400, "bad shard index"));
  TaskId const task(std::string(context.target.query_value("task")));
  WorkerId const worker(std::string(context.target.query_value("worker")));
  impl.command(context, [shard = *shard, task, worker](master::CallId call) {
    return Command{call, shard, task, worker};
  });
}

/// Who says it, and when: ours, an original's worker does not tell.
struct Reporter {
  WorkerId worker;
  Term term;
  RequestId number;
};

std::optional<Reporter> reporter_of(Context const& context) {
  auto const term = parse_number(context.target.query_value("term"));
  auto const number = parse_number(context.target.query_value("number"));
  if (!term || !number) {
    context.respond(error_response(400, "term and number must be numbers"));
    return std::nullopt;
  }
  return Reporter{WorkerId(std::string(context.target.query_value("worker"))), Term(*term), RequestId(*number)};
}

/// Incoming and outgoing reports come by two paths; which is which, each entry says itself.
void report_status(Impl& impl, Context const& context) {
  auto entries = read_status_entries(context.request.body);
  if (!entries) return context.respond(error_response(400, entries.error()));
  auto const by = reporter_of(context);
  if (!by) return;
  impl.command(context, [entries = std::move(*entries), by = *by](master::CallId call) {
    return master::ReportStatus{call, entries, by.worker, by.term, by.number};
  });
}

void report_inventory(Impl& impl, Context const& context) {
  auto report = read_inventory_report(context.request.body);
  if (!report) return context.respond(error_response(400, report.error()));
  auto const by = reporter_of(context);
  if (!by) return;
  TaskId const task(std::string(context.target.query_value("task")));
  impl.command(context, [report = std::move(*report), task, by = *by](master::CallId call) {
    return master::ReportInventory{call, report, task, by.worker, by.term, by.number};
  });
}

}  // namespace

void add_worker_routes(MasterServer::Impl& impl) {
  auto add = [&impl](std::string_view method, std::string_view pattern, Rights rights, auto handle) {
    impl.routes.push_back({method, pattern, rights, Answerer::Leader, [&impl, handle](Context c) { handle(impl, c); }});
  };
  constexpr std::string_view shard = "/_api/sync/database/{}/collection/{}/shard/{}";
  add("POST", "/_api/worker/configure", master_jwt, configure_worker);
  add("PUT", "/_api/worker", master_jwt, register_worker);
  add("GET", "/_api/worker", admin, list_workers);
  add("GET", "/_api/worker/{}", admin, show_worker);
  add("DELETE", "/_api/worker/{}", master_jwt, [](Impl& server, Context const& c) {
    server.command(c, [id = WorkerId(c.path[0])](master::CallId call) { return master::UnregisterWorker{call, id}; });
  });
  add("GET", "/_api/task", admin, list_tasks);
  add("GET", "/_api/task/id/{}", admin, show_task);
  add("GET", "/_api/task/channel/{}", admin, list_tasks_of_channel);
  add("PUT", "/_api/task/{}/completed", master_jwt, complete_task);
  add("POST", shard, master_jwt, shard_call<master::StartShard>);
  add("DELETE", shard, master_jwt, shard_call<master::StopShard>);
  add("PUT", "/_api/sync/multiple/status", master_jwt, report_status);
  add("PUT", "/_api/sync/multiple/outgoing/status", master_jwt, report_status);
  add("PUT", "/_api/sync/status", master_jwt, report_inventory);
  add("GET", "/_api/mq/channel/{}/is-relevant", master_jwt, [](Impl& server, Context const& c) {
    server.ask_leader(c, [channel = ChannelName(c.path[0])](master::State const& state) {
      return [relevant = master::is_channel_relevant(state, channel)] {
        return json_response(is_relevant_json(relevant));
      };
    });
  });
}

}  // namespace arangosync::rest
