// One simulated daemon: a root machine in its engine, inside a process of the simulation, wired to the simulated ports.
//
// The twin of app/master and app/worker. Its life ends with kill(): nothing is performed or saved after that, even in
// the middle of a list of effects.
#pragma once

#include "adapters/sim/directory.h"
#include "adapters/sim/own_cluster.h"
#include "adapters/sim/peers.h"
#include "adapters/sim/process.h"
#include "adapters/sim/queue.h"
#include "adapters/sim/source_port.h"
#include "adapters/sim/target_port.h"
#include "app/engine/machines.h"
#include "app/replay/trace.h"
#include "app/trace/describe.h"
#include "app/trace/recorder.h"
#include "domain/base/check.h"
#include "ports/master_store.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace arangosync::replay {

/// An order between datacenters (docs/decisions/0018) that was noted, or that entered a target or let it go.
struct Obeyed {
  ClusterId target;
  sync::Order order;
};

/// Told what the checkers want to know while it happens.
class Witness {
public:
  virtual ~Witness() = default;
  virtual void saved(sim::Datacenter datacenter, std::string const& master, Term term, std::uint64_t first_sequence,
                     std::uint64_t events) = 0;
  /// The save before contained what these orders of its targets have led to, one after the other.
  virtual void obeyed(sim::Datacenter datacenter, std::string const& master, std::uint64_t sequence,
                      std::vector<Obeyed> const& orders) = 0;
  /// `may_write`: its registration is alive.
  virtual void task_started(sim::Datacenter datacenter, sim::Process const& by, bool may_write, TaskId const& task,
                            task::Spec const& spec) = 0;
};

/// What every daemon has: process, engine, trace.
template <class Machine>
class Host : public ports::Inbox<typename Machine::Command>, private engine::Observer<Machine> {
public:
  using Command = typename Machine::Command;
  using Effect = typename Machine::Effect;
  using Event = typename Machine::Event;
  using State = typename Machine::State;
  using Refusal = typename Machine::Refusal;

  Host(sim::World& world, sim::NodeId node, std::string name, Trace& trace)
      : process_(world, node, std::move(name)), trace_(trace) {}

  sim::Process& process() { return process_; }
  State const& state() const { return engine_->state(); }
  void query(std::function<void(State const&)> question) { engine_->query(std::move(question)); }

  void post(Command command) override {
    process_.enter_later([this, command = std::move(command)]() mutable { step(std::move(command)); });
  }
  /// Dies after that many more effects: somewhere between saving and the last effect.
  void kill_after(std::uint32_t effects) { effects_left_ = effects + 1; }
  void spare() { effects_left_ = 0; }

protected:
  void run(State initial) {
    typename engine::Engine<Machine>::Hands hands;
    hands.perform = [this](Effect const& effect) { perform_unless_dead(effect); };
    hands.save = [this](std::vector<Event> const& events, State const& after) {
      if (process_.is_alive()) save(events, after);
    };
    typename engine::Engine<Machine>::Observers observers{this};
    if (Recordings* const recordings = trace_.recordings()) {
      std::string const machine = std::is_same_v<Machine, engine::MasterMachine> ? "master" : "worker";
      ports::TraceSink& sink = recordings->lives.emplace_back(process_.name(), machine);
      recorder_ = std::make_unique<trace::Recorder<Machine>>(sink, trace::Author{"simulated", machine, process_.name()},
                                                             recordings->file_bytes_max);
      observers.push_back(recorder_.get());
    }
    engine_ = std::make_unique<engine::Engine<Machine>>(std::move(initial), std::move(hands), std::move(observers));
    process_.enter_later([this] { engine_->start(); });
  }
  virtual void perform(Effect const& effect) = 0;
  virtual void save(std::vector<Event> const& /*events*/, State const& /*after*/) {
    DC_ASSERT(!"nothing is durable here");
  }
  virtual void asked(Command const& /*command*/) {}
  virtual void happened(Event const& /*event*/) {}

  Envelope<Command> envelope(Command command) {
    return Envelope<Command>{process_.now(), process_.wall_now(), process_.draw(), std::move(command),
                             Machine::fresh_token(process_)};
  }
  void wake_at(TimerName const& timer, Instant at) {
    process_.wake_at(timer, at, [this, timer] { step(typename Machine::TimerFired{timer}); });
  }
  engine::Engine<Machine>& engine() { return *engine_; }
  Trace& trace() { return trace_; }

private:
  void step(Command command) { engine_->step(envelope(std::move(command))); }
  void perform_unless_dead(Effect const& effect) {
    if (!process_.is_alive()) return;
    if (effects_left_ > 0 && --effects_left_ == 0) {
      trace_.note(process_.name(), "fault", "killed between effects");
      process_.kill();
      return;
    }
    perform(effect);
  }

  void on_command(Envelope<Command> const& command, State const&) override {
    note("command", command.body);
    asked(command.body);
  }
  void on_refusal(Envelope<Command> const&, Refusal const& refusal) override { note("refusal", refusal); }
  void on_event(Event const& event, State const&) override {
    note("event", event);
    happened(event);
  }
  void on_effect(Effect const& effect) override {
    if (process_.is_alive()) note("effect", effect);
  }
  template <class What>
  void note(char const* kind, What const& what) {
    if (!trace_.is_wanted()) return;
    trace_.note(process_.name(), kind, trace::fingerprint(what), [&] { return trace::describe(what); });
  }

  sim::Process process_;
  Trace& trace_;
  std::unique_ptr<trace::Recorder<Machine>> recorder_;  // null: not asked for
  std::unique_ptr<engine::Engine<Machine>> engine_;
  std::uint32_t effects_left_ = 0;  // 0: lives on
};

/// What the daemons of one simulated datacenter share.
struct Surroundings {
  sim::World& world;
  sim::Network& network;
  sim::Directory& directory;
  sim::SimCluster& cluster;
  sim::Datacenter datacenter;
  Trace& trace;
  Witness& witness;
};

class MasterHost final : public Host<engine::MasterMachine> {
public:
  MasterHost(Surroundings around, sim::NodeId node, std::string name, master::Identity identity);
  sim::MasterDoor door();

private:
  void perform(master::Effect const& effect) override;
  void save(std::vector<master::Event> const& events, master::State const& after) override;
  void asked(master::Command const& command) override;
  void happened(master::Event const& event) override;

  Surroundings around_;
  master::Identity identity_;
  sim::SimAgency agency_;
  std::unique_ptr<ports::MasterStore> store_;
  sim::SimOwnWorkers workers_;
  sim::SimRemoteMasters remotes_;
  sim::SimClusterControl control_;
  sim::SimCertificateMaker certificates_;
  std::optional<sync::Order> order_;  // of the command that is decided now
  std::vector<Obeyed> obeyed_;        // and not saved yet
  sim::SimCallers callers_;
};

class WorkerHost final : public Host<engine::WorkerMachine> {
public:
  WorkerHost(Surroundings around, sim::NodeId node, std::string name, Url endpoint, std::vector<Url> masters);
  sim::WorkerDoor door();
  sim::SimQueue& queue() { return queue_; }

private:
  void perform(worker::Effect const& effect) override;
  void happened(worker::Event const& event) override;

  Surroundings around_;
  sim::SimOwnMaster master_;
  sim::SimQueue queue_;
  sim::SimSourceCluster source_;
  sim::SimTargetCluster target_;
};

}  // namespace arangosync::replay
