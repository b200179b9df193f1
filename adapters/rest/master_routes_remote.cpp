// What the other datacenter's masters and workers call (spec arangosync-api 5.3, 5.4, 6).
#include "adapters/direct/frames.h"
#include "adapters/direct/lookup.h"
#include "adapters/rest/master_server_impl.h"

#include <algorithm>

namespace arangosync::rest {

namespace {

using Impl = MasterServer::Impl;

/// Our queue, as the other side is told: always through the masters, which the firewall lets through (spec 6).
task::QueueConfig own_queue(std::vector<Url> endpoints, master::Identity const& identity, Token const& token) {
  task::QueueConfig queue;
  queue.endpoints = std::move(endpoints);
  queue.client_token = token.value();
  queue.ca_certificate = identity.tls_ca_certificate;
  return queue;
}

http::Response token_reply(master::ReplyBody const& body) {
  auto const* issued = std::get_if<master::TokenIssued>(&body);
  return issued == nullptr ? plain_reply(body) : json_response(to_json(*issued));
}

void get_queue_config(Impl& impl, Context const& context) {
  impl.query(context.respond, [weak = impl.weak_from_this(), context](master::State const& state) {
    auto const self = weak.lock();
    if (!self) return;
    std::vector<Url> const endpoints = master::public_endpoints(state);
    std::string_view const id = context.target.query_value("target");
    std::optional<ClusterId> target;
    if (!id.empty()) target = ClusterId(std::string(id));
    self->io.post([weak, context, endpoints, target] {
      auto const server = weak.lock();
      if (!server) return;
      server->command(
          context,
          [target](master::CallId call) {
            return master::IssueToken{call, target};
          },
          [endpoints, identity = server->options.identity](master::ReplyBody const& body) {
            auto const* issued = std::get_if<master::TokenIssued>(&body);
            if (issued == nullptr) return plain_reply(body);
            return json_response(to_json(QueueAnswer{own_queue(endpoints, identity, issued->token), issued->lifetime}));
          });
    });
  });
}

void replace_token(Impl& impl, Context const& context) {
  auto request = read_token_replacement(context.request.body);
  if (!request) return context.respond(error_response(400, request.error()));
  impl.command(context, [request = std::move(*request)](master::CallId call) {
    return master::ReplaceRemoteToken{call, request.id, request.token, request.lifetime};
  });
}

/// An order of a target; one that does not say which it is (an original's) is taken for the newest.
template <class Make, class Answer>
void order(Impl& impl, Context const& context, Make make, Answer answer) {
  std::string_view const text = context.target.query_value("order");
  auto const number = parse_order(text);
  if (!text.empty() && !number) return context.respond(error_response(400, "order must be three numbers"));
  impl.command(
      context, [make = std::move(make), number](master::CallId call) { return make(call, number); }, std::move(answer));
}

using MaybeOrder = std::optional<sync::Order>;

void accept_outgoing(Impl& impl, Context const& context) {
  auto request = read_outgoing(context.request.body);
  if (!request) return context.respond(error_response(400, request.error()));
  order(
      impl, context,
      [request = std::move(*request)](master::CallId call, MaybeOrder number) {
        return master::AcceptOutgoing{call, request.id, request.target, request.inventory, request.queue, number};
      },
      [](master::ReplyBody const& body) {
        auto const* accepted = std::get_if<master::OutgoingAccepted>(&body);
        return accepted == nullptr ? plain_reply(body) : json_response(outgoing_accepted_json(accepted->queue));
      });
}

void remove_outgoing(Impl& impl, Context const& context) {
  std::string_view const asked = context.target.query_value("server_mode");
  auto const mode = parse_server_mode(asked);
  if (!asked.empty() && !mode) return context.respond(error_response(400, "server_mode must be default or readonly"));
  order(
      impl, context,
      [id = ClusterId(context.path[0]), mode](master::CallId call, MaybeOrder number) {
        return master::RemoveOutgoing{call, id, mode, number};
      },
      plain_reply);
}

void raise_barrier(Impl& impl, Context const& context) {
  order(
      impl, context,
      [id = ClusterId(context.path[0])](master::CallId call, MaybeOrder number) {
        return master::RaiseOutgoingBarrier{call, id, number};
      },
      [](master::ReplyBody const& body) {
        auto const* state = std::get_if<sync::BarrierState>(&body);
        return state == nullptr ? plain_reply(body) : json_response(to_json(*state));
      });
}

void lower_barrier(Impl& impl, Context const& context) {
  order(
      impl, context,
      [id = ClusterId(context.path[0])](master::CallId call, MaybeOrder number) {
        return master::LowerOutgoingBarrier{call, id, number};
      },
      plain_reply);
}

void get_lineage(Impl& impl, Context const& context) {
  impl.ask_leader(context, [traits = impl.seams.cluster().traits](master::State const& state) {
    return [lineage = Lineage{master::lineage(state), traits}] { return json_response(to_json(lineage)); };
  });
}

void start_outgoing_shard(Impl& impl, Context const& context) {
  auto const shard = parse_shard(context.path, 1);
  if (!shard) return context.respond(error_response(400, "bad shard index"));
  auto const channels = read_channels(context.request.body);
  if (!channels) return context.respond(error_response(400, channels.error()));
  order(
      impl, context,
      [id = ClusterId(context.path[0]), shard = *shard, channels = *channels](master::CallId call, MaybeOrder number) {
        return master::StartOutgoingShard{call, id, shard, channels, number};
      },
      plain_reply);
}

void stop_outgoing_shard(Impl& impl, Context const& context) {
  auto const shard = parse_shard(context.path, 1);
  if (!shard) return context.respond(error_response(400, "bad shard index"));
  order(
      impl, context,
      [id = ClusterId(context.path[0]), shard = *shard](master::CallId call, MaybeOrder number) {
        return master::StopOutgoingShard{call, id, shard, number};
      },
      plain_reply);
}

// ---- tokens
// -------------------------------------------------------------------------------------------------------------

template <class Command>
void token_call(Impl& impl, Context const& context) {
  auto const request = read_token(context.request.body);
  if (!request) return context.respond(error_response(400, request.error()));
  if (request->token.value().empty()) return context.respond(error_response(400, "token missing"));
  impl.command(
      context,
      [token = request->token](master::CallId call) {
        return Command{call, token};
      },
      token_reply);
}

// ---- the direct queue
// -----------------------------------------------------------------------------------------------------

/// Whoever was let in by a token reads what that token opens; other credentials open every channel.
bool may_read(Context const& context, master::State const& state, ChannelName const& channel) {
  return !context.by_token || master::may_read(state, *context.caller.token, channel);
}

http::Response not_for_this_token() { return error_response(401, "the token does not open this channel"); }

void get_channel_place(Impl& impl, Context const& context) {
  if (!direct::is_channel_name(context.path[0])) return context.respond(error_response(400, "bad channel name"));
  direct::ChannelPlace place;
  place.ca_certificate = impl.options.identity.tls_ca_certificate;
  place.token_lifetime = impl.options.identity.token_lifetime;
  place.token = context.caller.token.value_or(Token());
  impl.ask_leader(context, [place, context, channel = ChannelName(context.path[0])](master::State const& state) {
    direct::ChannelPlace found = place;
    auto const publisher = master::publisher_of(state, channel);
    if (publisher) found.worker = publisher->id;
    found.endpoints = master::public_endpoints(state);
    bool const is_open = may_read(context, state, channel);
    return [found = std::move(found), is_known = publisher.has_value(), is_open] {
      if (!is_open) return not_for_this_token();
      return is_known ? json_response(direct::to_json(found)) : error_response(404, "channel not found");
    };
  });
}

/// Sends the request on to the worker that `find` names; 404 if it names none.
template <class Find>
void pass_on(Impl& impl, Context const& context, std::vector<ChannelName> channels, Find find,
             std::string_view absent) {
  impl.query(context.respond, [weak = impl.weak_from_this(), context, channels = std::move(channels),
                               find = std::move(find), absent = std::string(absent)](master::State const& state) {
    auto const self = weak.lock();
    if (!self) return;
    if (!master::is_leading(state, self->clock.now()))
      return self->io.post([context] { context.respond(not_leading()); });
    bool const are_open = std::all_of(channels.begin(), channels.end(),
                                      [&](ChannelName const& channel) { return may_read(context, state, channel); });
    if (!are_open) return self->io.post([context] { context.respond(not_for_this_token()); });
    std::optional<membership::WorkerRecord> const worker = find(state);
    auto const ca = master::worker_ca(state);
    self->io.post([weak, context, absent, worker, ca = ca ? ca->certificate : std::string()] {
      auto const server = weak.lock();
      if (!server) return;
      if (!worker) return context.respond(error_response(404, absent));
      server->pass_to_worker(worker->endpoint, ca, context);
    });
  });
}

void pull(Impl& impl, Context const& context) {
  std::vector<ChannelName> channels;
  if (context.by_token) {
    auto const asked = direct::decode_request(context.request.body);
    if (!asked) return context.respond(error_response(400, asked.error()));
    for (direct::Wanted const& wanted : asked->channels) channels.push_back(wanted.channel);
  }
  auto find = [id = WorkerId(std::string(context.target.query_value("worker")))](
                  master::State const& state) -> std::optional<membership::WorkerRecord> {
    auto const view = master::worker(state, id);
    if (!view) return std::nullopt;
    return view->record;
  };
  pass_on(impl, context, std::move(channels), std::move(find), "worker not found");
}

void channel_read(Impl& impl, Context const& context) {
  if (!direct::is_channel_name(context.path[0])) return context.respond(error_response(400, "bad channel name"));
  ChannelName const channel(context.path[0]);
  auto find = [channel](master::State const& state) { return master::publisher_of(state, channel); };
  pass_on(impl, context, {channel}, std::move(find), "channel not found");
}

}  // namespace

void add_remote_routes(MasterServer::Impl& impl) {
  auto add = [&impl](std::string_view method, std::string_view pattern, Rights rights, auto handle) {
    impl.routes.push_back({method, pattern, rights, Answerer::Leader, [&impl, handle](Context c) { handle(impl, c); }});
  };
  // Besides the credential the spec names, the masters' own secret opens everything: followers vouch with it.
  constexpr Rights target = client_certificate | master_jwt;
  constexpr Rights reader = queue_token | client_certificate | master_jwt;
  constexpr std::string_view shard = "/_api/sync/outgoing/{}/database/{}/collection/{}/shard/{}";
  impl.routes.push_back({"GET", "/_api/channels/prefix", target, Answerer::Anybody, [&impl](Context c) {
                           c.respond(json_response(prefix_json(impl.options.identity.channel_prefix)));
                         }});
  add("GET", "/_api/mq/config", target, get_queue_config);
  add("PUT", "/_api/mq/config", reader, replace_token);
  add("POST", "/_api/sync/outgoing", target, accept_outgoing);
  add("DELETE", "/_api/sync/outgoing/{}", admin, remove_outgoing);
  add("POST", shard, target, start_outgoing_shard);
  add("DELETE", shard, target, stop_outgoing_shard);
  // New channels for a shard that is known: its former sender goes first. The same as a start.
  add("PUT", "/_api/sync/outgoing/{}/database/{}/collection/{}/shard/{}/reset", target, start_outgoing_shard);
  add("POST", "/_api/sync/outgoing/{}/barrier", target, raise_barrier);
  add("DELETE", "/_api/sync/outgoing/{}/barrier", target, lower_barrier);
  add("GET", "/_api/sync/lineage", target, get_lineage);
  add("POST", "/_api/mq/direct/token/renew", reader, token_call<master::RenewToken>);
  add("POST", "/_api/mq/direct/token/clone", reader, token_call<master::CloneToken>);
  add("GET", "/_api/mq/direct/channel/{}/endpoint", reader, get_channel_place);
  add("POST", "/_api/mq/direct/pull", queue_token | master_jwt, pull);
  add("GET", "/_api/mq/direct/channel/{}/messages", queue_token | master_jwt, channel_read);
  add("POST", "/_api/mq/direct/channel/{}/commit", queue_token | master_jwt, channel_read);
}

}  // namespace arangosync::rest
