// Every bound of the system in one place, with their relations. A full queue is a refusal with a name.
#pragma once

#include "domain/base/instant.h"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace arangosync::limits {

using namespace std::chrono_literals;

// Leadership (spec arangosync-agency 2.2, arangodb-read 2.9): renewed every 10 s, void after 30 s of standstill.
inline constexpr Duration lease_renewal = 10s;
inline constexpr Duration lease_expiry = 30s;
// A follower looks often, so that a fail-over is noticed soon after the lease is void.
inline constexpr Duration lease_watch = 2s;

// Worker registrations (length UNKNOWN in spec arangosync-api 5.1; ours).
inline constexpr Duration worker_registration = 30s;
inline constexpr Duration worker_renewal = 5s;
// A new owner of a shard starts only after the old one must have stopped: the old worker stops applying this long
// before its registration ends by its own clock.
inline constexpr Duration worker_stop_margin = 5s;

inline constexpr Duration token_lifetime = 6h;
inline constexpr Duration message_timeout_default = 1h;

// Messages and windows.
inline constexpr std::size_t message_bytes_max = 4u << 20;     ///< payload of one queue message, target size
inline constexpr std::size_t snapshot_chunk_bytes = 2u << 20;  ///< asked from dump
inline constexpr std::size_t difference_bytes = 512u << 10;    ///< revisions in one part of a comparison
inline constexpr std::uint32_t comparison_parts_max = 4;       ///< parts asked for and not answered yet
inline constexpr std::size_t log_chunk_bytes = 4u << 20;       ///< asked from wal/tail
inline constexpr std::size_t window_bytes = 16u << 20;         ///< unacknowledged bytes per shard stream
inline constexpr std::uint32_t window_messages = 64;           ///< unacknowledged messages per shard stream
/// Messages that a worker has fetched and not dealt with, over all its channels; each channel has its share.
inline constexpr std::size_t prefetch_bytes_max = std::size_t{512} << 20;
inline constexpr std::size_t prefetch_share_min = 64u << 10;
inline constexpr std::uint32_t apply_documents_max = 5000;  ///< documents in one write request (spec write 1.6)
inline constexpr std::size_t apply_bytes_max = 8u << 20;    ///< waiting messages that are applied together
inline constexpr std::uint32_t initial_copies_max = 16;     ///< --worker.max-initial-sync-tasks default

inline constexpr Duration heartbeat = 2s;  ///< an idle stream is heard from this often
/// A receiver with nothing to do says this often that it lives; without that a sender ends its heartbeats, so that they
/// do not heap up for a receiver that is away.
inline constexpr Duration acknowledge_repeat = 20s;
inline constexpr std::uint32_t heartbeats_unheard_max = 16;
inline constexpr Duration structure_poll = 2s;
inline constexpr Duration structure_look = 15min;  ///< a target's structure is compared so often, even without news
inline constexpr Duration survey_pause = 5s;    ///< between two looks of a master at which DB-Server leads which shard
inline constexpr Duration total_repeat = 30s;   ///< the leader keeps the number of shards in memory: a new one is told
inline constexpr Duration log_poll_min = 50ms;  ///< pause after an empty log read, doubling up to …
inline constexpr Duration log_poll_max = 1s;
inline constexpr Duration retry_min = 100ms;  ///< back-off of failed calls, doubling with jitter up to …
inline constexpr Duration retry_max = 10s;
inline constexpr Duration failed_retry = 60s;         ///< a failed shard tries again by itself this often
inline constexpr Duration snapshot_idle_max = 10min;  ///< an open snapshot whose receiver is silent is given up
/// The longest a write can be on its way in a cluster (spec arangodb-write 1.5): one that nobody waits for any more may
/// still land so late.
inline constexpr Duration write_request_max = 15min;
/// Shards that a worker has taken over together are checked within so long after that.
inline constexpr Duration check_spread_max = 5min;
/// The position of a shard that nothing happens to is stored no more often than this.
inline constexpr Duration idle_position_kept = 30s;
inline constexpr Duration position_flush = 200ms;  ///< positions of many shards are stored together this often
inline constexpr Duration hello_retry = 3s;        ///< repeat of an unanswered hello or position

// A worker's pulse on the target (docs/decisions/0019).
inline constexpr Duration pulse = 5s;             ///< counted up this often
inline constexpr Duration pulse_trust = 15s;      ///< positions are stored, and claims made, only so long after a beat
inline constexpr Duration pulse_gap_max = 60s;    ///< no backup is restored sooner after it was made
inline constexpr Duration pulse_kept = 24h * 90;  ///< pulses that have not beaten for so long are removed

inline constexpr std::size_t journal_entries = 500;  ///< ring of recent events kept in the agency
inline constexpr std::size_t transaction_events_max = 500;
inline constexpr std::size_t inbox_entries_max = 100'000;

static_assert(lease_renewal * 2 < lease_expiry);
static_assert(worker_renewal * 3 < worker_registration);
static_assert(worker_stop_margin + worker_renewal < worker_registration);
static_assert(message_bytes_max < window_bytes);
static_assert(difference_bytes * comparison_parts_max < window_bytes);
static_assert(retry_min < retry_max);
static_assert(log_poll_min < log_poll_max);
static_assert(log_poll_max < heartbeat);
static_assert(acknowledge_repeat < heartbeat * heartbeats_unheard_max);
static_assert(pulse * 2 < pulse_trust && pulse_trust < pulse_gap_max);

}  // namespace arangosync::limits
