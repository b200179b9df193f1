// Everything a sync master is told on its command line (spec arangosync-cli 3.1). Plain values: app/cli fills them
// after it has read and checked every file; app/master/master_daemon.h reads them. The pid file is the command line's
// business.
#pragma once

#include "adapters/http/http.h"
#include "adapters/telemetry/options.h"
#include "app/trace/options.h"
#include "domain/base/instant.h"
#include "domain/base/limits.h"

#include <cstdint>
#include <string>
#include <vector>

namespace arangosync::app {

struct MasterOptions {
  std::vector<http::Endpoint> cluster_endpoints;  ///< --cluster.endpoint: coordinators, at least one
  std::vector<std::string> cluster_jwt_secrets;   ///< secret; the first is used first; none: without authentication
  std::string cluster_jwt_secret_file;            ///< file or folder, read again while we run; empty: a literal

  std::uint32_t min_replication_factor = 1;  ///< --cluster.min-replication-factor: of collections made here as a target
  std::uint32_t max_replication_factor = 2'147'483'647;  ///< --cluster.max-replication-factor
  bool exclude_root_user = false;                        ///< --cluster.exclude-root-user: this cluster keeps its own

  std::string certificate_pem;  ///< of --server.keyfile: leaf first, then its chain
  std::string key_pem;          ///< of --server.keyfile; secret
  std::string client_ca_pem;    ///< --server.client-cafile

  http::Endpoint server_endpoint;                ///< --server.endpoint: for members of the same datacenter
  std::uint16_t port = 8629;                     ///< --server.port: where we listen
  std::vector<http::Endpoint> master_endpoints;  ///< --master.endpoint, or the server endpoint: for everybody else

  std::string master_jwt_secret;       ///< secret shared by the masters and workers of this datacenter; never empty
  std::string master_jwt_secret_file;  ///< where it was read from; empty: a literal
  std::string monitoring_token;        ///< secret; empty: none is accepted
  Duration direct_token_ttl = limits::token_lifetime;  ///< --mq.direct-token-ttl

  telemetry::LogOptions log;
  trace::Options trace;
  std::string program_version;  ///< "0.1.0"
  std::string program_build;    ///< "63197e2f"
};

}  // namespace arangosync::app
