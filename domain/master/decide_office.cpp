// The office itself: what is loaded and kept when a leadership begins, and the timers that keep it in order.
#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/master/decide.h"
#include "domain/master/timers.h"

#include <algorithm>
#include <set>
#include <utility>

namespace arangosync::master {

namespace {

constexpr std::size_t tokens_per_decision_max = 200;

/// Tokens are looked at often enough that none is noticed late, however short their life is set.
Duration token_check_period(Duration lifetime) {
  return std::clamp<Duration>(lifetime / 8, std::chrono::milliseconds(500), std::chrono::seconds(30));
}

/// What has to be put right in the agency, too.
struct Repairs {
  std::vector<TaskId> dropped;  ///< tasks
  std::vector<TaskId> moved;    ///< tasks, to another worker
};

/// Of two workers at one endpoint only one can live. It may be either: what the other one has goes to nobody else
/// before that registration is over or replaced. Returns the tasks that were given to another.
std::vector<TaskId> drop_doubles(Persisted& persisted) {
  std::vector<TaskId> moved;
  std::map<Url, WorkerId> kept;
  std::map<WorkerId, WorkerId> stands_for;
  for (auto entry = persisted.workers.begin(); entry != persisted.workers.end();) {
    auto const [first, is_new] = kept.emplace(entry->second.endpoint, entry->first);
    if (!is_new) stands_for.emplace(entry->first, first->second);
    entry = is_new ? std::next(entry) : persisted.workers.erase(entry);
  }
  for (auto& [id, task] : persisted.tasks) {
    if (!task.assignment) continue;
    auto const other = stands_for.find(task.assignment->worker);
    if (other == stands_for.end()) continue;
    task.assignment->worker = other->second;
    moved.push_back(id);
  }
  return moved;
}

/// Drops what does not fit together (a foreign or older writer): a task whose synchronization or shard is not there, a
/// second task for the same purpose, one that hears nothing (the original's inventory has no control channel). It would
/// have nobody to talk to.
Persisted fitting(Persisted persisted, Repairs& repairs) {
  if (persisted.incoming && persisted.incoming->status == sync::Status::Inactive) persisted.incoming.reset();
  repairs.moved = drop_doubles(persisted);
  sync::State const sync =
      sync::restored(persisted.cluster_id, persisted.incoming, persisted.outgoing, false, Instant{});
  std::set<task::Purpose> seen;
  for (auto entry = persisted.tasks.begin(); entry != persisted.tasks.end();) {
    task::Spec const& spec = entry->second.spec;
    bool const has_partner = sync::status_of(sync, spec.target).has_value();
    bool const has_shard = !spec.shard || sync::find(sync, spec.target, *spec.shard) != nullptr;
    bool const hears = !spec.channels.data.value().empty() && !spec.channels.control.value().empty();
    bool const fits = has_partner && has_shard && hears && seen.insert(task::purpose_of(spec)).second;
    if (!fits) repairs.dropped.push_back(entry->first);
    entry = fits ? std::next(entry) : persisted.tasks.erase(entry);
  }
  return persisted;
}

/// A source that has accepted an inventory nobody receives any more is told of another one.
void forget_lost_inventory(Script& script) {
  Office const& office = script.current_office();
  auto const& incoming = office.sync.incoming;
  bool const is_known = incoming && sync::is_active(incoming->status) && incoming->announced;
  if (!is_known || task::find(office.tasks, task::Purpose{}) != nullptr) return;
  script.write(sync::SourceForgot{});
}

/// A shard that lost its task would wait for ever: give it one.
void complete_shards(Script& script) {
  std::vector<std::pair<sync::Partner, sync::ShardEntry>> bare;
  Office const& office = script.current_office();
  auto const look = [&](sync::Partner const& partner) {
    for (auto const& [shard, entry] : *sync::shards_of(office.sync, partner)) {
      bool const is_bare = task::find(office.tasks, task::Purpose{partner, shard}) == nullptr;
      if (is_bare && !sync::is_cancelled(office.sync, partner, shard)) bare.emplace_back(partner, entry);
    }
  };
  if (office.sync.incoming) look(std::nullopt);
  for (auto const& [id, outgoing] : office.sync.outgoing) look(id);
  for (auto const& [partner, entry] : bare) {
    auto const kind = partner ? task::Kind::SendShard : task::Kind::ReceiveShard;
    create_task(script, task::Spec{kind, false, entry.channels, partner, entry.shard});
  }
}

/// Cancelled targets and shards whose last task is gone already: nothing else would end them.
void finish_cancelled(Script& script) {
  Office const& office = script.current_office();
  std::vector<ClusterId> targets;
  std::vector<sync::ShardRemoved> shards;
  for (auto const& [id, outgoing] : office.sync.outgoing) {
    if (outgoing.status == sync::Status::Cancelling) {
      if (!leaves_a_mode(outgoing) && !task::has_tasks(office.tasks, id)) targets.push_back(id);
      continue;
    }
    for (auto const& [shard, entry] : outgoing.shards) {
      bool const has_task = task::find(office.tasks, task::Purpose{id, shard}) != nullptr;
      if (entry.status == sync::Status::Cancelling && !has_task) shards.push_back({id, shard, std::nullopt});
    }
  }
  for (auto const& gone : shards) script.write(gone);
  for (ClusterId const& gone : targets) remove_outgoing(script, gone);
}

Decision expire_workers(Script script) {
  auto const gone = membership::expired(script.office().members, script.at());
  for (WorkerId const& worker : gone) script.write(membership::WorkerLeft{worker, membership::Farewell::Expired});
  if (!gone.empty()) settle_tasks(script);
  auto const next = membership::next_expiry(script.known_office().members);
  if (next) script.write(ExpiryCheckDue{*next});
  return std::move(script).done();
}

/// The source must be able to read our queue: it lost its token if that has expired, so it is given a new one.
void give_own_token(Script& script) {
  auto const& incoming = script.current_office().sync.incoming;
  bool const is_due = incoming && sync::is_active(incoming->status) && !incoming->remote_queue.endpoints.empty();
  if (!is_due || access::is_valid(script.current_office().tokens, incoming->own_token, script.wall())) return;
  DC_MARK("master.token.replaced");
  Token const token = issue_token(script, access::Holder{std::nullopt});
  script.write(sync::OwnTokenGiven{token});
}

Decision check_tokens(Script script) {
  auto gone = access::expired(script.office().tokens, script.wall(), tokens_per_decision_max);
  bool const has_more = gone.size() == tokens_per_decision_max;
  if (!gone.empty()) script.write(access::TokensExpired{std::move(gone)});
  for (auto const& [partner, due] : script.office().sync.renew_at) {
    bool const is_open = script.office().sync.renewing.count(partner) > 0;
    if (due <= script.at() && !is_open) script.write(sync::RemoteTokenDue{partner});
  }
  give_own_token(script);
  Duration const period = token_check_period(script.before().identity.token_lifetime);
  script.write(TokenCheckDue{has_more ? script.at() : script.at() + period});
  return std::move(script).done();
}

Decision abort_withdrawal(Script script) {
  sync::State const& sync = script.office().sync;
  bool const is_due = sync.incoming && sync.incoming->cancellation && sync.abort_at && *sync.abort_at <= script.at();
  if (!is_due) return std::move(script).done();
  DC_MARK("master.stop.aborted");
  script.write(sync::SourceLeft{false});
  return std::move(script).done();
}

}  // namespace

Decision decide_office_timer(Script script, TimerName const& timer) {
  if (timer == timers::errands()) {
    // Also when none is due any more: that sets the timer for the next one.
    if (!script.office().errands.waiting.empty()) script.write(ErrandsDue{script.at()});
    return std::move(script).done();
  }
  if (timer == timers::workers()) return expire_workers(std::move(script));
  if (timer == timers::tokens()) return check_tokens(std::move(script));
  if (timer == timers::abort()) return abort_withdrawal(std::move(script));
  if (timer == timers::survey()) script.write(SurveyDue{script.at()});
  if (timer == timers::lineage()) script.write(sync::LineageDue{});
  if (timer == timers::barrier()) return watch_barriers(std::move(script));
  if (timer == timers::housekeeping()) {
    if (settle_tasks(script)) rearrange(script);
    begin_reigns(script, script.current_office().plan_version);
  }
  return std::move(script).done();
}

namespace {

/// Whoever led before may have been the only master that the source knows of.
void tell_source_again(Script& script) {
  auto const& incoming = script.current_office().sync.incoming;
  if (!incoming || !incoming->announced || !sync::is_active(incoming->status)) return;
  Token const token = incoming->own_token;
  script.write(sync::OwnTokenGiven{token});
}

}  // namespace

Decision decide(Script script, StateLoaded const& command) {
  auto const answer = answer_of(script, command.request, ErrandKind::LoadState);
  if (!answer) return stale();
  if (!command.outcome) return failed(std::move(script), *answer, command.outcome.error());
  Repairs repairs;
  script.write(StateTaken{fitting(*command.outcome, repairs), script.at()});
  script.write(LeadershipBegun{script.office().term});
  for (TaskId const& task : repairs.dropped) script.write(task::TaskRemoved{task});
  for (TaskId const& id : repairs.moved) {
    task::Task const* const task = task::find(script.current_office().tasks, id);
    if (task != nullptr) script.write(task::TaskAssigned{id, task::Assignment(*task->assignment)});
  }
  forget_lost_inventory(script);
  complete_shards(script);
  finish_cancelled(script);
  settle_tasks(script);
  tell_source_again(script);
  script.write(sync::LineageDue{});
  script.write(TokenCheckDue{script.at() + limits::retry_min});
  auto const next = membership::next_expiry(script.current_office().members);
  if (next) script.write(ExpiryCheckDue{*next});
  return answered(std::move(script), *answer);
}

Decision decide(Script script, WorkerCaMade const& command) {
  auto const answer = answer_of(script, command.request, ErrandKind::MakeWorkerCa);
  if (!answer) return stale();
  if (!command.outcome) return failed(std::move(script), *answer, command.outcome.error());
  script.write(WorkerCaKept{*command.outcome});
  return answered(std::move(script), *answer);
}

namespace {

/// Whether the plan has changed while nobody looked for so long that a shard's leader may have gone and returned.
bool has_missed_plan(Script const& script, std::uint64_t version) {
  Office const& office = script.office();
  // What this leader has seen is not missed, though the reigns of so many tasks may not all be saved yet.
  std::uint64_t const known = office.plan.at ? office.plan_version : office.plan.seen;
  if (version == known) return false;
  bool const was_looked_at = office.plan.at && script.at() - *office.plan.at <= timers::survey_gap_max;
  if (was_looked_at) return false;
  auto const& tasks = office.tasks.tasks;
  return std::any_of(tasks.begin(), tasks.end(), [](auto const& entry) {
    return entry.second.assignment && entry.second.assignment->reign.number != 0;
  });
}

void take_landscape(Script& script, Survey const& survey) {
  if (has_missed_plan(script, survey.version)) {
    DC_MARK("master.plan.missed");
    script.write(PlanMissed{});
  }
  if (survey.landscape) {
    script.write(task::LandscapeSeen{*survey.landscape});
    rearrange(script);
  }
  if (survey.landscape || survey.version != script.office().plan.seen) begin_reigns(script, survey.version);
}

}  // namespace

Decision decide(Script script, LandscapeRead const& command) {
  auto const answer = answer_of(script, command.request, ErrandKind::Survey);
  if (!answer) return stale();
  if (!command.outcome) return failed(std::move(script), *answer, command.outcome.error());
  take_landscape(script, *command.outcome);
  bool const has_right_mode = look_at_mode(script, answer->attempt, command.outcome->is_read_only);
  script.write(SurveyTaken{command.outcome->version, script.at(), has_right_mode});
  return answered(std::move(script), *answer);
}

Decision decide(Script script, SetMessageTimeout const& command) {
  if (command.timeout <= Duration{0}) return refuse(RefusalKind::BadRequest, "messageTimeout must be greater than 0");
  if (command.timeout != script.office().message_timeout) script.write(MessageTimeoutSet{command.timeout});
  return reply(std::move(script), command.call, Done{});
}

}  // namespace arangosync::master
