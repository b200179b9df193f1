#include "adapters/rest/remote_masters_http.h"

#include "adapters/http/scope.h"
#include "adapters/rest/forms.h"
#include "adapters/rest/master_caller.h"

namespace arangosync::rest {

struct RemoteMastersHttp::Line {
  Line(http::Io& io, http::ClientTls tls, http::ClientLimits limits, std::vector<http::Endpoint> endpoints)
      : client(io, std::move(tls), limits), caller(scope, std::move(endpoints)), scope(io, client) {}

  http::Client client;
  MasterCaller caller;
  http::Scope scope;  // last: it waits for what uses the caller

  template <class T>
  http::Task<Outcome<T>> ask(std::string target, Read<T> (*read)(std::string_view)) {
    MasterCall call;
    call.target = std::move(target);
    Outcome<std::string> outcome = co_await caller.call(std::move(call));
    if (!outcome) co_return unexpected(outcome.error());
    Read<T> value = read(*outcome);
    if (!value) co_return unexpected(Fault{FaultClass::Permanent, "the other datacenter's answer: " + value.error()});
    co_return std::move(*value);
  }

  /// A source that knows no such call (an original) tells of nobody.
  http::Task<Outcome<Lineage>> lineage() {
    Outcome<Lineage> told = co_await ask<Lineage>("/_api/sync/lineage", &read_lineage);
    if (!told && told.error().fault_class == FaultClass::NotFound) co_return Lineage{};
    co_return told;
  }

  http::Task<Outcome<std::vector<ClusterId>>> ids(Unfit const& unfit) {
    Outcome<Lineage> told = co_await lineage();
    if (!told) co_return unexpected(told.error());
    if (auto const why = unfit(told->traits)) co_return unexpected(Fault{FaultClass::Permanent, *why});
    co_return std::move(told->ids);
  }

  http::Task<Outcome<master::SourceFacts>> facts(ClusterId id, Unfit const& unfit) {
    Outcome<std::string> prefix = co_await ask<std::string>("/_api/channels/prefix", &read_prefix);
    if (!prefix) co_return unexpected(prefix.error());
    Outcome<std::vector<Url>> endpoints = co_await ask<std::vector<Url>>("/_api/endpoints", &read_endpoints);
    if (!endpoints) co_return unexpected(endpoints.error());
    Outcome<Lineage> told = co_await lineage();
    if (!told) co_return unexpected(told.error());
    if (auto const why = unfit(told->traits)) co_return unexpected(Fault{FaultClass::Permanent, *why});
    // Whose token it is to be, says the query; an original ignores it.
    std::string const config = "/_api/mq/config?target=" + http::percent_encode(id.value());
    Outcome<QueueAnswer> queue = co_await ask<QueueAnswer>(config, &read_queue);
    if (!queue) co_return unexpected(queue.error());
    co_return master::SourceFacts{std::move(*prefix), std::move(*endpoints), std::move(told->ids),
                                  std::move(queue->queue), queue->token_lifetime};
  }

  http::Task<Outcome<Done>> tell(MasterCall call, bool absent_is_done) {
    Outcome<std::string> outcome = co_await caller.call(std::move(call));
    if (!outcome && !(absent_is_done && outcome.error().fault_class == FaultClass::NotFound)) {
      co_return unexpected(outcome.error());
    }
    co_return Done{};
  }
};

RemoteMastersHttp::RemoteMastersHttp(http::Io& io, ports::Inbox<master::Command>& inbox, Unfit unfit)
    : io_(io), unfit_(std::move(unfit)), inbox_(inbox) {}

RemoteMastersHttp::~RemoteMastersHttp() {
  // Outside the mutex: a call that ends now may want to begin another one.
  std::map<std::string, std::unique_ptr<Line>> lines;
  {
    std::lock_guard const lock(mutex_);
    lines.swap(lines_);
  }
}

RemoteMastersHttp::Line& RemoteMastersHttp::line(master::Remote const& remote) { return line(remote, "", {}); }

RemoteMastersHttp::Line& RemoteMastersHttp::line_of_shards(master::Remote const& remote) {
  return line(remote, "shards ", calls_at_a_time());
}

RemoteMastersHttp::Line& RemoteMastersHttp::line(master::Remote const& remote, std::string_view use,
                                                 http::ClientLimits limits) {
  std::string key = std::string(use) + remote.authentication.client_certificate + remote.authentication.ca_certificate;
  for (Url const& url : remote.endpoints) key += " " + url.value();
  std::lock_guard const lock(mutex_);
  auto& line = lines_[key];
  if (!line) {
    http::ClientTls tls{remote.authentication.ca_certificate, remote.authentication.client_certificate,
                        remote.authentication.client_key};
    line = std::make_unique<Line>(io_, std::move(tls), limits, to_endpoints(remote.endpoints, 8629));
  }
  return *line;
}

void RemoteMastersHttp::send(Line& to, MasterCall call, RequestId request, bool absent_is_done) {
  to.scope.start([&to, call = std::move(call), absent_is_done] { return to.tell(call, absent_is_done); },
                 [this, request](Outcome<Done> outcome) {
                   inbox_.post(master::RemoteDone{request, std::move(outcome)});
                 });
}

void RemoteMastersHttp::perform(master::AskSource const& effect) {
  Line& to = line(effect.source);
  to.scope.start([this, &to, id = effect.id] { return to.facts(id, unfit_); },
                 [this, request = effect.request](Outcome<master::SourceFacts> outcome) {
                   inbox_.post(master::SourceAsked{request, std::move(outcome)});
                 });
}

void RemoteMastersHttp::perform(master::AskLineage const& effect) {
  Line& to = line(effect.source);
  to.scope.start([this, &to] { return to.ids(unfit_); },
                 [this, request = effect.request](Outcome<std::vector<ClusterId>> outcome) {
                   inbox_.post(master::LineageAnswered{request, std::move(outcome)});
                 });
}

namespace {

std::string outgoing_path(ClusterId const& id) { return "/_api/sync/outgoing/" + http::percent_encode(id.value()); }

/// Which order this is, says the query; an original ignores it.
std::string as(sync::Order const& order) { return "?order=" + order_text(order); }

}  // namespace

void RemoteMastersHttp::perform(master::RaiseBarrier const& effect) {
  Line& to = line(effect.source);
  MasterCall call;
  call.method = "POST";
  call.target = outgoing_path(effect.id) + "/barrier" + as(effect.order);
  to.scope.start([&to, call = std::move(call)] { return to.caller.call(call); },
                 [this, request = effect.request](Outcome<std::string> outcome) {
                   master::BarrierAsked asked{request, unexpected(Fault{})};
                   if (!outcome) {
                     asked.outcome = unexpected(outcome.error());
                   } else if (auto state = read_barrier_state(*outcome); !state) {
                     asked.outcome = unexpected(Fault{FaultClass::Permanent, "the source's answer: " + state.error()});
                   } else {
                     asked.outcome = std::move(*state);
                   }
                   inbox_.post(std::move(asked));
                 });
}

void RemoteMastersHttp::perform(master::LowerBarrier const& effect) {
  MasterCall call;
  call.method = "DELETE";
  call.target = outgoing_path(effect.id) + "/barrier" + as(effect.order);
  send(line(effect.source), std::move(call), effect.request, true);
}

void RemoteMastersHttp::perform(master::AnnounceOutgoing const& effect) {
  Line& to = line(effect.source);
  MasterCall call;
  call.method = "POST";
  call.target = "/_api/sync/outgoing" + as(effect.order);
  call.body = to_json(OutgoingRequest{effect.id, effect.target, effect.inventory, effect.queue});
  to.scope.start(
      [&to, call = std::move(call)] { return to.caller.call(call); },
      [this, request = effect.request](Outcome<std::string> outcome) {
        master::OutgoingAnnounced announced{request, unexpected(Fault{})};
        if (!outcome) {
          announced.outcome = unexpected(outcome.error());
        } else if (auto queue = read_outgoing_accepted(*outcome); !queue) {
          announced.outcome = unexpected(Fault{FaultClass::Permanent, "the source's answer: " + queue.error()});
        } else {
          announced.outcome = std::move(*queue);
        }
        inbox_.post(std::move(announced));
      });
}

void RemoteMastersHttp::perform(master::WithdrawOutgoing const& effect) {
  MasterCall call;
  call.method = "DELETE";
  call.target = outgoing_path(effect.id) + as(effect.order) +
                "&server_mode=" + std::string(effect.mode ? to_string(*effect.mode) : "");
  send(line(effect.source), std::move(call), effect.request, true);
}

void RemoteMastersHttp::perform(master::AnnounceShard const& effect) {
  MasterCall call;
  call.method = "POST";
  call.target = shard_path(outgoing_path(effect.id), effect.shard) + as(effect.order);
  call.body = channels_json(effect.channels);
  send(line_of_shards(effect.source), std::move(call), effect.request, false);
}

void RemoteMastersHttp::perform(master::WithdrawShard const& effect) {
  MasterCall call;
  call.method = "DELETE";
  call.target = shard_path(outgoing_path(effect.id), effect.shard) + as(effect.order);
  send(line_of_shards(effect.source), std::move(call), effect.request, true);
}

void RemoteMastersHttp::perform(master::RenewRemoteToken const& effect) {
  Line& to = line(effect.remote);
  MasterCall call;
  call.method = "POST";
  call.target = "/_api/mq/direct/token/renew";
  call.body = to_json(master::TokenIssued{Token(effect.remote.authentication.client_token), Duration{0}});
  call.authorization = "Bearer " + effect.remote.authentication.client_token;
  to.scope.start(
      [&to, call = std::move(call)] { return to.caller.call(call); },
      [this, request = effect.request](Outcome<std::string> outcome) {
        master::RemoteTokenRenewed renewed{request, unexpected(Fault{})};
        if (!outcome) {
          renewed.outcome = unexpected(outcome.error());
        } else if (auto token = read_token(*outcome); !token) {
          renewed.outcome = unexpected(Fault{FaultClass::Permanent, "the other datacenter's answer: " + token.error()});
        } else {
          renewed.outcome = std::pair(token->token, token->lifetime);
        }
        inbox_.post(std::move(renewed));
      });
}

}  // namespace arangosync::rest
