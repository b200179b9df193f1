// Files of the command line: read whole, written whole or not at all.
//
// Written files appear under their names only when all of them are complete on disk (temporary files beside them, then
// renames), so that a failure leaves the old ones as they were (spec arangosync-cli 5). Errors are one line that names
// the file.
#pragma once

#include "domain/base/result.h"

#include <string>
#include <vector>

#include <sys/types.h>

namespace arangosync::cli {

inline constexpr mode_t secret_mode = 0600;                           ///< keys, keyfiles, secrets
inline constexpr mode_t public_mode = 0644;                           ///< certificates
inline constexpr std::size_t read_bytes_max = std::size_t{16} << 20;  ///< certificates and secrets are small

/// "Failed to read <file>: No such file or directory".
Expected<std::string, std::string> read_file(std::string const& path);

bool is_readable_file(std::string const& path);

struct NewFile {
  std::string path;
  std::string content;
  mode_t mode = secret_mode;  ///< of a new file; an existing one keeps its own
  bool makes_folders = true;  ///< missing parent folders (0755); for `create …`, the operator's own workbench
};

/// "Failed to write <file>: Permission denied".
Expected<Done, std::string> write_files(std::vector<NewFile> const& files);

/// White space, as it ends a secret file made with echo.
std::string trim_right(std::string text);

}  // namespace arangosync::cli
