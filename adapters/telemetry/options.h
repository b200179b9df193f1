// Where a process's log lines go, as its flags say (spec arangosync-cli 3.1, metrics-and-ops 2). Plain values: filled
// by app/cli, read by adapters/telemetry/telemetry.h.
#pragma once

#include "ports/telemetry.h"

#include <optional>
#include <string>
#include <string_view>

namespace arangosync::telemetry {

struct LogOptions {
  ports::LogLevel level = ports::LogLevel::Info;  ///< --log.level: lines below it are dropped
  std::string file;                               ///< --log.file: lines go there, appended; empty: standard output
  bool to_stderr = false;  ///< --log.stderr: the same lines on standard error as well. False, as a
                           ///< supervisor that keeps both streams would keep each line twice
};

/// "trace", "debug", "info", "warn" or "warning", "error", "fatal" or "critical", in any case; nothing otherwise.
std::optional<ports::LogLevel> parse_log_level(std::string_view text);

}  // namespace arangosync::telemetry
