// Files of certificates and secrets: read whole, written whole or not at all (spec arangosync-metrics-and-ops 5.1,
// arangosync-cli 5). Errors are one line that names the file and the cause, never the content.
#pragma once

#include "domain/base/result.h"

#include <string>
#include <string_view>

#include <sys/types.h>

namespace arangosync::x509 {

inline constexpr mode_t secret_mode = 0600;  ///< keys, keyfiles, secrets
inline constexpr mode_t public_mode = 0644;  ///< certificates

/// At most 16 MiB. "cannot read <path>: No such file or directory".
Expected<std::string, std::string> read_file(std::string const& path);

/// Makes missing parent folders (0755), writes a temporary file beside the target, syncs it and renames it over the
/// target. A new file gets `mode`; an existing one keeps its own. "cannot write <path>: Permission denied".
Expected<Done, std::string> write_file(std::string const& path, std::string_view content, mode_t mode);

/// A secret file's content without white space at its end (echo makes a line feed); an error if nothing is left.
Expected<std::string, std::string> read_secret_file(std::string const& path);

}  // namespace arangosync::x509
