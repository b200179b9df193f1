// Election, registry of masters, timers, shutdown: what every master does, leading or not.
#include "domain/base/limits.h"
#include "domain/base/mark.h"
#include "domain/master/decide.h"
#include "domain/master/timers.h"
#include "domain/master/view.h"

#include <utility>

namespace arangosync::master {

namespace {

constexpr Duration patience_max = std::chrono::seconds(2);

void give_lease_back(Script& script, election::Lease const& lease) {
  script.write(election::RenewalSent{script.next_request(), election::given_back(lease), script.at()});
}

Decision decide_lease_timer(Script script) {
  State const& state = script.before();
  if (std::holds_alternative<election::Watching>(state.election.phase)) {
    if (!state.stopping) script.write(election::LeaseAsked{script.next_request()});
    return std::move(script).done();
  }
  auto const* const holding = std::get_if<election::Holding>(&state.election.phase);
  bool const is_busy = holding == nullptr || holding->renewal || state.election.reading;
  if (is_busy) return std::move(script).done();
  if (state.stopping) {
    give_lease_back(script, holding->lease);
  } else {
    script.write(election::RenewalSent{script.next_request(), election::renewed(holding->lease), script.at()});
  }
  return std::move(script).done();
}

Decision campaign_answered(Script script, election::Campaigning const& campaign, WriteOutcome outcome) {
  if (outcome != WriteOutcome::Applied) {
    DC_MARK("master.campaign.lost");
    script.write(election::CampaignLost{script.at()});
    return std::move(script).done();
  }
  script.write(election::Elected{script.at()});
  if (script.before().stopping) give_lease_back(script, campaign.next);
  return std::move(script).done();
}

Decision renewal_answered(Script script, election::Renewal const& renewal, WriteOutcome outcome) {
  if (renewal.next.holder.value().empty()) {
    script.write(election::SteppedDown{script.at(), "the lease is given back"});
    return std::move(script).done();
  }
  if (outcome == WriteOutcome::Applied) {
    script.write(election::Renewed{});
    if (script.before().stopping) give_lease_back(script, renewal.next);
    return std::move(script).done();
  }
  // Refused may mean that an earlier write of ours, given up as unknown, arrived after all. Only a look can tell.
  DC_MARK("master.renewal.unsure");
  script.write(election::RenewalUnsure{});
  script.write(election::LeaseAsked{script.next_request()});
  return std::move(script).done();
}

void look_as_holder(Script& script, election::Holding const& holding, std::optional<election::Lease> const& lease) {
  bool const is_ours = lease && lease->holder == script.before().identity.id && lease->term == holding.lease.term;
  if (!is_ours) {
    script.write(election::SteppedDown{script.at(), "another master has taken the lease over"});
    return;
  }
  script.write(election::LeaseSeen{lease, script.at()});
  if (script.before().stopping) {
    give_lease_back(script, *lease);
  } else {
    script.write(election::RenewalSent{script.next_request(), election::renewed(*lease), script.at()});
  }
}

void look_as_watcher(Script& script, election::Watching const& watching, std::optional<election::Lease> const& lease) {
  MasterId const& self = script.before().identity.id;
  auto const patience =
      Duration(static_cast<std::int64_t>(script.draw().below(static_cast<std::uint64_t>(patience_max.count()))));
  bool const is_free = election::may_take_over(watching, lease, self, script.at(), patience);
  script.write(election::LeaseSeen{lease, script.at()});
  if (is_free && !script.before().stopping) {
    script.write(election::Campaigned{script.next_request(), lease, election::claim(lease, self), script.at()});
  }
}

/// The source reaches our queue through our masters: when they change while it knows us, it is told again.
void tell_source_of_masters(Script& script, std::vector<Url> const& known) {
  if (!is_leading(script.before())) return;
  auto const& incoming = script.office().sync.incoming;
  if (!incoming || !incoming->announced || !sync::is_active(incoming->status)) return;
  if (public_endpoints(script.current()) == known) return;
  DC_MARK("master.masters.changed");
  script.write(sync::OwnTokenGiven{incoming->own_token});
}

}  // namespace

Decision decide(Script script, TimerFired const& command) {
  if (command.timer == timers::lease()) return decide_lease_timer(std::move(script));
  // That the deadline has passed is seen before any command; a wake-up that was armed for an earlier one is nothing.
  if (command.timer == timers::lease_end()) return std::move(script).done();
  if (command.timer == timers::announce()) {
    if (!script.before().stopping) script.write(MastersAsked{script.next_request()});
    return std::move(script).done();
  }
  bool const has_state = script.before().office && script.before().office->loaded;
  bool const is_errand_timer = command.timer == timers::errands() && script.before().office;
  // Timers of an office that is gone.
  if (!has_state && !is_errand_timer) return std::move(script).done();
  return decide_office_timer(std::move(script), command.timer);
}

Decision decide(Script script, LeaseRead const& command) {
  election::State const& election = script.before().election;
  if (election.reading != command.request) return stale();
  if (!command.outcome) {
    script.write(election::LeaseUnreadable{script.at()});
    return std::move(script).done();
  }
  if (auto const* holding = std::get_if<election::Holding>(&election.phase)) {
    look_as_holder(script, *holding, *command.outcome);
  } else if (auto const* watching = std::get_if<election::Watching>(&election.phase)) {
    look_as_watcher(script, *watching, *command.outcome);
  } else {
    script.write(election::LeaseSeen{*command.outcome, script.at()});
  }
  return std::move(script).done();
}

Decision decide(Script script, LeaseWritten const& command) {
  election::State const& election = script.before().election;
  if (auto const* campaign = std::get_if<election::Campaigning>(&election.phase)) {
    if (campaign->request == command.request) {
      return campaign_answered(std::move(script), *campaign, command.outcome);
    }
  }
  if (auto const* holding = std::get_if<election::Holding>(&election.phase)) {
    if (holding->renewal && holding->renewal->request == command.request) {
      return renewal_answered(std::move(script), *holding->renewal, command.outcome);
    }
  }
  return stale();
}

Decision decide(Script script, MastersRead const& command) {
  if (script.before().announcing != command.request) return stale();
  if (!command.outcome) {
    script.write(AnnouncementDue{script.at() + limits::lease_watch});
    return std::move(script).done();
  }
  std::vector<Url> const known = public_endpoints(script.before());
  bool const has_changed = *command.outcome != script.before().masters;
  script.write(MastersSeen{*command.outcome});
  script.write(AnnouncementDue{script.at() + limits::lease_renewal});
  if (has_changed) tell_source_of_masters(script, known);
  return std::move(script).done();
}

Decision decide(Script script, SaveFailed const& command) {
  if (!script.before().office) return stale();
  DC_MARK("master.save.failed");
  script.write(election::SteppedDown{script.at(), "a save failed: " + command.reason});
  return std::move(script).done();
}

Decision decide(Script script, Shutdown const&) {
  State const& state = script.before();
  if (state.stopping) return std::move(script).done();
  script.write(ShutdownBegun{});
  auto const* const holding = std::get_if<election::Holding>(&state.election.phase);
  bool const is_idle = holding != nullptr && !holding->renewal && !state.election.reading;
  if (is_idle) give_lease_back(script, holding->lease);
  return std::move(script).done();
}

}  // namespace arangosync::master
