#include "domain/base/check.h"
#include "domain/base/overloaded.h"
#include "domain/master/master.h"
#include "domain/master/timers.h"
#include "domain/master/view.h"

#include <algorithm>

namespace arangosync::master {

namespace {

Remote source_of(sync::Incoming const& incoming) { return Remote{incoming.source, incoming.authentication}; }

/// Every attempt is an order of its own: said again it is newer.
sync::Order order_of(Office const& office, Attempt const& attempt) {
  return sync::Order{office.sync.life, office.term, attempt.request};
}

/// Whom to ask for the renewal of the token they gave us; the token itself is the proof.
Remote queue_owner(task::QueueConfig const& queue) {
  return Remote{queue.endpoints, sync::Authentication{"", "", queue.client_token, queue.ca_certificate}};
}

Effect task_effect(Office const& office, TaskId const& id, Attempt const& attempt) {
  task::Task const& task = office.tasks.tasks.at(id);
  membership::WorkerRecord const& worker = office.members.at(task.assignment->worker).record;
  std::string const worker_ca = office.worker_ca ? office.worker_ca->certificate : "";
  if (attempt.want == Want::Undo) return RevokeTask{attempt.request, worker, id, worker_ca, office.term};
  task::QueueConfig queue = sync::queue_of(office.sync, task.spec.target);
  SendTask send{attempt.request, worker, id, task.spec, std::move(queue), worker_ca, {}, office.term};
  send.reign = task.assignment->reign;
  if (task.spec.kind == task::Kind::ReceiveInventory) {
    // Whoever had them started may be gone: their new receiver stops those that have no collection.
    for (auto const& [shard, entry] : office.sync.incoming->shards) send.shards.push_back(shard);
  }
  return send;
}

Effect outgoing_effect(State const& state, Attempt const& attempt) {
  sync::Incoming const& incoming = *state.office->sync.incoming;
  ClusterId const& own = state.office->sync.cluster_id;
  sync::Order const order = order_of(*state.office, attempt);
  if (attempt.want == Want::Undo) {
    return WithdrawOutgoing{attempt.request, source_of(incoming), own, incoming.cancellation->source_mode, order};
  }
  task::Task const* const inventory = task::find(state.office->tasks, task::Purpose{});
  DC_ASSERT(inventory != nullptr);
  std::vector<Url> const own_endpoints = public_endpoints(state);
  task::QueueConfig queue{own_endpoints, "", "", incoming.own_token.value(), state.identity.tls_ca_certificate};
  return AnnounceOutgoing{attempt.request,          source_of(incoming), own,  own_endpoints,
                          inventory->spec.channels, std::move(queue),    order};
}

Effect shard_effect(Office const& office, ShardRef const& shard, Attempt const& attempt) {
  sync::Incoming const& incoming = *office.sync.incoming;
  ClusterId const& own = office.sync.cluster_id;
  auto const entry = incoming.shards.find(shard);
  DC_ASSERT(entry != incoming.shards.end());
  sync::Order const order = order_of(office, attempt);
  if (attempt.want == Want::Undo) return WithdrawShard{attempt.request, source_of(incoming), own, shard, order};
  return AnnounceShard{attempt.request, source_of(incoming), own, shard, entry->second.channels, order};
}

Effect barrier_effect(Office const& office, Attempt const& attempt) {
  Remote source = source_of(*office.sync.incoming);
  ClusterId const& own = office.sync.cluster_id;
  sync::Order const order = order_of(office, attempt);
  if (attempt.want == Want::Undo) return LowerBarrier{attempt.request, std::move(source), own, order};
  return RaiseBarrier{attempt.request, std::move(source), own, order};
}

Effect effect_of(State const& state, Errand const& errand, Attempt const& attempt) {
  Office const& office = *state.office;
  switch (errand.kind) {
    case ErrandKind::LoadState:
      return LoadState{attempt.request, office.term};
    case ErrandKind::MakeWorkerCa:
      return MakeWorkerCa{attempt.request};
    case ErrandKind::Survey:
      return ReadLandscape{attempt.request, office.plan_version};
    case ErrandKind::Task:
      return task_effect(office, errand.task, attempt);
    case ErrandKind::AskSource:
      return AskSource{attempt.request, source_of(*office.sync.incoming), office.sync.cluster_id};
    case ErrandKind::ServerMode:
      return SetServerMode{attempt.request,
                           attempt.want == Want::Do ? sync::ServerMode::ReadOnly : sync::ServerMode::Default};
    case ErrandKind::Barrier:
      return barrier_effect(office, attempt);
    case ErrandKind::Lineage:
      return AskLineage{attempt.request, source_of(*office.sync.incoming)};
    case ErrandKind::Outgoing:
      return outgoing_effect(state, attempt);
    case ErrandKind::Shard:
      return shard_effect(office, errand.shard, attempt);
    case ErrandKind::RenewToken:
      return RenewRemoteToken{attempt.request, queue_owner(sync::queue_of(office.sync, errand.partner))};
  }
  DC_ASSERT(false);
  return MakeWorkerCa{attempt.request};
}

WakeAt lease_wake_up(Instant sent_at) { return WakeAt{timers::lease(), sent_at + limits::lease_renewal}; }

/// A write that would still be right: the attempt under way, sent again.
std::optional<WriteLease> lease_write(election::State const& state) {
  if (auto const* campaign = std::get_if<election::Campaigning>(&state.phase)) {
    return WriteLease{campaign->request, campaign->expected, campaign->next};
  }
  auto const* const holding = std::get_if<election::Holding>(&state.phase);
  if (holding == nullptr || !holding->renewal) return std::nullopt;
  return WriteLease{holding->renewal->request, holding->lease, holding->renewal->next};
}

std::vector<Effect> react_process(ProcessEvent const& event) {
  return std::visit(
      overloaded{
          [](MastersAsked const& asked) -> std::vector<Effect> { return {AnnounceMaster{asked.request}}; },
          [](MastersSeen const&) -> std::vector<Effect> { return {}; },
          [](AnnouncementDue const& due) -> std::vector<Effect> {
            return {WakeAt{timers::announce(), due.at}};
          },
          [](ShutdownBegun const&) -> std::vector<Effect> { return {}; },
          [](CallAnswered const& answered) -> std::vector<Effect> {
            return {Reply{answered.call, answered.body}};
          },
      },
      event);
}

std::vector<Effect> react_seen(State const& after, Instant at) {
  if (!std::holds_alternative<election::Watching>(after.election.phase)) return {};
  return {WakeAt{timers::lease(), at + limits::lease_watch}};
}

std::vector<Effect> react_election(State const& after, election::Event const& event) {
  using Effects = std::vector<Effect>;
  return std::visit(overloaded{
                        [](election::LeaseAsked const& asked) -> Effects { return {ReadLease{asked.request}}; },
                        [&](election::LeaseSeen const& seen) -> Effects { return react_seen(after, seen.at); },
                        [](election::LeaseUnreadable const& failed) -> Effects {
                          return {WakeAt{timers::lease(), failed.at + limits::lease_watch}};
                        },
                        [&](election::Campaigned const&) -> Effects { return {*lease_write(after.election)}; },
                        [&](election::Elected const&) -> Effects {
                          auto const& holding = std::get<election::Holding>(after.election.phase);
                          Instant const sent_at = holding.deadline + -(limits::lease_expiry - election::holder_margin);
                          return {lease_wake_up(sent_at), WakeAt{timers::lease_end(), holding.deadline}};
                        },
                        [](election::CampaignLost const& lost) -> Effects {
                          return {WakeAt{timers::lease(), lost.at + limits::lease_watch}};
                        },
                        [&](election::RenewalSent const& sent) -> Effects {
                          return {*lease_write(after.election), lease_wake_up(sent.at)};
                        },
                        [&](election::Renewed const&) -> Effects {
                          auto const& holding = std::get<election::Holding>(after.election.phase);
                          // The wake-up of the next renewal may have fired while this one was under way: arm it again.
                          Instant const sent_at = holding.deadline + -(limits::lease_expiry - election::holder_margin);
                          return {lease_wake_up(sent_at), WakeAt{timers::lease_end(), holding.deadline}};
                        },
                        [](election::RenewalUnsure const&) -> Effects { return {}; },
                        // After a save that failed, what was to be announced was never performed.
                        [&](election::SteppedDown const& down) -> Effects {
                          WakeAt const look{timers::lease(), down.at};
                          if (after.announcing) return {look, AnnounceMaster{*after.announcing}};
                          return {look, WakeAt{timers::announce(), down.at}};
                        },
                    },
                    event);
}

std::vector<Effect> barrier_timer(Office const& office) {
  auto const next = sync::next_barrier_moment(office.sync);
  if (!next) return {};
  return {WakeAt{timers::barrier(), *next}};
}

std::vector<Effect> react_office(Office const& office, OfficeEvent const& event) {
  using Effects = std::vector<Effect>;
  return std::visit(overloaded{
                        [&](StateTaken const&) -> Effects {
                          Effects effects = barrier_timer(office);
                          if (office.sync.abort_at) effects.push_back(WakeAt{timers::abort(), *office.sync.abort_at});
                          return effects;
                        },
                        [](LeadershipBegun const&) -> Effects { return {}; },
                        [](WorkerCaKept const&) -> Effects { return {}; },
                        [](MessageTimeoutSet const&) -> Effects { return {}; },
                        [](HousekeepingDue const& due) -> Effects {
                          return {WakeAt{timers::housekeeping(), due.at}};
                        },
                        [](SurveyDue const&) -> Effects { return {}; },
                        [](SurveyTaken const& taken) -> Effects {
                          return {WakeAt{timers::survey(), taken.at + timers::survey_pause}};
                        },
                        [](PlanMissed const&) -> Effects { return {}; },
                        [](PlanSeen const&) -> Effects { return {}; },
                        [](ModeDoubted const&) -> Effects { return {}; },
                        [](ModeDue const&) -> Effects { return {}; },
                        [](TokenCheckDue const& due) -> Effects {
                          return {WakeAt{timers::tokens(), due.at}};
                        },
                        [](ExpiryCheckDue const& due) -> Effects {
                          return {WakeAt{timers::workers(), due.at}};
                        },
                    },
                    event);
}

std::optional<Effect> errand_timer(Office const& office) {
  if (office.errands.waiting.empty()) return std::nullopt;
  return WakeAt{timers::errands(), office.errands.waiting.begin()->first};
}

std::vector<Effect> react_membership(Office const& office, membership::Event const& event) {
  bool const has_joined = std::holds_alternative<membership::WorkerJoined>(event);
  auto const next = membership::next_expiry(office.members);
  if (!has_joined || !next) return {};
  return {WakeAt{timers::workers(), *next}};
}

std::vector<Effect> react_partner(Office const& office, sync::PartnerEvent const& event) {
  using Effects = std::vector<Effect>;
  return std::visit(overloaded{
                        [](sync::StatusReached const&) -> Effects { return {}; },
                        [](sync::RemoteTokenKept const&) -> Effects { return {}; },
                        [](sync::RemoteTokenFound const&) -> Effects { return {}; },
                        [](sync::RemoteTokenDue const&) -> Effects { return {}; },
                        [](sync::RemoteTokenLost const&) -> Effects { return {}; },
                        [](sync::InventoryReported const&) -> Effects { return {}; },
                        [&](sync::BarrierRenewed const&) -> Effects { return barrier_timer(office); },
                        [](sync::BarrierOrdered const&) -> Effects { return {}; },
                        [&](sync::BarrierAwaited const&) -> Effects { return barrier_timer(office); },
                        [&](sync::BarrierDue const&) -> Effects { return barrier_timer(office); },
                        [&](sync::BarrierAnswered const&) -> Effects { return barrier_timer(office); },
                        [&](sync::BarrierLost const&) -> Effects { return barrier_timer(office); },
                        [](sync::LineageDue const&) -> Effects { return {}; },
                        [](sync::LineageTaken const& taken) -> Effects {
                          return {WakeAt{timers::lineage(), taken.at + timers::lineage_pause}};
                        },
                    },
                    event);
}

std::vector<Effect> react_room(State const& after, Event const& event) {
  using Effects = std::vector<Effect>;
  return std::visit(overloaded{
                        [](ProcessEvent const& it) -> Effects { return react_process(it); },
                        [&](election::Event const& it) -> Effects { return react_election(after, it); },
                        [&](OfficeEvent const& it) -> Effects { return react_office(*after.office, it); },
                        [&](ErrandEvent const&) -> Effects {
                          auto timer = errand_timer(*after.office);
                          return timer ? Effects{*timer} : Effects{};
                        },
                        [&](membership::Event const& it) -> Effects { return react_membership(*after.office, it); },
                        [](task::Event const&) -> Effects { return {}; },
                        [](access::Event const&) -> Effects { return {}; },
                        [&](sync::IncomingEvent const& it) -> Effects {
                          if (std::holds_alternative<sync::BarrierWished>(it)) return barrier_timer(*after.office);
                          auto const* const cancelled = std::get_if<sync::IncomingCancelled>(&it);
                          if (cancelled == nullptr || !cancelled->abort_at) return {};
                          return {WakeAt{timers::abort(), *cancelled->abort_at}};
                        },
                        [&](sync::OutgoingEvent const&) -> Effects { return barrier_timer(*after.office); },
                        [&](sync::PartnerEvent const& it) -> Effects { return react_partner(*after.office, it); },
                        [](sync::ShardEvent const&) -> Effects { return {}; },
                    },
                    event);
}

}  // namespace

std::vector<Effect> react(State const& after, Event const& event) {
  std::vector<Effect> effects = react_room(after, event);
  if (!after.office) return effects;
  for (Errand const& errand : after.office->errands.fresh) {
    effects.push_back(effect_of(after, errand, after.office->errands.open.at(errand)));
  }
  return effects;
}

std::vector<Effect> outstanding(State const& state) {
  std::vector<Effect> effects;
  if (state.announcing) effects.push_back(AnnounceMaster{*state.announcing});
  if (state.election.reading) effects.push_back(ReadLease{*state.election.reading});
  if (auto write = lease_write(state.election)) effects.push_back(std::move(*write));
  if (auto const* holding = std::get_if<election::Holding>(&state.election.phase)) {
    effects.push_back(WakeAt{timers::lease_end(), holding->deadline});
  }
  if (!state.office) return effects;
  Office const& office = *state.office;
  for (auto const& [request, errand] : office.errands.under_way) {
    Attempt const& attempt = office.errands.open.at(errand);
    // An attempt whose opposite is wanted by now is not sent again; only its answer, or its failure, is waited for.
    if (want(office, errand) == attempt.want) effects.push_back(effect_of(state, errand, attempt));
  }
  if (auto timer = errand_timer(office)) effects.push_back(std::move(*timer));
  if (auto const next = membership::next_expiry(office.members)) effects.push_back(WakeAt{timers::workers(), *next});
  if (office.sync.abort_at) effects.push_back(WakeAt{timers::abort(), *office.sync.abort_at});
  for (Effect& timer : barrier_timer(office)) effects.push_back(std::move(timer));
  return effects;
}

std::vector<Effect> on_start(State const& state) { return outstanding(state); }

}  // namespace arangosync::master
