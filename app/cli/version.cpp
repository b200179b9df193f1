#include "app/cli/version.h"

#ifndef ARANGOSYNC_VERSION
#define ARANGOSYNC_VERSION "0.0.0"
#endif
#ifndef ARANGOSYNC_BUILD
#define ARANGOSYNC_BUILD "unknown"
#endif

namespace arangosync::cli {

std::string_view program_version() { return ARANGOSYNC_VERSION; }
std::string_view program_build() { return ARANGOSYNC_BUILD; }

std::string program_version_and_build() { return std::string(program_version()) + "+" + std::string(program_build()); }

std::string version_line() {
  return "Version " + std::string(program_version()) + ", Build " + std::string(program_build());
}

}  // namespace arangosync::cli
