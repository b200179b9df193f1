// How a command ends: its exit status, and on failure the one line that tells what was wrong and what to do.
#pragma once

#include "app/cli/exit_code.h"
#include "domain/base/result.h"

#include <string>
#include <utility>

namespace arangosync::cli {

struct Problem {
  ExitCode code = ExitCode::Failure;
  std::string message;  ///< never a secret
};

using CommandResult = Expected<ExitCode, Problem>;

inline auto failure(std::string message) { return unexpected(Problem{ExitCode::Failure, std::move(message)}); }

/// For values that were understood as words and are wrong as things: a missing file, a bad PEM.
inline auto failure(std::string const& what, std::string const& remedy) { return failure(what + "; " + remedy); }

}  // namespace arangosync::cli
