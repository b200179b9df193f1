// The two root machines as the engine sees them.
#pragma once

#include "app/engine/engine.h"
#include "domain/master/master.h"
#include "domain/worker/worker.h"
#include "ports/runtime.h"

namespace arangosync::engine {

/// 256 bits as 64 lower-case hex digits.
Token fresh_token(ports::EntropySource& entropy);

struct MasterMachine {
  using State = master::State;
  using Command = master::Command;
  using Event = master::Event;
  using Effect = master::Effect;
  using Refusal = master::Refusal;
  using TimerFired = master::TimerFired;

  static auto decide(State const& state, Envelope<Command> const& command) { return master::decide(state, command); }
  static State evolve(State state, Event const& event) { return master::evolve(std::move(state), event); }
  static auto react(State const& after, Event const& event) { return master::react(after, event); }
  static auto on_start(State const& state) { return master::on_start(state); }
  static auto on_refusal(Command const& command, Refusal const& why) { return master::on_refusal(command, why); }
  static bool is_durable(Event const& event) { return master::is_durable(event); }
  /// After it the state has nothing that could be saved; what was decided before it goes first.
  static bool forbids_saving(Event const& event) {
    auto const* of_election = std::get_if<election::Event>(&event);
    return of_election != nullptr && std::holds_alternative<election::SteppedDown>(*of_election);
  }
  static void check_invariants(State const& state) { master::check_invariants(state); }
  static std::size_t check_cost(State const& state) { return state.office ? state.office->tasks.tasks.size() : 0; }
  static Token fresh_token(ports::EntropySource& entropy) { return engine::fresh_token(entropy); }
};

struct WorkerMachine {
  using State = worker::State;
  using Command = worker::Command;
  using Event = worker::Event;
  using Effect = worker::Effect;
  using Refusal = worker::Refusal;
  using TimerFired = worker::TimerFired;

  static auto decide(State const& state, Envelope<Command> const& command) { return worker::decide(state, command); }
  static State evolve(State state, Event const& event) { return worker::evolve(std::move(state), event); }
  static auto react(State const& after, Event const& event) { return worker::react(after, event); }
  static auto on_start(State const& state) { return worker::on_start(state); }
  static auto on_refusal(Command const& command, Refusal const& why) { return worker::on_refusal(command, why); }
  static bool is_durable(Event const&) { return false; }  // a worker's state is memory; positions are effects
  static bool forbids_saving(Event const&) { return false; }
  static void check_invariants(State const& state) { worker::check_invariants(state); }
  static std::size_t check_cost(State const& state) { return state.tasks.size(); }
  static Token fresh_token(ports::EntropySource&) { return Token{}; }  // a worker issues none
};

using MasterEngine = Engine<MasterMachine>;
using WorkerEngine = Engine<WorkerMachine>;

extern template class Engine<MasterMachine>;
extern template class Engine<WorkerMachine>;

}  // namespace arangosync::engine
