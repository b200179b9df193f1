// One log line as the original wrote it (spec metrics-and-ops 2):
//   2018-08-03T12:41:43+02:00 |WARN| Accepting unverified master TLS certificate. Use --master.cacert. component=cli
// Pure text; used by the daemons' telemetry and by the command line for its messages on standard error.
#pragma once

#include "domain/base/instant.h"
#include "ports/telemetry.h"

#include <string>
#include <string_view>

namespace arangosync::telemetry {

/// "DEBU", "INFO", "WARN", "ERRO", "FATAL"; trace lines are marked "DEBU" as well.
std::string_view level_mark(ports::LogLevel level);

/// Local time with its offset, to the second: "2018-08-03T12:41:43+02:00".
std::string rfc3339_local(WallTime at);

/// Without line feed at the end; line feeds and other control characters in `text` become escapes, so that nothing
/// that came from outside can forge a second line.
std::string format_line(WallTime at, ports::LogLevel level, std::string_view component, std::string_view text);

}  // namespace arangosync::telemetry
