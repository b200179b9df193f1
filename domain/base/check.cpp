#include "domain/base/check.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace arangosync {

namespace {
std::atomic<CheckHandler> installed_handler{nullptr};
}

void check_failed(char const* expression, char const* file, int line) {
  if (CheckHandler const handler = installed_handler.load()) handler(expression, file, line);
  std::fprintf(stderr, "broken expectation: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

CheckHandler set_check_handler(CheckHandler handler) { return installed_handler.exchange(handler); }

}  // namespace arangosync
