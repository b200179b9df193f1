#include "domain/task/registry.h"

#include "domain/base/check.h"
#include "domain/base/overloaded.h"

#include <algorithm>
#include <utility>

namespace arangosync::task {

namespace {

void settle(State& state, Task const& task) {
  if (has_worker(state, task)) {
    ++state.load.at(task.assignment->worker);
    if (cohort_of(state, task.spec) == nullptr) ++state.singles.at(task.assignment->worker);
    state.homeless.erase(task.id);
  } else {
    state.homeless.insert(task.id);
  }
}

void unsettle(State& state, Task const& task) {
  if (has_worker(state, task)) {
    --state.load.at(task.assignment->worker);
    if (cohort_of(state, task.spec) == nullptr) --state.singles.at(task.assignment->worker);
  }
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

void apply_reign(State& state, ReignBegun const& begun) {
  auto const entry = state.tasks.find(begun.task);
  DC_ASSERT(entry != state.tasks.end() && entry->second.assignment);
  entry->second.assignment->reign = begun.reign;
  // A worker that is to let go of it need not know.
  if (state.moving.count(begun.task) == 0) state.delivered.erase(begun.task);
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
  if (ServerId const* const server = cohort_of(state, created.task.spec)) {
    state.cohorts[*server].tasks.insert(created.task.id);
  }
  settle(state, created.task);
}

void leave_cohort(State& state, Task const& task) {
  ServerId const* const server = cohort_of(state, task.spec);
  if (server == nullptr) return;
  auto const cohort = state.cohorts.find(*server);
  cohort->second.tasks.erase(task.id);
  if (cohort->second.tasks.empty()) state.cohorts.erase(cohort);
}

void apply_removed(State& state, TaskRemoved const& removed) {
  auto const entry = state.tasks.find(removed.task);
  if (entry == state.tasks.end()) return;
  unsettle(state, entry->second);
  leave_cohort(state, entry->second);
  state.by_purpose.erase(purpose_of(entry->second.spec));
  for (ChannelName const& channel : channels_of(entry->second.spec)) state.by_channel.erase({channel, removed.task});
  state.tasks.erase(entry);
}

/// Cohorts anew, with the homes they had; everything that is counted by cohort with them.
void see_landscape(State& state, Landscape const& landscape) {
  std::map<ServerId, Cohort> const before = std::move(state.cohorts);
  state.landscape = landscape;
  state.cohorts.clear();
  for (auto& [worker, tasks] : state.singles) tasks = 0;
  for (auto const& [id, task] : state.tasks) {
    ServerId const* const server = cohort_of(state, task.spec);
    if (server != nullptr) {
      state.cohorts[*server].tasks.insert(id);
    } else if (has_worker(state, task)) {
      ++state.singles.at(task.assignment->worker);
    }
  }
  for (auto& [server, cohort] : state.cohorts) {
    auto const known = before.find(server);
    if (known != before.end()) cohort.home = known->second.home;
  }
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

ServerId const* cohort_of(State const& state, Spec const& spec) {
  if (spec.kind != Kind::SendShard) return nullptr;
  auto const leader = state.landscape.leaders.find(*spec.shard);
  return leader == state.landscape.leaders.end() ? nullptr : &leader->second;
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

void apply(State& state, Event const& event) {
  std::visit(overloaded{
                 [&](TaskCreated const& created) { apply_created(state, created); },
                 [&](TaskAssigned const& assigned) { apply_assigned(state, assigned); },
                 [&](ReignBegun const& begun) { apply_reign(state, begun); },
                 [&](TaskDelivered const& delivered) {
                   if (find(state, delivered.task) != nullptr) state.delivered.insert(delivered.task);
                 },
                 [&](TaskMoveBegun const& begun) { state.moving[begun.task] = begun.to; },
                 [&](TaskCancelled const& cancelled) {
                   auto const entry = state.tasks.find(cancelled.task);
                   if (entry != state.tasks.end()) entry->second.cancelled = true;
                 },
                 [&](TaskRemoved const& removed) { apply_removed(state, removed); },
                 [&](CohortHomed const& homed) {
                   if (state.load.count(homed.worker) > 0) state.cohorts[homed.server].home = homed.worker;
                 },
                 [&](LandscapeSeen const& seen) { see_landscape(state, seen.landscape); },
             },
             event);
}

void worker_joined(State& state, WorkerId const& worker, HostNames hosts) {
  state.load.try_emplace(worker, 0);
  state.singles.try_emplace(worker, 0);
  state.hosts[worker] = std::move(hosts);
  // Only after a load from the agency are there tasks that name a worker before it is known.
  for (auto const& [id, task] : state.tasks) {
    bool const is_returning = state.homeless.count(id) > 0 && has_worker(state, task);
    if (is_returning) settle(state, task);
  }
}

void worker_left(State& state, WorkerId const& worker) {
  state.load.erase(worker);
  state.singles.erase(worker);
  state.hosts.erase(worker);
  for (auto cohort = state.cohorts.begin(); cohort != state.cohorts.end();) {
    if (cohort->second.home == worker) cohort->second.home.reset();
    bool const is_nothing = cohort->second.tasks.empty() && !cohort->second.home;
    cohort = is_nothing ? state.cohorts.erase(cohort) : std::next(cohort);
  }
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

namespace {

/// Counts for each registered worker. Names are looked at, not copied: the check runs after every batch of commands.
class Tally {
public:
  explicit Tally(State const& state) {
    counts_.reserve(state.load.size());
    for (auto const& [worker, tasks] : state.load) counts_.emplace_back(&worker, 0U);
  }
  void add(WorkerId const& worker) {
    auto const count = std::lower_bound(counts_.begin(), counts_.end(), worker,
                                        [](auto const& one, WorkerId const& wanted) { return *one.first < wanted; });
    DC_ASSERT(count != counts_.end() && *count->first == worker);
    ++count->second;
  }
  bool operator==(std::map<WorkerId, std::uint32_t> const& expected) const {
    return std::equal(counts_.begin(), counts_.end(), expected.begin(), expected.end(),
                      [](auto const& a, auto const& b) { return *a.first == b.first && a.second == b.second; });
  }

private:
  std::vector<std::pair<WorkerId const*, std::uint32_t>> counts_;
};

void check_cohorts(State const& state) {
  Tally singles(state);
  std::size_t members = 0;
  for (auto const& [id, task] : state.tasks) {
    ServerId const* const server = cohort_of(state, task.spec);
    if (server != nullptr) {
      DC_ASSERT(state.cohorts.at(*server).tasks.count(id) > 0);
      ++members;
    } else if (has_worker(state, task)) {
      singles.add(task.assignment->worker);
    }
  }
  DC_ASSERT(singles == state.singles);
  for (auto const& [server, cohort] : state.cohorts) {
    DC_ASSERT(members >= cohort.tasks.size());
    members -= cohort.tasks.size();
    if (cohort.home) DC_ASSERT(state.load.count(*cohort.home) > 0);
  }
  DC_ASSERT(members == 0);
  DC_ASSERT(state.hosts.size() == state.load.size());
}

/// Every entry is right, and there are as many as there should be: so none is missing.
void check_indexes(State const& state) {
  DC_ASSERT(state.by_purpose.size() == state.tasks.size());
  for (auto const& [purpose, id] : state.by_purpose) {
    Task const* const task = find(state, id);
    DC_ASSERT(task != nullptr);
    DC_ASSERT(task->spec.target == purpose.target && task->spec.shard == purpose.shard);
  }
  std::size_t channels = 0;
  for (auto const& [id, task] : state.tasks) {
    auto const& [data, control] = task.spec.channels;
    channels += data.value().empty() ? 0 : 1;
    channels += control.value().empty() || control == data ? 0 : 1;
  }
  DC_ASSERT(channels == state.by_channel.size());
  for (auto const& [channel, id] : state.by_channel) {
    Task const* const task = find(state, id);
    DC_ASSERT(task != nullptr && !channel.value().empty());
    DC_ASSERT(task->spec.channels.data == channel || task->spec.channels.control == channel);
  }
}

}  // namespace

void check_invariants(State const& state) {
  check_cohorts(state);
  check_indexes(state);
  Tally load(state);
  for (auto const& [id, task] : state.tasks) {
    DC_ASSERT(task.id == id);
    DC_ASSERT(is_inventory(task.spec.kind) == !task.spec.shard.has_value());
    DC_ASSERT(has_worker(state, task) != (state.homeless.count(id) > 0));
    if (has_worker(state, task)) load.add(task.assignment->worker);
    if (!task.assignment) continue;
    Reign const& reign = task.assignment->reign;
    DC_ASSERT(reign.leader.value().empty() == (reign.number == 0));
  }
  DC_ASSERT(load == state.load);
  for (TaskId const& id : state.homeless) DC_ASSERT(state.tasks.count(id) > 0);
  for (TaskId const& id : state.delivered) DC_ASSERT(state.homeless.count(id) == 0);
  for (auto const& [id, to] : state.moving) DC_ASSERT(state.delivered.count(id) > 0);
}

}  // namespace arangosync::task
