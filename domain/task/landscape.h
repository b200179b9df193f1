// The own cluster as far as it matters for where a task belongs: which DB-Server leads a shard, and on which host it
// runs.
//
// A hint, read from the cluster's plan by the leading master and kept in its memory only: without it tasks are placed
// evenly, with it well.
#pragma once

#include "domain/base/ids.h"

#include <map>
#include <string>
#include <vector>

namespace arangosync::task {

/// Names and addresses of one host, as far as they are known; two lists with a common member mean the same host.
using HostNames = std::vector<std::string>;

struct Landscape {
  std::map<ShardRef, ServerId> leaders;
  std::map<ServerId, HostNames> hosts;
  friend bool operator==(Landscape const&, Landscape const&) = default;
};

}  // namespace arangosync::task
