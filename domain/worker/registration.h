// The worker's own standing with its master: its id, and until when it may write to the target.
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
  friend bool operator==(Held const&, Held const&) = default;
};
struct Failed {
  Instant retry_at;
  friend bool operator==(Failed const&, Failed const&) = default;
};
using Event = std::variant<Asked, Held, Failed>;

State evolve(State state, Event const& event);
void check_invariants(State const& state);

}  // namespace arangosync::worker::registration
