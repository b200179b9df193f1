// Which agency keys hold a master's state, and in which JSON form (spec arangosync-agency 2).
//
// Used by master_store only. Pure: JSON texts in, operations out. All keys are below /arangodb/arangosync. The
// original's keys keep the original's forms, so that its tools and ours read each other. Ours in addition:
//
//   leaderLease              {"id","term","beat"}; "id" empty: given back
//   leaderTerm               {"id","term"}: changes only with the leader; every save requires it
//   masterBeats/<id>         {"beat","endpoints"}: a master that lives moves its beat on; its public endpoints
//   messageTimeout           nanoseconds; absent: default
//   journal/sequence         number of the last durable event; journal/<n>: {"term","time","event",…,"v","data"}, the
//                            last 500; `data` is the whole event in form `v` (event_forms.h)
//   synchronizationState/cancellation-aborted     true: the last stop could not tell the source
//   synchronizationState/life                     number of this datacenter's synchronization as a target
//   synchronizationState/plan-seen                number: version of the plan that the reigns hold for (decisions/0028)
//   synchronizationState/mode-doubted             true: a call for read-only may come late (decisions/0029)
//   synchronizationState/heard/<target>           {"order":{"life","term","number"},"at"}: the newest; one value
//   …/incoming/{own-token,announced,message,cancellation,lineage,barrier},
//   …/outgoing/targets/<id>/{final-mode,barrier,endings}, …/shards/<shard>/order, …/channels/inventory-control,
//   directMQTokens/tokens/<token>/holder, and in a task's assignment `reign` {"leader","number"} (decisions/0028)
//
// Left out where they say nothing, so that a state of the original is rendered as it was.
#pragma once

#include "domain/master/master.h"
#include "ports/agency.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::agency::layout {

/// "/arangodb/arangosync/" + relative.
std::string key(std::string const& relative);
/// A name as one segment of a key: '/' and '%' are percent-encoded.
std::string segment(std::string const& name);
/// The name that a segment was made of.
std::string name_of(std::string_view segment);

// ---- lease and masters ---------------------------------------------------------------------------------------------
std::string lease_json(election::Lease const& lease);
std::string term_json(MasterId const& id, Term term);
std::string beat_json(std::uint64_t beat, std::vector<Url> const& public_endpoints);
std::string text_json(std::string const& text);
std::string number_json(std::uint64_t number);

std::vector<std::string> lease_paths();
/// A `leader` without a lease of ours is the original's: term 0, which a follower watches like any other.
Outcome<std::optional<election::Lease>> read_lease(std::string const& answer);

struct MasterEntry {
  master::MasterRecord record;
  std::uint64_t beat = 0;
  friend bool operator==(MasterEntry const&, MasterEntry const&) = default;
};
std::vector<std::string> masters_paths();
Outcome<std::map<MasterId, MasterEntry>> read_masters(std::string const& answer);

/// What a save is fenced by, as it lies in the agency.
struct Fence {
  MasterId id;
  Term term;
  std::uint64_t sequence = 0;
  friend bool operator==(Fence const&, Fence const&) = default;
};
std::vector<std::string> fence_paths();
Outcome<Fence> read_fence(std::string const& answer);

// ---- state ---------------------------------------------------------------------------------------------------------
std::vector<std::string> state_paths();
/// Permanent, naming the key, if something there cannot be understood.
Outcome<master::Persisted> read_state(std::string const& answer);

/// A part of the state that is written as one.
enum class PartKind {
  ProgramVersion,
  WorkerCa,
  Workers,  ///< the whole registry, as the original does
  Topics,   ///< the whole list
  Task,
  TokenEntry,
  ClusterId,
  CancellationAborted,
  Life,
  Heard,  ///< the whole map
  MessageTimeout,
  PlanSeen,
  ModeDoubted,
  Synchronization,        ///< a whole incoming or outgoing entry with its shards
  SynchronizationFields,  ///< all of it but the shards and endings
  Endings,
  Shard
};
struct Part {
  PartKind kind = PartKind::ProgramVersion;
  std::string id;         ///< of Task and TokenEntry
  sync::Partner partner;  ///< of the last four
  ShardRef shard;         ///< of Shard
  friend auto operator<=>(Part const&, Part const&) = default;
  friend bool operator==(Part const&, Part const&) = default;
};
using Parts = std::set<Part>;

/// What an event may have changed.
Parts touched(master::Event const& event);
/// Everything there is.
Parts all_parts(master::State const& state);
/// Sets each part to what it is in `after`, or deletes it; a part of another one in the set is left to that. The
/// structure versions come along.
std::vector<ports::AgencyOperation> render(Parts const& parts, master::State const& after);

/// The events as journal entries, the number of the last one, and the removal of what falls out of the ring.
std::vector<ports::AgencyOperation> journal(std::vector<master::Event> const& events, std::uint64_t first_sequence,
                                            Term term, WallTime now);
/// One entry as it lies in the agency.
struct JournalEntry {
  std::uint64_t sequence = 0;
  Term term;
  WallTime time;
  std::string event;          ///< the kind
  std::string details;        ///< "name=value …" for people; no secrets
  std::uint64_t version = 0;  ///< of the form of `data`; 0: the first entries, which had none
  std::string data;           ///< JSON; holds secrets
  friend bool operator==(JournalEntry const&, JournalEntry const&) = default;
};
std::vector<std::string> journal_paths();
/// In order. A Fault if the agency's answer is none.
Outcome<std::vector<JournalEntry>> read_journal(std::string const& answer);
/// The event itself; a Fault for the first form, which did not keep it.
Outcome<master::Event> event_of(JournalEntry const& entry);

/// Kind and subject of an event for the journal and for logs; never a secret. {"event":"task-assigned","task":"…",…}
std::string describe(master::Event const& event);

}  // namespace arangosync::agency::layout
