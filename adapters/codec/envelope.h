// The outer form of a queue message: a fixed header with schema version and checksum before a body that may be
// compressed. Used by message.cpp only. Untrusted input: open() checks every field before it allocates, and never
// throws.
//
//   0   4  "ASQ1"
//   4   1  schema version, 1
//   5   1  compression: 0 none, 1 zstd
//   6   2  0
//   8   8  checksum: FNV-1a-64 of everything after it, xor the 8 bytes before it
//  16   8  size of the body once decompressed
//  24      body                                                        (integers are little-endian)
#pragma once

#include "domain/base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace arangosync::codec {

inline constexpr std::uint8_t schema_version = 1;
inline constexpr std::size_t envelope_header_bytes = 24;
inline constexpr std::size_t decompressed_bytes_max = std::size_t{512} << 20;
/// A small input may not become much larger than any message we would make of it: at most the free bytes plus the
/// ratio's. What compresses even better is sent as it is.
inline constexpr std::size_t compression_free_bytes = std::size_t{8} << 20;
inline constexpr std::size_t compression_ratio_max = 1000;

std::string seal(std::string_view body);
/// The body; the error is one line.
Expected<std::string, std::string> open(std::string_view bytes);

}  // namespace arangosync::codec
