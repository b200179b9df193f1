// Inside of adapters/http: a TCP connection with or without TLS as one Asio stream type, so that reading and writing
// messages is compiled once and not twice.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <optional>
#include <utility>

namespace arangosync::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

/// Results as (error, …) instead of exceptions.
inline constexpr auto awaited = asio::as_tuple(asio::use_awaitable);

class Stream {
public:
  using Tcp = beast::tcp_stream;
  using Tls = asio::ssl::stream<Tcp>;
  using executor_type = Tcp::executor_type;

  /// `tls` null: plain. The context must outlive the stream.
  Stream(Tcp tcp, asio::ssl::context* tls) {
    if (tls != nullptr) {
      tls_.emplace(std::move(tcp), *tls);
    } else {
      tcp_.emplace(std::move(tcp));
    }
  }

  executor_type get_executor() { return tcp().get_executor(); }
  Tcp& tcp() { return tls_ ? tls_->next_layer() : *tcp_; }
  Tls* tls() { return tls_ ? &*tls_ : nullptr; }

  template <class Buffers, class Token>
  auto async_read_some(Buffers const& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, Buffers const& into) {
          if (tls_) {
            tls_->async_read_some(into, std::move(handler));
          } else {
            tcp_->async_read_some(into, std::move(handler));
          }
        },
        token, buffers);
  }

  template <class Buffers, class Token>
  auto async_write_some(Buffers const& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, Buffers const& from) {
          if (tls_) {
            tls_->async_write_some(from, std::move(handler));
          } else {
            tcp_->async_write_some(from, std::move(handler));
          }
        },
        token, buffers);
  }

private:
  std::optional<Tcp> tcp_;
  std::optional<Tls> tls_;
};

}  // namespace arangosync::http
