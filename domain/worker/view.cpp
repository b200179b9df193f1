#include "domain/worker/view.h"

#include "domain/base/overloaded.h"

#include <algorithm>

namespace arangosync::worker {

namespace {

std::string troubles_of(inventory_receiver::State const& machine) {
  std::string text;
  for (auto const& [what, trouble] : machine.troubles) {
    if (!text.empty()) text += "; ";
    text += what + ": " + trouble.message;
  }
  return text;
}

TaskView view_of(TaskId const& id, Task const& task) {
  TaskView seen{id, task.spec->kind, task.spec->shard, task.spec->target, std::nullopt, {}};
  std::visit(overloaded{
                 [](inventory_sender::State const&) {},
                 [&](inventory_receiver::State const& machine) { seen.message = troubles_of(machine); },
                 [&](shard::sender::State const& machine) { seen.report = shard::sender::report(machine); },
                 [&](shard::receiver::State const& machine) { seen.report = shard::receiver::report(machine); },
             },
             task.machine);
  return seen;
}

}  // namespace

View view(State const& state, Instant at) {
  View seen;
  seen.id = state.registration.id;
  seen.registered = is_registered(state, at);
  seen.tasks.reserve(state.tasks.size());
  state.tasks.for_each([&](TaskId const& id, Task const& task) { seen.tasks.push_back(view_of(id, task)); });
  state.readers.for_each([&](ReaderId id, log_reader::State const& reader) {
    seen.readers.push_back(ReaderView{id, reader.server, reader.only, reader.members.size(), reader.from, reader.newest,
                                      !reader.blocked.empty(), reader.trouble});
  });
  seen.copies = state.turns.size();
  seen.copies_waiting = state.turns_waited.size();
  seen.positions_unstored = state.positions->dirty.size();
  return seen;
}

bool is_registered(State const& state, Instant at) {
  return state.registration.id.has_value() && at < state.registration.write_until;
}

bool is_meant(State const& state, WorkerId const& worker) {
  return worker.value().empty() || state.registration.id == worker;
}

bool has_task(State const& state, TaskId const& task, WorkerId const& worker) {
  return is_meant(state, worker) && state.tasks.find(task) != nullptr;
}

bool is_deposed(State const& state, Term term) { return registration::is_deposed(state.registration, term); }

bool has_let_go(State const& state, TaskId const& task) {
  bool is_done = state.tasks.find(task) == nullptr;
  state.routes.for_each([&](RequestId, Route const& route) { is_done = is_done && route.task != task; });
  // Positions of many tasks are stored by one request, which is nobody's route.
  auto const& flushed = state.positions->under_way;
  return is_done &&
         std::none_of(flushed.begin(), flushed.end(), [&](FlushEntry const& entry) { return entry.task == task; });
}

}  // namespace arangosync::worker
