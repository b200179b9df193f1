#include "adapters/x509/openssl.h"

#include "adapters/x509/keyfile.h"
#include "domain/base/check.h"

#include <limits>

#include <openssl/pem.h>

namespace arangosync::x509 {

Bio bio_of(std::string_view text) {
  DC_ASSERT(text.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  DC_ASSERT(bio != nullptr);
  return bio;
}

Bio empty_bio() {
  Bio bio(BIO_new(BIO_s_mem()));
  DC_ASSERT(bio != nullptr);
  return bio;
}

std::string text_of(Bio const& bio) {
  char* data = nullptr;
  auto const size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::vector<Certificate> certificates_of(std::string_view pem, std::string& problem) {
  std::vector<Certificate> certificates;
  for (auto const& block : pem_blocks(pem)) {
    if (block.type != "CERTIFICATE") continue;
    Bio const bio = bio_of(block.text);
    Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!certificate) {
      problem = "bad certificate: " + last_error();
      return {};
    }
    certificates.push_back(std::move(certificate));
  }
  if (certificates.empty()) problem = "no certificate found";
  return certificates;
}

Key key_of(std::string_view pem) {
  for (auto const& block : pem_blocks(pem)) {
    if (block.type != "PRIVATE KEY" && !block.type.ends_with(" PRIVATE KEY")) continue;
    Bio const bio = bio_of(block.text);
    // Without the callback an encrypted key would make OpenSSL ask on the terminal.
    auto const no_password = [](char*, int, int, void*) { return 0; };
    Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
    ERR_clear_error();
    return key;
  }
  return nullptr;
}

std::string last_error() {
  auto const code = ERR_get_error();
  ERR_clear_error();
  char const* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

}  // namespace arangosync::x509
