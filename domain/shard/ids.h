// Names of what a sender holds at the source and a receiver holds at the target.
#pragma once

#include "domain/base/ids.h"

#include <string>

namespace arangosync::shard {

/// Identity of a reader towards a DB-Server's log retention; one per position, random, never 0 (spec read 6.7).
using SyncerId = Strong<struct SyncerIdTag, std::uint64_t>;
/// One full copy or comparison of a shard, as the receiving side names it: what the target's adapter remembers of it
/// (keys that were brought, the target's tree) is remembered under this.
using CopyId = StrongCounter<struct CopyIdTag>;
/// One sender's answer to one epoch, drawn by it, never 0. An epoch is asked for until it is heard, and a task that
/// moves to another worker meanwhile may answer it twice: what two answers bring must never be mixed.
using AnswerId = Strong<struct AnswerIdTag, std::uint64_t>;
/// A snapshot ("batch") on one DB-Server (spec read 5.2).
struct SnapshotId {
  ServerId server;
  DatabaseName database;
  std::string id;
  friend auto operator<=>(SnapshotId const&, SnapshotId const&) = default;
};

}  // namespace arangosync::shard
