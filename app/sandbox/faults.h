// Troubles that a test asks a sandbox for: calls that come late, fail or lose their connection, and a clock that is
// wrong. What happens to the data (a trimmed log, another leader) is done to the model at once by fault_api.cpp.
//
// Asked by Sandbox before each request is answered; set by fault_api.cpp, under /_sandbox/, which exists only if the
// sandbox was started with fault controls. Never applied to /_sandbox/ itself. Thread-safe.
#pragma once

#include "app/sandbox/call.h"

#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace arangosync::sandbox {

/// What is done to requests; percentages of those that are meant.
struct Trouble {
  std::set<Role> roles;        ///< of the servers that have it; empty: all
  std::string path;            ///< only to requests whose path holds this text; empty: all
  Duration delay{0};           ///< before the request is looked at
  unsigned error_percent = 0;  ///< answered by `status` and `number` instead of being performed
  int status = 503;
  int number = 0;             ///< errorNum; 0: the answer has no body
  unsigned drop_percent = 0;  ///< the connection is closed, half of the times after the request was performed
};

/// What happens to one request.
struct Fate {
  enum class Kind { Perform, Fail, DropBefore, DropAfter };
  Kind kind = Kind::Perform;
  Duration delay{0};
  int status = 503;
  int number = 0;
};

class Faults {
public:
  void set(Trouble trouble);
  Trouble current() const;
  /// Draws; the same sequence in every sandbox.
  Fate fate_of(Role role, std::string_view target);
  std::uint64_t struck() const;  ///< requests that failed or lost their connection so far

private:
  unsigned draw();

  mutable std::mutex mutex_;
  Trouble trouble_;
  std::uint64_t random_ = 0x9e3779b97f4a7c15;
  std::uint64_t struck_ = 0;
};

}  // namespace arangosync::sandbox
