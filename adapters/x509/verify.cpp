#include "adapters/x509/verify.h"

#include "adapters/x509/openssl.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace arangosync::x509 {

namespace {

/// OpenSSL calls a certificate self-signed if its names are equal and no key identifier says otherwise. Leaves made
/// without host and email are named like their CA and, when the original made them, have no subject key identifier.
bool only_looks_self_signed(X509* leaf) {
  return (X509_get_extension_flags(leaf) & EXFLAG_SS) != 0 && X509_verify(leaf, X509_get0_pubkey(leaf)) != 1;
}

bool has_signed(X509* issuer, X509* leaf) {
  return X509_check_issued(issuer, leaf) == X509_V_OK && X509_check_ca(issuer) == 1 &&
         X509_verify(leaf, X509_get0_pubkey(issuer)) == 1;
}

/// The rest of the chain, from the leaf's issuer on, is OpenSSL's business again.
bool is_trusted(X509* issuer, X509_STORE_CTX* context) {
  StoreContext const rest(X509_STORE_CTX_new());
  auto* const store = X509_STORE_CTX_get0_store(context);
  if (X509_STORE_CTX_init(rest.get(), store, issuer, X509_STORE_CTX_get0_untrusted(context)) != 1) return false;
  X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(rest.get()), X509_STORE_CTX_get0_param(context));
  bool const trusted = X509_verify_cert(rest.get()) == 1;
  if (!trusted) X509_STORE_CTX_set_error(context, X509_STORE_CTX_get_error(rest.get()));
  return trusted;
}

bool any_is_trusted_issuer(STACK_OF(X509) const* candidates, X509* leaf, X509_STORE_CTX* context) {
  for (int i = 0; i < sk_X509_num(candidates); ++i) {
    X509* const candidate = sk_X509_value(candidates, i);
    if (has_signed(candidate, leaf) && is_trusted(candidate, context)) return true;
  }
  return false;
}

bool verify_below_namesake(X509* leaf, X509_STORE_CTX* context) {
  X509_STORE_CTX_set_error(context, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  auto* const anchors = X509_STORE_get1_all_certs(X509_STORE_CTX_get0_store(context));
  bool trusted = any_is_trusted_issuer(anchors, leaf, context);
  sk_X509_pop_free(anchors, X509_free);
  trusted = trusted || any_is_trusted_issuer(X509_STORE_CTX_get0_untrusted(context), leaf, context);
  if (!trusted) return false;
  int const in_time =
      X509_cmp_timeframe(X509_STORE_CTX_get0_param(context), X509_get0_notBefore(leaf), X509_get0_notAfter(leaf));
  X509_STORE_CTX_set_error(context, in_time == 0  ? X509_V_OK
                                    : in_time > 0 ? X509_V_ERR_CERT_HAS_EXPIRED
                                                  : X509_V_ERR_CERT_NOT_YET_VALID);
  return in_time == 0;
}

}  // namespace

bool verify_chain(x509_store_ctx_st* context) {
  X509* const leaf = X509_STORE_CTX_get0_cert(context);
  bool const accepted =
      only_looks_self_signed(leaf) ? verify_below_namesake(leaf, context) : X509_verify_cert(context) == 1;
  ERR_clear_error();
  return accepted;
}

bool is_fit_for(x509_st* certificate, std::uint32_t usage) {
  auto const flags = X509_get_extension_flags(certificate);
  if ((flags & EXFLAG_XKUSAGE) == 0) return true;
  auto const usages = X509_get_extended_key_usage(certificate);
  return (usages & usage) != 0 || (usages & ~static_cast<std::uint32_t>(XKU_ANYEKU)) == 0;
}

}  // namespace arangosync::x509
