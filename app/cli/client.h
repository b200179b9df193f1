// Commands that talk to sync masters: `configure sync`, `get …`, `stop sync`, `abort …`, `reset failed shard`, `set
// message timeout` (spec arangosync-cli 4). They connect, ask through rest::SyncClient and print the answer; every
// failure is one line with a remedy and an exit code.
#pragma once

#include "app/cli/command_line.h"
#include "app/cli/outcome.h"

#include <ostream>

namespace arangosync::cli {

CommandResult run(ConfigureSync const& command, std::ostream& out);
CommandResult run(Get const& command, std::ostream& out);
CommandResult run(SetMessageTimeout const& command, std::ostream& out);

/// Has, if asked, the source held read-only until all shards and the structure are in sync (stop_sync.h), stops, and
/// waits until nothing is received any more.
CommandResult run(StopSync const& command, std::ostream& out);
CommandResult run(AbortOutgoing const& command, std::ostream& out);
CommandResult run(ResetShard const& command, std::ostream& out);

}  // namespace arangosync::cli
