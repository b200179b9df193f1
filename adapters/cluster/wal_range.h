// What one DB-Server says about its own log and identity: `/_api/wal/range`, or through a Coordinator `logger-state`
// and `logger-first-tick` (spec arangodb-read 6.1).
#pragma once

#include "adapters/cluster/calls.h"
#include "adapters/cluster/read_routes.h"

#include <map>
#include <mutex>
#include <string>

namespace arangosync::cluster {

struct WalRange {
  Tick oldest;  ///< 0: nothing is retained
  Tick newest;
  std::string instance;  ///< server.serverId: another one behind the same server id voids all its ticks
  std::string version;
};

http::Task<Outcome<WalRange>> read_wal_range(http::Scope& scope, Connection& connection, ServerId server);

/// The same through a Coordinator, but for the oldest tick.
struct LogState {
  Tick newest;  ///< the end of a write batch
  std::string instance;
  std::string version;
};
http::Task<Outcome<LogState>> read_log_state(http::Scope& scope, Connection& connection, ServerId server);
/// 0: nothing is retained.
http::Task<Outcome<Tick>> read_first_tick(http::Scope& scope, Connection& connection, ServerId server);

/// Instances by server, asked again after 10 s and after every failed call: a data directory is not replaced without
/// the server being away in between. Thread-safe.
class Instances {
public:
  Instances(http::Scope& scope, Connection& connection, ReadRoutes& routes)
      : scope_(scope), connection_(connection), routes_(routes) {}

  http::Task<Outcome<std::string>> ask(ReadRoute route, ServerId server);
  void forget(ServerId const& server);

private:
  struct Known {
    std::string instance;
    Instant until;
  };
  http::Scope& scope_;
  Connection& connection_;
  ReadRoutes& routes_;
  std::mutex mutex_;
  std::map<ServerId, Known> known_;
};

}  // namespace arangosync::cluster
