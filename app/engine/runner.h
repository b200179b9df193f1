// Runs an engine on a thread of its own in a daemon: the inbox, the timers, the clock and the entropy around it.
//
// Adapters post from any thread; the strand takes commands in order, wraps each in an envelope and steps the engine.
// Timers live here: wake_at() is called by the strand itself while it performs effects. A full inbox refuses what is
// offered (the caller is told), because a growing one would hide that the machine cannot keep up. What is posted
// answers something that the machine has asked for, or comes out of a bounded window: that much room there always is.
#pragma once

#include "app/engine/engine.h"
#include "ports/inbox.h"
#include "ports/runtime.h"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace arangosync::engine {

template <class Machine>
class Runner final : public ports::Inbox<typename Machine::Command>, public ports::Timer {
public:
  using Command = typename Machine::Command;
  using State = typename Machine::State;
  using Event = typename Machine::Event;

  Runner(State initial, typename Engine<Machine>::Hands hands, ports::Clock& clock, ports::EntropySource& entropy,
         typename Engine<Machine>::Observers observers, std::size_t inbox_entries_max = limits::inbox_entries_max)
      : clock_(clock),
        entropy_(entropy),
        inbox_entries_max_(inbox_entries_max),
        engine_(std::move(initial), std::move(hands), std::move(observers)) {}

  ~Runner() override { stop(); }

  void start() {
    thread_ = std::thread([this] { run(); });
  }

  /// Ends the strand after the command it is at. Idempotent; commands still waiting are dropped.
  void stop() {
    {
      std::lock_guard const lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable() && thread_.get_id() != std::this_thread::get_id()) thread_.join();
  }

  void post(Command command) override {
    {
      std::lock_guard const lock(mutex_);
      if (stopping_) return;
      enqueue(std::move(command));
    }
    wake_.notify_one();
  }

  /// For commands that somebody outside thought of. False: the inbox is full; the caller is to come again later.
  [[nodiscard]] bool offer(Command command) {
    {
      std::lock_guard const lock(mutex_);
      if (stopping_ || inbox_.size() >= inbox_entries_max_) return false;
      enqueue(std::move(command));
    }
    wake_.notify_one();
    return true;
  }

  /// Runs `query` on the strand, when nothing is unsaved. After stop() it never runs.
  void query(std::function<void(State const&)> query) {
    on_strand([this, query = std::move(query)]() mutable { engine_.query(std::move(query)); });
  }

  /// The answer to the save under way, from any thread.
  void saved(SaveOutcome outcome, Command failed) {
    on_strand([this, outcome, failed = std::move(failed)]() mutable {
      engine_.saved(outcome, [&] { return envelope(std::move(failed)); });
    });
  }

  void on_strand(std::function<void()> work) {
    {
      std::lock_guard const lock(mutex_);
      if (stopping_) return;
      inbox_.push_back(std::move(work));
    }
    wake_.notify_one();
  }

  /// Only from the strand (effects are performed there).
  void wake_at(TimerName const& timer, Instant at) override {
    std::lock_guard const lock(mutex_);
    auto const [known, is_new] = timers_.try_emplace(timer, at);
    if (!is_new) {
      due_.erase({known->second, timer});
      known->second = at;
    }
    due_.insert({at, timer});
  }

private:
  void enqueue(Command command) {
    inbox_.push_back([this, command = std::move(command)]() mutable { engine_.step(envelope(std::move(command))); });
  }

  Envelope<Command> envelope(Command command) {
    return Envelope<Command>{clock_.now(), clock_.wall_now(), entropy_.draw(), std::move(command),
                             Machine::fresh_token(entropy_)};
  }

  void run() {
    engine_.start();
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      fire_due_timers();
      if (inbox_.empty()) {
        wait(lock);
        continue;
      }
      auto work = std::move(inbox_.front());
      inbox_.pop_front();
      lock.unlock();
      work();
      lock.lock();
    }
  }

  void fire_due_timers() {
    if (due_.empty()) return;
    Instant const now = clock_.now();
    while (!due_.empty() && due_.begin()->first <= now) {
      TimerName const timer = due_.begin()->second;
      due_.erase(due_.begin());
      timers_.erase(timer);
      inbox_.push_back([this, timer] { engine_.step(envelope(Command{typename Machine::TimerFired{timer}})); });
    }
  }

  void wait(std::unique_lock<std::mutex>& lock) {
    if (due_.empty()) {
      wake_.wait(lock);
      return;
    }
    Duration const rest = due_.begin()->first - clock_.now();
    if (rest > Duration{0}) wake_.wait_for(lock, rest);
  }

  ports::Clock& clock_;
  ports::EntropySource& entropy_;
  std::size_t const inbox_entries_max_;
  Engine<Machine> engine_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> inbox_;
  std::map<TimerName, Instant> timers_;
  std::set<std::pair<Instant, TimerName>> due_;  // the same wake-ups, in order of time
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace arangosync::engine
