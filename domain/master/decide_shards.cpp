// Shards and their status, on either side.
#include "domain/base/mark.h"
#include "domain/master/decide.h"

#include <map>
#include <set>
#include <utility>

namespace arangosync::master {

namespace {

/// The durable status of a shard after its task has reported.
std::optional<sync::Status> status_after(sync::ShardEntry const& entry, sync::StatusEntry const& reported) {
  if (entry.status == sync::Status::Cancelling) return std::nullopt;
  // On the target, `initializing` lasts until the source has been told of the shard.
  if (!reported.remote && entry.status == sync::Status::Initializing) return std::nullopt;
  sync::Status const status = reported.report.status;
  bool const is_kept =
      status == sync::Status::InitialSync || status == sync::Status::Running || status == sync::Status::Failed;
  if (!is_kept || status == entry.status) return std::nullopt;
  return status;
}

/// Both sides stop it; what nobody works on is gone at once.
void cancel_shard(Script& script, sync::ShardCancelled const& cancelled) {
  script.write(cancelled);
  task::State const& tasks = script.office().tasks;
  task::Task const* const task = task::find(tasks, task::Purpose{cancelled.partner, cancelled.shard});
  bool const is_homeless = task != nullptr && !task::has_worker(tasks, *task);
  if (is_homeless) settle_tasks(script);
}

/// Of a shard that is not there: its start may still be on its way, unless this is known already.
bool ends_anything(sync::State const& sync, StopOutgoingShard const& command) {
  auto const outgoing = sync.outgoing.find(command.id);
  if (outgoing == sync.outgoing.end() || !sync::is_active(outgoing->second.status)) return false;
  auto const& endings = outgoing->second.endings.shards;
  auto const known = endings.find(command.shard);
  return known == endings.end() || known->second < *command.order;
}

/// Orders of an inventory's receiver that another one has followed, or that belongs to a synchronization that is over,
/// are about what it saw: a late one would stop what its successor has started (docs/decisions/0016).
template <class Command>
bool is_of_former_receiver(Script const& script, Command const& command) {
  if (command.task.value().empty()) return false;
  task::Task const* const inventory = task::find(script.office().tasks, task::Purpose{});
  task::State const& tasks = script.office().tasks;
  bool const is_present = inventory != nullptr && inventory->id == command.task &&
                          task::has_worker(tasks, *inventory) && inventory->assignment->worker == command.worker;
  if (!is_present) DC_MARK("master.shard.former_receiver");
  return !is_present;
}

/// He may have slept over it, or the report was late: what he saw need not be so any more, now that another one goes on
/// from what is stored, or another life of the shard has begun.
bool is_of_former_owner(Office const& office, WorkerId const& worker, sync::StatusEntry const& reported) {
  if (worker.value().empty()) return false;
  task::Task const* const task = task::find(office.tasks, task::Purpose{reported.remote, reported.shard});
  bool const is_its_task = task != nullptr && (reported.task.value().empty() || reported.task == task->id);
  bool const is_present = is_its_task && task::has_worker(office.tasks, *task) && task->assignment->worker == worker;
  if (!is_present) DC_MARK("master.shard.former_owner");
  return !is_present;
}

/// What a worker says to a leader that another has followed, or said before what is known of it, need not be so any
/// more however it comes now: it may have been long under way.
template <class Command>
bool is_old_news(Script const& script, Command const& command, membership::ReportKind kind) {
  bool const is_of_former_term = command.term != Term() && command.term < script.office().term;
  bool const is_overtaken = membership::is_overtaken(script.office().members, command.worker, kind, command.number);
  if (is_of_former_term) DC_MARK("master.report.for_former_leader");
  if (is_overtaken) DC_MARK("master.report.overtaken");
  return is_of_former_term || is_overtaken;
}

template <class Command>
void note_heard(Script& script, Command const& command, membership::ReportKind kind) {
  bool const is_known = script.office().members.count(command.worker) > 0 && command.number != RequestId();
  if (is_known) script.write(membership::WorkerHeard{command.worker, kind, command.number});
}

bool is_receiving(Script const& script) {
  auto const& incoming = script.office().sync.incoming;
  return incoming && sync::is_active(incoming->status) && !incoming->source_prefix.empty();
}

}  // namespace

Decision decide(Script script, ReportStatus const& command) {
  constexpr auto kind = membership::ReportKind::Status;
  if (is_old_news(script, command, kind)) return reply(std::move(script), command.call, overtaken());
  note_heard(script, command, kind);
  sync::State const& sync = script.office().sync;
  std::map<sync::Partner, Tally> tallies;
  std::map<std::pair<sync::Partner, ShardRef>, sync::Status> reached;
  for (sync::StatusEntry const& reported : command.entries) {
    sync::ShardEntry const* const entry = sync::find(sync, reported.remote, reported.shard);
    // A task that is being stopped may still talk about what is gone.
    if (entry == nullptr || is_of_former_owner(script.office(), command.worker, reported)) continue;
    script.write(sync::ReportTaken{reported});
    sync::ShardEntry now = *entry;
    auto const earlier = reached.find({reported.remote, reported.shard});
    if (earlier != reached.end()) now.status = earlier->second;
    auto const status = status_after(now, reported);
    Tally& tally = tallies.try_emplace(reported.remote, tally_of(script.office(), reported.remote)).first->second;
    if (!status) continue;
    if (*status == sync::Status::Running) ++tally.running;
    if (now.status == sync::Status::Running) --tally.running;
    reached[{reported.remote, reported.shard}] = *status;
    script.write(sync::ShardStatusReached{reported.remote, reported.shard, *status});
  }
  for (auto const& [partner, tally] : tallies) reach_running(script, partner, tally);
  return reply(std::move(script), command.call, Done{});
}

Decision decide(Script script, ReportInventory const& command) {
  constexpr auto kind = membership::ReportKind::Inventory;
  if (is_of_former_receiver(script, command) || is_old_news(script, command, kind)) {
    return reply(std::move(script), command.call, overtaken());
  }
  note_heard(script, command, kind);
  if (script.office().sync.incoming && script.office().sync.inventory != command.report) {
    Tally tally = tally_of(script.office(), std::nullopt);
    tally.total = command.report.total_shards;
    script.write(sync::InventoryReported{command.report});
    reach_running(script, std::nullopt, tally);
  }
  return reply(std::move(script), command.call, Done{});
}

Decision decide(Script script, StartShard const& command) {
  if (is_of_former_receiver(script, command)) return reply(std::move(script), command.call, overtaken());
  if (!is_receiving(script)) return refuse(RefusalKind::Precondition, "no synchronization is being received");
  sync::ShardEntry const* const entry = sync::find(script.office().sync, std::nullopt, command.shard);
  if (entry == nullptr) {
    add_incoming_shard(script, command.shard);
  } else if (entry->status == sync::Status::Cancelling && !entry->reset) {
    // The old one is still being stopped: it starts anew, with new channels, when both sides have let go of it.
    script.write(sync::ShardCancelled{std::nullopt, command.shard, true, std::nullopt});
  }
  return reply(std::move(script), command.call, Done{});
}

Decision decide(Script script, StopShard const& command) {
  if (is_of_former_receiver(script, command)) return reply(std::move(script), command.call, overtaken());
  sync::ShardEntry const* const entry = sync::find(script.office().sync, std::nullopt, command.shard);
  bool const is_stopping = entry != nullptr && entry->status == sync::Status::Cancelling && !entry->reset;
  task::State const& tasks = script.office().tasks;
  task::Task const* const receiver = task::find(tasks, task::Purpose{std::nullopt, command.shard});
  bool const may_write = receiver != nullptr && task::has_worker(tasks, *receiver);
  if (entry != nullptr && !is_stopping && is_receiving(script)) {
    cancel_shard(script, sync::ShardCancelled{std::nullopt, command.shard, false, std::nullopt});
  }
  if (!may_write) return reply(std::move(script), command.call, Done{});
  // Whoever is told that it is done drops the collection: what a worker that sleeps writes then would be in the next.
  return reply(std::move(script), command.call,
               Refused{RefusalKind::Precondition, "the shard's receiver is being stopped, ask again"});
}

Decision decide(Script script, ResetShard const& command) {
  if (!is_receiving(script)) return refuse(RefusalKind::Precondition, "no synchronization is being received");
  sync::ShardEntry const* const entry = sync::find(script.office().sync, std::nullopt, command.shard);
  if (entry == nullptr) {
    return refuse(RefusalKind::NotFound, "no shard " + to_string(command.shard) + " is being synchronized");
  }
  bool const is_ending = entry->status == sync::Status::Cancelling;
  // Its collection may just be made anew: whoever does that starts it.
  if (is_ending && !entry->reset) return refuse(RefusalKind::Precondition, "the shard is being stopped");
  if (!is_ending) {
    DC_MARK("master.shard.reset");
    cancel_shard(script, sync::ShardCancelled{std::nullopt, command.shard, true, std::nullopt});
  }
  return reply(std::move(script), command.call, Done{});
}

Decision decide(Script script, StartOutgoingShard const& command) {
  sync::State const& sync = script.office().sync;
  auto const status = sync::status_of(sync, command.id);
  if (!status) return refuse(RefusalKind::NotFound, "unknown target " + command.id.value());
  if (!sync::is_active(*status)) return refuse(RefusalKind::Precondition, "the synchronization is being stopped");
  if (sync::is_late(sync, command.id, command.shard, command.order)) {
    DC_MARK("master.shard.start_late");
    return reply(std::move(script), command.call, overtaken());
  }
  bool const has_channels = !command.channels.data.value().empty() && !command.channels.control.value().empty();
  if (!has_channels) return refuse(RefusalKind::BadRequest, "channels missing");
  sync::ShardEntry const* const entry = sync::find(sync, command.id, command.shard);
  if (entry == nullptr) {
    sync::ShardEntry added;
    added.shard = command.shard;
    added.channels = command.channels;
    added.order = command.order;
    script.write(sync::ShardAdded{command.id, added});
    create_task(script, task::Spec{task::Kind::SendShard, false, command.channels, command.id, command.shard});
    return reply(std::move(script), command.call, Done{});
  }
  bool const is_same = entry->channels == command.channels;
  if (is_same && entry->status != sync::Status::Cancelling) return reply(std::move(script), command.call, Done{});
  if (entry->status == sync::Status::Cancelling) {
    return refuse(RefusalKind::Precondition, "the shard is being stopped, try again");
  }
  // Other channels: the target has started the shard anew. The old sender has to go first; the caller comes back.
  DC_MARK("master.shard.replaced");
  ClusterId const id = command.id;
  script.write(sync::ShardCancelled{id, command.shard, false, command.order});
  settle_tasks(script);
  return reply(std::move(script), command.call,
               Refused{RefusalKind::Precondition, "the shard's former sender is being stopped, try again"});
}

Decision decide(Script script, StopOutgoingShard const& command) {
  sync::State const& sync = script.office().sync;
  if (sync::is_late(sync, command.id, command.shard, command.order)) {
    DC_MARK("master.shard.stop_late");
    return reply(std::move(script), command.call, overtaken());
  }
  sync::ShardEntry const* const entry = sync::find(sync, command.id, command.shard);
  if (entry != nullptr && entry->status != sync::Status::Cancelling) {
    bool const has_task = task::find(script.office().tasks, task::Purpose{command.id, command.shard}) != nullptr;
    cancel_shard(script, sync::ShardCancelled{command.id, command.shard, false, command.order});
    if (!has_task) script.write(sync::ShardRemoved{command.id, command.shard, std::nullopt});
  } else if (entry != nullptr && command.order && entry->order < command.order) {
    // It is being stopped already: a start that this order has overtaken must find the newer one noted.
    DC_MARK("master.shard.stopped_again");
    script.write(sync::ShardCancelled{command.id, command.shard, false, command.order});
  } else if (entry == nullptr && command.order && ends_anything(sync, command)) {
    script.write(sync::ShardRemoved{command.id, command.shard, command.order});
  }
  return reply(std::move(script), command.call, Done{});
}

}  // namespace arangosync::master
