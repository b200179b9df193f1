// `arangosync run master`: builds a master from its adapters and runs it until it is told to stop.
//
// Called by app/cli. Blocks; returns the process's exit code (0: stopped by SIGTERM or SIGINT). What prevents the start
// (port in use, wrong cluster secret, not a cluster) is one line for the caller to report. While the cluster cannot be
// reached the version endpoint answers already and the rest says 503. SIGHUP reopens the log file.
#pragma once

#include "app/master/master_options.h"
#include "domain/base/result.h"

#include <string>

namespace arangosync::app {

Expected<int, std::string> run_master(MasterOptions const& options);

}  // namespace arangosync::app
