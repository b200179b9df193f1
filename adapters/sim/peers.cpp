#include "adapters/sim/peers.h"

#include "adapters/sim/leader.h"
#include "domain/base/overloaded.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <variant>

namespace arangosync::sim {

namespace {

using namespace std::chrono_literals;

constexpr Duration call_timeout = 8s;

Fault unreachable(std::string what) { return Fault{FaultClass::Retry, std::move(what)}; }

Fault fault_of(master::Refused const& refused) {
  switch (refused.kind) {
    case master::RefusalKind::NotLeader:
      return Fault{FaultClass::Retry, refused.message};
    case master::RefusalKind::Unauthorized:
      return Fault{FaultClass::Denied, refused.message};
    case master::RefusalKind::NotFound:
      return Fault{FaultClass::NotFound, refused.message};
    case master::RefusalKind::Late:
      return Fault{FaultClass::Refresh, refused.message};
    case master::RefusalKind::BadRequest:
    case master::RefusalKind::Precondition:
    case master::RefusalKind::Conflict:
      return Fault{FaultClass::Permanent, refused.message};
  }
  return Fault{FaultClass::Permanent, refused.message};
}

/// Takes the expected kind of reply out of an answer; a refusal or a missing answer becomes a fault.
template <class Body>
Outcome<Body> expect_body(Outcome<MasterAnswer> const& answer) {
  if (!answer) return unexpected(answer.error());
  if (auto const* refused = std::get_if<master::Refused>(&answer->body)) return unexpected(fault_of(*refused));
  if (auto const* body = std::get_if<Body>(&answer->body)) return *body;
  return unexpected(Fault{FaultClass::Permanent, "the master answered something else"});
}

}  // namespace

// ---- MasterCaller -------------------------------------------------------------------------------------------------

struct MasterCaller::Round {
  std::vector<Url> left;  // still to be tried, next one last
  MakeCall make;
  std::function<void(Outcome<MasterAnswer>)> done;
};

void MasterCaller::call(std::vector<Url> endpoints, MakeCall make, std::function<void(Outcome<MasterAnswer>)> done) {
  auto const good = std::find(endpoints.begin(), endpoints.end(), last_good_);
  if (good != endpoints.end()) std::rotate(endpoints.begin(), good, endpoints.end());
  std::reverse(endpoints.begin(), endpoints.end());
  try_next(std::make_shared<Round>(Round{std::move(endpoints), std::move(make), std::move(done)}));
}

void MasterCaller::try_next(std::shared_ptr<Round> round) {
  if (round->left.empty()) {
    caller_.enter_later([round] { round->done(unexpected(unreachable("no master that leads could be reached"))); });
    return;
  }
  Url const endpoint = std::move(round->left.back());
  round->left.pop_back();
  // An absent answer and an answer without content are alike: nobody who leads was there.
  using Maybe = std::optional<MasterAnswer>;
  auto work = [make = round->make](MasterDoor const& door, std::function<void(Maybe)> answer) {
    auto const call = door.callers->expect(
        [answer, identity = door.identity, endpoints = door.endpoints, lineage = door.lineage](master::ReplyBody body) {
          answer(MasterAnswer{std::move(body), identity, endpoints(), lineage()});
        });
    door.inbox->post(make(call));
  };
  auto serve = [this, endpoint, work](std::function<void(Maybe)> answer) {
    at_leader<MasterAnswer>(network_, directory_, endpoint, work, std::move(answer));
  };
  network_.call<Maybe>(caller_, directory_.node(endpoint), call_timeout, serve,
                       [this, round, endpoint](std::optional<Maybe> answer) {
                         bool const has_answer = answer.has_value() && answer->has_value();
                         auto const* refused = has_answer ? std::get_if<master::Refused>(&(*answer)->body) : nullptr;
                         if (!has_answer || (refused != nullptr && refused->kind == master::RefusalKind::NotLeader)) {
                           try_next(round);
                           return;
                         }
                         last_good_ = endpoint;
                         round->done(std::move(**answer));
                       });
}

// ---- worker → own master ------------------------------------------------------------------------------------------

void SimOwnMaster::perform(worker::Register const& effect) {
  auto make = [presents = presents_](master::CallId call) {
    return master::Command{master::RegisterWorker{call, presents.endpoint, presents.token, presents.host}};
  };
  caller_.call(masters_, make, [this, request = effect.request](Outcome<MasterAnswer> answer) {
    Outcome<master::WorkerRegistered> const body = expect_body<master::WorkerRegistered>(answer);
    if (!body) return inbox_.post(worker::Registered{request, unexpected(body.error())});
    inbox_.post(
        worker::Registered{request, worker::Registration{body->worker.id, body->expires_after, body->message_timeout,
                                                         body->worker.server_id, body->term}});
  });
}

void SimOwnMaster::report(RequestId request, MakeCall make) {
  caller_.call(masters_, std::move(make), [this, request](Outcome<MasterAnswer> answer) {
    inbox_.post(worker::Reported{request, expect_body<Done>(answer)});
  });
}

void SimOwnMaster::perform(worker::ReportStatus const& effect) {
  report(effect.request, [effect](master::CallId call) {
    return master::Command{master::ReportStatus{call, effect.entries, effect.worker, effect.term, effect.request}};
  });
}

void SimOwnMaster::perform(worker::ReportInventory const& effect) {
  report(effect.request, [effect](master::CallId call) {
    return master::Command{
        master::ReportInventory{call, effect.report, effect.task, effect.worker, effect.term, effect.request}};
  });
}

void SimOwnMaster::perform(worker::AskShardStart const& effect) {
  report(effect.request, [shard = effect.shard, task = effect.task, worker = effect.worker](master::CallId call) {
    return master::Command{master::StartShard{call, shard, task, worker}};
  });
}

void SimOwnMaster::perform(worker::AskShardStop const& effect) {
  report(effect.request, [shard = effect.shard, task = effect.task, worker = effect.worker](master::CallId call) {
    return master::Command{master::StopShard{call, shard, task, worker}};
  });
}

// ---- master → own workers -----------------------------------------------------------------------------------------

void SimOwnWorkers::perform(master::SendTask const& effect) {
  auto const has_taken = [task = effect.task, worker = effect.worker.id](WorkerDoor const& door) {
    return door.has_task(task, worker);
  };
  worker::StartTask start{effect.task,   effect.spec, effect.remote, effect.worker.id,
                          effect.shards, effect.term, effect.reign,  effect.request};
  tell(effect.request, effect.worker.endpoint, effect.term, std::move(start), has_taken);
}

void SimOwnWorkers::perform(master::RevokeTask const& effect) {
  auto const has_ended = [task = effect.task](WorkerDoor const& door) { return door.has_let_go(task); };
  tell(effect.request, effect.worker.endpoint, effect.term,
       worker::StopTask{effect.task, effect.worker.id, effect.term, effect.request}, has_ended);
}

void SimOwnWorkers::tell(RequestId request, Url const& worker, Term term, worker::Command command,
                         Confirmed confirmed) {
  using Answer = Outcome<Done>;
  auto serve = [this, worker, term, command = std::move(command), confirmed](std::function<void(Answer)> answer) {
    Fault const silent = unreachable("the worker does not answer");
    WorkerDoor const* const door = directory_.worker(worker);
    if (door == nullptr) return answer(unexpected(Fault(silent)));
    door->process->enter([door = *door, term, command, confirmed, answer, silent] {
      door.inbox->post(command);
      // As the real worker: started is a task when its machine has it, stopped when nothing of it can still arrive.
      auto const reply = [door, term, confirmed, answer, silent] {
        if (door.is_deposed(term)) {
          return answer(unexpected(Fault{FaultClass::Refresh, "the worker has heard of a newer leader"}));
        }
        answer(confirmed(door) ? Answer(Done{}) : Answer(unexpected(Fault(silent))));
      };
      door.process->enter_later(reply);
    });
  };
  auto const heard = [this, request](std::optional<Answer> answer) {
    if (!answer) answer = unexpected(unreachable("the worker does not answer"));
    inbox_.post(master::TaskSent{request, std::move(*answer)});
  };
  network_.call<Answer>(self_, directory_.node(worker), call_timeout, serve, heard);
}

// ---- master → the other datacenter --------------------------------------------------------------------------------

void SimRemoteMasters::perform(master::AskSource const& effect) {
  auto make = [id = effect.id](master::CallId call) { return master::Command{master::IssueToken{call, id}}; };
  caller_.call(effect.source.endpoints, make, [this, request = effect.request](Outcome<MasterAnswer> answer) {
    Outcome<master::TokenIssued> const body = expect_body<master::TokenIssued>(answer);
    if (!body) return inbox_.post(master::SourceAsked{request, unexpected(body.error())});
    master::SourceFacts facts;
    facts.prefix = answer->identity.channel_prefix;
    facts.endpoints = answer->endpoints;
    facts.lineage = answer->lineage;
    facts.queue.endpoints = answer->endpoints;
    facts.queue.client_token = body->token.value();
    facts.queue.ca_certificate = answer->identity.tls_ca_certificate;
    facts.token_lifetime = body->lifetime;
    inbox_.post(master::SourceAsked{request, std::move(facts)});
  });
}

void SimRemoteMasters::perform(master::AskLineage const& effect) {
  // Any call that changes nothing brings the lineage along; this one is turned down by whoever leads.
  auto make = [](master::CallId call) { return master::Command{master::RenewToken{call, Token()}}; };
  caller_.call(effect.source.endpoints, make, [this, request = effect.request](Outcome<MasterAnswer> answer) {
    if (!answer) return inbox_.post(master::LineageAnswered{request, unexpected(answer.error())});
    inbox_.post(master::LineageAnswered{request, answer->lineage});
  });
}

void SimRemoteMasters::perform(master::RaiseBarrier const& effect) {
  auto make = [effect](master::CallId call) {
    return master::Command{master::RaiseOutgoingBarrier{call, effect.id, effect.order}};
  };
  caller_.call(effect.source.endpoints, make, [this, request = effect.request](Outcome<MasterAnswer> answer) {
    inbox_.post(master::BarrierAsked{request, expect_body<sync::BarrierState>(answer)});
  });
}

void SimRemoteMasters::perform(master::LowerBarrier const& effect) {
  call_for_done(effect.request, effect.source.endpoints, [effect](master::CallId call) {
    return master::Command{master::LowerOutgoingBarrier{call, effect.id, effect.order}};
  });
}

void SimRemoteMasters::perform(master::AnnounceOutgoing const& effect) {
  auto make = [effect](master::CallId call) {
    return master::Command{
        master::AcceptOutgoing{call, effect.id, effect.target, effect.inventory, effect.queue, effect.order}};
  };
  caller_.call(effect.source.endpoints, make, [this, request = effect.request](Outcome<MasterAnswer> answer) {
    Outcome<master::OutgoingAccepted> const body = expect_body<master::OutgoingAccepted>(answer);
    if (!body) return inbox_.post(master::OutgoingAnnounced{request, unexpected(body.error())});
    inbox_.post(master::OutgoingAnnounced{request, body->queue});
  });
}

void SimRemoteMasters::call_for_done(RequestId request, std::vector<Url> const& endpoints, MakeCall make) {
  caller_.call(endpoints, std::move(make), [this, request](Outcome<MasterAnswer> answer) {
    inbox_.post(master::RemoteDone{request, expect_body<Done>(answer)});
  });
}

void SimRemoteMasters::perform(master::WithdrawOutgoing const& effect) {
  call_for_done(effect.request, effect.source.endpoints, [effect](master::CallId call) {
    return master::Command{master::RemoveOutgoing{call, effect.id, effect.mode, effect.order}};
  });
}

void SimRemoteMasters::perform(master::AnnounceShard const& effect) {
  call_for_done(effect.request, effect.source.endpoints, [effect](master::CallId call) {
    return master::Command{master::StartOutgoingShard{call, effect.id, effect.shard, effect.channels, effect.order}};
  });
}

void SimRemoteMasters::perform(master::WithdrawShard const& effect) {
  call_for_done(effect.request, effect.source.endpoints, [effect](master::CallId call) {
    return master::Command{master::StopOutgoingShard{call, effect.id, effect.shard, effect.order}};
  });
}

void SimRemoteMasters::perform(master::RenewRemoteToken const& effect) {
  auto make = [token = Token(effect.remote.authentication.client_token)](master::CallId call) {
    return master::Command{master::RenewToken{call, token}};
  };
  caller_.call(effect.remote.endpoints, make, [this, request = effect.request](Outcome<MasterAnswer> answer) {
    Outcome<master::TokenIssued> const body = expect_body<master::TokenIssued>(answer);
    if (!body) return inbox_.post(master::RemoteTokenRenewed{request, unexpected(body.error())});
    inbox_.post(master::RemoteTokenRenewed{request, std::make_pair(body->token, body->lifetime)});
  });
}

}  // namespace arangosync::sim
