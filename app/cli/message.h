// What the program says to people about itself: log lines of the component "cli" on standard error, so that standard
// output holds results only (spec arangosync-cli 2).
#pragma once

#include "app/cli/outcome.h"
#include "ports/telemetry.h"

#include <string_view>

namespace arangosync::cli {

/// "2018-08-03T12:41:43+02:00 |WARN| … component=cli".
void say(ports::LogLevel level, std::string_view text);

}  // namespace arangosync::cli
