// The secrets that the servers of an ArangoDB cluster share, as they lie on disk: one in a file, or several in a folder
// (`--server.jwt-secret-folder`, 3.7 and later): the first in the order of the files' names signs, all are accepted
// (spec arangodb-read 1.1).
//
// Called by app/cli at the start and by app/master every second, because the files may change while a master runs.
// Errors name the file, never its content.
#pragma once

#include "domain/base/result.h"

#include <string>
#include <vector>

namespace arangosync::x509 {

bool is_secret_folder(std::string const& path);

/// Of a file the only one, of a folder all; never none and never an empty one. White space at the end of a file, as
/// echo leaves it, is no part of the secret; in folders empty files and those with a leading dot do not count.
Expected<std::vector<std::string>, std::string> read_secrets(std::string const& path);

}  // namespace arangosync::x509
