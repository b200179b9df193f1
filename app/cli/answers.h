// What the masters answer to client commands, as far as the command line shows it (spec arangosync-api 4.1, 4.9, 4.10, 5.1).
// Read from the JSON bodies; missing and null members count as empty, unknown ones are passed over. Errors are one line.
#pragma once

#include "domain/base/instant.h"
#include "domain/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::cli {

struct ShardAnswer {
  std::string database;
  std::string collection;
  std::uint64_t index = 0;
  std::string status;
  std::string message;
  Duration delay{0};
  std::string last_message;      ///< RFC 3339 as it came; empty: never
  std::string last_data_change;  ///< the same
  bool shard_master_known = false;
  bool in_sync = false;
};

struct OutgoingAnswer {
  std::string id;
  std::vector<std::string> endpoints;
  std::string status;
  std::vector<ShardAnswer> shards;
  std::uint64_t shards_count = 0;
};

struct StatusAnswer {
  std::vector<std::string> source;
  std::string status;  ///< "inactive" if the master left it out
  std::vector<ShardAnswer> shards;
  std::uint64_t shards_count = 0;
  std::uint64_t total_shards_count = 0;
  std::vector<OutgoingAnswer> outgoing;
  bool cancellation_aborted = false;
};

struct TaskAnswer {
  std::string id;
  std::string type;
  std::string database;
  std::string collection;
  std::uint64_t shard_index = 0;
  std::string target_id;
  std::string data_channel;
  std::string control_channel;
  std::string worker_id;
};

struct MasterAnswer {
  std::string id;
  std::string endpoint;
  bool leader = false;
};

struct WorkerAnswer {
  std::string id;
  std::string endpoint;
  std::string host;
  std::string expires_at;
};

struct VersionAnswer {
  std::string version;
  std::string build;
};

struct StopAnswer {
  bool aborted = false;
  bool cancelling = false;
  std::vector<std::string> source;
  std::string cluster_id;
  std::string message;
};

Expected<StatusAnswer, std::string> read_status(std::string_view json);
Expected<std::vector<TaskAnswer>, std::string> read_tasks(std::string_view json);
Expected<std::vector<MasterAnswer>, std::string> read_masters(std::string_view json);
Expected<std::vector<WorkerAnswer>, std::string> read_workers(std::string_view json);
Expected<VersionAnswer, std::string> read_version(std::string_view json);
Expected<StopAnswer, std::string> read_stop(std::string_view json);  ///< an empty body is an empty answer

/// No outgoing entries, no shards, no status but inactive (spec api 4.1).
bool is_inactive(StatusAnswer const& answer);

}  // namespace arangosync::cli
