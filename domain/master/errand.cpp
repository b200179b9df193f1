#include "domain/master/errand.h"

#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/base/overloaded.h"
#include "domain/master/master.h"

#include <algorithm>

namespace arangosync::master {

namespace {

Want wanted_if(bool condition) { return condition ? Want::Do : Want::Nothing; }

Want want_task(Office const& office, TaskId const& id) {
  task::Task const* const task = task::find(office.tasks, id);
  if (task == nullptr || !task::has_worker(office.tasks, *task)) return Want::Nothing;
  if (is_cancelled(office, *task) || office.tasks.moving.count(id) > 0) return Want::Undo;
  // Before our first look its reign may be over, and a sender that begins would believe it.
  bool const is_of_unsure_reign = !office.plan.at || office.plan.to_be_begun.count(id) > 0;
  if (task->spec.kind == task::Kind::SendShard && is_of_unsure_reign) return Want::Nothing;
  return wanted_if(office.tasks.delivered.count(id) == 0);
}

bool knows_source(sync::Incoming const& incoming) { return !incoming.remote_queue.endpoints.empty(); }

Want undone_if(bool condition) { return condition ? Want::Undo : Want::Nothing; }

ModeWish wish_of(Office const& office, sync::Incoming const& incoming) {
  if (sync::is_active(incoming.status)) {
    if (!knows_source(incoming)) return ModeWish{};
    bool const has_begun = task::find(office.tasks, task::Purpose{}) != nullptr;
    return ModeWish{true, !has_begun, has_begun};
  }
  bool const is_written_to = task::has_tasks(office.tasks, std::nullopt);
  // Failed: read-only stays what was made so; what failed before a source was known never was.
  if (incoming.status != sync::Status::Cancelling) {
    return knows_source(incoming) ? ModeWish{true, false, is_written_to} : ModeWish{};
  }
  bool const is_settled = incoming.cancellation->source_told || incoming.cancellation->aborted;
  bool const is_over = is_settled && !is_written_to;
  if (!is_over) return ModeWish{true, false, is_written_to};
  return ModeWish{incoming.cancellation->target_mode == sync::ServerMode::ReadOnly, true, false};
}

ModeWish wish_of(Office const& office, sync::Outgoing const& outgoing) {
  auto const& barrier = outgoing.barrier;
  bool const is_up = barrier && barrier->phase != sync::BarrierPhase::Lifting;
  if (outgoing.status != sync::Status::Cancelling) {
    bool const is_held = barrier && barrier->phase == sync::BarrierPhase::Held;
    return ModeWish{is_up, barrier && !is_held, is_held};
  }
  bool const stays = outgoing.final_mode == sync::ServerMode::ReadOnly;
  // Its barrier lasts until its tasks are gone, or until its time is over: one may be told in vain for ever (0031).
  if (task::has_tasks(office.tasks, outgoing.id)) return ModeWish{is_up || stays, barrier && !is_up, false};
  return ModeWish{stays, leaves_a_mode(outgoing), false};
}

/// One errand for all who have a wish: of two calls under way at once either may arrive last. So may one that had no
/// answer; that is seen (decide_mode.cpp).
Want want_server_mode(Office const& office) {
  ModeWish const all = mode_wish(office);
  if (!all.is_awaited && !office.mode.is_due) {
    // What is forgotten on its way could arrive after the opposite, once that is awaited.
    auto const said = office.errands.open.find(Errand{ErrandKind::ServerMode, {}, {}, {}});
    bool const is_under_way = said != office.errands.open.end() && said->second.under_way;
    return is_under_way ? said->second.want : Want::Nothing;
  }
  return all.is_read_only ? Want::Do : Want::Undo;
}

Want want_barrier(Office const& office) {
  if (!office.sync.incoming) return Want::Nothing;
  sync::Incoming const& incoming = *office.sync.incoming;
  // While it is being stopped the source stays read-only until it has been told: it lifts the barrier then.
  bool const is_over = incoming.cancellation && (incoming.cancellation->source_told || incoming.cancellation->aborted);
  if (is_over) return Want::Nothing;
  if (incoming.barrier == sync::BarrierWish::Hold) return wanted_if(office.sync.barrier_due);
  return undone_if(incoming.barrier == sync::BarrierWish::Lift);
}

Want want_lineage(Office const& office) {
  auto const& incoming = office.sync.incoming;
  bool const is_known = incoming && sync::is_active(incoming->status) && knows_source(*incoming);
  return wanted_if(is_known && office.sync.lineage_due);
}

Want want_survey(Office const& office) {
  bool const has_partner = office.sync.incoming || !office.sync.outgoing.empty();
  return wanted_if(office.survey_due && (has_partner || office.mode.read_only_until || office.mode.is_doubted));
}

Want want_ask_source(Office const& office) {
  if (!office.sync.incoming || !sync::is_active(office.sync.incoming->status)) return Want::Nothing;
  return wanted_if(!knows_source(*office.sync.incoming) || office.sync.source_token_lost);
}

Want want_outgoing(Office const& office) {
  if (!office.sync.incoming) return Want::Nothing;
  sync::Incoming const& incoming = *office.sync.incoming;
  if (incoming.status == sync::Status::Cancelling) {
    bool const is_settled = incoming.cancellation->source_told || incoming.cancellation->aborted;
    return undone_if(!is_settled);
  }
  if (!sync::is_active(incoming.status) || incoming.announced || office.sync.source_token_lost) return Want::Nothing;
  return wanted_if(task::find(office.tasks, task::Purpose{}) != nullptr);
}

Want want_shard(Office const& office, ShardRef const& shard) {
  sync::ShardEntry const* const entry = sync::find(office.sync, std::nullopt, shard);
  if (entry == nullptr) return Want::Nothing;
  // Before the source has accepted us it does not know whose shard this is.
  sync::Status const status = office.sync.incoming->status;
  if (status != sync::Status::InitialSync && status != sync::Status::Running) return Want::Nothing;
  if (!office.sync.incoming->announced) return Want::Nothing;
  if (entry->status == sync::Status::Initializing) return Want::Do;
  bool const is_leaving = entry->status == sync::Status::Cancelling && office.sync.withdrawn.count(shard) == 0;
  return undone_if(is_leaving);
}

void drop(Errands& errands, Errand const& errand) {
  auto const entry = errands.open.find(errand);
  if (entry == errands.open.end()) return;
  if (entry->second.under_way) {
    errands.under_way.erase(entry->second.request);
  } else {
    errands.waiting.erase({entry->second.retry_at, errand});
  }
  errands.fresh.erase(std::remove(errands.fresh.begin(), errands.fresh.end(), errand), errands.fresh.end());
  errands.open.erase(entry);
}

void begin(Errands& errands, RequestId& next_request, Errand const& errand, Want want, std::uint32_t failures,
           std::string message) {
  Attempt attempt{next_request, want, true, failures, Instant{}, false, std::move(message)};
  errands.under_way[next_request] = errand;
  next_request = next_request.next();
  errands.open[errand] = std::move(attempt);
  errands.fresh.push_back(errand);
}

/// A call to set the mode is over. A look that is under way may show what was before it.
void mode_answered(Office& office) {
  outdate(office, Errand{ErrandKind::Survey, {}, {}, {}});
  if (office.mode.is_due) ++office.mode.in_vain;  // unless the next look shows it
  office.mode.is_due = false;
}

void mode_unanswered(Office& office, RequestId& next_request, Want said, Instant retry_at) {
  outdate(office, Errand{ErrandKind::Survey, {}, {}, {}});
  may_be_late(office, said, retry_at);
  refresh(office, next_request, Errand{ErrandKind::Survey, {}, {}, {}});
}

void apply_failed(Office& office, RequestId& next_request, ErrandFailed const& failed) {
  auto const entry = office.errands.open.find(failed.errand);
  if (entry == office.errands.open.end() || !entry->second.under_way) return;
  Attempt& attempt = entry->second;
  office.errands.under_way.erase(attempt.request);
  attempt.under_way = false;
  ++attempt.failures;
  attempt.retry_at = failed.retry_at;
  attempt.message = failed.message;
  office.errands.waiting.insert({failed.retry_at, failed.errand});
  if (failed.errand.kind == ErrandKind::ServerMode) {
    mode_unanswered(office, next_request, attempt.want, failed.retry_at);
  }
  // What is wanted may have turned while the attempt was under way.
  refresh(office, next_request, failed.errand);
}

void apply_due(Office& office, RequestId& next_request, Instant at) {
  Errands& errands = office.errands;
  while (!errands.waiting.empty() && errands.waiting.begin()->first <= at) {
    Errand const errand = errands.waiting.begin()->second;
    Attempt const attempt = errands.open.at(errand);
    drop(errands, errand);
    Want const wanted = want(office, errand);
    if (wanted != Want::Nothing) begin(errands, next_request, errand, wanted, attempt.failures, attempt.message);
  }
}

}  // namespace

void may_be_late(Office& office, Want said, Instant at) {
  if (said == Want::Do) office.mode.read_only_until = at + limits::write_request_max;
  if (said == Want::Undo) office.mode.default_until = at + limits::write_request_max;
}

bool is_asking_for_read_only(Office const& office) {
  auto const said = office.errands.open.find(Errand{ErrandKind::ServerMode, {}, {}, {}});
  return said != office.errands.open.end() && said->second.under_way && said->second.want == Want::Do;
}

bool may_come_read_only(Office const& office) {
  return is_asking_for_read_only(office) || office.mode.read_only_until.has_value();
}

ModeWish mode_wish(Office const& office) {
  ModeWish all;
  auto const add = [&](ModeWish const& one) {
    all.is_read_only = all.is_read_only || one.is_read_only;
    all.is_awaited = all.is_awaited || one.is_awaited;
    all.is_kept = all.is_kept || one.is_kept;
  };
  if (office.sync.incoming) add(wish_of(office, *office.sync.incoming));
  for (auto const& [id, outgoing] : office.sync.outgoing) add(wish_of(office, outgoing));
  return all;
}

bool leaves_a_mode(sync::Outgoing const& outgoing) { return outgoing.final_mode || outgoing.barrier; }

bool is_cancelled(Office const& office, task::Task const& task) {
  return task.cancelled || sync::is_cancelled(office.sync, task.spec.target, task.spec.shard);
}

Want want(Office const& office, Errand const& errand) {
  if (errand.kind == ErrandKind::LoadState) return wanted_if(!office.loaded);
  if (!office.loaded) return Want::Nothing;
  switch (errand.kind) {
    case ErrandKind::LoadState:
      break;
    case ErrandKind::MakeWorkerCa:
      return wanted_if(!office.worker_ca);
    case ErrandKind::Survey:
      return want_survey(office);
    case ErrandKind::Task:
      return want_task(office, errand.task);
    case ErrandKind::AskSource:
      return want_ask_source(office);
    case ErrandKind::ServerMode:
      return want_server_mode(office);
    case ErrandKind::Outgoing:
      return want_outgoing(office);
    case ErrandKind::Barrier:
      return want_barrier(office);
    case ErrandKind::Lineage:
      return want_lineage(office);
    case ErrandKind::Shard:
      return want_shard(office, errand.shard);
    case ErrandKind::RenewToken:
      return wanted_if(office.sync.renewing.count(errand.partner) > 0);
  }
  return Want::Nothing;
}

std::map<Errand, Want> all_wanted(Office const& office) {
  std::map<Errand, Want> wanted;
  auto const consider = [&](Errand const& errand) {
    Want const verdict = want(office, errand);
    if (verdict != Want::Nothing) wanted[errand] = verdict;
  };
  for (ErrandKind const kind : {ErrandKind::LoadState, ErrandKind::MakeWorkerCa, ErrandKind::Survey,
                                ErrandKind::AskSource, ErrandKind::ServerMode, ErrandKind::Barrier, ErrandKind::Lineage,
                                ErrandKind::Outgoing, ErrandKind::RenewToken}) {
    consider(Errand{kind, {}, {}, {}});
  }
  for (auto const& [id, task] : office.tasks.tasks) consider(Errand{ErrandKind::Task, id, {}, {}});
  for (auto const& [id, outgoing] : office.sync.outgoing) {
    consider(Errand{ErrandKind::RenewToken, {}, id, {}});
  }
  if (office.sync.incoming) {
    for (auto const& [shard, entry] : office.sync.incoming->shards) consider(Errand{ErrandKind::Shard, {}, {}, shard});
  }
  return wanted;
}

void refresh(Office& office, RequestId& next_request, Errand const& errand) {
  Want const wanted = want(office, errand);
  auto const entry = office.errands.open.find(errand);
  if (entry != office.errands.open.end()) {
    Attempt const& attempt = entry->second;
    if (wanted == attempt.want) return;
    // The opposite must not overtake what is under way: its turn comes with the answer.
    if (wanted != Want::Nothing && attempt.under_way) return;
    drop(office.errands, errand);
  }
  if (wanted != Want::Nothing) begin(office.errands, next_request, errand, wanted, 0, "");
}

void restart(Office& office, RequestId& next_request, Errand const& errand) {
  drop(office.errands, errand);
  refresh(office, next_request, errand);
}

void outdate(Office& office, Errand const& errand) {
  auto const entry = office.errands.open.find(errand);
  if (entry != office.errands.open.end() && entry->second.under_way) entry->second.outdated = true;
}

void refresh_partner(Office& office, RequestId& next_request, sync::Partner const& partner) {
  auto const purpose = office.tasks.by_purpose.lower_bound(task::Purpose{partner, std::nullopt});
  for (auto entry = purpose; entry != office.tasks.by_purpose.end() && entry->first.target == partner; ++entry) {
    refresh(office, next_request, Errand{ErrandKind::Task, entry->second, {}, {}});
  }
  refresh(office, next_request, Errand{ErrandKind::ServerMode, {}, {}, {}});
  refresh(office, next_request, Errand{ErrandKind::RenewToken, {}, partner, {}});
  refresh(office, next_request, Errand{ErrandKind::Survey, {}, {}, {}});
  if (partner) return;
  refresh(office, next_request, Errand{ErrandKind::AskSource, {}, {}, {}});
  refresh(office, next_request, Errand{ErrandKind::Outgoing, {}, {}, {}});
  refresh(office, next_request, Errand{ErrandKind::Barrier, {}, {}, {}});
  refresh(office, next_request, Errand{ErrandKind::Lineage, {}, {}, {}});
  if (office.sync.incoming) {
    for (auto const& [shard, status] : office.sync.incoming->shards) {
      refresh(office, next_request, Errand{ErrandKind::Shard, {}, {}, shard});
    }
    return;
  }
  Errand const first{ErrandKind::Shard, {}, {}, {}};
  for (auto open = office.errands.open.lower_bound(first);
       open != office.errands.open.end() && open->first.kind == ErrandKind::Shard;) {
    Errand const errand = open->first;
    ++open;
    refresh(office, next_request, errand);
  }
}

void refresh_all(Office& office, RequestId& next_request) {
  for (auto const& [errand, wanted] : all_wanted(office)) refresh(office, next_request, errand);
  std::vector<Errand> stale;
  for (auto const& [errand, attempt] : office.errands.open) {
    if (want(office, errand) == Want::Nothing) stale.push_back(errand);
  }
  for (Errand const& errand : stale) drop(office.errands, errand);
}

void apply(Office& office, RequestId& next_request, ErrandEvent const& event) {
  std::visit(overloaded{
                 [&](ErrandAnswered const& answered) {
                   auto const entry = office.errands.open.find(answered.errand);
                   bool const is_open = entry != office.errands.open.end() && entry->second.under_way &&
                                        entry->second.request == answered.request;
                   if (!is_open) return;
                   if (answered.errand.kind == ErrandKind::ServerMode) mode_answered(office);
                   restart(office, next_request, answered.errand);
                 },
                 [&](ErrandFailed const& failed) { apply_failed(office, next_request, failed); },
                 [&](ErrandsDue const& due) { apply_due(office, next_request, due.at); },
             },
             event);
}

}  // namespace arangosync::master
