// SHA-256 as text. For password hashes and for what stands in a trace in place of a secret.
#pragma once

#include <string>
#include <string_view>

namespace arangosync::x509 {

/// 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace arangosync::x509
