#include "app/cli/answers.h"

#include <boost/json.hpp>

namespace arangosync::cli {

namespace {

namespace json = boost::json;

json::value const* member(json::object const& object, std::string_view name) {
  auto const* value = object.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string text(json::object const& object, std::string_view name) {
  auto const* value = member(object, name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool flag(json::object const& object, std::string_view name) {
  auto const* value = member(object, name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::int64_t number(json::object const& object, std::string_view name) {
  auto const* value = member(object, name);
  if (value == nullptr) return 0;
  if (value->is_int64()) return value->get_int64();
  if (value->is_uint64()) return INT64_MAX;  // larger than any count or duration that is meant
  return 0;
}

std::uint64_t count(json::object const& object, std::string_view name) {
  auto const value = number(object, name);
  return value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

/// Go's zero time is "never".
std::string time(json::object const& object, std::string_view name) {
  auto value = text(object, name);
  return value.starts_with("0001-01-01T00:00:00") ? std::string() : value;
}

template <class T, class Read>
std::vector<T> list(json::object const& object, std::string_view name, Read read) {
  std::vector<T> items;
  auto const* value = member(object, name);
  if (value == nullptr || !value->is_array()) return items;
  for (auto const& item : value->get_array()) {
    if (item.is_object()) items.push_back(read(item.get_object()));
  }
  return items;
}

std::vector<std::string> texts(json::object const& object, std::string_view name) {
  std::vector<std::string> items;
  auto const* value = member(object, name);
  if (value == nullptr || !value->is_array()) return items;
  for (auto const& item : value->get_array()) {
    if (item.is_string()) items.emplace_back(item.get_string());
  }
  return items;
}

Expected<json::object, std::string> read_object(std::string_view body) {
  json::error_code failed;
  auto value = json::parse(json::string_view(body.data(), body.size()), failed);
  if (failed || !value.is_object()) {
    return unexpected(std::string("The master's answer is not understood; is this the port of a sync master?"));
  }
  return std::move(value.get_object());
}

std::string status_of(json::object const& object) {
  auto status = text(object, "status");
  return status.empty() ? "inactive" : status;
}

ShardAnswer read_shard(json::object const& from) {
  ShardAnswer shard;
  shard.database = text(from, "database");
  shard.collection = text(from, "collection");
  shard.index = count(from, "shardIndex");
  shard.status = status_of(from);
  shard.message = text(from, "status_message");
  shard.delay = Duration(number(from, "delay"));
  shard.last_message = time(from, "last_message");
  shard.last_data_change = time(from, "last_data_change");
  shard.shard_master_known = flag(from, "shard_master_known");
  shard.in_sync = flag(from, "in_sync");
  return shard;
}

OutgoingAnswer read_outgoing(json::object const& from) {
  OutgoingAnswer outgoing;
  outgoing.id = text(from, "id");
  outgoing.endpoints = texts(from, "endpoint");
  outgoing.status = status_of(from);
  outgoing.shards = list<ShardAnswer>(from, "shards", read_shard);
  outgoing.shards_count = count(from, "shardsCount");
  return outgoing;
}

TaskAnswer read_task(json::object const& from) {
  TaskAnswer task;
  task.id = text(from, "id");
  if (auto const* data = member(from, "task"); data != nullptr && data->is_object()) {
    auto const& what = data->get_object();
    task.type = text(what, "type");
    task.database = text(what, "database");
    task.collection = text(what, "collection");
    task.shard_index = count(what, "shardIndex");
    task.target_id = text(what, "target_id");
    if (auto const* channels = member(what, "channels"); channels != nullptr && channels->is_object()) {
      task.data_channel = text(channels->get_object(), "data");
      task.control_channel = text(channels->get_object(), "control");
    }
  }
  if (auto const* assignment = member(from, "assignment"); assignment != nullptr && assignment->is_object()) {
    task.worker_id = text(assignment->get_object(), "worker_id");
  }
  return task;
}

}  // namespace

Expected<StatusAnswer, std::string> read_status(std::string_view body) {
  auto const object = read_object(body);
  if (!object) return unexpected(object.error());
  StatusAnswer answer;
  answer.source = texts(*object, "source");
  answer.status = status_of(*object);
  answer.shards = list<ShardAnswer>(*object, "shards", read_shard);
  answer.shards_count = count(*object, "shardsCount");
  answer.total_shards_count = count(*object, "totalShardsCount");
  answer.outgoing = list<OutgoingAnswer>(*object, "outgoing", read_outgoing);
  answer.cancellation_aborted = flag(*object, "cancellationAborted");
  return answer;
}

Expected<std::vector<TaskAnswer>, std::string> read_tasks(std::string_view body) {
  auto const object = read_object(body);
  if (!object) return unexpected(object.error());
  return list<TaskAnswer>(*object, "tasks", read_task);
}

Expected<std::vector<MasterAnswer>, std::string> read_masters(std::string_view body) {
  auto const object = read_object(body);
  if (!object) return unexpected(object.error());
  return list<MasterAnswer>(*object, "masters", [](json::object const& from) {
    return MasterAnswer{text(from, "id"), text(from, "endpoint"), flag(from, "leader")};
  });
}

Expected<std::vector<WorkerAnswer>, std::string> read_workers(std::string_view body) {
  auto const object = read_object(body);
  if (!object) return unexpected(object.error());
  return list<WorkerAnswer>(*object, "workers", [](json::object const& from) {
    return WorkerAnswer{text(from, "id"), text(from, "endpoint"), text(from, "host"), time(from, "expiresAt")};
  });
}

Expected<VersionAnswer, std::string> read_version(std::string_view body) {
  auto const object = read_object(body);
  if (!object) return unexpected(object.error());
  return VersionAnswer{text(*object, "version"), text(*object, "build")};
}

Expected<StopAnswer, std::string> read_stop(std::string_view body) {
  if (body.empty()) return StopAnswer{};
  auto const object = read_object(body);
  if (!object) return unexpected(object.error());
  return StopAnswer{flag(*object, "aborted"), flag(*object, "cancelling"), texts(*object, "source"),
                    text(*object, "cluster_id"), text(*object, "message")};
}

bool is_inactive(StatusAnswer const& answer) {
  return answer.outgoing.empty() && answer.shards_count == 0 && answer.status == "inactive";
}

}  // namespace arangosync::cli
