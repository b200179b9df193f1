// Coroutines of the adapters: a lazily started Task<T> that awaits http::Client calls and other Tasks. No Asio here.
//
//   http::Task<Outcome<Done>> set_mode(...) { auto answer = co_await fetch(client, call); ... co_return Done{}; }
//   http::spawn(set_mode(...), [inbox, id](Outcome<Done> outcome) { inbox.post(...); });
//
// Resumes on Io threads. Never used in domain, ports or app/engine (models.md habit 12).
#pragma once

#include "adapters/http/http.h"

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace arangosync::http {

template <class T>
class [[nodiscard]] Task {
public:
  struct promise_type {
    std::optional<T> value;
    std::coroutine_handle<> awaiting;

    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    struct Final {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
        auto next = self.promise().awaiting;
        return next ? next : std::noop_coroutine();
      }
      void await_resume() noexcept {}
    };
    Final final_suspend() noexcept { return {}; }
    void return_value(T result) { value.emplace(std::move(result)); }
    void unhandled_exception() { std::terminate(); }  // adapters catch at their edge
  };

  explicit Task(std::coroutine_handle<promise_type> self) : self_(self) {}
  Task(Task&& other) noexcept : self_(std::exchange(other.self_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (self_) self_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
    self_.promise().awaiting = caller;
    return self_;
  }
  T await_resume() { return std::move(*self_.promise().value); }

private:
  std::coroutine_handle<promise_type> self_;
};

namespace detail {
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};
template <class T, class F>
Detached run_detached(Task<T> task, F done) {
  T value = co_await task;
  done(std::move(value));
}
}  // namespace detail

/// Starts a task now, on this thread, and hands its value to `done` when it ends.
template <class T, class F>
void spawn(Task<T> task, F done) {
  detail::run_detached(std::move(task), std::move(done));
}

/// Awaits one client call.
struct fetch {
  fetch(Client& client_in, Client::Call call_in) : client(client_in), call(std::move(call_in)) {}
  Client& client;
  Client::Call call;
  std::optional<Answer> answer;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) {
    client.send(std::move(call), [this, self](Answer got) {
      answer.emplace(std::move(got));
      self.resume();
    });
  }
  Answer await_resume() { return std::move(*answer); }
};

/// Awaits the passing of time.
struct pause {
  pause(Io& io_in, Duration delay_in) : io(io_in), delay(delay_in) {}
  Io& io;
  Duration delay;

  bool await_ready() const noexcept { return delay <= Duration{0}; }
  void await_suspend(std::coroutine_handle<> self) {
    io.post_after(delay, [self] { self.resume(); });
  }
  void await_resume() const noexcept {}
};

}  // namespace arangosync::http
