// `create …` as its users call it; what was made is looked at through adapters/x509 (process_test.cpp asks openssl as
// well).
#include "app/cli/create.h"

#include "adapters/x509/certificate.h"
#include "adapters/x509/keyfile.h"
#include "tests/app/cli/temporary_folder.h"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>

using namespace arangosync;
using namespace arangosync::cli;

namespace {

template <class C>
C command(std::vector<std::string> const& words) {
  auto const parsed = parse(words);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return std::get<C>(*parsed);
}

struct Made {
  bool done = false;
  std::string out;
  std::string problem;
};

template <class C>
Made make(std::vector<std::string> const& words) {
  std::ostringstream out;
  auto const result = run(command<C>(words), out);
  return {result.has_value(), out.str(), result ? "" : result.error().message};
}

class Create : public ::testing::Test {
protected:
  std::string file(std::string const& name) const { return folder_.file(name); }

  void make_ca(std::string const& group, std::string const& curve) {
    auto const made =
        make<CreateCa>({"create", group, "ca", "--cert", file("ca.crt"), "--key", file("ca.key"), "--curve=" + curve});
    ASSERT_TRUE(made.done) << made.problem;
  }

  Made make_keyfile(std::string const& group, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"create",  group,          "keyfile",   "--cacert",          file("ca.crt"),
                                   "--cakey", file("ca.key"), "--keyfile", file("leaf.keyfile")};
    words.insert(words.end(), more.begin(), more.end());
    return make<CreateKeyfile>(words);
  }

  TemporaryFolder folder_;
};

}  // namespace

TEST_F(Create, ACaInTwoFilesAndSaysSo) {
  auto const made = make<CreateCa>({"create", "tls", "ca", "--cert", file("ca.crt"), "--key", file("ca.key")});
  ASSERT_TRUE(made.done) << made.problem;
  EXPECT_EQ(made.out, "Created CA certificate & key in " + file("ca.crt") + ", " + file("ca.key") +
                          "\nMake sure to store these files in a secure location.\n");
  EXPECT_EQ(folder_.mode("ca.crt"), 0644u);
  EXPECT_EQ(folder_.mode("ca.key"), 0600u);
  auto const facts = x509::read_certificate(folder_.read("ca.crt"));
  ASSERT_TRUE(facts) << facts.error();
  EXPECT_TRUE(facts->is_ca);
  EXPECT_EQ(facts->not_after - facts->not_before, 15 * year);
  EXPECT_TRUE(x509::check_key_matches(folder_.read("ca.crt"), folder_.read("ca.key")));
}

TEST_F(Create, ATlsKeyfileForItsHosts) {
  make_ca("tls", "P256");
  auto const made =
      make_keyfile("tls", {"--host=localhost", "--host=127.0.0.1", "--email=a@b.example", "--validfor=100h"});
  ASSERT_TRUE(made.done) << made.problem;
  EXPECT_EQ(made.out,
            "Created keyfile in " + file("leaf.keyfile") + "\nMake sure to store this file in a secure location.\n");
  EXPECT_EQ(folder_.mode("leaf.keyfile"), 0600u);
  auto const text = folder_.read("leaf.keyfile");
  EXPECT_NE(text.back(), '\n');
  auto const identity = x509::parse_keyfile(text);
  ASSERT_TRUE(identity) << identity.error();
  auto const facts = x509::read_certificate(identity->certificate_pem);
  ASSERT_TRUE(facts) << facts.error();
  EXPECT_EQ(facts->hosts.size(), 2u);
  EXPECT_EQ(facts->emails, std::vector<std::string>{"a@b.example"});
  EXPECT_EQ(facts->certificates, 2u);
  EXPECT_TRUE(facts->serves_tls);
  EXPECT_FALSE(facts->authenticates_clients);
  EXPECT_EQ(facts->not_after - facts->not_before, std::chrono::hours(100));
}

TEST_F(Create, AClientKeyfileWithoutHostOrEmailOnEveryCurve) {
  for (auto const* curve : {"P224", "P256", "P384", "P521", ""}) {
    make_ca("client-auth", curve);
    auto const made = make_keyfile("client-auth", {std::string("--curve=") + curve});
    ASSERT_TRUE(made.done) << curve << made.problem;
    auto const identity = x509::parse_keyfile(folder_.read("leaf.keyfile"));
    ASSERT_TRUE(identity) << identity.error();
    auto const facts = x509::read_certificate(identity->certificate_pem);
    ASSERT_TRUE(facts) << facts.error();
    EXPECT_TRUE(facts->authenticates_clients);
    EXPECT_FALSE(facts->serves_tls);
    EXPECT_TRUE(x509::check_signed_by(identity->certificate_pem, folder_.read("ca.crt"),
                                      facts->not_before + std::chrono::hours(1)));
  }
}

TEST_F(Create, ATlsCertificateInTwoFiles) {
  make_ca("tls", "P256");
  auto const made =
      make<CreateCertificate>({"create", "tls", "certificate", "--cacert", file("ca.crt"), "--cakey", file("ca.key"),
                               "--cert", file("a/tls.crt"), "--key", file("a/tls.key"), "--host=x"});
  ASSERT_TRUE(made.done) << made.problem;
  EXPECT_EQ(made.out, "Created certificate & key in " + file("a/tls.crt") + ", " + file("a/tls.key") +
                          "\nMake sure to store these files in a secure location.\n");
  EXPECT_TRUE(x509::check_key_matches(folder_.read("a/tls.crt"), folder_.read("a/tls.key")));
}

TEST_F(Create, AJwtSecretInHexWithoutALineFeed) {
  auto const made = make<CreateJwtSecret>({"create", "jwt-secret", "--secret", file("s.jwt")});
  ASSERT_TRUE(made.done) << made.problem;
  EXPECT_EQ(made.out,
            "Created JWT secret in " + file("s.jwt") + "\nMake sure to store this files in a secure location.\n");
  EXPECT_TRUE(std::regex_match(folder_.read("s.jwt"), std::regex("[0-9a-f]{64}"))) << folder_.read("s.jwt").size();
  EXPECT_EQ(folder_.mode("s.jwt"), 0600u);
  auto const first = folder_.read("s.jwt");
  ASSERT_TRUE(make<CreateJwtSecret>({"create", "jwt-secret", "--secret", file("s.jwt"), "--length=8"}).done);
  EXPECT_EQ(folder_.read("s.jwt").size(), 16u);
  EXPECT_NE(folder_.read("s.jwt"), first.substr(0, 16));
}

TEST_F(Create, NothingWhenTheCaIsMissingBrokenOrNoCa) {
  EXPECT_NE(make_keyfile("tls").problem.find("Failed to read " + file("ca.crt")), std::string::npos)
      << make_keyfile("tls").problem;
  folder_.write("ca.crt", "no certificate");
  folder_.write("ca.key", "no key");
  EXPECT_NE(make_keyfile("tls").problem.find("Failed to load CA from " + file("ca.crt")), std::string::npos);
  EXPECT_NE(make_keyfile("tls").problem.find("arangosync create tls ca"), std::string::npos);
  make_ca("tls", "P256");
  folder_.write("ca.key", "no key");
  EXPECT_NE(make_keyfile("tls").problem.find("Failed to load CA"), std::string::npos) << make_keyfile("tls").problem;
  make_ca("tls", "P256");
  auto const mine = folder_.read("ca.key");
  make_ca("tls", "P256");
  folder_.write("ca.key", mine);
  EXPECT_NE(make_keyfile("tls").problem.find("Failed to load CA"), std::string::npos) << make_keyfile("tls").problem;
  EXPECT_FALSE(folder_.has("leaf.keyfile"));
}

TEST_F(Create, NothingForALeafThatIsGivenAsCa) {
  make_ca("tls", "P256");
  ASSERT_TRUE(make_keyfile("tls", {"--host=x"}).done);
  auto const leaf = x509::parse_keyfile(folder_.read("leaf.keyfile"));
  ASSERT_TRUE(leaf);
  folder_.write("ca.crt", leaf->certificate_pem);
  folder_.write("ca.key", leaf->key_pem);
  std::filesystem::remove(file("leaf.keyfile"));
  EXPECT_NE(make_keyfile("tls").problem.find("is not a CA certificate"), std::string::npos)
      << make_keyfile("tls").problem;
  EXPECT_FALSE(folder_.has("leaf.keyfile"));
}

TEST_F(Create, NothingForAnUnknownCurveOrAnEmptyName) {
  auto const curve =
      make<CreateCa>({"create", "tls", "ca", "--cert", file("ca.crt"), "--key", file("ca.key"), "--curve=P999"});
  EXPECT_NE(curve.problem.find("Failed to create certificate"), std::string::npos) << curve.problem;
  auto const name = make<CreateCa>({"create", "tls", "ca", "--cert=", "--key", file("ca.key")});
  EXPECT_EQ(name.problem, "Missing filename for option --cert");
  EXPECT_EQ(make<CreateJwtSecret>({"create", "jwt-secret", "--secret="}).problem, "--secret missing");
  EXPECT_EQ(folder_.entries(), 0u);
}

TEST_F(Create, NothingWhenTheFileCannotBeWritten) {
  folder_.write("blocker", "x");
  auto const made = make<CreateCa>({"create", "tls", "ca", "--cert", file("ca.crt"), "--key", file("blocker/ca.key")});
  EXPECT_NE(made.problem.find("Failed to write " + file("blocker/ca.key")), std::string::npos) << made.problem;
  EXPECT_FALSE(folder_.has("ca.crt"));
}
