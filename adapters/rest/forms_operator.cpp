// Bodies that operators, the command line and other public clients see (spec arangosync-api 3, 4).
#include "adapters/codec/time_text.h"
#include "adapters/rest/json_access.h"

namespace arangosync::rest {

std::string error_json(std::string_view message) {
  return as_text({{"Error", json::string_view(message.data(), message.size())}});
}

std::string error_text(std::string_view body, int status) {
  Reader reader(body, true);
  for (char const* name : {"Error", "error"}) {
    std::string text = reader.text(name);
    if (!text.empty()) return text;
  }
  return "status " + std::to_string(status);
}

std::string to_json(Version const& version) {
  return as_text({{"version", version.version}, {"build", version.build}});
}

Read<Version> read_version(std::string_view text) {
  Reader reader(text);
  return reader.result(Version{reader.text("version"), reader.text("build")});
}

std::string role_json(std::string_view role) {
  return as_text({{"role", json::string_view(role.data(), role.size())}});
}

namespace {

json::object shard_json(master::ShardView const& shard) {
  sync::ShardReport const& report = shard.report;
  json::object object{{"database", shard.shard.database.value()},
                      {"collection", shard.shard.collection.value()},
                      {"shardIndex", shard.shard.index},
                      {"status", std::string(sync::to_string(report.status))}};
  set_unless_empty(object, "status_message", report.message);
  set_unless_zero(object, "delay", report.delay.count());
  object["last_message"] = codec::time_text(report.last_message);
  object["last_data_change"] = codec::time_text(report.last_data_change);
  object["last_shard_master_change"] = codec::time_text(report.last_shard_master_change);
  object["shard_master_known"] = report.shard_master_known;
  set_unless_false(object, "in_sync", shard.in_sync);
  set_unless_zero(object, "documents", static_cast<std::int64_t>(report.documents));
  set_unless_zero(object, "bytes", static_cast<std::int64_t>(report.bytes));
  set_unless_empty(object, "read_route", report.route);
  return object;
}

void set_shards(json::object& object, std::vector<master::ShardView> const& shards, std::uint64_t count) {
  if (!shards.empty()) {
    json::array list;
    for (auto const& shard : shards) list.push_back(shard_json(shard));
    object["shards"] = std::move(list);
  }
  set_unless_zero(object, "shardsCount", static_cast<std::int64_t>(count));
}

sync::Status read_status_word(Reader& reader) {
  auto const status = sync::parse_status(reader.text("status"));
  return status.value_or(sync::Status::Failed);
}

std::vector<master::ShardView> read_shards(Reader& reader) {
  std::vector<master::ShardView> shards;
  reader.list("shards", [&](Reader& shard) {
    master::ShardView view;
    view.shard.database = DatabaseName(shard.text("database"));
    view.shard.collection = CollectionName(shard.text("collection"));
    view.shard.index = static_cast<std::uint32_t>(shard.unsigned_integer("shardIndex"));
    view.report.status = read_status_word(shard);
    view.report.message = shard.text("status_message");
    view.report.delay = shard.duration("delay");
    view.report.last_message = shard.time("last_message");
    view.report.last_data_change = shard.time("last_data_change");
    view.report.last_shard_master_change = shard.time("last_shard_master_change");
    view.report.shard_master_known = shard.flag("shard_master_known");
    view.in_sync = shard.flag("in_sync");
    view.report.documents = shard.unsigned_integer("documents");
    view.report.bytes = shard.unsigned_integer("bytes");
    view.report.route = shard.text("read_route");
    shards.push_back(std::move(view));
  });
  return shards;
}

json::object barrier_object(master::BarrierView const& barrier) {
  json::object object;
  set_unless_zero(object, "in_sync_shards", static_cast<std::int64_t>(barrier.in_sync));
  set_unless_zero(object, "not_in_sync_shards", static_cast<std::int64_t>(barrier.not_in_sync));
  object["SourceServerReadonly"] = barrier.source_read_only;
  return object;
}

master::BarrierView barrier_of(Reader& reader) {
  return {reader.unsigned_integer("in_sync_shards"), reader.unsigned_integer("not_in_sync_shards"),
          reader.flag("SourceServerReadonly")};
}

}  // namespace

std::string to_json(master::BarrierView const& barrier) { return as_text(barrier_object(barrier)); }

Read<master::BarrierView> read_barrier(std::string_view text) {
  Reader reader(text);
  return reader.result(barrier_of(reader));
}

std::string to_json(master::StatusView const& status) {
  json::object object{{"source", urls_json(status.source)}, {"status", std::string(sync::to_string(status.status))}};
  set_unless_empty(object, "status_message", status.message);
  set_shards(object, status.shards, status.shards_count);
  set_unless_zero(object, "totalShardsCount", static_cast<std::int64_t>(status.total_shards_count));
  set_troubles(object, status.structure_troubles);
  json::array outgoing;
  for (auto const& target : status.outgoing) {
    json::object entry{{"id", target.id.value()},
                       {"endpoint", urls_json(target.endpoint)},
                       {"status", std::string(sync::to_string(target.status))}};
    set_unless_empty(entry, "status_message", target.message);
    set_shards(entry, target.shards, target.shards_count);
    set_unless_false(entry, "active_barrier", target.active_barrier);
    outgoing.push_back(std::move(entry));
  }
  if (!outgoing.empty()) object["outgoing"] = std::move(outgoing);
  set_unless_false(object, "cancellationAborted", status.cancellation_aborted);
  if (status.barrier) object["barrier"] = barrier_object(*status.barrier);
  return as_text(object);
}

Read<master::StatusView> read_status(std::string_view text) {
  Reader reader(text);
  master::StatusView status;
  status.source = reader.urls("source");
  status.status = read_status_word(reader);
  status.message = reader.text("status_message");
  status.shards = read_shards(reader);
  status.shards_count = reader.unsigned_integer("shardsCount");
  status.total_shards_count = reader.unsigned_integer("totalShardsCount");
  status.structure_troubles = read_troubles(reader);
  reader.list("outgoing", [&](Reader& entry) {
    master::OutgoingView target;
    target.id = ClusterId(entry.text("id"));
    target.endpoint = entry.urls("endpoint");
    target.status = read_status_word(entry);
    target.message = entry.text("status_message");
    target.shards = read_shards(entry);
    target.shards_count = entry.unsigned_integer("shardsCount");
    target.active_barrier = entry.flag("active_barrier");
    status.outgoing.push_back(std::move(target));
  });
  status.cancellation_aborted = reader.flag("cancellationAborted");
  Reader barrier = reader.object("barrier");
  if (barrier.has("SourceServerReadonly")) status.barrier = barrier_of(barrier);
  return reader.result(std::move(status));
}

std::string to_json(ConfigureRequest const& request) {
  return as_text({{"source", urls_json(request.source)},
                  {"authentication",
                   {{"clientCertificate", request.authentication.client_certificate},
                    {"clientKey", request.authentication.client_key},
                    {"clientToken", request.authentication.client_token},
                    {"caCertificate", request.authentication.ca_certificate}}}});
}

Read<ConfigureRequest> read_configure(std::string_view text) {
  Reader reader(text);
  ConfigureRequest request;
  request.source = reader.urls("source");
  Reader authentication = reader.object("authentication");
  request.authentication.client_certificate = authentication.text("clientCertificate");
  request.authentication.client_key = authentication.text("clientKey");
  request.authentication.client_token = authentication.text("clientToken");
  request.authentication.ca_certificate = authentication.text("caCertificate");
  if (reader.failed()) return unexpected(reader.problem_text());
  if (request.source.empty()) return unexpected(std::string("source missing"));
  if (request.authentication.client_certificate.empty()) return unexpected(std::string("clientCertificate missing"));
  if (request.authentication.client_key.empty()) return unexpected(std::string("clientKey missing"));
  if (request.authentication.ca_certificate.empty()) return unexpected(std::string("caCertificate missing"));
  return request;
}

std::string_view to_string(sync::ServerMode mode) {
  return mode == sync::ServerMode::ReadOnly ? "readonly" : "default";
}

std::optional<sync::ServerMode> parse_server_mode(std::string_view text) {
  if (text == "default") return sync::ServerMode::Default;
  if (text == "readonly") return sync::ServerMode::ReadOnly;
  return std::nullopt;
}

std::string to_json(StopRequest const& request) {
  json::object object;
  set_unless_zero(object, "wait_timeout", request.wait_timeout.count());
  set_unless_false(object, "force", request.force);
  set_unless_zero(object, "force_timeout", request.force_timeout.count());
  if (request.target_mode) set_unless_empty(object, "target_server_mode", to_string(*request.target_mode));
  if (request.source_mode) set_unless_empty(object, "source_server_mode", to_string(*request.source_mode));
  return as_text(object);
}

Read<StopRequest> read_stop(std::string_view text) {
  Reader reader(text, true);
  StopRequest request;
  request.wait_timeout = reader.duration("wait_timeout");
  request.force = reader.flag("force");
  request.force_timeout = reader.duration("force_timeout");
  std::string const target = reader.text("target_server_mode");
  std::string const source = reader.text("source_server_mode");
  request.target_mode = parse_server_mode(target);
  request.source_mode = parse_server_mode(source);
  if (!reader.failed() && !target.empty() && !request.target_mode) {
    return unexpected(std::string("target_server_mode is neither default nor readonly"));
  }
  if (!reader.failed() && !source.empty() && !request.source_mode) {
    return unexpected(std::string("source_server_mode is neither default nor readonly"));
  }
  return reader.result(std::move(request));
}

std::string to_json(master::SyncStopping const& report) {
  json::object object;
  set_unless_false(object, "aborted", report.aborted);
  if (!report.source.empty()) object["source"] = urls_json(report.source);
  set_unless_empty(object, "cluster_id", report.cluster_id.value());
  set_unless_false(object, "cancelling", report.cancelling);
  set_unless_empty(object, "message", report.message);
  return as_text(object);
}

Read<master::SyncStopping> read_stopping(std::string_view text) {
  Reader reader(text, true);
  master::SyncStopping report;
  report.aborted = reader.flag("aborted");
  report.source = reader.urls("source");
  report.cluster_id = ClusterId(reader.text("cluster_id"));
  report.cancelling = reader.flag("cancelling");
  report.message = reader.text("message");
  return reader.result(std::move(report));
}

std::string to_json(std::vector<EventLine> const& events) {
  json::array list;
  for (EventLine const& line : events) {
    json::object object{
        {"sequence", line.sequence}, {"term", line.term}, {"time", codec::time_text(line.time)}, {"event", line.event}};
    set_unless_empty(object, "details", line.details);
    list.push_back(std::move(object));
  }
  return as_text({{"events", std::move(list)}});
}

Read<std::vector<EventLine>> read_events(std::string_view text) {
  Reader reader(text);
  std::vector<EventLine> events;
  reader.list("events", [&](Reader& entry) {
    events.push_back({entry.unsigned_integer("sequence"), entry.unsigned_integer("term"), entry.time("time"),
                      entry.text("event"), entry.text("details")});
  });
  return reader.result(std::move(events));
}

std::string message_timeout_json(Duration timeout) { return as_text({{"messageTimeout", timeout.count()}}); }

Read<Duration> read_message_timeout(std::string_view text) {
  Reader reader(text);
  return reader.result(reader.duration("messageTimeout"));
}

std::string to_json(std::vector<master::MasterView> const& masters) {
  json::array list;
  for (auto const& one : masters) {
    list.push_back({{"id", one.id.value()}, {"endpoint", one.endpoint.value()}, {"leader", one.leader}});
  }
  return as_text({{"masters", std::move(list)}});
}

Read<std::vector<master::MasterView>> read_masters(std::string_view text) {
  Reader reader(text);
  std::vector<master::MasterView> masters;
  reader.list("masters", [&](Reader& entry) {
    masters.push_back({MasterId(entry.text("id")), Url(entry.text("endpoint")), entry.flag("leader")});
  });
  return reader.result(std::move(masters));
}

std::string endpoints_json(std::vector<Url> const& endpoints) { return as_text({{"endpoints", urls_json(endpoints)}}); }

Read<std::vector<Url>> read_endpoints(std::string_view text) {
  Reader reader(text);
  return reader.result(reader.urls("endpoints"));
}

}  // namespace arangosync::rest
