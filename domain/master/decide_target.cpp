// This datacenter receives: configuring, talking to the source, stopping.
#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/master/decide.h"
#include "domain/master/view.h"
#include "domain/sync/endpoints.h"

#include <utility>

namespace arangosync::master {

namespace {

constexpr std::size_t lineage_max = 100;
constexpr Duration force_timeout_default = std::chrono::seconds(10);

/// Addresses by which this datacenter itself is reached.
std::vector<Url> own_addresses(State const& state) {
  std::vector<Url> own = sync::merged(public_endpoints(state), {state.identity.internal_endpoint});
  for (auto const& [id, master] : state.masters) own = sync::merged(own, {master.endpoint});
  return sync::origins_of(own);
}

std::optional<std::string> fault_of(State const& state, ConfigureSync const& command) {
  if (command.source.empty()) return "source missing";
  for (Url const& url : command.source) {
    if (!sync::origin_of(url)) return "Invalid source: " + url.value();
  }
  if (command.authentication.client_certificate.empty()) return "clientCertificate missing";
  if (command.authentication.client_key.empty()) return "clientKey missing";
  if (command.authentication.ca_certificate.empty()) return "caCertificate missing";
  if (sync::intersect(sync::origins_of(command.source), own_addresses(state))) {
    return "Invalid source: " + sync::joined(command.source) + " is this datacenter itself";
  }
  return std::nullopt;
}

Decision reconfigure(Script script, ConfigureSync const& command, sync::Incoming const& incoming) {
  std::vector<Url> const source = sync::origins_of(command.source);
  if (incoming.status == sync::Status::Cancelling) {
    return refuse(RefusalKind::Precondition, "the synchronization is being cancelled, wait until it is inactive");
  }
  if (!sync::intersect(sync::origins_of(incoming.source), source)) {
    return refuse(RefusalKind::Precondition,
                  "already configured with source " + sync::joined(incoming.source) + ", stop it first");
  }
  std::vector<Url> const all = sync::merged(incoming.source, source);
  if (all != incoming.source || command.authentication != incoming.authentication) {
    script.write(sync::IncomingReconfigured{all, command.authentication});
  }
  return reply(std::move(script), command.call, Done{});
}

/// Why a source with this lineage cannot be ours: it is, or receives from, this datacenter or one that we send to.
std::optional<std::string> circle_of(sync::State const& sync, std::vector<ClusterId> const& lineage) {
  for (std::size_t distance = 0; distance < lineage.size(); ++distance) {
    ClusterId const& id = lineage[distance];
    std::string const where = distance == 0 ? "the source is " : "the source receives, directly or not, from ";
    if (id == sync.cluster_id) return where + "this datacenter itself (cluster id " + id.value() + ")";
    if (sync.outgoing.count(id) > 0) {
      return where + "a target of this datacenter (cluster id " + id.value() + "): data would run in a circle";
    }
  }
  return std::nullopt;
}

/// Nothing is copied any more; the operator has to stop it.
void fail(Script& script, std::string const& why) {
  script.write(sync::IncomingFailed{why});
  settle_tasks(script);
}

std::vector<ClusterId> shortened(std::vector<ClusterId> lineage) {
  if (lineage.size() > lineage_max) lineage.resize(lineage_max);
  return lineage;
}

SyncStopping stopping_reply(sync::State const& sync) {
  SyncStopping body;
  body.cluster_id = sync.cluster_id;
  if (!sync.incoming) {
    body.aborted = sync.cancellation_aborted;
    body.message = body.aborted ? "inactive, but the source could not be told" : "inactive";
    return body;
  }
  body.cancelling = true;
  body.source = sync.incoming->source;
  body.message = "cancelling";
  return body;
}

}  // namespace

Decision decide(Script script, ConfigureSync const& command) {
  if (auto const fault = fault_of(script.before(), command)) return refuse(RefusalKind::BadRequest, *fault);
  sync::State const& sync = script.office().sync;
  if (sync.incoming) return reconfigure(std::move(script), command, *sync.incoming);
  for (auto const& [id, outgoing] : sync.outgoing) {
    if (!outgoing.barrier) continue;
    return refuse(RefusalKind::Precondition, "this datacenter is held read-only for its target " + id.value() +
                                                 ", which is being stopped: try again when it is gone");
  }
  if (sync.cluster_id.value().empty()) script.write(sync::ClusterIdDrawn{ClusterId(script.draw().alphanumeric(20))});
  begin_life(script);
  script.write(sync::IncomingConfigured{sync::origins_of(command.source), command.authentication});
  return reply(std::move(script), command.call, Done{});
}

Decision decide(Script script, SourceAsked const& command) {
  auto const answer = answer_of(script, command.request, ErrandKind::AskSource);
  if (!answer) return stale();
  if (!command.outcome) return failed(std::move(script), *answer, command.outcome.error());
  SourceFacts const& facts = *command.outcome;
  sync::Incoming const& incoming = *script.office().sync.incoming;
  if (sync::intersect(sync::origins_of(facts.endpoints), own_addresses(script.before()))) {
    DC_MARK("master.source.is_self");
    fail(script, "the source " + sync::joined(incoming.source) + " is this datacenter itself");
    return answered(std::move(script), *answer);
  }
  if (auto const circle = circle_of(script.office().sync, facts.lineage)) {
    DC_MARK("master.source.circle");
    fail(script, *circle);
    return answered(std::move(script), *answer);
  }
  sync::SourceLearned learned;
  learned.source_prefix = facts.prefix;
  learned.target_prefix = script.before().identity.channel_prefix;
  learned.lineage = shortened(facts.lineage);
  learned.source = sync::merged(incoming.source, sync::origins_of(facts.endpoints));
  learned.queue = facts.queue;
  learned.token_expires = script.wall() + facts.token_lifetime;
  learned.renew_at = renewal_of(script, facts.token_lifetime);
  // The source names those of its masters that it knows at this moment; the operator may have named more. Any of them
  // passes reads of its queue on, so a worker that starts later must not depend on the one that answered now.
  learned.queue.endpoints = sync::merged(sync::origins_of(facts.queue.endpoints), learned.source);
  // The source may have lost its token as we lost ours; a fresh one makes both directions work again. It comes first:
  // with what was learned begins the announcement that names it.
  Token const token = issue_token(script, access::Holder{std::nullopt});
  script.write(sync::OwnTokenGiven{token});
  script.write(learned);
  script.write(sync::LineageTaken{script.at()});
  return answered(std::move(script), *answer);
}

Decision decide(Script script, LineageAnswered const& command) {
  auto const answer = answer_of(script, command.request, ErrandKind::Lineage);
  if (!answer) return stale();
  // A source that cannot tell (an original) is taken for one that receives from nobody.
  bool const cannot_tell = !command.outcome && command.outcome.error().fault_class == FaultClass::NotFound;
  if (!command.outcome && !cannot_tell) return failed(std::move(script), *answer, command.outcome.error());
  std::vector<ClusterId> const lineage = command.outcome ? shortened(*command.outcome) : std::vector<ClusterId>{};
  script.write(sync::LineageTaken{script.at()});
  if (auto const circle = circle_of(script.office().sync, lineage)) {
    // Somebody has closed the circle after we began. No story can: it would have copied onto its own origin before.
    fail(script, *circle);
  } else if (lineage != script.office().sync.incoming->lineage) {
    script.write(sync::LineageLearned{lineage});
  }
  return answered(std::move(script), *answer);
}

Decision decide(Script script, OutgoingAnnounced const& command) {
  auto const answer = answer_of(script, command.request, ErrandKind::Outgoing);
  if (!answer || answer->attempt.want != Want::Do) return stale();
  if (!command.outcome) {
    // The source has heard newer orders of ours than we know of: our agency is an older one, brought back.
    if (command.outcome.error().fault_class == FaultClass::Refresh) begin_life(script);
    return failed(std::move(script), *answer, command.outcome.error());
  }
  bool const is_still_wanted = still_holds(script, *answer);
  if (!is_still_wanted) return answered(std::move(script), *answer);
  script.write(sync::SourceAccepted{});
  // The token that came with the source's queue may be dead by now: it dies with our former synchronization, if the
  // source was still forgetting that one when it was asked (simulation seed 64).
  Token const token(command.outcome->client_token);
  bool const is_new = token.value() != script.office().sync.incoming->remote_queue.client_token;
  if (is_new && !token.value().empty()) {
    Duration const lifetime = script.before().identity.token_lifetime;
    script.write(sync::RemoteTokenKept{std::nullopt, token, script.wall() + lifetime, renewal_of(script, lifetime)});
  }
  return answered(std::move(script), *answer);
}

namespace {

void withdrawn_from_source(Script& script) { script.write(sync::SourceLeft{true}); }

/// What the source does not know needs no withdrawal; nor does what a newer life of ours has taken over there.
bool is_gone_already(Errand const& errand, Fault const& fault) {
  bool const is_overtaken = fault.fault_class == FaultClass::Refresh && errand.kind != ErrandKind::Shard;
  return fault.fault_class == FaultClass::NotFound || is_overtaken;
}

/// It has accepted us, and now it does not know whose shard this is.
void source_may_have_forgotten(Script& script, Answer const& answer, Fault const& fault) {
  bool const is_starting = answer.errand.kind == ErrandKind::Shard && answer.attempt.want == Want::Do;
  if (!is_starting || fault.fault_class != FaultClass::NotFound || !still_holds(script, answer)) return;
  script.write(sync::SourceForgot{});
}

void shard_announced(Script& script, ShardRef const& shard) {
  sync::State const& sync = script.office().sync;
  sync::Status status = sync::Status::InitialSync;
  auto const report = sync.reports.find({std::nullopt, shard});
  bool const has_report = report != sync.reports.end();
  if (has_report && report->second.status == sync::Status::Failed) status = sync::Status::Failed;
  if (has_report && report->second.status == sync::Status::Running) status = sync::Status::Running;
  script.write(sync::ShardStatusReached{std::nullopt, shard, status});
  if (status != sync::Status::Running) return;
  Tally tally = tally_of(script.office(), std::nullopt);
  ++tally.running;
  reach_running(script, std::nullopt, tally);
}

void shard_withdrawn(Script& script, ShardRef const& shard) {
  bool const has_task = task::find(script.office().tasks, task::Purpose{std::nullopt, shard}) != nullptr;
  auto const ending = has_task ? std::nullopt : ending_of(script.office(), shard);
  script.write(sync::ShardWithdrawn{shard});
  if (ending) finish_incoming_shard(script, shard, *ending);
}

}  // namespace

Decision decide(Script script, RemoteDone const& command) {
  auto answer = answer_of(script, command.request, ErrandKind::Shard);
  if (!answer) answer = answer_of(script, command.request, ErrandKind::Outgoing);
  if (!answer) answer = answer_of(script, command.request, ErrandKind::Barrier);
  if (!answer) return stale();
  bool const was_undoing = answer->attempt.want == Want::Undo;
  bool const is_done = command.outcome || (was_undoing && is_gone_already(answer->errand, command.outcome.error()));
  if (!is_done) {
    source_may_have_forgotten(script, *answer, command.outcome.error());
    return failed(std::move(script), *answer, command.outcome.error());
  }
  bool const is_still_wanted = still_holds(script, *answer);
  if (!is_still_wanted) return answered(std::move(script), *answer);
  if (answer->errand.kind == ErrandKind::Barrier) {
    if (was_undoing) script.write(sync::BarrierWished{sync::BarrierWish::None, std::nullopt});
  } else if (answer->errand.kind == ErrandKind::Outgoing) {
    if (was_undoing) withdrawn_from_source(script);
  } else if (was_undoing) {
    shard_withdrawn(script, answer->errand.shard);
  } else {
    shard_announced(script, answer->errand.shard);
  }
  return answered(std::move(script), *answer);
}

Decision decide(Script script, StopSync const& command) {
  sync::State const& sync = script.office().sync;
  if (!sync.incoming) return reply(std::move(script), command.call, stopping_reply(sync));
  sync::Incoming const& incoming = *sync.incoming;
  auto cancellation = incoming.cancellation.value_or(sync::Cancellation{});
  bool const is_first = !incoming.cancellation;
  bool const escalates = command.force && !cancellation.force;
  if (is_first || escalates) {
    if (is_first || command.source_mode) cancellation.source_mode = command.source_mode;
    if (is_first || command.target_mode) cancellation.target_mode = command.target_mode;
    cancellation.force = cancellation.force || command.force;
    if (command.force) {
      cancellation.force_timeout = command.force_timeout > Duration{0} ? command.force_timeout : force_timeout_default;
    }
    // A source that never heard of us needs no telling. That it is to be told of us again says nothing.
    bool const has_task = task::find(script.office().tasks, task::Purpose{}) != nullptr;
    bool const may_have_run = incoming.status == sync::Status::Failed && !incoming.remote_queue.endpoints.empty();
    bool const is_unknown = !has_task && !incoming.announced && !may_have_run;
    if (is_first && is_unknown) cancellation.source_told = true;
    std::optional<Instant> abort_at;
    bool const is_settled = cancellation.source_told || cancellation.aborted;
    if (cancellation.force && !is_settled) abort_at = script.at() + cancellation.force_timeout;
    script.write(sync::IncomingCancelled{cancellation, abort_at});
    settle_tasks(script);
  }
  return reply(std::move(script), command.call, stopping_reply(script.current_office().sync));
}

}  // namespace arangosync::master
