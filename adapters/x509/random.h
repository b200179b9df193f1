// Random bytes of the operating system, for keys, secrets and salts. Never for decisions: those take their randomness
// from the envelope.
#pragma once

#include <cstddef>
#include <string>

namespace arangosync::x509 {

std::string random_bytes(std::size_t count);

/// A secret of `count` random bytes, as 2 * count lower-case hex digits.
std::string random_hex(std::size_t count);

}  // namespace arangosync::x509
