#include "adapters/http/exchange.h"

#include "adapters/http/tls.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>

namespace arangosync::http {

namespace {

using tcp = asio::ip::tcp;

constexpr std::chrono::seconds address_patience{2};  // for one of several addresses of a host

void set_options(tcp::socket& socket) {
  error_code ignored;  // they only make things faster
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
}

}  // namespace

Failure no_answer_within(Client::Call const& call, std::string const& step) {
  auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(call.timeout).count();
  std::string const time = ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
  return {Failure::Kind::Timeout, to_url(call.endpoint) + ": no answer within " + time + " (" + step + ")"};
}

Failure client_stopped(Endpoint const& endpoint) {
  return {Failure::Kind::Stopped, to_url(endpoint) + ": the client is stopped"};
}

Exchange::Exchange(std::shared_ptr<Pool> pool, std::unique_ptr<Connection> connection, Client::Call call,
                   std::function<void(Answer)> answer)
    : pool_(std::move(pool)),
      connection_(std::move(connection)),
      call_(std::move(call)),
      answer_(std::move(answer)),
      deadline_(connection_->stream.get_executor()),
      resolver_(connection_->stream.get_executor()) {}

void Exchange::start(Duration waited) {
  asio::co_spawn(
      connection_->stream.get_executor(), [self = shared_from_this(), waited] { return self->run(waited); },
      asio::detached);
}

void Exchange::stop() {
  asio::post(deadline_.get_executor(),
             [self = shared_from_this()] { self->abandon(client_stopped(self->call_.endpoint)); });
}

void Exchange::watch_deadline(Duration spent) {
  // A very long timeout must not overflow the clock.
  deadline_.expires_after(std::min<Duration>(call_.timeout - spent, std::chrono::hours(24 * 365)));
  deadline_.async_wait([self = shared_from_this()](error_code error) {
    // One that ran out just when it was set anew is not meant.
    if (error || self->deadline_.expiry() > asio::steady_timer::clock_type::now()) return;
    self->abandon(no_answer_within(self->call_, self->step_));
  });
}

void Exchange::abandon(Failure why) {
  if (answered_) return;
  finish(unexpected(std::move(why)));
  // Whatever the coroutine waits for ends now; it sees that the answer is given and leaves. A name that is still being
  // looked up cannot be hurried: its coroutine leaves later.
  resolver_.cancel();
  if (!connection_) return;
  // What the other side has not got yet is not to arrive when this is forgotten: closed as usual, the system would go
  // on sending it for minutes once the network is back.
  error_code ignored;
  connection_->stream.tcp().socket().set_option(asio::socket_base::linger(true, 0), ignored);
  connection_->stream.tcp().close();
}

void Exchange::finish(Answer answer) {
  if (answered_) return;
  answered_ = true;
  deadline_.cancel();
  pool_->exchange_ended(shared_from_this(), call_.endpoint, std::move(answer_), std::move(answer));
}

Failure Exchange::failure(Failure::Kind kind, std::string const& cause) const {
  return {kind, to_url(call_.endpoint) + ": " + cause};
}

Failure Exchange::broken(error_code error) const {
  namespace http_error = beast::http;
  if (error == http_error::error::body_limit || error == http_error::error::header_limit) {
    return failure(Failure::Kind::TooLarge, "the answer is larger than allowed");
  }
  if (error == asio::error::eof || error == http_error::error::end_of_stream ||
      error == http_error::error::partial_message || error == asio::ssl::error::stream_truncated) {
    return failure(Failure::Kind::Broken,
                   std::string("the connection was closed ") +
                       (answer_begun_ ? "in the middle of the answer" : "before an answer came"));
  }
  // With TLS 1.3 a server refuses our certificate only after the handshake, seen from here.
  if (error.category() == asio::error::get_ssl_category()) {
    return failure(Failure::Kind::Tls, "TLS failed: " + error.message());
  }
  return failure(Failure::Kind::Broken, error.message());
}

bool Exchange::may_repeat() const {
  auto const& method = call_.request.method;
  return call_.repeatable.value_or(method == "GET" || method == "PUT" || method == "DELETE" || method == "HEAD");
}

asio::awaitable<void> Exchange::run(Duration waited) {
  watch_deadline(waited);
  if (!is_clean(call_.request)) {
    finish(
        unexpected(failure(Failure::Kind::Broken, "method, target or a header holds a character that cannot be sent")));
    co_return;
  }
  for (;;) {
    bool const kept = connection_->kept;
    if (!kept) {
      auto const fault = co_await open();
      if (answered_) co_return;
      if (fault) {
        finish(unexpected(*fault));
        co_return;
      }
    }
    Answer answer = co_await attempt();
    if (answered_) co_return;
    bool const again = !answer && kept && !answer_begun_ && may_repeat();
    if (!again) {
      finish(std::move(answer));
      co_return;
    }
    connection_ = pool_->connect(deadline_.get_executor(), call_.endpoint);
  }
}

asio::awaitable<std::optional<Failure>> Exchange::open() {
  auto const& endpoint = call_.endpoint;
  if (endpoint.tls && !pool_->tls_problem().empty()) co_return failure(Failure::Kind::Tls, pool_->tls_problem());
  std::vector<tcp::endpoint> addresses;
  error_code not_an_address;
  auto const address = asio::ip::make_address(endpoint.host, not_an_address);
  if (!not_an_address) {
    addresses.emplace_back(address, endpoint.port);
  } else {
    step_ = "looking up the host";
    auto const [error, found] = co_await resolver_.async_resolve(endpoint.host, std::to_string(endpoint.port), awaited);
    if (answered_) co_return std::nullopt;
    if (error) co_return failure(Failure::Kind::Unreachable, "the host is not known: " + error.message());
    for (auto const& one : found) addresses.push_back(one.endpoint());
  }
  error_code const error = co_await connect(addresses);
  if (answered_) co_return std::nullopt;
  if (error) co_return failure(Failure::Kind::Unreachable, error.message());
  set_options(connection_->stream.tcp().socket());
  if (!endpoint.tls) co_return std::nullopt;
  auto secured = co_await secure();
  co_return secured;
}

asio::awaitable<error_code> Exchange::connect(std::vector<tcp::endpoint> const& addresses) {
  step_ = "connecting";
  auto& stream = connection_->stream.tcp();
  error_code error = asio::error::host_not_found;
  for (std::size_t tried = 0; tried < addresses.size() && error && !answered_; ++tried) {
    // One that swallows everything must not take the time of those behind it.
    if (tried + 1 < addresses.size()) stream.expires_after(std::min<Duration>(address_patience, call_.timeout / 2));
    auto const [outcome] = co_await stream.async_connect(addresses[tried], awaited);
    stream.expires_never();
    error = outcome;
    error_code ignored;
    if (error) stream.socket().close(ignored);
  }
  co_return error;
}

asio::awaitable<std::optional<Failure>> Exchange::secure() {
  step_ = "TLS handshake";
  auto* const tls = connection_->stream.tls();
  if (!expect_host(tls->native_handle(), call_.endpoint.host, pool_->verifies())) {
    co_return failure(Failure::Kind::Tls, "the host name cannot be checked");
  }
  auto const [error] = co_await tls->async_handshake(asio::ssl::stream_base::client, awaited);
  if (answered_ || !error) co_return std::nullopt;
  // Without verification the result is only noted, it did not end the handshake.
  if (!pool_->verifies()) SSL_set_verify_result(tls->native_handle(), X509_V_OK);
  co_return failure(Failure::Kind::Tls, handshake_error(tls->native_handle(), error));
}

asio::awaitable<Answer> Exchange::attempt() {
  step_ = "sending";
  error_code const write_error = co_await write();
  if (answered_) co_return Answer(unexpected(Failure{}));
  step_ = "waiting for the answer";
  // A server may answer before it has read everything (413) and close: read even if writing failed.
  Answer answer = co_await read(write_error);
  co_return answer;
}

asio::awaitable<error_code> Exchange::write() {
  auto const& body = call_.request.body;
  std::string head = request_head(call_.endpoint, call_.request);
  bool const together = body.size() <= small_body_bytes;
  if (together) head += body;
  auto const [head_error, head_bytes] = co_await asio::async_write(connection_->stream, asio::buffer(head), awaited);
  if (head_error || together) co_return head_error;
  auto const [body_error, body_bytes] = co_await asio::async_write(connection_->stream, asio::buffer(body), awaited);
  co_return body_error;
}

asio::awaitable<Answer> Exchange::read(error_code write_error) {
  namespace http = beast::http;
  auto& stream = connection_->stream;
  auto& buffer = connection_->buffer;
  std::optional<Parser> parser;
  do {
    parser.emplace();
    parser->header_limit(header_bytes_max);
    parser->body_limit(pool_->body_bytes_max());
    parser->skip(call_.request.method == "HEAD");
    auto const [error, bytes] = co_await http::async_read_header(stream, buffer, *parser, awaited);
    answer_begun_ = answer_begun_ || buffer.size() > 0 || parser->got_some();
    if (error) co_return Answer(unexpected(broken(write_error && !answer_begun_ ? write_error : error)));
  } while (parser->get().result_int() < 200);  // "100 Continue" and the like announce the answer
  if (call_.begins && !answered_) call_.begins();
  step_ = "in the middle of the answer";
  error_code const error = co_await read_body(*parser);
  if (error) co_return Answer(unexpected(broken(error)));
  bool const keep = parser->keep_alive() && !parser->need_eof() && !write_error && buffer.size() == 0;
  auto message = parser->release();
  Answer answer =
      take_answer(keep, static_cast<int>(message.result_int()), to_headers(message), std::move(message.body()));
  co_return answer;
}

asio::awaitable<error_code> Exchange::read_body(Parser& parser) {
  auto& buffer = connection_->buffer;
  if (!parser.is_done()) buffer.reserve(read_bytes);
  while (!parser.is_done()) {
    if (call_.is_patient && !answered_) watch_deadline(Duration{0});
    auto const [error, bytes] = co_await beast::http::async_read_some(connection_->stream, buffer, parser, awaited);
    if (error) co_return error;
  }
  co_return error_code{};
}

Answer Exchange::take_answer(bool keep, int status, std::vector<Header> headers, std::string body) {
  // Given back before the caller hears of the answer, so that its next call finds the connection.
  if (keep && !answered_) pool_->keep(call_.endpoint, std::move(connection_));
  return Response{status, std::move(headers), std::move(body)};
}

}  // namespace arangosync::http
