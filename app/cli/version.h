// Which program this is. The numbers are set by the build (cmake/version.cmake); only version.cpp sees them, so a new
// commit recompiles one file.
#pragma once

#include <string>
#include <string_view>

namespace arangosync::cli {

std::string_view program_version();  ///< "0.1.0"
std::string_view program_build();    ///< "63197e2f", or "unknown" outside a checkout

/// "0.1.0+63197e2f"
std::string program_version_and_build();

/// "Version 0.1.0, Build 63197e2f": the one line of --version, parsed by tools (spec arangosync-cli 4.10).
std::string version_line();

}  // namespace arangosync::cli
