#include "domain/worker/orders.h"

#include "domain/base/check.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace arangosync::worker::orders {

bool is_numbered(Order const& order) { return order.term != Term() && order.number != RequestId(); }

bool is_older(Order const& order, Order const& than) {
  if (!is_numbered(order) || !is_numbered(than)) return false;
  return std::tie(order.term, order.number) < std::tie(than.term, than.number);
}

bool is_overtaken(State const& state, TaskId const& task, Order const& start) {
  if (!is_numbered(start)) return false;
  RequestId const* const stop = state.stops.find(task);
  return start.number < (stop != nullptr ? *stop : state.forgotten);
}

State stopped(State state, TaskId const& task, RequestId number) {
  RequestId const* const known = state.stops.find(task);
  if (known != nullptr && number <= *known) return state;
  state.stops.set(task, number);
  if (state.stops.size() <= stops_kept) return state;
  std::optional<std::pair<RequestId, TaskId>> oldest;
  state.stops.for_each([&](TaskId const& id, RequestId at) {
    if (!oldest || at < oldest->first) oldest = {at, id};
  });
  state.forgotten = std::max(state.forgotten, oldest->first);
  state.stops.erase(oldest->second);
  return state;
}

void check_invariants(State const& state) { DC_ASSERT(state.stops.size() <= stops_kept); }

}  // namespace arangosync::worker::orders
