// Tokens by which the other datacenter reads our queue (spec arangosync-api 6, arangosync-agency 2.8).
//
// A top-level token is given to the other master; it clones it for its tasks. A child dies with its parent. Called by
// the master's root room; pure bookkeeping, wall time is always an argument.
#pragma once

#include "domain/base/ids.h"
#include "domain/base/instant.h"

#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace arangosync::access {

/// Whom a token was given to: a target by its cluster id, or (absent) the source we receive from.
struct Holder {
  std::optional<ClusterId> target;
  friend bool operator==(Holder const&, Holder const&) = default;
};

struct TokenEntry {
  WallTime expires_at;
  std::optional<Token> parent;
  std::optional<Holder> holder;  ///< absent: not known (an original's client did not say)
  friend bool operator==(TokenEntry const&, TokenEntry const&) = default;
};

using Tokens = std::map<Token, TokenEntry>;

// ---- events, all durable ----------------------------------------------------------------------------------------
struct TokenIssued {
  Token token;
  TokenEntry entry;
  friend bool operator==(TokenIssued const&, TokenIssued const&) = default;
};
struct TokenExtended {
  Token token;
  WallTime expires_at;
  friend bool operator==(TokenExtended const&, TokenExtended const&) = default;
};
struct TokensExpired {  ///< forgotten, together with children of what is gone
  std::vector<Token> tokens;
  friend bool operator==(TokensExpired const&, TokensExpired const&) = default;
};
struct TokensRevoked {  ///< their holder has left
  std::vector<Token> tokens;
  friend bool operator==(TokensRevoked const&, TokensRevoked const&) = default;
};
using Event = std::variant<TokenIssued, TokenExtended, TokensExpired, TokensRevoked>;

/// Known, not expired, and the same is true of its parents.
bool is_valid(Tokens const& tokens, Token const& token, WallTime now);
/// It is `ancestor` itself, or was cloned from it, directly or not.
bool descends(Tokens const& tokens, Token const& token, Token const& ancestor);
/// At most `limit` tokens that are no longer valid.
std::vector<Token> expired(Tokens const& tokens, WallTime now, std::size_t limit);

/// All tokens of that holder, clones included.
std::vector<Token> held_by(Tokens const& tokens, Holder const& holder);

void apply(Tokens& tokens, Event const& event);
/// Every parent chain ends; no token is its own ancestor.
void check_invariants(Tokens const& tokens);

}  // namespace arangosync::access
