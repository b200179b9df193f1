// A cluster that answers like ArangoDB, in one process: one agent, Coordinators and DB-Servers, each on a port of its
// own, over the in-memory models of adapters/sim; or a single server. For trying out, for the demo and for tests.
//
// Called by app/cli (`arangosync sandbox cluster`) and by tests. It is never presented as ArangoDB: every answer
// carries the header `x-arangosync-sandbox: true`. Data dies with the process. Without a JWT secret authentication is
// off (and a read-only cluster refuses everyone's writes, spec arangodb-write 9.2). Thread-safe; one lock around the
// models.
#pragma once

#include "adapters/http/http.h"
#include "adapters/sim/cluster_model.h"
#include "domain/base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace arangosync::sandbox {

struct Options {
  std::string host = "127.0.0.1";
  /// Of the first Coordinator; the other Coordinators, the DB-Servers and the agent follow on the next ports. 0: any
  /// free ones.
  std::uint16_t base_port = 0;
  unsigned coordinators = 1;
  unsigned db_servers = 2;
  bool is_single_server = false;         ///< no cluster; the numbers above do not count
  std::string jwt_secret;                ///< secret; empty: no authentication
  std::string root_password;             ///< secret
  std::string keyfile_pem;               ///< TLS certificate and key (secret); empty: plain HTTP
  std::string version = "3.9.12";        ///< the version that is imitated
  bool extended_names = false;           ///< 3.9 to 3.11: --database.extended-names; always from 3.12 on
  bool fault_controls = false;           ///< /_sandbox/ is served (fault_api.cpp)
  bool hides_db_servers = false;         ///< as a firewall: the addresses that the cluster tells of them lead nowhere
  std::size_t revisions_per_answer = 0;  ///< of revisions/ranges, for tests; 0: as many as a real server
  std::uint64_t seed = 1;                ///< makes ids of servers and first ticks differ between clusters; 0: drawn
};

class Sandbox {
public:
  /// Listens at once. The error is one line.
  static Expected<std::unique_ptr<Sandbox>, std::string> start(Options options);
  ~Sandbox();

  /// "http://127.0.0.1:8529", in the order of the model's servers.
  std::vector<std::string> const& coordinators() const;
  std::vector<std::string> const& db_servers() const;
  std::string const& agent() const;

  /// Tests look and meddle; runs under the lock. What was changed is in the agency before the next request is answered.
  void with_model(std::function<void(sim::ClusterModel&)> const& work);

  /// One request as a server of that index answers it, without a socket (recordings are compared this way).
  enum class Role { Agent, Coordinator, DbServer };
  http::Response answer(Role role, std::size_t index, http::Request const& request);

private:
  struct Impl;
  explicit Sandbox(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Serves until SIGTERM or SIGINT. Prints "coordinator <url>", "dbserver <url>", "agent <url>", or "single <url>", one
/// per line, then "ready". Returns the process's exit code; says in one line on standard error what went wrong.
int run_sandbox_cluster(Options const& options);

}  // namespace arangosync::sandbox
