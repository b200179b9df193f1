// What `get …` prints: answers of the masters as text for people. Pure functions; every text ends with a line feed.
#pragma once

#include "app/cli/answers.h"

#include <string>
#include <vector>

namespace arangosync::cli {

/// Both directions with counts, delay and what failed; with `verbose` a table of all shards.
std::string show_status(StatusAnswer const& answer, bool verbose);

/// With `verbose` the channels too.
std::string show_tasks(std::vector<TaskAnswer> const& tasks, bool verbose);
std::string show_masters(std::vector<MasterAnswer> const& masters);
std::string show_workers(std::vector<WorkerAnswer> const& workers, bool verbose);
std::string show_version(VersionAnswer const& server);

}  // namespace arangosync::cli
