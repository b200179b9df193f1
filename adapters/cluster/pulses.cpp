#include "adapters/cluster/pulses.h"

#include "adapters/cluster/error_class.h"
#include "adapters/cluster/own_calls.h"

#include <chrono>
#include <utility>

namespace arangosync::cluster {
namespace {

/// Its absence is told by an empty optional, one that cannot be read by beat 0: neither is as a worker left it.
http::Task<Outcome<std::optional<KeptPulse>>> read_pulse(http::Scope& scope, Connection& connection,
                                                         worker::PulseId pulse, Duration patience) {
  auto const key = pulse_key(pulse);
  auto document = co_await read_own(scope, connection, "read pulse " + key, pulses_collection, key, patience);
  if (!document) co_return unexpected(document.error());
  if (!*document) co_return std::optional<KeptPulse>{};
  auto kept = parse_pulse(**document);
  if (!kept) kept = KeptPulse{worker::Stamp{pulse, 0}, WallTime(), ""};
  co_return kept;
}

/// Those whose workers are dead for long. What they leave for now is removed by the next one.
http::Task<Outcome<Done>> remove_old(http::Scope& scope, Connection& connection, Duration kept, Instant deadline) {
  auto documents = co_await read_all(scope, connection, system_database(), CollectionName(pulses_collection));
  if (!documents) co_return unexpected(documents.error());
  std::vector<KeptPulse> pulses;
  for (auto const& document : *documents) {
    if (auto pulse = parse_pulse(document)) pulses.push_back(std::move(*pulse));
  }
  std::vector<std::string> keys = keys_of_old(pulses, kept);
  if (keys.empty()) co_return Done{};
  auto removed = co_await delete_own(scope, connection, pulses_collection, std::move(keys), deadline);
  co_return removed;
}

}  // namespace

http::Task<Outcome<worker::PulseFound>> count_up(http::Scope& scope, Connection& connection, worker::Beat beat,
                                                 Duration patience) {
  auto const what = "count up pulse " + pulse_key(beat.stamp.pulse);
  if (beat.forget_before) {
    auto removed = co_await remove_old(scope, connection, beat.at - *beat.forget_before, beat.deadline);
    if (!removed) co_return unexpected(removed.error());
  }
  auto kept = co_await read_pulse(scope, connection, beat.stamp.pulse, patience);
  if (!kept) co_return unexpected(kept.error());
  bool const is_new = !kept->has_value();
  std::uint64_t const seen = is_new ? 0 : (*kept)->stamp.beat;
  if (seen == beat.stamp.beat && !is_new) co_return worker::PulseFound::AsLeft;  // the answer was lost
  if (seen + 1 != beat.stamp.beat) co_return worker::PulseFound::SetBack;
  OwnWrite write{pulses_collection,
                 is_new ? "POST" : "PUT",
                 is_new ? "" : "?ignoreRevs=false",
                 pulse_document(beat.stamp, beat.at, is_new ? "" : (*kept)->revision),
                 beat.deadline,
                 patience};
  auto failure = co_await write_own(scope, connection, std::move(write));
  if (!failure) co_return unexpected(failure.error());
  if (*failure == 0) co_return worker::PulseFound::AsLeft;
  // Changed between the two calls, by an earlier attempt of ours or a restore: the next look tells.
  co_return unexpected(Fault{FaultClass::Retry, what + ": " + describe(ServerError{0, *failure})});
}

http::Task<Outcome<bool>> is_good(http::Scope& scope, Connection& connection, worker::Stamp stamp) {
  auto kept = co_await read_pulse(scope, connection, stamp.pulse, std::chrono::seconds(60));
  if (!kept) co_return unexpected(kept.error());
  co_return kept->has_value() && (*kept)->stamp.beat >= stamp.beat;
}

}  // namespace arangosync::cluster
