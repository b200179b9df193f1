// The worker's own standing with its master: its id, until when it may write to the target, and whom it obeys.
//
// Orders and answers carry the term of the leader they come from. Under one registration the newest term that was heard
// counts: what a leader says that another has followed, however late it comes, is not done (docs/decisions/0027).
#pragma once

#include "domain/base/ids.h"
#include "domain/base/instant.h"
#include "domain/shard/moment.h"

#include <optional>
#include <variant>

namespace arangosync::worker::registration {

struct State {
  std::optional<RequestId> request;
  Instant sent_at;             ///< of the request under way
  std::optional<WorkerId> id;  ///< absent until the first registration
  Instant write_until;         ///< end of the lease less the stop margin, by our own clock; 0: never registered
  Duration message_timeout{0};
  std::uint32_t failures = 0;
  Instant renew_at;
  Term term;                       ///< the newest heard under this registration; 0: none was told
  bool asked_before_term = false;  ///< the request under way was sent before `term` was heard
  friend bool operator==(State const&, State const&) = default;
};

struct Asked {  ///< → Register
  RequestId request;
  Instant at;
  friend bool operator==(Asked const&, Asked const&) = default;
};
struct Held {
  WorkerId id;
  Instant write_until;
  Duration message_timeout{0};
  Instant renew_at;
  Term term;
  friend bool operator==(Held const&, Held const&) = default;
};
struct Failed {
  Instant retry_at;
  friend bool operator==(Failed const&, Failed const&) = default;
};
struct TermHeard {  ///< an order came of a newer leader than any before
  Term term;
  friend bool operator==(TermHeard const&, TermHeard const&) = default;
};
using Event = std::variant<Asked, Held, Failed, TermHeard>;

/// Under the present registration a newer leader than that of this term was heard. Who does not say his is believed.
bool is_deposed(State const& state, Term term);

enum class Answer {
  Renewal,    ///< of the present registration
  Beginning,  ///< of a registration: what the one before was given is void
  Outdated,   ///< it comes of a leader that another has followed: as good as none
};
/// What an answer to the request under way is. When nobody may write any more under the present registration, an answer
/// of an older term to what was asked since the newer one was heard tells that the agency is not what it was: lost, or
/// an older one brought back. Else the worker would be shut out until the terms have grown again.
Answer weigh(State const& state, WorkerId const& id, Term term, Instant at);
/// The newest term after an answer that is not outdated.
Term newest_term(State const& state, Answer answer, Term term);

State evolve(State state, Event const& event);
void check_invariants(State const& state);

}  // namespace arangosync::worker::registration
