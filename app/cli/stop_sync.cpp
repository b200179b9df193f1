// `stop sync`: wait until caught up, ask for the stop, wait until it is done. One deadline for all three.
#include "app/cli/stop_sync.h"

#include "app/cli/client.h"
#include "app/cli/connection.h"
#include "app/cli/message.h"

#include <algorithm>
#include <chrono>
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

CommandResult wait_until_caught_up(rest::SyncClient& client, StopSync const& command, Deadline deadline) {
  std::string const gave_up = "Not all shards have caught up within " + short_duration(command.timeout) +
                              "; nothing was stopped. Wait, raise --timeout, or give --ensure-in-sync=false";
  return wait_until(client, command, deadline, gave_up,
                    [&](master::StatusView const& status, std::string& last) -> CommandResult {
                      if (auto const failed = failed_shard(status)) {
                        return failure(*failed + "; nothing was stopped. Mend it, or give --ensure-in-sync=false");
                      }
                      auto const missing = not_caught_up(status);
                      if (!missing) return ExitCode::Success;
                      if (command.connection.verbose && *missing != last)
                        say(ports::LogLevel::Info, "Waiting: " + *missing);
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
    auto const stopping = client.stop({});
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

std::optional<std::string> not_caught_up(master::StatusView const& status) {
  if (status.status != sync::Status::Running) return "status is " + std::string(sync::to_string(status.status));
  auto const total = std::max(status.total_shards_count, status.shards_count);
  if (status.shards.size() < total) {
    return std::to_string(status.shards.size()) + " of " + std::to_string(total) + " shards have started";
  }
  for (auto const& shard : status.shards) {
    if (shard.report.status != sync::Status::Running) {
      return shard_name(shard) + " is " + std::string(sync::to_string(shard.report.status));
    }
    if (shard.report.delay >= caught_up_delay)
      return shard_name(shard) + " is " + short_duration(shard.report.delay) + " behind";
  }
  return std::nullopt;
}

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
  if (command.ensure_in_sync && !cancelling) {
    if (auto const waited = wait_until_caught_up(client, command, deadline); !waited) return waited;
    out << "All shards were running with a delay below " << short_duration(caught_up_delay)
        << ". The source was not made "
        << "read-only: writes made there meanwhile may be missing here.\n";
  }
  if (auto const requested = request_stop(client, command, deadline); !requested) return requested;
  if (auto const stopped = wait_until_stopped(client, command, deadline); !stopped) return stopped;
  out << "Synchronization stopped.\n";
  return ExitCode::Success;
}

}  // namespace arangosync::cli
