#include "domain/access/tokens.h"

#include "domain/base/check.h"
#include "domain/base/overloaded.h"

namespace arangosync::access {

bool is_valid(Tokens const& tokens, Token const& token, WallTime now) {
  auto entry = tokens.find(token);
  // A chain longer than the number of tokens cannot be one; check_invariants finds the ring.
  for (std::size_t steps = 0; steps <= tokens.size(); ++steps) {
    if (entry == tokens.end()) return false;
    if (entry->second.expires_at <= now) return false;
    if (!entry->second.parent) return true;
    entry = tokens.find(*entry->second.parent);
  }
  return false;
}

bool descends(Tokens const& tokens, Token const& token, Token const& ancestor) {
  auto entry = tokens.find(token);
  for (std::size_t steps = 0; steps <= tokens.size() && entry != tokens.end(); ++steps) {
    if (entry->first == ancestor) return true;
    if (!entry->second.parent) return false;
    entry = tokens.find(*entry->second.parent);
  }
  return false;
}

std::vector<Token> expired(Tokens const& tokens, WallTime now, std::size_t limit) {
  std::vector<Token> gone;
  for (auto const& [token, entry] : tokens) {
    if (gone.size() == limit) break;
    if (!is_valid(tokens, token, now)) gone.push_back(token);
  }
  return gone;
}

std::vector<Token> held_by(Tokens const& tokens, Holder const& holder) {
  std::vector<Token> found;
  for (auto const& [token, entry] : tokens) {
    if (entry.holder == holder) found.push_back(token);
  }
  return found;
}

void apply(Tokens& tokens, Event const& event) {
  std::visit(overloaded{
                 [&](TokenIssued const& issued) { tokens[issued.token] = issued.entry; },
                 [&](TokenExtended const& extended) {
                   auto const entry = tokens.find(extended.token);
                   if (entry != tokens.end()) entry->second.expires_at = extended.expires_at;
                 },
                 [&](TokensExpired const& expired) {
                   for (Token const& token : expired.tokens) tokens.erase(token);
                 },
                 [&](TokensRevoked const& revoked) {
                   for (Token const& token : revoked.tokens) tokens.erase(token);
                 },
             },
             event);
}

void check_invariants(Tokens const& tokens) {
  for (auto const& [token, entry] : tokens) {
    DC_ASSERT(!token.value().empty());
    if (entry.parent) DC_ASSERT(*entry.parent != token);
  }
}

}  // namespace arangosync::access
