#include "domain/worker/registration.h"

#include "domain/base/check.h"
#include "domain/base/overloaded.h"

namespace arangosync::worker::registration {

State evolve(State state, Event const& event) {
  std::visit(overloaded{
                 [&](Asked const& e) {
                   state.request = e.request;
                   state.sent_at = e.at;
                 },
                 [&](Held const& e) {
                   state.request.reset();
                   state.id = e.id;
                   state.write_until = e.write_until;
                   state.message_timeout = e.message_timeout;
                   state.failures = 0;
                   state.renew_at = e.renew_at;
                 },
                 [&](Failed const& e) {
                   state.request.reset();
                   ++state.failures;
                   state.renew_at = e.retry_at;
                 },
             },
             event);
  return state;
}

void check_invariants(State const& state) {
  // Nobody may write to the target, or knows the datacenter's timeout, before a master has taken the worker in.
  DC_ASSERT(state.id || state.write_until == Instant{});
  DC_ASSERT(state.id || state.message_timeout == Duration{0});
  DC_ASSERT(state.request || state.renew_at >= state.sent_at);
}

}  // namespace arangosync::worker::registration
