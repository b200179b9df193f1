#include "adapters/x509/password_hash.h"

#include "adapters/x509/base64.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace arangosync::x509 {

std::string password_hash(std::string_view salt, std::string_view password) {
  std::string const text = std::string(salt) + std::string(password);
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<unsigned char const*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return to_hex(digest);
}

bool equal_secrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace arangosync::x509
