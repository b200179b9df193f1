// The write-ahead log of one simulated DB-Server: write batches with sequence numbers, and who reads them.
//
// Called by ClusterModel only. A batch is what RocksDB would write at once: a single operation, a transaction of one
// shard, or a change of structure. Reading follows spec arangodb-read 6.2 - 6.8 to the letter, silent-loss trap
// included; registrations live as long as the 2025 source says (1800 s, 15 s after a snapshot's end), which is the
// stricter rule.
#pragma once

#include "adapters/sim/cluster_types.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::sim {

/// One document written or removed.
struct LoggedChange {
  ModelDocumentPtr document;  ///< for a removal: the revision that was removed
  bool is_removal = false;
};

class ServerLog {
public:
  explicit ServerLog(std::uint64_t first_sequence) : last_(first_sequence) {}

  // ---- writing ----
  using Place = LogPlace;
  /// A single operation (tid "0").
  void append_single(Place const& place, LoggedChange change);
  /// A transaction: a run 2200 … 2201.
  void append_run(Place const& place, std::uint64_t tid, std::vector<LoggedChange> changes);
  /// 1100, 1101, 2000, 2001, 2003, 2004, 2100, 2101; `data` may be empty.
  void append_structure(Place const& place, int type, std::string data);
  /// A batch that no reader sees anything of.
  void append_hidden(std::uint64_t operations);

  // ---- reading ----
  /// `is_here`: does this server still hold the shard? Documents of others are left out (spec 6.5.2).
  using IsHere = std::function<bool(std::string const& database, std::string const& shard)>;
  TailAnswer tail(TailRequest const& request, IsHere const& is_here) const;
  FollowAnswer follow(FollowRequest const& request, IsHere const& is_here) const;
  std::uint64_t last_tick() const { return last_; }
  std::uint64_t first_tick() const { return batches_.empty() ? 0 : batches_.front().first; }
  std::size_t bytes() const { return bytes_; }

  // ---- retention ----
  void track(std::string const& database, LogClient const& client, std::uint64_t tick, WallTime now, Duration lifetime);
  /// Sets the life time of a known client; does nothing for an unknown one.
  void prolong(std::string const& database, LogClient const& client, WallTime now, Duration lifetime);
  void forget(std::string const& database, LogClient const& client);
  void forget_all() { clients_.clear(); }
  std::vector<RegisteredClient> clients(std::string const& database, WallTime now) const;
  /// Drops every batch but the last that ends before what a living client may still ask for.
  void trim(WallTime now);
  void trim_to(std::uint64_t tick);

private:
  struct Batch {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t tid = 0;
    int type = 0;  ///< of a change of structure; 0: documents
    Place place;
    std::string data;
    std::vector<LoggedChange> changes;
    std::size_t bytes = 0;
  };
  class Reader;
  class Follower;

  void append(Batch batch);

  std::deque<Batch> batches_;
  std::uint64_t last_ = 0;
  std::size_t bytes_ = 0;
  std::map<std::string, std::map<std::string, RegisteredClient>> clients_;  // by database, by id
};

}  // namespace arangosync::sim
