#include "domain/base/check.h"
#include "domain/base/overloaded.h"
#include "domain/worker/desk.h"

#include <map>

namespace arangosync::worker {

namespace {

void check_task(State const& state, TaskId const& id, Task const& task) {
  if (task.reader) DC_ASSERT(state.readers.contains(*task.reader));
  std::visit(overloaded{
                 [](inventory_sender::State const& machine) { inventory_sender::check_invariants(machine); },
                 [](inventory_receiver::State const& machine) { inventory_receiver::check_invariants(machine); },
                 [&](shard::sender::State const& machine) {
                   shard::sender::check_invariants(machine);
                   if (shard::sender::holds_turn(machine)) DC_ASSERT(state.turns.contains(id));
                   if (task.reader) DC_ASSERT(shard::sender::tailing(machine) != nullptr);
                 },
                 [](shard::receiver::State const& machine) { shard::receiver::check_invariants(machine); },
             },
             task.machine);
}

void check_reader(State const& state, ReaderId id, log_reader::State const& reader) {
  log_reader::check_invariants(reader);
  DC_ASSERT(!reader.members.empty() || !reader.joining.empty());
  if (reader.reading) DC_ASSERT(state.routes.contains(*reader.reading));
  reader.members.for_each([&](TaskId const& task, log_reader::Member const&) {
    DC_ASSERT(state.tasks.contains(task));
    DC_ASSERT(state.tasks.find(task)->reader == id);
  });
}

/// Nobody has more than his share, and nobody waits for what is free.
void check_turns(State const& state) {
  DC_ASSERT(state.line.size() == state.turns_waited.size());
  std::map<ClusterId, std::size_t> turns;
  state.turns.for_each([&](TaskId const&, ClusterId const& target) { ++turns[target]; });
  for (auto const& [target, count] : turns) DC_ASSERT(count <= turns_max(state.config, true));
  state.line.for_each([&](LinePlace const& place, TaskId const&) {
    DC_ASSERT(turns[place.first] >= turns_max(state.config, place.second.first == 0));
  });
}

void check_all(State const& state) {
  std::uint32_t source_tasks = 0;
  std::uint32_t writers = 0;
  state.tasks.for_each([&](TaskId const& id, Task const& task) {
    check_task(state, id, task);
    if (reads_source(*task.spec)) ++source_tasks;
    if (writes_target(*task.spec)) ++writers;
  });
  DC_ASSERT(state.source_tasks == source_tasks);
  DC_ASSERT(state.pulse.writers == writers);
  // There are as many channels as tasks, and each is read by a task of its own: so no task is without.
  state.channels.for_each([&](ChannelName const& channel, TaskId const& id) {
    Task const* const task = state.tasks.find(id);
    DC_ASSERT(task != nullptr && read_channel(*task->spec) == channel);
  });
  state.readers.for_each([&](ReaderId id, log_reader::State const& reader) { check_reader(state, id, reader); });
  state.turns.for_each([&](TaskId const& task, ClusterId const&) { DC_ASSERT(state.tasks.contains(task)); });
  state.turns_waited.for_each([&](TaskId const& task, LinePlace const& place) {
    DC_ASSERT(state.tasks.contains(task));
    DC_ASSERT(state.line.find(place) != nullptr && *state.line.find(place) == task);
  });
  check_turns(state);
  state.positions->dirty.for_each([&](TaskId const& task, bool) { DC_ASSERT(state.tasks.contains(task)); });
  state.lease_waits.for_each([&](TaskId const& task, bool) { DC_ASSERT(state.tasks.contains(task)); });
}

}  // namespace

void check_invariants(State const& state) {
  registration::check_invariants(state.registration);
  pulse::check_invariants(state.pulse);
  orders::check_invariants(state.orders);
  DC_ASSERT(state.channels.size() == state.tasks.size());
  DC_ASSERT(state.shared_readers.size() <= state.readers.size());
  DC_ASSERT(state.source_tasks <= state.tasks.size());
  check_all(state);
}

}  // namespace arangosync::worker
