// Keyfiles and CA files: no input crashes or asks for a password, and what is accepted survives a round trip.
#include "adapters/x509/certificate.h"
#include "adapters/x509/keyfile.h"
#include "domain/base/check.h"

#include <chrono>
#include <cstdint>
#include <string_view>

using namespace arangosync;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text(reinterpret_cast<char const*>(data), size);

  std::size_t bytes = 0;
  for (auto const& block : x509::pem_blocks(text)) bytes += block.text.size() - 1;
  DC_ASSERT(bytes <= text.size());

  if (auto const certificates = x509::parse_certificates(text)) {
    auto const facts = x509::read_certificate(*certificates);
    DC_ASSERT(facts.has_value());
    DC_ASSERT(facts->certificates > 0);
    DC_ASSERT(facts->earliest_expiry <= facts->not_after);
    x509::check_signed_by(*certificates, *certificates, WallTime(std::chrono::seconds(1'800'000'000)));
  }
  if (auto const identity = x509::parse_keyfile(text)) {
    auto const again = x509::parse_keyfile(x509::to_keyfile(*identity));
    DC_ASSERT(again.has_value());
    DC_ASSERT(again->certificate_pem == identity->certificate_pem);
    DC_ASSERT(again->key_pem == identity->key_pem);
  }
  return 0;
}
