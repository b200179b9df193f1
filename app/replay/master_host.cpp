#include "adapters/agency/master_store.h"
#include "app/replay/host.h"
#include "domain/master/view.h"

#include <utility>
#include <variant>

namespace arangosync::replay {

MasterHost::MasterHost(Surroundings around, sim::NodeId node, std::string name, master::Identity identity)
    : Host(around.world, node, std::move(name), around.trace),
      around_(around),
      identity_(identity),
      agency_(process(), around.network, around.cluster),
      store_(std::make_unique<agency::AgencyMasterStore>(agency_, *this, process(), identity_)),
      workers_(process(), around.network, around.directory, *this),
      remotes_(process(), around.network, around.directory, *this),
      control_(process(), around.network, around.cluster, *this),
      certificates_(process(), *this) {
  run(master::initial_state(std::move(identity)));
}

sim::MasterDoor MasterHost::door() {
  sim::MasterDoor door;
  door.process = &process();
  door.inbox = this;
  door.callers = &callers_;
  door.identity = identity_;
  door.endpoints = [this] { return master::public_endpoints(state()); };
  door.lineage = [this] { return master::lineage(state()); };
  door.leader = [this] { return master::leader_endpoint(state()); };
  door.find_sender = [this](ChannelName channel, Token token, std::function<void(std::optional<Url>)> answer) {
    query([this, channel, token, answer](master::State const& state) {
      if (!master::is_leading(state, process().now()) || !master::token_valid(state, token, process().wall_now()))
        return answer(std::nullopt);
      auto const publisher = master::publisher_of(state, channel);
      answer(publisher ? std::optional<Url>(publisher->endpoint) : std::nullopt);
    });
  };
  return door;
}

void MasterHost::perform(master::Effect const& effect) {
  std::visit(
      [this](auto const& what) {
        if constexpr (requires { store_->perform(what); }) {
          store_->perform(what);
        } else if constexpr (requires { workers_.perform(what); }) {
          workers_.perform(what);
        } else if constexpr (requires { remotes_.perform(what); }) {
          remotes_.perform(what);
        } else if constexpr (requires { control_.perform(what); }) {
          control_.perform(what);
        } else if constexpr (requires { certificates_.perform(what); }) {
          certificates_.perform(what);
        } else if constexpr (requires { callers_.perform(what); }) {
          callers_.perform(what);
        } else {
          wake_at(what.timer, what.at);
        }
      },
      effect);
}

void MasterHost::save(std::vector<master::Event> const& events, master::State const& after) {
  Term const term = master::term_of(after);
  std::uint64_t const first = master::first_sequence(after, events.size());
  std::uint64_t const count = events.size();
  auto done = [this, term, first, count, orders = std::exchange(obeyed_, {})](master::WriteOutcome outcome) {
    process().enter_later([this, term, first, count, orders, outcome] {
      trace().note(process().name(), "save", outcome == master::WriteOutcome::Applied ? "applied" : "not applied");
      auto told = engine::SaveOutcome::Unknown;
      if (outcome == master::WriteOutcome::Applied) {
        told = engine::SaveOutcome::Applied;
        around_.witness.saved(around_.datacenter, process().name(), term, first, count);
        around_.witness.obeyed(around_.datacenter, process().name(), first, orders);
      } else if (outcome == master::WriteOutcome::Refused) {
        told = engine::SaveOutcome::Refused;
      }
      engine().saved(told, [this] { return envelope(master::SaveFailed{"the save was not applied"}); });
    });
  };
  store_->save(term, first, events, after, std::move(done));
}

void MasterHost::asked(master::Command const& command) {
  order_.reset();
  if (auto const* const accept = std::get_if<master::AcceptOutgoing>(&command)) order_ = accept->order;
  if (auto const* const remove = std::get_if<master::RemoveOutgoing>(&command)) order_ = remove->order;
}

void MasterHost::happened(master::Event const& event) {
  auto const* const of_targets = std::get_if<sync::OutgoingEvent>(&event);
  if (of_targets == nullptr || !order_) return;
  if (auto const* const heard = std::get_if<sync::TargetHeard>(of_targets)) obeyed_.push_back({heard->id, *order_});
  if (auto const* const entered = std::get_if<sync::OutgoingEntered>(of_targets)) {
    obeyed_.push_back({entered->outgoing.id, *order_});
  }
  if (auto const* const let_go = std::get_if<sync::OutgoingCancelled>(of_targets)) {
    obeyed_.push_back({let_go->id, *order_});
  }
}

}  // namespace arangosync::replay
