#include "adapters/cluster/source_cluster_http.h"

#include "adapters/cluster/log_readers.h"
#include "adapters/cluster/read_routes.h"
#include "adapters/cluster/snapshots.h"
#include "adapters/cluster/structure_reader.h"

#include <utility>

namespace arangosync::cluster {

struct SourceClusterHttp::Impl {
  Impl(http::Io& io, http::Client& client, Connection& connection_in, ports::Inbox<worker::Command>& inbox_in,
       RouteRule rule)
      : connection(connection_in),
        inbox(inbox_in),
        scope(io, client),
        routes(scope, connection, rule),
        instances(scope, connection, routes),
        snapshots(scope, connection, routes, instances),
        readers(scope, connection, routes, instances) {}
  ~Impl() { scope.close(); }

  Connection& connection;
  ports::Inbox<worker::Command>& inbox;
  http::Scope scope;
  ReadRoutes routes;
  Instances instances;
  Snapshots snapshots;
  LogReaders readers;
  KnownAnalyzers analyzers;
  LastStructure last;
};

SourceClusterHttp::SourceClusterHttp(http::Io& io, http::Client& client, Connection& connection,
                                     ports::Inbox<worker::Command>& inbox, RouteRule rule)
    : impl_(std::make_unique<Impl>(io, client, connection, inbox, rule)) {}

SourceClusterHttp::~SourceClusterHttp() = default;

void SourceClusterHttp::perform(worker::ReadStructure const& effect) {
  auto* self = impl_.get();
  self->scope.start([self] { return read_source(self->scope, self->connection, self->analyzers, self->last); },
                    [self, request = effect.request](Outcome<inventory::Structure> outcome) {
                      self->inbox.post(worker::StructureRead{request, std::move(outcome)});
                    });
}

void SourceClusterHttp::perform(worker::OpenSnapshot const& effect) {
  auto* self = impl_.get();
  self->scope.start([self, effect] { return self->snapshots.open(effect); },
                    [self, request = effect.request](Outcome<worker::Snapshot> outcome) {
                      self->inbox.post(worker::SnapshotOpened{request, std::move(outcome)});
                    });
}

void SourceClusterHttp::perform(worker::ReadSnapshot const& effect) {
  auto* self = impl_.get();
  self->scope.start([self, effect] { return self->snapshots.read(effect); },
                    [self, request = effect.request](Outcome<worker::SnapshotChunk> outcome) {
                      self->inbox.post(worker::SnapshotRead{request, std::move(outcome)});
                    });
}

void SourceClusterHttp::perform(worker::ReadDifference const& effect) {
  auto* self = impl_.get();
  self->scope.start([self, effect] { return self->snapshots.read_difference(effect); },
                    [self, request = effect.request](Outcome<worker::DifferenceChunk> outcome) {
                      self->inbox.post(worker::DifferenceRead{request, std::move(outcome)});
                    });
}

void SourceClusterHttp::perform(worker::CloseSnapshot const& effect) {
  auto* self = impl_.get();
  self->scope.start([self, effect] { return self->snapshots.close(effect); },
                    [self, request = effect.request](Outcome<Done> outcome) {
                      self->inbox.post(worker::SnapshotClosed{request, std::move(outcome)});
                    });
}

void SourceClusterHttp::perform(worker::ReadLog const& effect) {
  auto* self = impl_.get();
  self->scope.start([self, effect] { return self->readers.read(effect); },
                    [self, request = effect.request](Outcome<worker::LogChunk> outcome) {
                      self->inbox.post(worker::LogRead{request, std::move(outcome)});
                    });
}

void SourceClusterHttp::perform(worker::ForgetReader const& effect) {
  auto* self = impl_.get();
  self->scope.start([self, effect] { return self->readers.forget(effect); }, [](Done) {});
}

}  // namespace arangosync::cluster
