#include "adapters/http/tls.h"

#include "adapters/x509/verify.h"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <openssl/err.h>
#include <openssl/x509err.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

namespace arangosync::http {

namespace {

namespace ssl = boost::asio::ssl;

bool is_address(std::string const& host) {
  unsigned char parsed[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), parsed) == 1 || inet_pton(AF_INET6, host.c_str(), parsed) == 1;
}

void harden(ssl::context& context) {
  auto* const raw = context.native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // An encrypted key would otherwise make OpenSSL ask on the terminal.
  SSL_CTX_set_default_passwd_cb(raw, [](char*, int, int, void*) { return 0; });
  // Connections are kept instead of sessions; without tickets an idle connection has nothing to say, so bytes on it
  // mean it ends.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(raw, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(raw, 0);
  // Buffers of idle connections (2 * 17 KiB each) go back to the allocator.
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
}

std::string use_identity(ssl::context& context, std::string const& certificate_pem, std::string const& key_pem) {
  boost::system::error_code error;
  context.use_certificate_chain(boost::asio::buffer(certificate_pem), error);
  if (error) return "bad certificate: " + error.message();
  context.use_private_key(boost::asio::buffer(key_pem), ssl::context::pem, error);
  auto const reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
  if (reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH) {
    return "the private key does not belong to the certificate";
  }
  if (error) return "bad private key: " + error.message();
  return {};
}

std::string trust(ssl::context& context, std::string const& ca_pem) {
  boost::system::error_code error;
  context.add_certificate_authority(boost::asio::buffer(ca_pem), error);
  if (error) return "bad CA certificate: " + error.message();
  // As in the original, any certificate that is given is an anchor, whether self-signed or not.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context.native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
  context.set_verify_mode(ssl::verify_peer);
  return {};
}

/// The issuers' extended key usage counts for nothing (purpose "any"); the leaf itself has to be for client
/// authentication.
int verify_client(X509_STORE_CTX* context, void*) {
  if (!x509::verify_chain(context)) return 0;
  bool const fit = x509::is_fit_for(X509_STORE_CTX_get0_cert(context), XKU_SSL_CLIENT);
  if (!fit) X509_STORE_CTX_set_error(context, X509_V_ERR_INVALID_PURPOSE);
  return fit ? 1 : 0;
}

std::string ask_for_client_certificate(ssl::context& context, std::string const& client_ca_pem) {
  auto problem = trust(context, client_ca_pem);
  if (!problem.empty()) return "client " + problem;
  auto* const raw = context.native_handle();
  X509_VERIFY_PARAM_set_purpose(SSL_CTX_get0_param(raw), X509_PURPOSE_ANY);
  SSL_CTX_set_cert_verify_callback(raw, verify_client, nullptr);
  // Clients choose their certificate by these names.
  auto* const anchors = X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(raw));
  for (int i = 0; i < sk_X509_num(anchors); ++i) SSL_CTX_add_client_CA(raw, sk_X509_value(anchors, i));
  sk_X509_pop_free(anchors, X509_free);
  return {};
}

}  // namespace

Expected<ssl::context, std::string> client_context(ClientTls const& tls) {
  ssl::context context(ssl::context::tls_client);
  harden(context);
  context.set_verify_mode(ssl::verify_none);
  std::string problem;
  if (!tls.ca_pem.empty()) problem = trust(context, tls.ca_pem);
  if (problem.empty() && !tls.certificate_pem.empty())
    problem = use_identity(context, tls.certificate_pem, tls.key_pem);
  if (!problem.empty()) return unexpected(std::move(problem));
  return context;
}

Expected<ssl::context, std::string> server_context(ServerTls const& tls) {
  ssl::context context(ssl::context::tls_server);
  harden(context);
  std::string problem = use_identity(context, tls.certificate_pem, tls.key_pem);
  if (problem.empty() && !tls.client_ca_pem.empty()) problem = ask_for_client_certificate(context, tls.client_ca_pem);
  if (!problem.empty()) return unexpected(std::move(problem));
  return context;
}

bool expect_host(SSL* ssl, std::string const& host, bool verified) {
  bool const address = is_address(host);
  if (!address && SSL_set_tlsext_host_name(ssl, host.c_str()) != 1) return false;
  if (!verified) return true;
  auto* const expected = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (address) return X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1;
  return X509_VERIFY_PARAM_set1_host(expected, host.data(), host.size()) == 1;
}

void describe_client(SSL* ssl, Peer& peer) {
  X509* const certificate = SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr || SSL_get_verify_result(ssl) != X509_V_OK) return;
  peer.has_client_certificate = true;
  BIO* const text = BIO_new(BIO_s_mem());
  X509_NAME_print_ex(text, X509_get_subject_name(certificate), 0, XN_FLAG_SEP_COMMA_PLUS | ASN1_STRFLGS_RFC2253);
  char* data = nullptr;
  auto const size = BIO_get_mem_data(text, &data);
  peer.certificate_subject.assign(data, static_cast<std::size_t>(size));
  BIO_free(text);
}

std::string handshake_error(SSL* ssl, boost::system::error_code error) {
  auto const verified = SSL_get_verify_result(ssl);
  if (verified != X509_V_OK) {
    return std::string("the certificate is not accepted: ") + X509_verify_cert_error_string(verified);
  }
  if (error == boost::asio::error::eof || error == ssl::error::stream_truncated ||
      error == boost::asio::error::connection_reset) {
    return "the other side closed the connection during the TLS handshake";
  }
  return "TLS handshake failed: " + error.message();
}

}  // namespace arangosync::http
