#include "app/cli/connection.h"

#include "app/cli/credentials.h"
#include "app/cli/message.h"

#include <algorithm>
#include <utility>

namespace arangosync::cli {

namespace {

void warn_if_unverified(Connection const& connection) {
  bool const tls =
      std::any_of(connection.endpoints.begin(), connection.endpoints.end(), [](auto const& one) { return one.tls; });
  if (!tls || !connection.ca_file.empty() || connection.log_level > ports::LogLevel::Warn) return;
  say(ports::LogLevel::Warn, "Accepting unverified master TLS certificate. Use --master.cacert.");
}

std::string credentials_remedy(Connection const& connection) {
  if (!connection.user.empty())
    return "check the password of user " + connection.user + " (--auth.password) and its rights on _system";
  if (!connection.keyfile.empty()) return "--auth.keyfile needs a certificate signed by the masters' client CA";
  if (connection.jwt_secret.is_set()) return "--auth.jwt-secret needs the secret that the masters were given";
  return "give --auth.user and --auth.password, or --auth.keyfile";
}

}  // namespace

Expected<rest::SyncClient::Options, Problem> client_options(Connection const& connection) {
  rest::SyncClient::Options options;
  options.endpoints = connection.endpoints;
  options.user = connection.user;
  options.password = connection.password;
  if (!connection.ca_file.empty()) {
    auto ca = load_certificates("--master.cacert", connection.ca_file);
    if (!ca) return unexpected(ca.error());
    options.tls.ca_pem = *std::move(ca);
  }
  if (!connection.keyfile.empty()) {
    auto identity = load_keyfile("--auth.keyfile", connection.keyfile, x509::Purpose::ClientAuth);
    if (!identity) return unexpected(identity.error());
    options.tls.certificate_pem = std::move(identity->certificate_pem);
    options.tls.key_pem = std::move(identity->key_pem);
  }
  auto secret = load_secret("--auth", connection.jwt_secret);
  if (!secret) return unexpected(secret.error());
  options.master_jwt_secret = std::move(secret->value);
  warn_if_unverified(connection);
  return options;
}

Problem problem_of(Fault const& fault, Connection const& connection) {
  switch (fault.fault_class) {
    case FaultClass::Denied:
      return {ExitCode::NotAuthorized, fault.message + "; " + credentials_remedy(connection)};
    case FaultClass::Retry:
      return {ExitCode::Unreachable,
              fault.message +
                  "; if no master answered, check --master.endpoint and --master.cacert, and that a sync "
                  "master runs there"};
    case FaultClass::NotFound:
    case FaultClass::Refresh:
    case FaultClass::Permanent:
      return {ExitCode::Failure, fault.message};
  }
  return {ExitCode::Failure, fault.message};
}

}  // namespace arangosync::cli
