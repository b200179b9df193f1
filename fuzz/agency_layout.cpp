// What lies under /arangodb/arangosync in an agency, whoever wrote it: any bytes give a state or an error, never a
// crash. A state that was understood can be taken over by a leader, written again and read again.
#include "adapters/agency/layout.h"
#include "adapters/sim/agency_model.h"
#include "domain/base/check.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace {

using namespace arangosync;
namespace layout = agency::layout;

master::State leader_with(master::Persisted const& persisted) {
  master::Identity identity;
  identity.id = MasterId("m1");
  election::Lease const lease{MasterId("m1"), Term(1), 1};
  master::State state = master::initial_state(identity);
  state = master::evolve(std::move(state),
                         election::Event(election::Campaigned{RequestId(3), std::nullopt, lease, Instant{}}));
  state = master::evolve(std::move(state), election::Event(election::Elected{Instant{}}));
  return master::evolve(std::move(state), master::OfficeEvent(master::StateTaken{persisted, Instant{}}));
}

/// What a leader writes of it, as an agency holds it then.
std::string written(master::Persisted const& persisted) {
  master::State const state = leader_with(persisted);
  sim::AgencyModel agency;
  ports::AgencyTransaction transaction;
  transaction.operations = layout::render(layout::all_parts(state), state);
  DC_ASSERT(agency.write(transaction) > 0);
  return R"({"arangodb":{"arangosync":)" + agency.at("/arangodb/arangosync") + "}}";
}

/// As a leader that loads it does (domain/master/decide_office.cpp).
void keep_one_of_each_purpose(master::Persisted& persisted) {
  std::set<task::Purpose> seen;
  std::erase_if(persisted.tasks,
                [&](auto const& entry) { return !seen.insert(task::purpose_of(entry.second.spec)).second; });
}

void write_and_read_again(master::Persisted const& persisted) {
  auto const again = layout::read_state(written(persisted));
  DC_ASSERT(again.has_value());
  // Whatever was left out or completed the first time stays as it is from then on.
  auto const twice = layout::read_state(written(*again));
  DC_ASSERT(twice.has_value());
  DC_ASSERT(*twice == *again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string const answer(reinterpret_cast<char const*>(data), size);
  static_cast<void>(layout::read_lease(answer));
  static_cast<void>(layout::read_masters(answer));
  static_cast<void>(layout::read_fence(answer));
  if (auto state = layout::read_state(answer)) {
    keep_one_of_each_purpose(*state);
    write_and_read_again(*state);
  }
  return 0;
}
