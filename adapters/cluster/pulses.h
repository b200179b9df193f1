// The pulses of workers (domain/worker/pulse.h): one document each in the system collection `_arangosync_pulses` of
// `_system`, made on demand (docs/decisions/0019; spec arangodb-write 1.8, 3.3 and later). Part of TargetClusterHttp.
#pragma once

#include "adapters/cluster/calls.h"
#include "domain/worker/vocabulary.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::cluster {

inline constexpr char const* pulses_collection = "_arangosync_pulses";

/// Reads the pulse and, if it is as it was left, replaces just the revision that was read. With `forget_before` old
/// ones of others are removed, too. `patience`: with each of the calls.
http::Task<Outcome<worker::PulseFound>> count_up(http::Scope& scope, Connection& connection, worker::Beat beat,
                                                 Duration patience);

/// Has the stamp's pulse come so far?
http::Task<Outcome<bool>> is_good(http::Scope& scope, Connection& connection, worker::Stamp stamp);

// ---- their documents; pure (own_documents.cpp) ---------------------------------------------------------------------
std::string pulse_key(worker::PulseId const& pulse);
std::optional<worker::PulseId> parse_pulse_key(std::string_view key);
/// `revision` empty: without `_rev`.
std::string pulse_document(worker::Stamp const& stamp, WallTime at, std::string const& revision);
struct KeptPulse {
  worker::Stamp stamp;
  WallTime at;
  std::string revision;
};
std::optional<KeptPulse> parse_pulse(std::string_view document);
/// Keys of those that have not beaten for so long when the youngest did, by the cluster's clock, which their revisions
/// tell (spec arangodb-read 8.1): a worker whose own clock is ahead must not take its fellows for dead.
std::vector<std::string> keys_of_old(std::vector<KeptPulse> const& pulses, Duration kept);

}  // namespace arangosync::cluster
