// What the status API says about a synchronization and its shards (spec arangosync-api 4.1, 4.2).
#pragma once

#include "domain/base/ids.h"
#include "domain/base/instant.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::sync {

enum class Status { Inactive, Initializing, InitialSync, Running, Cancelling, Failed };

std::string_view to_string(Status status);                  ///< "inactive", "initializing", "initial-sync", …
std::optional<Status> parse_status(std::string_view text);  ///< "" is Inactive

/// State of one shard as its task reports it to the master; kept in the leader's memory only.
struct ShardReport {
  Status status = Status::Initializing;
  std::string message;  ///< for people, empty if all is well
  Duration delay{0};    ///< how far the target was behind when the last message was applied
  WallTime last_message;
  WallTime last_data_change;
  WallTime last_shard_master_change;
  bool shard_master_known = false;
  /// The target has all that the source's log held then, by the clock of the source's worker; zero: not known.
  WallTime caught_up;
  /// The target has not been looked at for a while and may have been set back since: `caught_up` is no promise.
  bool unconfirmed = false;
  std::uint64_t documents = 0;  ///< applied (or sent) since the task started
  std::uint64_t bytes = 0;
  std::string route;  ///< of a sender: how its DB-Server is read ("direct", …), for people; empty: not known yet
  friend bool operator==(ShardReport const&, ShardReport const&) = default;
};

/// Something of the source's structure that the target does not have as it should.
struct StructureTrouble {
  std::string item;     ///< "create collection shop/products"
  std::string message;  ///< why, and what helps
  WallTime since;
  friend bool operator==(StructureTrouble const&, StructureTrouble const&) = default;
};
/// What the inventory receiver tells its master; kept in the leader's memory only.
struct InventoryReport {
  std::uint64_t total_shards = 0;  ///< of the source's replicated collections
  std::vector<StructureTrouble> troubles;
  /// The source's structure was read then, by the clock of the source's worker, and is the target's, too; zero: it is
  /// not, or that is not known.
  WallTime equal_at;
  friend bool operator==(InventoryReport const&, InventoryReport const&) = default;
};

/// One entry of PUT /_api/sync/multiple/status. `remote` names the target for outgoing entries, absent for incoming.
struct StatusEntry {
  std::optional<ClusterId> remote;
  ShardRef shard;
  ShardReport report;
  TaskId task;  ///< whose report it is; empty: not said (an original's worker)
  friend bool operator==(StatusEntry const&, StatusEntry const&) = default;
};

}  // namespace arangosync::sync
