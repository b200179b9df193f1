// Calls any of several masters: the one that answered last first, the next one when it cannot be reached, is not able
// to serve (5xx, 408) or does not answer in time (spec arangosync-api 1.1 to 1.3; unlike the original, also on
// transport errors).
//
// Used by own_master_http, remote_masters_http and sync_client. Coroutine interface: .cpp files of this room only.
// Faults are one line that names the endpoint and the cause, never a secret.
#pragma once

#include "adapters/http/http.h"
#include "adapters/http/scope.h"
#include "adapters/http/task.h"
#include "domain/base/ids.h"
#include "domain/base/result.h"

#include <atomic>
#include <string>
#include <vector>

namespace arangosync::rest {

/// One request to whichever master takes it.
struct MasterCall {
  std::string method = "GET";
  std::string target = "/";
  std::string body;
  std::string authorization;                   ///< header value; secret; empty: none (client certificate)
  Duration timeout{std::chrono::seconds(30)};  ///< per endpoint
};

/// Of clients that carry a master's orders. A leader that begins has one for each of its tasks and shards: they go over
/// connections that are used again, not over one each.
inline http::ClientLimits calls_at_a_time() { return {.calls_per_endpoint_max = 512}; }

class MasterCaller {
public:
  MasterCaller(http::Scope& scope, std::vector<http::Endpoint> endpoints)
      : scope_(scope), endpoints_(std::move(endpoints)) {}

  /// The body of a 200 answer, or the fault of the last endpoint tried.
  http::Task<Outcome<std::string>> call(MasterCall call);

private:
  http::Scope& scope_;
  std::vector<http::Endpoint> const endpoints_;
  std::atomic<std::size_t> preferred_{0};
};

/// Sends one request to one endpoint; the same classification.
http::Task<Outcome<std::string>> call_endpoint(http::Scope& scope, http::Endpoint endpoint, MasterCall call);

/// Which class an answer's status is: 401, 403 Denied; 404 NotFound; 408, 5xx Retry; other 4xx Permanent.
FaultClass class_of_status(int status);

/// "/_api/sync/database/<db>/collection/<col>/shard/<i>", percent-encoded, behind `prefix`.
std::string shard_path(std::string_view prefix, ShardRef const& shard);

/// Those that parse; `default_port` for URLs without one.
std::vector<http::Endpoint> to_endpoints(std::vector<Url> const& urls, std::uint16_t default_port);

}  // namespace arangosync::rest
