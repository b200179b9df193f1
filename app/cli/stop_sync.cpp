// `stop sync`: bring the target in sync behind a barrier, ask for the stop, wait until it is done; one deadline for all
// three. `abort sync`: the same without the source. `abort outgoing sync` and `reset failed shard` beside it.
#include "app/cli/stop_sync.h"

#include "app/cli/client.h"
#include "app/cli/connection.h"
#include "app/cli/message.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

namespace arangosync::cli {

namespace {

using Deadline = std::chrono::steady_clock::time_point;

constexpr auto pause_between_looks = std::chrono::milliseconds(300);

std::string shard_name(master::ShardView const& view) {
  return view.shard.database.value() + "/" + view.shard.collection.value() + " shard " +
         std::to_string(view.shard.index);
}

/// Looks again and again until `settled` has an answer. A master that does not answer for a moment (a fail-over) is
/// asked again.
template <class Settled>
CommandResult wait_until(rest::SyncClient& client, StopSync const& command, Deadline deadline,
                         std::string const& gave_up, Settled settled) {
  std::string last = "no answer yet";
  for (;;) {
    auto const status = client.status(master::Details::Full);
    if (status) {
      if (CommandResult const result = settled(*status, last); !result || *result == ExitCode::Success) return result;
    } else if (status.error().fault_class != FaultClass::Retry) {
      return unexpected(problem_of(status.error(), command.connection));
    } else {
      last = status.error().message;
    }
    if (std::chrono::steady_clock::now() + pause_between_looks >= deadline) {
      return status ? CommandResult(failure(gave_up + " (" + last + ")"))
                    : CommandResult(unexpected(Problem{ExitCode::Unreachable, gave_up + " (" + last + ")"}));
    }
    std::this_thread::sleep_for(pause_between_looks);
  }
}

constexpr auto look_again = ExitCode::Failure;  // any value but Success; no problem, not settled yet
constexpr char nothing_was_stopped[] = "; nothing was stopped. Mend it, or give --ensure-in-sync=false";

/// Ctrl-C while the source is held read-only: it must not stay so.
class Interruption {
public:
  Interruption() : before_int_(std::signal(SIGINT, note)), before_term_(std::signal(SIGTERM, note)) {}
  ~Interruption() {
    std::signal(SIGINT, before_int_);
    std::signal(SIGTERM, before_term_);
  }
  Interruption(Interruption const&) = delete;
  Interruption& operator=(Interruption const&) = delete;
  static bool has_come() { return has_come_ != 0; }

private:
  static void note(int) { has_come_ = 1; }
  static inline std::sig_atomic_t volatile has_come_ = 0;
  void (*before_int_)(int);
  void (*before_term_)(int);
};

CommandResult wait_until_running(rest::SyncClient& client, StopSync const& command, Deadline deadline) {
  std::string const gave_up =
      "The synchronization is not running; nothing was stopped. Wait, raise --timeout, or give "
      "--ensure-in-sync=false";
  return wait_until(client, command, deadline, gave_up,
                    [](master::StatusView const& status, std::string& last) -> CommandResult {
                      if (auto const failed = failed_shard(status)) return failure(*failed + nothing_was_stopped);
                      if (status.status == sync::Status::Running) return ExitCode::Success;
                      last = "status is " + std::string(sync::to_string(status.status));
                      return look_again;
                    });
}

CommandResult wait_until_in_sync(rest::SyncClient& client, StopSync const& command, Deadline deadline) {
  std::string const gave_up = "Not everything is known to be in sync within " + short_duration(command.timeout) +
                              "; nothing was stopped. Wait, raise --timeout, or give --ensure-in-sync=false";
  Interruption const interruption;
  return wait_until(client, command, deadline, gave_up,
                    [&](master::StatusView const& status, std::string& last) -> CommandResult {
                      if (Interruption::has_come()) return failure("Interrupted; nothing was stopped");
                      if (auto const failed = failed_shard(status)) return failure(*failed + nothing_was_stopped);
                      auto const missing = not_in_sync(status);
                      if (!missing) return ExitCode::Success;
                      if (command.connection.verbose && *missing != last) {
                        say(ports::LogLevel::Info, "Waiting: " + *missing);
                      }
                      last = *missing;
                      return look_again;
                    });
}

/// Has the source held read-only until the target has everything. A failure lets the source go again.
CommandResult bring_in_sync(rest::SyncClient& client, StopSync const& command, Deadline deadline) {
  if (auto const waited = wait_until_running(client, command, deadline); !waited) return waited;
  if (auto const begun = client.begin_barrier(); !begun) {
    return unexpected(problem_of(begun.error(), command.connection));
  }
  auto const waited = wait_until_in_sync(client, command, deadline);
  if (waited) return waited;
  auto const ended = client.end_barrier();
  std::string const source = ended ? "The source accepts writes again."
                                   : "The source could not be told to accept writes again; it does so by itself within "
                                     "two minutes after this datacenter's masters have gone, else run stop sync again.";
  return unexpected(Problem{waited.error().code, waited.error().message + ". " + source});
}

CommandResult wait_until_stopped(rest::SyncClient& client, StopSync const& command, Deadline deadline) {
  std::string const gave_up = "The stop was requested but is not complete after " + short_duration(command.timeout) +
                              "; it goes on. Look with arangosync get status, or run stop sync again";
  return wait_until(client, command, deadline, gave_up,
                    [](master::StatusView const& status, std::string& last) -> CommandResult {
                      if (status.status == sync::Status::Inactive && status.shards_count == 0) return ExitCode::Success;
                      last = "status is " + std::string(sync::to_string(status.status));
                      return look_again;
                    });
}

/// Stopping twice is the same as once, so a lost answer is no reason to give up.
CommandResult request_stop(rest::SyncClient& client, StopSync const& command, Deadline deadline) {
  for (;;) {
    rest::StopRequest request;
    request.force = command.force;
    // Half of the time for telling the source, the rest for this side.
    if (command.force) request.force_timeout = std::min<Duration>(command.timeout / 2, std::chrono::minutes(1));
    auto const stopping = client.stop(request);
    if (stopping) return ExitCode::Success;
    bool const again = stopping.error().fault_class == FaultClass::Retry &&
                       std::chrono::steady_clock::now() + pause_between_looks < deadline;
    if (!again) return unexpected(problem_of(stopping.error(), command.connection));
    std::this_thread::sleep_for(pause_between_looks);
  }
}

}  // namespace

std::optional<std::string> failed_shard(master::StatusView const& status) {
  for (auto const& shard : status.shards) {
    if (shard.report.status != sync::Status::Failed) continue;
    return shard_name(shard) + " has failed" + (shard.report.message.empty() ? "" : ": " + shard.report.message);
  }
  return std::nullopt;
}

std::optional<std::string> not_in_sync(master::StatusView const& status) {
  std::string const reason = status.message.empty() ? "" : ": " + status.message;
  if (status.status != sync::Status::Running)
    return "status is " + std::string(sync::to_string(status.status)) + reason;
  if (!status.barrier || !status.barrier->source_read_only) return "the source is not read-only yet" + reason;
  for (auto const& shard : status.shards) {
    if (shard.in_sync) continue;
    return shard_name(shard) + " is " + std::string(sync::to_string(shard.report.status)) +
           " and not known to be in sync";
  }
  if (status.barrier->not_in_sync > 0)
    return std::string(
        "the structure is not known yet to be the source's; if it stays so, arangosync get status -v says what "
        "differs");
  return std::nullopt;
}

namespace {

/// What is left to do at a source that was not told.
std::string farewell(StopSync const& command, rest::SyncClient& client) {
  if (!command.force) return "Synchronization stopped.\n";
  auto const status = client.status(master::Details::Short);
  if (!status || !status->cancellation_aborted) return "Synchronization stopped; the source was told.\n";
  auto const stopping = client.stop({});  // changes nothing when inactive; tells by which id the source knows us
  std::string const id = stopping ? stopping->cluster_id.value() : "<this datacenter's cluster id>";
  return "Synchronization aborted. The source could not be told and still counts this datacenter as a target; when it "
         "is back, run there:\n  arangosync abort outgoing sync --target=" +
         id + "\n";
}

}  // namespace

CommandResult run(StopSync const& command, std::ostream& out) {
  auto options = client_options(command.connection);
  if (!options) return unexpected(options.error());
  auto const deadline = std::chrono::steady_clock::now() + command.timeout;
  options->timeout = std::min<Duration>(options->timeout, command.timeout);
  rest::SyncClient client(*std::move(options));

  auto const before = client.status(master::Details::Short);
  if (!before) return unexpected(problem_of(before.error(), command.connection));
  bool const inactive = before->status == sync::Status::Inactive && before->shards_count == 0;
  bool const cancelling = before->status == sync::Status::Cancelling;
  if (inactive) {
    out << "No synchronization is active; nothing to stop.\n";
    return ExitCode::Success;
  }
  // A stop that is under way already cannot be held back any more.
  if (command.ensure_in_sync && !command.force && !cancelling) {
    if (auto const waited = bring_in_sync(client, command, deadline); !waited) return waited;
    out << "The source is read-only; all shards and the structure are in sync.\n";
  }
  if (auto const requested = request_stop(client, command, deadline); !requested) return requested;
  if (auto const stopped = wait_until_stopped(client, command, deadline); !stopped) return stopped;
  out << farewell(command, client);
  return ExitCode::Success;
}

CommandResult run(AbortOutgoing const& command, std::ostream& out) {
  auto const options = client_options(command.connection);
  if (!options) return unexpected(options.error());
  rest::SyncClient client(*options);
  auto const status = client.status(master::Details::Short);
  if (!status) return unexpected(problem_of(status.error(), command.connection));
  std::vector<ClusterId> ids;
  for (auto const& target : status->outgoing) {
    if (command.target.empty() || target.id.value() == command.target) ids.push_back(target.id);
  }
  if (ids.empty() && !command.target.empty()) return failure("This datacenter has no target " + command.target);
  if (ids.empty()) {
    out << "No outgoing synchronization; nothing to clean up.\n";
    return ExitCode::Success;
  }
  if (ids.size() > 1) {
    std::string names;
    for (ClusterId const& id : ids) names += " " + id.value();
    return failure("There are several targets; name one with --target:" + names);
  }
  auto const removed = client.remove_outgoing(ids.front());
  if (!removed) return unexpected(problem_of(removed.error(), command.connection));
  out << "Outgoing synchronization to " << ids.front().value() << " is being removed.\n";
  return ExitCode::Success;
}

CommandResult run(ResetShard const& command, std::ostream& out) {
  auto const options = client_options(command.connection);
  if (!options) return unexpected(options.error());
  rest::SyncClient client(*options);
  ShardRef const shard{DatabaseName(command.database), CollectionName(command.collection), command.shard};
  auto const reset = client.reset_shard(shard);
  if (!reset) return unexpected(problem_of(reset.error(), command.connection));
  out << "Shard " << command.shard << " of " << command.database << "/" << command.collection
      << " starts again with new tasks.\n";
  return ExitCode::Success;
}

}  // namespace arangosync::cli
