#include "app/cli/create.h"

#include "adapters/x509/certificate.h"
#include "adapters/x509/keyfile.h"
#include "adapters/x509/random.h"
#include "app/cli/files.h"

#include <initializer_list>
#include <utility>

namespace arangosync::cli {

namespace {

constexpr char store_files[] = "Make sure to store these files in a secure location.\n";
constexpr char store_file[] = "Make sure to store this file in a secure location.\n";
constexpr char store_secret[] = "Make sure to store this files in a secure location.\n";  // the original's grammar

/// Option and value; an empty value is refused before anything is made.
Expected<Done, Problem> demand_names(std::initializer_list<std::pair<char const*, std::string>> names) {
  for (auto const& [option, value] : names) {
    if (value.empty()) {
      return unexpected(Problem{ExitCode::Failure, std::string("Missing filename for option ") + option});
    }
  }
  return Done{};
}

Expected<Done, Problem> write(std::vector<NewFile> const& files) {
  auto written = write_files(files);
  if (!written) return failure(written.error());
  return Done{};
}

Expected<x509::Identity, Problem> load_ca(std::string const& certificate_file, std::string const& key_file,
                                          bool for_client) {
  std::string const remedy = std::string("make a CA with arangosync create ") + (for_client ? "client-auth" : "tls") +
                             " ca, or name an existing one with --cacert and --cakey";
  auto certificate = read_file(certificate_file);
  if (!certificate) return failure(certificate.error(), remedy);
  auto key = read_file(key_file);
  if (!key) return failure(key.error(), remedy);

  auto chain = x509::parse_certificates(*certificate);
  if (!chain) return failure("Failed to load CA from " + certificate_file + ": " + chain.error(), remedy);
  auto const facts = x509::read_certificate(*chain);
  if (!facts) return failure("Failed to load CA from " + certificate_file + ": " + facts.error(), remedy);
  if (!facts->is_ca) return failure("Failed to load CA: " + certificate_file + " is not a CA certificate", remedy);
  auto const fits = x509::check_key_matches(*chain, *key);
  if (!fits)
    return failure("Failed to load CA from " + certificate_file + " and " + key_file + ": " + fits.error(), remedy);
  return x509::Identity{std::move(*chain), std::move(*key)};
}

Expected<x509::Identity, Problem> make_leaf(std::string const& ca_certificate_file, std::string const& ca_key_file,
                                            CertificateWish const& wish, bool for_client) {
  auto ca = load_ca(ca_certificate_file, ca_key_file, for_client);
  if (!ca) return unexpected(ca.error());
  x509::LeafRequest request;
  request.purpose = for_client ? x509::Purpose::ClientAuth : x509::Purpose::TlsServer;
  request.hosts = wish.hosts;
  request.emails = wish.emails;
  request.curve = wish.curve;
  request.valid_for = wish.valid_for;
  auto leaf = x509::create_leaf(*ca, request);
  if (!leaf) return failure("Failed to create certificate: " + leaf.error());
  return *std::move(leaf);
}

}  // namespace

CommandResult run(CreateCa const& command, std::ostream& out) {
  auto named = demand_names({{"--cert", command.certificate_file}, {"--key", command.key_file}});
  if (!named) return unexpected(named.error());
  x509::CaRequest request;
  request.curve = command.wish.curve;
  request.valid_for = command.wish.valid_for;
  auto const ca = x509::create_ca(request);
  if (!ca) return failure("Failed to create certificate: " + ca.error());
  auto written = write(
      {{command.certificate_file, ca->certificate_pem, public_mode}, {command.key_file, ca->key_pem, secret_mode}});
  if (!written) return unexpected(written.error());
  out << "Created CA certificate & key in " << command.certificate_file << ", " << command.key_file << "\n"
      << store_files;
  return ExitCode::Success;
}

CommandResult run(CreateKeyfile const& command, std::ostream& out) {
  auto named = demand_names(
      {{"--cacert", command.ca_certificate_file}, {"--cakey", command.ca_key_file}, {"--keyfile", command.keyfile}});
  if (!named) return unexpected(named.error());
  auto leaf = make_leaf(command.ca_certificate_file, command.ca_key_file, command.wish, command.for_client);
  if (!leaf) return unexpected(leaf.error());
  auto written = write({{command.keyfile, x509::to_keyfile(*leaf), secret_mode}});
  if (!written) return unexpected(written.error());
  out << "Created keyfile in " << command.keyfile << "\n" << store_file;
  return ExitCode::Success;
}

CommandResult run(CreateCertificate const& command, std::ostream& out) {
  auto named = demand_names({{"--cacert", command.ca_certificate_file},
                             {"--cakey", command.ca_key_file},
                             {"--cert", command.certificate_file},
                             {"--key", command.key_file}});
  if (!named) return unexpected(named.error());
  auto leaf = make_leaf(command.ca_certificate_file, command.ca_key_file, command.wish, false);
  if (!leaf) return unexpected(leaf.error());
  auto written = write(
      {{command.certificate_file, leaf->certificate_pem, public_mode}, {command.key_file, leaf->key_pem, secret_mode}});
  if (!written) return unexpected(written.error());
  out << "Created certificate & key in " << command.certificate_file << ", " << command.key_file << "\n" << store_files;
  return ExitCode::Success;
}

CommandResult run(CreateJwtSecret const& command, std::ostream& out) {
  if (command.secret_file.empty()) return failure("--secret missing");
  auto written = write({{command.secret_file, x509::random_hex(command.length), secret_mode}});
  if (!written) return unexpected(written.error());
  out << "Created JWT secret in " << command.secret_file << "\n" << store_secret;
  return ExitCode::Success;
}

}  // namespace arangosync::cli
