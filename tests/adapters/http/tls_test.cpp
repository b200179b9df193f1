// Who is let in and who is not: TLS between our own client and server, with certificates as the program makes them.
#include "adapters/x509/certificate.h"
#include "tests/adapters/http/loopback.h"
#include "tests/adapters/http/raw_socket.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

namespace arangosync::http {
namespace {

using namespace std::chrono_literals;
using x509::Identity;
using x509::Purpose;

Identity leaf_of(Identity const& ca, Purpose purpose, std::vector<std::string> hosts, std::string curve = "P256",
                 WallTime not_before = {}, Duration valid_for = x509::year) {
  auto leaf = x509::create_leaf(ca, {purpose, std::move(hosts), {}, std::move(curve), valid_for, not_before});
  if (!leaf) throw std::runtime_error(leaf.error());
  return *leaf;
}

/// The leaf again, without extended key usage, as authorities outside of this program make it.
Identity without_usage(Identity const& leaf, Identity const& ca) {
  auto const reader = [](std::string const& pem) {
    return std::unique_ptr<BIO, decltype(&BIO_free_all)>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                         BIO_free_all);
  };
  std::unique_ptr<X509, decltype(&X509_free)> const made(
      PEM_read_bio_X509(reader(leaf.certificate_pem).get(), nullptr, nullptr, nullptr), X509_free);
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> const key(
      PEM_read_bio_PrivateKey(reader(ca.key_pem).get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  X509_EXTENSION_free(X509_delete_ext(made.get(), X509_get_ext_by_NID(made.get(), NID_ext_key_usage, -1)));
  if (X509_sign(made.get(), key.get(), EVP_sha512()) == 0) throw std::runtime_error("the leaf cannot be signed");
  std::unique_ptr<BIO, decltype(&BIO_free_all)> const text(BIO_new(BIO_s_mem()), BIO_free_all);
  PEM_write_bio_X509(text.get(), made.get());
  char* begin = nullptr;
  auto const size = BIO_get_mem_data(text.get(), &begin);
  return {std::string(begin, static_cast<std::size_t>(size)) + ca.certificate_pem, leaf.key_pem};
}

/// One set of authorities for all tests: making them takes time.
struct Authorities {
  Identity tls = *x509::create_ca({});
  Identity client = *x509::create_ca({"P521", x509::year, {}});
  Identity stranger = *x509::create_ca({});
  Identity server = leaf_of(tls, Purpose::TlsServer, {"localhost", "127.0.0.1", "::1"});
  Identity user = leaf_of(client, Purpose::ClientAuth, {}, "P521");  // named like its CA
};
Authorities const& authorities() {
  static Authorities const all;
  return all;
}

struct Tls : testing::Test {
  Authorities const& made = authorities();

  static void tell_peer(Request, Peer const& peer, Responder respond) {
    respond({200, {}, peer.has_client_certificate ? "certificate of " + peer.certificate_subject : "nobody"});
  }
  static Server::Options options_of(Identity const& identity, std::string client_ca = {}) {
    Server::Options options;
    options.tls = ServerTls{identity.certificate_pem, identity.key_pem, std::move(client_ca)};
    return options;
  }
  ClientTls trusting(Identity const& identity = {}) const {
    return {made.tls.certificate_pem, identity.certificate_pem, identity.key_pem};
  }
  /// One call to a server with that identity.
  static Answer call(Server::Options options, ClientTls client, std::string const& host = "127.0.0.1") {
    Loopback net(tell_peer, std::move(options), {.body_bytes_max = 1u << 20}, std::move(client));
    return net.call_at({true, host, net.server->port()}, {});
  }
  static void expect_tls_failure(Answer const& answer, std::string_view cause) {
    ASSERT_FALSE(answer.has_value()) << answer->body;
    EXPECT_EQ(answer.error().kind, Failure::Kind::Tls) << answer.error().message;
    EXPECT_NE(answer.error().message.find(cause), std::string::npos) << answer.error().message;
  }
};

TEST_F(Tls, ServesNamesAndAddresses) {
  for (auto const* host : {"127.0.0.1", "localhost"}) {
    auto const answer = call(options_of(made.server), trusting(), host);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->body, "nobody");
  }
}

TEST_F(Tls, CarriesLargeBodiesAndManyCallsAtOnce) {
  Loopback net(echo, options_of(made.server), {}, trusting());
  std::string const body(std::size_t{66} << 20, 'z');
  auto const large = net.call({"PUT", "/", {}, body}, 100s);
  ASSERT_TRUE(large.has_value()) << large.error().message;
  EXPECT_TRUE(large->body == body);
  Countdown left(200);
  std::atomic<int> right = 0;
  for (int i = 0; i < 200; ++i) {
    auto const text = std::string(static_cast<std::size_t>(i) * 211, 'y');
    net.client->send({net.endpoint(), {"POST", "/", {}, text}}, [&, text](Answer answer) {
      if (answer && answer->body == text) ++right;
      left.one_done();
    });
  }
  ASSERT_TRUE(left.wait());
  EXPECT_EQ(right, 200);
}

TEST_F(Tls, KeepsConnections) {
  Loopback net(tell_peer, options_of(made.server), {.body_bytes_max = 1u << 20}, trusting());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(net.call({}).has_value());
  EXPECT_EQ(net.server->connections(), 1u);
}

TEST_F(Tls, RefusesAServerOfAnotherCa) {
  ClientTls client = trusting();
  client.ca_pem = made.stranger.certificate_pem;
  expect_tls_failure(call(options_of(made.server), client), "self-signed certificate in certificate chain");
}

TEST_F(Tls, TrustsAnyOfSeveralCasOfTheSameName) {
  ClientTls client = trusting();
  client.ca_pem = made.stranger.certificate_pem + made.tls.certificate_pem;
  auto const answer = call(options_of(made.server), client);
  EXPECT_TRUE(answer.has_value()) << answer.error().message;
}

TEST_F(Tls, RefusesAServerUnderAnotherNameOrAddress) {
  Identity const by_name = leaf_of(made.tls, Purpose::TlsServer, {"db1", "10.0.0.1"});
  expect_tls_failure(call(options_of(by_name), trusting(), "localhost"), "hostname mismatch");
  expect_tls_failure(call(options_of(by_name), trusting(), "127.0.0.1"), "IP address mismatch");
}

TEST_F(Tls, RefusesAServerThatIsExpiredOrNotYetValid) {
  auto const now = WallTime(std::chrono::system_clock::now().time_since_epoch());
  Identity const ca = *x509::create_ca({"P256", 20 * x509::year, now + (-10 * x509::year)});
  ClientTls client = trusting();
  client.ca_pem = ca.certificate_pem;
  Identity const old = leaf_of(ca, Purpose::TlsServer, {"127.0.0.1"}, "P256", now + (-2 * x509::year), x509::year);
  expect_tls_failure(call(options_of(old), client), "expired");
  Identity const early = leaf_of(ca, Purpose::TlsServer, {"127.0.0.1"}, "P256", now + x509::year, x509::year);
  expect_tls_failure(call(options_of(early), client), "not yet valid");
}

TEST_F(Tls, IsNotVerifiedWithoutACaButStillEncrypted) {
  Identity const other = leaf_of(made.stranger, Purpose::TlsServer, {"elsewhere"});
  auto const answer = call(options_of(other), ClientTls{});
  EXPECT_TRUE(answer.has_value()) << answer.error().message;
}

TEST_F(Tls, WorksWithEveryKeyThatTlsKnows) {
  for (auto const* curve : {"P256", "P384", "P521", ""}) {
    Identity const ca = *x509::create_ca({curve, x509::year, {}});
    Identity const server = leaf_of(ca, Purpose::TlsServer, {"127.0.0.1"}, curve);
    auto const answer = call(options_of(server), {ca.certificate_pem, "", ""});
    EXPECT_TRUE(answer.has_value()) << curve << ": " << answer.error().message;
  }
}

TEST_F(Tls, TakesAClientCertificateOfItsClientCa) {
  auto const answer = call(options_of(made.server, made.client.certificate_pem), trusting(made.user));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, "certificate of O=ArangoDB,CN=ArangoDB");
}

TEST_F(Tls, TakesAClientCertificateWithANameOfItsOwn) {
  Identity const named = leaf_of(made.client, Purpose::ClientAuth, {"operator"});
  auto const answer =
      call(options_of(made.server, made.stranger.certificate_pem + made.client.certificate_pem), trusting(named));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, "certificate of O=ArangoDB,CN=operator");
}

TEST_F(Tls, TakesAClientCertificateOfWhichNobodySaysWhatItIsFor) {
  Identity const leaf = without_usage(leaf_of(made.client, Purpose::ClientAuth, {"operator"}), made.client);
  ASSERT_TRUE(x509::read_certificate(leaf.certificate_pem)->authenticates_clients) << "or the command line refuses it";
  auto const answer = call(options_of(made.server, made.client.certificate_pem), trusting(leaf));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, "certificate of O=ArangoDB,CN=operator");
}

TEST_F(Tls, TakesClientsWithoutACertificateAsNobody) {
  auto const answer = call(options_of(made.server, made.client.certificate_pem), trusting());
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, "nobody");
}

TEST_F(Tls, IgnoresClientCertificatesWhenItHasNoClientCa) {
  auto const answer = call(options_of(made.server), trusting(made.user));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, "nobody");
}

TEST_F(Tls, RefusesAClientCertificateOfAnotherCa) {
  for (std::vector<std::string> const& hosts : {std::vector<std::string>{}, {"operator"}}) {
    Identity const unknown = leaf_of(made.stranger, Purpose::ClientAuth, hosts);
    auto const answer = call(options_of(made.server, made.client.certificate_pem), trusting(unknown));
    ASSERT_FALSE(answer.has_value()) << answer->body;
  }
}

TEST_F(Tls, RefusesAServerCertificateUsedAsAClients) {
  Identity const server = leaf_of(made.client, Purpose::TlsServer, {"127.0.0.1"});
  auto const answer = call(options_of(made.server, made.client.certificate_pem), trusting(server));
  ASSERT_FALSE(answer.has_value()) << answer->body;
}

TEST_F(Tls, RefusesAClientCertificateUsedAsAServers) {
  Identity const client = leaf_of(made.tls, Purpose::ClientAuth, {"127.0.0.1"});
  expect_tls_failure(call(options_of(client), trusting()), "purpose");
}

TEST_F(Tls, RefusesAnExpiredClientCertificate) {
  auto const now = WallTime(std::chrono::system_clock::now().time_since_epoch());
  Identity const old = leaf_of(made.client, Purpose::ClientAuth, {}, "P256", now + (-2 * x509::year), x509::year);
  auto const answer = call(options_of(made.server, made.client.certificate_pem), trusting(old));
  ASSERT_FALSE(answer.has_value()) << answer->body;
}

TEST_F(Tls, SaysWhatIsWrongWithItsOwnFilesBeforeListening) {
  Io io(1);
  auto const problem = [&](Server::Options const& options) -> std::string {
    auto const started = Server::start(io, options, echo);
    return started ? "it serves" : started.error();
  };
  EXPECT_EQ(problem(options_of({made.server.certificate_pem, made.user.key_pem})),
            "cannot serve TLS: the private key does not belong to the certificate");
  EXPECT_TRUE(problem(options_of({"garbage", made.server.key_pem})).starts_with("cannot serve TLS: bad certificate"));
  EXPECT_TRUE(problem(options_of({made.server.certificate_pem, "x"})).starts_with("cannot serve TLS: bad private key"));
  EXPECT_TRUE(problem(options_of(made.server, "garbage")).starts_with("cannot serve TLS: client bad CA certificate"));
}

TEST_F(Tls, FailsEveryCallOfAClientWithBadFiles) {
  expect_tls_failure(call(options_of(made.server), {"garbage", "", ""}), "bad CA certificate");
  expect_tls_failure(call(options_of(made.server), trusting({made.user.certificate_pem, made.server.key_pem})),
                     "the private key does not belong to the certificate");
}

TEST_F(Tls, DoesNotMixWithPlainHttp) {
  Loopback secure(echo, options_of(made.server), {.body_bytes_max = 1u << 20}, trusting());
  EXPECT_FALSE(secure.call_at({false, "127.0.0.1", secure.server->port()}, {}).has_value());
  Loopback plain(echo, {}, {.body_bytes_max = 1u << 20}, trusting());
  expect_tls_failure(plain.call_at({true, "127.0.0.1", plain.server->port()}, {}), "TLS handshake failed");
}

TEST_F(Tls, ClosesConnectionsThatDoNotShakeHands) {
  Server::Options options = options_of(made.server);
  options.handshake_timeout = 50ms;
  Loopback net(echo, options, {.body_bytes_max = 1u << 20}, trusting());
  auto silent = RawSocket::connect_to(net.server->port());
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_TRUE(eventually([&] { return net.server->connections() == 0; }));
}

TEST_F(Tls, RefusesABodyOverTheLimitWithAnAnswer) {
  Server::Options options = options_of(made.server);
  options.body_bytes_max = 1000;
  Loopback net(echo, options, {.body_bytes_max = 1u << 20}, trusting());
  auto const answer = net.call({"POST", "/", {}, std::string(5'000'000, 'x')});
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status, 413);
}

}  // namespace
}  // namespace arangosync::http
