// Keyfiles: certificates and one private key in one PEM text (spec arangosync-metrics-and-ops 5.1).
// Reading takes blocks in any order, ignores text around them, keeps all certificates and the first private key
// (PKCS#1, PKCS#8 or SEC1). Neither touches files: see files.h.
#pragma once

#include "adapters/x509/certificate.h"

#include <string>
#include <string_view>
#include <vector>

namespace arangosync::x509 {

struct PemBlock {
  std::string type;  ///< "CERTIFICATE", "EC PRIVATE KEY", …
  std::string text;  ///< the whole block with its BEGIN and END lines, ending in a line feed
};

/// All well-formed blocks in their order; a block without its END line is ignored. Never fails. Content is not decoded.
std::vector<PemBlock> pem_blocks(std::string_view text);

/// Splits a keyfile; certificates and key are decoded once to be sure, and have to belong to each other.
Expected<Identity, std::string> parse_keyfile(std::string_view text);

/// Certificates (trimmed), one line feed, key (trimmed), no line feed at the end.
std::string to_keyfile(Identity const& identity);

/// CA files: all certificates of a text, as PEM; an error if there is none or one is broken.
Expected<std::string, std::string> parse_certificates(std::string_view text);

}  // namespace arangosync::x509
