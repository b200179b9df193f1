// `/_admin/cluster/health` (spec arangodb-read 9.6) as members. Untrusted input: what is not understood is left out.
#pragma once

#include "adapters/cluster/connection.h"

#include <optional>
#include <string_view>

namespace arangosync::cluster {

/// Nothing if it is not a health report at all.
std::optional<Members> parse_health(std::string_view body);

}  // namespace arangosync::cluster
