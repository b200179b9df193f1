// What a master serves (spec arangosync-api 3 to 5): operators and the command line, its own workers, the other
// datacenter's masters and workers. Made by app/master. Requests become commands or read-only questions; nothing is
// decided here.
//
// Who may call what: rights.h and the route tables in master_routes_*.cpp. A master that does not lead passes requests
// that allow it on to the leader, once (spec 8). Reads of the direct queue are passed on to the worker that publishes
// the channel.
#pragma once

#include "adapters/http/http.h"
#include "adapters/rest/access.h"
#include "adapters/rest/callers.h"
#include "adapters/rest/forms.h"
#include "adapters/rest/rights.h"
#include "adapters/x509/authorization.h"
#include "ports/runtime.h"
#include "ports/telemetry.h"

#include <functional>
#include <memory>
#include <string>

namespace arangosync::rest {

struct MasterServerOptions {
  http::Server::Options listen;
  master::Identity identity;
  std::string jwt_secret;        ///< shared by the masters and workers of this datacenter
  std::string monitoring_token;  ///< empty: none
  Version version;
  http::ClientTls leader_tls;                        ///< how the leading master is verified when requests are passed on
  Duration call_timeout{std::chrono::seconds(30)};   ///< longest time an answer may take until the caller hears 503
  Duration health_timeout{std::chrono::seconds(2)};  ///< the same for GET /_api/health: a probe does not wait long
};

/// What workers are told about the own cluster.
struct ClusterFacts {
  std::vector<Url> endpoints;
  std::string jwt_secret;  ///< as it is now; secret
  ClusterTraits traits;    ///< for datacenters that want to receive from this one
  TargetRules rules;
};

struct MasterServerSeams {
  MasterAccess master;
  std::function<ClusterFacts()> cluster;
  /// Do these credentials open the own cluster? Answers later, from any thread.
  std::function<void(x509::BasicCredentials, std::function<void(Verdict)>)> check_user;
  /// The journal of recent events. Answers later, from any thread. Empty: there is none.
  std::function<void(std::function<void(Outcome<std::vector<EventLine>>)>)> events;
  std::function<std::string()> metrics_text;
  std::function<std::string()> metrics_json;
};

class MasterServer {
public:
  /// `clock` and `telemetry` outlive `io`: answers may still be on their way when the server is gone.
  /// The error is one line naming address and cause. `callers` is what the engine performs Reply effects on.
  static Expected<std::unique_ptr<MasterServer>, std::string> start(http::Io& io, MasterServerOptions options,
                                                                    MasterServerSeams seams, Callers& callers,
                                                                    ports::Clock& clock, ports::Telemetry& telemetry);
  ~MasterServer();
  std::uint16_t port() const;

  struct Impl;

private:
  explicit MasterServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;  // requests under way hold it weakly
};

}  // namespace arangosync::rest
