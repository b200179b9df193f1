// A unit of work that the leading master gives to a worker (spec arangosync-api 5.1, arangosync-agency 2.7).
#pragma once

#include "domain/base/ids.h"
#include "domain/base/instant.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace arangosync::task {

enum class Kind { SendInventory, ReceiveInventory, SendShard, ReceiveShard };

std::string_view to_string(Kind kind);  ///< "send-inventory", …

struct Channels {
  ChannelName data;     ///< source → target
  ChannelName control;  ///< target → source; inventory tasks have one too (empty in the original)
  friend bool operator==(Channels const&, Channels const&) = default;
};

struct Spec {
  Kind kind = Kind::SendInventory;
  bool persistent = false;  ///< inventory tasks: assigned anew when their worker vanishes
  Channels channels;
  std::optional<ClusterId> target;  ///< outgoing tasks: cluster id of the target
  std::optional<ShardRef> shard;    ///< shard tasks
  friend bool operator==(Spec const&, Spec const&) = default;
};

struct Assignment {
  WorkerId worker;
  WallTime created_at;
  std::uint32_t counter = 0;  ///< 1 for the first assignment
  Reign reign = {};           ///< of a send-shard task's shard, the last that was seen; number 0: none yet
  friend bool operator==(Assignment const&, Assignment const&) = default;
};

struct Task {
  TaskId id;
  Spec spec;
  std::optional<Assignment> assignment;
  bool cancelled = false;
  friend bool operator==(Task const&, Task const&) = default;
};

/// How to reach the other datacenter's queue (spec arangosync-api 5.3 mq-config). PEM texts and the token are secrets.
struct QueueConfig {
  std::vector<Url> endpoints;
  std::string client_certificate;
  std::string client_key;
  std::string client_token;
  std::string ca_certificate;
  friend bool operator==(QueueConfig const&, QueueConfig const&) = default;
};

}  // namespace arangosync::task
