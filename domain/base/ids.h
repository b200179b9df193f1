// The names and numbers by which the parts of a synchronization know each other.
// Forms and lengths: spec arangosync-agency 1.1 and 2; ArangoDB's own ids: spec arangodb-read 3.
#pragma once

#include "domain/base/strong.h"

#include <cstdint>
#include <string>

namespace arangosync {

using MasterId = Strong<struct MasterIdTag, std::string>;        ///< 32 lower-case hex digits, new per process start
using WorkerId = Strong<struct WorkerIdTag, std::string>;        ///< 20 of [A-Za-z0-9], given by the master
using TaskId = Strong<struct TaskIdTag, std::string>;            ///< 16 of [A-Za-z0-9]
using ClusterId = Strong<struct ClusterIdTag, std::string>;      ///< 20 of [A-Za-z0-9], one per datacenter
using ChannelName = Strong<struct ChannelNameTag, std::string>;  ///< "<prefix>.<20 chars>", only [A-Za-z0-9._-]
using Token = Strong<struct TokenTag, std::string>;              ///< 64 lower-case hex digits; secret
using Url = Strong<struct UrlTag, std::string>;                  ///< "https://host:port", no path

using DatabaseName = Strong<struct DatabaseNameTag, std::string>;      ///< UTF-8, as ArangoDB spells it
using CollectionName = Strong<struct CollectionNameTag, std::string>;  ///< UTF-8
using ServerId = Strong<struct ServerIdTag, std::string>;              ///< DB-Server, "PRMR-…"
using ShardName = Strong<struct ShardNameTag, std::string>;            ///< "s10021", differs between clusters
using DocumentKey = Strong<struct DocumentKeyTag, std::string>;        ///< "_key"

using Tick = StrongCounter<struct TickTag>;            ///< RocksDB sequence number of one DB-Server (spec read 0.2)
using Term = StrongCounter<struct TermTag>;            ///< number of a leadership; grows with every take-over
using Sequence = StrongCounter<struct SequenceTag>;    ///< number of a message within an epoch, from 1
using Offset = StrongCounter<struct OffsetTag>;        ///< number of a message within a channel, from 1
using Epoch = StrongCounter<struct EpochTag>;          ///< one uninterrupted stream of a shard; drawn by the receiver
using RequestId = StrongCounter<struct RequestIdTag>;  ///< pairs an effect with the command that answers it

/// A timer is named by what it is for; arming a name again replaces the earlier wake-up.
using TimerName = Strong<struct TimerNameTag, std::string>;

/// A shard as both datacenters know it: shard names differ between clusters, the index (numeric order of shard
/// names, from 0) does not (spec arangosync-agency 4, arangodb-read 4.3). Always the *source's* collection name.
struct ShardRef {
  DatabaseName database;
  CollectionName collection;
  std::uint32_t index = 0;

  friend auto operator<=>(ShardRef const&, ShardRef const&) = default;
};

/// The time during which one DB-Server leads a shard, as the source's master has seen it. Numbers of one task only
/// grow, and are drawn, so that two tasks' do not meet (docs/decisions/0028). 0: not known.
struct Reign {
  ServerId leader;
  std::uint64_t number = 0;

  friend bool operator==(Reign const&, Reign const&) = default;
};

/// "database:collection:index" for logs, metrics and agency keys; not parseable (names may hold ':').
std::string to_string(ShardRef const& shard);

}  // namespace arangosync
