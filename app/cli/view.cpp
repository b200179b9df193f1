#include "app/cli/view.h"

#include "app/cli/duration.h"
#include "app/cli/table.h"
#include "app/cli/version.h"

#include <algorithm>
#include <map>

namespace arangosync::cli {

namespace {

constexpr std::size_t failed_shards_shown_max = 10;
constexpr char indent[] = "  ";

std::string joined(std::vector<std::string> const& items) {
  std::string text;
  for (auto const& item : items) text += (text.empty() ? "" : ", ") + item;
  return text.empty() ? "-" : text;
}

/// "2026-01-31T12:00:00.887465887Z" without the fraction.
std::string to_the_second(std::string const& time) {
  auto const point = time.find('.');
  if (point == std::string::npos) return time.empty() ? "never" : time;
  auto const zone = time.find_first_not_of("0123456789", point + 1);
  return time.substr(0, point) + (zone == std::string::npos ? "" : time.substr(zone));
}

/// "10 of 12 running (1 failed, 1 initial-sync), largest delay 1.2s".
std::string progress(std::vector<ShardAnswer> const& shards, std::uint64_t total) {
  std::map<std::string, std::uint64_t> by_status;
  Duration delay{0};
  for (auto const& shard : shards) {
    ++by_status[shard.status];
    if (shard.status == "running") delay = std::max(delay, shard.delay);
  }
  auto const running = by_status["running"];
  by_status.erase("running");
  std::string text = std::to_string(running) + " of " + std::to_string(total) + " running";
  std::string others;
  for (auto const& [status, count] : by_status) others += (others.empty() ? "" : ", ") + std::to_string(count) + " " + status;
  if (!others.empty()) text += " (" + others + ")";
  if (running > 0) text += ", largest delay " + short_duration(delay);
  return text;
}

std::string shard_table(std::vector<ShardAnswer> const& shards) {
  Table table({"Database", "Collection", "Shard", "Status", "Delay", "Last message", "Last change", "Message"});
  for (auto const& shard : shards) {
    table.row({shard.database, shard.collection, std::to_string(shard.index), shard.status + (shard.in_sync ? ", in sync" : ""),
               short_duration(shard.delay), to_the_second(shard.last_message), to_the_second(shard.last_data_change),
               shard.message});
  }
  return table.text(indent);
}

std::string failed_shards(std::vector<ShardAnswer> const& shards) {
  std::string text;
  std::size_t count = 0;
  for (auto const& shard : shards) {
    if (shard.status != "failed") continue;
    if (++count > failed_shards_shown_max) continue;
    text += indent + std::string("Failed: ") + shard.database + "/" + shard.collection + " shard " + std::to_string(shard.index) +
            (shard.message.empty() ? "" : ": " + shard.message) + "\n";
  }
  if (count > failed_shards_shown_max) {
    text += indent + std::string("… and ") + std::to_string(count - failed_shards_shown_max) + " more failed shards; see -v\n";
  }
  return text;
}

std::string shards_text(std::vector<ShardAnswer> const& shards, std::uint64_t total, bool verbose) {
  if (shards.empty()) return indent + std::string("Shards:  ") + std::to_string(total) + "\n";
  std::string text = indent + std::string("Shards:  ") + progress(shards, total) + "\n";
  return text + (verbose ? shard_table(shards) : failed_shards(shards));
}

}  // namespace

std::string show_status(StatusAnswer const& answer, bool verbose) {
  std::string text = "Incoming synchronization: " + answer.status + "\n";
  if (!answer.source.empty()) text += indent + std::string("Source:  ") + joined(answer.source) + "\n";
  auto const total = std::max({answer.total_shards_count, answer.shards_count, std::uint64_t{answer.shards.size()}});
  if (total > 0) text += shards_text(answer.shards, total, verbose);
  if (answer.cancellation_aborted) {
    text += indent + std::string("The last synchronization was stopped without telling the source.\n");
  }
  if (answer.outgoing.empty()) return text + "Outgoing synchronizations: none\n";
  for (auto const& target : answer.outgoing) {
    text += "Outgoing synchronization to " + target.id + ": " + target.status + "\n";
    text += indent + std::string("Target:  ") + joined(target.endpoints) + "\n";
    text += shards_text(target.shards, std::max(target.shards_count, std::uint64_t{target.shards.size()}), verbose);
  }
  return text;
}

std::string show_tasks(std::vector<TaskAnswer> const& tasks, bool verbose) {
  if (tasks.empty()) return "No tasks.\n";
  std::vector<std::string> header{"Task", "Type", "Database", "Collection", "Shard", "Target", "Worker"};
  if (verbose) header.insert(header.end(), {"Data channel", "Control channel"});
  Table table(header);
  for (auto const& task : tasks) {
    bool const of_shard = !task.collection.empty();
    std::vector<std::string> row{task.id, task.type, task.database, task.collection,
                                 of_shard ? std::to_string(task.shard_index) : "", task.target_id,
                                 task.worker_id.empty() ? "(waiting)" : task.worker_id};
    if (verbose) row.insert(row.end(), {task.data_channel, task.control_channel});
    table.row(std::move(row));
  }
  return table.text();
}

std::string show_masters(std::vector<MasterAnswer> const& masters) {
  if (masters.empty()) return "No masters.\n";
  Table table({"Master", "Endpoint", "Leader"});
  for (auto const& master : masters) table.row({master.id, master.endpoint, master.leader ? "yes" : "no"});
  return table.text();
}

std::string show_workers(std::vector<WorkerAnswer> const& workers, bool verbose) {
  if (workers.empty()) return "No workers.\n";
  std::vector<std::string> header{"Worker", "Endpoint", "Host"};
  if (verbose) header.emplace_back("Registered until");
  Table table(header);
  for (auto const& worker : workers) {
    std::vector<std::string> row{worker.id, worker.endpoint, worker.host};
    if (verbose) row.push_back(worker.expires_at);
    table.row(std::move(row));
  }
  return table.text();
}

std::string show_version(VersionAnswer const& server) {
  return "Server: Version " + server.version + ", Build " + server.build + "\nClient: " + version_line() + "\n";
}

}  // namespace arangosync::cli
