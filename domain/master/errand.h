// Errands: calls to the outside that are repeated until they are answered.
//
// An errand is wanted because of the state (a task is assigned but not delivered, a shard is not announced, …), never
// because of a memory of having asked: after a change of leadership the same errands follow from the loaded state.
// `want` is that rule; evolve() keeps the book of open errands equal to it, so a lost effect or a crash costs one
// repetition. Used inside this room only; one attempt of an errand is under way at a time. One that had no
// answer may still arrive after the next: whoever obeys must tell by the order's number (docs/decisions/0018, 0027).
// The own cluster cannot: its mode is looked at again (0029).
#pragma once

#include "domain/base/ids.h"
#include "domain/base/instant.h"
#include "domain/sync/state.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace arangosync::master {

enum class ErrandKind {
  LoadState,
  MakeWorkerCa,
  Survey,  ///< of the own cluster: where its shards are led, and its mode
  Task,    ///< send it to its worker; undo: revoke it there
  AskSource,
  ServerMode,  ///< of the own cluster. Do: read-only; undo: default
  Outgoing,    ///< announce ourselves at the source as its target; undo: withdraw
  Barrier,     ///< target: have the source held read-only; undo: let it go
  Lineage,     ///< target: ask the source whom it receives from
  Shard,       ///< announce it at the source; undo: withdraw it
  RenewToken
};

struct Errand {
  ErrandKind kind = ErrandKind::LoadState;
  TaskId task;            ///< of Task
  sync::Partner partner;  ///< of RenewToken
  ShardRef shard;         ///< of Shard
  friend auto operator<=>(Errand const&, Errand const&) = default;
  friend bool operator==(Errand const&, Errand const&) = default;
};

enum class Want { Nothing, Do, Undo };

struct Attempt {
  RequestId request;
  Want want = Want::Do;   ///< Do or Undo
  bool under_way = true;  ///< else: waiting until retry_at
  std::uint32_t failures = 0;
  Instant retry_at;
  bool outdated = false;  ///< what was said is not what would be said now: a success counts for nothing, say it again.
                          ///< Of a survey: it may have been taken before a call about the mode was carried out
  std::string message;    ///< of the last failure
  friend bool operator==(Attempt const&, Attempt const&) = default;
};

struct Errands {
  std::map<Errand, Attempt> open;
  std::map<RequestId, Errand> under_way;
  std::set<std::pair<Instant, Errand>> waiting;
  std::vector<Errand> fresh;  ///< begun by the last event: react() makes effects of them
  friend bool operator==(Errands const&, Errands const&) = default;
};

struct Office;
struct State;

// ---- events, none durable -------------------------------------------------------------------------------------------
struct ErrandAnswered {  ///< last event of a decision that used an answer
  Errand errand;
  RequestId request;
  friend bool operator==(ErrandAnswered const&, ErrandAnswered const&) = default;
};
struct ErrandFailed {
  Errand errand;
  Instant retry_at;
  std::string message;
  friend bool operator==(ErrandFailed const&, ErrandFailed const&) = default;
};
struct ErrandsDue {  ///< those whose retry_at has come
  Instant at;
  friend bool operator==(ErrandsDue const&, ErrandsDue const&) = default;
};
using ErrandEvent = std::variant<ErrandAnswered, ErrandFailed, ErrandsDue>;

Want want(Office const& office, Errand const& errand);
/// Every errand that `want` asks for.
std::map<Errand, Want> all_wanted(Office const& office);

/// Makes the book agree with `want` for one errand: begins, drops, or leaves it alone.
void refresh(Office& office, RequestId& next_request, Errand const& errand);
/// Forgets an attempt (its answer will be ignored) and refreshes.
void restart(Office& office, RequestId& next_request, Errand const& errand);
/// What an attempt under way says has changed; it is repeated when it is answered.
void outdate(Office& office, Errand const& errand);
/// The same for errands that a change of a whole synchronization may touch: all its tasks, and its shards.
void refresh_partner(Office& office, RequestId& next_request, sync::Partner const& partner);
void refresh_all(Office& office, RequestId& next_request);
void apply(Office& office, RequestId& next_request, ErrandEvent const& event);

/// What the own cluster's mode has to be.
struct ModeWish {
  bool is_read_only = false;
  bool is_awaited = false;  ///< somebody waits for it to be set
  bool is_kept = false;     ///< somebody relies on it that has been set
  friend bool operator==(ModeWish const&, ModeWish const&) = default;
};
/// Of all who have one. Read-only wins.
ModeWish mode_wish(Office const& office);
/// A call for the mode may have been made until now, and will not be heard of.
void may_be_late(Office& office, Want said, Instant at);
/// A call for read-only is under way.
bool is_asking_for_read_only(Office const& office);
/// So it is, or one had no answer and may still be carried out.
bool may_come_read_only(Office const& office);
/// When this target has left, the own cluster's mode is to be set.
bool leaves_a_mode(sync::Outgoing const& outgoing);
/// The task is being stopped, by itself or with its shard or synchronization.
bool is_cancelled(Office const& office, task::Task const& task);

}  // namespace arangosync::master
