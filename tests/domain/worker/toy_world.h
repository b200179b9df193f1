// A source and a target datacenter in a few hundred lines: one worker each, toy clusters, toy channels, a virtual
// clock.
//
// Documents are key → text; payloads are lines of text. Everything is drawn from the seed. Faults: answers that fail,
// messages that are lost or doubled, effects that are lost between decision and performance (then outstanding() is
// performed instead), processes that start anew.
#pragma once

#include "domain/base/check.h"
#include "domain/base/overloaded.h"
#include "domain/worker/view.h"
#include "domain/worker/worker.h"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace arangosync::worker::toy {

using namespace std::chrono_literals;

using Documents = std::map<std::string, std::string>;

struct Faults {
  std::uint32_t failed_answers = 0;  ///< per mille
  std::uint32_t lost_messages = 0;
  std::uint32_t doubled_messages = 0;
  std::uint32_t lost_effects = 0;
};

shard::Payload payload_of(std::vector<std::string> const& lines);
/// Applies the lines in order; tells the keys that were written.
std::set<std::string> apply(Documents& documents, shard::Payload const& payload);

// Trees of the toy: a text that sums up two halves of the keys, or lists the documents of the halves that were asked
// for. A part lists a few keys with what the target has of them, or asks for the list of halves.
std::string coarse_tree(Documents const& documents);
Comparison compare(CompareTree const& effect, Documents const& target);
DifferenceChunk answer(ReadDifference const& effect, Documents const& source);

/// The source's cluster: one log per server, all shards of collection `c` in database `d`, each on both servers.
class Source {
public:
  struct Entry {
    Tick tick;
    ShardName shard;
    std::string line;
  };
  struct Server {
    Tick tick{100};
    Tick oldest;  ///< history before this is gone
    std::string instance;
    std::uint64_t boot = 1;
    std::vector<Entry> log;
  };

  explicit Source(std::size_t shards);
  void write(std::uint32_t index, std::string const& key, std::string const& value);
  void remove(std::uint32_t index, std::string const& key);
  void truncate(std::uint32_t index);
  void move_leader(std::uint32_t index);
  void recreate();
  void forget_history();
  void back_up();  ///< documents and logs
  /// The servers are started with what they had then.
  void restore();
  void tell_no_boots();  ///< as servers before 3.6
  inventory::Structure structure() const;
  Documents const& documents(std::uint32_t index) const { return shards_[index].documents; }
  std::size_t shards() const { return shards_.size(); }

  Outcome<Snapshot> open(OpenSnapshot const& effect);
  Outcome<SnapshotChunk> read(ReadSnapshot const& effect) const;
  Outcome<DifferenceChunk> read(ReadDifference const& effect) const;
  void close(SnapshotId const& id) { snapshots_.erase(id); }
  Outcome<LogChunk> read(ReadLog const& effect, WallTime at);
  std::size_t snapshots_open() const { return snapshots_.size(); }
  void lose_snapshots() { snapshots_.clear(); }
  void has_trees(bool has_trees) { has_trees_ = has_trees; }
  void close_log(bool is_closed) { log_is_closed_ = is_closed; }
  void forget_readers() { filters_.clear(); }  ///< the process that read the log is another one now

private:
  struct Shard {
    ShardName name;
    ServerId leader;
    Documents documents;
  };
  void log(Shard const& shard, std::string const& line);

  std::vector<Shard> shards_;
  std::map<ServerId, Server> servers_;
  std::map<SnapshotId, Documents> snapshots_;
  bool has_trees_ = true;
  bool log_is_closed_ = false;
  std::map<ReaderId, std::vector<ShardFilter>> filters_;
  std::vector<Shard> kept_shards_;
  std::map<ServerId, Server> kept_servers_;
  std::uint64_t snapshots_made_ = 0;
  std::uint64_t collection_id_ = 7000;
  std::uint64_t shard_number_ = 100;
};

class World {
public:
  World(std::uint64_t seed, std::size_t shards, Faults faults);

  void run_for(Duration duration);
  void run_until(std::function<bool()> const& is_so, Duration at_most);
  void start_inventory();
  void restart(std::size_t node);
  void back_up_target();  ///< documents, positions and pulses
  void restore_target();
  void heal() { faults = Faults{}; }
  bool is_equal() const;
  std::string difference() const;
  std::string standing() const;  ///< of the shards' machines, for failures
  State const& state(std::size_t node) const { return nodes_[node].state; }
  Instant now() const { return now_; }
  Draw& draw() { return draw_; }

  Source source;
  std::map<ShardRef, Documents> target;
  struct Kept {
    std::optional<shard::Position> position;
    Stamp stamp;
  };
  std::map<ShardRef, Kept> positions;
  std::map<PulseId, std::uint64_t> pulses;
  TargetStructure target_structure;
  Faults faults;
  std::vector<Event> events[2];  ///< since the node's start
  std::size_t copies_begun = 0;
  std::size_t comparisons_begun = 0;
  std::size_t documents_compared = 0;  ///< changes that came of comparisons
  bool target_has_trees = true;
  bool stores_fail = false;  ///< positions and pulses cannot be written, documents can
  std::size_t applied = 0;
  std::size_t applied_of_log = 0;  ///< of these, from a log
  std::vector<sync::StatusEntry> reports[2];
  std::optional<std::uint64_t> total_told;   ///< as the target's leader knows it …
  WallTime equal_at_told;                    ///< … and since when the structures are equal
  Term term{1};                              ///< of the leader in both datacenters
  Term term_told;                            ///< of the leader that the last report of shards was made for
  std::vector<ReportInventory> inventories;  ///< as they were told
  bool register_fails = false;
  std::size_t log_reads = 0;
  std::string worker_id[2] = {"w0", "w1"};
  std::string apply_error;  ///< permanent, if not empty

private:
  struct Node {
    State state;
    std::uint64_t life = 0;
  };
  struct Due {
    std::size_t node;
    std::uint64_t life;
    Command command;
  };
  struct Channel {
    std::deque<std::pair<Offset, shard::Message>> messages;
    Offset last;
    std::optional<std::size_t> subscriber;
    Instant busy_until;
  };
  bool chance(std::uint32_t per_mille) { return per_mille > 0 && draw_.below(1000) < per_mille; }
  Duration latency() { return std::chrono::milliseconds(1 + draw_.below(20)); }
  void later(std::size_t node, Command command, Duration after);
  void answer(std::size_t node, Command command) { later(node, std::move(command), latency()); }
  template <class T>
  Outcome<T> maybe(Outcome<T> outcome) {
    if (chance(faults.failed_answers)) return unexpected(Fault{FaultClass::Retry, "drawn"});
    return outcome;
  }
  void step(Due due);
  void perform(std::size_t node, Effect const& effect);
  void perform_source(std::size_t node, Effect const& effect);
  void perform_target(std::size_t node, Effect const& effect);
  void perform_positions(std::size_t node, Effect const& effect);
  void perform_queue(std::size_t node, Effect const& effect);
  void deliver(ChannelName const& name, Channel& channel, Offset offset, shard::Message const& message);
  void start(std::size_t node, TaskId const& task, task::Spec const& spec);
  void apply_step(inventory::Step const& step);

  Instant now_;
  Draw draw_;
  std::multimap<Instant, Due> agenda_;
  Node nodes_[2];
  std::map<std::pair<std::size_t, TimerName>, Instant> timers_;
  std::map<TaskId, task::Spec> tasks_[2];
  std::map<ChannelName, Channel> channels_;
  std::map<CopyId, std::set<std::string>> copies_;
  std::uint64_t tasks_made_ = 0;
  struct Backup {
    std::map<ShardRef, Documents> target;
    std::map<ShardRef, Kept> positions;
    std::map<PulseId, std::uint64_t> pulses;
  };
  Backup backup_;
};

/// Changes of the source, drawn.
void write_some(World& world, std::size_t count);

}  // namespace arangosync::worker::toy
