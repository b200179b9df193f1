// One ArangoDB cluster as we reach it: its Coordinators as configured, its DB-Servers and agents as the cluster names
// them.
//
// Shared by all adapters of a process (source, target, control, agency). Thread-safe. It knows addresses and
// credentials and which Coordinator answered last; the calls themselves are made by calls.h. Nothing here is ever
// persisted.
#pragma once

#include "adapters/cluster/credentials.h"
#include "adapters/http/http.h"
#include "adapters/http/scope.h"
#include "domain/base/ids.h"
#include "ports/runtime.h"
#include "ports/telemetry.h"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace arangosync::cluster {

/// What a cluster says about itself at first contact.
struct ClusterFacts {
  std::string version;  ///< "3.12.4"
  std::size_t db_servers = 0;
  std::size_t agents = 0;
};

/// Members of the cluster by their role, as `/_admin/cluster/health` names them (spec arangodb-read 9.6).
struct Members {
  std::map<ServerId, http::Endpoint> db_servers;
  std::vector<http::Endpoint> agents;
  std::vector<http::Endpoint> coordinators;
  std::set<std::string> engines;  ///< storage engines of the DB-Servers that tell theirs
  std::string cluster;            ///< the cluster's UUID; empty if the server does not tell it
};

/// What is said of another cluster, by its UUID, behind the endpoints of ours.
std::string foreign(std::string const& cluster);

class Connection {
public:
  struct Options {
    std::vector<http::Endpoint> coordinators;  ///< at least one; tried in this order, then the one that answered last
    std::vector<std::string> jwt_secrets;      ///< secret; the first is used first; none: without authentication
    std::string caller = "arangosync";         ///< shown in the servers' logs
    /// The cluster refuses all secrets that we know. Runs on an Io thread, once for each call that is refused.
    std::function<void()> all_refused = [] {};
  };
  Connection(http::Io& io, http::Client& client, ports::Clock& clock, ports::Telemetry& telemetry, Options options);
  ~Connection();  ///< all adapters that use it are gone by then

  /// First contact: reachable, credentials good, a cluster that can be synchronized (fitness.h). The fault's message
  /// is one clear line. `answer` runs once on an Io thread, unless the connection is destroyed before.
  void check(std::function<void(Outcome<ClusterFacts>)> answer);
  /// The agents' endpoints, asked from the Coordinators now; the last known ones, possibly none, if they do not answer.
  void agents(std::function<void(std::vector<http::Endpoint>)> answer);
  /// Value of the Authorization header for any server of the cluster; empty if there is no authentication.
  std::string authorization() { return credentials_.authorization(); }
  /// A server refused this header, for the `times`th time in one call. True: the call is worth another attempt.
  bool refused(std::string_view authorization, std::size_t times);
  /// See Credentials::replace.
  bool replace_secrets(std::vector<std::string> secrets) { return credentials_.replace(std::move(secrets)); }
  /// No Coordinator has answered since that long, though they were called.
  bool is_unreachable_for(Duration duration) const;
  /// At least one. False if they are the ones that are known.
  bool replace_coordinators(std::vector<http::Endpoint> coordinators);
  std::string secret() const { return credentials_.secret(); }  ///< the one in use

  // ---- for calls.h --------------------------------------------------------------------------------------------------
  std::size_t coordinators() const;
  http::Endpoint coordinator() const;
  void coordinator_answered();
  /// `failed` did not answer: prefer the next one, unless somebody has moved on already.
  void coordinator_failed(http::Endpoint const& failed);

  /// A Coordinator told how long calls wait in its queue, in seconds (spec arangodb-write 10.3).
  void queue_told(std::string_view seconds);
  /// How long the next write should wait for the sake of that queue.
  Duration breather() const;

  std::optional<http::Endpoint> db_server(ServerId const& server) const;
  bool is_verified(ServerId const& server) const;  ///< it has answered with this id at this endpoint
  void verified(ServerId const& server);
  void db_server_failed(ServerId const& server);  ///< verify again, and ask for its endpoint again before that
  /// False, and nothing is taken, if they are of another cluster than the first ones.
  bool members(Members members);
  std::vector<http::Endpoint> known_agents() const;
  bool meets_stranger() const;  ///< the last members were of another cluster

  ports::Clock& clock() { return clock_; }
  ports::Telemetry& telemetry() { return telemetry_; }

private:
  ports::Clock& clock_;
  ports::Telemetry& telemetry_;
  Options const options_;
  Credentials credentials_;
  mutable std::mutex mutex_;
  std::vector<http::Endpoint> coordinators_;
  std::size_t preferred_ = 0;
  std::optional<Instant> failing_since_;  // no Coordinator has answered since
  Duration queue_{0};
  Instant queue_told_at_;
  Members members_;
  std::string cluster_;   // as the first members told it
  std::string stranger_;  // the other cluster that answers now
  std::set<ServerId> verified_;
  http::Scope scope_;  // last: it ends before what its calls use
};

}  // namespace arangosync::cluster
