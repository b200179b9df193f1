// The routes that masters and workers share (spec arangosync-api 3): version, role, health, metrics, and the agents'
// callbacks. All are answered by whoever is asked, without the cluster.
#pragma once

#include "adapters/rest/forms.h"
#include "adapters/rest/router.h"
#include "ports/telemetry.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace arangosync::rest {

struct CommonAnswers {
  Version version;
  std::string role;                           ///< "master", "worker"
  std::function<std::string()> metrics_text;  ///< Prometheus
  std::function<std::string()> metrics_json;
  /// Tells what is wrong, empty if nothing; may answer later.
  std::function<void(std::function<void(std::string)>)> health;
};

/// `watchers` opens all of them but the callbacks, which anyone may call; `version_too` opens the version as well.
std::vector<Route> common_routes(CommonAnswers answers, Rights watchers, Rights version_too);

/// Counts the answer in arangosync_http_requests on its way. `telemetry` has to outlive the responder.
http::Responder counted(http::Responder respond, ports::Telemetry& telemetry);

}  // namespace arangosync::rest
