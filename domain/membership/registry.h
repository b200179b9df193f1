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

/// Two that a worker sends side by side: either may come first.
enum class ReportKind { Status, Inventory };

struct Member {
  WorkerRecord record;
  Instant expires_at;
  std::map<ReportKind, RequestId> heard = {};  ///< the newest of its reports that has a number
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
struct WorkerHeard {  ///< it has reported
  WorkerId worker;
  ReportKind kind = ReportKind::Status;
  RequestId number;
  friend bool operator==(WorkerHeard const&, WorkerHeard const&) = default;
};
using Event = std::variant<WorkerJoined, RegistrationRenewed, WorkerLeft, WorkerHeard>;
bool is_durable(Event const& event);
/// It has said something newer than that.
bool is_overtaken(Members const& members, WorkerId const& worker, ReportKind kind, RequestId number);

Member const* at_endpoint(Members const& members, Url const& endpoint);
std::vector<WorkerId> expired(Members const& members, Instant now);
std::optional<Instant> next_expiry(Members const& members);

void apply(Members& members, Event const& event);
/// Ids match their records; no two workers share an endpoint.
void check_invariants(Members const& members);

}  // namespace arangosync::membership
