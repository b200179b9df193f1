#include "app/cli/view.h"

#include "adapters/codec/time_text.h"
#include "app/cli/duration.h"
#include "app/cli/table.h"
#include "app/cli/version.h"

#include <algorithm>
#include <map>

namespace arangosync::cli {

namespace {

constexpr std::size_t failed_shards_shown_max = 10;
constexpr char indent[] = "  ";

std::string joined(std::vector<Url> const& urls) {
  std::string text;
  for (auto const& url : urls) text += (text.empty() ? "" : ", ") + url.value();
  return text.empty() ? "-" : printable(std::move(text));
}

std::string to_the_second(WallTime at) {
  if (at.is_zero()) return "never";
  return codec::time_text(WallTime(std::chrono::floor<std::chrono::seconds>(at.since_epoch())));
}

/// "10 of 12 running (1 failed, 1 initial-sync), largest delay 1.2s".
std::string progress(std::vector<master::ShardView> const& shards, std::uint64_t total) {
  std::map<sync::Status, std::uint64_t> by_status;
  Duration delay{0};
  for (auto const& shard : shards) {
    ++by_status[shard.report.status];
    if (shard.report.status == sync::Status::Running) delay = std::max(delay, shard.report.delay);
  }
  auto const running = by_status[sync::Status::Running];
  by_status.erase(sync::Status::Running);
  std::string text = std::to_string(running) + " of " + std::to_string(total) + " running";
  std::string others;
  for (auto const& [status, count] : by_status) {
    others += (others.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(sync::to_string(status));
  }
  if (!others.empty()) text += " (" + others + ")";
  if (running > 0) text += ", largest delay " + short_duration(delay);
  return text;
}

/// How many shards are read by which route: "2 direct, 1 compare". Only a source's senders tell.
std::string routes(std::vector<master::ShardView> const& shards) {
  std::map<std::string, std::uint64_t> counts;
  for (auto const& shard : shards) {
    if (!shard.report.route.empty()) ++counts[shard.report.route];
  }
  std::string text;
  for (auto const& [route, count] : counts) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + route;
  return text;
}

std::string shard_table(std::vector<master::ShardView> const& shards) {
  bool const has_routes = !routes(shards).empty();
  std::vector<std::string> header{"Database", "Collection",   "Shard",       "Status",
                                  "Delay",    "Last message", "Last change", "Message"};
  if (has_routes) header.insert(header.end() - 1, "Route");
  Table table(header);
  for (auto const& [shard, report, in_sync] : shards) {
    std::vector<std::string> row{shard.database.value(),
                                 shard.collection.value(),
                                 std::to_string(shard.index),
                                 std::string(sync::to_string(report.status)) + (in_sync ? ", in sync" : ""),
                                 short_duration(report.delay),
                                 to_the_second(report.last_message),
                                 to_the_second(report.last_data_change),
                                 report.message};
    if (has_routes) row.insert(row.end() - 1, report.route);
    table.row(std::move(row));
  }
  return table.text(indent);
}

std::string failed_shards(std::vector<master::ShardView> const& shards) {
  std::string text;
  std::size_t count = 0;
  for (auto const& [shard, report, in_sync] : shards) {
    if (report.status != sync::Status::Failed) continue;
    if (++count > failed_shards_shown_max) continue;
    std::string const name = shard.database.value() + "/" + shard.collection.value();
    text += indent + ("Failed: " + printable(name) + " shard " + std::to_string(shard.index)) +
            (report.message.empty() ? "" : ": " + printable(report.message)) + "\n";
  }
  if (count > failed_shards_shown_max) {
    text += indent + std::string("... and ") + std::to_string(count - failed_shards_shown_max) +
            " more failed shards; see -v\n";
  }
  return text;
}

std::string shards_text(std::vector<master::ShardView> const& shards, std::uint64_t total, bool verbose) {
  if (shards.empty()) return indent + std::string("Shards:  ") + std::to_string(total) + "\n";
  std::string text = indent + std::string("Shards:  ") + progress(shards, total) + "\n";
  if (auto const by = routes(shards); !by.empty()) text += indent + ("Routes:  " + by + "\n");
  return text + (verbose ? shard_table(shards) : failed_shards(shards));
}

/// What of the source's structure is not on the target as it should be.
std::string structure_text(std::vector<sync::StructureTrouble> const& troubles, bool verbose) {
  if (troubles.empty()) return "";
  std::string const count = std::to_string(troubles.size());
  std::string text = indent + std::string("Structure: ") + count +
                     (troubles.size() == 1 ? " thing is" : " things are") + " not as at the source" +
                     (verbose ? "\n" : "; see -v\n");
  if (!verbose) return text;
  Table table({"Structure", "Since", "Message"});
  for (auto const& trouble : troubles) table.row({trouble.item, to_the_second(trouble.since), trouble.message});
  return text + table.text(indent);
}

std::string reason(std::string const& message) {
  return message.empty() ? std::string() : indent + std::string("Reason:  ") + printable(message) + "\n";
}

std::string barrier_text(master::BarrierView const& barrier) {
  std::string const held = barrier.source_read_only ? "the source is read-only" : "asked for";
  std::string const all = std::to_string(barrier.in_sync + barrier.not_in_sync);
  return indent + ("Barrier: " + held + ", " + std::to_string(barrier.in_sync) + " of " + all + " in sync\n");
}

}  // namespace

std::string show_status(master::StatusView const& status, bool verbose) {
  std::string text = "Incoming synchronization: " + std::string(sync::to_string(status.status)) + "\n";
  if (!status.source.empty()) text += indent + std::string("Source:  ") + joined(status.source) + "\n";
  text += reason(status.message);
  auto const total = std::max({status.total_shards_count, status.shards_count, std::uint64_t{status.shards.size()}});
  if (total > 0) text += shards_text(status.shards, total, verbose);
  text += structure_text(status.structure_troubles, verbose);
  if (status.barrier) text += barrier_text(*status.barrier);
  if (status.cancellation_aborted) {
    text += indent + std::string("The last synchronization was stopped without telling the source.\n");
  }
  if (status.outgoing.empty()) return text + "Outgoing synchronizations: none\n";
  for (auto const& target : status.outgoing) {
    std::string const id = printable(target.id.value());
    text += "Outgoing synchronization to " + id + ": " + std::string(sync::to_string(target.status)) + "\n";
    text += indent + std::string("Target:  ") + joined(target.endpoint) + "\n";
    text += reason(target.message);
    text += shards_text(target.shards, std::max(target.shards_count, std::uint64_t{target.shards.size()}), verbose);
  }
  return text;
}

bool is_inactive(master::StatusView const& status) {
  return status.outgoing.empty() && status.shards_count == 0 && status.status == sync::Status::Inactive;
}

std::string show_tasks(std::vector<task::Task> const& tasks, bool verbose) {
  if (tasks.empty()) return "No tasks.\n";
  std::vector<std::string> header{"Task", "Type", "Database", "Collection", "Shard", "Target", "Worker"};
  if (verbose) header.insert(header.end(), {"Data channel", "Control channel"});
  Table table(header);
  for (auto const& task : tasks) {
    auto const shard = task.spec.shard.value_or(ShardRef{});
    auto const worker = task.assignment ? task.assignment->worker.value() : std::string();
    std::vector<std::string> row{task.id.value(),
                                 std::string(task::to_string(task.spec.kind)),
                                 shard.database.value(),
                                 shard.collection.value(),
                                 task.spec.shard ? std::to_string(shard.index) : "",
                                 task.spec.target ? task.spec.target->value() : "",
                                 worker.empty() ? "(waiting)" : worker};
    if (verbose) row.insert(row.end(), {task.spec.channels.data.value(), task.spec.channels.control.value()});
    table.row(std::move(row));
  }
  return table.text();
}

std::string show_masters(std::vector<master::MasterView> const& masters) {
  if (masters.empty()) return "No masters.\n";
  Table table({"Master", "Endpoint", "Leader"});
  for (auto const& one : masters) table.row({one.id.value(), one.endpoint.value(), one.leader ? "yes" : "no"});
  return table.text();
}

std::string show_workers(std::vector<rest::WorkerEntry> const& workers, bool verbose) {
  if (workers.empty()) return "No workers.\n";
  std::vector<std::string> header{"Worker", "Endpoint", "Host"};
  if (verbose) header.emplace_back("Registered until");
  Table table(header);
  for (auto const& worker : workers) {
    std::vector<std::string> row{worker.record.id.value(), worker.record.endpoint.value(), worker.record.host};
    if (verbose) row.push_back(to_the_second(worker.expires_at));
    table.row(std::move(row));
  }
  return table.text();
}

std::string show_events(std::vector<rest::EventLine> const& events) {
  if (events.empty()) return "No events.\n";
  Table table({"Number", "Time", "Term", "Event", "Details"});
  for (auto const& line : events) {
    table.row(
        {std::to_string(line.sequence), to_the_second(line.time), std::to_string(line.term), line.event, line.details});
  }
  return table.text();
}

std::string show_version(rest::Version const& server) {
  return "Server: Version " + printable(server.version) + ", Build " + printable(server.build) +
         "\nClient: " + version_line() + "\n";
}

}  // namespace arangosync::cli
