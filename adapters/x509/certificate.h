// Certificates as ArangoSync makes them: CAs and leaves for TLS servers and for client authentication (spec
// arangosync-metrics-and-ops 5.2), and what can be read from them. Everything is PEM text; OpenSSL stays in the .cpp
// files. Called by app/cli (create …), app/master (worker certificates) and tests. Errors are one line without secrets.
#pragma once

#include "domain/base/instant.h"
#include "domain/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace arangosync::x509 {

/// 365-day years, as the original counts them.
inline constexpr Duration year{std::chrono::hours(24 * 365)};

/// How far back certificates reach that one process makes for others: their clocks may be behind.
inline constexpr Duration clock_margin{std::chrono::hours(1)};

enum class Purpose { TlsServer, ClientAuth };

/// A certificate (with the chain that signed it, leaf first) and its private key.
struct Identity {
  std::string certificate_pem;
  std::string key_pem;  ///< secret; SEC1 "EC PRIVATE KEY" or PKCS#1 "RSA PRIVATE KEY" when made here
};

struct CaRequest {
  std::string curve = "P256";  ///< P224, P256, P384, P521; empty: RSA 2048
  Duration valid_for = 15 * year;
  WallTime not_before;  ///< zero: now, by this machine's clock
};

struct LeafRequest {
  Purpose purpose = Purpose::TlsServer;
  std::vector<std::string> hosts;  ///< names or IP addresses; a server's must hold what clients dial
  std::vector<std::string> emails;
  std::string curve = "P256";  ///< as above; the original takes P521 for client authentication
  Duration valid_for = 2 * year;
  WallTime not_before;  ///< zero: now, by this machine's clock
};

/// Self-signed. CAs of both purposes are alike (spec 5.2), so there is no purpose here.
Expected<Identity, std::string> create_ca(CaRequest const& request);

/// The first certificate of `ca` signs; all of its certificates are appended after the leaf.
Expected<Identity, std::string> create_leaf(Identity const& ca, LeafRequest const& request);

/// What a chain says of itself. The first certificate is the leaf.
struct CertificateFacts {
  std::string subject;  ///< "O=ArangoDB,CN=db1", in the order of the certificate
  std::string issuer;
  WallTime not_before;
  WallTime not_after;
  WallTime earliest_expiry;  ///< over the whole chain; this is what counts (spec 5.3)
  bool is_ca = false;
  bool serves_tls = false;             ///< extended key usage has serverAuth, or is absent, or holds nothing but "any"
  bool authenticates_clients = false;  ///< the same with clientAuth
  std::vector<std::string> hosts;      ///< DNS and IP subject alternative names
  std::vector<std::string> emails;
  std::size_t certificates = 0;  ///< in the chain
};

/// Reads all CERTIFICATE blocks; text around them and other blocks are ignored. "no certificate found", "bad
/// certificate …".
Expected<CertificateFacts, std::string> read_certificate(std::string_view certificate_pem);

/// Whether the key belongs to the first certificate; the error says what does not fit.
Expected<Done, std::string> check_key_matches(std::string_view certificate_pem, std::string_view key_pem);

/// Whether the chain's leaf is signed, directly or through the chain, by one of `ca_pem` and is valid at `now`
/// (purpose "any", spec 5.3).
Expected<Done, std::string> check_signed_by(std::string_view certificate_pem, std::string_view ca_pem, WallTime now);

}  // namespace arangosync::x509
