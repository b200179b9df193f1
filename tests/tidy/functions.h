// Finds functions in C++ text by their braces. Not a parser: it knows which braces open a namespace or a type and takes
// every other outermost brace after a parameter list for a function's body.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::tidy {

struct Function {
  std::string name;
  std::size_t line = 0;   ///< of its first line, from 1
  std::size_t lines = 0;  ///< signature to closing brace
  std::string body;       ///< between the outer braces
};

/// `code` as blank_out() leaves it.
std::vector<Function> functions_of(std::string_view code);

/// Of a Python text, by indentation: "def" to the last line that is further in.
std::vector<Function> python_functions_of(std::string_view text);

/// Of a Go text as gofmt leaves it: "func" to the brace at the margin.
std::vector<Function> go_functions_of(std::string_view text);

/// Position after the brace that closes the one at `open`, or the end.
std::size_t after_closing_brace(std::string_view code, std::size_t open);

}  // namespace arangosync::tidy
