// Starting, stopping and waking tasks, and what follows for the shared concerns when a task's machine has changed.
#include "domain/base/check.h"
#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/base/overloaded.h"
#include "domain/worker/desk.h"
#include "domain/worker/view.h"

#include <algorithm>

namespace arangosync::worker {

std::size_t turns_max(Config const& config, bool is_check) {
  // Initial copies may take hours; what only has to be checked must not stand still for so long.
  return config.initial_copies_max + (is_check ? std::max(1U, config.initial_copies_max / 4) : 0U);
}

ChannelName const& read_channel(task::Spec const& spec) {
  return reads_source(spec) ? spec.channels.control : spec.channels.data;
}

ChannelName const& written_channel(task::Spec const& spec) {
  return reads_source(spec) ? spec.channels.data : spec.channels.control;
}

bool reads_source(task::Spec const& spec) {
  return spec.kind == task::Kind::SendInventory || spec.kind == task::Kind::SendShard;
}

bool writes_target(task::Spec const& spec) { return !reads_source(spec); }

TimerName timer_of(TaskId const& task) { return TimerName("task/" + task.value()); }
TimerName timer_of(ReaderId reader) { return TimerName("reader/" + std::to_string(reader.value())); }

Instant not_at_once(Desk const& desk, Instant wake) {
  return wake <= desk.moment.at ? desk.moment.at + wake_pause_min : wake;
}

void Desk::tell(TaskId const& task, shard::sender::Events told) {
  bool leaves = false;
  // Of a snapshot whose log no reader has taken over yet.
  auto const* tail = shard::sender::tailing(*sender(task));
  auto const syncer = tail != nullptr ? tail->syncer : std::nullopt;
  std::optional<ServerId> const server = tail != nullptr ? std::optional(tail->position.server) : std::nullopt;
  for (auto& event : told) {
    leaves = leaves || std::holds_alternative<shard::sender::StreamRequested>(event) ||
             std::holds_alternative<shard::sender::StreamBroken>(event) ||
             std::holds_alternative<shard::sender::SnapshotChosen>(event);
    emit(SenderEvent{task, std::move(event)});
  }
  if (leaves) leave_reader(*this, task);
  if (leaves && syncer) release_syncer(*this, *server, *syncer);
  touch(task);
}

namespace {

void wake_inventory_sender(Desk& desk, TaskId const& task) {
  auto const& machine = *desk.machine<inventory_sender::State>(task);
  desk.tell(task,
            inventory_sender::on_wake(machine, desk.moment, structure_for(desk, machine), desk.state.source->read_at));
}

void arm(Desk& desk, TaskId const& task, Instant wake) {
  if (wake == shard::never) return;
  wake = not_at_once(desk, wake);
  auto const& armed = desk.state.tasks.find(task)->armed;
  if (!armed || wake < *armed) desk.emit(TaskEvent{TaskArmed{task, wake}});
}

bool is_read(Desk const& desk, TaskId const& task) { return desk.state.tasks.find(task)->reader.has_value(); }

/// Whether it waits to be woken by the lease.
bool settle_lease(Desk& desk, TaskId const& task, bool waits) {
  if (desk.moment.may_write()) return false;
  bool const is_known = desk.state.lease_waits.contains(task);
  if (waits && !is_known) desk.emit(StandingEvent{LeaseWaited{task}});
  return waits || is_known;
}

ClusterId target_of(Task const& task) { return task.spec->target.value_or(ClusterId{}); }

std::size_t turns_of(State const& state, ClusterId const& target) {
  std::size_t turns = 0;
  state.turns.for_each([&](TaskId const&, ClusterId const& other) { turns += other == target ? 1 : 0; });
  return turns;
}

/// The first in the target's line, if it may have a turn now.
std::optional<TaskId> next_of(State const& state, ClusterId const& target) {
  auto const first = state.line.first_from(LinePlace{target, {0, 0}});
  if (!first || first->first.first != target) return std::nullopt;
  bool const is_check = first->first.second.first == 0;
  return turns_of(state, target) < turns_max(state.config, is_check) ? std::optional(first->second) : std::nullopt;
}

/// A shard that was to be checked, and is now to be copied, has its turn perhaps only as one of the former.
bool may_keep_turn(State const& state, ClusterId const& target, bool is_check) {
  return turns_of(state, target) <= turns_max(state.config, is_check);
}

bool stands_as_check(State const& state, TaskId const& task) {
  return state.turns_waited.find(task)->second.first == 0;
}

void give_turns(Desk& desk, ClusterId const& target) {
  while (auto const task = next_of(desk.state, target)) {
    if (!shard::sender::wants_turn(*desk.sender(*task))) {
      // The structure has changed under several at once, and this one has not been settled yet.
      DC_MARK("worker.turn.not_wanted");
      desk.emit(CopyEvent{TurnEnded{*task}});
      continue;
    }
    desk.emit(CopyEvent{TurnGiven{*task}});
    desk.tell(*task, shard::sender::on_turn(*desk.sender(*task), desk.moment));
  }
}

void settle_turn(Desk& desk, TaskId const& task) {
  auto const& sender = *desk.sender(task);
  ClusterId const target = target_of(*desk.state.tasks.find(task));
  bool const has_turn = desk.state.turns.contains(task);
  bool const is_waiting = desk.state.turns_waited.contains(task);
  bool const wants = shard::sender::wants_turn(sender);
  bool const is_check = shard::sender::wants_check(sender);
  if (wants && desk.moment.at < sender.retry_at) {
    // It has given its turn back, and may not yet queue up again.
    if (has_turn || is_waiting) desk.emit(CopyEvent{TurnEnded{task}});
    arm(desk, task, sender.retry_at);
  } else if (wants && has_turn && may_keep_turn(desk.state, target, is_check)) {
    desk.tell(task, shard::sender::on_turn(sender, desk.moment));
  } else if (wants && (has_turn || !is_waiting || stands_as_check(desk.state, task) != is_check)) {
    if (has_turn || is_waiting) desk.emit(CopyEvent{TurnEnded{task}});
    desk.emit(CopyEvent{TurnWaited{task, target, is_check}});
  } else if (!wants && !shard::sender::holds_turn(sender) && (has_turn || is_waiting)) {
    desk.emit(CopyEvent{TurnEnded{task}});
  }
  give_turns(desk, target);
}

void settle(Desk& desk, TaskId const& task) {
  Task const* const found = desk.state.tasks.find(task);
  if (found == nullptr) return;
  Duration const timeout = desk.state.registration.message_timeout;
  switch (found->spec->kind) {
    case task::Kind::SendInventory:
      arm(desk, task, inventory_sender::next_wake(*desk.machine<inventory_sender::State>(task)));
      break;
    case task::Kind::ReceiveInventory: {
      auto const& machine = *desk.machine<inventory_receiver::State>(task);
      bool const waits = settle_lease(desk, task, inventory_receiver::waits_for_lease(machine, desk.moment.at));
      arm(desk, task,
          inventory_receiver::next_wake(*desk.machine<inventory_receiver::State>(task), timeout, waits,
                                        desk.moment.knows_target));
      break;
    }
    case task::Kind::SendShard:
      settle_turn(desk, task);
      settle_reader(desk, task);
      arm(desk, task, shard::sender::next_wake(*desk.sender(task), is_read(desk, task)));
      break;
    case task::Kind::ReceiveShard: {
      settle_position(desk, task);
      bool const waits =
          settle_lease(desk, task, shard::receiver::waits_for_lease(*desk.receiver(task), desk.moment.at));
      arm(desk, task, shard::receiver::next_wake(*desk.receiver(task), timeout, waits));
      break;
    }
  }
}

void tell_reign(Desk& desk, TaskId const& task, Reign const& reign) {
  auto const* sender = desk.sender(task);
  if (sender == nullptr) return;
  shard::sender::Events told = shard::sender::on_reign(*sender, desk.moment, reign);
  if (!told.empty()) desk.tell(task, std::move(told));
}

void begin_task(Desk& desk, StartTask const& command) {
  TaskId const& task = command.task;
  switch (desk.state.tasks.find(task)->spec->kind) {
    case task::Kind::SendInventory:
      read_structure(desk);
      wake_inventory_sender(desk, task);
      break;
    case task::Kind::ReceiveInventory:
      desk.tell(task, inventory_receiver::on_start(*desk.machine<inventory_receiver::State>(task), desk.moment,
                                                   command.shards));
      break;
    case task::Kind::SendShard:
      read_structure(desk);
      tell_reign(desk, task, command.reign);
      place_sender(desk, task);
      desk.tell(task, shard::sender::on_wake(*desk.sender(task), desk.moment, false));
      break;
    case task::Kind::ReceiveShard:
      desk.tell(task, shard::receiver::on_start(*desk.receiver(task), desk.moment));
      break;
  }
}

bool is_complete(task::Spec const& spec) {
  bool const is_shard = spec.kind == task::Kind::SendShard || spec.kind == task::Kind::ReceiveShard;
  if (is_shard && !spec.shard) return false;
  return !spec.channels.data.value().empty() && !spec.channels.control.value().empty();
}

}  // namespace

void start_task(Desk& desk, StartTask const& command) {
  if (!is_complete(command.spec)) return;
  if (!is_meant(desk.state, command.worker)) {
    DC_MARK("worker.task.for_another_registration");
    return;
  }
  if (!heed(desk, command.term)) return;
  orders::Order const order{command.term, command.number, desk.moment.at};
  Task const* const known = desk.state.tasks.find(command.task);
  if (known != nullptr ? orders::is_older(order, known->by)
                       : orders::is_overtaken(desk.state.orders, command.task, order)) {
    DC_MARK("worker.order.overtaken");
    return;
  }
  if (known != nullptr) {
    // A master that was told of other endpoints or another token says so by giving the task again.
    bool const is_elsewhere = !(*known->remote == command.remote);
    if (orders::is_numbered(order)) desk.emit(TaskEvent{StartHeard{command.task, order}});
    if (is_elsewhere) desk.emit(TaskEvent{TaskRedirected{command.task, command.remote}});
    return tell_reign(desk, command.task, command.reign);
  }
  // Its former life's position may yet be stored: one that is read now would be older than what stands there then.
  auto const& stored = desk.state.positions->under_way;
  bool const is_being_stored =
      std::any_of(stored.begin(), stored.end(), [&](FlushEntry const& entry) { return entry.task == command.task; });
  if (is_being_stored) return;
  // Another task on the same channel is an earlier life of this one.
  if (TaskId const* const other = desk.state.channels.find(read_channel(command.spec))) stop_task(desk, TaskId(*other));
  desk.emit(TaskEvent{TaskStarted{command.task, command.spec, command.remote, desk.moment.at, order}});
  begin_task(desk, command);
  beat(desk);
  arm_reports(desk);
}

void stop_task(Desk& desk, StopTask const& command) {
  if (!is_meant(desk.state, command.worker) || !heed(desk, command.term)) return;
  orders::Order const order{command.term, command.number, desk.moment.at};
  Task const* const known = desk.state.tasks.find(command.task);
  if (known != nullptr && orders::is_older(order, known->by)) return;
  if (orders::is_numbered(order)) desk.emit(TaskEvent{StopHeard{command.task, {command.number, desk.moment.at}}});
  stop_task(desk, command.task);
}

void stop_task(Desk& desk, TaskId const& task) {
  Task const* const found = desk.state.tasks.find(task);
  if (found == nullptr) return;
  task::Spec const spec = *found->spec;
  if (auto const* sender = desk.sender(task)) {
    if (auto const* tail = shard::sender::tailing(*sender); tail != nullptr && tail->syncer) {
      release_syncer(desk, tail->position.server, *tail->syncer);
    }
    for (auto& event : shard::sender::on_stop(*desk.sender(task), desk.moment))
      desk.emit(SenderEvent{task, std::move(event)});
    leave_reader(desk, task);
    bool const stands_in_line = desk.state.turns.contains(task) || desk.state.turns_waited.contains(task);
    if (stands_in_line) desk.emit(CopyEvent{TurnEnded{task}});
  } else if (auto const* receiver = desk.receiver(task)) {
    for (auto& event : shard::receiver::on_stop(*receiver)) desk.emit(ReceiverEvent{task, std::move(event)});
  }
  desk.emit(TaskEvent{TaskStopped{task, spec}});
  desk.touched.erase(task);
  give_turns(desk, spec.target.value_or(ClusterId{}));
}

void wake_task(Desk& desk, TaskId const& task) {
  Task const* const found = desk.state.tasks.find(task);
  DC_ASSERT(found != nullptr);
  switch (found->spec->kind) {
    case task::Kind::SendInventory:
      wake_inventory_sender(desk, task);
      break;
    case task::Kind::ReceiveInventory:
      desk.tell(task, inventory_receiver::on_wake(*desk.machine<inventory_receiver::State>(task), desk.moment));
      break;
    case task::Kind::SendShard:
      desk.tell(task, shard::sender::on_wake(*desk.sender(task), desk.moment, is_read(desk, task)));
      break;
    case task::Kind::ReceiveShard:
      desk.tell(task, shard::receiver::on_wake(*desk.receiver(task), desk.moment));
      break;
  }
}

void settle_all(Desk& desk) {
  while (!desk.touched.empty()) {
    TaskId const task = *desk.touched.begin();
    desk.touched.erase(desk.touched.begin());
    settle(desk, task);
  }
}

}  // namespace arangosync::worker
