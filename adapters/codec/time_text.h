// Times as JSON texts of the original (spec arangosync-api 1): RFC 3339, UTC, up to nanoseconds; zero is Go's zero
// time.
#pragma once

#include "domain/base/instant.h"

#include <optional>
#include <string>
#include <string_view>

namespace arangosync::codec {

/// "2022-11-02T15:41:48.887465887Z" (fraction without trailing zeros); "0001-01-01T00:00:00Z" for zero.
std::string time_text(WallTime at);
/// Any zone offset; nothing if it is no such time. Times before 1970 read as zero.
std::optional<WallTime> parse_time(std::string_view text);

}  // namespace arangosync::codec
