#include "app/engine/signals.h"

#include <csignal>
#include <ctime>

namespace arangosync::engine {

namespace {

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

Signals::Signals() {
  sigset_t const set = watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A peer or a log reader that goes away must be an error of the write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
}

bool Signals::wait(Duration patience) {
  sigset_t const set = watched();
  timespec limit{};
  limit.tv_sec = static_cast<time_t>(std::chrono::duration_cast<std::chrono::seconds>(patience).count());
  limit.tv_nsec = static_cast<long>((patience % std::chrono::seconds(1)).count());
  int const signal = sigtimedwait(&set, nullptr, &limit);
  if (signal == SIGHUP && reopen_log) reopen_log();
  return signal == SIGTERM || signal == SIGINT;
}

}  // namespace arangosync::engine
