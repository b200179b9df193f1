// Everything a sync worker is told on its command line (spec arangosync-cli 3.2). Plain values: app/cli fills them
// after it has read and checked every file; app/worker/worker_daemon.h reads them. Certificate, cluster and queue come
// from the master. The pid file is the command line's business.
#pragma once

#include "adapters/cluster/route_rule.h"
#include "adapters/http/http.h"
#include "adapters/telemetry/options.h"
#include "app/trace/options.h"
#include "domain/base/limits.h"

#include <cstdint>
#include <string>
#include <vector>

namespace arangosync::app {

struct WorkerOptions {
  std::vector<http::Endpoint> master_endpoints;  ///< --master.endpoint: masters of the own datacenter, at least one
  std::string master_jwt_secret;                 ///< secret; never empty
  std::string master_jwt_secret_file;            ///< where it was read from; empty: a literal

  http::Endpoint server_endpoint;  ///< --server.endpoint: by which masters reach this worker
  std::uint16_t port = 8729;       ///< --server.port: where we listen

  std::string monitoring_token;                                   ///< secret; empty: none is accepted
  std::uint32_t initial_copies_max = limits::initial_copies_max;  ///< --worker.max-initial-sync-tasks
  cluster::RouteRule read_route = cluster::RouteRule::Auto;       ///< --cluster.read-route

  telemetry::LogOptions log;
  trace::Options trace;
  std::string program_version;  ///< "0.1.0"
  std::string program_build;    ///< "63197e2f"
};

}  // namespace arangosync::app
