#include "app/cli/server_options.h"

#include "app/cli/credentials.h"
#include "app/cli/version.h"

#include <utility>

namespace arangosync::cli {

Expected<app::MasterOptions, Problem> prepare(RunMaster const& command) {
  app::MasterOptions options;
  auto identity = load_keyfile("--server.keyfile", command.keyfile, x509::Purpose::TlsServer);
  if (!identity) return unexpected(identity.error());
  auto client_ca = load_certificates("--server.client-cafile", command.client_ca_file);
  if (!client_ca) return unexpected(client_ca.error());
  auto cluster_secrets = load_cluster_secrets(command.cluster_secret);
  if (!cluster_secrets) return unexpected(cluster_secrets.error());
  auto master_secret = load_secret("--master", command.master_secret);
  if (!master_secret) return unexpected(master_secret.error());

  options.cluster_endpoints = command.cluster_endpoints;
  options.cluster_jwt_secrets = std::move(cluster_secrets->values);
  options.cluster_jwt_secret_file = std::move(cluster_secrets->file);
  options.min_replication_factor = command.min_replication_factor;
  options.max_replication_factor = command.max_replication_factor;
  options.exclude_root_user = command.exclude_root_user;
  options.certificate_pem = std::move(identity->certificate_pem);
  options.key_pem = std::move(identity->key_pem);
  options.client_ca_pem = *std::move(client_ca);
  options.server_endpoint = command.server_endpoint;
  options.port = command.port;
  options.master_endpoints = command.master_endpoints;
  options.master_jwt_secret = std::move(master_secret->value);
  options.master_jwt_secret_file = std::move(master_secret->file);
  options.monitoring_token = command.monitoring_token;
  options.direct_token_ttl = command.direct_token_ttl;
  options.log = command.log;
  options.trace = command.trace;
  options.program_version = program_version();
  options.program_build = program_build();
  return options;
}

Expected<app::WorkerOptions, Problem> prepare(RunWorker const& command) {
  app::WorkerOptions options;
  auto master_secret = load_secret("--master", command.master_secret);
  if (!master_secret) return unexpected(master_secret.error());
  options.master_endpoints = command.master_endpoints;
  options.master_jwt_secret = std::move(master_secret->value);
  options.master_jwt_secret_file = std::move(master_secret->file);
  options.server_endpoint = command.server_endpoint;
  options.port = command.port;
  options.monitoring_token = command.monitoring_token;
  options.initial_copies_max = command.initial_copies_max;
  options.read_route = command.read_route;
  options.log = command.log;
  options.trace = command.trace;
  options.program_version = program_version();
  options.program_build = program_build();
  return options;
}

}  // namespace arangosync::cli
