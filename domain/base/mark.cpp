#include "domain/base/mark.h"

#include <mutex>

namespace arangosync {

namespace {
std::mutex marks_mutex;
std::map<std::string, std::uint64_t>& marks() {
  static std::map<std::string, std::uint64_t> reached;
  return reached;
}
}  // namespace

void mark_reached(char const* name) {
  std::lock_guard const lock(marks_mutex);
  ++marks()[name];
}

std::map<std::string, std::uint64_t> marks_reached() {
  std::lock_guard const lock(marks_mutex);
  return marks();
}

}  // namespace arangosync
