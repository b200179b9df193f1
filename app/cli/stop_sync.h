// What "in sync" means to `stop sync --ensure-in-sync`. Pure.
#pragma once

#include "domain/master/view.h"

#include <optional>
#include <string>

namespace arangosync::cli {

/// What is missing until the target is known to have all that the source has; nothing if it is. While the source takes
/// writes this is never known.
std::optional<std::string> not_in_sync(master::StatusView const& status);

/// A shard that failed does not catch up by waiting.
std::optional<std::string> failed_shard(master::StatusView const& status);

}  // namespace arangosync::cli
