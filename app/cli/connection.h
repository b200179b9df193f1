// From a client command's flags to a client of the masters: files are read and checked, the missing CA is warned about.
#pragma once

#include "adapters/rest/sync_client.h"
#include "app/cli/command_line.h"
#include "app/cli/outcome.h"

namespace arangosync::cli {

Expected<rest::SyncClient::Options, Problem> client_options(Connection const& connection);

/// A call's fault as the command's outcome: which exit code, and what the operator can do about it.
Problem problem_of(Fault const& fault, Connection const& connection);

}  // namespace arangosync::cli
