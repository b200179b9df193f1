// A server and a client in one process, over real sockets on 127.0.0.1, and ways to wait with a deadline.
#pragma once

#include "adapters/http/http.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

namespace arangosync::http {

inline constexpr std::chrono::seconds patience{30};

/// Looks again and again until the condition holds; false after a long time.
inline bool eventually(std::function<bool()> const& condition) {
  auto const limit = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::yield();
  }
  return true;
}

class Countdown {
public:
  explicit Countdown(int count) : count_(count) {}
  void one_done() {
    std::lock_guard const lock(mutex_);
    if (--count_ == 0) done_.notify_all();
  }
  bool wait() {
    std::unique_lock lock(mutex_);
    return done_.wait_for(lock, patience, [this] { return count_ <= 0; });
  }

private:
  std::mutex mutex_;
  std::condition_variable done_;
  int count_;
};

inline void echo(Request request, Peer const&, Responder respond) { respond({200, {}, std::move(request.body)}); }

inline std::future<Answer> start_call(Client& client, Client::Call call) {
  auto promise = std::make_shared<std::promise<Answer>>();
  auto future = promise->get_future();
  client.send(std::move(call), [promise](Answer answer) { promise->set_value(std::move(answer)); });
  return future;
}

inline Answer call_and_wait(Client& client, Client::Call call) { return start_call(client, std::move(call)).get(); }

class Loopback {
public:
  explicit Loopback(Handler handler, Server::Options options = {}, ClientLimits limits = {}, ClientTls client_tls = {})
      : io(2), tls(options.tls.has_value()) {
    options.address = "127.0.0.1";
    auto started = Server::start(io, options, std::move(handler));
    if (!started) throw std::runtime_error(started.error());
    server = std::move(*started);
    client = std::make_unique<Client>(io, std::move(client_tls), limits);
  }

  Endpoint endpoint() const { return {tls, "127.0.0.1", server->port()}; }

  Answer call(Request request, Duration timeout = patience) { return call_at(endpoint(), std::move(request), timeout); }
  Answer call_at(Endpoint endpoint, Request request, Duration timeout = patience) {
    return call_and_wait(*client, {std::move(endpoint), std::move(request), timeout});
  }

  Io io;
  bool tls;
  std::unique_ptr<Server> server;
  std::unique_ptr<Client> client;
};

}  // namespace arangosync::http
