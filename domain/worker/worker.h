// The worker: one machine that runs all tasks the master has given it, and shares among them what can be shared.
//
// Used by app/engine in daemons and in simulation. Pure: no clock, thread, I/O, log or chance of its own. The machines
// of the tasks (domain/shard sender and receiver, inventory_sender.h, inventory_receiver.h) know nothing of each other;
// this room routes commands to them by request id and channel, and owns what they share: the registration, the source's
// structure, the log readers, the turns to copy, the flush of positions, the reports. A command costs O(log tasks).
//
// It never refuses a command: what no longer fits (an answer to a forgotten request, a message of an unknown channel)
// decides to nothing, and so do orders of a leader that another has followed, or that it has overtaken itself. A new
// worker id in the master's answer means that all tasks are gone.
#pragma once

#include "domain/base/envelope.h"
#include "domain/base/limits.h"
#include "domain/shard/receiver.h"
#include "domain/shard/sender.h"
#include "domain/worker/inventory_receiver.h"
#include "domain/worker/inventory_sender.h"
#include "domain/worker/log_reader.h"
#include "domain/worker/orders.h"
#include "domain/worker/persistent_map.h"
#include "domain/worker/pulse.h"
#include "domain/worker/registration.h"
#include "domain/worker/vocabulary.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace arangosync::worker {

struct Config {
  Url endpoint;                                                   ///< by which masters reach this worker
  std::uint32_t initial_copies_max = limits::initial_copies_max;  ///< of each target
  friend bool operator==(Config const&, Config const&) = default;
};

// ---- state ------------------------------------------------------------------------------------------------------

using TaskMachine =
    std::variant<inventory_sender::State, inventory_receiver::State, shard::sender::State, shard::receiver::State>;

struct Task {
  Shared<task::Spec> spec;  ///< the same for all its life
  Shared<task::QueueConfig> remote;
  TaskMachine machine;
  std::optional<ReaderId> reader;  ///< send-shard: the log reader that serves it, or that it waits to join
  std::optional<Instant> armed;    ///< when its timer wakes it
  orders::Order by = {};           ///< the newest to run it
  friend bool operator==(Task const&, Task const&) = default;
};

/// Whose request it is; answers are routed by it.
struct Route {
  TaskId task;                           ///< empty: none of a task
  ReaderId reader;                       ///< 0: none of a reader
  SyncerId syncer;                       ///< snapshot calls
  ServerId server;                       ///< snapshot calls
  std::optional<CloseSnapshot> closing;  ///< the whole call: nobody else remembers it
  friend bool operator==(Route const&, Route const&) = default;
};

struct SourceStructure {
  Shared<std::optional<inventory::Structure>> structure;
  WallTime read_at;  ///< when it was asked for: of later changes it may lack some
  WallTime asked_at;
  Instant read_on;  ///< `read_at` of the own clock
  Instant asked_on;
  std::optional<RequestId> request;
  std::uint32_t failures = 0;
  std::optional<Instant> armed;
  friend bool operator==(SourceStructure const&, SourceStructure const&) = default;
};

struct FlushEntry {
  TaskId task;
  ShardRef shard;
  shard::receiver::Unstored unstored;
  ChannelName stream;  ///< the data channel it was reached under
  friend bool operator==(FlushEntry const&, FlushEntry const&) = default;
};
struct Positions {
  PersistentMap<TaskId, bool> dirty;  ///< receivers with something to store
  TaskId served;                      ///< the last one of those stored last: the next ones come first
  std::optional<RequestId> request;
  std::vector<FlushEntry> under_way;
  Stamp stamp;  ///< of those under way
  Instant deadline;
  std::uint32_t failures = 0;
  Instant flush_not_before;
  std::optional<Instant> armed;
  friend bool operator==(Positions const&, Positions const&) = default;
};

struct Reports {
  PersistentMap<TaskId, bool> touched;  ///< may differ from what was reported
  TaskId served;                        ///< the last one of those reported last: the next ones come first
  PersistentMap<TaskId, sync::ShardReport> reported;
  std::optional<RequestId> request;
  std::vector<std::pair<TaskId, sync::StatusEntry>> under_way;
  WorkerId worker;            ///< under whose registration that was seen …
  Term term;                  ///< … and the leader it is told to
  bool is_overtaken = false;  ///< all is to be reported again, also what is under way
  std::uint32_t rounds = 0;
  PersistentMap<ServerId, std::string> read_by;  ///< the route to each DB-Server of the source, as last seen
  std::optional<Instant> armed;
  friend bool operator==(Reports const&, Reports const&) = default;
};

/// Where a task stands in its target's line: those whose shards run and are only to be checked before those that are to
/// be copied, else first come, first served. As (target, (0 for a check or 1, number)).
using LinePlace = std::pair<ClusterId, std::pair<std::uint64_t, std::uint64_t>>;

struct State {
  Config config;
  RequestId last_request;
  registration::State registration;
  std::optional<Instant> registration_armed;
  orders::State orders;
  PersistentMap<TaskId, Task> tasks;
  PersistentMap<ChannelName, TaskId> channels;  ///< the channel each task reads
  PersistentMap<RequestId, Route> routes;
  Shared<SourceStructure> source;
  std::uint32_t source_tasks = 0;  ///< tasks that need the source's structure
  PersistentMap<ReaderId, log_reader::State> readers;
  PersistentMap<std::pair<ServerId, ClusterId>, ReaderId> shared_readers;  ///< by server and target
  PersistentMap<TaskId, LinePlace> turns_waited;  ///< send-shard tasks that wait for their turn to copy
  PersistentMap<LinePlace, TaskId> line;          ///< the same, in order
  std::uint64_t line_end = 0;                     ///< the last number given out there
  PersistentMap<TaskId, ClusterId> turns;         ///< those that have it, with their targets
  PersistentMap<TaskId, bool> lease_waits;        ///< tasks that could write, were the lease alive
  Shared<Positions> positions;
  pulse::State pulse;
  Shared<Reports> reports;
  friend bool operator==(State const&, State const&) = default;
};

// ---- events -----------------------------------------------------------------------------------------------------

struct TaskStarted {
  TaskId task;
  task::Spec spec;
  task::QueueConfig remote;
  Instant at;
  orders::Order by = {};
  friend bool operator==(TaskStarted const&, TaskStarted const&) = default;
};
struct TaskRedirected {  ///< the other datacenter's queue is reached another way now → Subscribe
  TaskId task;
  task::QueueConfig remote;
  friend bool operator==(TaskRedirected const&, TaskRedirected const&) = default;
};
struct TaskStopped {  ///< → Unsubscribe, DropChannel
  TaskId task;
  task::Spec spec;
  friend bool operator==(TaskStopped const&, TaskStopped const&) = default;
};
struct StartHeard {  ///< of a task that runs already
  TaskId task;
  orders::Order by;
  friend bool operator==(StartHeard const&, StartHeard const&) = default;
};
struct StopHeard {  ///< whether it runs or not
  TaskId task;
  orders::Stop stop;
  friend bool operator==(StopHeard const&, StopHeard const&) = default;
};
struct TaskArmed {  ///< → WakeAt
  TaskId task;
  Instant at;
  friend bool operator==(TaskArmed const&, TaskArmed const&) = default;
};
struct TaskWoken {
  TaskId task;
  friend bool operator==(TaskWoken const&, TaskWoken const&) = default;
};
struct ControlHandled {  ///< a control message was taken → Commit
  ChannelName channel;
  Offset offset;
  friend bool operator==(ControlHandled const&, ControlHandled const&) = default;
};
using TaskEvent =
    std::variant<TaskStarted, TaskRedirected, TaskStopped, StartHeard, StopHeard, TaskArmed, TaskWoken, ControlHandled>;

struct SenderEvent {
  TaskId task;
  shard::sender::Event event;
  friend bool operator==(SenderEvent const&, SenderEvent const&) = default;
};
struct ReceiverEvent {
  TaskId task;
  shard::receiver::Event event;
  friend bool operator==(ReceiverEvent const&, ReceiverEvent const&) = default;
};
struct InventorySenderEvent {
  TaskId task;
  inventory_sender::Event event;
  friend bool operator==(InventorySenderEvent const&, InventorySenderEvent const&) = default;
};
struct InventoryReceiverEvent {
  TaskId task;
  inventory_receiver::Event event;
  friend bool operator==(InventoryReceiverEvent const&, InventoryReceiverEvent const&) = default;
};
struct ReaderEvent {
  ReaderId reader;
  log_reader::Event event;
  friend bool operator==(ReaderEvent const&, ReaderEvent const&) = default;
};

struct RequestAnswered {
  RequestId answered;
  friend bool operator==(RequestAnswered const&, RequestAnswered const&) = default;
};
struct RegistrationArmed {  ///< → WakeAt
  Instant at;
  friend bool operator==(RegistrationArmed const&, RegistrationArmed const&) = default;
};
struct LeaseWaited {
  TaskId task;
  friend bool operator==(LeaseWaited const&, LeaseWaited const&) = default;
};
struct LeaseWaitEnded {
  TaskId task;
  friend bool operator==(LeaseWaitEnded const&, LeaseWaitEnded const&) = default;
};
using StandingEvent =
    std::variant<registration::Event, RegistrationArmed, LeaseWaited, LeaseWaitEnded, RequestAnswered>;

struct StructureAsked {  ///< → ReadStructure
  RequestId request;
  WallTime at;
  Instant on;
  friend bool operator==(StructureAsked const&, StructureAsked const&) = default;
};
struct StructureSeen {  ///< absent: as before
  std::optional<inventory::Structure> structure;
  friend bool operator==(StructureSeen const&, StructureSeen const&) = default;
};
struct StructureMissed {
  friend bool operator==(StructureMissed const&, StructureMissed const&) = default;
};
struct StructureArmed {  ///< → WakeAt
  Instant at;
  friend bool operator==(StructureArmed const&, StructureArmed const&) = default;
};
struct StructureWoken {
  friend bool operator==(StructureWoken const&, StructureWoken const&) = default;
};
using StructureEvent = std::variant<StructureAsked, StructureSeen, StructureMissed, StructureArmed, StructureWoken>;

struct TurnWaited {
  TaskId task;
  ClusterId target;       ///< a silent one keeps its own turns only
  bool is_check = false;  ///< its position is good as far as anybody knows
  friend bool operator==(TurnWaited const&, TurnWaited const&) = default;
};
struct TurnGiven {
  TaskId task;
  friend bool operator==(TurnGiven const&, TurnGiven const&) = default;
};
struct TurnEnded {  ///< it has copied, or no longer wants to
  TaskId task;
  friend bool operator==(TurnEnded const&, TurnEnded const&) = default;
};
/// A snapshot came for a task that no longer wants it. → CloseSnapshot
struct SnapshotOrphaned {
  RequestId request;
  SnapshotId snapshot;
  SyncerId syncer;
  Tick tick;
  friend bool operator==(SnapshotOrphaned const&, SnapshotOrphaned const&) = default;
};
/// No reader continues a snapshot's syncer. → ForgetReader
struct SyncerReleased {
  RequestId request;  ///< makes the name of a reader that never was
  ServerId server;
  SyncerId syncer;
  friend bool operator==(SyncerReleased const&, SyncerReleased const&) = default;
};
using CopyEvent = std::variant<TurnWaited, TurnGiven, TurnEnded, SnapshotOrphaned, SyncerReleased>;

struct PositionDirty {
  TaskId task;
  friend bool operator==(PositionDirty const&, PositionDirty const&) = default;
};
struct FlushAsked {  ///< → StorePositions
  RequestId request;
  std::vector<FlushEntry> entries;
  Stamp stamp;
  Instant deadline;
  Instant at;
  friend bool operator==(FlushAsked const&, FlushAsked const&) = default;
};
struct Flushed {
  friend bool operator==(Flushed const&, Flushed const&) = default;
};
struct FlushFailed {
  Instant retry_at;
  friend bool operator==(FlushFailed const&, FlushFailed const&) = default;
};
struct FlushArmed {  ///< → WakeAt
  Instant at;
  friend bool operator==(FlushArmed const&, FlushArmed const&) = default;
};
struct FlushWoken {
  friend bool operator==(FlushWoken const&, FlushWoken const&) = default;
};
using PositionEvent = std::variant<PositionDirty, FlushAsked, Flushed, FlushFailed, FlushArmed, FlushWoken>;

struct PulseEvent {
  pulse::Event event;
  friend bool operator==(PulseEvent const&, PulseEvent const&) = default;
};

struct ReportAsked {  ///< → ReportStatus
  RequestId request;
  std::vector<std::pair<TaskId, sync::StatusEntry>> entries;
  WorkerId worker;
  Term term = {};
  friend bool operator==(ReportAsked const&, ReportAsked const&) = default;
};
struct ReportSkipped {  ///< looked at, nothing to say
  std::vector<TaskId> tasks;
  friend bool operator==(ReportSkipped const&, ReportSkipped const&) = default;
};
struct ReportRefreshed {  ///< everything is to be reported again: a new leader of the masters knows nothing
  friend bool operator==(ReportRefreshed const&, ReportRefreshed const&) = default;
};
struct ReportAnswered {
  bool done = false;
  friend bool operator==(ReportAnswered const&, ReportAnswered const&) = default;
};
struct ReportArmed {  ///< → WakeAt
  Instant at;
  friend bool operator==(ReportArmed const&, ReportArmed const&) = default;
};
struct ReportWoken {
  friend bool operator==(ReportWoken const&, ReportWoken const&) = default;
};
struct RouteSeen {  ///< a DB-Server of the source is read by another route than before
  ServerId server;
  std::string route;
  friend bool operator==(RouteSeen const&, RouteSeen const&) = default;
};
using ReportEvent =
    std::variant<ReportAsked, ReportSkipped, ReportRefreshed, ReportAnswered, ReportArmed, ReportWoken, RouteSeen>;

using Event =
    std::variant<TaskEvent, SenderEvent, ReceiverEvent, InventorySenderEvent, InventoryReceiverEvent, ReaderEvent,
                 StandingEvent, StructureEvent, CopyEvent, PositionEvent, PulseEvent, ReportEvent>;

// ---- the machine ------------------------------------------------------------------------------------------------

struct Refusal {  ///< never given; the type keeps both root machines alike
  std::string reason;
  friend bool operator==(Refusal const&, Refusal const&) = default;
};
using Decision = Expected<std::vector<Event>, Refusal>;

State initial_state(Config config);
Decision decide(State const& state, Envelope<Command> const& command);
State evolve(State state, Event const& event);
std::vector<Effect> react(State const& after, Event const& event);
/// All effects that should be under way: unanswered requests, subscriptions, wake-ups.
std::vector<Effect> outstanding(State const& state);
/// Wakes the registration at once: only a command knows what time it is.
std::vector<Effect> on_start(State const& state);
std::vector<Effect> on_refusal(Command const& command, Refusal const& why);
void check_invariants(State const& state);

}  // namespace arangosync::worker
