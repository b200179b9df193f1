#include "domain/master/flow.h"

#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/master/timers.h"
#include "domain/master/view.h"
#include "domain/task/placement.h"

#include <algorithm>
#include <set>

namespace arangosync::master {

namespace {

constexpr std::size_t tasks_per_decision_max = 200;
constexpr std::size_t moves_per_decision_max = 500;
constexpr std::size_t reigns_per_decision_max = 400;
constexpr std::uint64_t reign_step_max = std::uint64_t{1} << 40U;

Duration back_off(Script& script, std::uint32_t failures) {
  Duration const full = std::min(limits::retry_max, limits::retry_min * (std::int64_t{1} << std::min(failures, 10u)));
  auto const half = static_cast<std::uint64_t>(full.count() / 2);
  return Duration(static_cast<std::int64_t>(half + script.draw().below(half + 1)));
}

bool has_other_tasks(task::State const& tasks, sync::Partner const& partner, TaskId const& except) {
  auto entry = tasks.by_purpose.lower_bound(task::Purpose{partner, std::nullopt});
  for (; entry != tasks.by_purpose.end() && entry->first.target == partner; ++entry) {
    if (entry->second != except) return true;
  }
  return false;
}

}  // namespace

Office const& Script::office() const {
  DC_ASSERT(before_->office.has_value());
  return *before_->office;
}

State const& Script::current() {
  if (!current_) {
    current_ = *before_;
    for (Event const& event : events_) current_ = evolve(std::move(*current_), event);
  }
  return *current_;
}

Office const& Script::current_office() {
  // Without a word written the state before is current: no copy.
  if (events_.empty()) return office();
  DC_ASSERT(current().office.has_value());
  return *current().office;
}

Office const& Script::known_office() const { return current_ ? *current_->office : office(); }

namespace {

/// Some datacenter has none of its tasks left.
bool leaves_no_tasks(task::State const& tasks, std::set<TaskId> const& removed) {
  auto const is_last = [&](TaskId const& id) {
    task::Task const* const task = task::find(tasks, id);
    if (task == nullptr) return false;
    sync::Partner const& partner = task->spec.target;
    auto entry = tasks.by_purpose.lower_bound(task::Purpose{partner, std::nullopt});
    while (entry != tasks.by_purpose.end() && entry->first.target == partner && removed.count(entry->second) > 0) {
      ++entry;
    }
    return entry == tasks.by_purpose.end() || entry->first.target != partner;
  };
  return std::any_of(removed.begin(), removed.end(), is_last);
}

/// Whoever wished the cluster read-only may not do so any more: by nothing else does a wish end.
bool may_end_a_wish(Office const& before, std::vector<Event> const& events) {
  std::set<TaskId> removed;
  for (Event const& event : events) {
    if (auto const* office = std::get_if<OfficeEvent>(&event)) {
      if (std::holds_alternative<StateTaken>(*office)) return true;
    }
    if (std::holds_alternative<sync::IncomingEvent>(event)) return true;
    if (std::holds_alternative<sync::OutgoingEvent>(event)) return true;
    auto const* const task = std::get_if<task::Event>(&event);
    if (task == nullptr) continue;
    if (auto const* gone = std::get_if<task::TaskRemoved>(task)) removed.insert(gone->task);
  }
  return leaves_no_tasks(before.tasks, removed);
}

}  // namespace

/// When the last who wished read-only has gone while a call for it may be late, the next leader has to know.
void Script::note_doubt() {
  if (!before_->office || before_->office->mode.is_doubted) return;
  bool const is_sure = before_->office->loaded && !may_come_read_only(*before_->office);
  if (is_sure || !may_end_a_wish(*before_->office, events_)) return;
  auto const& after = current().office;
  if (!after || !after->loaded || after->mode.is_doubted) return;
  if (!may_come_read_only(*after) || mode_wish(*after).is_read_only) return;
  DC_MARK("master.mode.doubted");
  write(ModeDoubted{true});
}

Decision Script::done() && {
  note_doubt();
  return std::move(events_);
}

RequestId Script::next_request() { return events_.empty() ? before_->next_request : current().next_request; }

std::optional<Answer> answer_of(Script const& script, RequestId request, ErrandKind kind) {
  if (!script.before().office) return std::nullopt;
  Errands const& errands = script.office().errands;
  auto const errand = errands.under_way.find(request);
  if (errand == errands.under_way.end() || errand->second.kind != kind) return std::nullopt;
  return Answer{errand->second, errands.open.at(errand->second)};
}

bool still_holds(Script const& script, Answer const& answer) {
  return !answer.attempt.outdated && want(script.office(), answer.errand) == answer.attempt.want;
}

Decision answered(Script script, Answer const& answer) {
  script.write(ErrandAnswered{answer.errand, answer.attempt.request});
  return std::move(script).done();
}

Decision failed(Script script, Answer const& answer, Fault const& fault) {
  Duration const pause = back_off(script, answer.attempt.failures);
  script.write(ErrandFailed{answer.errand, script.at() + pause, fault.message});
  return std::move(script).done();
}

Decision reply(Script script, CallId call, ReplyBody body) {
  script.write(CallAnswered{call, std::move(body)});
  return std::move(script).done();
}

// ------------------------------------------------------------------------------------------------------------ tasks

namespace {

/// The recorded one if it lasts, as far as is known; else the next.
Reign reign_of(Script& script, Office const& office, task::Task const& task) {
  Reign const recorded = task.assignment ? task.assignment->reign : Reign{};
  ServerId const* const planned = task::cohort_of(office.tasks, task.spec);
  ServerId const& leader = planned != nullptr ? *planned : recorded.leader;
  bool const lasts = leader == recorded.leader && office.plan.to_be_begun.count(task.id) == 0;
  if (lasts || leader.value().empty()) return recorded;
  return Reign{leader, recorded.number + 1 + script.draw().below(reign_step_max)};
}

}  // namespace

void assign(Script& script, task::Task const& task, WorkerId const& worker) {
  std::uint32_t const counter = task.assignment ? task.assignment->counter : 0;
  Reign const reign = reign_of(script, script.known_office(), task);
  script.write(task::TaskAssigned{task.id, task::Assignment{worker, script.wall(), counter + 1, reign}});
}

void begin_reigns(Script& script, std::uint64_t version) {
  std::vector<task::ReignBegun> begun;
  Office const& office = script.current_office();
  bool const is_new_to_us = version != 0 && version != office.plan.seen && !office.sync.outgoing.empty();
  for (auto const& [id, task] : office.tasks.tasks) {
    if (!task.assignment || task.cancelled) continue;
    Reign const reign = reign_of(script, office, task);
    if (reign == task.assignment->reign) continue;
    begun.push_back({id, reign});
    if (begun.size() == reigns_per_decision_max) break;
  }
  for (task::ReignBegun const& each : begun) script.write(each);
  if (begun.size() == reigns_per_decision_max) {
    script.write(HousekeepingDue{script.at()});
  } else if (is_new_to_us) {
    // Not sooner: whoever takes over in the middle has to begin them all.
    script.write(PlanSeen{version});
  }
}

void create_task(Script& script, task::Spec spec) {
  task::Task task;
  task.id = TaskId(script.draw().alphanumeric(16));
  task.spec = std::move(spec);
  if (auto const found = task::place_for(script.known_office().tasks, task.spec)) {
    if (found->home_of) script.write(task::CohortHomed{*found->home_of, found->worker});
    Reign const reign = reign_of(script, script.known_office(), task);
    task.assignment = task::Assignment{found->worker, script.wall(), 1, reign};
  }
  script.write(task::TaskCreated{std::move(task)});
}

void place(Script& script, task::Task const& task, std::optional<WorkerId> const& except) {
  auto const found = task::place_for(script.known_office().tasks, task.spec, except);
  if (!found) return;
  if (found->home_of) script.write(task::CohortHomed{*found->home_of, found->worker});
  assign(script, task, found->worker);
}

void rearrange(Script& script) {
  Office const& office = script.current_office();
  // What is being stopped stays where it is, and keeps nothing else from moving.
  auto const may_move = [&](task::Task const& task) { return !is_cancelled(office, task); };
  task::Rearrangement const wanted = task::rearranged(office.tasks, moves_per_decision_max, may_move);
  for (task::CohortHomed const& homed : wanted.homes) script.write(homed);
  for (task::TaskMoveBegun const& move : wanted.moves) script.write(move);
  if (!wanted.is_complete) script.write(HousekeepingDue{script.at()});
}

void remove_task(Script& script, task::Task const& task) {
  // Everything is looked up before the event is written: usually that needs no copy of the state.
  Office const& office = script.current_office();
  sync::Partner const partner = task.spec.target;
  std::optional<ShardRef> const shard = task.spec.shard;
  bool const is_last = !has_other_tasks(office.tasks, partner, task.id);
  bool const is_ending = sync::status_of(office.sync, partner) == sync::Status::Cancelling;
  bool const is_withdrawn = shard && !partner && office.sync.withdrawn.count(*shard) > 0;
  bool const needs_mode = partner && leaves_a_mode(office.sync.outgoing.at(*partner));
  auto const ending = is_withdrawn ? ending_of(office, *shard) : std::nullopt;
  script.write(task::TaskRemoved{task.id});
  if (is_ending) {
    if (partner && is_last && !needs_mode) remove_outgoing(script, *partner);
    return;
  }
  if (shard && partner) script.write(sync::ShardRemoved{partner, *shard, std::nullopt});
  if (ending) finish_incoming_shard(script, *shard, *ending);
}

bool settle_tasks(Script& script) {
  // A pass may remove many tasks, each of which may be the last of its synchronization: work on the current state.
  std::size_t changed = 0;
  for (TaskId const& id : task::next_homeless(script.current_office().tasks, SIZE_MAX)) {
    task::Task const* const found = task::find(script.current_office().tasks, id);
    if (found == nullptr) continue;
    task::Task const task = *found;
    bool const is_stopping = is_cancelled(script.current_office(), task);
    bool const has_workers = !script.current_office().tasks.load.empty();
    if (!is_stopping && !has_workers) continue;
    if (changed == tasks_per_decision_max) {
      DC_MARK("master.housekeeping.continued");
      script.write(HousekeepingDue{script.at()});
      return false;
    }
    ++changed;
    if (is_stopping) {
      remove_task(script, task);
    } else {
      place(script, task);
    }
  }
  return true;
}

// ----------------------------------------------------------------------------------------------------------- shards

ChannelName draw_channel(Script& script, std::string const& prefix) {
  return ChannelName(prefix + script.draw().alphanumeric(20));
}

void add_incoming_shard(Script& script, ShardRef const& shard) {
  DC_ASSERT(script.known_office().sync.incoming.has_value());
  sync::Incoming const& incoming = *script.known_office().sync.incoming;
  sync::ShardEntry entry;
  entry.shard = shard;
  entry.channels = {draw_channel(script, incoming.target_prefix), draw_channel(script, incoming.source_prefix)};
  script.write(sync::ShardAdded{std::nullopt, entry});
  create_task(script, task::Spec{task::Kind::ReceiveShard, false, entry.channels, std::nullopt, shard});
}

std::optional<ShardEnding> ending_of(Office const& office, ShardRef const& shard) {
  sync::ShardEntry const* const entry = sync::find(office.sync, std::nullopt, shard);
  if (entry == nullptr || entry->status != sync::Status::Cancelling) return std::nullopt;
  return ShardEnding{entry->reset, tally_of(office, std::nullopt)};
}

void finish_incoming_shard(Script& script, ShardRef const& shard, ShardEnding ending) {
  script.write(sync::ShardRemoved{std::nullopt, shard, std::nullopt});
  if (ending.starts_anew) {
    DC_MARK("master.shard.restarted");
    add_incoming_shard(script, shard);
    return;
  }
  --ending.tally.shards;
  reach_running(script, std::nullopt, ending.tally);
}

Tally tally_of(Office const& office, sync::Partner const& partner) {
  Tally tally;
  auto const* const shards = sync::shards_of(office.sync, partner);
  if (shards == nullptr) return tally;
  tally.shards = shards->size();
  auto const running = office.sync.running.find(partner);
  if (running != office.sync.running.end()) tally.running = running->second;
  // Only the receiving side is told how many there will be.
  tally.total = partner ? tally.shards : office.sync.inventory.total_shards;
  return tally;
}

void reach_running(Script& script, sync::Partner const& partner, Tally const& tally) {
  if (tally.shards == 0 || tally.running != tally.shards) return;
  if (!partner && tally.total != tally.shards) return;
  if (sync::status_of(script.known_office().sync, partner) != sync::Status::InitialSync) return;
  script.write(sync::StatusReached{partner, sync::Status::Running});
}

// ----------------------------------------------------------------------------------------------------------- tokens

void revoke_tokens(Script& script, access::Holder const& holder) {
  std::vector<Token> tokens = access::held_by(script.known_office().tokens, holder);
  if (!tokens.empty()) script.write(access::TokensRevoked{std::move(tokens)});
}

void remove_outgoing(Script& script, ClusterId const& id) {
  script.write(sync::OutgoingRemoved{id});
  revoke_tokens(script, access::Holder{id});
}

void remove_incoming(Script& script) {
  script.write(sync::IncomingRemoved{});
  revoke_tokens(script, access::Holder{std::nullopt});
}

Token issue_token(Script& script, std::optional<access::Holder> const& holder) {
  Token const token = script.take_token();
  WallTime const expires_at = script.wall() + script.before().identity.token_lifetime;
  script.write(access::TokenIssued{token, access::TokenEntry{expires_at, std::nullopt, holder}});
  return token;
}

task::QueueConfig own_queue(Script& script, Token const& token) {
  State const& state = script.before();
  return task::QueueConfig{public_endpoints(state), "", "", token.value(), state.identity.tls_ca_certificate};
}

Instant renewal_of(Script const& script, Duration lifetime) {
  return script.at() + std::min(lifetime / 2, timers::token_look);
}

// ----------------------------------------------------------------------------------------------------------- orders

Refused overtaken() { return Refused{RefusalKind::Late, "a newer order has overtaken this one"}; }

void hear(Script& script, ClusterId const& target, std::optional<sync::Order> const& order) {
  if (!order) return;
  auto const& heard = script.known_office().sync.heard;
  auto const known = heard.find(target);
  bool const is_newer = known == heard.end() || known->second.order < *order;
  if (is_newer) script.write(sync::TargetHeard{target, sync::Heard{*order, script.wall()}});
}

void begin_life(Script& script) { script.write(sync::LifeBegun{script.known_office().sync.life.next()}); }

}  // namespace arangosync::master
