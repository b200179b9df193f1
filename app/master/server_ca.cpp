#include "app/master/server_ca.h"

#include "adapters/x509/certificate.h"
#include "adapters/x509/keyfile.h"

namespace arangosync::app {

std::string server_ca(std::string const& certificate_pem) {
  std::string leaf;
  std::string rest;
  for (auto const& block : x509::pem_blocks(certificate_pem)) {
    if (block.type == "CERTIFICATE") (leaf.empty() ? leaf : rest) += block.text;
  }
  if (!rest.empty()) return rest;
  auto const facts = x509::read_certificate(leaf);
  return facts && facts->issuer == facts->subject ? leaf : "";
}

}  // namespace arangosync::app
