#include "app/cli/program.h"

#include "app/cli/client.h"
#include "app/cli/command_line.h"
#include "app/cli/create.h"
#include "app/cli/message.h"
#include "app/cli/outcome.h"
#include "app/cli/servers.h"
#include "domain/base/overloaded.h"

#include <csignal>
#include <iostream>

namespace arangosync::cli {

namespace {

CommandResult carry_out(Command const& command) {
  return std::visit(overloaded{[](RunMaster const& run_master) { return run(run_master); },
                               [](RunWorker const& run_worker) { return run(run_worker); },
                               [](SandboxCluster const& sandbox) { return run(sandbox); },
                               [](SandboxLoad const& load) { return run(load, std::cout); },
                               [](ConfigureSync const& configure) { return run(configure, std::cout); },
                               [](Get const& get) { return run(get, std::cout); },
                               [](StopSync const& stop) { return run(stop, std::cout); },
                               [](AbortOutgoing const& abort) { return run(abort, std::cout); },
                               [](ResetShard const& reset) { return run(reset, std::cout); },
                               [](SetMessageTimeout const& set) { return run(set, std::cout); },
                               [](CreateCa const& create) { return run(create, std::cout); },
                               [](CreateKeyfile const& create) { return run(create, std::cout); },
                               [](CreateCertificate const& create) { return run(create, std::cout); },
                               [](CreateJwtSecret const& create) { return run(create, std::cout); },
                               [](Replay const& replay) { return run(replay, std::cout); },
                               [](Show const& show) -> CommandResult {
                                 std::cout << show.text;
                                 return ExitCode::Success;
                               }},
                    command);
}

int exit_with(ExitCode code) { return static_cast<int>(code); }

}  // namespace

int run_program(int argc, char const* const* argv) {
  // A reader that goes away (| head) is an error of writing, not a reason to die silently in mid-command.
  std::signal(SIGPIPE, SIG_IGN);
  auto const command = parse({argv + (argc > 0 ? 1 : 0), argv + argc});
  if (!command) {
    std::cerr << "Error: " << command.error().message << "\n";
    if (!command.error().usage.empty()) std::cerr << "\n" << command.error().usage;
    return exit_with(ExitCode::WrongUsage);
  }
  auto const result = carry_out(*command);
  if (!result) {
    say(ports::LogLevel::Fatal, result.error().message);
    return exit_with(result.error().code);
  }
  std::cout.flush();
  if (!std::cout) {
    say(ports::LogLevel::Fatal, "Failed to write to standard output");
    return exit_with(ExitCode::Failure);
  }
  return exit_with(*result);
}

}  // namespace arangosync::cli
