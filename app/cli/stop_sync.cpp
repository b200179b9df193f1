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

/// Ctrl-C, or the end of the terminal, while the source is held read-only: it must not stay so.
class Interruption {
public:
  Interruption() : before_int_(heed(SIGINT)), before_term_(heed(SIGTERM)), before_hup_(heed(SIGHUP)) {}
  ~Interruption() {
    std::signal(SIGINT, before_int_);
    std::signal(SIGTERM, before_term_);
    std::signal(SIGHUP, before_hup_);
    has_come_ = 0;
  }
  Interruption(Interruption const&) = delete;
  Interruption& operator=(Interruption const&) = delete;
  static bool has_come() { return has_come_ != 0; }

private:
  using Handler = void (*)(int);
  static void note(int) { has_come_ = 1; }
  /// What nohup or a shell has set to be ignored stays so.
  static Handler heed(int signal) {
    Handler const before = std::signal(signal, note);
    if (before == SIG_IGN) std::signal(signal, SIG_IGN);
    return before;
  }
  static inline std::sig_atomic_t volatile has_come_ = 0;
  Handler before_int_;
  Handler before_term_;
  Handler before_hup_;
};

/// Looks again and again until `settled` has an answer. A master that does not answer for a moment (a fail-over) is
/// asked again.
template <class Settled>
CommandResult wait_until(rest::SyncClient& client, StopSync const& command, Deadline deadline,
                         std::string const& gave_up, Settled settled) {
  std::string last = "no answer yet";
  for (;;) {
    if (Interruption::has_come()) return failure("Interrupted; nothing was stopped");
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

/// Whoever waits behind a barrier says so again: the target gives it up when nobody has for a while.
constexpr auto pause_between_signs = std::chrono::seconds(10);
static_assert(pause_between_signs * 3 < sync::pace::barrier_interest);
/// A source that could not be told is writable again then: its target gives the barrier up, and if that cannot tell it
/// either, it does not wait longer for it.
constexpr auto healed_after =
    std::chrono::ceil<std::chrono::minutes>(sync::pace::barrier_interest + sync::pace::barrier_lease);

constexpr auto look_again = ExitCode::Failure;  // any value but Success; no problem, not settled yet
constexpr char nothing_was_stopped[] = "; nothing was stopped. Mend it, or give --ensure-in-sync=false";

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
  auto sign_at = std::chrono::steady_clock::now() + pause_between_signs;
  return wait_until(client, command, deadline, gave_up,
                    [&](master::StatusView const& status, std::string& last) -> CommandResult {
                      if (std::chrono::steady_clock::now() >= sign_at) {
                        // Also begins it anew if somebody has ended it. What comes of it, the status says.
                        (void)client.begin_barrier();
                        sign_at = std::chrono::steady_clock::now() + pause_between_signs;
                      }
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
    if (Interruption::has_come()) return failure("Interrupted; no master has answered the stop yet");
    std::this_thread::sleep_for(pause_between_looks);
  }
}

/// Nothing comes of what the source was held read-only for: it is to accept writes again.
CommandResult let_go(rest::SyncClient& client, Problem const& problem) {
  std::string const source = client.end_barrier()
                                 ? "The source accepts writes again."
                                 : "The source could not be told to accept writes again; it does so by itself within " +
                                       std::to_string(healed_after.count()) + " minutes.";
  return unexpected(Problem{problem.code, problem.message + ". " + source});
}

/// Has the source held read-only until the target has everything, and asks for the stop then. A failure lets the source
/// go again.
CommandResult stop_in_sync(rest::SyncClient& client, StopSync const& command, Deadline deadline, std::ostream& out) {
  if (auto const waited = wait_until_running(client, command, deadline); !waited) return waited;
  Interruption const interruption;
  if (auto const begun = client.begin_barrier(); !begun) {
    Problem const problem = problem_of(begun.error(), command.connection);
    // What has no answer may have been begun; what was refused was not.
    bool const is_refused = begun.error().fault_class != FaultClass::Retry;
    return is_refused ? CommandResult(unexpected(problem)) : let_go(client, problem);
  }
  if (auto const waited = wait_until_in_sync(client, command, deadline); !waited) return let_go(client, waited.error());
  out << "The source is read-only; all shards and the structure are in sync.\n";
  if (auto const requested = request_stop(client, command, deadline); !requested) {
    return let_go(client, requested.error());  // without effect where the stop has begun after all
  }
  return ExitCode::Success;
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
  bool const is_held_back = command.ensure_in_sync && !command.force && !cancelling;
  auto const requested =
      is_held_back ? stop_in_sync(client, command, deadline, out) : request_stop(client, command, deadline);
  if (!requested) return requested;
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
