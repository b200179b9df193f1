#include "adapters/http/session.h"

#include "adapters/http/tls.h"
#include "domain/base/check.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>

#include <array>
#include <atomic>

namespace arangosync::http {

namespace {

using tcp = asio::ip::tcp;
constexpr std::chrono::seconds goodbye_max{10};
constexpr std::size_t write_bytes = std::size_t{128} << 10;  // each within the idle timeout: a slow line suffices
constexpr std::size_t first_read_bytes = std::size_t{4} << 10;

Response empty_answer(int status) {
  Response response;
  response.status = status;
  return response;
}

/// What a handler's Responder holds: answers once, and with 500 if it is dropped unanswered.
class Slot {
public:
  explicit Slot(std::weak_ptr<Session> session) : session_(std::move(session)) {}
  Slot(Slot const&) = delete;
  Slot& operator=(Slot const&) = delete;
  ~Slot() {
    if (!answered_) deliver(empty_answer(500));
  }

  void answer(Response response) {
    bool const again = answered_.exchange(true);
    DC_ASSERT(!again);
    deliver(std::move(response));
  }

private:
  void deliver(Response response) {
    if (auto const session = session_.lock()) session->answer(std::move(response));
  }

  std::weak_ptr<Session> session_;
  std::atomic<bool> answered_{false};
};

std::string address_of(Stream& stream) {
  error_code error;
  auto const remote = stream.tcp().socket().remote_endpoint(error);
  if (error) return "unknown";
  asio::ip::address address = remote.address();
  // A listener for both families sees a peer of IPv4 as ::ffff:127.0.0.1.
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  std::string const host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  return host + ":" + std::to_string(remote.port());
}

/// Beast reads a body for "chunked" and for a length; anything else would be taken for the next request.
bool has_known_framing(Session::Parser::value_type const& message) {
  namespace http = beast::http;
  auto const [first, last] = message.equal_range(http::field::transfer_encoding);
  if (first == last) return true;
  return std::next(first) == last && beast::iequals(first->value(), "chunked") && message.version() >= 11 &&
         message.find(http::field::content_length) == message.end();
}

Response refusal_of(error_code error) {
  namespace http = beast::http;
  if (error == http::error::body_limit) return {413, {{"Content-Type", "text/plain"}}, "the body is too large\n"};
  if (error == http::error::header_limit) return {431, {{"Content-Type", "text/plain"}}, "the header is too large\n"};
  return {400, {{"Content-Type", "text/plain"}}, "malformed request\n"};
}

/// The peer broke HTTP, as opposed to just leaving.
bool is_malformed(error_code error) {
  namespace http = beast::http;
  return error.category() == http::make_error_code(http::error::end_of_stream).category() &&
         error != http::error::end_of_stream && error != http::error::partial_message;
}

}  // namespace

Session::Session(Stream::Tcp tcp, asio::ssl::context* tls, Server::Options const& options, Handler const& handler)
    : stream_(std::move(tcp), tls), options_(options), handler_(handler), answered_(stream_.get_executor()) {}

void Session::close() {
  asio::post(executor(), [self = shared_from_this()] {
    self->closed_ = true;
    self->answered_.cancel();
    self->stream_.tcp().close();
  });
}

void Session::answer(Response response) {
  asio::post(executor(), [self = shared_from_this(), response = std::move(response)]() mutable {
    DC_ASSERT(!self->response_);
    self->response_.emplace(std::move(response));
    self->answered_.cancel();
  });
}

asio::awaitable<void> Session::run() {
  error_code ignored;
  stream_.tcp().socket().set_option(tcp::no_delay(true), ignored);
  stream_.tcp().socket().set_option(asio::socket_base::keep_alive(true), ignored);
  peer_.address = address_of(stream_);
  bool going = co_await secure();
  while (going && !closed_) going = co_await serve_one();
  if (!closed_) co_await say_goodbye();
  stream_.tcp().close();
}

asio::awaitable<bool> Session::secure() {
  auto* const tls = stream_.tls();
  if (tls == nullptr) co_return true;
  stream_.tcp().expires_after(options_.handshake_timeout);
  auto const [error] = co_await tls->async_handshake(asio::ssl::stream_base::server, awaited);
  if (error) {
    stream_.tcp().close();
    closed_ = true;
    co_return false;
  }
  describe_client(tls->native_handle(), peer_);
  co_return true;
}

asio::awaitable<bool> Session::serve_one() {
  auto request = co_await read();
  if (!request) co_return false;
  bool const head_only = request->method == "HEAD";
  bool const keep = keep_;
  stream_.tcp().expires_never();  // the handler takes the time it needs
  response_.reset();
  answered_.expires_at(asio::steady_timer::time_point::max());
  call_handler(std::move(*request));
  while (!response_ && !closed_) co_await answered_.async_wait(awaited);
  if (closed_) co_return false;
  Response response = std::move(*response_);
  response_.reset();
  if (response.status == no_answer) {
    stream_.tcp().close();
    closed_ = true;
    co_return false;
  }
  bool const written = co_await write(std::move(response), head_only, keep);
  co_return written&& keep;
}

void Session::call_handler(Request request) {
  auto const slot = std::make_shared<Slot>(weak_from_this());
  try {
    handler_(std::move(request), peer_, [slot](Response response) { slot->answer(std::move(response)); });
  } catch (std::exception const&) {
    // The slot, dropped with the handler's copies of it, answers 500.
  }
}

asio::awaitable<std::optional<Request>> Session::read() {
  namespace http = beast::http;
  Parser parser;
  parser.header_limit(header_bytes_max);
  parser.body_limit(options_.body_bytes_max);
  if (buffer_.size() == 0) buffer_.shrink_to_fit();  // what a large request needed is not kept while idle
  buffer_.reserve(first_read_bytes);
  stream_.tcp().expires_after(options_.idle_timeout);
  auto const [error, bytes] = co_await http::async_read_header(stream_, buffer_, parser, awaited);
  if (error || closed_) {
    auto refused = co_await refuse(error);
    co_return refused;
  }
  auto const& message = parser.get();
  if (!has_known_framing(message)) {
    auto refused = co_await refuse(http::error::bad_transfer_encoding);
    co_return refused;
  }
  if (!parser.is_done() && beast::iequals(message[http::field::expect], "100-continue")) {
    bool const asked = co_await write_all("HTTP/1.1 100 Continue\r\n\r\n");
    if (!asked) co_return std::nullopt;
  }
  bool const complete = co_await read_body(parser);
  if (!complete) co_return std::nullopt;
  keep_ = parser.keep_alive();
  auto whole = parser.release();
  Request request;
  request.method.assign(whole.method_string().data(), whole.method_string().size());
  request.target.assign(whole.target().data(), whole.target().size());
  request.headers = to_headers(whole);
  request.body = std::move(whole.body());
  co_return request;
}

asio::awaitable<bool> Session::read_body(Parser& parser) {
  if (!parser.is_done()) buffer_.reserve(read_bytes);
  while (!parser.is_done()) {
    // The limit is on silence, not on the whole: large bodies may come over slow lines.
    stream_.tcp().expires_after(options_.idle_timeout);
    auto const [error, bytes] = co_await beast::http::async_read_some(stream_, buffer_, parser, awaited);
    if (!error && !closed_) continue;
    co_await refuse(error);
    co_return false;
  }
  co_return true;
}

asio::awaitable<std::optional<Request>> Session::refuse(error_code error) {
  if (!closed_ && is_malformed(error)) {
    linger_ = true;
    Response refusal = refusal_of(error);
    co_await write(std::move(refusal), false, false);
  } else if (!error || error == beast::error::timeout) {
    closed_ = true;
  }
  co_return std::nullopt;
}

asio::awaitable<bool> Session::write(Response response, bool head_only, bool keep) {
  DC_ASSERT(response.status >= 200);
  DC_ASSERT(response.status <= 999);
  // A line break in a header would forge another one.
  if (!is_clean(response.headers)) response = empty_answer(500);
  std::string head = response_head(response, keep);
  bool const with_body = !head_only && has_body(response.status);
  if (!with_body) response.body.clear();
  if (response.body.size() <= small_body_bytes) {
    head += response.body;
    response.body.clear();
  }
  bool const head_written = co_await write_all(head);
  if (!head_written) co_return false;
  bool const body_written = co_await write_all(response.body);
  co_return body_written;
}

asio::awaitable<bool> Session::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    auto const piece = bytes.substr(0, write_bytes);
    stream_.tcp().expires_after(options_.idle_timeout);
    auto const [error, written] =
        co_await asio::async_write(stream_, asio::buffer(piece.data(), piece.size()), awaited);
    if (error || closed_) {
      stream_.tcp().close();
      closed_ = true;
      co_return false;
    }
    bytes.remove_prefix(written);
  }
  co_return true;
}

asio::awaitable<void> Session::say_goodbye() {
  // Closing a socket with unread bytes in it resets the connection, and the peer would lose the answer it was sent.
  stream_.tcp().expires_after(goodbye_max);
  if (auto* const tls = stream_.tls()) co_await tls->async_shutdown(awaited);
  error_code ignored;
  stream_.tcp().socket().shutdown(tcp::socket::shutdown_send, ignored);
  if (!linger_) co_return;
  std::vector<char> dropped(read_bytes);
  for (;;) {
    auto const [error, bytes] = co_await stream_.tcp().async_read_some(asio::buffer(dropped), awaited);
    if (error || closed_) co_return;
  }
}

}  // namespace arangosync::http
