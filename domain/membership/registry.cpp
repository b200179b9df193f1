#include "domain/membership/registry.h"

#include "domain/base/check.h"
#include "domain/base/overloaded.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace arangosync::membership {

Member const* at_endpoint(Members const& members, Url const& endpoint) {
  for (auto const& [id, member] : members) {
    if (member.record.endpoint == endpoint) return &member;
  }
  return nullptr;
}

std::vector<WorkerId> expired(Members const& members, Instant now) {
  std::vector<WorkerId> gone;
  for (auto const& [id, member] : members) {
    if (member.expires_at <= now) gone.push_back(id);
  }
  return gone;
}

std::optional<Instant> next_expiry(Members const& members) {
  std::optional<Instant> next;
  for (auto const& [id, member] : members) {
    if (!next || member.expires_at < *next) next = member.expires_at;
  }
  return next;
}

void apply(Members& members, Event const& event) {
  std::visit(overloaded{
                 [&](WorkerJoined const& joined) {
                   members[joined.record.id] = Member{joined.record, joined.expires_at};
                 },
                 [&](RegistrationRenewed const& renewed) {
                   auto const member = members.find(renewed.worker);
                   if (member == members.end()) return;
                   member->second.expires_at = std::max(member->second.expires_at, renewed.expires_at);
                 },
                 [&](WorkerLeft const& left) { members.erase(left.worker); },
             },
             event);
}

void check_invariants(Members const& members) {
  std::vector<std::string_view> endpoints;
  endpoints.reserve(members.size());
  for (auto const& [id, member] : members) {
    DC_ASSERT(member.record.id == id);
    endpoints.emplace_back(member.record.endpoint.value());
  }
  std::sort(endpoints.begin(), endpoints.end());
  DC_ASSERT(std::adjacent_find(endpoints.begin(), endpoints.end()) == endpoints.end());
}

}  // namespace arangosync::membership
