#include "adapters/x509/digest.h"

#include "adapters/x509/base64.h"

#include <openssl/sha.h>

namespace arangosync::x509 {

std::string sha256_hex(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return to_hex(digest);
}

}  // namespace arangosync::x509
