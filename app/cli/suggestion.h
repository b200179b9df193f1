// "Did you mean": the known word nearest to one that was mistyped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace arangosync::cli {

/// Empty if none differs by at most a third of its letters (inserted, left out, changed).
std::string nearest(std::string_view word, std::vector<std::string> const& known);

}  // namespace arangosync::cli
