// Coverage marks: name a rare path where it happens; the simulation campaign fails when a marked path is never taken.
//
//   DC_MARK("shard.receiver.gap");
//
// Every mark of a program is known from its start, reached or not. Counting is the only state outside a machine's
// State; it never influences a decision.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace arangosync {

/// How often each mark was reached since the start of the process.
std::map<std::string, std::uint64_t> marks_reached();
/// All marks of the program, reached or not.
std::set<std::string> marks_known();

namespace detail {

/// A text as a template argument.
template <std::size_t N>
struct MarkName {
  consteval MarkName(char const (&name)[N]) {
    for (std::size_t i = 0; i < N; ++i) text[i] = name[i];
  }
  char text[N] = {};
};

/// Counts one mark. Registers itself when it is made, before main().
class MarkCounter {
public:
  explicit MarkCounter(char const* name);
  void reach() { reached_.fetch_add(1, std::memory_order_relaxed); }
  char const* name() const { return name_; }
  std::uint64_t reached() const { return reached_.load(std::memory_order_relaxed); }

private:
  char const* name_;
  std::atomic<std::uint64_t> reached_{0};
};

template <MarkName name>
inline MarkCounter mark_counter{name.text};

}  // namespace detail

}  // namespace arangosync

#define DC_MARK(name) ::arangosync::detail::mark_counter<name>.reach()
