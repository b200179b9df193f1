#include "domain/task/registry.h"

#include "domain/base/check.h"
#include "domain/base/overloaded.h"

namespace arangosync::task {

namespace {

void settle(State& state, Task const& task) {
  if (has_worker(state, task)) {
    ++state.load.at(task.assignment->worker);
    state.homeless.erase(task.id);
  } else {
    state.homeless.insert(task.id);
  }
}

void unsettle(State& state, Task const& task) {
  if (has_worker(state, task)) --state.load.at(task.assignment->worker);
  state.homeless.erase(task.id);
  state.delivered.erase(task.id);
  state.moving.erase(task.id);
}

void apply_assigned(State& state, TaskAssigned const& assigned) {
  auto const entry = state.tasks.find(assigned.task);
  DC_ASSERT(entry != state.tasks.end());
  unsettle(state, entry->second);
  entry->second.assignment = assigned.assignment;
  settle(state, entry->second);
}

std::set<ChannelName> channels_of(Spec const& spec) {
  std::set<ChannelName> channels{spec.channels.data, spec.channels.control};
  channels.erase(ChannelName());
  return channels;
}

void apply_created(State& state, TaskCreated const& created) {
  Purpose const purpose = purpose_of(created.task.spec);
  DC_ASSERT(state.by_purpose.count(purpose) == 0);
  state.tasks[created.task.id] = created.task;
  state.by_purpose[purpose] = created.task.id;
  for (ChannelName const& channel : channels_of(created.task.spec)) state.by_channel.insert({channel, created.task.id});
  settle(state, created.task);
}

void apply_removed(State& state, TaskRemoved const& removed) {
  auto const entry = state.tasks.find(removed.task);
  if (entry == state.tasks.end()) return;
  unsettle(state, entry->second);
  state.by_purpose.erase(purpose_of(entry->second.spec));
  for (ChannelName const& channel : channels_of(entry->second.spec)) state.by_channel.erase({channel, removed.task});
  state.tasks.erase(entry);
}

}  // namespace

Purpose purpose_of(Spec const& spec) { return Purpose{spec.target, spec.shard}; }

Task const* find(State const& state, TaskId const& id) {
  auto const entry = state.tasks.find(id);
  return entry == state.tasks.end() ? nullptr : &entry->second;
}

Task const* find(State const& state, Purpose const& purpose) {
  auto const entry = state.by_purpose.find(purpose);
  return entry == state.by_purpose.end() ? nullptr : find(state, entry->second);
}

std::vector<Task const*> find(State const& state, ChannelName const& channel) {
  std::vector<Task const*> found;
  auto entry = state.by_channel.lower_bound({channel, TaskId()});
  for (; entry != state.by_channel.end() && entry->first == channel; ++entry) {
    found.push_back(&state.tasks.at(entry->second));
  }
  return found;
}

ChannelName const& published_channel(Spec const& spec) {
  bool const is_sender = spec.kind == Kind::SendInventory || spec.kind == Kind::SendShard;
  return is_sender ? spec.channels.data : spec.channels.control;
}

bool has_worker(State const& state, Task const& task) {
  return task.assignment.has_value() && state.load.count(task.assignment->worker) > 0;
}

bool is_inventory(Kind kind) { return kind == Kind::SendInventory || kind == Kind::ReceiveInventory; }

bool has_tasks(State const& state, std::optional<ClusterId> const& target) {
  // The inventory's purpose sorts before those of the shards of the same partner.
  auto const first = state.by_purpose.lower_bound(Purpose{target, std::nullopt});
  return first != state.by_purpose.end() && first->first.target == target;
}

std::optional<WorkerId> least_loaded(std::map<WorkerId, std::uint32_t> const& load,
                                     std::optional<WorkerId> const& except) {
  std::optional<WorkerId> best;
  std::uint32_t best_load = 0;
  for (auto const& [worker, tasks] : load) {
    if (except && worker == *except && load.size() > 1) continue;
    if (!best || tasks < best_load) {
      best = worker;
      best_load = tasks;
    }
  }
  return best;
}

std::vector<TaskId> next_homeless(State const& state, std::size_t limit) {
  std::vector<TaskId> next;
  for (bool const inventory : {true, false}) {
    for (TaskId const& id : state.homeless) {
      if (next.size() == limit) return next;
      if (is_inventory(state.tasks.at(id).spec.kind) == inventory) next.push_back(id);
    }
  }
  return next;
}

std::vector<TaskId> moves_to(State const& state, WorkerId const& newcomer, std::size_t limit) {
  std::vector<TaskId> moves;
  if (state.load.count(newcomer) == 0) return moves;
  auto load = state.load;
  // What is already on its way elsewhere counts as gone from where it is.
  for (TaskId const& id : state.moving) --load.at(state.tasks.at(id).assignment->worker);
  std::map<WorkerId, std::vector<TaskId>> movable;
  for (auto const& [id, task] : state.tasks) {
    bool const is_settled = state.delivered.count(id) > 0 && state.moving.count(id) == 0;
    if (is_settled && !task.cancelled && !is_inventory(task.spec.kind)) movable[task.assignment->worker].push_back(id);
  }
  while (moves.size() < limit) {
    WorkerId const* fullest = nullptr;
    for (auto const& [worker, tasks] : movable) {
      if (worker == newcomer || tasks.empty()) continue;
      if (fullest == nullptr || load.at(worker) > load.at(*fullest)) fullest = &worker;
    }
    if (fullest == nullptr || load.at(*fullest) <= load.at(newcomer) + 1) break;
    moves.push_back(movable.at(*fullest).back());
    movable.at(*fullest).pop_back();
    --load.at(*fullest);
    ++load.at(newcomer);
  }
  return moves;
}

void apply(State& state, Event const& event) {
  std::visit(overloaded{
                 [&](TaskCreated const& created) { apply_created(state, created); },
                 [&](TaskAssigned const& assigned) { apply_assigned(state, assigned); },
                 [&](TaskDelivered const& delivered) {
                   if (find(state, delivered.task) != nullptr) state.delivered.insert(delivered.task);
                 },
                 [&](TaskMoveBegun const& begun) { state.moving.insert(begun.task); },
                 [&](TaskCancelled const& cancelled) {
                   auto const entry = state.tasks.find(cancelled.task);
                   if (entry != state.tasks.end()) entry->second.cancelled = true;
                 },
                 [&](TaskRemoved const& removed) { apply_removed(state, removed); },
             },
             event);
}

void worker_joined(State& state, WorkerId const& worker) {
  state.load.try_emplace(worker, 0);
  // Only after a load from the agency are there tasks that name a worker before it is known.
  for (auto const& [id, task] : state.tasks) {
    bool const is_returning = state.homeless.count(id) > 0 && has_worker(state, task);
    if (is_returning) settle(state, task);
  }
}

void worker_left(State& state, WorkerId const& worker) {
  state.load.erase(worker);
  for (auto const& [id, task] : state.tasks) {
    if (!task.assignment || task.assignment->worker != worker) continue;
    state.delivered.erase(id);
    state.moving.erase(id);
    state.homeless.insert(id);
  }
}

void forget_deliveries(State& state, std::optional<ClusterId> const& target) {
  for (auto entry = state.by_purpose.lower_bound(Purpose{target, std::nullopt});
       entry != state.by_purpose.end() && entry->first.target == target; ++entry) {
    state.delivered.erase(entry->second);
    state.moving.erase(entry->second);
  }
}

void check_invariants(State const& state) {
  std::map<WorkerId, std::uint32_t> load;
  for (auto const& [worker, tasks] : state.load) load[worker] = 0;
  DC_ASSERT(state.by_purpose.size() == state.tasks.size());
  for (auto const& [id, task] : state.tasks) {
    DC_ASSERT(task.id == id);
    DC_ASSERT(state.by_purpose.at(purpose_of(task.spec)) == id);
    DC_ASSERT(is_inventory(task.spec.kind) == !task.spec.shard.has_value());
    DC_ASSERT(has_worker(state, task) != (state.homeless.count(id) > 0));
    if (has_worker(state, task)) ++load.at(task.assignment->worker);
  }
  std::size_t channels = 0;
  for (auto const& [id, task] : state.tasks) {
    for (ChannelName const& channel : channels_of(task.spec)) {
      DC_ASSERT(state.by_channel.count({channel, id}) > 0);
      ++channels;
    }
  }
  DC_ASSERT(channels == state.by_channel.size());
  DC_ASSERT(load == state.load);
  for (TaskId const& id : state.homeless) DC_ASSERT(state.tasks.count(id) > 0);
  for (TaskId const& id : state.delivered) DC_ASSERT(state.homeless.count(id) == 0);
  for (TaskId const& id : state.moving) DC_ASSERT(state.delivered.count(id) > 0);
}

}  // namespace arangosync::task
