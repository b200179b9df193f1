#include "domain/base/check.h"
#include "domain/base/overloaded.h"
#include "domain/worker/desk.h"

#include <algorithm>
#include <concepts>
#include <utility>

namespace arangosync::worker {

namespace {

template <class T>
inline constexpr bool is_variant = false;
template <class... Ts>
inline constexpr bool is_variant<std::variant<Ts...>> = true;

/// The request an event makes, by the convention that its member is called so.
template <class E>
std::optional<RequestId> request_of(E const& event) {
  if constexpr (is_variant<E>) {
    return std::visit([](auto const& held) { return request_of(held); }, event);
  } else if constexpr (requires {
                         { event.request } -> std::convertible_to<RequestId>;
                       }) {
    return event.request;
  } else {
    return std::nullopt;
  }
}

void note_number(State& state, std::uint64_t number) {
  state.last_request = std::max(state.last_request, RequestId(number));
}

void add_route(State& state, std::optional<RequestId> request, Route route) {
  if (!request) return;
  note_number(state, request->value());
  state.routes.set(*request, std::move(route));
}

Route of_task(TaskId const& task) {
  Route route;
  route.task = task;
  return route;
}

template <class Machine>
Machine& machine_of(State& state, TaskId const& task) {
  Task* const found = state.tasks.edit(task);
  DC_ASSERT(found != nullptr);
  return std::get<Machine>(found->machine);
}

TaskMachine new_machine(task::Spec const& spec, Instant at) {
  switch (spec.kind) {
    case task::Kind::SendInventory:
      return inventory_sender::initial_state(at);
    case task::Kind::ReceiveInventory:
      return inventory_receiver::State{};
    case task::Kind::SendShard:
      return shard::sender::initial_state(*spec.shard, at);
    case task::Kind::ReceiveShard:
      return shard::receiver::initial_state(*spec.shard);
  }
  DC_ASSERT(false);
  return inventory_receiver::State{};
}

void start(State& state, TaskStarted const& e) {
  state.tasks.set(e.task,
                  Task{Shared(e.spec), Shared(e.remote), new_machine(e.spec, e.at), std::nullopt, std::nullopt, e.by});
  state.channels.set(read_channel(e.spec), e.task);
  if (reads_source(e.spec)) ++state.source_tasks;
  if (writes_target(e.spec)) ++state.pulse.writers;
}

void stop(State& state, TaskStopped const& e) {
  state.tasks.erase(e.task);
  TaskId const* const owner = state.channels.find(read_channel(e.spec));
  if (owner != nullptr && *owner == e.task) state.channels.erase(read_channel(e.spec));
  if (reads_source(e.spec)) --state.source_tasks;
  if (writes_target(e.spec)) --state.pulse.writers;
  state.lease_waits.erase(e.task);
  if (state.positions->dirty.contains(e.task)) state.positions.edit().dirty.erase(e.task);
  Reports& reports = state.reports.edit();
  reports.touched.erase(e.task);
  reports.reported.erase(e.task);
}

void evolve_task(State& state, TaskEvent const& event) {
  std::visit(overloaded{
                 [&](TaskStarted const& e) { start(state, e); },
                 [&](TaskRedirected const& e) { state.tasks.edit(e.task)->remote = Shared(e.remote); },
                 [&](StartHeard const& e) { state.tasks.edit(e.task)->by = e.by; },
                 [&](TaskStopped const& e) { stop(state, e); },
                 [&](StopHeard const& e) { state.orders = orders::stopped(std::move(state.orders), e.task, e.stop); },
                 [&](TaskArmed const& e) { state.tasks.edit(e.task)->armed = e.at; },
                 [&](TaskWoken const& e) { state.tasks.edit(e.task)->armed.reset(); },
                 [&](ControlHandled const&) {},
             },
             event);
}

/// Most events find it touched already: then nothing is copied.
void touch(State& state, TaskId const& task) {
  if (!state.reports->touched.contains(task)) state.reports.edit().touched.set(task, true);
}

void evolve_sender(State& state, SenderEvent const& e) {
  Route route = of_task(e.task);
  if (auto const* asked = std::get_if<shard::sender::SnapshotAsked>(&e.event)) {
    route.syncer = asked->syncer;
    route.server = asked->server;
  } else if (auto const* left = std::get_if<shard::sender::SnapshotLeft>(&e.event)) {
    route.syncer = left->syncer;
    route.server = left->snapshot.server;
    route.closing = CloseSnapshot{left->request, left->snapshot, left->syncer, left->tick};
  }
  add_route(state, request_of(e.event), std::move(route));
  auto& machine = machine_of<shard::sender::State>(state, e.task);
  machine = shard::sender::evolve(std::move(machine), e.event);
  touch(state, e.task);
}

void evolve_receiver(State& state, ReceiverEvent const& e) {
  add_route(state, request_of(e.event), of_task(e.task));
  if (auto const* begun = std::get_if<shard::receiver::CopyBegun>(&e.event)) note_number(state, begun->copy.value());
  if (auto const* begun = std::get_if<shard::receiver::ComparisonBegun>(&e.event)) {
    note_number(state, begun->comparison.value());
  }
  auto& machine = machine_of<shard::receiver::State>(state, e.task);
  machine = shard::receiver::evolve(std::move(machine), e.event);
  touch(state, e.task);
}

void detach(State& state, TaskId const& task, ReaderId reader) {
  Task* const found = state.tasks.edit(task);
  if (found != nullptr && found->reader == reader) found->reader.reset();
}

void close_reader(State& state, ReaderId id) {
  log_reader::State const reader = *state.readers.find(id);
  reader.members.for_each([&](TaskId const& task, log_reader::Member const&) { detach(state, task, id); });
  for (TaskId const& task : reader.joining) detach(state, task, id);
  ReaderId const* const shared = state.shared_readers.find({reader.server, reader.target});
  if (shared != nullptr && *shared == id) state.shared_readers.erase({reader.server, reader.target});
  state.readers.erase(id);
}

void evolve_reader(State& state, ReaderEvent const& e) {
  Route route;
  route.reader = e.reader;
  add_route(state, request_of(e.event), std::move(route));
  if (std::holds_alternative<log_reader::Closed>(e.event)) return close_reader(state, e.reader);
  if (auto const* opened = std::get_if<log_reader::Opened>(&e.event)) {
    note_number(state, e.reader.value());
    state.readers.set(e.reader, log_reader::State{});
    if (!opened->only) state.shared_readers.set({opened->server, opened->target}, e.reader);
  } else if (auto const* joined = std::get_if<log_reader::Joined>(&e.event)) {
    state.tasks.edit(joined->task)->reader = e.reader;
  } else if (auto const* waited = std::get_if<log_reader::JoinWaited>(&e.event)) {
    state.tasks.edit(waited->task)->reader = e.reader;
  } else if (auto const* left = std::get_if<log_reader::Left>(&e.event)) {
    detach(state, left->task, e.reader);
  }
  log_reader::State* const reader = state.readers.edit(e.reader);
  DC_ASSERT(reader != nullptr);
  *reader = log_reader::evolve(std::move(*reader), e.event);
}

void evolve_standing(State& state, StandingEvent const& event) {
  std::visit(overloaded{
                 [&](registration::Event const& e) {
                   add_route(state, request_of(e), Route{});
                   auto const before = std::pair(state.registration.id, state.registration.term);
                   state.registration = registration::evolve(std::move(state.registration), e);
                   // Orders that came before are refused for another reason from now on.
                   if (before != std::pair(state.registration.id, state.registration.term)) state.orders = {};
                 },
                 [&](RegistrationArmed const& e) { state.registration_armed = e.at; },
                 [&](LeaseWaited const& e) { state.lease_waits.set(e.task, true); },
                 [&](LeaseWaitEnded const& e) { state.lease_waits.erase(e.task); },
                 [&](RequestAnswered const& e) { state.routes.erase(e.answered); },
             },
             event);
}

void evolve_structure(State& state, StructureEvent const& event) {
  add_route(state, request_of(event), Route{});
  SourceStructure& source = state.source.edit();
  std::visit(overloaded{
                 [&](StructureAsked const& e) {
                   source.request = e.request;
                   source.asked_at = e.at;
                   source.asked_on = e.on;
                 },
                 [&](StructureSeen const& e) {
                   source.request.reset();
                   source.failures = 0;
                   source.read_at = source.asked_at;
                   source.read_on = source.asked_on;
                   if (e.structure) {
                     source.structure = Shared<std::optional<inventory::Structure>>(e.structure);
                   }
                 },
                 [&](StructureMissed const&) {
                   source.request.reset();
                   ++source.failures;
                 },
                 [&](StructureArmed const& e) { source.armed = e.at; },
                 [&](StructureWoken const&) { source.armed.reset(); },
             },
             event);
}

void leave_line(State& state, TaskId const& task) {
  LinePlace const* const place = state.turns_waited.find(task);
  if (place == nullptr) return;
  state.line.erase(LinePlace(*place));
  state.turns_waited.erase(task);
}

void evolve_copies(State& state, CopyEvent const& event) {
  std::visit(overloaded{
                 [&](TurnWaited const& e) {
                   LinePlace const place{e.target, {e.is_check ? 0U : 1U, ++state.line_end}};
                   state.turns_waited.set(e.task, place);
                   state.line.set(place, e.task);
                 },
                 [&](TurnGiven const& e) {
                   ClusterId const target = state.turns_waited.find(e.task)->first;
                   leave_line(state, e.task);
                   state.turns.set(e.task, target);
                 },
                 [&](TurnEnded const& e) {
                   leave_line(state, e.task);
                   state.turns.erase(e.task);
                 },
                 [&](SnapshotOrphaned const& e) {
                   Route route;
                   route.syncer = e.syncer;
                   route.server = e.snapshot.server;
                   route.closing = CloseSnapshot{e.request, e.snapshot, e.syncer, e.tick};
                   add_route(state, e.request, std::move(route));
                 },
                 [&](SyncerReleased const& e) { note_number(state, e.request.value()); },
             },
             event);
}

void evolve_positions(State& state, PositionEvent const& event) {
  add_route(state, request_of(event), Route{});
  Positions& positions = state.positions.edit();
  std::visit(overloaded{
                 [&](PositionDirty const& e) { positions.dirty.set(e.task, true); },
                 [&](FlushAsked const& e) {
                   positions.request = e.request;
                   positions.under_way = e.entries;
                   positions.stamp = e.stamp;
                   positions.deadline = e.deadline;
                   positions.flush_not_before = e.at + limits::position_flush;
                   positions.served = e.entries.back().task;
                   for (FlushEntry const& entry : e.entries) positions.dirty.erase(entry.task);
                 },
                 [&](Flushed const&) {
                   positions.request.reset();
                   positions.under_way.clear();
                   positions.failures = 0;
                 },
                 [&](FlushFailed const& e) {
                   positions.request.reset();
                   for (FlushEntry const& entry : positions.under_way) {
                     if (state.tasks.contains(entry.task)) positions.dirty.set(entry.task, true);
                   }
                   positions.under_way.clear();
                   ++positions.failures;
                   positions.flush_not_before = e.retry_at;
                 },
                 [&](FlushArmed const& e) { positions.armed = e.at; },
                 [&](FlushWoken const&) { positions.armed.reset(); },
             },
             event);
}

/// What is claimed of the target begins or ends for all its shards at once.
void touch_receivers(State& state) {
  Reports& reports = state.reports.edit();
  state.tasks.for_each([&](TaskId const& id, Task const& task) {
    if (task.spec->kind == task::Kind::ReceiveShard) reports.touched.set(id, true);
  });
}

void evolve_pulse(State& state, PulseEvent const& event) {
  add_route(state, request_of(event.event), Route{});
  bool const was_trusted = state.pulse.is_trusted;
  state.pulse = pulse::evolve(std::move(state.pulse), event.event);
  if (state.pulse.is_trusted != was_trusted) touch_receivers(state);
}

void see_route(State const& state, Reports& reports, RouteSeen const& seen) {
  reports.read_by.set(seen.server, seen.route);
  state.tasks.for_each([&](TaskId const& id, Task const& task) {
    auto const* sender = std::get_if<shard::sender::State>(&task.machine);
    if (sender != nullptr && sender->place && sender->place->leader == seen.server) reports.touched.set(id, true);
  });
}

void evolve_reports(State& state, ReportEvent const& event) {
  add_route(state, request_of(event), Route{});
  Reports& reports = state.reports.edit();
  std::visit(overloaded{
                 [&](ReportAsked const& e) {
                   reports.worker = e.worker;
                   reports.term = e.term;
                   reports.request = e.request;
                   reports.under_way = e.entries;
                   reports.is_overtaken = false;
                   reports.served = e.entries.back().first;
                   for (auto const& [task, entry] : e.entries) reports.touched.erase(task);
                 },
                 [&](ReportSkipped const& e) {
                   for (TaskId const& task : e.tasks) reports.touched.erase(task);
                 },
                 [&](ReportRefreshed const&) {
                   reports.reported.clear();
                   reports.is_overtaken = true;
                   state.tasks.for_each([&](TaskId const& id, Task const& task) {
                     if (task.spec->shard) reports.touched.set(id, true);
                   });
                 },
                 [&](ReportAnswered const& e) {
                   for (auto const& [task, entry] : reports.under_way) {
                     if (!state.tasks.contains(task)) continue;
                     if (e.done && !reports.is_overtaken) {
                       reports.reported.set(task, entry.report);
                     } else {
                       reports.touched.set(task, true);
                     }
                   }
                   reports.request.reset();
                   reports.under_way.clear();
                 },
                 [&](ReportArmed const& e) { reports.armed = e.at; },
                 [&](ReportWoken const&) {
                   reports.armed.reset();
                   ++reports.rounds;
                 },
                 [&](RouteSeen const& e) { see_route(state, reports, e); },
             },
             event);
}

}  // namespace

State evolve(State state, Event const& event) {
  std::visit(overloaded{
                 [&](TaskEvent const& e) { evolve_task(state, e); },
                 [&](SenderEvent const& e) { evolve_sender(state, e); },
                 [&](ReceiverEvent const& e) { evolve_receiver(state, e); },
                 [&](InventorySenderEvent const& e) {
                   add_route(state, request_of(e.event), of_task(e.task));
                   auto& machine = machine_of<inventory_sender::State>(state, e.task);
                   machine = inventory_sender::evolve(std::move(machine), e.event);
                 },
                 [&](InventoryReceiverEvent const& e) {
                   add_route(state, request_of(e.event), of_task(e.task));
                   auto& machine = machine_of<inventory_receiver::State>(state, e.task);
                   machine = inventory_receiver::evolve(std::move(machine), e.event);
                 },
                 [&](ReaderEvent const& e) { evolve_reader(state, e); },
                 [&](StandingEvent const& e) { evolve_standing(state, e); },
                 [&](StructureEvent const& e) { evolve_structure(state, e); },
                 [&](CopyEvent const& e) { evolve_copies(state, e); },
                 [&](PositionEvent const& e) { evolve_positions(state, e); },
                 [&](PulseEvent const& e) { evolve_pulse(state, e); },
                 [&](ReportEvent const& e) { evolve_reports(state, e); },
             },
             event);
  return state;
}

}  // namespace arangosync::worker
