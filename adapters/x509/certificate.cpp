// What can be read from certificates and checked about them.
#include "adapters/x509/certificate.h"

#include "adapters/x509/openssl.h"
#include "adapters/x509/verify.h"

#include <algorithm>
#include <array>
#include <ctime>

#include <arpa/inet.h>
#include <openssl/x509v3.h>

namespace arangosync::x509 {

namespace {

std::string name_of(X509_NAME const* name) {
  Bio const bio = empty_bio();
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_SEP_COMMA_PLUS | ASN1_STRFLGS_RFC2253);
  return text_of(bio);
}

WallTime time_of(ASN1_TIME const* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return WallTime{};
  auto const seconds = std::chrono::seconds(timegm(&parts));
  // Years beyond what nanoseconds can count (9999 stands for "no end") end with the count.
  auto const limit = std::chrono::duration_cast<std::chrono::seconds>(Duration::max());
  return WallTime(std::clamp<std::chrono::seconds>(seconds, -limit, limit));
}

std::string address_of(ASN1_OCTET_STRING const* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  int const family = ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(bytes) != 16) return {};
  return inet_ntop(family, ASN1_STRING_get0_data(bytes), text.data(), text.size()) == nullptr ? "" : text.data();
}

void read_alternative_names(X509* certificate, CertificateFacts& facts) {
  std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>> const names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int kind = 0;
    void* const value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &kind);
    auto* const text = static_cast<ASN1_STRING*>(value);
    if (kind == GEN_IPADD) facts.hosts.push_back(address_of(text));
    if (kind != GEN_DNS && kind != GEN_EMAIL) continue;
    auto& list = kind == GEN_DNS ? facts.hosts : facts.emails;
    list.emplace_back(reinterpret_cast<char const*>(ASN1_STRING_get0_data(text)),
                      static_cast<std::size_t>(ASN1_STRING_length(text)));
  }
}

}  // namespace

Expected<CertificateFacts, std::string> read_certificate(std::string_view certificate_pem) {
  std::string problem;
  auto const chain = certificates_of(certificate_pem, problem);
  if (chain.empty()) return unexpected(problem);
  X509* const leaf = chain.front().get();
  CertificateFacts facts;
  facts.subject = name_of(X509_get_subject_name(leaf));
  facts.issuer = name_of(X509_get_issuer_name(leaf));
  facts.not_before = time_of(X509_get0_notBefore(leaf));
  facts.not_after = time_of(X509_get0_notAfter(leaf));
  facts.earliest_expiry = facts.not_after;
  for (auto const& one : chain) {
    facts.earliest_expiry = std::min(facts.earliest_expiry, time_of(X509_get0_notAfter(one.get())));
  }
  facts.is_ca = X509_check_ca(leaf) == 1;
  facts.serves_tls = is_fit_for(leaf, XKU_SSL_SERVER);
  facts.authenticates_clients = is_fit_for(leaf, XKU_SSL_CLIENT);
  read_alternative_names(leaf, facts);
  facts.certificates = chain.size();
  ERR_clear_error();
  return facts;
}

Expected<Done, std::string> check_key_matches(std::string_view certificate_pem, std::string_view key_pem) {
  std::string problem;
  auto const chain = certificates_of(certificate_pem, problem);
  if (chain.empty()) return unexpected(problem);
  Key const key = key_of(key_pem);
  if (!key) return unexpected(std::string("no usable private key found"));
  bool const fits = X509_check_private_key(chain.front().get(), key.get()) == 1;
  ERR_clear_error();
  if (!fits) return unexpected(std::string("the private key does not belong to the certificate"));
  return Done{};
}

Expected<Done, std::string> check_signed_by(std::string_view certificate_pem, std::string_view ca_pem, WallTime now) {
  std::string problem;
  auto const chain = certificates_of(certificate_pem, problem);
  if (chain.empty()) return unexpected(problem);
  auto const anchors = certificates_of(ca_pem, problem);
  if (anchors.empty()) return unexpected("CA: " + problem);

  Store const store(X509_STORE_new());
  for (auto const& one : anchors) X509_STORE_add_cert(store.get(), one.get());
  std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> const others(
      sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_free(stack); });
  for (auto const& one : chain) sk_X509_push(others.get(), one.get());
  StoreContext const context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(), others.get());
  auto* const wanted = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_purpose(wanted, X509_PURPOSE_ANY);
  X509_VERIFY_PARAM_set_flags(wanted, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_time(wanted, std::chrono::floor<std::chrono::seconds>(now.since_epoch()).count());
  bool const accepted = verify_chain(context.get());
  int const error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  if (!accepted) return unexpected(std::string(X509_verify_cert_error_string(error)));
  return Done{};
}

}  // namespace arangosync::x509
