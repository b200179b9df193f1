// `run master`, `run worker`, `sandbox cluster`: prepare the options, write the pid file, run until stopped. And
// `sandbox load` and `replay`, which end by themselves.
#pragma once

#include "app/cli/command_line.h"
#include "app/cli/outcome.h"

namespace arangosync::cli {

/// The exit code is the daemon's own. What prevents the start of a master or worker is in its --log.file as well, for
/// whoever looks there; a file that cannot be written is not a second error.
CommandResult run(RunMaster const& command);
CommandResult run(RunWorker const& command);
CommandResult run(SandboxCluster const& command);

/// Fails, having loaded the rest, if the cluster refuses a document or an index.
CommandResult run(SandboxLoad const& command, std::ostream& out);
/// Fails where the trace is damaged or leads elsewhere than it did.
CommandResult run(Replay const& command, std::ostream& out);

}  // namespace arangosync::cli
