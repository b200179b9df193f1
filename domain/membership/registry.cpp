#include "domain/membership/registry.h"

#include "domain/base/check.h"
#include "domain/base/overloaded.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace arangosync::membership {

bool is_durable(Event const& event) {
  return std::holds_alternative<WorkerJoined>(event) || std::holds_alternative<WorkerLeft>(event);
}

bool is_overtaken(Members const& members, WorkerId const& worker, ReportKind kind, RequestId number) {
  auto const member = members.find(worker);
  if (number == RequestId() || member == members.end()) return false;
  auto const newest = member->second.heard.find(kind);
  return newest != member->second.heard.end() && number < newest->second;
}

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
                 [&](WorkerHeard const& heard) {
                   auto const member = members.find(heard.worker);
                   if (member != members.end()) member->second.heard[heard.kind] = heard.number;
                 },
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
