// A master's workers over HTTPS (ports::OwnWorkers; spec arangosync-api 5.2). Built by app/master; thread-safe; answers
// go to the master's inbox from Io threads; nothing is posted any more once the destructor has returned.
#pragma once

#include "adapters/http/http.h"
#include "adapters/http/scope.h"
#include "adapters/rest/master_caller.h"
#include "ports/inbox.h"
#include "ports/peers.h"

#include <string>

namespace arangosync::rest {

class OwnWorkersHttp final : public ports::OwnWorkers {
public:
  /// `client` need not verify: workers prove themselves by accepting the shared master secret's token over TLS (spec
  /// api 2.4).
  OwnWorkersHttp(http::Io& io, http::Client& client, ports::Inbox<master::Command>& inbox,
                 std::string master_jwt_secret);

  void perform(master::SendTask const& effect) override;
  void perform(master::RevokeTask const& effect) override;

private:
  http::Task<Outcome<Done>> order(http::Endpoint endpoint, MasterCall call, bool absent_is_done);
  void start(RequestId request, Url const& worker, MasterCall call, bool absent_is_done);

  std::string const master_jwt_secret_;
  ports::Inbox<master::Command>& inbox_;
  http::Scope scope_;
};

}  // namespace arangosync::rest
