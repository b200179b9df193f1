#include "domain/base/check.h"
#include "domain/master/master.h"

#include <algorithm>

namespace arangosync::master {

namespace {

void check_errands(Office const& office, RequestId next_request) {
  Errands const& errands = office.errands;
  DC_ASSERT(errands.open.size() == errands.under_way.size() + errands.waiting.size());
  for (auto const& [errand, attempt] : errands.open) {
    DC_ASSERT(attempt.want != Want::Nothing);
    if (attempt.under_way) {
      DC_ASSERT(errands.under_way.at(attempt.request) == errand);
      DC_ASSERT(attempt.request < next_request);
    } else {
      DC_ASSERT(errands.waiting.count({attempt.retry_at, errand}) > 0);
      DC_ASSERT(want(office, errand) == attempt.want);
    }
  }
  // Nothing that should happen is forgotten, nothing goes on that should not.
  auto const wanted = all_wanted(office);
  DC_ASSERT(std::equal(wanted.begin(), wanted.end(), errands.open.begin(), errands.open.end(),
                       [](auto const& one, auto const& open) { return one.first == open.first; }));
}

void check_rooms_agree(Office const& office) {
  DC_ASSERT(std::equal(office.members.begin(), office.members.end(), office.tasks.load.begin(), office.tasks.load.end(),
                       [](auto const& member, auto const& load) { return member.first == load.first; }));
  for (auto const& [id, task] : office.tasks.tasks) {
    bool const is_receiver =
        task.spec.kind == task::Kind::ReceiveInventory || task.spec.kind == task::Kind::ReceiveShard;
    DC_ASSERT(is_receiver == !task.spec.target.has_value());
    // A task outlives neither its synchronization nor the entry of its shard: where to send it would be unknown.
    DC_ASSERT(sync::status_of(office.sync, task.spec.target).has_value());
    if (task.spec.shard) DC_ASSERT(sync::find(office.sync, task.spec.target, *task.spec.shard) != nullptr);
  }
}

}  // namespace

void check_invariants(State const& state) {
  election::check_invariants(state.election);
  bool const holds = std::holds_alternative<election::Holding>(state.election.phase);
  DC_ASSERT(holds == state.office.has_value());
  if (!holds) return;
  Office const& office = *state.office;
  DC_ASSERT(office.term == std::get<election::Holding>(state.election.phase).lease.term);
  membership::check_invariants(office.members);
  task::check_invariants(office.tasks);
  access::check_invariants(office.tokens);
  sync::check_invariants(office.sync);
  check_rooms_agree(office);
  check_errands(office, state.next_request);
}

}  // namespace arangosync::master
