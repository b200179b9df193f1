#include "adapters/http/scope.h"

#include "domain/base/check.h"

#include <condition_variable>
#include <map>
#include <mutex>

namespace arangosync::http {

/// One thing that is waited for. Whoever claims it first, the event or close(), goes on with it.
struct Scope::Slot {
  std::atomic<bool> claimed{false};
  std::uint64_t number = 0;
  std::coroutine_handle<> waiting;  ///< null: a start that has not run yet
  std::optional<Answer> answer;

  bool claim() { return !claimed.exchange(true); }
};

struct Scope::State {
  State(Io& io_in, Client& client_in) : io(io_in), client(client_in) {}

  Io& io;
  Client& client;
  mutable std::mutex mutex;
  std::condition_variable ended;
  bool closed = false;
  std::size_t running = 0;  // started tasks that have not ended
  std::uint64_t next_number = 0;
  std::map<std::uint64_t, std::shared_ptr<Slot>> slots;

  /// Call with the mutex held.
  std::shared_ptr<Slot> add(std::coroutine_handle<> waiting) {
    auto slot = std::make_shared<Slot>();
    slot->number = next_number++;
    slot->waiting = waiting;
    slots.emplace(slot->number, slot);
    return slot;
  }
  void forget(Slot const& slot) {
    std::lock_guard lock(mutex);
    slots.erase(slot.number);
  }
};

Scope::Scope(Io& io, Client& client) : state_(std::make_shared<State>(io, client)) {}

Scope::~Scope() { close(); }

bool Scope::closed() const { return is_closed(*state_); }

bool Scope::is_closed(State const& state) {
  std::lock_guard lock(state.mutex);
  return state.closed;
}

void Scope::leave(State& state) {
  std::lock_guard lock(state.mutex);
  DC_ASSERT(state.running > 0);
  --state.running;
  state.ended.notify_all();
}

void Scope::close() {
  std::map<std::uint64_t, std::shared_ptr<Slot>> left;
  {
    std::lock_guard lock(state_->mutex);
    state_->closed = true;
    left.swap(state_->slots);
  }
  for (auto const& [number, slot] : left) {
    if (!slot->claim()) continue;
    if (!slot->waiting) {
      leave(*state_);
      continue;
    }
    slot->answer.emplace(unexpected(Failure{Failure::Kind::Stopped, "stopped"}));
    slot->waiting.resume();
  }
  std::unique_lock lock(state_->mutex);
  state_->ended.wait(lock, [&] { return state_->running == 0; });
}

void Scope::launch(std::function<void()> work) {
  std::shared_ptr<Slot> slot;
  {
    std::lock_guard lock(state_->mutex);
    if (state_->closed) return;
    ++state_->running;
    slot = state_->add(nullptr);
  }
  state_->io.post([state = state_, slot, work = std::move(work)] {
    if (!slot->claim()) return;
    state->forget(*slot);
    work();
  });
}

bool Scope::Fetch::await_suspend(std::coroutine_handle<> self) {
  auto const state = state_;
  std::lock_guard lock(state->mutex);
  if (state->closed) {
    slot_ = std::make_shared<Slot>();
    slot_->answer.emplace(unexpected(Failure{Failure::Kind::Stopped, "stopped"}));
    return false;
  }
  auto const slot = state->add(self);
  slot_ = slot;
  // Under the lock, so that the client cannot be destroyed between the look at `closed` and the call.
  state->client.send(std::move(call_), [state, slot](Answer answer) {
    if (!slot->claim()) return;
    state->forget(*slot);
    slot->answer.emplace(std::move(answer));
    slot->waiting.resume();
  });
  return true;
}

Answer Scope::Fetch::await_resume() { return std::move(*slot_->answer); }

bool Scope::Pause::await_suspend(std::coroutine_handle<> self) {
  auto const state = state_;
  auto const delay = delay_;
  std::lock_guard lock(state->mutex);
  if (state->closed) return false;
  auto const slot = state->add(self);
  state->io.post_after(delay, [state, slot] {
    if (!slot->claim()) return;
    state->forget(*slot);
    slot->waiting.resume();
  });
  return true;
}

}  // namespace arangosync::http
