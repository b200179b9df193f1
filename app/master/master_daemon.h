// `arangosync run master`: builds a master from its adapters and runs it until it is told to stop.
//
// Called by app/cli. Blocks; returns the process's exit code (0: stopped by SIGTERM or SIGINT). What prevents the start
// (port in use, wrong cluster secret, not a cluster) is one line for the caller to report. While the cluster cannot be
// reached the version endpoint answers already and the rest says 503. SIGHUP reopens the log file.
#pragma once

#include "app/master/master_options.h"
#include "domain/base/result.h"

#include <string>
#include <utility>

namespace arangosync::app {

/// Why there is no running master.
struct CannotRun {
  CannotRun(std::string text, bool is_unfit = false) : message(std::move(text)), cluster_is_unfit(is_unfit) {}
  std::string message;
  bool cluster_is_unfit;  ///< the cluster is one that cannot be synchronized (adapters/cluster/fitness.h)
};

Expected<int, CannotRun> run_master(MasterOptions const& options);

}  // namespace arangosync::app
