// Making of CAs and leaves, with the properties of spec arangosync-metrics-and-ops 5.2.
#include "adapters/x509/certificate.h"

#include "adapters/x509/openssl.h"
#include "adapters/x509/random.h"

#include <array>
#include <chrono>
#include <utility>

#include <arpa/inet.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

namespace arangosync::x509 {

namespace {

using Status = Expected<Done, std::string>;
constexpr int rsa_bits = 2048;
constexpr std::size_t serial_bytes = 16;

struct Curve {
  std::string_view name;
  char const* group;
};
constexpr std::array<Curve, 4> curves{{{"P224", "P-224"}, {"P256", "P-256"}, {"P384", "P-384"}, {"P521", "P-521"}}};

Expected<Key, std::string> create_key(std::string const& curve) {
  if (curve.empty()) {
    Key key(EVP_RSA_gen(rsa_bits));
    if (!key) return unexpected("cannot create an RSA key: " + last_error());
    return key;
  }
  for (auto const& one : curves) {
    if (one.name != curve) continue;
    Key key(EVP_EC_gen(one.group));
    if (!key) return unexpected("cannot create an ECDSA key: " + last_error());
    return key;
  }
  return unexpected("unknown curve '" + curve + "'; use P224, P256, P384, P521 or an empty one for RSA");
}

std::string key_pem_of(EVP_PKEY* key) {
  Bio const bio = empty_bio();
  // The "traditional" form is SEC1 or PKCS#1, which is what the original writes.
  if (PEM_write_bio_PrivateKey_traditional(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) return {};
  return text_of(bio);
}

std::string certificate_pem_of(X509* certificate) {
  Bio const bio = empty_bio();
  if (PEM_write_bio_X509(bio.get(), certificate) != 1) return {};
  return text_of(bio);
}

/// The hash goes with the signer's key, not with the key that is signed.
EVP_MD const* hash_for(EVP_PKEY* signer) {
  if (EVP_PKEY_get_base_id(signer) != EVP_PKEY_EC) return EVP_sha256();
  int const bits = EVP_PKEY_get_bits(signer);
  if (bits <= 256) return EVP_sha256();
  return bits <= 384 ? EVP_sha384() : EVP_sha512();
}

Status set_serial(X509* certificate) {
  std::string const bytes = random_bytes(serial_bytes);
  BIGNUM* const number =
      BN_bin2bn(reinterpret_cast<unsigned char const*>(bytes.data()), static_cast<int>(bytes.size()), nullptr);
  bool const set = number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  if (!set) return unexpected("cannot set the serial number: " + last_error());
  return Done{};
}

Status set_times(X509* certificate, WallTime not_before, Duration valid_for) {
  using namespace std::chrono;
  if (valid_for <= Duration{0}) return unexpected(std::string("the validity has to be longer than nothing"));
  auto const from =
      not_before.is_zero() ? duration_cast<Duration>(system_clock::now().time_since_epoch()) : not_before.since_epoch();
  if (valid_for > Duration::max() - from) return unexpected(std::string("the validity is too long"));
  auto const begin = static_cast<time_t>(floor<seconds>(from).count());
  auto const end = static_cast<time_t>(floor<seconds>(from + valid_for).count());
  bool const set = ASN1_TIME_set(X509_getm_notBefore(certificate), begin) != nullptr &&
                   ASN1_TIME_set(X509_getm_notAfter(certificate), end) != nullptr;
  if (!set) return unexpected("cannot set the validity: " + last_error());
  return Done{};
}

Status set_subject(X509* certificate, std::string const& common_name) {
  X509_NAME* const subject = X509_get_subject_name(certificate);
  auto const add = [&](char const* field, std::string const& value) {
    return X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8,
                                      reinterpret_cast<unsigned char const*>(value.data()),
                                      static_cast<int>(value.size()), -1, 0) == 1;
  };
  // A common name has room for 64 characters; clients look at the alternative names only.
  if (!add("O", "ArangoDB") || !add("CN", common_name.substr(0, 64))) {
    return unexpected("cannot set the subject: " + last_error());
  }
  return Done{};
}

Status add_extension(X509* certificate, X509V3_CTX* context, int kind, char const* value) {
  Extension const extension(X509V3_EXT_conf_nid(nullptr, context, kind, value));
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) {
    return unexpected("cannot add " + std::string(OBJ_nid2ln(kind)) + ": " + last_error());
  }
  return Done{};
}

bool push_name(GENERAL_NAMES* names, int kind, ASN1_STRING* value) {
  GENERAL_NAME* const name = GENERAL_NAME_new();
  if (name == nullptr || value == nullptr) return false;
  GENERAL_NAME_set0_value(name, kind, value);
  return sk_GENERAL_NAME_push(names, name) > 0;
}

ASN1_STRING* string_of(int kind, void const* data, std::size_t size) {
  ASN1_STRING* const value = ASN1_STRING_type_new(kind);
  if (value != nullptr) ASN1_STRING_set(value, data, static_cast<int>(size));
  return value;
}

bool push_host(GENERAL_NAMES* names, std::string const& host) {
  std::array<unsigned char, sizeof(in6_addr)> address;
  if (inet_pton(AF_INET, host.c_str(), address.data()) == 1) {
    return push_name(names, GEN_IPADD, string_of(V_ASN1_OCTET_STRING, address.data(), sizeof(in_addr)));
  }
  if (inet_pton(AF_INET6, host.c_str(), address.data()) == 1) {
    return push_name(names, GEN_IPADD, string_of(V_ASN1_OCTET_STRING, address.data(), sizeof(in6_addr)));
  }
  return push_name(names, GEN_DNS, string_of(V_ASN1_IA5STRING, host.data(), host.size()));
}

bool is_printable_ascii(std::string_view text) {
  for (char const c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f) return false;
  }
  return !text.empty();
}

/// Built by hand and not from OpenSSL's configuration language, in which a comma in a name would start another entry.
Status add_alternative_names(X509* certificate, LeafRequest const& request) {
  if (request.hosts.empty() && request.emails.empty()) return Done{};
  std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>> const names(GENERAL_NAMES_new());
  for (auto const& host : request.hosts) {
    if (!is_printable_ascii(host)) return unexpected("'" + host + "' is not a host name");
    if (!push_host(names.get(), host)) return unexpected("cannot add a host: " + last_error());
  }
  for (auto const& email : request.emails) {
    if (!is_printable_ascii(email)) return unexpected("'" + email + "' is not an email address");
    if (!push_name(names.get(), GEN_EMAIL, string_of(V_ASN1_IA5STRING, email.data(), email.size()))) {
      return unexpected("cannot add an email address: " + last_error());
    }
  }
  if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) != 1) {
    return unexpected("cannot add the alternative names: " + last_error());
  }
  return Done{};
}

struct Extensions {
  char const* key_usage;
  char const* extended_key_usage;
  char const* constraints;
};
constexpr Extensions for_ca{"critical,digitalSignature,keyEncipherment,keyCertSign", "anyExtendedKeyUsage,serverAuth",
                            "critical,CA:TRUE"};
constexpr Extensions for_server{"critical,digitalSignature,keyEncipherment", "anyExtendedKeyUsage,serverAuth",
                                "critical,CA:FALSE"};
constexpr Extensions for_client{"critical,digitalSignature,keyEncipherment", "anyExtendedKeyUsage,clientAuth",
                                "critical,CA:FALSE"};

Status add_extensions(X509* certificate, X509* issuer, Extensions const& wanted) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto status = add_extension(certificate, &context, NID_key_usage, wanted.key_usage);
  if (status) status = add_extension(certificate, &context, NID_ext_key_usage, wanted.extended_key_usage);
  if (status) status = add_extension(certificate, &context, NID_basic_constraints, wanted.constraints);
  if (!status) return status;
  // Leaves have no identifier of their own, except where they carry the CA's name: without one, OpenSSL would take them
  // for self-signed and refuse them.
  bool const namesake = X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_subject_name(issuer)) == 0;
  if (namesake) status = add_extension(certificate, &context, NID_subject_key_identifier, "hash");
  if (!status || issuer == certificate) return status;
  // Issuers without an identifier (not made by us) are found by their name alone.
  if (X509_get0_subject_key_id(issuer) == nullptr) return Done{};
  return add_extension(certificate, &context, NID_authority_key_identifier, "keyid:always");
}

struct Draft {
  Key key;
  Certificate certificate;
};

Expected<Draft, std::string> draft(std::string const& curve, std::string const& common_name, WallTime not_before,
                                   Duration valid_for) {
  auto key = create_key(curve);
  if (!key) return unexpected(key.error());
  Certificate certificate(X509_new());
  if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      X509_set_pubkey(certificate.get(), key->get()) != 1) {
    return unexpected("cannot create a certificate: " + last_error());
  }
  auto status = set_serial(certificate.get());
  if (status) status = set_times(certificate.get(), not_before, valid_for);
  if (status) status = set_subject(certificate.get(), common_name);
  if (!status) return unexpected(status.error());
  return Draft{std::move(*key), std::move(certificate)};
}

Expected<Identity, std::string> sign(Draft const& draft, EVP_PKEY* signer) {
  if (X509_sign(draft.certificate.get(), signer, hash_for(signer)) == 0) {
    return unexpected("cannot sign the certificate: " + last_error());
  }
  Identity identity{certificate_pem_of(draft.certificate.get()), key_pem_of(draft.key.get())};
  if (identity.certificate_pem.empty() || identity.key_pem.empty()) {
    return unexpected("cannot write the certificate as text: " + last_error());
  }
  return identity;
}

std::string common_name_of(LeafRequest const& request) {
  if (!request.emails.empty()) return request.emails.front();
  if (!request.hosts.empty()) return request.hosts.front();
  return "ArangoDB";
}

}  // namespace

Expected<Identity, std::string> create_ca(CaRequest const& request) {
  auto const made = draft(request.curve, "ArangoDB", request.not_before, request.valid_for);
  if (!made) return unexpected(made.error());
  X509* const certificate = made->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  auto const status = add_extensions(certificate, certificate, for_ca);
  if (!status) return unexpected(status.error());
  return sign(*made, made->key.get());
}

Expected<Identity, std::string> create_leaf(Identity const& ca, LeafRequest const& request) {
  std::string problem;
  auto const issuers = certificates_of(ca.certificate_pem, problem);
  if (issuers.empty()) return unexpected("CA: " + problem);
  Key const signer = key_of(ca.key_pem);
  if (!signer) return unexpected(std::string("CA: no usable private key found"));
  X509* const issuer = issuers.front().get();
  if (X509_check_private_key(issuer, signer.get()) != 1) {
    ERR_clear_error();
    return unexpected(std::string("CA: the private key does not belong to the certificate"));
  }
  if (X509_check_ca(issuer) == 0) return unexpected(std::string("CA: the certificate is not that of a CA"));

  auto const made = draft(request.curve, common_name_of(request), request.not_before, request.valid_for);
  if (!made) return unexpected(made.error());
  X509* const certificate = made->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  auto status = add_extensions(certificate, issuer, request.purpose == Purpose::TlsServer ? for_server : for_client);
  if (status) status = add_alternative_names(certificate, request);
  if (!status) return unexpected(status.error());
  auto leaf = sign(*made, signer.get());
  if (!leaf) return leaf;
  for (auto const& one : issuers) leaf->certificate_pem += certificate_pem_of(one.get());
  return leaf;
}

}  // namespace arangosync::x509
