// `create …`: certificates, keyfiles and secrets in files (spec arangosync-cli 5). Inputs are read and checked first;
// the files then appear together or not at all. Messages on standard output are the original's, word for word.
#pragma once

#include "app/cli/command_line.h"
#include "app/cli/outcome.h"

#include <ostream>

namespace arangosync::cli {

CommandResult run(CreateCa const& command, std::ostream& out);
CommandResult run(CreateKeyfile const& command, std::ostream& out);
CommandResult run(CreateCertificate const& command, std::ostream& out);
CommandResult run(CreateJwtSecret const& command, std::ostream& out);

}  // namespace arangosync::cli
