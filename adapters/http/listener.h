// Inside of adapters/http: a server's listening socket and the sessions it has accepted. Thread-safe.
#pragma once

#include "adapters/http/io_impl.h"
#include "adapters/http/stream.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>

namespace arangosync::http {

class Session;

class Listener : public std::enable_shared_from_this<Listener> {
public:
  Listener(Io::Impl& io, Server::Options options, Handler handler);

  /// One line naming address and cause if that does not work.
  std::optional<std::string> open();
  /// Ends everything; returns when no handler runs any more and all sockets are closed (not on a thread of the loop).
  void stop();

  std::uint16_t port() const { return port_; }
  std::size_t connections() const;
  Server::Options const& options() const { return options_; }
  Handler const& handler() const { return handler_; }

private:
  asio::awaitable<void> accept();
  void welcome(asio::ip::tcp::socket socket);
  void session_ended(std::shared_ptr<Session> const& session);
  enum class Reach { OneFamily, BothFamilies };
  /// The acceptor is closed again if that fails.
  error_code listen_on(asio::ip::address const& address, Reach reach);

  Io::Impl& io_;
  Server::Options const options_;
  Handler const handler_;
  std::optional<asio::ssl::context> tls_;
  asio::strand<asio::io_context::executor_type> strand_;
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::uint16_t port_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable ended_;
  bool stopped_ = false;
  bool accepting_ = false;
  std::set<std::shared_ptr<Session>> sessions_;
};

}  // namespace arangosync::http
