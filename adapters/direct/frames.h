// The binary bodies of POST /_api/mq/direct/pull, our extension of the direct queue (spec arangosync-api 6): one long
// poll reads many channels of one remote worker and commits what was dealt with. Used by ChannelStore's routes, the
// subscriber and a fuzzer. Untrusted input: decoding checks every length before it allocates, and never throws.
// Integers are little-endian.
//
//   request  "APQ1" | u64 reader | u64 serial | u32 wait_ms | u32 bytes_max | u32 channels, then per channel:
//            u16 length, name | u64 instance | u64 after | u64 committed | u32 bytes_max
//   answer   "APA1" | u32 channels, then per channel:
//            u16 length, name | u8 known | u64 instance | u32 messages, then per message: u64 offset | u32 length,
//            bytes
//
// `instance` tells two lives of a channel apart: offsets start at 1 again when the sending process does. A reader that
// does not know it yet sends 0; `after` and `committed` are void unless the instance is the present one.
#pragma once

#include "domain/base/ids.h"
#include "domain/base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::direct {

inline constexpr std::size_t pull_channels_max = 100'000;
inline constexpr std::size_t channel_name_bytes_max = 512;

struct Wanted {
  ChannelName channel;
  std::uint64_t instance = 0;
  Offset after;                 ///< messages up to and including this one have arrived
  Offset committed;             ///< … and up to this one are dealt with
  std::uint32_t bytes_max = 0;  ///< 0: nothing now; else at least one message, whatever its size
  friend bool operator==(Wanted const&, Wanted const&) = default;
};

struct PullRequest {
  std::uint64_t reader = 0;  ///< random per group of a reading process; its newer pull (higher serial) ends the older
  std::uint64_t serial = 0;  ///< 0: only commits, ends no other pull
  std::uint32_t wait_ms = 0;
  std::uint32_t bytes_max = 0;  ///< of all messages together, but at least one message
  std::vector<Wanted> channels;
  friend bool operator==(PullRequest const&, PullRequest const&) = default;
};

struct DeliveredMessage {
  Offset offset;
  std::string_view bytes;
  friend bool operator==(DeliveredMessage const&, DeliveredMessage const&) = default;
};

struct Delivered {
  ChannelName channel;
  bool known = true;  ///< false: nothing was ever published on it here, or it was dropped
  std::uint64_t instance = 0;
  std::vector<DeliveredMessage> messages;  ///< views into the body, or into the store's messages
  friend bool operator==(Delivered const&, Delivered const&) = default;
};

std::string encode_request(PullRequest const& request);
Expected<PullRequest, std::string> decode_request(std::string_view body);

std::string encode_answer(std::vector<Delivered> const& channels);
/// The views are valid as long as `body` is.
Expected<std::vector<Delivered>, std::string> decode_answer(std::string_view body);

/// Only [A-Za-z0-9._-], not empty, not over-long (spec arangosync-api 1).
bool is_channel_name(std::string_view name);

}  // namespace arangosync::direct
