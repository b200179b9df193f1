#include "adapters/http/pool.h"

#include "adapters/http/exchange.h"
#include "adapters/http/tls.h"
#include "domain/base/check.h"

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <sys/socket.h>

namespace arangosync::http {

namespace {

/// An idle connection with something to read has been closed by the other side, or is about to be.
bool is_quiet(Connection& connection) {
  char byte;
  auto const got = ::recv(connection.stream.tcp().socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace

Pool::Pool(Io::Impl& io, ClientTls const& tls, std::size_t body_bytes_max)
    : io_(io), verifies_(!tls.ca_pem.empty()), body_bytes_max_(body_bytes_max), sweeper_(io.context) {
  auto context = client_context(tls);
  if (context) {
    tls_.emplace(std::move(*context));
  } else {
    tls_problem_ = context.error();
  }
}

void Pool::start_sweeping() {
  std::lock_guard const lock(mutex_);
  if (stopped_) return;
  sweeper_.expires_after(sweep_every);
  sweeper_.async_wait([weak = weak_from_this()](error_code error) {
    auto const self = weak.lock();
    if (error || !self) return;
    self->sweep();
    self->start_sweeping();
  });
}

void Pool::sweep() {
  std::vector<std::unique_ptr<Connection>> old;  // closed after the lock is given back
  std::lock_guard const lock(mutex_);
  auto const limit = std::chrono::steady_clock::now() - idle_max;
  for (auto entry = idle_.begin(); entry != idle_.end();) {
    std::erase_if(entry->second, [&](auto& connection) {
      bool const drop = connection->idle_since < limit || !is_quiet(*connection);
      if (drop) old.push_back(std::move(connection));
      return drop;
    });
    entry = entry->second.empty() ? idle_.erase(entry) : std::next(entry);
  }
}

std::unique_ptr<Connection> Pool::take_idle(Endpoint const& endpoint) {
  auto const entry = idle_.find(endpoint);
  if (entry == idle_.end()) return nullptr;
  auto const limit = std::chrono::steady_clock::now() - idle_max;
  while (!entry->second.empty()) {
    auto connection = std::move(entry->second.back());  // the most recently used one is the likeliest to be alive
    entry->second.pop_back();
    if (connection->idle_since >= limit && is_quiet(*connection)) return connection;
  }
  return nullptr;
}

std::unique_ptr<Connection> Pool::connect(asio::any_io_executor const& strand, Endpoint const& endpoint) {
  bool const tls = endpoint.tls && tls_.has_value();
  return std::make_unique<Connection>(Stream::Tcp(strand), tls ? &*tls_ : nullptr);
}

void Pool::keep(Endpoint const& endpoint, std::unique_ptr<Connection> connection) {
  connection->kept = true;
  connection->idle_since = std::chrono::steady_clock::now();
  std::lock_guard const lock(mutex_);
  auto& same = idle_[endpoint];
  if (!stopped_ && same.size() < idle_per_endpoint_max) same.push_back(std::move(connection));
}

void Pool::refuse(std::function<void(Answer)> answer, Endpoint const& endpoint) {
  Failure failure{Failure::Kind::Stopped, to_url(endpoint) + ": the client is stopped"};
  asio::post(io_.context, [answer = std::move(answer), failure = std::move(failure)]() mutable {
    answer(unexpected(std::move(failure)));
  });
}

void Pool::send(Client::Call call, std::function<void(Answer)> answer) {
  std::shared_ptr<Exchange> exchange;
  {
    std::lock_guard const lock(mutex_);
    if (!stopped_) {
      auto connection = take_idle(call.endpoint);
      if (!connection) connection = connect(asio::make_strand(io_.context), call.endpoint);
      exchange =
          std::make_shared<Exchange>(shared_from_this(), std::move(connection), std::move(call), std::move(answer));
      under_way_.insert(exchange);
      ++unanswered_;
    }
  }
  if (exchange) {
    exchange->start();
  } else {
    refuse(std::move(answer), call.endpoint);
  }
}

void Pool::exchange_ended(std::shared_ptr<Exchange> const& exchange, std::function<void(Answer)> answer, Answer value) {
  {
    std::lock_guard const lock(mutex_);
    under_way_.erase(exchange);
  }
  // Off the strand: the caller may take its time, and may use this very connection again meanwhile.
  asio::post(io_.context, [self = shared_from_this(), answer = std::move(answer), value = std::move(value)]() mutable {
    answer(std::move(value));
    answer = nullptr;  // what it holds is gone before stop() returns
    std::lock_guard const lock(self->mutex_);
    DC_ASSERT(self->unanswered_ > 0);
    if (--self->unanswered_ == 0) self->answered_.notify_all();
  });
}

void Pool::stop() {
  std::set<std::shared_ptr<Exchange>> exchanges;
  std::map<Endpoint, std::vector<std::unique_ptr<Connection>>> idle;
  std::unique_lock lock(mutex_);
  stopped_ = true;
  sweeper_.cancel();
  exchanges = under_way_;
  idle.swap(idle_);
  lock.unlock();
  for (auto const& exchange : exchanges) exchange->stop();
  exchanges.clear();
  if (io_.on_own_thread()) return;
  lock.lock();
  answered_.wait(lock, [this] { return unanswered_ == 0; });
}

struct Client::Impl {
  std::shared_ptr<Pool> pool;
};

Client::Client(Io& io, ClientTls tls, std::size_t body_bytes_max)
    : impl_(std::make_shared<Impl>(Impl{std::make_shared<Pool>(io.impl(), tls, body_bytes_max)})) {
  impl_->pool->start_sweeping();
}

Client::~Client() { impl_->pool->stop(); }

void Client::send(Call call, std::function<void(Answer)> answer) {
  DC_ASSERT(answer != nullptr);
  impl_->pool->send(std::move(call), std::move(answer));
}

}  // namespace arangosync::http
