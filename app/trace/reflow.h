// Spreads the one-line text of a value over lines, for people: what is short stays in one line.
#pragma once

#include <string>
#include <string_view>

namespace arangosync::trace {

/// `line` is a text as of describe(): brackets nest, quoted texts may hold anything.
std::string reflowed(std::string_view line, std::size_t columns = 110);

}  // namespace arangosync::trace
