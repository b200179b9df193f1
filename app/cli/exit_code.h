// What the program's exit status means (spec arangosync-cli 2). Shown in --help; scripts may rely on it.
#pragma once

namespace arangosync::cli {

enum class ExitCode : int {
  Success = 0,
  Failure = 1,        ///< the command was understood and did not succeed
  WrongUsage = 2,     ///< unknown command or flag, missing or malformed value; nothing was done
  Unreachable = 3,    ///< no master answered, or none could answer now (nobody leads)
  NotAuthorized = 4,  ///< a master answered, and refused these credentials
  UnfitCluster = 5,   ///< the cluster is of a kind that cannot be synchronized
};

}  // namespace arangosync::cli
