// What one DB-Server says about its own log and identity: `/_api/wal/range` (spec arangodb-read 6.1).
#pragma once

#include "adapters/cluster/calls.h"

#include <map>
#include <mutex>
#include <string>

namespace arangosync::cluster {

struct WalRange {
  Tick oldest;  ///< 0: nothing is retained
  Tick newest;
  std::string instance;  ///< server.serverId: another one behind the same server id voids all its ticks
};

http::Task<Outcome<WalRange>> read_wal_range(http::Scope& scope, Connection& connection, ServerId server);

/// Instances by server, asked again after 10 s and after every failed call: a data directory is not replaced without
/// the server being away in between. Thread-safe.
class Instances {
public:
  Instances(http::Scope& scope, Connection& connection) : scope_(scope), connection_(connection) {}

  http::Task<Outcome<std::string>> ask(ServerId server);
  void forget(ServerId const& server);

private:
  struct Known {
    std::string instance;
    Instant until;
  };
  http::Scope& scope_;
  Connection& connection_;
  std::mutex mutex_;
  std::map<ServerId, Known> known_;
};

}  // namespace arangosync::cluster
