// Who leads among the masters of a datacenter: one machine per master, over the lease in the agency (lease.h).
//
//   Watching --free, or unchanged for the expiry--> Campaigning --applied--> Holding --lost or own deadline--> Watching
//
// A holder trusts its lease only until `deadline`: counted from *before* its last successful write was sent, so it
// stops before any follower, who counts from after it has seen that write, can take over. Called by the master's root
// room. Never performs I/O and never compares clocks of two machines.
#pragma once

#include "domain/base/ids.h"
#include "domain/base/instant.h"
#include "domain/base/limits.h"
#include "domain/election/lease.h"

#include <optional>
#include <string>
#include <variant>

namespace arangosync::election {

/// The holder stops this long before a follower could start.
inline constexpr Duration holder_margin = std::chrono::seconds(5);
static_assert(limits::lease_renewal * 2 < limits::lease_expiry - holder_margin);

struct Watching {
  bool looked = false;        ///< the lease was read at least once
  std::optional<Lease> seen;  ///< as last read; absent: there is none
  Instant since;              ///< when `seen` was first seen like this
  friend bool operator==(Watching const&, Watching const&) = default;
};
struct Campaigning {
  RequestId request;
  std::optional<Lease> expected;
  Lease next;
  Instant sent_at;
  friend bool operator==(Campaigning const&, Campaigning const&) = default;
};
struct Renewal {
  RequestId request;
  Lease next;
  Instant sent_at;
  friend bool operator==(Renewal const&, Renewal const&) = default;
};
struct Holding {
  Lease lease;
  Instant deadline;
  std::optional<Renewal> renewal;  ///< under way
  friend bool operator==(Holding const&, Holding const&) = default;
};

struct State {
  std::variant<Watching, Campaigning, Holding> phase;
  std::optional<RequestId> reading;  ///< the read under way
  friend bool operator==(State const&, State const&) = default;
};

// ---- events, none durable: the lease itself is the memory -------------------------------------------------------
struct LeaseAsked {
  RequestId request;
  friend bool operator==(LeaseAsked const&, LeaseAsked const&) = default;
};
struct LeaseSeen {  ///< a read came back
  std::optional<Lease> lease;
  Instant at;
  friend bool operator==(LeaseSeen const&, LeaseSeen const&) = default;
};
struct LeaseUnreadable {
  Instant at;
  friend bool operator==(LeaseUnreadable const&, LeaseUnreadable const&) = default;
};
struct Campaigned {
  RequestId request;
  std::optional<Lease> expected;
  Lease next;
  Instant at;
  friend bool operator==(Campaigned const&, Campaigned const&) = default;
};
struct Elected {
  Instant at;
  friend bool operator==(Elected const&, Elected const&) = default;
};
struct CampaignLost {
  Instant at;
  friend bool operator==(CampaignLost const&, CampaignLost const&) = default;
};
struct RenewalSent {  ///< next.holder empty: gives the lease back
  RequestId request;
  Lease next;
  Instant at;
  friend bool operator==(RenewalSent const&, RenewalSent const&) = default;
};
struct Renewed {
  friend bool operator==(Renewed const&, Renewed const&) = default;
};
struct RenewalUnsure {  ///< refused or unknown: look at the lease before believing anything
  friend bool operator==(RenewalUnsure const&, RenewalUnsure const&) = default;
};
struct SteppedDown {
  Instant at;
  std::string reason;
  friend bool operator==(SteppedDown const&, SteppedDown const&) = default;
};
using Event = std::variant<LeaseAsked, LeaseSeen, LeaseUnreadable, Campaigned, Elected, CampaignLost, RenewalSent,
                           Renewed, RenewalUnsure, SteppedDown>;

/// What a watcher that has just read `lease` at `at` should take over, if anything: nothing while another's lease
/// moves. `patience` is added to the expiry so that several followers do not all try at once.
bool may_take_over(Watching const& watching, std::optional<Lease> const& lease, MasterId const& self, Instant at,
                   Duration patience);
/// The lease of the next term.
Lease claim(std::optional<Lease> const& lease, MasterId const& self);
Lease renewed(Lease const& lease);
Lease given_back(Lease const& lease);
Instant deadline_of(Instant sent_at);

void apply(State& state, Event const& event);
void check_invariants(State const& state);

}  // namespace arangosync::election
