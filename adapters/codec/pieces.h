// A sealed message that is larger than a queue takes, in pieces (docs/decisions/0010). For queue adapters whose queue
// has a limit; the domain never hears of pieces. Untrusted input: what comes out is still verified by decode().
//
//   0   4  "ASP1"
//   4   8  group: FNV-1a-64 of the whole message
//  12   4  number of this piece, from 0
//  16   4  how many there are
//  20      bytes                                                       (integers are little-endian)
//
// Pieces travel one after the other in one channel. A message that is published again, whole or in part, has the same
// pieces, so those of two attempts may be mixed.
#pragma once

#include "domain/base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::codec {

inline constexpr std::size_t piece_header_bytes = 20;

/// One element, the message itself, if it is within the limit; else pieces of at most `bytes_max` each.
std::vector<std::string> split(std::string message, std::size_t bytes_max);

/// Of one channel.
class Rejoiner {
public:
  explicit Rejoiner(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  /// What the next element of the channel completes: a message, or nothing yet. Error: a piece is missing or broken;
  /// what had come of its message is dropped.
  Expected<std::optional<std::string>, std::string> take(std::string_view element);
  /// A message has begun and is not complete: more of the channel must be read before anything can be dealt with.
  bool is_waiting() const { return count_ > 0; }

private:
  std::string drop(std::string why);

  std::size_t message_bytes_max_;
  std::uint64_t group_ = 0;
  std::uint32_t next_ = 0;
  std::uint32_t count_ = 0;  ///< 0: no message has begun
  std::string bytes_;
};

}  // namespace arangosync::codec
