#include "domain/election/election.h"

#include "domain/base/check.h"
#include "domain/base/overloaded.h"

namespace arangosync::election {

namespace {

void apply_seen(State& state, LeaseSeen const& seen) {
  state.reading.reset();
  if (auto* watching = std::get_if<Watching>(&state.phase)) {
    // Standstill counts from the first time a value was seen, and starts anew with every change.
    if (watching->looked && watching->seen == seen.lease) return;
    *watching = Watching{true, seen.lease, seen.at};
  } else if (auto* holding = std::get_if<Holding>(&state.phase)) {
    // Only after a renewal of unknown outcome: go on from what is really there. It does not prolong the deadline.
    if (seen.lease) holding->lease = *seen.lease;
  }
}

}  // namespace

bool may_take_over(Watching const& watching, std::optional<Lease> const& lease, MasterId const& self, Instant at,
                   Duration patience) {
  if (!lease) return true;
  if (lease->holder.value().empty()) return true;
  // Our own name on a lease we do not hold: a write whose outcome we never learned, or a save that failed.
  if (lease->holder == self) return true;
  if (!watching.looked || watching.seen != lease) return false;
  return at - watching.since >= limits::lease_expiry + patience;
}

Lease claim(std::optional<Lease> const& lease, MasterId const& self) {
  return Lease{self, lease ? lease->term.next() : Term(1), 1};
}

Lease renewed(Lease const& lease) { return Lease{lease.holder, lease.term, lease.beat + 1}; }

Lease given_back(Lease const& lease) { return Lease{MasterId(), lease.term, lease.beat + 1}; }

Instant deadline_of(Instant sent_at) { return sent_at + (limits::lease_expiry - holder_margin); }

void apply(State& state, Event const& event) {
  std::visit(overloaded{
                 [&](LeaseAsked const& asked) { state.reading = asked.request; },
                 [&](LeaseSeen const& seen) { apply_seen(state, seen); },
                 [&](LeaseUnreadable const&) { state.reading.reset(); },
                 [&](Campaigned const& it) {
                   state.phase = Campaigning{it.request, it.expected, it.next, it.at};
                 },
                 [&](Elected const&) {
                   DC_ASSERT(std::holds_alternative<Campaigning>(state.phase));
                   auto const campaign = std::get<Campaigning>(state.phase);
                   state.phase = Holding{campaign.next, deadline_of(campaign.sent_at), std::nullopt};
                 },
                 [&](CampaignLost const&) { state.phase = Watching{}; },
                 [&](RenewalSent const& sent) {
                   DC_ASSERT(std::holds_alternative<Holding>(state.phase));
                   std::get<Holding>(state.phase).renewal = Renewal{sent.request, sent.next, sent.at};
                 },
                 [&](Renewed const&) {
                   DC_ASSERT(std::holds_alternative<Holding>(state.phase));
                   auto& holding = std::get<Holding>(state.phase);
                   DC_ASSERT(holding.renewal.has_value());
                   holding.lease = holding.renewal->next;
                   holding.deadline = deadline_of(holding.renewal->sent_at);
                   holding.renewal.reset();
                 },
                 [&](RenewalUnsure const&) {
                   if (auto* holding = std::get_if<Holding>(&state.phase)) holding->renewal.reset();
                 },
                 [&](SteppedDown const&) {
                   state.phase = Watching{};
                   state.reading.reset();
                 },
             },
             event);
}

void check_invariants(State const& state) {
  if (auto const* campaign = std::get_if<Campaigning>(&state.phase)) {
    DC_ASSERT(!campaign->next.holder.value().empty());
    if (campaign->expected) DC_ASSERT(campaign->next.term > campaign->expected->term);
  }
  if (auto const* holding = std::get_if<Holding>(&state.phase)) {
    DC_ASSERT(!holding->lease.holder.value().empty());
    if (holding->renewal) DC_ASSERT(holding->renewal->next.term == holding->lease.term);
  }
}

}  // namespace arangosync::election
