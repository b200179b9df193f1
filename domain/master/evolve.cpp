#include "domain/base/check.h"
#include "domain/base/overloaded.h"
#include "domain/master/master.h"
#include "domain/sync/endpoints.h"

#include <algorithm>

namespace arangosync::master {

namespace {

void register_topic(Office& office, ChannelName const& channel) {
  if (channel.value().empty()) return;
  bool const is_known = std::find(office.topics.begin(), office.topics.end(), channel) != office.topics.end();
  if (!is_known) office.topics.push_back(channel);
}

void register_topics(Office& office, task::Channels const& channels) {
  register_topic(office, channels.data);
  register_topic(office, channels.control);
}

void drop_topics(Office& office, std::set<ChannelName> const& gone) {
  office.topics.erase(std::remove_if(office.topics.begin(), office.topics.end(),
                                     [&](ChannelName const& topic) { return gone.count(topic) > 0; }),
                      office.topics.end());
}

void drop_topics(Office& office, task::Channels const& channels) {
  drop_topics(office, std::set<ChannelName>{channels.data, channels.control});
}

void drop_topics(Office& office, std::map<ShardRef, sync::ShardEntry> const* shards) {
  if (shards == nullptr || shards->empty()) return;
  std::set<ChannelName> gone;
  for (auto const& [shard, entry] : *shards) {
    gone.insert(entry.channels.data);
    gone.insert(entry.channels.control);
  }
  drop_topics(office, gone);
}

// ---------------------------------------------------------------------------------------------------- one per room

void evolve_process(State& state, ProcessEvent const& event) {
  std::visit(overloaded{
                 [&](MastersAsked const& asked) {
                   state.announcing = asked.request;
                   state.next_request = std::max(state.next_request, asked.request.next());
                 },
                 [&](MastersSeen const& seen) { state.masters = seen.masters; },
                 [&](AnnouncementDue const&) { state.announcing.reset(); },
                 [&](ShutdownBegun const&) { state.stopping = true; },
                 [&](CallAnswered const&) {},
             },
             event);
}

void note_request(State& state, RequestId request) {
  state.next_request = std::max(state.next_request, request.next());
}

void evolve_election(State& state, election::Event const& event) {
  if (auto const* asked = std::get_if<election::LeaseAsked>(&event)) note_request(state, asked->request);
  if (auto const* campaigned = std::get_if<election::Campaigned>(&event)) note_request(state, campaigned->request);
  if (auto const* sent = std::get_if<election::RenewalSent>(&event)) note_request(state, sent->request);
  election::apply(state.election, event);
  auto const* const holding = std::get_if<election::Holding>(&state.election.phase);
  if (holding == nullptr) {
    state.office.reset();
    return;
  }
  if (state.office) return;
  state.office.emplace();
  state.office->term = holding->lease.term;
  refresh(*state.office, state.next_request, Errand{ErrandKind::LoadState, {}, {}, {}});
}

task::HostNames hosts_of(membership::WorkerRecord const& worker) {
  task::HostNames names;
  for (std::string const& name : {sync::host_of(worker.endpoint), worker.host}) {
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

void take_state(Office& office, RequestId& next_request, StateTaken const& taken) {
  Persisted const& persisted = taken.persisted;
  office.since = taken.at;
  office.loaded = true;
  office.journal_sequence = persisted.journal_sequence;
  office.worker_ca = persisted.worker_ca;
  office.topics = persisted.topics;
  office.tokens = persisted.tokens;
  office.message_timeout = persisted.message_timeout;
  office.sync = sync::restored(persisted.cluster_id, persisted.incoming, persisted.outgoing,
                               persisted.cancellation_aborted, taken.at);
  office.sync.life = persisted.life;
  office.sync.heard = persisted.heard;
  for (auto const& [id, record] : persisted.workers) {
    // When its registration began is not known: it gets a whole period, so that no shard has two owners.
    office.members[id] = membership::Member{record, taken.at + limits::worker_registration};
    task::worker_joined(office.tasks, id, hosts_of(record));
  }
  for (auto const& [id, task] : persisted.tasks) {
    DC_ASSERT(office.tasks.by_purpose.count(task::purpose_of(task.spec)) == 0);
    task::apply(office.tasks, task::TaskCreated{task});
  }
  office.plan.seen = persisted.plan_seen;
  office.plan.due_at = taken.at;
  office.mode.is_doubted = persisted.mode_doubted;
  if (office.mode.is_doubted) may_be_late(office, Want::Do, taken.at);
  // Whoever led before may have had this call under way, or may be asleep before it; also one that another call has
  // overtaken, so that read-only is reached already.
  may_be_late(office, want(office, Errand{ErrandKind::ServerMode, {}, {}, {}}), taken.at);
  if (mode_wish(office).is_read_only) may_be_late(office, Want::Do, taken.at);
  refresh_all(office, next_request);
}

/// They wait for the first look at the plan.
void refresh_senders(Office& office, RequestId& next_request) {
  for (auto const& [id, task] : office.tasks.tasks) {
    if (task.spec.kind == task::Kind::SendShard) refresh(office, next_request, Errand{ErrandKind::Task, id, {}, {}});
  }
}

void evolve_office(Office& office, RequestId& next_request, OfficeEvent const& event) {
  std::visit(overloaded{
                 [&](StateTaken const& taken) { take_state(office, next_request, taken); },
                 [&](LeadershipBegun const&) {},
                 [&](WorkerCaKept const& kept) {
                   office.worker_ca = kept.ca;
                   refresh(office, next_request, Errand{ErrandKind::MakeWorkerCa, {}, {}, {}});
                 },
                 [&](MessageTimeoutSet const& set) { office.message_timeout = set.timeout; },
                 [&](HousekeepingDue const&) {},
                 [&](SurveyDue const& due) {
                   office.survey_due = true;
                   office.plan.due_at = due.at;
                   refresh(office, next_request, Errand{ErrandKind::Survey, {}, {}, {}});
                 },
                 [&](SurveyTaken const& taken) {
                   office.survey_due = false;
                   office.plan_version = taken.version;
                   bool const is_first = !office.plan.at;
                   office.plan.at = office.plan.due_at;
                   if (is_first) refresh_senders(office, next_request);
                   if (taken.has_right_mode) office.mode.in_vain = 0;
                   for (auto* until : {&office.mode.read_only_until, &office.mode.default_until}) {
                     if (*until && **until <= taken.at) until->reset();
                   }
                   refresh(office, next_request, Errand{ErrandKind::Survey, {}, {}, {}});
                 },
                 [&](PlanMissed const&) {
                   for (auto const& [id, task] : office.tasks.tasks) {
                     bool const has_reign = task.assignment && task.assignment->reign.number != 0;
                     if (has_reign && !task.cancelled) office.plan.to_be_begun.insert(id);
                   }
                 },
                 [&](PlanSeen const& seen) { office.plan.seen = seen.version; },
                 [&](ModeDoubted const& doubted) {
                   office.mode.is_doubted = doubted.is_doubted;
                   refresh(office, next_request, Errand{ErrandKind::Survey, {}, {}, {}});
                 },
                 [&](ModeDue const&) {
                   office.mode.is_due = true;
                   refresh(office, next_request, Errand{ErrandKind::ServerMode, {}, {}, {}});
                 },
                 [&](TokenCheckDue const&) {},
                 [&](ExpiryCheckDue const&) {},
             },
             event);
}

void evolve_membership(Office& office, RequestId& next_request, membership::Event const& event) {
  membership::apply(office.members, event);
  std::visit(overloaded{
                 [&](membership::WorkerJoined const& joined) {
                   task::worker_joined(office.tasks, joined.record.id, hosts_of(joined.record));
                 },
                 [&](membership::RegistrationRenewed const&) {},
                 [&](membership::WorkerHeard const&) {},
                 [&](membership::WorkerLeft const& left) {
                   task::worker_left(office.tasks, left.worker);
                   for (TaskId const& id : office.tasks.homeless) {
                     sync::lose_sight(office.sync, task::find(office.tasks, id)->spec);
                     refresh(office, next_request, Errand{ErrandKind::Task, id, {}, {}});
                   }
                 },
             },
             event);
}

/// What the task's worker is being told is not the newest any more.
void outdate_sending(Office& office, TaskId const& task) {
  Errand const errand{ErrandKind::Task, task, {}, {}};
  auto const open = office.errands.open.find(errand);
  bool const is_sending = open != office.errands.open.end() && open->second.want == Want::Do;
  if (is_sending) outdate(office, errand);
}

void evolve_task(Office& office, RequestId& next_request, task::Event const& event) {
  std::optional<task::Task> removed;
  if (auto const* gone = std::get_if<task::TaskRemoved>(&event)) {
    if (task::Task const* const task = task::find(office.tasks, gone->task)) removed = *task;
  }
  task::apply(office.tasks, event);
  auto const refresh_task = [&](TaskId const& id) {
    refresh(office, next_request, Errand{ErrandKind::Task, id, {}, {}});
  };
  auto const refresh_partner_of = [&](task::Spec const& spec) {
    refresh(office, next_request, Errand{ErrandKind::ServerMode, {}, {}, {}});
    if (!spec.target) refresh(office, next_request, Errand{ErrandKind::Outgoing, {}, {}, {}});
  };
  std::visit(overloaded{
                 [&](task::TaskCreated const& created) {
                   if (!created.task.spec.shard) register_topics(office, created.task.spec.channels);
                   refresh_task(created.task.id);
                   refresh_partner_of(created.task.spec);
                 },
                 [&](task::TaskAssigned const& assigned) {
                   office.plan.to_be_begun.erase(assigned.task);
                   sync::lose_sight(office.sync, task::find(office.tasks, assigned.task)->spec);
                   restart(office, next_request, Errand{ErrandKind::Task, assigned.task, {}, {}});
                 },
                 [&](task::ReignBegun const& begun) {
                   office.plan.to_be_begun.erase(begun.task);
                   outdate_sending(office, begun.task);
                   refresh_task(begun.task);
                 },
                 [&](task::TaskDelivered const& delivered) { refresh_task(delivered.task); },
                 [&](task::TaskMoveBegun const& begun) { refresh_task(begun.task); },
                 [&](task::TaskCancelled const& cancelled) {
                   office.plan.to_be_begun.erase(cancelled.task);
                   refresh_task(cancelled.task);
                 },
                 [&](task::CohortHomed const&) {},
                 [&](task::LandscapeSeen const&) {},
                 [&](task::TaskRemoved const& gone) {
                   office.plan.to_be_begun.erase(gone.task);
                   refresh_task(gone.task);
                   if (!removed) return;
                   if (!removed->spec.shard) drop_topics(office, removed->spec.channels);
                   refresh_partner_of(removed->spec);
                 },
             },
             event);
}

/// Tasks read a partner's queue with what they were sent; if that has changed they are sent again.
template <class SyncEvent>
void apply_and_redeliver(Office& office, sync::Partner const& partner, SyncEvent const& event) {
  auto const queue = [&]() -> std::optional<task::QueueConfig> {
    if (!sync::status_of(office.sync, partner)) return std::nullopt;
    return sync::queue_of(office.sync, partner);
  };
  std::optional<task::QueueConfig> const before = queue();
  sync::apply(office.sync, event);
  std::optional<task::QueueConfig> const after = queue();
  if (!before || !after || *before == *after) return;
  task::forget_deliveries(office.tasks, partner);
  for (auto entry = office.tasks.by_purpose.lower_bound(task::Purpose{partner, std::nullopt});
       entry != office.tasks.by_purpose.end() && entry->first.target == partner; ++entry) {
    outdate_sending(office, entry->second);
  }
}

/// A cluster that is left read-only because that was asked for is not so by a late call.
void leave_mode(Office& office, std::optional<sync::ServerMode> const& mode) {
  if (mode != sync::ServerMode::ReadOnly) return;
  office.mode.read_only_until.reset();
  office.mode.is_doubted = false;
}

void evolve_incoming(Office& office, RequestId& next_request, sync::IncomingEvent const& event) {
  if (std::holds_alternative<sync::IncomingRemoved>(event)) {
    drop_topics(office, sync::shards_of(office.sync, std::nullopt));
    auto const& incoming = office.sync.incoming;
    if (incoming && incoming->cancellation) leave_mode(office, incoming->cancellation->target_mode);
  }
  apply_and_redeliver(office, std::nullopt, event);
  // What is being said to the source names the former token or masters, or the former mode to leave it in.
  bool const says_something_else =
      std::holds_alternative<sync::OwnTokenGiven>(event) || std::holds_alternative<sync::IncomingCancelled>(event);
  if (says_something_else) outdate(office, Errand{ErrandKind::Outgoing, {}, {}, {}});
  refresh_partner(office, next_request, std::nullopt);
}

void evolve_outgoing(Office& office, RequestId& next_request, sync::OutgoingEvent const& event) {
  ClusterId const id = std::visit(overloaded{
                                      [](sync::TargetHeard const& heard) { return heard.id; },
                                      [](sync::OutgoingEntered const& entered) { return entered.outgoing.id; },
                                      [](sync::OutgoingUpdated const& updated) { return updated.id; },
                                      [](sync::OutgoingCancelled const& cancelled) { return cancelled.id; },
                                      [](sync::OutgoingRemoved const& removed) { return removed.id; },
                                      [](sync::BarrierRaised const& raised) { return raised.id; },
                                      [](sync::BarrierHeld const& held) { return held.id; },
                                      [](sync::BarrierDropped const& dropped) { return dropped.id; },
                                      [](sync::BarrierLifted const& lifted) { return lifted.id; },
                                  },
                                  event);
  if (auto const* entered = std::get_if<sync::OutgoingEntered>(&event)) {
    bool const is_looking = office.errands.open.count(Errand{ErrandKind::Survey, {}, {}, {}}) > 0;
    if (!is_looking) office.plan.due_at = entered->renew_at;  // its token is renewed at once
  }
  if (std::holds_alternative<sync::OutgoingRemoved>(event)) {
    drop_topics(office, sync::shards_of(office.sync, id));
    auto const known = office.sync.outgoing.find(id);
    if (known != office.sync.outgoing.end()) leave_mode(office, known->second.final_mode);
  }
  apply_and_redeliver(office, id, event);
  refresh_partner(office, next_request, id);
}

void evolve_partner(Office& office, RequestId& next_request, sync::PartnerEvent const& event) {
  auto const refresh_token = [&](sync::Partner const& partner) {
    refresh(office, next_request, Errand{ErrandKind::RenewToken, {}, partner, {}});
  };
  auto const refresh_one = [&](ErrandKind kind) { refresh(office, next_request, Errand{kind, {}, {}, {}}); };
  if (auto const* kept = std::get_if<sync::RemoteTokenKept>(&event)) {
    apply_and_redeliver(office, kept->partner, event);
  } else {
    sync::apply(office.sync, event);
  }
  std::visit(overloaded{
                 [&](sync::StatusReached const&) {},
                 [&](sync::RemoteTokenKept const& kept) { refresh_partner(office, next_request, kept.partner); },
                 [&](sync::RemoteTokenFound const& found) { refresh_token(found.partner); },
                 [&](sync::RemoteTokenDue const& due) { refresh_token(due.partner); },
                 [&](sync::RemoteTokenLost const& lost) {
                   refresh_token(lost.partner);
                   refresh(office, next_request, Errand{ErrandKind::AskSource, {}, {}, {}});
                 },
                 [&](sync::InventoryReported const&) {},
                 [&](sync::BarrierRenewed const&) {},
                 [&](sync::BarrierOrdered const&) {},
                 [&](sync::BarrierAwaited const&) {},
                 [&](sync::BarrierDue const&) { refresh_one(ErrandKind::Barrier); },
                 [&](sync::BarrierAnswered const&) { refresh_one(ErrandKind::Barrier); },
                 [&](sync::BarrierLost const&) {},
                 [&](sync::LineageDue const&) { refresh_one(ErrandKind::Lineage); },
                 [&](sync::LineageTaken const&) { refresh_one(ErrandKind::Lineage); },
             },
             event);
}

void evolve_shard(Office& office, RequestId& next_request, sync::ShardEvent const& event) {
  auto const drop_channels_of = [&](sync::Partner const& partner, ShardRef const& shard) {
    sync::ShardEntry const* const entry = sync::find(office.sync, partner, shard);
    if (entry != nullptr) drop_topics(office, entry->channels);
  };
  if (auto const* added = std::get_if<sync::ShardAdded>(&event)) drop_channels_of(added->partner, added->entry.shard);
  if (auto const* gone = std::get_if<sync::ShardRemoved>(&event)) drop_channels_of(gone->partner, gone->shard);
  sync::apply(office.sync, event);
  auto const refresh_shard = [&](sync::Partner const& partner, ShardRef const& shard) {
    if (!partner) refresh(office, next_request, Errand{ErrandKind::Shard, {}, {}, shard});
    task::Task const* const task = task::find(office.tasks, task::Purpose{partner, shard});
    if (task != nullptr) refresh(office, next_request, Errand{ErrandKind::Task, task->id, {}, {}});
  };
  std::visit(overloaded{
                 [&](sync::ShardAdded const& added) {
                   register_topics(office, added.entry.channels);
                   refresh_shard(added.partner, added.entry.shard);
                 },
                 [&](sync::ShardStatusReached const& reached) { refresh_shard(reached.partner, reached.shard); },
                 [&](sync::ShardCancelled const& cancelled) { refresh_shard(cancelled.partner, cancelled.shard); },
                 [&](sync::ShardWithdrawn const& withdrawn) { refresh_shard(std::nullopt, withdrawn.shard); },
                 [&](sync::ShardRemoved const& removed) { refresh_shard(removed.partner, removed.shard); },
                 [&](sync::ReportTaken const&) {},
             },
             event);
}

}  // namespace

State evolve(State state, Event const& event) {
  if (state.office) state.office->errands.fresh.clear();
  auto const office = [&]() -> Office& {
    DC_ASSERT(state.office.has_value());
    return *state.office;
  };
  RequestId& next = state.next_request;
  std::visit(overloaded{
                 [&](ProcessEvent const& it) { evolve_process(state, it); },
                 [&](election::Event const& it) { evolve_election(state, it); },
                 [&](OfficeEvent const& it) { evolve_office(office(), next, it); },
                 [&](ErrandEvent const& it) { apply(office(), next, it); },
                 [&](membership::Event const& it) { evolve_membership(office(), next, it); },
                 [&](task::Event const& it) { evolve_task(office(), next, it); },
                 [&](access::Event const& it) { access::apply(office().tokens, it); },
                 [&](sync::IncomingEvent const& it) { evolve_incoming(office(), next, it); },
                 [&](sync::OutgoingEvent const& it) { evolve_outgoing(office(), next, it); },
                 [&](sync::PartnerEvent const& it) { evolve_partner(office(), next, it); },
                 [&](sync::ShardEvent const& it) { evolve_shard(office(), next, it); },
             },
             event);
  if (is_durable(event)) ++office().journal_sequence;
  return state;
}

}  // namespace arangosync::master
