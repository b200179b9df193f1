// The own cluster as a source, over HTTP: structure through Coordinators, snapshots and log of each DB-Server by the
// route that is open to it (read_routes.h, spec arangodb-read 1.5; sections 4, 5, 6 for the calls). Built by
// app/worker; thread-safe; calls return at once and answers are posted to the worker's inbox from Io threads. Nothing
// is posted any more once the destructor has returned.
//
// What it remembers between calls: per open snapshot the chunk counters and that it must be kept alive, per reader its
// filter and whether the last chunk ended inside a transaction. Positions are only ever taken from response headers.
#pragma once

#include "adapters/cluster/connection.h"
#include "adapters/cluster/route_rule.h"
#include "adapters/http/http.h"
#include "ports/inbox.h"
#include "ports/source_cluster.h"

#include <memory>

namespace arangosync::cluster {

class SourceClusterHttp final : public ports::SourceCluster {
public:
  SourceClusterHttp(http::Io& io, http::Client& client, Connection& connection, ports::Inbox<worker::Command>& inbox,
                    RouteRule rule = RouteRule::Auto);
  ~SourceClusterHttp() override;

  void perform(worker::ReadStructure const& effect) override;
  void perform(worker::OpenSnapshot const& effect) override;
  void perform(worker::ReadSnapshot const& effect) override;
  void perform(worker::ReadDifference const& effect) override;
  void perform(worker::CloseSnapshot const& effect) override;
  void perform(worker::ReadLog const& effect) override;
  void perform(worker::ForgetReader const& effect) override;

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace arangosync::cluster
