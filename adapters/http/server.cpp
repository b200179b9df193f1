#include "adapters/http/listener.h"

#include "adapters/http/session.h"
#include "adapters/http/tls.h"
#include "domain/base/check.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

namespace arangosync::http {

namespace {
using tcp = asio::ip::tcp;
constexpr std::chrono::milliseconds accept_pause{100};
}  // namespace

Listener::Listener(Io::Impl& io, Server::Options options, Handler handler)
    : io_(io),
      options_(std::move(options)),
      handler_(std::move(handler)),
      strand_(asio::make_strand(io.context)),
      acceptor_(strand_),
      pause_(strand_) {}

error_code Listener::listen_on(asio::ip::address const& address, Reach reach) {
  error_code error;
  tcp::endpoint const endpoint(address, options_.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && reach == Reach::BothFamilies) acceptor_.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    error_code ignored;
    acceptor_.close(ignored);
  }
  return error;
}

std::optional<std::string> Listener::open() {
  error_code error;
  bool const everywhere = options_.address.empty();
  std::string const named = everywhere ? "all interfaces" : options_.address;
  asio::ip::address address = asio::ip::address_v6::any();
  if (!everywhere) address = asio::ip::make_address(options_.address, error);
  if (error) return "cannot listen on '" + options_.address + "': not an IP address";
  if (options_.tls) {
    auto context = server_context(*options_.tls);
    if (!context) return "cannot serve TLS: " + context.error();
    tls_.emplace(std::move(*context));
  }
  error = listen_on(address, everywhere ? Reach::BothFamilies : Reach::OneFamily);
  // A kernel without IPv6, or with IPv6 switched off.
  bool const has_no_ipv6 =
      error == asio::error::address_family_not_supported || error == boost::system::errc::address_not_available;
  if (everywhere && has_no_ipv6) error = listen_on(asio::ip::address_v4::any(), Reach::OneFamily);
  if (error == asio::error::address_in_use) {
    return "port " + std::to_string(options_.port) + " is in use (cannot listen on " + named + ")";
  }
  if (error) return "cannot listen on " + named + " port " + std::to_string(options_.port) + ": " + error.message();
  port_ = acceptor_.local_endpoint(error).port();
  accepting_ = true;
  asio::co_spawn(
      strand_, [self = shared_from_this()] { return self->accept(); }, asio::detached);
  return std::nullopt;
}

asio::awaitable<void> Listener::accept() {
  while (acceptor_.is_open()) {
    auto [error, socket] = co_await acceptor_.async_accept(asio::make_strand(io_.context), awaited);
    if (!error) {
      welcome(std::move(socket));
    } else if (acceptor_.is_open()) {
      // Out of descriptors or the like: others have to end first.
      pause_.expires_after(accept_pause);
      co_await pause_.async_wait(awaited);
    }
  }
  std::lock_guard const lock(mutex_);
  accepting_ = false;
  ended_.notify_all();
}

void Listener::welcome(tcp::socket socket) {
  std::shared_ptr<Session> session;
  {
    std::lock_guard const lock(mutex_);
    if (stopped_ || sessions_.size() >= options_.connections_max) return;  // closes the socket
    session = std::make_shared<Session>(Stream::Tcp(std::move(socket)), tls_ ? &*tls_ : nullptr, options_, handler_);
    sessions_.insert(session);
  }
  asio::co_spawn(
      session->executor(), [session] { return session->run(); },
      [self = shared_from_this(), session](std::exception_ptr problem) {
        if (problem) std::rethrow_exception(problem);  // only a bug of ours gets here; let it be seen
        self->session_ended(session);
      });
}

void Listener::session_ended(std::shared_ptr<Session> const& session) {
  std::lock_guard const lock(mutex_);
  sessions_.erase(session);
  if (sessions_.empty()) ended_.notify_all();
}

std::size_t Listener::connections() const {
  std::lock_guard const lock(mutex_);
  return sessions_.size();
}

void Listener::stop() {
  std::set<std::shared_ptr<Session>> sessions;
  {
    std::lock_guard const lock(mutex_);
    stopped_ = true;
    sessions = sessions_;
  }
  asio::post(strand_, [self = shared_from_this()] {
    error_code ignored;
    self->acceptor_.close(ignored);
    self->pause_.cancel();
  });
  for (auto const& session : sessions) session->close();
  sessions.clear();
  if (io_.on_own_thread()) return;
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return sessions_.empty() && !accepting_; });
}

struct Server::Impl {
  std::shared_ptr<Listener> listener;
};

Server::Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { impl_->listener->stop(); }

Expected<std::unique_ptr<Server>, std::string> Server::start(Io& io, Options options, Handler handler) {
  DC_ASSERT(handler != nullptr);
  auto listener = std::make_shared<Listener>(io.impl(), std::move(options), std::move(handler));
  if (auto const problem = listener->open()) return unexpected(*problem);
  return std::unique_ptr<Server>(new Server(std::make_shared<Impl>(Impl{std::move(listener)})));
}

std::uint16_t Server::port() const { return impl_->listener->port(); }

std::size_t Server::connections() const { return impl_->listener->connections(); }

}  // namespace arangosync::http
