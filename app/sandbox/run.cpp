// `arangosync sandbox cluster`: serves until it is told to stop.
#include "app/sandbox/sandbox.h"

#include <csignal>
#include <cstdio>

namespace arangosync::sandbox {

int run_sandbox_cluster(Options const& options) {
  // Blocked before any thread starts, so that only sigwait below gets them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  auto sandbox = Sandbox::start(options);
  if (!sandbox) {
    std::fprintf(stderr, "Cannot start the sandbox cluster: %s\n", sandbox.error().c_str());
    return 1;
  }
  char const* front = options.is_single_server ? "single" : "coordinator";
  for (auto const& url : (*sandbox)->coordinators()) std::printf("%s %s\n", front, url.c_str());
  for (auto const& url : (*sandbox)->db_servers()) std::printf("dbserver %s\n", url.c_str());
  if (!options.is_single_server) std::printf("agent %s\n", (*sandbox)->agent().c_str());
  std::printf("ready\n");
  std::fflush(stdout);

  int received = 0;
  sigwait(&signals, &received);
  return 0;
}

}  // namespace arangosync::sandbox
