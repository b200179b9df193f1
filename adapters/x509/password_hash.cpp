#include "adapters/x509/password_hash.h"

#include "adapters/x509/digest.h"

#include <openssl/crypto.h>

namespace arangosync::x509 {

std::string password_hash(std::string_view salt, std::string_view password) {
  return sha256_hex(std::string(salt) + std::string(password));
}

bool equal_secrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace arangosync::x509
