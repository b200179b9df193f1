// `run master`, `run worker`: from flags to the daemons' options. Every file that a flag names is read and checked
// here; the daemons get values. Starts nothing.
#pragma once

#include "app/cli/command_line.h"
#include "app/cli/outcome.h"
#include "app/master/master_options.h"
#include "app/worker/worker_options.h"

namespace arangosync::cli {

Expected<app::MasterOptions, Problem> prepare(RunMaster const& command);
Expected<app::WorkerOptions, Problem> prepare(RunWorker const& command);

}  // namespace arangosync::cli
