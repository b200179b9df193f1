#include "app/replay/host.h"
#include "domain/worker/view.h"

namespace arangosync::replay {

WorkerHost::WorkerHost(Surroundings around, sim::NodeId node, std::string name, Url endpoint, std::vector<Url> masters)
    : Host(around.world, node, std::move(name), around.trace),
      around_(around),
      master_(process(), around.network, around.directory, *this, std::move(masters),
              sim::WorkerSelf{endpoint, Token(around.world.draw().alphanumeric(20)), endpoint.value()}),
      queue_(process(), around.network, around.directory, *this),
      source_(process(), around.network, around.cluster, *this),
      target_(process(), around.network, around.cluster, *this) {
  run(worker::initial_state(worker::Config{endpoint}));
}

sim::WorkerDoor WorkerHost::door() {
  auto const has_task = [this](TaskId const& task, WorkerId const& worker) {
    return worker::has_task(state(), task, worker);
  };
  auto const has_let_go = [this](TaskId const& task) { return worker::has_let_go(state(), task); };
  auto const is_deposed = [this](Term term) { return worker::is_deposed(state(), term); };
  return sim::WorkerDoor{&process(), this, &queue_, has_task, has_let_go, is_deposed};
}

void WorkerHost::happened(worker::Event const& event) {
  auto const* const of_task = std::get_if<worker::TaskEvent>(&event);
  if (of_task == nullptr) return;
  if (auto const* const started = std::get_if<worker::TaskStarted>(of_task)) {
    bool const may_write = worker::is_registered(state(), process().now());
    around_.witness.task_started(around_.datacenter, process(), may_write, started->task, started->spec);
  }
}

void WorkerHost::perform(worker::Effect const& effect) {
  std::visit(
      [this](auto const& what) {
        if constexpr (requires { master_.perform(what); }) {
          master_.perform(what);
        } else if constexpr (requires { source_.perform(what); }) {
          source_.perform(what);
        } else if constexpr (requires { target_.perform(what); }) {
          target_.perform(what);
        } else if constexpr (requires { queue_.perform(what); }) {
          queue_.perform(what);
        } else {
          wake_at(what.timer, what.at);
        }
      },
      effect);
}

}  // namespace arangosync::replay
