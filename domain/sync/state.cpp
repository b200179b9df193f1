#include "domain/sync/state.h"

#include "domain/base/check.h"
#include "domain/base/overloaded.h"

#include <utility>

namespace arangosync::sync {

namespace {

std::map<ShardRef, ShardEntry>* shards_of(State& state, Partner const& partner) {
  return const_cast<std::map<ShardRef, ShardEntry>*>(shards_of(std::as_const(state), partner));
}

void count(State& state, Partner const& partner, Status before, Status after) {
  if (before == after) return;
  if (after == Status::Running) ++state.running[partner];
  if (before == Status::Running && --state.running.at(partner) == 0) state.running.erase(partner);
}

void set_status(State& state, Partner const& partner, ShardEntry& entry, Status status) {
  count(state, partner, entry.status, status);
  entry.status = status;
}

ShardEntry* find_entry(State& state, Partner const& partner, ShardRef const& shard) {
  return const_cast<ShardEntry*>(find(std::as_const(state), partner, shard));
}

void forget_shard(State& state, Partner const& partner, ShardRef const& shard) {
  state.reports.erase({partner, shard});
  if (partner) return;
  state.withdrawn.erase(shard);
  state.unheard.erase(shard);
}

void forget_partner(State& state, Partner const& partner) {
  state.renew_at.erase(partner);
  state.renewing.erase(partner);
  state.running.erase(partner);
  for (auto report = state.reports.lower_bound({partner, ShardRef{}});
       report != state.reports.end() && report->first.first == partner;) {
    report = state.reports.erase(report);
  }
  if (partner) {
    state.barrier_ends.erase(*partner);
    state.barrier_orders.erase(*partner);
    return;
  }
  state.unheard.clear();
  state.source_token_lost = false;
  state.abort_at.reset();
  state.withdrawn.clear();
  state.inventory = InventoryReport{};
  state.held.reset();
  state.barrier_due = false;
  state.barrier_ask_at.reset();
  state.barrier_awaited_until.reset();
  state.lineage_due = false;
}

void wish(State& state, BarrierWished const& wished) {
  DC_ASSERT(state.incoming.has_value());
  state.incoming->barrier = wished.wish;
  state.barrier_due = wished.wish == BarrierWish::Hold;
  state.held.reset();
  state.barrier_ask_at.reset();
  state.barrier_awaited_until = wished.awaited_until;
}

void drop_barrier(State& state, ClusterId const& target) {
  std::optional<Barrier>& barrier = state.outgoing.at(target).barrier;
  if (barrier) barrier->phase = BarrierPhase::Lifting;
  state.barrier_ends.erase(target);
}

void cancel_incoming(State& state, IncomingCancelled const& cancelled) {
  DC_ASSERT(state.incoming.has_value());
  bool const was_told = state.incoming->cancellation && state.incoming->cancellation->source_told;
  state.incoming->status = Status::Cancelling;
  state.incoming->message.clear();
  state.incoming->cancellation = cancelled.cancellation;
  state.incoming->cancellation->source_told |= was_told;
  state.abort_at = cancelled.abort_at;
  // The source lets go as soon as it is told, and its answer may be lost: nothing is certain from now on.
  state.held.reset();
  state.barrier_awaited_until.reset();
  state.renewing.erase(std::nullopt);
  state.renew_at.erase(std::nullopt);
  state.source_token_lost = false;
  state.lineage_due = false;
}

void learn_source(State& state, SourceLearned const& learned) {
  DC_ASSERT(state.incoming.has_value());
  Incoming& incoming = *state.incoming;
  // Prefixes are part of the channels' names and never change while the synchronization lives.
  if (incoming.source_prefix.empty()) incoming.source_prefix = learned.source_prefix;
  if (incoming.target_prefix.empty()) incoming.target_prefix = learned.target_prefix;
  incoming.source = learned.source;
  incoming.lineage = learned.lineage;
  incoming.remote_queue = learned.queue;
  incoming.remote_token_expires = learned.token_expires;
  state.renew_at[std::nullopt] = learned.renew_at;
  state.renewing.erase(std::nullopt);  // what is said of the token before it means nothing any more
  state.source_token_lost = false;
}

void reconfigure(State& state, std::vector<Url> const& source, Authentication const& authentication) {
  DC_ASSERT(state.incoming.has_value());
  state.incoming->source = source;
  state.incoming->authentication = authentication;
}

void forget_standing(State& state) {
  DC_ASSERT(state.incoming.has_value());
  state.incoming->announced = false;
  for (auto& [shard, entry] : state.incoming->shards) {
    if (entry.status != Status::Cancelling) set_status(state, std::nullopt, entry, Status::Initializing);
  }
}

void hear(State& state, TargetHeard const& it) {
  state.heard[it.id] = it.heard;
  std::size_t gone = 0;
  auto oldest = state.heard.end();
  for (auto entry = state.heard.begin(); entry != state.heard.end(); ++entry) {
    if (state.outgoing.count(entry->first) > 0) continue;
    ++gone;
    if (oldest == state.heard.end() || entry->second.at < oldest->second.at) oldest = entry;
  }
  if (gone > targets_heard_max) state.heard.erase(oldest);
}

void set_partner_status(State& state, StatusReached const& reached) {
  if (!reached.partner) {
    if (state.incoming) state.incoming->status = reached.status;
    return;
  }
  auto const outgoing = state.outgoing.find(*reached.partner);
  if (outgoing != state.outgoing.end()) outgoing->second.status = reached.status;
}

void keep_token(State& state, RemoteTokenKept const& kept) {
  state.renewing.erase(kept.partner);
  if (!status_of(state, kept.partner)) return;
  state.renew_at[kept.partner] = kept.renew_at;
  if (!kept.partner) {
    state.incoming->remote_queue.client_token = kept.token.value();
    state.incoming->remote_token_expires = kept.expires_at;
    return;
  }
  Outgoing& outgoing = state.outgoing.at(*kept.partner);
  outgoing.remote_queue.client_token = kept.token.value();
  outgoing.remote_token_expires = kept.expires_at;
}

void lose_token(State& state, RemoteTokenLost const& lost) {
  state.renewing.erase(lost.partner);
  state.renew_at[lost.partner] = lost.renew_at;
  if (!lost.partner) state.source_token_lost = true;
}

void add_shard(State& state, ShardAdded const& added) {
  auto* const shards = shards_of(state, added.partner);
  DC_ASSERT(shards != nullptr);
  if (ShardEntry* const old = find_entry(state, added.partner, added.entry.shard)) {
    DC_ASSERT(old->status == Status::Cancelling);
    set_status(state, added.partner, *old, Status::Cancelling);
  }
  forget_shard(state, added.partner, added.entry.shard);
  (*shards)[added.entry.shard] = added.entry;
  count(state, added.partner, Status::Initializing, added.entry.status);
}

void remove_shard(State& state, ShardRemoved const& removed) {
  auto* const shards = shards_of(state, removed.partner);
  ShardEntry* const entry = find_entry(state, removed.partner, removed.shard);
  if (entry == nullptr) return;
  set_status(state, removed.partner, *entry, Status::Cancelling);
  shards->erase(removed.shard);
  forget_shard(state, removed.partner, removed.shard);
}

void end_shard(State& state, ShardRemoved const& removed) {
  ShardEntry const* const entry = find(state, removed.partner, removed.shard);
  std::optional<Order> const order = removed.order || entry == nullptr ? removed.order : entry->order;
  bool const is_noted = removed.partner && order && state.outgoing.count(*removed.partner) > 0;
  if (is_noted) note(state.outgoing.at(*removed.partner).endings, removed.shard, *order);
  remove_shard(state, removed);
}

void cancel_shard(State& state, ShardCancelled const& cancelled) {
  ShardEntry* const entry = find_entry(state, cancelled.partner, cancelled.shard);
  if (entry == nullptr) return;
  set_status(state, cancelled.partner, *entry, Status::Cancelling);
  entry->reset = cancelled.restart;
  if (cancelled.order) entry->order = cancelled.order;
}

}  // namespace

bool is_active(Status status) {
  return status == Status::Initializing || status == Status::InitialSync || status == Status::Running;
}

std::optional<Status> status_of(State const& state, Partner const& partner) {
  if (!partner) return state.incoming ? std::optional(state.incoming->status) : std::nullopt;
  auto const outgoing = state.outgoing.find(*partner);
  return outgoing == state.outgoing.end() ? std::nullopt : std::optional(outgoing->second.status);
}

std::map<ShardRef, ShardEntry> const* shards_of(State const& state, Partner const& partner) {
  if (!partner) return state.incoming ? &state.incoming->shards : nullptr;
  auto const outgoing = state.outgoing.find(*partner);
  return outgoing == state.outgoing.end() ? nullptr : &outgoing->second.shards;
}

ShardEntry const* find(State const& state, Partner const& partner, ShardRef const& shard) {
  auto const* const shards = shards_of(state, partner);
  if (shards == nullptr) return nullptr;
  auto const entry = shards->find(shard);
  return entry == shards->end() ? nullptr : &entry->second;
}

task::QueueConfig queue_of(State const& state, Partner const& partner) {
  if (partner) return state.outgoing.at(*partner).remote_queue;
  DC_ASSERT(state.incoming.has_value());
  task::QueueConfig queue = state.incoming->remote_queue;
  if (queue.ca_certificate.empty()) queue.ca_certificate = state.incoming->authentication.ca_certificate;
  return queue;
}

bool is_in_sync(State const& state, Partner const& partner, ShardRef const& shard) {
  if (partner || !state.held || state.unheard.contains(shard)) return false;
  // What is being stopped says nothing of the collection that comes after it.
  ShardEntry const* const entry = find(state, partner, shard);
  if (entry == nullptr || entry->status == Status::Cancelling) return false;
  auto const report = state.reports.find({partner, shard});
  if (report == state.reports.end() || report->second.status != Status::Running) return false;
  if (report->second.unconfirmed) return false;
  return report->second.caught_up - state.held->said.held_at >= pace::clocks_agree;
}

void lose_sight(State& state, task::Spec const& spec) {
  if (spec.kind == task::Kind::ReceiveShard && spec.shard) state.unheard.insert(*spec.shard);
  if (spec.kind == task::Kind::ReceiveInventory) state.inventory.equal_at = WallTime{};
}

bool has_structure(State const& state) {
  return state.held && state.inventory.equal_at - state.held->said.held_at >= pace::clocks_agree;
}

std::optional<Instant> next_barrier_moment(State const& state) {
  std::optional<Instant> next = state.barrier_ask_at;
  auto const consider = [&](Instant at) {
    if (!next || at < *next) next = at;
  };
  if (state.barrier_due) next.reset();
  if (state.held) consider(state.held->until);
  if (state.barrier_awaited_until) consider(*state.barrier_awaited_until);
  for (auto const& [target, ends] : state.barrier_ends) consider(ends);
  return next;
}

std::vector<ClusterId> lineage_of(State const& state) {
  std::vector<ClusterId> ids;
  if (!state.cluster_id.value().empty()) ids.push_back(state.cluster_id);
  if (state.incoming) ids.insert(ids.end(), state.incoming->lineage.begin(), state.incoming->lineage.end());
  return ids;
}

bool is_late(State const& state, ClusterId const& target, std::optional<Order> const& order) {
  auto const heard = state.heard.find(target);
  return order && heard != state.heard.end() && *order < heard->second.order;
}

bool is_of_former_life(State const& state, ClusterId const& target, std::optional<Order> const& order) {
  auto const heard = state.heard.find(target);
  return order && heard != state.heard.end() && order->life < heard->second.order.life;
}

bool is_late(State const& state, ClusterId const& target, ShardRef const& shard, std::optional<Order> const& order) {
  if (is_of_former_life(state, target, order)) return true;
  auto const outgoing = state.outgoing.find(target);
  if (!order || outgoing == state.outgoing.end()) return false;
  ShardEntry const* const entry = find(state, target, shard);
  if (entry == nullptr) return is_late(outgoing->second.endings, shard, *order);
  return entry->order && *order < *entry->order;
}

bool is_cancelled(State const& state, Partner const& partner, std::optional<ShardRef> const& shard) {
  auto const status = status_of(state, partner);
  if (!status || *status == Status::Cancelling || *status == Status::Inactive) return true;
  // What failed as a whole must not go on copying: its source may be the wrong one.
  if (*status == Status::Failed) return true;
  if (!shard) return false;
  ShardEntry const* const entry = find(state, partner, *shard);
  return entry == nullptr || entry->status == Status::Cancelling;
}

void apply(State& state, IncomingEvent const& event) {
  std::visit(overloaded{
                 [&](ClusterIdDrawn const& drawn) { state.cluster_id = drawn.id; },
                 [&](LifeBegun const& begun) { state.life = begun.life; },
                 [&](IncomingConfigured const& it) {
                   state.incoming.emplace();
                   state.incoming->status = Status::Initializing;
                   state.cancellation_aborted = false;
                   reconfigure(state, it.source, it.authentication);
                 },
                 [&](IncomingReconfigured const& it) { reconfigure(state, it.source, it.authentication); },
                 [&](SourceLearned const& learned) { learn_source(state, learned); },
                 [&](OwnTokenGiven const& given) {
                   DC_ASSERT(state.incoming.has_value());
                   state.incoming->own_token = given.token;
                   state.incoming->announced = false;
                 },
                 [&](SourceAccepted const&) {
                   DC_ASSERT(state.incoming.has_value());
                   state.incoming->announced = true;
                   if (state.incoming->status == Status::Initializing) state.incoming->status = Status::InitialSync;
                 },
                 [&](SourceForgot const&) { forget_standing(state); },
                 [&](LineageLearned const& learned) {
                   DC_ASSERT(state.incoming.has_value());
                   state.incoming->lineage = learned.lineage;
                 },
                 [&](BarrierWished const& wished) { wish(state, wished); },
                 [&](IncomingFailed const& failed) {
                   DC_ASSERT(state.incoming.has_value());
                   state.incoming->status = Status::Failed;
                   state.incoming->message = failed.message;
                 },
                 [&](IncomingCancelled const& cancelled) { cancel_incoming(state, cancelled); },
                 [&](SourceLeft const& left) {
                   if (!state.incoming || !state.incoming->cancellation) return;
                   (left.told ? state.incoming->cancellation->source_told : state.incoming->cancellation->aborted) =
                       true;
                   state.abort_at.reset();
                 },
                 [&](IncomingRemoved const&) {
                   if (!state.incoming) return;
                   auto const& cancellation = state.incoming->cancellation;
                   state.cancellation_aborted = cancellation && cancellation->aborted && !cancellation->source_told;
                   state.incoming.reset();
                   forget_partner(state, std::nullopt);
                 },
             },
             event);
}

void apply(State& state, OutgoingEvent const& event) {
  std::visit(overloaded{
                 [&](TargetHeard const& it) { hear(state, it); },
                 [&](OutgoingEntered const& entered) {
                   DC_ASSERT(state.outgoing.count(entered.outgoing.id) == 0);
                   state.outgoing[entered.outgoing.id] = entered.outgoing;
                   state.renew_at[entered.outgoing.id] = entered.renew_at;
                 },
                 [&](OutgoingUpdated const& updated) {
                   Outgoing& outgoing = state.outgoing.at(updated.id);
                   outgoing.target = updated.target;
                   outgoing.remote_queue = updated.queue;
                   state.renew_at[updated.id] = updated.renew_at;
                   state.renewing.erase(updated.id);
                 },
                 [&](OutgoingCancelled const& cancelled) {
                   Outgoing& outgoing = state.outgoing.at(cancelled.id);
                   outgoing.status = Status::Cancelling;
                   outgoing.final_mode = cancelled.final_mode;
                   state.renew_at.erase(cancelled.id);
                   state.renewing.erase(cancelled.id);
                 },
                 [&](OutgoingRemoved const& removed) {
                   state.outgoing.erase(removed.id);
                   forget_partner(state, removed.id);
                 },
                 [&](BarrierRaised const& raised) {
                   state.outgoing.at(raised.id).barrier = Barrier{raised.barrier, BarrierPhase::Raising, WallTime{}};
                   state.barrier_ends[raised.id] = raised.ends;
                 },
                 [&](BarrierHeld const& held) {
                   std::optional<Barrier>& barrier = state.outgoing.at(held.id).barrier;
                   if (!barrier) return;
                   barrier->phase = BarrierPhase::Held;
                   barrier->held_at = held.at;
                 },
                 [&](BarrierDropped const& dropped) { drop_barrier(state, dropped.id); },
                 [&](BarrierLifted const& lifted) { state.outgoing.at(lifted.id).barrier.reset(); },
             },
             event);
}

void apply(State& state, PartnerEvent const& event) {
  std::visit(overloaded{
                 [&](StatusReached const& reached) { set_partner_status(state, reached); },
                 [&](RemoteTokenKept const& kept) { keep_token(state, kept); },
                 [&](RemoteTokenFound const& found) {
                   state.renewing.erase(found.partner);
                   if (status_of(state, found.partner)) state.renew_at[found.partner] = found.renew_at;
                 },
                 [&](RemoteTokenDue const& due) {
                   if (status_of(state, due.partner)) state.renewing.insert(due.partner);
                 },
                 [&](RemoteTokenLost const& lost) { lose_token(state, lost); },
                 [&](InventoryReported const& reported) { state.inventory = reported.report; },
                 [&](BarrierRenewed const& renewed) { state.barrier_ends[renewed.id] = renewed.ends; },
                 [&](BarrierOrdered const& ordered) {
                   if (status_of(state, ordered.id)) state.barrier_orders[ordered.id] = ordered.order;
                 },
                 [&](BarrierAwaited const& awaited) { state.barrier_awaited_until = awaited.until; },
                 [&](BarrierDue const&) { state.barrier_due = true; },
                 [&](BarrierAnswered const& answered) {
                   state.barrier_due = false;
                   if (!state.incoming->cancellation) state.held = answered.held;
                   state.barrier_ask_at = answered.ask_at;
                 },
                 [&](BarrierLost const&) { state.held.reset(); },
                 [&](LineageDue const&) { state.lineage_due = true; },
                 [&](LineageTaken const&) { state.lineage_due = false; },
             },
             event);
}

void apply(State& state, ShardEvent const& event) {
  std::visit(overloaded{
                 [&](ShardAdded const& added) { add_shard(state, added); },
                 [&](ShardStatusReached const& reached) {
                   if (ShardEntry* const entry = find_entry(state, reached.partner, reached.shard)) {
                     set_status(state, reached.partner, *entry, reached.status);
                   }
                 },
                 [&](ShardCancelled const& cancelled) { cancel_shard(state, cancelled); },
                 [&](ShardWithdrawn const& withdrawn) { state.withdrawn.insert(withdrawn.shard); },
                 [&](ShardRemoved const& removed) { end_shard(state, removed); },
                 [&](ReportTaken const& taken) {
                   StatusEntry const& entry = taken.entry;
                   if (find(state, entry.remote, entry.shard) != nullptr) {
                     state.reports[{entry.remote, entry.shard}] = entry.report;
                     if (!entry.remote) state.unheard.erase(entry.shard);
                   }
                 },
             },
             event);
}

State restored(ClusterId cluster_id, std::optional<Incoming> incoming, std::map<ClusterId, Outgoing> outgoing,
               bool cancellation_aborted, Instant at) {
  State state;
  state.cluster_id = std::move(cluster_id);
  state.incoming = std::move(incoming);
  state.outgoing = std::move(outgoing);
  state.cancellation_aborted = cancellation_aborted;
  auto const restore = [&](Partner const& partner, Status status, std::map<ShardRef, ShardEntry> const& shards) {
    // How long the token has left is not known on this clock: renew it at once.
    if (is_active(status) && !queue_of(state, partner).client_token.empty()) state.renew_at[partner] = at;
    for (auto const& [shard, entry] : shards) count(state, partner, Status::Initializing, entry.status);
  };
  if (state.incoming) {
    restore(std::nullopt, state.incoming->status, state.incoming->shards);
    auto const& cancellation = state.incoming->cancellation;
    state.barrier_due = state.incoming->barrier == BarrierWish::Hold;
    // Who waited behind it last is not known: he gets a whole period.
    if (state.barrier_due && !cancellation) state.barrier_awaited_until = at + pace::barrier_interest;
    bool const is_pending = cancellation && !cancellation->source_told && !cancellation->aborted;
    if (is_pending && cancellation->force) state.abort_at = at + cancellation->force_timeout;
  }
  for (auto const& [id, entry] : state.outgoing) {
    restore(id, entry.status, entry.shards);
    // When the target asked last is not known: it gets a whole period.
    bool const is_up = entry.barrier && entry.barrier->phase != BarrierPhase::Lifting;
    if (is_up) state.barrier_ends[id] = at + pace::barrier_lease;
  }
  return state;
}

void check_invariants(State const& state) {
  auto const check = [&](Partner const& partner, std::map<ShardRef, ShardEntry> const& shards) {
    std::uint64_t running = 0;
    for (auto const& [shard, entry] : shards) {
      DC_ASSERT(entry.shard == shard);
      if (entry.status == Status::Running) ++running;
    }
    auto const counted = state.running.find(partner);
    DC_ASSERT(running == (counted == state.running.end() ? 0 : counted->second));
  };
  if (state.incoming) {
    DC_ASSERT(!state.cluster_id.value().empty());
    DC_ASSERT(!state.incoming->source.empty());
    DC_ASSERT((state.incoming->status == Status::Cancelling) == state.incoming->cancellation.has_value());
    check(std::nullopt, state.incoming->shards);
  } else {
    DC_ASSERT(state.withdrawn.empty());
    DC_ASSERT(state.inventory == InventoryReport{});
    DC_ASSERT(!state.held);
    DC_ASSERT(!state.barrier_due);
  }
  // A barrier is held only as long as somebody waits behind it, or until the source knows of the stop.
  bool const is_wished = state.incoming && state.incoming->barrier == BarrierWish::Hold;
  DC_ASSERT(state.barrier_awaited_until.has_value() == (is_wished && !state.incoming->cancellation));
  if (state.held) DC_ASSERT(state.incoming->barrier == BarrierWish::Hold);
  for (auto const& [id, outgoing] : state.outgoing) {
    DC_ASSERT(outgoing.id == id);
    // A source is read-only for a target only as long as somebody watches over it.
    bool const is_up = outgoing.barrier && outgoing.barrier->phase != BarrierPhase::Lifting;
    DC_ASSERT((state.barrier_ends.count(id) > 0) == is_up);
    check(id, outgoing.shards);
  }
  for (auto const& [key, report] : state.reports) DC_ASSERT(find(state, key.first, key.second) != nullptr);
}

}  // namespace arangosync::sync
