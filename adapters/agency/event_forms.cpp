#include "adapters/agency/event_forms.h"

#include "adapters/agency/layout_forms.h"
#include "domain/base/overloaded.h"

#include <boost/json.hpp>

#include <functional>
#include <map>
#include <utility>

namespace arangosync::agency {

namespace bj = boost::json;
using namespace layout;

namespace {

// ----------------------------------------------------------------------------------------------------------- writing

bj::array list_of(std::vector<Token> const& tokens) {
  bj::array list;
  for (Token const& token : tokens) list.emplace_back(token.value());
  return list;
}

bj::object of_partner(sync::Partner const& partner) {
  bj::object json;
  if (partner) json["target"] = partner->value();
  return json;
}

bj::object of_shard(sync::Partner const& partner, ShardRef const& shard) {
  bj::object json = of_partner(partner);
  json["database"] = shard.database.value();
  json["collection"] = shard.collection.value();
  json["shardIndex"] = shard.index;
  return json;
}

bj::object of_lineage(std::vector<ClusterId> const& lineage) {
  bj::array list;
  for (ClusterId const& id : lineage) list.emplace_back(id.value());
  return {{"lineage", std::move(list)}};
}

char const* text_of(sync::BarrierWish wish) {
  if (wish == sync::BarrierWish::None) return "";
  return wish == sync::BarrierWish::Hold ? "hold" : "lift";
}

constexpr std::pair<membership::Farewell, char const*> farewells[] = {
    {membership::Farewell::Expired, "expired"},
    {membership::Farewell::Unregistered, "unregistered"},
    {membership::Farewell::Replaced, "replaced"}};

char const* text_of(membership::Farewell why) {
  for (auto const& [farewell, text] : farewells) {
    if (farewell == why) return text;
  }
  return "";
}

bj::object data_of(master::OfficeEvent const& event) {
  using Data = bj::object;
  return std::visit(
      overloaded{[](master::StateTaken const&) { return Data{}; },
                 [](master::LeadershipBegun const& it) {
                   return Data{{"term", it.term.value()}};
                 },
                 [](master::WorkerCaKept const& it) {
                   return Data{{"ca", json_of(it.ca)}};
                 },
                 [](master::MessageTimeoutSet const& it) {
                   return Data{{"timeout", it.timeout.count()}};
                 },
                 [](master::HousekeepingDue const&) { return Data{}; }, [](master::SurveyDue const&) { return Data{}; },
                 [](master::SurveyTaken const&) { return Data{}; }, [](master::PlanMissed const&) { return Data{}; },
                 [](master::PlanSeen const& it) {
                   return Data{{"version", it.version}};
                 },
                 [](master::ModeDoubted const& it) {
                   return Data{{"doubted", it.is_doubted}};
                 },
                 [](master::ModeDue const&) { return Data{}; }, [](master::TokenCheckDue const&) { return Data{}; },
                 [](master::ExpiryCheckDue const&) { return Data{}; }},
      event);
}

bj::object data_of(membership::Event const& event) {
  using Data = bj::object;
  return std::visit(overloaded{[](membership::WorkerJoined const& it) {
                                 return Data{{"worker", json_of(it.record)}};
                               },
                               [](membership::RegistrationRenewed const&) { return Data{}; },
                               [](membership::WorkerHeard const&) { return Data{}; },
                               [](membership::WorkerLeft const& it) {
                                 return Data{{"worker", it.worker.value()}, {"why", text_of(it.why)}};
                               }},
                    event);
}

bj::object data_of(task::Event const& event) {
  using Data = bj::object;
  return std::visit(
      overloaded{[](task::TaskCreated const& it) {
                   return Data{{"task", json_of(it.task)}};
                 },
                 [](task::TaskAssigned const& it) {
                   Data json{{"task", it.task.value()},
                             {"worker", it.assignment.worker.value()},
                             {"created_at", time_json(it.assignment.created_at)},
                             {"counter", it.assignment.counter}};
                   put_reign(json, it.assignment.reign);
                   return json;
                 },
                 [](task::ReignBegun const& it) {
                   Data json{{"task", it.task.value()}};
                   put_reign(json, it.reign);
                   return json;
                 },
                 [](task::TaskDelivered const&) { return Data{}; }, [](task::TaskMoveBegun const&) { return Data{}; },
                 [](task::TaskCancelled const& it) {
                   return Data{{"task", it.task.value()}};
                 },
                 [](task::TaskRemoved const& it) {
                   return Data{{"task", it.task.value()}};
                 },
                 [](task::CohortHomed const&) { return Data{}; }, [](task::LandscapeSeen const&) { return Data{}; }},
      event);
}

bj::object data_of(access::Event const& event) {
  using Data = bj::object;
  return std::visit(overloaded{[](access::TokenIssued const& it) {
                                 return Data{{"token", it.token.value()}, {"entry", json_of(it.entry)}};
                               },
                               [](access::TokenExtended const& it) {
                                 return Data{{"token", it.token.value()}, {"expires-at", time_json(it.expires_at)}};
                               },
                               [](access::TokensExpired const& it) {
                                 return Data{{"tokens", list_of(it.tokens)}};
                               },
                               [](access::TokensRevoked const& it) {
                                 return Data{{"tokens", list_of(it.tokens)}};
                               }},
                    event);
}

bj::object configured(std::vector<Url> const& source, sync::Authentication const& authentication) {
  return {{"source", json_of(source)}, {"authentication", json_of(authentication)}};
}

bj::object learned(sync::SourceLearned const& it) {
  bj::object json = of_lineage(it.lineage);
  json["source-channel-prefix"] = it.source_prefix;
  json["target-channel-prefix"] = it.target_prefix;
  json["source"] = json_of(it.source);
  json["mq-config"] = json_of(it.queue);
  json["client-token-expires-at"] = time_json(it.token_expires);
  return json;
}

bj::object data_of(sync::IncomingEvent const& event) {
  using Data = bj::object;
  return std::visit(
      overloaded{[](sync::ClusterIdDrawn const& it) {
                   return Data{{"id", it.id.value()}};
                 },
                 [](sync::LifeBegun const& it) {
                   return Data{{"life", it.life.value()}};
                 },
                 [](sync::IncomingConfigured const& it) { return configured(it.source, it.authentication); },
                 [](sync::IncomingReconfigured const& it) { return configured(it.source, it.authentication); },
                 [](sync::SourceLearned const& it) { return learned(it); },
                 [](sync::OwnTokenGiven const& it) {
                   return Data{{"token", it.token.value()}};
                 },
                 [](sync::SourceAccepted const&) { return Data{}; }, [](sync::SourceForgot const&) { return Data{}; },
                 [](sync::LineageLearned const& it) { return of_lineage(it.lineage); },
                 [](sync::BarrierWished const& it) {
                   return Data{{"barrier", text_of(it.wish)}};
                 },
                 [](sync::IncomingFailed const& it) {
                   return Data{{"message", it.message}};
                 },
                 [](sync::IncomingCancelled const& it) {
                   return Data{{"cancellation", json_of(it.cancellation)}};
                 },
                 [](sync::SourceLeft const& it) {
                   return Data{{"told", it.told}};
                 },
                 [](sync::IncomingRemoved const&) { return Data{}; }},
      event);
}

bj::object data_of(sync::OutgoingEvent const& event) {
  using Data = bj::object;
  return std::visit(
      overloaded{
          [](sync::TargetHeard const& it) {
            return Data{{"target", it.id.value()}, {"order", json_of(it.heard.order)}, {"at", time_json(it.heard.at)}};
          },
          [](sync::OutgoingEntered const& it) {
            bj::object outgoing = fields_of(it.outgoing);
            outgoing["shards"] = shards_json(it.outgoing.shards);
            outgoing["endings"] = json_of(it.outgoing.endings);
            return Data{{"outgoing", std::move(outgoing)}};
          },
          [](sync::OutgoingUpdated const& it) {
            return Data{{"target", it.id.value()}, {"endpoints", json_of(it.target)}, {"mq-config", json_of(it.queue)}};
          },
          [](sync::OutgoingCancelled const& it) {
            Data json{{"target", it.id.value()}};
            if (it.final_mode) json["final-mode"] = mode_json(*it.final_mode);
            return json;
          },
          [](sync::OutgoingRemoved const& it) { return of_partner(it.id); },
          [](sync::BarrierRaised const& it) {
            return Data{{"target", it.id.value()}, {"barrier", it.barrier.value()}};
          },
          [](sync::BarrierHeld const& it) {
            return Data{{"target", it.id.value()}, {"at", time_json(it.at)}};
          },
          [](sync::BarrierDropped const& it) { return of_partner(it.id); },
          [](sync::BarrierLifted const& it) { return of_partner(it.id); }},
      event);
}

bj::object data_of(sync::PartnerEvent const& event) {
  using Data = bj::object;
  return std::visit(
      overloaded{
          [](sync::StatusReached const& it) {
            Data json = of_partner(it.partner);
            json["state"] = std::string(sync::to_string(it.status));
            return json;
          },
          [](sync::RemoteTokenKept const& it) {
            Data json = of_partner(it.partner);
            json["token"] = it.token.value();
            json["expires-at"] = time_json(it.expires_at);
            return json;
          },
          [](sync::RemoteTokenFound const&) { return Data{}; }, [](sync::RemoteTokenDue const&) { return Data{}; },
          [](sync::RemoteTokenLost const&) { return Data{}; }, [](sync::InventoryReported const&) { return Data{}; },
          [](sync::BarrierRenewed const&) { return Data{}; }, [](sync::BarrierOrdered const&) { return Data{}; },
          [](sync::BarrierAwaited const&) { return Data{}; }, [](sync::BarrierDue const&) { return Data{}; },
          [](sync::BarrierAnswered const&) { return Data{}; }, [](sync::BarrierLost const&) { return Data{}; },
          [](sync::LineageDue const&) { return Data{}; }, [](sync::LineageTaken const&) { return Data{}; }},
      event);
}

bj::object data_of(sync::ShardEvent const& event) {
  using Data = bj::object;
  return std::visit(overloaded{[](sync::ShardAdded const& it) {
                                 Data json = of_partner(it.partner);
                                 json["shard"] = json_of(it.entry);
                                 return json;
                               },
                               [](sync::ShardStatusReached const& it) {
                                 Data json = of_shard(it.partner, it.shard);
                                 json["state"] = std::string(sync::to_string(it.status));
                                 return json;
                               },
                               [](sync::ShardCancelled const& it) {
                                 Data json = of_shard(it.partner, it.shard);
                                 json["restart"] = it.restart;
                                 if (it.order) json["order"] = json_of(*it.order);
                                 return json;
                               },
                               [](sync::ShardWithdrawn const&) { return Data{}; },
                               [](sync::ShardRemoved const& it) {
                                 Data json = of_shard(it.partner, it.shard);
                                 if (it.order) json["order"] = json_of(*it.order);
                                 return json;
                               },
                               [](sync::ReportTaken const&) { return Data{}; }},
                    event);
}

// ----------------------------------------------------------------------------------------------------------- reading

sync::Partner partner_at(bj::object const& in) {
  std::string const target = text_at(in, "target");
  return target.empty() ? sync::Partner() : sync::Partner(ClusterId(target));
}
ClusterId target_at(bj::object const& in) { return ClusterId(text_at(in, "target")); }
TaskId task_at(bj::object const& in) { return TaskId(text_at(in, "task")); }

std::vector<Token> tokens_at(bj::object const& in) {
  std::vector<Token> tokens;
  bj::value const* const list = in.if_contains("tokens");
  if (list == nullptr || !list->is_array()) throw Unreadable{"tokens is no list"};
  for (bj::value const& token : list->get_array()) {
    if (!token.is_string()) throw Unreadable{"a token is no string"};
    tokens.emplace_back(std::string(token.get_string()));
  }
  return tokens;
}

bj::value const& value_at(bj::object const& in, char const* name) {
  bj::value const* const value = in.if_contains(name);
  if (value == nullptr) throw Unreadable{std::string(name) + " is missing"};
  return *value;
}

membership::Farewell farewell_at(bj::object const& in) {
  std::string const text = text_at(in, "why");
  for (auto const& [farewell, name] : farewells) {
    if (text == name) return farewell;
  }
  throw Unreadable{"unknown farewell '" + text + "'"};
}

task::Assignment assignment_at(bj::object const& in) {
  return {WorkerId(text_at(in, "worker")), time_at(in, "created_at"),
          static_cast<std::uint32_t>(number_at(in, "counter")), reign_at(in)};
}

sync::SourceLearned learned_at(bj::object const& in) {
  sync::SourceLearned learned;
  learned.source_prefix = text_at(in, "source-channel-prefix");
  learned.target_prefix = text_at(in, "target-channel-prefix");
  learned.source = urls_at(in, "source");
  learned.lineage = lineage_at(in);
  learned.queue = queue_at(in, "mq-config");
  learned.token_expires = time_at(in, "client-token-expires-at");
  return learned;
}

using Reading = std::function<master::Event(bj::object const&)>;
using Readings = std::map<std::string, Reading>;

void add_registries(Readings& readings) {
  using In = bj::object const&;
  readings["leadership-begun"] = [](In in) -> master::Event {
    return master::OfficeEvent(master::LeadershipBegun{Term(number_at(in, "term"))});
  };
  readings["worker-ca-kept"] = [](In in) -> master::Event {
    return master::OfficeEvent(master::WorkerCaKept{read_ca(value_at(in, "ca"))});
  };
  readings["message-timeout-set"] = [](In in) -> master::Event {
    return master::OfficeEvent(master::MessageTimeoutSet{duration_at(in, "timeout")});
  };
  readings["plan-seen"] = [](In in) -> master::Event {
    return master::OfficeEvent(master::PlanSeen{number_at(in, "version")});
  };
  readings["mode-doubted"] = [](In in) -> master::Event {
    return master::OfficeEvent(master::ModeDoubted{bool_at(in, "doubted")});
  };
  readings["worker-joined"] = [](In in) -> master::Event {
    return membership::Event(membership::WorkerJoined{read_worker(value_at(in, "worker")), Instant{}});
  };
  readings["worker-left"] = [](In in) -> master::Event {
    return membership::Event(membership::WorkerLeft{WorkerId(text_at(in, "worker")), farewell_at(in)});
  };
  readings["task-created"] = [](In in) -> master::Event {
    return task::Event(task::TaskCreated{read_task(value_at(in, "task"))});
  };
  readings["task-assigned"] = [](In in) -> master::Event {
    return task::Event(task::TaskAssigned{task_at(in), assignment_at(in)});
  };
  readings["reign-begun"] = [](In in) -> master::Event {
    return task::Event(task::ReignBegun{task_at(in), reign_at(in)});
  };
  readings["task-cancelled"] = [](In in) -> master::Event { return task::Event(task::TaskCancelled{task_at(in)}); };
  readings["task-removed"] = [](In in) -> master::Event { return task::Event(task::TaskRemoved{task_at(in)}); };
  readings["token-issued"] = [](In in) -> master::Event {
    return access::Event(access::TokenIssued{Token(text_at(in, "token")), read_token(value_at(in, "entry"))});
  };
  readings["token-extended"] = [](In in) -> master::Event {
    return access::Event(access::TokenExtended{Token(text_at(in, "token")), time_at(in, "expires-at")});
  };
  readings["tokens-expired"] = [](In in) -> master::Event {
    return access::Event(access::TokensExpired{tokens_at(in)});
  };
  readings["tokens-revoked"] = [](In in) -> master::Event {
    return access::Event(access::TokensRevoked{tokens_at(in)});
  };
}

void add_incoming(Readings& readings) {
  using In = bj::object const&;
  auto const add = [&](char const* name, std::function<sync::IncomingEvent(In)> read) {
    readings[name] = [read = std::move(read)](In in) -> master::Event { return read(in); };
  };
  add("cluster-id-drawn", [](In in) { return sync::ClusterIdDrawn{ClusterId(text_at(in, "id"))}; });
  add("life-begun", [](In in) { return sync::LifeBegun{sync::Life(number_at(in, "life"))}; });
  add("incoming-configured", [](In in) {
    return sync::IncomingConfigured{urls_at(in, "source"), authentication_at(in)};
  });
  add("incoming-reconfigured", [](In in) {
    return sync::IncomingReconfigured{urls_at(in, "source"), authentication_at(in)};
  });
  add("source-learned", [](In in) { return learned_at(in); });
  add("own-token-given", [](In in) { return sync::OwnTokenGiven{Token(text_at(in, "token"))}; });
  add("source-accepted", [](In) { return sync::SourceAccepted{}; });
  add("source-forgot", [](In) { return sync::SourceForgot{}; });
  add("lineage-learned", [](In in) { return sync::LineageLearned{lineage_at(in)}; });
  add("barrier-wished", [](In in) { return sync::BarrierWished{wish_at(in), std::nullopt}; });
  add("incoming-failed", [](In in) { return sync::IncomingFailed{text_at(in, "message")}; });
  add("incoming-cancelled", [](In in) {
    return sync::IncomingCancelled{*cancellation_at(in, sync::Status::Cancelling), std::nullopt};
  });
  add("source-left", [](In in) { return sync::SourceLeft{bool_at(in, "told")}; });
  add("incoming-removed", [](In) { return sync::IncomingRemoved{}; });
}

void add_outgoing(Readings& readings) {
  using In = bj::object const&;
  auto const add = [&](char const* name, std::function<sync::OutgoingEvent(In)> read) {
    readings[name] = [read = std::move(read)](In in) -> master::Event { return read(in); };
  };
  add("target-heard", [](In in) {
    return sync::TargetHeard{target_at(in), {order_at(in).value_or(sync::Order{}), time_at(in, "at")}};
  });
  add("outgoing-entered", [](In in) {
    return sync::OutgoingEntered{read_outgoing(value_at(in, "outgoing")), Instant{}};
  });
  add("outgoing-updated", [](In in) {
    return sync::OutgoingUpdated{target_at(in), urls_at(in, "endpoints"), queue_at(in, "mq-config"), Instant{}};
  });
  add("outgoing-cancelled", [](In in) { return sync::OutgoingCancelled{target_at(in), mode_at(in, "final-mode")}; });
  add("outgoing-removed", [](In in) { return sync::OutgoingRemoved{target_at(in)}; });
  add("barrier-raised", [](In in) {
    return sync::BarrierRaised{target_at(in), sync::BarrierId(text_at(in, "barrier")), Instant{}};
  });
  add("barrier-held", [](In in) { return sync::BarrierHeld{target_at(in), time_at(in, "at")}; });
  add("barrier-dropped", [](In in) { return sync::BarrierDropped{target_at(in)}; });
  add("barrier-lifted", [](In in) { return sync::BarrierLifted{target_at(in)}; });
}

void add_partners_and_shards(Readings& readings) {
  using In = bj::object const&;
  readings["status-reached"] = [](In in) -> master::Event {
    return sync::PartnerEvent(sync::StatusReached{partner_at(in), status_at(in)});
  };
  readings["remote-token-kept"] = [](In in) -> master::Event {
    return sync::PartnerEvent(
        sync::RemoteTokenKept{partner_at(in), Token(text_at(in, "token")), time_at(in, "expires-at"), Instant{}});
  };
  readings["shard-added"] = [](In in) -> master::Event {
    return sync::ShardEvent(sync::ShardAdded{partner_at(in), read_shard(value_at(in, "shard"))});
  };
  readings["shard-status-reached"] = [](In in) -> master::Event {
    return sync::ShardEvent(sync::ShardStatusReached{partner_at(in), shard_at(in), status_at(in)});
  };
  readings["shard-cancelled"] = [](In in) -> master::Event {
    return sync::ShardEvent(sync::ShardCancelled{partner_at(in), shard_at(in), bool_at(in, "restart"), order_at(in)});
  };
  readings["shard-removed"] = [](In in) -> master::Event {
    return sync::ShardEvent(sync::ShardRemoved{partner_at(in), shard_at(in), order_at(in)});
  };
}

Readings const& readings() {
  static Readings const all = [] {
    Readings made;
    add_registries(made);
    add_incoming(made);
    add_outgoing(made);
    add_partners_and_shards(made);
    return made;
  }();
  return all;
}

}  // namespace

bj::object event_data(master::Event const& event) {
  return std::visit(
      overloaded{[](master::ProcessEvent const&) { return bj::object{}; },
                 [](election::Event const&) { return bj::object{}; },
                 [](master::OfficeEvent const& it) { return data_of(it); },
                 [](master::ErrandEvent const&) { return bj::object{}; },
                 [](membership::Event const& it) { return data_of(it); },
                 [](task::Event const& it) { return data_of(it); }, [](access::Event const& it) { return data_of(it); },
                 [](sync::IncomingEvent const& it) { return data_of(it); },
                 [](sync::OutgoingEvent const& it) { return data_of(it); },
                 [](sync::PartnerEvent const& it) { return data_of(it); },
                 [](sync::ShardEvent const& it) { return data_of(it); }},
      event);
}

Outcome<master::Event> read_event(std::string const& event, std::uint64_t version, bj::object const& data) {
  auto const unreadable = [&](std::string const& why) {
    return unexpected(Fault{FaultClass::Permanent, "event " + event + ": " + why});
  };
  bool const is_known = version >= 1 && version <= event_form_version;
  if (!is_known) return unreadable("unknown form " + std::to_string(version));
  auto const reading = readings().find(event);
  if (reading == readings().end()) return unreadable("unknown kind");
  try {
    return reading->second(data);
  } catch (Unreadable const& trouble) {
    return unreadable(trouble.what);
  }
}

}  // namespace arangosync::agency
