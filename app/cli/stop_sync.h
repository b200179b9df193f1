// What "in sync" means to `stop sync --ensure-in-sync` in this version. Pure.
#pragma once

#include "domain/master/view.h"

#include <optional>
#include <string>

namespace arangosync::cli {

inline constexpr Duration caught_up_delay = std::chrono::seconds(2);

/// Nothing if the synchronization and every one of its shards are running with a small delay; otherwise what is not yet
/// so.
std::optional<std::string> not_caught_up(master::StatusView const& status);

/// A shard that failed does not catch up by waiting.
std::optional<std::string> failed_shard(master::StatusView const& status);

}  // namespace arangosync::cli
