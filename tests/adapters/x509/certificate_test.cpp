// Certificates as spec arangosync-metrics-and-ops 5.2 wants them, judged by OpenSSL itself.
#include "adapters/x509/certificate.h"
#include "adapters/x509/keyfile.h"
#include "adapters/x509/openssl.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <gtest/gtest.h>

namespace arangosync::x509 {
namespace {

using namespace std::chrono_literals;
WallTime const start_of_2026{std::chrono::seconds(1'767'225'600)};

Certificate first_of(std::string const& pem) {
  std::string problem;
  auto all = certificates_of(pem, problem);
  EXPECT_EQ(problem, "");
  return all.empty() ? nullptr : std::move(all.front());
}

std::string extension_of(X509* certificate, int kind) {
  int const at = X509_get_ext_by_NID(certificate, kind, -1);
  if (at < 0) return "absent";
  X509_EXTENSION* const extension = X509_get_ext(certificate, at);
  Bio const bio = empty_bio();
  X509V3_EXT_print(bio.get(), extension, 0, 0);
  return (X509_EXTENSION_get_critical(extension) != 0 ? "critical " : "") + text_of(bio);
}

Identity ca_of(std::string const& curve = "P256") {
  auto ca = create_ca({curve, 15 * year, start_of_2026});
  EXPECT_TRUE(ca.has_value()) << ca.error();
  return *ca;
}

Identity leaf_of(Identity const& ca, Purpose purpose, std::vector<std::string> hosts = {"localhost", "127.0.0.1"}) {
  LeafRequest request;
  request.purpose = purpose;
  request.hosts = std::move(hosts);
  request.not_before = start_of_2026;
  auto leaf = create_leaf(ca, request);
  EXPECT_TRUE(leaf.has_value()) << leaf.error();
  return *leaf;
}

class EveryCurve : public testing::TestWithParam<char const*> {};
INSTANTIATE_TEST_SUITE_P(Certificate, EveryCurve, testing::Values("P224", "P256", "P384", "P521", ""));

TEST_P(EveryCurve, SignsLeavesThatOpensslVerifies) {
  std::string const curve = GetParam();
  Identity const ca = ca_of(curve);
  Identity const leaf = leaf_of(ca, Purpose::TlsServer);
  EXPECT_TRUE(check_key_matches(ca.certificate_pem, ca.key_pem).has_value());
  EXPECT_TRUE(check_key_matches(leaf.certificate_pem, leaf.key_pem).has_value());
  EXPECT_FALSE(check_key_matches(leaf.certificate_pem, ca.key_pem).has_value());
  EXPECT_TRUE(check_signed_by(leaf.certificate_pem, ca.certificate_pem, start_of_2026 + 24h).has_value());
  std::string const begin = curve.empty() ? "-----BEGIN RSA PRIVATE KEY-----" : "-----BEGIN EC PRIVATE KEY-----";
  EXPECT_TRUE(ca.key_pem.starts_with(begin));
}

TEST_P(EveryCurve, DecidesTheHashOfWhatItSigns) {
  std::string const curve = GetParam();
  Identity const leaf = leaf_of(ca_of(curve), Purpose::TlsServer);  // itself P256
  Certificate const certificate = first_of(leaf.certificate_pem);
  int const expected = curve.empty()     ? NID_sha256WithRSAEncryption
                       : curve == "P384" ? NID_ecdsa_with_SHA384
                       : curve == "P521" ? NID_ecdsa_with_SHA512
                                         : NID_ecdsa_with_SHA256;
  EXPECT_EQ(X509_get_signature_nid(certificate.get()), expected);
}

TEST(Certificate, OfACaHasThePropertiesOfTheOriginals) {
  Certificate const ca = first_of(ca_of().certificate_pem);
  EXPECT_EQ(X509_get_version(ca.get()), X509_VERSION_3);
  EXPECT_EQ(extension_of(ca.get(), NID_key_usage), "critical Digital Signature, Key Encipherment, Certificate Sign");
  EXPECT_EQ(extension_of(ca.get(), NID_ext_key_usage), "Any Extended Key Usage, TLS Web Server Authentication");
  EXPECT_EQ(extension_of(ca.get(), NID_basic_constraints), "critical CA:TRUE");
  EXPECT_NE(extension_of(ca.get(), NID_subject_key_identifier), "absent");
  EXPECT_EQ(extension_of(ca.get(), NID_authority_key_identifier), "absent");
  EXPECT_EQ(extension_of(ca.get(), NID_subject_alt_name), "absent");
}

TEST(Certificate, OfAServerHasThePropertiesOfTheOriginals) {
  Identity const ca = ca_of();
  Certificate const leaf = first_of(leaf_of(ca, Purpose::TlsServer, {"db1", "10.0.0.1", "::1"}).certificate_pem);
  EXPECT_EQ(extension_of(leaf.get(), NID_key_usage), "critical Digital Signature, Key Encipherment");
  EXPECT_EQ(extension_of(leaf.get(), NID_ext_key_usage), "Any Extended Key Usage, TLS Web Server Authentication");
  EXPECT_EQ(extension_of(leaf.get(), NID_basic_constraints), "critical CA:FALSE");
  EXPECT_EQ(extension_of(leaf.get(), NID_subject_alt_name), "DNS:db1, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1");
  EXPECT_EQ(extension_of(leaf.get(), NID_subject_key_identifier), "absent");
  EXPECT_NE(extension_of(leaf.get(), NID_authority_key_identifier), "absent");
  EXPECT_EQ(X509_check_host(leaf.get(), "db1", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_ip_asc(leaf.get(), "10.0.0.1", 0), 1);
}

TEST(Certificate, OfAClientNeedsNeitherHostNorEmail) {
  Identity const leaf = leaf_of(ca_of(), Purpose::ClientAuth, {});
  Certificate const certificate = first_of(leaf.certificate_pem);
  EXPECT_EQ(extension_of(certificate.get(), NID_ext_key_usage),
            "Any Extended Key Usage, TLS Web Client Authentication");
  EXPECT_EQ(extension_of(certificate.get(), NID_subject_alt_name), "absent");
  // Its subject equals the CA's; the identifier keeps OpenSSL from taking it for self-signed.
  EXPECT_NE(extension_of(certificate.get(), NID_subject_key_identifier), "absent");
  auto const facts = read_certificate(leaf.certificate_pem);
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->subject, facts->issuer);
  EXPECT_FALSE(facts->is_ca);
}

TEST(Certificate, TellsWhatIsInIt) {
  LeafRequest request;
  request.hosts = {"db1", "::1"};
  request.emails = {"ops@example.org"};
  request.not_before = start_of_2026;
  auto const leaf = create_leaf(ca_of(), request);
  ASSERT_TRUE(leaf.has_value()) << leaf.error();
  auto const facts = read_certificate(leaf->certificate_pem);
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->subject, "O=ArangoDB,CN=ops@example.org");
  EXPECT_EQ(facts->issuer, "O=ArangoDB,CN=ArangoDB");
  EXPECT_EQ(facts->hosts, (std::vector<std::string>{"db1", "::1"}));
  EXPECT_EQ(facts->emails, (std::vector<std::string>{"ops@example.org"}));
  EXPECT_EQ(facts->not_before, start_of_2026);
  EXPECT_EQ(facts->not_after, start_of_2026 + 2 * year);
  EXPECT_TRUE(facts->serves_tls);
  EXPECT_FALSE(facts->authenticates_clients);
  EXPECT_FALSE(facts->is_ca);
  EXPECT_EQ(facts->certificates, 2u);
}

TEST(Certificate, ExpiresWithTheFirstOfItsChain) {
  auto const ca = create_ca({"P256", 24h, start_of_2026});
  ASSERT_TRUE(ca.has_value());
  auto const facts = read_certificate(leaf_of(*ca, Purpose::TlsServer).certificate_pem);
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->earliest_expiry, start_of_2026 + 24h);
  EXPECT_EQ(facts->not_after, start_of_2026 + 2 * year);
}

TEST(Certificate, IsNotVerifiedByAnotherCaOfTheSameNameNorOutsideItsTime) {
  Identity const ca = ca_of();
  Identity const leaf = leaf_of(ca, Purpose::ClientAuth, {});
  EXPECT_FALSE(check_signed_by(leaf.certificate_pem, ca_of().certificate_pem, start_of_2026 + 24h).has_value());
  EXPECT_FALSE(check_signed_by(leaf.certificate_pem, ca.certificate_pem, start_of_2026 + 3 * year).has_value());
  EXPECT_FALSE(
      check_signed_by(leaf.certificate_pem, ca.certificate_pem, WallTime{std::chrono::seconds(1)}).has_value());
  // Both names in one trust store: the right key is found.
  std::string const both = ca_of().certificate_pem + ca.certificate_pem;
  EXPECT_TRUE(check_signed_by(leaf.certificate_pem, both, start_of_2026 + 24h).has_value());
}

/// A leaf as the original makes it without host and email: named like its CA, and without a key identifier of its own.
std::string namesake_of(Identity const& ca, WallTime not_before) {
  Certificate const leaf = first_of(leaf_of(ca, Purpose::ClientAuth, {}).certificate_pem);
  int const identifier = X509_get_ext_by_NID(leaf.get(), NID_subject_key_identifier, -1);
  Extension const removed(X509_delete_ext(leaf.get(), identifier));
  ASN1_TIME_set(X509_getm_notBefore(leaf.get()),
                std::chrono::floor<std::chrono::seconds>(not_before.since_epoch()).count());
  X509_sign(leaf.get(), key_of(ca.key_pem).get(), EVP_sha256());
  Bio const bio = empty_bio();
  PEM_write_bio_X509(bio.get(), leaf.get());
  return text_of(bio);
}

TEST(Certificate, NamedLikeItsCaIsVerifiedToo) {
  Identity const ca = ca_of();
  std::string const leaf = namesake_of(ca, start_of_2026);
  EXPECT_TRUE(check_signed_by(leaf, ca.certificate_pem, start_of_2026 + 24h).has_value());
  EXPECT_TRUE(check_signed_by(leaf, ca_of().certificate_pem + ca.certificate_pem, start_of_2026 + 24h).has_value());
  EXPECT_FALSE(check_signed_by(leaf, ca_of().certificate_pem, start_of_2026 + 24h).has_value());
  EXPECT_FALSE(check_signed_by(leaf + ca.certificate_pem, ca_of().certificate_pem, start_of_2026 + 24h).has_value());
  EXPECT_FALSE(check_signed_by(leaf, ca.certificate_pem, start_of_2026 + 3 * year).has_value());
  std::string const early = namesake_of(ca, start_of_2026 + 48h);
  EXPECT_FALSE(check_signed_by(early, ca.certificate_pem, start_of_2026 + 24h).has_value());
}

TEST(Certificate, AppendsTheWholeBundleOfTheCaButIsSignedByItsFirst) {
  Identity ca = ca_of();
  Identity const leaf = leaf_of({ca.certificate_pem + ca_of().certificate_pem, ca.key_pem}, Purpose::TlsServer);
  EXPECT_EQ(read_certificate(leaf.certificate_pem)->certificates, 3u);
  EXPECT_TRUE(check_signed_by(leaf.certificate_pem, ca.certificate_pem, start_of_2026 + 24h).has_value());
}

TEST(Certificate, StartsNowWhenNotToldOtherwise) {
  auto const before = std::chrono::system_clock::now().time_since_epoch() - 2s;
  auto const ca = create_ca({});
  ASSERT_TRUE(ca.has_value());
  auto const facts = read_certificate(ca->certificate_pem);
  EXPECT_GE(facts->not_before.since_epoch(), before);
  EXPECT_LE(facts->not_before.since_epoch(), before + 60s);
  EXPECT_EQ(facts->not_after - facts->not_before, 15 * year);
}

TEST(Certificate, HasAFreshSerialNumberEachTime) {
  Certificate const one = first_of(ca_of().certificate_pem);
  Certificate const two = first_of(ca_of().certificate_pem);
  EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(one.get()), X509_get0_serialNumber(two.get())), 0);
}

TEST(Certificate, SaysInOneLineWhyItCannotBeMade) {
  EXPECT_EQ(create_ca({"P255", year, {}}).error(),
            "unknown curve 'P255'; use P224, P256, P384, P521 or an empty one for RSA");
  EXPECT_FALSE(create_ca({"P256", Duration{0}, {}}).has_value());
  EXPECT_FALSE(create_ca({"P256", -year, {}}).has_value());
  EXPECT_FALSE(create_ca({"P256", Duration::max(), {}}).has_value());
  Identity const ca = ca_of();
  Identity const leaf = leaf_of(ca, Purpose::TlsServer);
  EXPECT_EQ(create_leaf(leaf, {}).error(), "CA: the certificate is not that of a CA");
  EXPECT_EQ(create_leaf({ca.certificate_pem, leaf.key_pem}, {}).error(),
            "CA: the private key does not belong to the certificate");
  EXPECT_EQ(create_leaf({"", ca.key_pem}, {}).error(), "CA: no certificate found");
  EXPECT_EQ(create_leaf({ca.certificate_pem, ""}, {}).error(), "CA: no usable private key found");
  LeafRequest request;
  request.hosts = {"a b"};
  EXPECT_EQ(create_leaf(ca, request).error(), "'a b' is not a host name");
}

TEST(Certificate, TakesACommaInAHostForAPartOfTheName) {
  Identity const leaf = leaf_of(ca_of(), Purpose::TlsServer, {"db1,DNS:evil"});
  EXPECT_EQ(read_certificate(leaf.certificate_pem)->hosts, (std::vector<std::string>{"db1,DNS:evil"}));
}

TEST(Certificate, ReadsNothingFromGarbage) {
  EXPECT_EQ(read_certificate("").error(), "no certificate found");
  auto const broken = read_certificate("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  ASSERT_FALSE(broken.has_value());
  EXPECT_TRUE(broken.error().starts_with("bad certificate: ")) << broken.error();
}

}  // namespace
}  // namespace arangosync::x509
