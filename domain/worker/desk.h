// Where one decision of the worker is made: a copy of the state on which the events take effect as they are decided.
//
// Private to domain/worker. Copying the state is cheap (persistent_map.h). Each file below adds what one shared concern
// decides; whoever changes a task's machine says so with touch(), and settle_all() then does what follows for the
// others.
#pragma once

#include "domain/shard/moment.h"
#include "domain/worker/worker.h"

#include <set>
#include <utility>
#include <vector>

namespace arangosync::worker {

struct Desk {
  State state;
  shard::Moment moment;
  std::vector<Event> events;
  std::set<TaskId> touched;

  Desk(State const& before, Instant at, WallTime wall, Entropy entropy)
      : state(before),
        moment{at,
               wall,
               Draw(entropy),
               before.last_request,
               before.registration.write_until,
               before.registration.message_timeout,
               pulse::is_fresh(before.pulse, at),
               before.registration.term} {}

  void emit(Event event) {
    state = evolve(std::move(state), event);
    events.push_back(std::move(event));
  }
  void touch(TaskId const& task) { touched.insert(task); }

  /// A stream that begins anew, or a copy, no longer continues where its log reader is: the shard leaves it.
  void tell(TaskId const& task, shard::sender::Events told);
  void tell(TaskId const& task, shard::receiver::Events told) {
    for (auto& event : told) emit(ReceiverEvent{task, std::move(event)});
    touch(task);
  }
  void tell(TaskId const& task, inventory_sender::Events told) {
    for (auto& event : told) emit(InventorySenderEvent{task, std::move(event)});
    touch(task);
  }
  void tell(TaskId const& task, inventory_receiver::Events told) {
    for (auto& event : told) emit(InventoryReceiverEvent{task, std::move(event)});
    touch(task);
  }
  void tell(ReaderId reader, log_reader::Event event) { emit(ReaderEvent{reader, std::move(event)}); }

  /// The task's machine if it is of that kind, else null.
  template <class Machine>
  Machine const* machine(TaskId const& task) const {
    Task const* const found = state.tasks.find(task);
    return found == nullptr ? nullptr : std::get_if<Machine>(&found->machine);
  }
  shard::sender::State const* sender(TaskId const& task) const { return machine<shard::sender::State>(task); }
  shard::receiver::State const* receiver(TaskId const& task) const { return machine<shard::receiver::State>(task); }
};

/// Never sooner than this after a decision: a machine that could not act now will not be able to at once.
inline constexpr Duration wake_pause_min = std::chrono::milliseconds(50);
Instant not_at_once(Desk const& desk, Instant wake);

// ---- tasks.cpp
void start_task(Desk& desk, StartTask const& command);
void stop_task(Desk& desk, StopTask const& command);
void stop_task(Desk& desk, TaskId const& task);
void wake_task(Desk& desk, TaskId const& task);
void settle_all(Desk& desk);
ChannelName const& read_channel(task::Spec const& spec);
ChannelName const& written_channel(task::Spec const& spec);
bool reads_source(task::Spec const& spec);
bool writes_target(task::Spec const& spec);
/// How many shards of one target may be read from snapshots at a time, before one more that is to be checked, or
/// copied.
std::size_t turns_max(Config const& config, bool is_check);

// ---- standing.cpp
void on_registered(Desk& desk, Registered const& command);
void on_registration_timer(Desk& desk);
/// Whether an order of that term's leader is to be carried out; remembers the term.
bool heed(Desk& desk, Term term);

// ---- source_structure.cpp
void read_structure(Desk& desk);
/// What the inventory's sender may tell; null: nothing yet.
inventory::Structure const* structure_for(Desk const& desk, inventory_sender::State const& machine);
void on_structure_read(Desk& desk, StructureRead const& command);
void on_structure_timer(Desk& desk);
void place_sender(Desk& desk, TaskId const& task);
/// Where the shard lives; the outer absence means "not settled yet, leave it as it is" (spec read 4.2, 7.3).
std::optional<std::optional<shard::sender::Place>> place_of(inventory::Structure const& structure,
                                                            ShardRef const& shard);

// ---- readers.cpp
void settle_reader(Desk& desk, TaskId const& task);
void leave_reader(Desk& desk, TaskId const& task);
void on_log_read(Desk& desk, ReaderId reader, LogRead const& command);
void on_reader_timer(Desk& desk, ReaderId reader);
void release_syncer(Desk& desk, ServerId const& server, SyncerId syncer);

// ---- positions.cpp
void settle_position(Desk& desk, TaskId const& task);
void flush_positions(Desk& desk);
void on_positions_stored(Desk& desk, PositionsStored const& command);
void on_positions_timer(Desk& desk);

// ---- pulse.cpp
void beat(Desk& desk);
void on_beat_answered(Desk& desk, BeatAnswered const& command);
void on_pulse_timer(Desk& desk);

// ---- reports.cpp
void arm_reports(Desk& desk);
/// There is a leader that knows nothing of the tasks.
void report_all_again(Desk& desk);
void on_reports_timer(Desk& desk);
/// `route`: by which that DB-Server of the source was just read; empty: unknown.
void see_route(Desk& desk, ServerId const& server, std::string const& route);
void on_status_reported(Desk& desk, Reported const& command);

// ---- names of timers
TimerName timer_of(TaskId const& task);
TimerName timer_of(ReaderId reader);
inline constexpr char const* registration_timer = "registration";
inline constexpr char const* structure_timer = "structure";
inline constexpr char const* positions_timer = "positions";
inline constexpr char const* pulse_timer = "pulse";
inline constexpr char const* reports_timer = "reports";

/// What the log reader of a send-shard task knows now; absent while none serves it (view.cpp too).
std::optional<shard::sender::LogView> log_view(State const& state, TaskId const& task);

}  // namespace arangosync::worker
