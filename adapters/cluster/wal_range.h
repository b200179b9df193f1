// What one DB-Server says about its own log and identity: `/_api/wal/range`, or through a Coordinator `logger-state`
// and `logger-first-tick` (spec arangodb-read 6.1); and how often it was started, which the agency knows from about 3.6
// on (3.2).
#pragma once

#include "adapters/cluster/calls.h"
#include "adapters/cluster/read_routes.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

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

/// How often the DB-Server was started; 0: the agency does not know; absent: it cannot be asked.
http::Task<std::optional<std::uint64_t>> read_boot(http::Scope& scope, Connection& connection, ServerId server);
/// From the agency's answer. Untrusted input.
std::uint64_t parse_boot(std::string_view body, ServerId const& server);

/// What stands behind a server id.
struct Instance {
  std::string id;          ///< as in WalRange
  std::uint64_t boot = 0;  ///< as read_boot tells; 0 too where agents cannot be reached
};

/// Instances by server, asked again after 10 s and after every failed call: a data directory is not replaced without
/// the server being away in between. Thread-safe.
class Instances {
public:
  Instances(http::Scope& scope, Connection& connection, ReadRoutes& routes)
      : scope_(scope), connection_(connection), routes_(routes) {}

  http::Task<Outcome<Instance>> ask(ReadRoute route, ServerId server);
  void forget(ServerId const& server);

private:
  http::Task<std::uint64_t> boot_of(ServerId server);

  struct Known {
    Instance instance;
    Instant until;
  };
  http::Scope& scope_;
  Connection& connection_;
  ReadRoutes& routes_;
  std::mutex mutex_;
  std::map<ServerId, Known> known_;
  Instant agents_not_before_;  ///< a firewall may be between us and them: not to be waited for again and again
};

}  // namespace arangosync::cluster
