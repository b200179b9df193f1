// `arangosync run worker`: builds a worker from its adapters and runs it until it is told to stop.
//
// Called by app/cli. Blocks; returns the process's exit code (0: stopped by SIGTERM or SIGINT; 1: the certificate it
// was given by the master has expired, so that a supervisor starts it anew). It asks its master for everything it needs
// and waits as long as no master answers; a refusal (wrong secret) or a port in use is one line for the caller to
// report. SIGHUP reopens the log file.
#pragma once

#include "app/worker/worker_options.h"
#include "domain/base/result.h"

#include <string>

namespace arangosync::app {

Expected<int, std::string> run_worker(WorkerOptions const& options);

}  // namespace arangosync::app
