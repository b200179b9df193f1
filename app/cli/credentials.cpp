#include "app/cli/credentials.h"

#include "adapters/clock/os_clock.h"
#include "adapters/x509/keyfile.h"
#include "adapters/x509/secret_files.h"
#include "app/cli/files.h"
#include "app/cli/message.h"

#include <filesystem>
#include <utility>

namespace arangosync::cli {

namespace {

std::string keyfile_remedy(x509::Purpose purpose) {
  return purpose == x509::Purpose::TlsServer ? "make one with arangosync create tls keyfile"
                                             : "make one with arangosync create client-auth keyfile";
}

/// Meant as a file's name, though no file can be read there: its folder is there. A secret, too, may begin with '/'.
bool names_a_file(std::string const& text) {
  std::filesystem::path const folder = std::filesystem::path(text).parent_path();
  std::error_code failed;
  bool const is_somewhere = !folder.empty() && folder != folder.root_path();
  return is_somewhere && std::filesystem::is_directory(folder, failed);
}

}  // namespace

Expected<Secret, Problem> load_secret(std::string const& prefix, SecretSource const& source) {
  if (!source.is_set()) return Secret{};
  bool const by_file = !source.file.empty();
  std::string const flag = prefix + (by_file ? ".jwt-secret" : ".jwtSecret");
  std::string const path = by_file ? source.file : source.file_or_literal;
  if (!by_file && !is_readable_file(path) && !names_a_file(path)) {
    say(ports::LogLevel::Warn, flag + " names no file that can be read, so its text itself is the secret; use " +
                                   prefix + ".jwt-secret, which takes files only");
    return Secret{path, {}};
  }
  auto content = read_file(path);
  if (!content) return failure(flag + ": " + content.error(), "make one with arangosync create jwt-secret");
  auto value = trim_right(*std::move(content));
  if (value.empty()) return failure(flag + ": " + path + " is empty", "make one with arangosync create jwt-secret");
  return Secret{std::move(value), path};
}

Expected<ClusterSecrets, Problem> load_cluster_secrets(SecretSource const& source) {
  std::string const& path = source.file.empty() ? source.file_or_literal : source.file;
  if (!x509::is_secret_folder(path)) {
    auto secret = load_secret("--cluster", source);
    if (!secret) return unexpected(secret.error());
    ClusterSecrets one;
    if (!secret->value.empty()) one.values.push_back(std::move(secret->value));
    one.file = std::move(secret->file);
    return one;
  }
  auto secrets = x509::read_secrets(path);
  if (!secrets) {
    return failure("--cluster.jwt-secret: " + secrets.error(), "name the folder that the cluster's servers are given");
  }
  return ClusterSecrets{std::move(*secrets), path};
}

Expected<x509::Identity, Problem> load_keyfile(std::string const& flag, std::string const& path,
                                               x509::Purpose purpose) {
  auto const content = read_file(path);
  if (!content) return failure(flag + ": " + content.error(), keyfile_remedy(purpose));
  auto identity = x509::parse_keyfile(*content);
  if (!identity) return failure(flag + ": " + path + ": " + identity.error(), keyfile_remedy(purpose));
  auto const facts = x509::read_certificate(identity->certificate_pem);
  if (!facts) return failure(flag + ": " + path + ": " + facts.error(), keyfile_remedy(purpose));
  bool const fits = purpose == x509::Purpose::TlsServer ? facts->serves_tls : facts->authenticates_clients;
  if (!fits) {
    return failure(flag + ": the certificate in " + path +
                       (purpose == x509::Purpose::TlsServer ? " is for clients, not for servers"
                                                            : " is for servers, not for clients"),
                   keyfile_remedy(purpose));
  }
  clock::OsClock clock;
  if (facts->earliest_expiry <= clock.wall_now()) {
    return failure(flag + ": the certificate in " + path + " has expired", keyfile_remedy(purpose));
  }
  return *std::move(identity);
}

Expected<std::string, Problem> load_certificates(std::string const& flag, std::string const& path) {
  auto const content = read_file(path);
  if (!content) return failure(flag + ": " + content.error(), "name a file with CA certificates (PEM)");
  auto certificates = x509::parse_certificates(*content);
  if (!certificates)
    return failure(flag + ": " + path + ": " + certificates.error(), "name a file with CA certificates (PEM)");
  return *std::move(certificates);
}

}  // namespace arangosync::cli
