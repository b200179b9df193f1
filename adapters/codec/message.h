// Queue messages on the wire: a flatbuffer (message.fbs) with schema version and checksum, zstd-compressed when that
// pays. Untrusted input: decode() verifies everything, bounds the decompressed size, and never throws.
#pragma once

#include "domain/base/result.h"
#include "domain/shard/message.h"

#include <string>
#include <string_view>

namespace arangosync::codec {

std::string encode(shard::Message const& message);
/// Error: one line, what is wrong ("checksum differs", "schema version 3 is newer than 1", …).
Expected<shard::Message, std::string> decode(std::string_view bytes);

}  // namespace arangosync::codec
