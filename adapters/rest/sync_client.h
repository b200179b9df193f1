// The operator's client of a datacenter's masters (spec arangosync-api 4): what the command line calls. Blocking; one
// call at a time; never on an Io thread. Any of the given endpoints will do (master_caller.h).
//
// Credentials: user and password (Basic), a client certificate (in ClientTls), or the master secret. Faults: Denied for
// bad credentials, Retry when no master could be reached or served, Permanent when the master refuses; one line each.
#pragma once

#include "adapters/http/http.h"
#include "adapters/rest/forms.h"
#include "domain/base/result.h"

#include <memory>
#include <string>
#include <vector>

namespace arangosync::rest {

class SyncClient {
public:
  struct Options {
    std::vector<http::Endpoint> endpoints;
    http::ClientTls tls;
    std::string user;                            ///< empty: no Basic authentication
    std::string password;                        ///< secret; may be empty
    std::string master_jwt_secret;               ///< secret; used when there is no user
    Duration timeout{std::chrono::seconds(30)};  ///< per endpoint
  };
  explicit SyncClient(Options options);
  ~SyncClient();

  Outcome<Version> version();
  Outcome<master::StatusView> status(master::Details details);
  Outcome<std::vector<task::Task>> tasks();
  Outcome<std::vector<master::MasterView>> masters();
  Outcome<std::vector<WorkerEntry>> workers();
  Outcome<std::vector<EventLine>> events();
  Outcome<Duration> message_timeout();
  Outcome<Done> set_message_timeout(Duration timeout);
  Outcome<Done> configure(ConfigureRequest const& request);
  Outcome<master::SyncStopping> stop(StopRequest const& request);
  Outcome<Done> begin_barrier();
  Outcome<Done> end_barrier();
  Outcome<master::BarrierView> barrier();
  Outcome<Done> remove_outgoing(ClusterId const& id);
  Outcome<Done> reset_shard(ShardRef const& shard);
  /// A master's answer as it came, for --output=json; `target` such as "/_api/sync".
  Outcome<std::string> raw(std::string const& target);

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace arangosync::rest
