#include "app/cli/message.h"

#include "adapters/clock/os_clock.h"
#include "adapters/telemetry/line.h"

#include <iostream>

namespace arangosync::cli {

void say(ports::LogLevel level, std::string_view text) {
  clock::OsClock clock;
  std::cerr << telemetry::format_line(clock.wall_now(), level, "cli", text) << std::endl;
}

}  // namespace arangosync::cli
