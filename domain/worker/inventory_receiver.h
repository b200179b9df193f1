// The target's half of the inventory: makes the target's structure equal to the source's, and says which shards can
// start.
//
//   Resting ──new structure──► Reading target ──plan──► Stopping shards ──► Applying steps ──► (read again) … ──►
//   Starting shards
//
// Shards of a collection that is to be dropped, or made, are stopped first and their positions forgotten, so that a
// stale position never meets an empty collection, nor a late document the next one. A shard that a worker may still
// write (it sleeps, or has died) is held, and after some seconds the steps above it are left out of this round, and
// only they (docs/decisions/0032). Stopped are also those that somebody before had started, as the master tells,
// if the source, which has told its structure since then, does not have them. A step that fails keeps its error, holds
// up only what depends on it, and is tried again with back-off; one that was done and yet is due again (a server that
// reports something else than it was given, or not at once) is only looked at for a while. An order to start or stop a
// shard may be carried out a second time, later, by a master that slept meanwhile: of shards that were ever stopped is
// said again, in turn, what holds for them now (docs/decisions/0016). Spec arangodb-write 3.5, 13.1.
#pragma once

#include "domain/base/result.h"
#include "domain/inventory/plan.h"
#include "domain/shard/moment.h"
#include "domain/shard/stream.h"
#include "domain/worker/persistent_map.h"
#include "domain/worker/vocabulary.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace arangosync::worker::inventory_receiver {

struct Resting {
  friend bool operator==(Resting const&, Resting const&) = default;
};
/// A collection as the target has it, whose documents those of all its shards and parts are written to.
using Written = std::pair<DatabaseName, CollectionName>;
struct ReadingTarget {
  RequestId request;
  friend bool operator==(ReadingTarget const&, ReadingTarget const&) = default;
};
/// Works through `steps`; each is preceded by stopping the shards it would pull the ground from.
struct Working {
  Shared<std::vector<inventory::Step>> steps;
  Shared<std::vector<inventory::Step>> in_vain;  ///< were done already, and yet the target does not show it
  std::size_t next = 0;
  std::vector<std::size_t> failed;    ///< indexes of steps that failed in this round
  std::set<ShardRef> to_stop;         ///< before the first step
  std::optional<RequestId> stopping;  ///< AskShardStop of the first of to_stop
  std::set<ShardRef> held;            ///< a worker may still write them, and there are steps above them
  /// The steps go on without these, as shards of theirs are held, and what the master says of one.
  std::map<Written, std::string> left_out;
  std::vector<ShardRef> to_forget;  ///< positions to forget before the first step
  std::optional<RequestId> forgetting;
  std::optional<RequestId> applying;
  std::size_t applied = 0;
  friend bool operator==(Working const&, Working const&) = default;
};
using Phase = std::variant<Resting, ReadingTarget, Working>;

/// A shard whose tasks the master was asked to start; `source_id` of the collection it belonged to then.
struct Started {
  std::string source_id;
  bool confirmed = false;
  friend bool operator==(Started const&, Started const&) = default;
};

/// A shard whose stop was asked for in vain.
struct Held {
  std::uint32_t times = 0;
  Instant ask_at;
  std::string message;
  friend bool operator==(Held const&, Held const&) = default;
};

/// Why something of the structure is not as at the source, for people.
struct Trouble {
  std::string message;
  WallTime since;
  bool is_current = true;  ///< seen in this round
  friend bool operator==(Trouble const&, Trouble const&) = default;
};

struct State {
  shard::stream::State stream;
  shard::talk::State talk;
  Shared<std::optional<inventory::Structure>> source;
  WallTime as_of;          ///< it was read then, by the clock of the source's worker
  bool is_equal = false;   ///< the target's structure to it, seen with own eyes; nothing has come since
  bool round_due = false;  ///< the structures have to be compared (again)
  Instant round_not_before;
  Instant look_at;  ///< the target is looked at then, though there is no news
  Phase phase;
  Shared<TargetStructure> target;  ///< as last read
  PersistentMap<ShardRef, Started> started;
  std::set<ShardRef> stopped;                     ///< in this round, or in ones before that were overtaken
  std::map<ShardRef, Held> held;                  ///< in this round, or in ones before that were not complete
  std::set<ShardRef> inherited;                   ///< the master had tasks for them; nothing was said of them since
  std::map<RequestId, ShardRef> asking;           ///< AskShardStart under way
  PersistentMap<ShardRef, std::string> to_start;  ///< with the source id of their collection
  Instant start_not_before;
  std::set<ShardRef> doubtful;  ///< stopped before: an older order may yet come
  ShardRef said_again;          ///< of `doubtful`, the last one whose order was repeated
  Instant say_again_at;         ///< the next one's turn, not before
  std::optional<std::pair<RequestId, ShardRef>> stopping_again;  ///< such a repetition: AskShardStop under way
  std::optional<sync::InventoryReport> reported;
  std::optional<RequestId> reporting;
  std::uint64_t total = 0;  ///< shards of the source's replicated collections
  sync::InventoryReport report_under_way;
  Term report_term;                           ///< of the leader it is told to
  bool report_is_overtaken = false;           ///< there is another one by now
  Instant report_retry_at;                    ///< a changed report is not told before
  Instant report_repeat_at;                   ///< the same is told again then, as the leader may be another one
  std::uint32_t failures = 0;                 ///< rounds or calls that failed in a row
  std::uint32_t busy_rounds = 0;              ///< in a row, of one structure of the source, that had something to do
  std::uint32_t repeated_rounds = 0;          ///< in a row that were to do something again that had been done
  Shared<std::vector<inventory::Step>> done;  ///< in the last round, or before it and in vain since
  std::map<std::string, Trouble> troubles;    ///< by step or thing
  Instant retry_at;                           ///< of the call under way in Working
  friend bool operator==(State const&, State const&) = default;
};

struct MessageTaken {  ///< → Commit
  Offset offset;
  std::optional<inventory::Structure> structure;
  std::optional<WallTime> as_of;  ///< the source's structure is what was heard of it last, as read then
  Instant at;
  friend bool operator==(MessageTaken const&, MessageTaken const&) = default;
};
struct MessageDropped {  ///< → Commit
  Offset offset;
  friend bool operator==(MessageDropped const&, MessageDropped const&) = default;
};
struct TargetAsked {  ///< → ReadTargetStructure
  RequestId request;
  friend bool operator==(TargetAsked const&, TargetAsked const&) = default;
};
struct TargetSetBack {  ///< to an earlier moment: what was seen of it is not so any more
  friend bool operator==(TargetSetBack const&, TargetSetBack const&) = default;
};
struct RoundFailed {  ///< the target could not be read
  Instant retry_at;
  std::string message;
  WallTime at;
  friend bool operator==(RoundFailed const&, RoundFailed const&) = default;
};
struct RoundPlanned {
  TargetStructure target;
  std::vector<inventory::Step> steps;
  std::vector<inventory::Step> in_vain;
  std::vector<ShardRef> to_stop;                 ///< shards that lose their collection, or have another one now
  std::vector<ShardRef> to_forget;               ///< shards whose positions become void
  std::map<std::string, std::string> differing;  ///< things that cannot or need not be as at the source, and why
  WallTime at;
  friend bool operator==(RoundPlanned const&, RoundPlanned const&) = default;
};
struct StopAsked {  ///< → AskShardStop
  RequestId request;
  ShardRef shard;
  friend bool operator==(StopAsked const&, StopAsked const&) = default;
};
struct Stopped {  ///< nobody writes it any more
  ShardRef shard;
  friend bool operator==(Stopped const&, Stopped const&) = default;
};
struct StopHeld {  ///< the master stops it, but a worker may still write it
  ShardRef shard;
  std::optional<Instant> ask_at;  ///< absent: no step of this round is above it
  std::string message;
  friend bool operator==(StopHeld const&, StopHeld const&) = default;
};
struct StopsAskedAgain {  ///< those that are due
  Instant at;
  friend bool operator==(StopsAskedAgain const&, StopsAskedAgain const&) = default;
};
struct HeldLeftOut {
  friend bool operator==(HeldLeftOut const&, HeldLeftOut const&) = default;
};
struct ForgetAsked {  ///< → StorePositions, all absent
  RequestId request;
  std::vector<ShardRef> shards;
  Instant deadline;
  friend bool operator==(ForgetAsked const&, ForgetAsked const&) = default;
};
struct Forgotten {
  friend bool operator==(Forgotten const&, Forgotten const&) = default;
};
struct CallFailed {
  Instant retry_at;
  std::string message;
  friend bool operator==(CallFailed const&, CallFailed const&) = default;
};
struct StepAsked {  ///< → ApplyStep
  RequestId request;
  Instant deadline;
  friend bool operator==(StepAsked const&, StepAsked const&) = default;
};
struct StepDone {
  std::string step;
  friend bool operator==(StepDone const&, StepDone const&) = default;
};
struct StepFailed {
  std::string step;
  std::string message;
  WallTime at;
  friend bool operator==(StepFailed const&, StepFailed const&) = default;
};
/// All steps were tried. `again_at`: when the next round is due; absent: the structures are equal.
struct RoundEnded {
  std::optional<Instant> again_at;
  Instant look_at;
  friend bool operator==(RoundEnded const&, RoundEnded const&) = default;
};
struct StartAsked {  ///< → AskShardStart
  RequestId request;
  ShardRef shard;
  std::string source_id;
  friend bool operator==(StartAsked const&, StartAsked const&) = default;
};
struct StartConfirmed {
  RequestId answered;
  friend bool operator==(StartConfirmed const&, StartConfirmed const&) = default;
};
struct StartFailed {
  RequestId answered;
  Instant retry_at;
  friend bool operator==(StartFailed const&, StartFailed const&) = default;
};
struct OrderDoubted {  ///< the turn of one of the doubtful shards: what holds for it is said again
  ShardRef shard;
  Instant next_at;
  friend bool operator==(OrderDoubted const&, OrderDoubted const&) = default;
};
struct StopRepeated {  ///< → AskShardStop
  RequestId request;
  ShardRef shard;
  friend bool operator==(StopRepeated const&, StopRepeated const&) = default;
};
struct StopRepeatAnswered {
  friend bool operator==(StopRepeatAnswered const&, StopRepeatAnswered const&) = default;
};
struct TasksInherited {  ///< of whoever received the inventory before
  std::vector<ShardRef> shards;
  friend bool operator==(TasksInherited const&, TasksInherited const&) = default;
};
struct StartsDue {  ///< of these shards the collections exist on both sides; with their source ids
  std::vector<std::pair<ShardRef, std::string>> shards;
  friend bool operator==(StartsDue const&, StartsDue const&) = default;
};
struct ReportAsked {  ///< → ReportInventory
  RequestId request;
  sync::InventoryReport report;
  Term term = {};  ///< of the leader it is told to
  friend bool operator==(ReportAsked const&, ReportAsked const&) = default;
};
struct ReportOvertaken {  ///< a leader has come that knows nothing
  friend bool operator==(ReportOvertaken const&, ReportOvertaken const&) = default;
};
struct ReportAnswered {
  bool done = false;
  Instant retry_at;
  friend bool operator==(ReportAnswered const&, ReportAnswered const&) = default;
};

using Event = std::variant<MessageTaken, MessageDropped, TargetAsked, TargetSetBack, RoundFailed, RoundPlanned,
                           StopAsked, Stopped, StopHeld, StopsAskedAgain, HeldLeftOut, ForgetAsked, Forgotten,
                           CallFailed, StepAsked, StepDone, StepFailed, RoundEnded, StartAsked, StartConfirmed,
                           StartFailed, OrderDoubted, StopRepeated, StopRepeatAnswered, TasksInherited, StartsDue,
                           ReportAsked, ReportOvertaken, ReportAnswered, shard::stream::Event, shard::talk::Event>;

/// So often a shard's stop is asked for before its steps are left out; that takes some 3 s.
inline constexpr std::uint32_t times_held_max = 6;

State evolve(State state, Event const& event);
void check_invariants(State const& state);

using Events = std::vector<Event>;
/// `shards`: those that the master has tasks for.
Events on_start(State const& state, shard::Moment& moment, std::vector<ShardRef> const& shards);
Events on_message(State const& state, shard::Moment& moment, Offset offset, shard::DataMessage const& message);
Events on_unreadable(State const& state, shard::Moment& moment, Offset offset);
Events on_target_read(State const& state, shard::Moment& moment, RequestId request,
                      Outcome<TargetStructure> const& outcome);
Events on_step_applied(State const& state, shard::Moment& moment, RequestId request, Outcome<Done> const& outcome);
Events on_positions_stored(State const& state, shard::Moment& moment, RequestId request, Outcome<Done> const& outcome);
Events on_reported(State const& state, shard::Moment& moment, RequestId request, Outcome<Done> const& outcome);
Events on_published(State const& state, shard::Moment& moment, RequestId request, Outcome<Done> const& outcome);
/// The target is as it was at an earlier moment: another round.
Events on_set_back(State const& state, shard::Moment& moment);
Events on_new_leader(State const& state, shard::Moment& moment);
Events on_wake(State const& state, shard::Moment& moment);
/// `waits_for_lease`: whoever gives the lease back wakes it, so it does not ask for that itself. `knows_target` as in
/// shard::Moment: whoever learns that this has changed wakes it, too.
Instant next_wake(State const& state, Duration message_timeout, bool waits_for_lease, bool knows_target);
/// Something could be written, were it allowed.
bool waits_for_lease(State const& state, Instant at);

}  // namespace arangosync::worker::inventory_receiver
