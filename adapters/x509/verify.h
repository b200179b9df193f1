// Verification of a certificate chain against trusted CAs as the original's verifier sees it (spec
// arangosync-metrics-and-ops 5.3), for whoever holds OpenSSL's objects: adapters/http and x509 itself.
#pragma once

#include <cstdint>

struct x509_st;            // OpenSSL's X509
struct x509_store_ctx_st;  // OpenSSL's X509_STORE_CTX

namespace arangosync::x509 {

/// Like X509_verify_cert, but a leaf that carries its CA's name is not taken for self-signed. Sets the context's error.
bool verify_chain(x509_store_ctx_st* context);

/// Whether the extended key usage has `usage` (XKU_SSL_SERVER, XKU_SSL_CLIENT), is absent, or holds nothing but "any":
/// "any" is in all certificates of this kind, so the usage beside it decides (spec 5.3).
bool is_fit_for(x509_st* certificate, std::uint32_t usage);

}  // namespace arangosync::x509
