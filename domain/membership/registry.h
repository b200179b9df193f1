// Which workers exist: registrations that must be renewed (spec arangosync-api 5.1).
//
// Called by the master's root room. Records are durable; when a registration ends is the leader's memory, and a new
// leader grants every stored worker one full period.
#pragma once

#include "domain/base/ids.h"
#include "domain/base/instant.h"
#include "domain/membership/worker_record.h"

#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace arangosync::membership {

struct Member {
  WorkerRecord record;
  Instant expires_at;
  friend bool operator==(Member const&, Member const&) = default;
};

using Members = std::map<WorkerId, Member>;

// ---- events -------------------------------------------------------------------------------------------------------
struct WorkerJoined {  ///< durable
  WorkerRecord record;
  Instant expires_at;
  friend bool operator==(WorkerJoined const&, WorkerJoined const&) = default;
};
struct RegistrationRenewed {
  WorkerId worker;
  Instant expires_at;
  friend bool operator==(RegistrationRenewed const&, RegistrationRenewed const&) = default;
};
enum class Farewell { Expired, Unregistered, Replaced };
struct WorkerLeft {  ///< durable
  WorkerId worker;
  Farewell why = Farewell::Expired;
  friend bool operator==(WorkerLeft const&, WorkerLeft const&) = default;
};
using Event = std::variant<WorkerJoined, RegistrationRenewed, WorkerLeft>;

Member const* at_endpoint(Members const& members, Url const& endpoint);
std::vector<WorkerId> expired(Members const& members, Instant now);
std::optional<Instant> next_expiry(Members const& members);

void apply(Members& members, Event const& event);
/// Ids match their records; no two workers share an endpoint.
void check_invariants(Members const& members);

}  // namespace arangosync::membership
