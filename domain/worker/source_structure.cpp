// The own cluster's structure, read once for all tasks of the source's side.
#include "domain/base/limits.h"
#include "domain/worker/desk.h"

namespace arangosync::worker {

namespace {

void arm(Desk& desk, Instant at) {
  at = not_at_once(desk, at);
  auto const& armed = desk.state.source->armed;
  if (!armed || at < *armed) desk.emit(StructureEvent{StructureArmed{at}});
}

}  // namespace

std::optional<std::optional<shard::sender::Place>> place_of(inventory::Structure const& structure,
                                                            ShardRef const& shard) {
  using Place = shard::sender::Place;
  auto const* collection = inventory::find(structure, shard.database, shard.collection);
  if (collection == nullptr || shard.index >= collection->shards.size()) return std::optional<Place>();
  inventory::Shard const& found = collection->shards[shard.index];
  bool const has_leader = !found.servers.empty() && !found.servers.front().value().empty();
  if (!collection->is_ready || !has_leader || found.servers.front().value().front() == '_') return std::nullopt;
  return std::optional<Place>(Place{collection->id, found.name, found.servers.front()});
}

namespace {

void spread_structure(Desk& desk) {
  std::vector<TaskId> senders;
  std::vector<TaskId> inventories;
  desk.state.tasks.for_each([&](TaskId const& id, Task const& task) {
    if (task.spec->kind == task::Kind::SendShard) senders.push_back(id);
    if (task.spec->kind == task::Kind::SendInventory) inventories.push_back(id);
  });
  for (TaskId const& task : senders) place_sender(desk, task);
  for (TaskId const& task : inventories) {
    auto const& machine = *desk.machine<inventory_sender::State>(task);
    auto const* structure = structure_for(desk, machine);
    if (structure == nullptr) continue;
    desk.tell(task, inventory_sender::on_structure(machine, desk.moment, *structure, desk.state.source->read_at));
  }
}

}  // namespace

// A worker without tasks of this side reads nothing, and its structure may be days old: a target that is told of it
// goes back to it.
inventory::Structure const* structure_for(Desk const& desk, inventory_sender::State const& machine) {
  SourceStructure const& source = *desk.state.source;
  bool const is_fresh = *source.structure && source.read_on >= machine.since;
  return is_fresh ? &**source.structure : nullptr;
}

void place_sender(Desk& desk, TaskId const& task) {
  auto const& structure = *desk.state.source->structure;
  if (!structure) return;
  auto const place = place_of(*structure, desk.sender(task)->shard);
  if (!place || *place == desk.sender(task)->place) return;
  desk.tell(task, shard::sender::on_place(*desk.sender(task), desk.moment, *place));
}

void read_structure(Desk& desk) {
  if (desk.state.source_tasks == 0 || desk.state.source->request) return;
  // A structure that is newer than a poll's length is as good as a new one.
  if (desk.state.source->armed) return;
  desk.emit(StructureEvent{StructureAsked{desk.moment.next_request(), desk.moment.wall, desk.moment.at}});
}

void on_structure_read(Desk& desk, StructureRead const& command) {
  if (desk.state.source->request != command.request) return;
  if (!command.outcome) {
    desk.emit(StructureEvent{StructureMissed{}});
    arm(desk, desk.moment.at + shard::pause_after(desk.state.source->failures, desk.moment.draw));
    return;
  }
  bool const is_news = *desk.state.source->structure != *command.outcome;
  StructureSeen seen;
  if (is_news) seen.structure = *command.outcome;
  desk.emit(StructureEvent{std::move(seen)});
  if (is_news) spread_structure(desk);
  arm(desk, desk.moment.at + limits::structure_poll);
}

void on_structure_timer(Desk& desk) {
  if (!desk.state.source->armed) return;
  desk.emit(StructureEvent{StructureWoken{}});
  read_structure(desk);
}

}  // namespace arangosync::worker
