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

Pool::Pool(Io::Impl& io, ClientTls const& tls, ClientLimits limits)
    : io_(io),
      verifies_(!tls.ca_pem.empty()),
      limits_(limits),
      sweeper_(io.context),
      turns_(limits.calls_per_endpoint_max),
      turn_timer_(io.context) {
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
  asio::post(io_.context, [answer = std::move(answer), failure = client_stopped(endpoint)]() mutable {
    answer(unexpected(std::move(failure)));
  });
}

std::shared_ptr<Exchange> Pool::begin(Client::Call call, std::function<void(Answer)> answer) {
  auto connection = take_idle(call.endpoint);
  if (!connection) connection = connect(asio::make_strand(io_.context), call.endpoint);
  auto exchange =
      std::make_shared<Exchange>(shared_from_this(), std::move(connection), std::move(call), std::move(answer));
  under_way_.insert(exchange);
  return exchange;
}

void Pool::send(Client::Call call, std::function<void(Answer)> answer) {
  std::unique_lock lock(mutex_);
  if (stopped_) {
    lock.unlock();
    return refuse(std::move(answer), call.endpoint);
  }
  ++unanswered_;
  if (!turns_.take(call.endpoint)) {
    auto const now = std::chrono::steady_clock::now();
    auto const expires = now + std::min<Duration>(call.timeout, std::chrono::hours(24 * 365));
    turns_.wait({std::move(call), std::move(answer), now, expires});
    if (!watched_until_ || expires < *watched_until_) watch_turns(expires);
    return;
  }
  auto const exchange = begin(std::move(call), std::move(answer));
  lock.unlock();
  exchange->start(Duration{0});
}

void Pool::watch_turns(Turns::TimePoint until) {
  watched_until_ = until;
  turn_timer_.expires_at(until);  // the wait before ends with an error
  turn_timer_.async_wait([weak = weak_from_this()](error_code error) {
    auto const self = weak.lock();
    if (!error && self) self->answer_expired();
  });
}

void Pool::answer_expired() {
  std::unique_lock lock(mutex_);
  auto expired = turns_.take_expired(std::chrono::steady_clock::now());
  watched_until_.reset();
  if (auto const next = turns_.next_expiry()) watch_turns(*next);
  lock.unlock();
  answer_late(std::move(expired));
}

void Pool::answer_late(std::vector<Turns::Waiting> late) {
  std::string const step = "waiting for its turn, calls under way: " + std::to_string(turns_.per_endpoint_max());
  for (auto& one : late) hand_over(std::move(one.answer), unexpected(no_answer_within(one.call, step)));
}

void Pool::exchange_ended(std::shared_ptr<Exchange> const& exchange, Endpoint const& endpoint,
                          std::function<void(Answer)> answer, Answer value) {
  std::shared_ptr<Exchange> next;
  Duration waited{0};
  std::vector<Turns::Waiting> late;
  {
    std::lock_guard const lock(mutex_);
    under_way_.erase(exchange);
    auto const now = std::chrono::steady_clock::now();
    auto waiting = turns_.end(endpoint);
    for (; waiting && waiting->expires <= now; waiting = turns_.end(endpoint)) late.push_back(std::move(*waiting));
    if (waiting) {
      waited = now - waiting->since;
      next = begin(std::move(waiting->call), std::move(waiting->answer));
    }
  }
  if (next) next->start(waited);
  answer_late(std::move(late));
  hand_over(std::move(answer), std::move(value));
}

void Pool::hand_over(std::function<void(Answer)> answer, Answer value) {
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
  turn_timer_.cancel();
  exchanges = under_way_;
  auto waiting = turns_.take_all();
  idle.swap(idle_);
  lock.unlock();
  for (auto& one : waiting) hand_over(std::move(one.answer), unexpected(client_stopped(one.call.endpoint)));
  waiting.clear();
  for (auto const& exchange : exchanges) exchange->stop();
  exchanges.clear();
  if (io_.on_own_thread()) return;
  lock.lock();
  answered_.wait(lock, [this] { return unanswered_ == 0; });
}

struct Client::Impl {
  std::shared_ptr<Pool> pool;
};

Client::Client(Io& io, ClientTls tls, ClientLimits limits)
    : impl_(std::make_shared<Impl>(Impl{std::make_shared<Pool>(io.impl(), tls, limits)})) {
  impl_->pool->start_sweeping();
}

Client::~Client() { impl_->pool->stop(); }

void Client::send(Call call, std::function<void(Answer)> answer) {
  DC_ASSERT(answer != nullptr);
  impl_->pool->send(std::move(call), std::move(answer));
}

}  // namespace arangosync::http
