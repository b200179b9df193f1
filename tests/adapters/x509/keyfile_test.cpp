// Keyfiles: how they are written, and all the ways in which people write them.
#include "adapters/x509/keyfile.h"
#include "adapters/x509/openssl.h"

#include <openssl/pem.h>

#include <gtest/gtest.h>

namespace arangosync::x509 {
namespace {

struct Keyfile : testing::Test {
  static Identity make() {
    Identity const ca = *create_ca({"P256", 15 * year, {}});
    return *create_leaf(ca, {});
  }
  Identity const identity = make();
};

std::string in_pkcs8(std::string const& key_pem) {
  Key const key = key_of(key_pem);
  Bio const bio = empty_bio();
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(bio);
}

std::string encrypted(std::string const& key_pem) {
  Key const key = key_of(key_pem);
  Bio const bio = empty_bio();
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), EVP_aes_128_cbc(), "geheim", 6, nullptr, nullptr);
  return text_of(bio);
}

TEST_F(Keyfile, ComesBackAsItWasWritten) {
  std::string const text = to_keyfile(identity);
  EXPECT_TRUE(text.starts_with("-----BEGIN CERTIFICATE-----"));
  EXPECT_TRUE(text.ends_with("-----END EC PRIVATE KEY-----"));  // no line feed at the end
  EXPECT_EQ(text.find("\n\n"), std::string::npos);
  auto const parsed = parse_keyfile(text);
  ASSERT_TRUE(parsed.has_value()) << parsed.error();
  EXPECT_EQ(parsed->certificate_pem, identity.certificate_pem);
  EXPECT_EQ(parsed->key_pem, identity.key_pem);
}

TEST_F(Keyfile, MayHaveItsBlocksInAnyOrderAndTextAround) {
  std::string const text = "Bag Attributes\n" + identity.key_pem + "subject=x\n\n" + identity.certificate_pem + "bye";
  auto const parsed = parse_keyfile(text);
  ASSERT_TRUE(parsed.has_value()) << parsed.error();
  EXPECT_EQ(parsed->certificate_pem, identity.certificate_pem);
}

TEST_F(Keyfile, MayHoldItsKeyAsPkcs8OrInWindowsLines) {
  auto const pkcs8 = parse_keyfile(identity.certificate_pem + in_pkcs8(identity.key_pem));
  ASSERT_TRUE(pkcs8.has_value()) << pkcs8.error();
  EXPECT_TRUE(pkcs8->key_pem.starts_with("-----BEGIN PRIVATE KEY-----"));
  std::string windows;
  for (char const c : to_keyfile(identity)) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_TRUE(parse_keyfile(windows).has_value());
}

TEST_F(Keyfile, UsesTheFirstOfSeveralKeys) {
  Identity const other = make();
  EXPECT_TRUE(parse_keyfile(identity.certificate_pem + identity.key_pem + other.key_pem).has_value());
  EXPECT_FALSE(parse_keyfile(identity.certificate_pem + other.key_pem + identity.key_pem).has_value());
}

TEST_F(Keyfile, IgnoresParametersAndCutOffBlocks) {
  std::string const parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
  std::string const cut_off = "-----BEGIN CERTIFICATE-----\nMIIB\n";
  auto const parsed = parse_keyfile(parameters + cut_off + to_keyfile(identity));
  ASSERT_TRUE(parsed.has_value()) << parsed.error();
  EXPECT_EQ(parsed->certificate_pem, identity.certificate_pem);
}

TEST_F(Keyfile, SaysWhatIsMissing) {
  EXPECT_EQ(parse_keyfile("").error(), "no certificate found");
  EXPECT_EQ(parse_keyfile(identity.key_pem).error(), "no certificate found");
  EXPECT_EQ(parse_keyfile(identity.certificate_pem).error(), "no private key found");
  EXPECT_EQ(parse_keyfile(identity.certificate_pem + make().key_pem).error(),
            "the private key does not belong to the certificate");
  EXPECT_EQ(parse_keyfile(identity.certificate_pem + encrypted(identity.key_pem)).error(),
            "no usable private key found");
}

TEST_F(Keyfile, GivesACasCertificatesOnly) {
  EXPECT_EQ(parse_certificates("x\n" + to_keyfile(identity)), identity.certificate_pem);
  EXPECT_EQ(parse_certificates(identity.key_pem).error(), "no certificate found");
}

}  // namespace
}  // namespace arangosync::x509
