#include "domain/worker/orders.h"

#include "domain/base/check.h"

#include <cstdint>
#include <tuple>

namespace arangosync::worker::orders {

bool is_numbered(Order const& order) { return order.term != Term() && order.number != RequestId(); }

bool is_older(Order const& order, Order const& than) {
  if (!is_numbered(order) || !is_numbered(than)) return false;
  if (order.at >= than.at + late_max) return false;
  return std::tie(order.term, order.number) < std::tie(than.term, than.number);
}

bool is_overtaken(State const& state, TaskId const& task, Order const& start) {
  if (!is_numbered(start)) return false;
  Stop const* const known = state.stops.find(task);
  Stop const& stop = known != nullptr ? *known : state.forgotten;
  return start.number < stop.number && start.at < stop.at + late_max;
}

State stopped(State state, TaskId const& task, Stop const& stop) {
  Stop const* const known = state.stops.find(task);
  bool const is_known = known != nullptr && stop.number <= known->number && stop.at < known->at + late_max;
  if (is_known) return state;
  state.stops.set(task, stop);
  if (state.stops.size() <= stops_kept) return state;
  TaskId oldest;
  Stop first{RequestId(~std::uint64_t{0}), {}};
  state.stops.for_each([&](TaskId const& id, Stop const& each) {
    if (each.number < first.number) std::tie(oldest, first) = std::tie(id, each);
  });
  if (state.forgotten.number <= first.number) state.forgotten = first;
  state.stops.erase(oldest);
  return state;
}

void check_invariants(State const& state) { DC_ASSERT(state.stops.size() <= stops_kept); }

}  // namespace arangosync::worker::orders
