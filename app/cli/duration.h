// Durations as they are written on the command line: Go's syntax, "1h30m", "90s", "1.5h", "250ms" (spec
// arangosync-cli 4.7).
#pragma once

#include "domain/base/instant.h"
#include "domain/base/result.h"

#include <string>
#include <string_view>

namespace arangosync::cli {

inline constexpr Duration year = std::chrono::hours(365 * 24);  ///< as certificates count it

/// Units ns, us (or µs), ms, s, m, h; several may follow each other; a bare "0" is allowed, any other bare number is
/// not. Up to about 292 years. The error is a phrase to follow the flag's name.
Expected<Duration, std::string> parse_duration(std::string_view text);

/// For tables: the two largest units that matter, "2h5m", "3m20s", "1.4s", "12ms", "0s".
std::string short_duration(Duration duration);

}  // namespace arangosync::cli
