// Up to where a shard is applied on the target.
#pragma once

#include "domain/base/ids.h"

#include <cstdint>
#include <optional>
#include <string>

namespace arangosync::shard {

/// A place in one DB-Server's log. `from` and `last_scanned` are one position: sending the one without the other can
/// lose the rest of a transaction silently (spec arangodb-read 6.4, 6.6). Void with any other server, also with
/// another data directory behind the same server id (`instance`, spec 6.1, 7.1).
/// `shard` is the source's own name of the shard: new after drop and re-create, so an old position is seen to be void.
/// `stream` is set only while it is stored: the data channel under which it was reached. Channels are drawn anew with
/// every configuration of a synchronization, and between two of them anything may have been written on the target: what
/// was stored under another channel is void.
/// `boot` is how often the server was started (spec read 3.2, 7.5). After another start its log may be an older one
/// that has grown beyond the position since: then the shard is compared, if both sides can (docs/decisions/0019).
/// `reign` is the time of the shard's leader that it belongs to. What another server took between two reigns of one
/// need not be in its log: a position of another reign is void (docs/decisions/0028).
struct Position {
  ShardName shard;
  ServerId server;
  std::string instance;  ///< server.serverId, decimal
  Tick from;
  Tick last_scanned;
  ChannelName stream;
  std::uint64_t boot = 0;   ///< 0: not known
  std::uint64_t reign = 0;  ///< 0: not known
  friend bool operator==(Position const&, Position const&) = default;
};

/// Was the server started between two looks at how often it was? Unknown counts tell nothing.
inline bool was_restarted(std::uint64_t boot, std::uint64_t later) { return boot != 0 && later != 0 && boot != later; }

/// What is remembered on the target of one of its shards.
struct TargetShard {
  std::optional<Position> position;
  std::string origin;  ///< id of the source collection that its collection is a copy of; empty: not recorded
  friend bool operator==(TargetShard const&, TargetShard const&) = default;
};

}  // namespace arangosync::shard
