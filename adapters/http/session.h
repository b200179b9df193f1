// Inside of adapters/http: one accepted connection, from handshake to end. Requests are answered one after the other,
// also when they arrive in one go. Everything in it runs on the connection's strand.
#pragma once

#include "adapters/http/stream.h"
#include "adapters/http/wire.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include <memory>

namespace arangosync::http {

class Session : public std::enable_shared_from_this<Session> {
public:
  using Parser = beast::http::request_parser<TextBody>;

  Session(Stream::Tcp tcp, asio::ssl::context* tls, Server::Options const& options, Handler const& handler);

  asio::any_io_executor executor() { return stream_.get_executor(); }
  asio::awaitable<void> run();
  /// From any thread: cuts the connection; a handler's answer that is still to come is dropped.
  void close();
  /// From any thread, once per request.
  void answer(Response response);

private:
  asio::awaitable<bool> secure();
  asio::awaitable<bool> serve_one();
  /// The next request; nothing when the connection has to end (a refusal has been sent then, if one is due).
  asio::awaitable<std::optional<Request>> read();
  asio::awaitable<bool> read_body(Parser& parser);
  asio::awaitable<std::optional<Request>> refuse(error_code error);
  asio::awaitable<bool> write(Response response, bool head_only, bool keep);
  asio::awaitable<bool> write_all(std::string_view bytes);
  asio::awaitable<void> say_goodbye();
  void call_handler(Request request);

  Stream stream_;
  Server::Options const& options_;  // the listener's; it waits for its sessions
  Handler const& handler_;
  asio::steady_timer answered_;
  beast::flat_buffer buffer_;
  Peer peer_;
  std::optional<Response> response_;
  bool closed_ = false;
  bool keep_ = false;    // what the request in hand asks for
  bool linger_ = false;  // the peer may still be sending: let it read our answer first
};

}  // namespace arangosync::http
