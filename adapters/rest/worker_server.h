// What a worker serves (spec arangosync-api 3, 5.2, 5.4): its health for those who watch it, tasks for its master, and
// the channels it publishes. Made by app/worker when the master has given it a certificate. Requests become commands;
// nothing is decided here.
#pragma once

#include "adapters/direct/channel_store.h"
#include "adapters/http/http.h"
#include "adapters/rest/access.h"
#include "adapters/rest/forms.h"
#include "ports/runtime.h"
#include "ports/telemetry.h"

#include <functional>
#include <memory>
#include <string>

namespace arangosync::rest {

struct WorkerServerOptions {
  http::Server::Options listen;
  std::string jwt_secret;        ///< of this datacenter's masters
  std::string monitoring_token;  ///< empty: none
  std::string worker_token;      ///< the one this worker registers with
  Version version;
};

struct WorkerServerSeams {
  WorkerAccess worker;
  std::function<std::string()> metrics_text;
  std::function<std::string()> metrics_json;
  std::function<void(std::string)> change_cluster_secret;  ///< PUT /_api/worker/configure
};

class WorkerServer {
public:
  /// `clock` and `telemetry` outlive `io`: answers may still be on their way when the server is gone.
  /// The error is one line naming address and cause.
  static Expected<std::unique_ptr<WorkerServer>, std::string> start(http::Io& io, WorkerServerOptions options,
                                                                    WorkerServerSeams seams,
                                                                    direct::ChannelStore& store, ports::Clock& clock,
                                                                    ports::Telemetry& telemetry);
  ~WorkerServer();
  std::uint16_t port() const;

private:
  struct Impl;
  explicit WorkerServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;  // requests under way hold it weakly
};

}  // namespace arangosync::rest
