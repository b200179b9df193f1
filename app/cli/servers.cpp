#include "app/cli/servers.h"

#include "adapters/telemetry/telemetry.h"
#include "app/cli/credentials.h"
#include "app/cli/files.h"
#include "app/cli/pid_file.h"
#include "app/cli/server_options.h"
#include "app/cli/version.h"
#include "app/master/master_daemon.h"
#include "app/sandbox/load.h"
#include "app/sandbox/sandbox.h"
#include "app/trace/replay_command.h"
#include "app/worker/worker_daemon.h"

#include <utility>

#include <sys/resource.h>

namespace arangosync::cli {

namespace {

Expected<sandbox::Options, Problem> prepare_sandbox(SandboxCluster const& command) {
  sandbox::Options options;
  options.host = command.address;
  options.base_port = command.port;
  options.coordinators = command.coordinators;
  options.db_servers = command.db_servers;
  options.is_single_server = command.is_single_server;
  options.root_password = command.root_password;
  options.version = command.version;
  options.hides_db_servers = command.hides_db_servers;
  options.seed = command.seed;
  options.extended_names = command.extended_names;
  options.fault_controls = command.fault_controls;
  auto secret = load_secret("--server", command.secret);
  if (!secret) return unexpected(secret.error());
  options.jwt_secret = std::move(secret->value);
  if (!command.keyfile.empty()) {
    auto const fits = load_keyfile("--server.keyfile", command.keyfile, x509::Purpose::TlsServer);
    if (!fits) return unexpected(fits.error());
    auto content = read_file(command.keyfile);
    if (!content) return failure(content.error());
    options.keyfile_pem = *std::move(content);
  }
  return options;
}

/// A daemon's status is 0, or a failure that its log explains; it never claims to know better.
ExitCode as_exit_code(int status) { return status == 0 ? ExitCode::Success : ExitCode::Failure; }

/// Standard error, where the program reports it, may be read by nobody when the log is a file.
void write_to_log_file(telemetry::LogOptions const& options, char const* component, Problem const& problem) {
  if (options.file.empty()) return;
  auto const log = telemetry::ProcessTelemetry::open({options.level, options.file, false});
  if (log) (*log)->log(ports::LogLevel::Fatal, component, problem.message);
}

Problem problem_of(std::string const& message) { return {ExitCode::Failure, message}; }
Problem problem_of(app::CannotRun const& why) {
  return {why.cluster_is_unfit ? ExitCode::UnfitCluster : ExitCode::Failure, why.message};
}

/// The usual 1024 are used up by some hundred connections of workers; what the administrator allows at most is meant.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

template <class Command, class Options, class Error>
CommandResult start(Command const& command, Expected<int, Error> (*daemon)(Options const&)) {
  auto const options = prepare(command);
  if (!options) return unexpected(options.error());
  auto pid_file = PidFile::write(command.pid_file);
  if (!pid_file) return unexpected(pid_file.error());
  raise_descriptor_limit();
  auto const status = daemon(*options);
  if (!status) {
    pid_file->give_back();
    return unexpected(problem_of(status.error()));
  }
  return as_exit_code(*status);
}

}  // namespace

CommandResult run(RunMaster const& command) {
  auto result = start(command, &app::run_master);
  if (!result) write_to_log_file(command.log, "master", result.error());
  return result;
}

CommandResult run(RunWorker const& command) {
  auto result = start(command, &app::run_worker);
  if (!result) write_to_log_file(command.log, "worker", result.error());
  return result;
}

CommandResult run(SandboxCluster const& command) {
  auto const options = prepare_sandbox(command);
  if (!options) return unexpected(options.error());
  auto const pid_file = PidFile::write(command.pid_file);
  if (!pid_file) return unexpected(pid_file.error());
  return as_exit_code(sandbox::run_sandbox_cluster(*options));
}

CommandResult run(SandboxLoad const& command, std::ostream& out) {
  sandbox::LoadWish wish;
  wish.coordinator = command.coordinators.front();
  wish.user = command.user;
  wish.password = command.password;
  wish.database = command.database;
  wish.shards = command.shards;
  if (!command.ca_file.empty()) {
    auto ca = load_certificates("--cluster.cacert", command.ca_file);
    if (!ca) return unexpected(ca.error());
    wish.tls.ca_pem = *std::move(ca);
  }
  bool is_complete = true;
  for (auto const& folder : command.folders) {
    wish.folder = folder;
    auto const loaded = sandbox::load_dumps(wish, out);
    if (!loaded) return failure(loaded.error());
    out << folder << ": " << loaded->documents << " documents in " << loaded->collections << " collections loaded\n";
    is_complete = is_complete && loaded->refused == 0 && loaded->indexes_refused == 0;
  }
  if (!is_complete) return failure("The cluster refused a part of it, see above");
  return ExitCode::Success;
}

CommandResult run(Replay const& command, std::ostream& out) {
  trace::ReplayWish wish;
  wish.files = command.files;
  wish.build = program_version_and_build();
  wish.until = command.until;
  wish.print_events = command.print_events;
  wish.print_state = command.print_state;
  wish.print_mermaid = command.print_mermaid;
  auto const replayed = trace::run_replay_command(wish, out);
  if (!replayed) return failure(replayed.error());
  return ExitCode::Success;
}

}  // namespace arangosync::cli
