#include "app/cli/client.h"

#include "app/cli/connection.h"
#include "app/cli/credentials.h"
#include "app/cli/view.h"

#include <utility>

namespace arangosync::cli {

namespace {

std::string target_of(Subject subject) {
  switch (subject) {
    case Subject::Status:
      return "/_api/sync?details=full";
    case Subject::Tasks:
      return "/_api/task";
    case Subject::Masters:
      return "/_api/masters";
    case Subject::Workers:
      return "/_api/worker";
    case Subject::Events:
      return "/_api/sync/events";
    case Subject::Version:
      return "/_api/version";
  }
  return "/_api/version";
}

/// Prints what `show` makes of the answer.
template <class T, class Show>
CommandResult printed(Get const& command, Outcome<T> const& answer, std::ostream& out, Show show) {
  if (!answer) return unexpected(problem_of(answer.error(), command.connection));
  out << show(*answer);
  return ExitCode::Success;
}

CommandResult print_text(rest::SyncClient& client, Get const& command, std::ostream& out) {
  bool const verbose = command.connection.verbose;
  switch (command.subject) {
    case Subject::Status:
      return printed(command, client.status(master::Details::Full), out, [&](auto const& status) {
        auto const timeout = verbose ? client.message_timeout() : Outcome<Duration>(unexpected(Fault{}));
        return show_status(status, verbose) +
               (timeout ? "Message timeout: " + short_duration(*timeout) + "\n" : std::string());
      });
    case Subject::Tasks:
      return printed(command, client.tasks(), out, [&](auto const& tasks) { return show_tasks(tasks, verbose); });
    case Subject::Masters:
      return printed(command, client.masters(), out, [](auto const& masters) { return show_masters(masters); });
    case Subject::Workers:
      return printed(command, client.workers(), out,
                     [&](auto const& workers) { return show_workers(workers, verbose); });
    case Subject::Events:
      return printed(command, client.events(), out, [](auto const& events) { return show_events(events); });
    case Subject::Version:
      return printed(command, client.version(), out, [](auto const& version) { return show_version(version); });
  }
  return ExitCode::Failure;
}

}  // namespace

CommandResult run(ConfigureSync const& command, std::ostream& out) {
  auto const identity = load_keyfile("--master.keyfile", command.master_keyfile, x509::Purpose::ClientAuth);
  if (!identity) return unexpected(identity.error());
  auto const source_ca = load_certificates("--source.cacert", command.source_ca_file);
  if (!source_ca) return unexpected(source_ca.error());
  auto options = client_options(command.connection);
  if (!options) return unexpected(options.error());

  rest::ConfigureRequest request;
  for (auto const& endpoint : command.source_endpoints) request.source.emplace_back(http::to_url(endpoint));
  request.authentication.client_certificate = identity->certificate_pem;
  request.authentication.client_key = identity->key_pem;
  request.authentication.ca_certificate = *source_ca;
  rest::SyncClient client(*std::move(options));
  auto const done = client.configure(request);
  if (!done) return unexpected(problem_of(done.error(), command.connection));
  out << "Synchronization activated.\n";
  return ExitCode::Success;
}

CommandResult run(Get const& command, std::ostream& out) {
  auto options = client_options(command.connection);
  if (!options) return unexpected(options.error());
  rest::SyncClient client(*std::move(options));
  if (!command.json) return print_text(client, command, out);
  return printed(command, client.raw(target_of(command.subject)), out,
                 [](std::string const& body) { return body + "\n"; });
}

CommandResult run(SetMessageTimeout const& command, std::ostream& out) {
  auto options = client_options(command.connection);
  if (!options) return unexpected(options.error());
  rest::SyncClient client(*std::move(options));
  auto const done = client.set_message_timeout(command.timeout);
  if (!done) return unexpected(problem_of(done.error(), command.connection));
  out << "Message timeout set to " << short_duration(command.timeout) << ".\n";
  return ExitCode::Success;
}

}  // namespace arangosync::cli
