#include "adapters/x509/random.h"

#include "adapters/x509/base64.h"
#include "domain/base/check.h"

#include <openssl/rand.h>

namespace arangosync::x509 {

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  bool const drawn = RAND_priv_bytes_ex(nullptr, reinterpret_cast<unsigned char*>(bytes.data()), count, 0) == 1;
  DC_ASSERT(drawn);  // a machine without randomness must not make secrets
  return bytes;
}

std::string random_hex(std::size_t count) { return to_hex(random_bytes(count)); }

}  // namespace arangosync::x509
