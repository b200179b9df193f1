#include "domain/master/decide.h"

#include "domain/base/mark.h"
#include "domain/master/calls.h"
#include "domain/master/timers.h"

#include <utility>

namespace arangosync::master {

namespace {

/// The lease may have ended without anybody telling us (a long pause of the process): believe the clock first.
bool is_overdue(State const& state, Instant at) {
  auto const* const holding = std::get_if<election::Holding>(&state.election.phase);
  return holding != nullptr && at >= holding->deadline;
}

Decision step_down_first(Script script, Command const& command) {
  DC_MARK("master.lease.overdue");
  script.write(election::SteppedDown{script.at(), "the lease could not be renewed in time"});
  if (auto const call = call_of(command)) {
    script.write(CallAnswered{*call, Refused{RefusalKind::NotLeader, "this master does not lead any more"}});
  }
  return std::move(script).done();
}

}  // namespace

Decision refuse(RefusalKind kind, std::string message) { return unexpected(Refusal{kind, std::move(message), false}); }

Decision stale() { return unexpected(Refusal{RefusalKind::Conflict, "nobody waits for this answer any more", true}); }

Decision decide(State const& state, Envelope<Command> const& command) {
  Script script(state, command);
  if (is_overdue(state, command.at)) return step_down_first(std::move(script), command.body);
  if (call_of(command.body) && !is_leading(state)) {
    return unexpected(Refusal{RefusalKind::NotLeader, "this master does not lead", true});
  }
  return std::visit([&](auto const& body) { return decide(std::move(script), body); }, command.body);
}

}  // namespace arangosync::master
