// Assertions, on in every build: a violated one is a bug of ours, and going on would risk data.
#pragma once

namespace arangosync {

/// Prints the broken expectation to standard error and aborts. Tests may install a handler that throws.
[[noreturn]] void check_failed(char const* expression, char const* file, int line);

using CheckHandler = void (*)(char const* expression, char const* file, int line);
/// Returns the handler that was in place. A handler must not return (throw or abort). For tests and fuzzers.
CheckHandler set_check_handler(CheckHandler handler);

}  // namespace arangosync

#define DC_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::arangosync::check_failed(#expression, __FILE__, __LINE__))
