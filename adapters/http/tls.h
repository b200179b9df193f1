// Inside of adapters/http: OpenSSL set up for both ends (spec arangosync-metrics-and-ops 5.3).
#pragma once

#include "adapters/http/http.h"

#include <boost/asio/ssl/context.hpp>

#include <openssl/ssl.h>

namespace arangosync::http {

/// The error is one line; it never holds key material.
Expected<boost::asio::ssl::context, std::string> client_context(ClientTls const& tls);
Expected<boost::asio::ssl::context, std::string> server_context(ServerTls const& tls);

/// Before a client's handshake: asks for the host by name (not for addresses) and, if `verified`, demands it in the
/// certificate.
bool expect_host(SSL* ssl, std::string const& host, bool verified);

/// After a server's handshake: whether the client showed a certificate (only verified ones get here), and its subject.
void describe_client(SSL* ssl, Peer& peer);

/// Why a handshake failed, in words.
std::string handshake_error(SSL* ssl, boost::system::error_code error);

}  // namespace arangosync::http
