// The calls that one adapter has under way, as one thing that can be ended.
//
// An adapter owns a Scope as its last member, starts its coroutines through it and awaits fetches and pauses of it.
// When the scope is closed (its destructor does it), every await that is still outstanding ends at once with
// Failure::Stopped, no result is handed out any more, and close() returns only after the last coroutine has ended:
// nothing of the adapter is touched afterwards. Without this a late answer could find its adapter gone, or keep a
// shutdown waiting for a slow server.
#pragma once

#include "adapters/http/task.h"

#include <atomic>
#include <coroutine>
#include <memory>
#include <optional>
#include <utility>

namespace arangosync::http {

class Scope {
  struct Slot;
  struct State;

public:
  Scope(Io& io, Client& client);
  ~Scope();
  Scope(Scope const&) = delete;
  Scope& operator=(Scope const&) = delete;

  /// Idempotent. Never called from one of the scope's own coroutines: it waits for them.
  void close();
  bool closed() const;

  /// Runs `make()` (a copyable callable that returns a Task) on an Io thread, and `done(value)` when the task has
  /// ended, unless the scope was closed. Never runs anything on the caller's stack.
  template <class Make, class Finish>
  void start(Make make, Finish done) {
    launch([state = state_, make = std::move(make), done = std::move(done)]() mutable {
      spawn(make(), [state = std::move(state), done = std::move(done)](auto value) mutable {
        if (!is_closed(*state)) done(std::move(value));
        leave(*state);
      });
    });
  }

  /// co_await scope.fetch(call): an Answer.
  class Fetch {
  public:
    Fetch(std::shared_ptr<State> state, Client::Call call) : state_(std::move(state)), call_(std::move(call)) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> self);
    Answer await_resume();

  private:
    std::shared_ptr<State> state_;
    Client::Call call_;
    std::shared_ptr<Slot> slot_;
  };
  Fetch fetch(Client::Call call) { return Fetch(state_, std::move(call)); }

  /// co_await scope.pause(delay): comes back early when the scope is closed; look at closed().
  class Pause {
  public:
    Pause(std::shared_ptr<State> state, Duration delay) : state_(std::move(state)), delay_(delay) {}
    bool await_ready() const noexcept { return delay_ <= Duration{0}; }
    bool await_suspend(std::coroutine_handle<> self);
    void await_resume() const noexcept {}

  private:
    std::shared_ptr<State> state_;
    Duration delay_;
  };
  Pause pause(Duration delay) { return Pause(state_, delay); }

private:
  void launch(std::function<void()> work);
  static bool is_closed(State const& state);
  static void leave(State& state);

  std::shared_ptr<State> state_;  // shared with callbacks that a closed scope has left behind
};

}  // namespace arangosync::http
