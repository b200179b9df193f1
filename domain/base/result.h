// The only header that names the expected library (std::expected is not usable with g++ 12).
//
// Three kinds of trouble: a *refusal* (our rules say no) is the error of a decision; a *fault* (the world failed) is
// data in a command; a *bug* is an assertion.
#pragma once

#include <string>

#include <tl/expected.hpp>

namespace arangosync {

template <class T, class E>
using Expected = tl::expected<T, E>;

template <class E>
auto unexpected(E&& error) {
  return tl::make_unexpected(std::forward<E>(error));
}

/// How a call to the outside failed, as far as a decision may depend on it (spec arangodb-write 10.2).
enum class FaultClass {
  Retry,      ///< transport, overload, leadership moving: the same request again, after back-off; outcome unknown
  Refresh,    ///< our picture of the structure is stale: read it again, then retry
  NotFound,   ///< the thing addressed is gone
  Denied,     ///< credentials or rights
  Permanent,  ///< asking again cannot help; report it
};

/// A failed call: class for the machine, one line for people (names the thing, never a secret).
struct Fault {
  FaultClass fault_class = FaultClass::Retry;
  std::string message;
  friend bool operator==(Fault const&, Fault const&) = default;
};

template <class T>
using Outcome = Expected<T, Fault>;

/// Outcome of a call that has no answer but "done".
struct Done {
  friend bool operator==(Done const&, Done const&) = default;
};

}  // namespace arangosync
