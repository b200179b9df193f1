#include "domain/worker/registration.h"

#include "domain/base/check.h"
#include "domain/base/overloaded.h"

#include <algorithm>

namespace arangosync::worker::registration {

bool is_deposed(State const& state, Term term) { return term != Term() && term < state.term; }

Answer weigh(State const& state, WorkerId const& id, Term term, Instant at) {
  if (!state.id) return Answer::Beginning;
  if (is_deposed(state, term)) {
    bool const is_over = at >= state.write_until;
    return is_over && !state.asked_before_term ? Answer::Beginning : Answer::Outdated;
  }
  return *state.id == id ? Answer::Renewal : Answer::Beginning;
}

Term newest_term(State const& state, Answer answer, Term term) {
  return answer == Answer::Beginning ? term : std::max(state.term, term);
}

State evolve(State state, Event const& event) {
  std::visit(overloaded{
                 [&](Asked const& e) {
                   state.request = e.request;
                   state.sent_at = e.at;
                   state.asked_before_term = false;
                 },
                 [&](Held const& e) {
                   state.request.reset();
                   state.id = e.id;
                   state.write_until = e.write_until;
                   state.message_timeout = e.message_timeout;
                   state.failures = 0;
                   state.renew_at = e.renew_at;
                   state.term = e.term;
                   state.asked_before_term = false;
                 },
                 [&](Failed const& e) {
                   state.request.reset();
                   state.asked_before_term = false;
                   ++state.failures;
                   state.renew_at = e.retry_at;
                 },
                 [&](TermHeard const& e) {
                   state.term = e.term;
                   state.asked_before_term = state.request.has_value();
                 },
             },
             event);
  return state;
}

void check_invariants(State const& state) {
  // Nobody may write to the target, or knows the datacenter's timeout, before a master has taken the worker in.
  DC_ASSERT(state.id || state.write_until == Instant{});
  DC_ASSERT(state.id || state.message_timeout == Duration{0});
  DC_ASSERT(state.id || state.term == Term());
  DC_ASSERT(state.request || !state.asked_before_term);
  DC_ASSERT(state.request || state.renew_at >= state.sent_at);
}

}  // namespace arangosync::worker::registration
