#include "adapters/agency/master_store.h"
#include "app/replay/host.h"
#include "domain/master/view.h"

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
      if (!master::is_leading(state) || !master::token_valid(state, token, process().wall_now()))
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
  store_->save(term, first, events, after, [this, term, first, count](master::WriteOutcome outcome) {
    process().enter_later([this, term, first, count, outcome] {
      trace().note(process().name(), "save", outcome == master::WriteOutcome::Applied ? "applied" : "not applied");
      auto told = engine::SaveOutcome::Unknown;
      if (outcome == master::WriteOutcome::Applied) {
        told = engine::SaveOutcome::Applied;
        around_.witness.saved(around_.datacenter, process().name(), term, first, count);
      } else if (outcome == master::WriteOutcome::Refused) {
        told = engine::SaveOutcome::Refused;
      }
      engine().saved(told, [this] { return envelope(master::SaveFailed{"the save was not applied"}); });
    });
  });
}

}  // namespace arangosync::replay
