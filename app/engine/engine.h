// The loop that everything runs in, the same in daemons, simulation and replay:
//
//   command (with instant and entropy) → decide → events → evolve → [save, if durable] → effects → ports → commands …
//
// The engine is single-threaded and owns no thread, clock or socket: whoever runs it (app/master, app/worker,
// app/replay) calls step() on one strand and performs what it is handed. It is the only place with an order:
//  - effects of durable events are held back until the events are saved ("save, then speak");
//  - while a save is under way further commands and queries wait; all that waited go into the next save together;
//  - a save that is refused, or whose outcome stays unknown, makes the machine hear SaveFailed and nothing be
//  performed:
//    the state evolved so far is given up by the machine itself, which steps down and reads it anew when it leads
//    again.
// What it never does: decide anything itself, retry, or look into a state.
#pragma once

#include "domain/base/check.h"
#include "domain/base/envelope.h"
#include "domain/base/limits.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace arangosync::engine {

enum class SaveOutcome { Applied, Refused, Unknown };

/// Told of everything that happens, in order; for traces, logs, metrics and the checkers of the simulation.
template <class Machine>
class Observer {
public:
  virtual ~Observer() = default;
  virtual void on_command(Envelope<typename Machine::Command> const&, typename Machine::State const& /*before*/) {}
  virtual void on_refusal(Envelope<typename Machine::Command> const&, typename Machine::Refusal const&) {}
  virtual void on_event(typename Machine::Event const&, typename Machine::State const& /*after*/) {}
  /// The command is decided; what it leads to, once what it rests on is saved.
  virtual void on_decided(std::span<typename Machine::Effect const> /*effects*/) {}
  /// Now it is performed.
  virtual void on_effect(typename Machine::Effect const&) {}
};

/// `Machine` names a root machine's types and functions; see machines.h.
template <class Machine>
class Engine {
public:
  using State = typename Machine::State;
  using Command = typename Machine::Command;
  using Event = typename Machine::Event;
  using Effect = typename Machine::Effect;
  using Observers = std::vector<Observer<Machine>*>;  // told in this order

  struct Hands {
    /// Performs one effect; answers come later as commands. Must not call the engine back directly.
    std::function<void(Effect const&)> perform;
    /// Saves durable events (never called for machines without). The outcome is told by saved(), later.
    std::function<void(std::vector<Event> const& events, State const& after)> save;
  };

  Engine(State initial, Hands hands, Observers observers = {})
      : state_(std::move(initial)), hands_(std::move(hands)), observers_(std::move(observers)) {}

  /// First effects of a fresh process.
  void start() { perform_all(Machine::on_start(state_)); }

  /// Takes one command. Decided now, or after the save that is under way.
  void step(Envelope<Command> command) {
    waiting_.push_back(std::move(command));
    if (!saving_) drain();
  }

  /// Decides a command that was decided before, as a trace tells: observers see what they saw then, nothing is saved or
  /// performed. A failed save is among the commands of a trace.
  void retrace(Envelope<Command> const& command) {
    std::vector<Event> saved_then;
    decide_one(command, saved_then);
    held_.clear();
    Machine::check_invariants(state_);
  }

  /// Runs `query` on a state in which nothing is unsaved: now, or after the save that is under way.
  void query(std::function<void(State const&)> query) {
    if (saving_) {
      queries_.push_back(std::move(query));
    } else {
      query(state_);
    }
  }

  /// Outcome of the save under way. `failed` wraps the machine's SaveFailed command in an envelope when it is needed.
  void saved(SaveOutcome outcome, std::function<Envelope<Command>()> const& failed) {
    DC_ASSERT(saving_);
    saving_ = false;
    std::vector<Effect> held = std::exchange(held_, {});
    if (outcome == SaveOutcome::Applied) {
      perform_all(held);
      // Before anything else is decided: one save follows the other in busy times, and a question must not wait for a
      // lull.
      run_queries();
    } else {
      // Everything held back belongs to a leadership that is over; the commands behind it meet a follower.
      waiting_.push_front(failed());
    }
    drain();
    run_queries();
  }

  bool saving() const { return saving_; }
  std::size_t waiting() const { return waiting_.size(); }
  State const& state() const { return state_; }

private:
  void drain() {
    std::vector<Event> durable;
    while (!waiting_.empty() && durable.size() < limits::transaction_events_max) {
      Envelope<Command> command = std::move(waiting_.front());
      waiting_.pop_front();
      if (decide_one(command, durable)) continue;
      waiting_.push_front(std::move(command));
      break;
    }
    check_when_due();
    if (durable.empty()) {
      perform_all(std::exchange(held_, {}));
      return;
    }
    saving_ = true;
    hands_.save(durable, state_);
  }

  /// A look at the whole state costs what the state is large: it pays when as many events have changed it. So the
  /// invariants cost a constant time per event whatever the number of tasks, in production too.
  void check_when_due() {
    if (unchecked_events_ == 0 || unchecked_events_ < Machine::check_cost(state_)) return;
    Machine::check_invariants(state_);
    unchecked_events_ = 0;
  }

  /// False, and nothing done: the command has to wait for the save of what was decided before it.
  bool decide_one(Envelope<Command> const& command, std::vector<Event>& durable) {
    std::size_t const held_before = held_.size();
    bool const may_have_to_wait = !durable.empty();
    // A trace must know a command before it is decided, lest it miss the one that ends the process; one that may be
    // decided again later is told when it no longer can.
    if (!may_have_to_wait) tell([&](Observer<Machine>& observer) { observer.on_command(command, state_); });
    auto decision = Machine::decide(state_, command);
    if (may_have_to_wait) {
      if (decision && std::any_of(decision->begin(), decision->end(), Machine::forbids_saving)) return false;
      tell([&](Observer<Machine>& observer) { observer.on_command(command, state_); });
    }
    if (decision) {
      for (Event& event : *decision) {
        state_ = Machine::evolve(std::move(state_), event);
        ++unchecked_events_;
        tell([&](Observer<Machine>& observer) { observer.on_event(event, state_); });
        hold(Machine::react(state_, event));
        if (Machine::is_durable(event)) durable.push_back(std::move(event));
      }
    } else {
      tell([&](Observer<Machine>& observer) { observer.on_refusal(command, decision.error()); });
      hold(Machine::on_refusal(command.body, decision.error()));
    }
    tell([&](Observer<Machine>& observer) { observer.on_decided(std::span(held_).subspan(held_before)); });
    return true;
  }

  template <class Say>
  void tell(Say say) {
    for (Observer<Machine>* observer : observers_) say(*observer);
  }

  void hold(std::vector<Effect> effects) {
    for (Effect& effect : effects) held_.push_back(std::move(effect));
  }

  void perform_all(std::vector<Effect> const& effects) {
    for (Effect const& effect : effects) {
      tell([&](Observer<Machine>& observer) { observer.on_effect(effect); });
      hands_.perform(effect);
    }
  }

  void run_queries() {
    while (!saving_ && !queries_.empty()) {
      auto query = std::move(queries_.front());
      queries_.pop_front();
      query(state_);
    }
  }

  State state_;
  Hands hands_;
  Observers observers_;
  std::deque<Envelope<Command>> waiting_;
  std::deque<std::function<void(State const&)>> queries_;
  std::vector<Effect> held_;  // effects of decided commands, in order, until what they rest on is saved
  std::size_t unchecked_events_ = 0;
  bool saving_ = false;
};

}  // namespace arangosync::engine
