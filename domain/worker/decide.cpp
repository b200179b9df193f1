#include "domain/base/check.h"
#include "domain/base/mark.h"
#include "domain/base/overloaded.h"
#include "domain/worker/desk.h"

#include <charconv>
#include <string_view>
#include <utility>

namespace arangosync::worker {

namespace {

/// Takes the answered request off the books. Null: nobody asked for this, or it was answered already.
std::optional<Route> take_route(Desk& desk, RequestId request) {
  Route const* const found = desk.state.routes.find(request);
  if (found == nullptr) return std::nullopt;
  Route route = *found;
  desk.emit(StandingEvent{RequestAnswered{request}});
  return route;
}

void on_timer(Desk& desk, TimerName const& timer) {
  std::string_view const name = timer.value();
  if (name == registration_timer) return on_registration_timer(desk);
  if (name == structure_timer) return on_structure_timer(desk);
  if (name == positions_timer) return on_positions_timer(desk);
  if (name == pulse_timer) return on_pulse_timer(desk);
  if (name == reports_timer) return on_reports_timer(desk);
  if (name.starts_with("reader/")) {
    std::uint64_t number = 0;
    std::string_view const digits = name.substr(7);
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return on_reader_timer(desk, ReaderId(number));
  }
  if (!name.starts_with("task/")) return;
  TaskId const task{std::string(name.substr(5))};
  Task const* const found = desk.state.tasks.find(task);
  if (found == nullptr || !found->armed) return;
  desk.emit(TaskEvent{TaskWoken{task}});
  wake_task(desk, task);
}

void on_reported(Desk& desk, Route const& route, Reported const& command) {
  auto const* inventory = desk.machine<inventory_receiver::State>(route.task);
  if (inventory == nullptr) return on_status_reported(desk, command);
  desk.tell(route.task, inventory_receiver::on_reported(*inventory, desk.moment, command.request, command.outcome));
}

template <class To, class From, class Convert>
Outcome<To> converted(Outcome<From> const& outcome, Convert convert) {
  if (!outcome) return unexpected(Fault(outcome.error()));
  return convert(*outcome);
}

void on_snapshot_opened(Desk& desk, Route const& route, SnapshotOpened const& command) {
  if (command.outcome) see_route(desk, route.server, command.outcome->route);
  auto const* sender = desk.sender(route.task);
  auto const outcome = converted<shard::sender::Opened>(command.outcome, [](Snapshot const& snapshot) {
    return shard::sender::Opened{snapshot.id,   snapshot.tick, snapshot.instance,
                                 snapshot.tree, snapshot.boot, snapshot.tree_may_come};
  });
  shard::sender::Events told;
  if (sender != nullptr) told = shard::sender::on_snapshot_opened(*sender, desk.moment, command.request, outcome);
  // A snapshot that nobody waits for any more would hold old data at the source until it expires.
  if (told.empty() && outcome) {
    desk.emit(CopyEvent{SnapshotOrphaned{desk.moment.next_request(), outcome->id, route.syncer, outcome->tick}});
    return;
  }
  if (sender != nullptr) desk.tell(route.task, std::move(told));
}

void on_snapshot_read(Desk& desk, Route const& route, SnapshotRead const& command) {
  auto const* sender = desk.sender(route.task);
  if (sender == nullptr) return;
  auto const outcome = converted<shard::sender::Chunk>(command.outcome, [](SnapshotChunk const& chunk) {
    return shard::sender::Chunk{chunk.documents, chunk.last};
  });
  desk.tell(route.task, shard::sender::on_chunk(*sender, desk.moment, command.request, outcome));
}

void on_difference_read(Desk& desk, Route const& route, DifferenceRead const& command) {
  auto const* sender = desk.sender(route.task);
  if (sender == nullptr) return;
  auto const outcome = converted<shard::sender::DifferenceChunk>(command.outcome, [](DifferenceChunk const& chunk) {
    return shard::sender::DifferenceChunk{chunk.changes, chunk.next, chunk.detail, chunk.removals};
  });
  desk.tell(route.task, shard::sender::on_difference_read(*sender, desk.moment, command.request, outcome));
}

void on_tree_compared(Desk& desk, Route const& route, TreeCompared const& command) {
  auto const* receiver = desk.receiver(route.task);
  if (receiver == nullptr) return;
  auto const outcome = converted<shard::receiver::Compared>(command.outcome, [](Comparison const& comparison) {
    return shard::receiver::Compared{comparison.copy_instead, comparison.ranges, comparison.wants_detail,
                                     comparison.next};
  });
  desk.tell(route.task, shard::receiver::on_tree_compared(*receiver, desk.moment, command.request, outcome));
}

void on_snapshot_closed(Desk& desk, Route const& route) {
  auto const* sender = desk.sender(route.task);
  auto const* tail = sender == nullptr ? nullptr : shard::sender::tailing(*sender);
  bool is_used = tail != nullptr && tail->syncer == route.syncer;
  desk.state.readers.for_each([&](ReaderId, log_reader::State const& reader) {
    is_used = is_used || (reader.server == route.server && reader.syncer == route.syncer);
  });
  if (!is_used) release_syncer(desk, route.server, route.syncer);
}

void on_target_read(Desk& desk, Route const& route, TargetStructureRead const& command) {
  auto const* inventory = desk.machine<inventory_receiver::State>(route.task);
  if (inventory == nullptr) return;
  desk.tell(route.task, inventory_receiver::on_target_read(*inventory, desk.moment, command.request, command.outcome));
}

void on_step_applied(Desk& desk, Route const& route, StepApplied const& command) {
  auto const* inventory = desk.machine<inventory_receiver::State>(route.task);
  if (inventory == nullptr) return;
  desk.tell(route.task, inventory_receiver::on_step_applied(*inventory, desk.moment, command.request, command.outcome));
}

void on_position_read(Desk& desk, Route const& route, PositionRead const& command) {
  auto const* receiver = desk.receiver(route.task);
  if (receiver == nullptr) return;
  auto outcome = command.outcome;
  if (outcome && outcome->position) {
    bool const is_of_this_life = outcome->position->stream == desk.state.tasks.find(route.task)->spec->channels.data;
    if (is_of_this_life) {
      outcome->position->stream = ChannelName{};
    } else {
      DC_MARK("worker.position.of_former_life");
      outcome->position.reset();
    }
  }
  desk.tell(route.task, shard::receiver::on_position_read(*receiver, desk.moment, command.request, outcome));
}

void on_stored(Desk& desk, Route const& route, PositionsStored const& command) {
  if (auto const* inventory = desk.machine<inventory_receiver::State>(route.task)) {
    desk.tell(route.task,
              inventory_receiver::on_positions_stored(*inventory, desk.moment, command.request, command.outcome));
  } else if (route.task == TaskId{}) {
    on_positions_stored(desk, command);
  }
}

void on_applied(Desk& desk, Route const& route, BatchApplied const& command) {
  auto const* receiver = desk.receiver(route.task);
  if (receiver == nullptr) return;
  auto const outcome = converted<std::uint64_t>(command.outcome, [](ApplyReport const& report) {
    return std::uint64_t{report.upserted} + std::uint64_t{report.removed};
  });
  desk.tell(route.task, shard::receiver::on_applied(*receiver, desk.moment, command.request, outcome));
}

void on_surplus_removed(Desk& desk, Route const& route, SurplusRemoved const& command) {
  auto const* receiver = desk.receiver(route.task);
  if (receiver == nullptr) return;
  desk.tell(route.task, shard::receiver::on_surplus_removed(*receiver, desk.moment, command.request, command.outcome));
}

void on_published(Desk& desk, Route const& route, Published const& command) {
  Task const* const task = desk.state.tasks.find(route.task);
  if (task == nullptr) return;
  std::visit(overloaded{
                 [&](inventory_sender::State const& machine) {
                   desk.tell(route.task,
                             inventory_sender::on_published(machine, desk.moment, command.request, command.outcome,
                                                            structure_for(desk, machine), desk.state.source->read_at));
                 },
                 [&](inventory_receiver::State const& machine) {
                   desk.tell(route.task,
                             inventory_receiver::on_published(machine, desk.moment, command.request, command.outcome));
                 },
                 [&](shard::sender::State const& machine) {
                   desk.tell(route.task,
                             shard::sender::on_published(machine, desk.moment, command.request, command.outcome));
                 },
                 [&](shard::receiver::State const& machine) {
                   desk.tell(route.task,
                             shard::receiver::on_published(machine, desk.moment, command.request, command.outcome));
                 },
             },
             task->machine);
}

/// A sender's half hears control messages: they are dealt with by being heard.
void on_control(Desk& desk, TaskId const& task, shard::ControlMessage const& message) {
  if (auto const* inventory = desk.machine<inventory_sender::State>(task)) {
    desk.tell(task, inventory_sender::on_control(*inventory, desk.moment, message, structure_for(desk, *inventory),
                                                 desk.state.source->read_at));
  } else if (auto const* sender = desk.sender(task)) {
    using namespace shard::sender;
    desk.tell(task, std::visit(overloaded{
                                   [&](shard::Request const& m) { return on_request(*sender, desk.moment, m); },
                                   [&](shard::Acknowledge const& m) { return on_acknowledge(*sender, desk.moment, m); },
                                   [&](shard::Difference const& m) { return on_difference(*sender, desk.moment, m); },
                                   [&](shard::CopyWanted const& m) { return on_copy_wanted(*sender, desk.moment, m); },
                               },
                               message));
  }
}

void on_unreadable(Desk& desk, TaskId const& task, ChannelName const& channel, Offset offset) {
  if (auto const* receiver = desk.receiver(task)) {
    desk.tell(task, shard::receiver::on_unreadable(*receiver, desk.moment, offset));
  } else if (auto const* inventory = desk.machine<inventory_receiver::State>(task)) {
    desk.tell(task, inventory_receiver::on_unreadable(*inventory, desk.moment, offset));
  } else {
    // A lost request or acknowledgement is said again by the receiver.
    desk.emit(TaskEvent{ControlHandled{channel, offset}});
  }
}

void on_message(Desk& desk, MessageArrived const& command) {
  TaskId const* const found = desk.state.channels.find(command.channel);
  if (found == nullptr) return;
  TaskId const task = *found;
  auto const* data = std::get_if<shard::DataMessage>(&command.message);
  auto const* receiver = desk.receiver(task);
  auto const* inventory = desk.machine<inventory_receiver::State>(task);
  if (data != nullptr && receiver != nullptr) {
    desk.tell(task, shard::receiver::on_message(*receiver, desk.moment, command.offset, *data));
  } else if (data != nullptr && inventory != nullptr) {
    desk.tell(task, inventory_receiver::on_message(*inventory, desk.moment, command.offset, *data));
  } else if (data != nullptr || receiver != nullptr || inventory != nullptr) {
    on_unreadable(desk, task, command.channel, command.offset);
  } else {
    on_control(desk, task, std::get<shard::ControlMessage>(command.message));
    desk.emit(TaskEvent{ControlHandled{command.channel, command.offset}});
  }
}

void on_answer(Desk& desk, Command const& command, RequestId request) {
  auto const route = take_route(desk, request);
  if (!route) return;
  std::visit(overloaded{
                 [&](Registered const& c) { on_registered(desk, c); },
                 [&](Reported const& c) { on_reported(desk, *route, c); },
                 [&](StructureRead const& c) { on_structure_read(desk, c); },
                 [&](SnapshotOpened const& c) { on_snapshot_opened(desk, *route, c); },
                 [&](SnapshotRead const& c) { on_snapshot_read(desk, *route, c); },
                 [&](DifferenceRead const& c) { on_difference_read(desk, *route, c); },
                 [&](TreeCompared const& c) { on_tree_compared(desk, *route, c); },
                 [&](SnapshotClosed const&) { on_snapshot_closed(desk, *route); },
                 [&](LogRead const& c) { on_log_read(desk, route->reader, c); },
                 [&](TargetStructureRead const& c) { on_target_read(desk, *route, c); },
                 [&](StepApplied const& c) { on_step_applied(desk, *route, c); },
                 [&](PositionRead const& c) { on_position_read(desk, *route, c); },
                 [&](PositionsStored const& c) { on_stored(desk, *route, c); },
                 [&](BeatAnswered const& c) { on_beat_answered(desk, c); },
                 [&](BatchApplied const& c) { on_applied(desk, *route, c); },
                 [&](SurplusRemoved const& c) { on_surplus_removed(desk, *route, c); },
                 [&](Published const& c) { on_published(desk, *route, c); },
                 [&](StartTask const&) {},
                 [&](StopTask const&) {},
                 [&](TimerFired const&) {},
                 [&](MessageArrived const&) {},
                 [&](MessageUnreadable const&) {},
             },
             command);
}

void on_command(Desk& desk, Command const& command) {
  auto const request = std::visit(
      [](auto const& c) -> std::optional<RequestId> {
        if constexpr (requires { c.request; }) return c.request;
        return std::nullopt;
      },
      command);
  if (request) return on_answer(desk, command, *request);
  if (auto const* start = std::get_if<StartTask>(&command)) return start_task(desk, *start);
  if (auto const* stop = std::get_if<StopTask>(&command)) return stop_task(desk, *stop);
  if (auto const* fired = std::get_if<TimerFired>(&command)) return on_timer(desk, fired->timer);
  if (auto const* arrived = std::get_if<MessageArrived>(&command)) return on_message(desk, *arrived);
  auto const& unreadable = std::get<MessageUnreadable>(command);
  TaskId const* const task = desk.state.channels.find(unreadable.channel);
  if (task != nullptr) on_unreadable(desk, TaskId(*task), unreadable.channel, unreadable.offset);
}

}  // namespace

State initial_state(Config config) {
  State state;
  state.config = std::move(config);
  state.registration_armed = Instant{};
  return state;
}

Decision decide(State const& state, Envelope<Command> const& command) {
  Desk desk(state, command.at, command.wall, command.entropy);
  on_command(desk, command.body);
  settle_all(desk);
  return std::move(desk.events);
}

}  // namespace arangosync::worker
