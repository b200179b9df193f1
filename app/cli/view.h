// What `get …` prints: answers of the masters as text for people. Pure functions; every text ends with a line feed.
#pragma once

#include "adapters/rest/forms.h"
#include "domain/master/view.h"
#include "domain/task/task.h"

#include <string>
#include <vector>

namespace arangosync::cli {

/// Both directions with counts, delay and what failed; with `verbose` a table of all shards.
std::string show_status(master::StatusView const& status, bool verbose);

/// With `verbose` the channels too.
std::string show_tasks(std::vector<task::Task> const& tasks, bool verbose);
std::string show_masters(std::vector<master::MasterView> const& masters);
std::string show_workers(std::vector<rest::WorkerEntry> const& workers, bool verbose);
std::string show_events(std::vector<rest::EventLine> const& events);
/// No synchronization in either direction (spec arangosync-api 4.1).
bool is_inactive(master::StatusView const& status);

std::string show_version(rest::Version const& server);

}  // namespace arangosync::cli
