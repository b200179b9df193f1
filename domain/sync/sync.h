// A synchronization as the master of each side keeps it (spec arangosync-agency 2.9).
#pragma once

#include "domain/base/ids.h"
#include "domain/base/instant.h"
#include "domain/sync/barrier.h"
#include "domain/sync/order.h"
#include "domain/sync/status.h"
#include "domain/task/task.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace arangosync::sync {

/// How the target's masters prove themselves at the source, and how they verify it. PEM texts; secrets.
struct Authentication {
  std::string client_certificate;
  std::string client_key;
  std::string client_token;
  std::string ca_certificate;
  friend bool operator==(Authentication const&, Authentication const&) = default;
};

enum class ServerMode { Default, ReadOnly };

/// A shard that has tasks, on either side.
struct ShardEntry {
  ShardRef shard;
  task::Channels channels;
  Status status = Status::Initializing;  ///< durable part only; details are in ShardReport
  bool reset = false;                    ///< cancelled, and to be started anew once it is gone
  std::optional<Order> order;            ///< source: the newest one about it; absent: an original's
  friend bool operator==(ShardEntry const&, ShardEntry const&) = default;
};

/// How a synchronization is being stopped; kept until it is gone, so that a new leader goes on with it.
struct Cancellation {
  std::optional<ServerMode> source_mode;  ///< final modes, absent: default
  std::optional<ServerMode> target_mode;
  bool force = false;
  Duration force_timeout{0};  ///< how long a forced stop tries to tell the source
  bool source_told = false;
  bool aborted = false;  ///< forced: the source was not told
  friend bool operator==(Cancellation const&, Cancellation const&) = default;
};

/// Target side: where we receive from.
struct Incoming {
  Status status = Status::Inactive;
  std::vector<Url> source;  ///< as configured, plus learned ones; configured ones are never removed
  Authentication authentication;
  task::QueueConfig remote_queue;  ///< the source's queue with the token it gave us
  WallTime remote_token_expires;
  std::string source_prefix;  ///< of control channels
  std::string target_prefix;  ///< of data channels
  Token own_token;            ///< what the source holds to read our queue; replaced when it has expired
  bool announced = false;     ///< the source has accepted us, with own_token
  std::string message;        ///< for the operator, when failed
  /// Ids of the source and of all it receives from, nearest first, as far as they are known.
  std::vector<ClusterId> lineage;
  BarrierWish barrier = BarrierWish::None;
  std::optional<Cancellation> cancellation;
  std::map<ShardRef, ShardEntry> shards;
  friend bool operator==(Incoming const&, Incoming const&) = default;
};

/// Source side: one target.
struct Outgoing {
  ClusterId id;  ///< of the target
  Status status = Status::Initializing;
  std::vector<Url> target;
  task::Channels inventory;
  task::QueueConfig remote_queue;  ///< the target's queue with the token it gave us
  WallTime remote_token_expires;
  std::optional<Barrier> barrier;
  std::optional<ServerMode> final_mode;  ///< asked for by the target when it left
  std::map<ShardRef, ShardEntry> shards;
  Endings endings;  ///< of shards that are gone
  friend bool operator==(Outgoing const&, Outgoing const&) = default;
};

}  // namespace arangosync::sync
