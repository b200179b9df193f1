#include "domain/base/mark.h"

#include <vector>

namespace arangosync {

namespace {

// Filled by the constructors of static objects, one after the other, before main(); only read after that.
std::vector<detail::MarkCounter const*>& counters() {
  static std::vector<detail::MarkCounter const*> all;
  return all;
}

}  // namespace

detail::MarkCounter::MarkCounter(char const* name) : name_(name) { counters().push_back(this); }

std::map<std::string, std::uint64_t> marks_reached() {
  std::map<std::string, std::uint64_t> counts;
  for (auto const* counter : counters()) {
    if (counter->reached() > 0) counts.emplace(counter->name(), counter->reached());
  }
  return counts;
}

std::set<std::string> marks_known() {
  std::set<std::string> names;
  for (auto const* counter : counters()) names.emplace(counter->name());
  return names;
}

}  // namespace arangosync
