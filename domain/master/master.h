// The master: the root machine of a datacenter's control. Knows all rooms of its side and routes between them.
//
// Called by app/engine: decide → evolve → save → react, `outstanding` after anything that may have lost effects. Any
// number of masters run per datacenter; each watches the lease (room election), the one that holds it has an *office*:
// the state of the datacenter, loaded from the agency, and the errands that follow from it (errand.h). A master without
// an office refuses calls with NotLeader. Losing the lease drops the office; nothing of it survives in memory.
//
// Never performs I/O, never asks for the time, never logs. Instants are this process's own monotonic clock.
//
// Files: decide*.cpp (one per kind of caller), flow.cpp (what follows from what, across rooms), evolve.cpp, react.cpp,
// errand.cpp, invariants.cpp; view.h has the read-only questions of the REST adapter.
#pragma once

#include "domain/access/tokens.h"
#include "domain/base/envelope.h"
#include "domain/base/result.h"
#include "domain/election/election.h"
#include "domain/master/errand.h"
#include "domain/master/vocabulary.h"
#include "domain/membership/registry.h"
#include "domain/sync/state.h"
#include "domain/task/registry.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace arangosync::master {

/// What is known of the own cluster's mode beside what it has to be (docs/decisions/0029).
struct ModeWatch {
  bool is_due = false;                     ///< a look has shown another mode than it has to be
  std::uint32_t in_vain = 0;               ///< so often in a row it was set again with success, and looked no better
  std::optional<Instant> read_only_until;  ///< a call for it that had no answer may be carried out until then
  std::optional<Instant> default_until;    ///< so may one for that
  bool is_doubted = false;                 ///< durable: so it was of read-only when the last who wished it had gone
  friend bool operator==(ModeWatch const&, ModeWatch const&) = default;
};

/// What was missed of the cluster's plan, and with it of who led which shard (docs/decisions/0028).
struct PlanWatch {
  std::uint64_t seen = 0;        ///< durable: the version for which the reigns in the tasks hold; 0: none yet
  std::optional<Instant> at;     ///< the last look was due; absent: this leader has not looked yet
  Instant due_at;                ///< the next one was, or is: what it shows is not older
  std::set<TaskId> to_be_begun;  ///< their reigns are over, whoever leads now: new ones are due
  friend bool operator==(PlanWatch const&, PlanWatch const&) = default;
};

/// What a leader has that other masters do not.
struct Office {
  Term term;
  Instant since;
  bool loaded = false;
  std::uint64_t journal_sequence = 0;  ///< number of the last durable event
  std::optional<WorkerCa> worker_ca;
  membership::Members members;
  std::vector<ChannelName> topics;
  task::State tasks;
  access::Tokens tokens;
  sync::State sync;
  Duration message_timeout{0};
  bool survey_due = true;          ///< the cluster's plan is to be looked at
  std::uint64_t plan_version = 0;  ///< of the landscape that `tasks` knows
  PlanWatch plan;
  ModeWatch mode;
  Errands errands;
  friend bool operator==(Office const&, Office const&) = default;
};

struct State {
  Identity identity;
  election::State election;
  bool stopping = false;  ///< asked to end: does not stand for election any more
  std::map<MasterId, MasterRecord> masters;
  std::optional<RequestId> announcing;  ///< the AnnounceMaster under way
  RequestId next_request;
  std::optional<Office> office;
  friend bool operator==(State const&, State const&) = default;
};

// ---- events of this process -----------------------------------------------------------------------------------------
struct MastersAsked {
  RequestId request;
  friend bool operator==(MastersAsked const&, MastersAsked const&) = default;
};
struct MastersSeen {
  std::map<MasterId, MasterRecord> masters;
  friend bool operator==(MastersSeen const&, MastersSeen const&) = default;
};
struct AnnouncementDue {  ///< the announcement was answered, or is given up; the next one is due then
  Instant at;
  friend bool operator==(AnnouncementDue const&, AnnouncementDue const&) = default;
};
struct ShutdownBegun {
  friend bool operator==(ShutdownBegun const&, ShutdownBegun const&) = default;
};
struct CallAnswered {
  CallId call;
  ReplyBody body;
  friend bool operator==(CallAnswered const&, CallAnswered const&) = default;
};
using ProcessEvent = std::variant<MastersAsked, MastersSeen, AnnouncementDue, ShutdownBegun, CallAnswered>;

// ---- events of the office ------------------------------------------------------------------------------------------
struct StateTaken {
  Persisted persisted;
  Instant at;
  friend bool operator==(StateTaken const&, StateTaken const&) = default;
};
struct LeadershipBegun {  ///< durable: first of a term; the journal shows who led when
  Term term;
  friend bool operator==(LeadershipBegun const&, LeadershipBegun const&) = default;
};
struct WorkerCaKept {  ///< durable
  WorkerCa ca;
  friend bool operator==(WorkerCaKept const&, WorkerCaKept const&) = default;
};
struct MessageTimeoutSet {  ///< durable
  Duration timeout{0};
  friend bool operator==(MessageTimeoutSet const&, MessageTimeoutSet const&) = default;
};
struct HousekeepingDue {  ///< homeless tasks are left over: go on at once
  Instant at;
  friend bool operator==(HousekeepingDue const&, HousekeepingDue const&) = default;
};
struct SurveyDue {
  Instant at;
  friend bool operator==(SurveyDue const&, SurveyDue const&) = default;
};
struct SurveyTaken {
  std::uint64_t version = 0;
  Instant at;
  bool has_right_mode = false;  ///< as far as that could be seen
  friend bool operator==(SurveyTaken const&, SurveyTaken const&) = default;
};
/// The plan has changed while nobody looked for long: who led meanwhile is not known, and no reign is believed.
struct PlanMissed {
  friend bool operator==(PlanMissed const&, PlanMissed const&) = default;
};
struct PlanSeen {  ///< durable: the reigns are those of this version
  std::uint64_t version = 0;
  friend bool operator==(PlanSeen const&, PlanSeen const&) = default;
};
struct ModeDoubted {  ///< durable: read-only may still come late, as nobody wishes it any more; or no longer
  bool is_doubted = false;
  friend bool operator==(ModeDoubted const&, ModeDoubted const&) = default;
};
struct ModeDue {  ///< the cluster's mode is to be set again
  friend bool operator==(ModeDue const&, ModeDue const&) = default;
};
struct TokenCheckDue {
  Instant at;
  friend bool operator==(TokenCheckDue const&, TokenCheckDue const&) = default;
};
struct ExpiryCheckDue {  ///< of workers' registrations
  Instant at;
  friend bool operator==(ExpiryCheckDue const&, ExpiryCheckDue const&) = default;
};
using OfficeEvent =
    std::variant<StateTaken, LeadershipBegun, WorkerCaKept, MessageTimeoutSet, HousekeepingDue, SurveyDue, SurveyTaken,
                 PlanMissed, PlanSeen, ModeDoubted, ModeDue, TokenCheckDue, ExpiryCheckDue>;

using Event =
    std::variant<ProcessEvent, election::Event, OfficeEvent, ErrandEvent, membership::Event, task::Event, access::Event,
                 sync::IncomingEvent, sync::OutgoingEvent, sync::PartnerEvent, sync::ShardEvent>;

/// Our rules say no. `silent`: not worth a log line (an answer nobody waits for any more, a retry that is normal).
struct Refusal {
  RefusalKind kind = RefusalKind::BadRequest;
  std::string message;
  bool silent = false;
  friend bool operator==(Refusal const&, Refusal const&) = default;
};

using Decision = Expected<std::vector<Event>, Refusal>;

/// A fresh process. Its first two requests (announce, read the lease) are already numbered; on_start() sends them.
State initial_state(Identity identity);

Decision decide(State const& state, Envelope<Command> const& command);
State evolve(State state, Event const& event);
std::vector<Effect> react(State const& after, Event const& event);

/// All that should be under way: unanswered requests and timers. Performing any of it twice is harmless.
std::vector<Effect> outstanding(State const& state);
std::vector<Effect> on_start(State const& state);
/// A Reply for commands that carry a call, nothing for others.
std::vector<Effect> on_refusal(Command const& command, Refusal const& why);

bool is_durable(Event const& event);
/// What the agency holds once everything is saved; empty without an office.
Persisted persisted(State const& state);
/// For ports::MasterStore::save: the fencing term, and the journal number of the first of `count` events just evolved.
Term term_of(State const& state);
std::uint64_t first_sequence(State const& after, std::size_t count);

/// Loaded, with a worker CA, holding the lease: answers calls.
bool is_leading(State const& state);
/// The same for who asks something of a state that nothing has been decided on for a while: a save may take minutes,
/// and the lease has ended meanwhile.
bool is_leading(State const& state, Instant now);

void check_invariants(State const& state);

}  // namespace arangosync::master
