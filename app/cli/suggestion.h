// Words of the command line as such: the known one nearest to one that was mistyped, and empty values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace arangosync::cli {

/// Empty if none differs by at most a third of its letters (inserted, left out, changed).
std::string nearest(std::string_view word, std::vector<std::string> const& known);

/// "--flag=" as "--flag" and an empty word: CLI11 2.1 takes the next word as its value; given apart, the empty value is
/// understood.
std::vector<std::string> with_empty_values_apart(std::vector<std::string> const& arguments);

}  // namespace arangosync::cli
