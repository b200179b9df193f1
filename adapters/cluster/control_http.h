// A master's hold on its own cluster: the server mode (spec arangodb-write 9). Built by app/master. The answer,
// ServerModeSet, is posted to the master's inbox from an Io thread; never after the destructor has returned.
#pragma once

#include "adapters/cluster/connection.h"
#include "adapters/http/http.h"
#include "adapters/http/scope.h"
#include "ports/inbox.h"
#include "ports/peers.h"

namespace arangosync::cluster {

class ControlHttp final : public ports::ClusterControl {
public:
  ControlHttp(http::Io& io, http::Client& client, Connection& connection, ports::Inbox<master::Command>& inbox);

  void perform(master::SetServerMode const& effect) override;

private:
  Connection& connection_;
  ports::Inbox<master::Command>& inbox_;
  http::Scope scope_;
};

}  // namespace arangosync::cluster
