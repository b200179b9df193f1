// Bodies between sync processes (spec arangosync-api 5): workers and masters of one datacenter, masters of two.
#include "adapters/codec/time_text.h"
#include "adapters/rest/json_access.h"

#include <charconv>

namespace arangosync::rest {

namespace {

void set_channels(json::object& object, task::Channels const& channels) {
  json::object inner;
  set_unless_empty(inner, "data", channels.data.value());
  set_unless_empty(inner, "control", channels.control.value());
  object["channels"] = std::move(inner);
}

task::Channels read_channels_of(Reader reader) {
  ChannelName const data = reader.channel("data");
  return {data, reader.channel("control")};
}

json::object spec_json(task::Spec const& spec) {
  json::object object{{"type", std::string(task::to_string(spec.kind))}};
  set_unless_false(object, "persistent", spec.persistent);
  set_channels(object, spec.channels);
  if (spec.target) set_unless_empty(object, "target_id", spec.target->value());
  if (spec.shard) {
    set_unless_empty(object, "database", spec.shard->database.value());
    set_unless_empty(object, "collection", spec.shard->collection.value());
    set_unless_zero(object, "shardIndex", spec.shard->index);
  }
  return object;
}

std::optional<task::Kind> parse_kind(std::string_view text) {
  for (auto const kind :
       {task::Kind::SendInventory, task::Kind::ReceiveInventory, task::Kind::SendShard, task::Kind::ReceiveShard}) {
    if (task::to_string(kind) == text) return kind;
  }
  return std::nullopt;
}

ShardRef read_shard(Reader& reader) {
  return ShardRef{DatabaseName(reader.text("database")), CollectionName(reader.text("collection")),
                  static_cast<std::uint32_t>(reader.unsigned_integer("shardIndex"))};
}

/// The task data at an object's top level; an unknown type is a problem of the caller.
std::optional<task::Spec> read_spec(Reader& reader) {
  task::Spec spec;
  auto const kind = parse_kind(reader.text("type"));
  if (!kind) return std::nullopt;
  spec.kind = *kind;
  spec.persistent = reader.flag("persistent");
  spec.channels = read_channels_of(reader.object("channels"));
  if (reader.has("target_id")) spec.target = ClusterId(reader.text("target_id"));
  if (reader.has("database")) {
    spec.shard = read_shard(reader);
  }
  return spec;
}

json::object worker_json(membership::WorkerRecord const& record, WallTime expires_at) {
  json::object object{{"id", record.id.value()},
                      {"endpoint", record.endpoint.value()},
                      {"expiresAt", codec::time_text(expires_at)},
                      {"serverID", record.server_id}};
  set_unless_empty(object, "host", record.host);
  return object;
}

membership::WorkerRecord read_worker(Reader& reader) {
  membership::WorkerRecord record;
  record.id = WorkerId(reader.text("id"));
  record.endpoint = Url(reader.text("endpoint"));
  record.server_id = reader.unsigned_integer("serverID");
  record.host = reader.text("host");
  return record;
}

/// Of the leader that speaks; ours, not in the original.
void set_term(json::object& object, Term term) {
  if (term != Term()) object["term"] = term.value();
}

}  // namespace

std::string to_json(RegistrationRequest const& request) {
  json::object object{{"endpoint", request.endpoint.value()}};
  set_unless_empty(object, "token", request.token.value());
  set_unless_empty(object, "HostID", request.host);
  return as_text(object);
}

Read<RegistrationRequest> read_registration_request(std::string_view text) {
  Reader reader(text);
  RegistrationRequest request{Url(reader.text("endpoint")), Token(reader.text("token")), reader.text("HostID")};
  if (!reader.failed() && request.endpoint.value().empty()) return unexpected(std::string("endpoint missing"));
  return reader.result(std::move(request));
}

std::string to_json(master::WorkerRegistered const& registered) {
  json::object object = worker_json(registered.worker, registered.expires_at);
  set_unless_zero(object, "messageTimeout", registered.message_timeout.count());
  set_unless_zero(object, "expiresDuration", registered.expires_after.count());
  set_term(object, registered.term);
  return as_text(object);
}

Read<master::WorkerRegistered> read_registered(std::string_view text) {
  Reader reader(text);
  master::WorkerRegistered registered;
  registered.worker = read_worker(reader);
  registered.expires_at = reader.time("expiresAt");
  registered.expires_after = reader.duration("expiresDuration");
  registered.message_timeout = reader.duration("messageTimeout");
  registered.term = Term(reader.unsigned_integer("term"));
  if (!reader.failed() && registered.worker.id.value().empty()) return unexpected(std::string("id missing"));
  return reader.result(std::move(registered));
}

std::string to_json(WorkerEntry const& worker) { return as_text(worker_json(worker.record, worker.expires_at)); }

std::string to_json(std::vector<WorkerEntry> const& workers) {
  json::array list;
  for (auto const& one : workers) list.push_back(worker_json(one.record, one.expires_at));
  return as_text({{"workers", std::move(list)}});
}

Read<std::vector<WorkerEntry>> read_workers(std::string_view text) {
  Reader reader(text);
  std::vector<WorkerEntry> workers;
  reader.list("workers", [&](Reader& entry) { workers.push_back({read_worker(entry), entry.time("expiresAt")}); });
  return reader.result(std::move(workers));
}

std::string configure_worker_json(Url const& endpoint) { return as_text({{"endpoint", endpoint.value()}}); }

Read<Url> read_configure_worker(std::string_view text) {
  Reader reader(text);
  return reader.result(Url(reader.text("endpoint")));
}

namespace {

/// Absent, 0 or less: no limit.
TargetRules read_rules(Reader& cluster) {
  TargetRules rules;
  auto const limit = [&](char const* name, std::uint32_t otherwise) {
    auto const given = cluster.integer(name);
    return given > 0 && given <= 2'147'483'647 ? static_cast<std::uint32_t>(given) : otherwise;
  };
  rules.min_replication_factor = limit("min-replication-factor", rules.min_replication_factor);
  rules.max_replication_factor = limit("max-replication-factor", rules.max_replication_factor);
  rules.exclude_root_user = cluster.flag("exclude-root-user");
  return rules;
}

}  // namespace

std::string to_json(WorkerConfiguration const& configuration) {
  json::object cluster{{"endpoints", urls_json(configuration.cluster_endpoints)}};
  set_unless_empty(cluster, "jwtSecret", configuration.cluster_jwt_secret);
  set_unless_zero(cluster, "min-replication-factor", configuration.rules.min_replication_factor);
  set_unless_zero(cluster, "max-replication-factor", configuration.rules.max_replication_factor);
  set_unless_false(cluster, "exclude-root-user", configuration.rules.exclude_root_user);
  return as_text({{"cluster", std::move(cluster)},
                  {"httpServer", {{"certificate", configuration.certificate_pem}, {"key", configuration.key_pem}}},
                  {"mq", queue_json(configuration.queue)}});
}

Read<WorkerConfiguration> read_worker_configuration(std::string_view text) {
  Reader reader(text);
  WorkerConfiguration configuration;
  Reader cluster = reader.object("cluster");
  configuration.cluster_endpoints = cluster.urls("endpoints");
  configuration.cluster_jwt_secret = cluster.text("jwtSecret");
  configuration.rules = read_rules(cluster);
  Reader server = reader.object("httpServer");
  configuration.certificate_pem = server.text("certificate");
  configuration.key_pem = server.text("key");
  configuration.queue = read_queue_config(reader.object("mq"));
  if (!reader.failed() && configuration.cluster_endpoints.empty())
    return unexpected(std::string("cluster endpoints missing"));
  if (!reader.failed() && configuration.certificate_pem.empty()) return unexpected(std::string("certificate missing"));
  return reader.result(std::move(configuration));
}

namespace {

json::object task_json(task::Task const& task) {
  json::object assignment{{"worker_id", task.assignment ? task.assignment->worker.value() : std::string()},
                          {"created_at", codec::time_text(task.assignment ? task.assignment->created_at : WallTime{})}};
  set_unless_zero(assignment, "counter", task.assignment ? task.assignment->counter : 0);
  return {{"id", task.id.value()}, {"task", spec_json(task.spec)}, {"assignment", std::move(assignment)}};
}

}  // namespace

std::string to_json(task::Task const& task) { return as_text(task_json(task)); }

std::string to_json(std::vector<task::Task> const& tasks) {
  json::array list;
  for (auto const& task : tasks) list.push_back(task_json(task));
  return as_text({{"tasks", std::move(list)}});
}

Read<std::vector<task::Task>> read_tasks(std::string_view text) {
  Reader reader(text);
  std::vector<task::Task> tasks;
  std::string unknown;
  reader.list("tasks", [&](Reader& entry) {
    task::Task task;
    task.id = TaskId(entry.text("id"));
    Reader data = entry.object("task");
    auto spec = read_spec(data);
    if (!spec) {
      unknown = "task " + task.id.value() + " has an unknown type";
      return;
    }
    task.spec = std::move(*spec);
    Reader assignment = entry.object("assignment");
    if (std::string worker = assignment.text("worker_id"); !worker.empty()) {
      task.assignment = task::Assignment{WorkerId(std::move(worker)), assignment.time("created_at"),
                                         static_cast<std::uint32_t>(assignment.unsigned_integer("counter"))};
    }
    tasks.push_back(std::move(task));
  });
  if (!reader.failed() && !unknown.empty()) return unexpected(unknown);
  return reader.result(std::move(tasks));
}

std::string to_json(std::vector<sync::StatusEntry> const& entries) {
  json::array list;
  for (auto const& entry : entries) {
    sync::ShardReport const& report = entry.report;
    json::object status{{"status", std::string(sync::to_string(report.status))}};
    set_unless_empty(status, "status_message", report.message);
    status["delay"] = report.delay.count();
    status["last_message"] = codec::time_text(report.last_message);
    status["last_data_change"] = codec::time_text(report.last_data_change);
    status["last_shard_master_change"] = codec::time_text(report.last_shard_master_change);
    status["shard_master_known"] = report.shard_master_known;
    // Whether that means "in sync" the master decides, who knows of the barrier.
    status["in_sync"] = false;
    // A master of a version before would count on it under its own name.
    std::string_view const caught_up = report.unconfirmed ? "last_caught_up" : "caught_up";
    if (!report.caught_up.is_zero()) status[caught_up] = codec::time_text(report.caught_up);
    if (report.unconfirmed) status["unconfirmed"] = true;
    set_unless_zero(status, "documents", static_cast<std::int64_t>(report.documents));
    set_unless_zero(status, "bytes", static_cast<std::int64_t>(report.bytes));
    set_unless_empty(status, "read_route", report.route);
    json::object shard{{"remoteID", entry.remote ? entry.remote->value() : std::string()},
                       {"database", entry.shard.database.value()},
                       {"collection", entry.shard.collection.value()},
                       {"shardIndex", entry.shard.index},
                       {"status", std::move(status)}};
    set_unless_empty(shard, "task", entry.task.value());
    list.push_back(std::move(shard));
  }
  return as_text({{"entries", std::move(list)}});
}

Read<std::vector<sync::StatusEntry>> read_status_entries(std::string_view text) {
  Reader reader(text);
  std::vector<sync::StatusEntry> entries;
  std::string unknown;
  reader.list("entries", [&](Reader& from) {
    sync::StatusEntry entry;
    if (std::string remote = from.text("remoteID"); !remote.empty()) entry.remote = ClusterId(std::move(remote));
    entry.shard = read_shard(from);
    entry.task = TaskId(from.text("task"));
    Reader status = from.object("status");
    auto const word = sync::parse_status(status.text("status"));
    if (!word) unknown = "unknown status of shard " + arangosync::to_string(entry.shard);
    entry.report.status = word.value_or(sync::Status::Failed);
    entry.report.message = status.text("status_message");
    entry.report.delay = status.duration("delay");
    entry.report.last_message = status.time("last_message");
    entry.report.last_data_change = status.time("last_data_change");
    entry.report.last_shard_master_change = status.time("last_shard_master_change");
    entry.report.shard_master_known = status.flag("shard_master_known");
    entry.report.unconfirmed = status.flag("unconfirmed");
    entry.report.caught_up = status.time(entry.report.unconfirmed ? "last_caught_up" : "caught_up");
    entry.report.documents = status.unsigned_integer("documents");
    entry.report.bytes = status.unsigned_integer("bytes");
    entry.report.route = status.text("read_route");
    entries.push_back(std::move(entry));
  });
  if (!reader.failed() && !unknown.empty()) return unexpected(unknown);
  return reader.result(std::move(entries));
}

std::string to_json(sync::InventoryReport const& report) {
  json::object object{{"totalNumberOfShards", report.total_shards}};
  set_troubles(object, report.troubles);
  if (!report.equal_at.is_zero()) object["equal-at"] = codec::time_text(report.equal_at);
  return as_text(object);
}

Read<sync::InventoryReport> read_inventory_report(std::string_view text) {
  Reader reader(text);
  sync::InventoryReport report;
  report.total_shards = reader.unsigned_integer("totalNumberOfShards");
  report.troubles = read_troubles(reader);
  report.equal_at = reader.time("equal-at");
  return reader.result(std::move(report));
}

Read<bool> read_completed(std::string_view text) {
  Reader reader(text, true);
  return reader.result(reader.flag("error"));
}

std::string is_relevant_json(bool relevant) { return as_text({{"isRelevant", relevant}}); }

std::string to_json(TaskOrder const& order) {
  json::object object = spec_json(order.spec);
  object["id"] = order.id.value();
  object["remote-mq-config"] = queue_json(order.remote);
  set_unless_empty(object, "worker-id", order.worker.value());
  set_term(object, order.term);
  set_unless_zero(object, "number", order.number.value());
  json::array shards;
  for (ShardRef const& shard : order.shards) {
    shards.push_back(
        {{"database", shard.database.value()}, {"collection", shard.collection.value()}, {"shardIndex", shard.index}});
  }
  if (!shards.empty()) object["shards"] = std::move(shards);
  if (order.reign.number != 0) {
    object["reign"] = json::object{{"leader", order.reign.leader.value()}, {"number", order.reign.number}};
  }
  return as_text(object);
}

Read<TaskOrder> read_task_order(std::string_view text) {
  Reader reader(text);
  TaskOrder order;
  order.id = TaskId(reader.text("id"));
  auto spec = read_spec(reader);
  order.remote = read_queue_config(reader.object("remote-mq-config"));
  order.worker = WorkerId(reader.text("worker-id"));
  order.term = Term(reader.unsigned_integer("term"));
  order.number = RequestId(reader.unsigned_integer("number"));
  reader.list("shards", [&](Reader& shard) { order.shards.push_back(read_shard(shard)); });
  Reader reign = reader.object("reign");
  order.reign = Reign{ServerId(reign.text("leader")), reign.unsigned_integer("number")};
  if (!reader.failed() && order.id.value().empty()) return unexpected(std::string("id missing"));
  if (!reader.failed() && !spec) return unexpected(std::string("unknown task type"));
  if (spec) order.spec = std::move(*spec);
  return reader.result(std::move(order));
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  if (text.empty()) return 0;
  std::uint64_t number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string prefix_json(std::string_view prefix) {
  return as_text({{"prefix", json::string_view(prefix.data(), prefix.size())}});
}

Read<std::string> read_prefix(std::string_view text) {
  Reader reader(text);
  return reader.result(reader.channel("prefix").value());
}

std::string to_json(Lineage const& lineage) {
  json::array list;
  for (ClusterId const& id : lineage.ids) list.emplace_back(id.value());
  json::object body{{"lineage", std::move(list)}};
  set_unless_empty(body, "version", lineage.traits.version);
  if (lineage.traits.extended_names) body["names"] = *lineage.traits.extended_names ? "extended" : "traditional";
  return as_text(std::move(body));
}

Read<Lineage> read_lineage(std::string_view text) {
  Reader reader(text);
  Lineage lineage;
  for (std::string& id : reader.texts("lineage")) lineage.ids.emplace_back(std::move(id));
  lineage.traits.version = reader.text("version");
  auto const names = reader.text("names");
  if (!names.empty()) lineage.traits.extended_names = names == "extended";
  return reader.result(std::move(lineage));
}

std::string to_json(sync::BarrierState const& barrier) {
  return as_text(
      {{"id", barrier.id.value()}, {"held", barrier.is_held}, {"held-at", codec::time_text(barrier.held_at)}});
}

Read<sync::BarrierState> read_barrier_state(std::string_view text) {
  Reader reader(text);
  sync::BarrierState state{sync::BarrierId(reader.text("id")), reader.flag("held"), reader.time("held-at")};
  if (!reader.failed() && state.id.value().empty()) return unexpected(std::string("id missing"));
  return reader.result(std::move(state));
}

std::string to_json(QueueAnswer const& answer) {
  json::object object = queue_json(answer.queue);
  set_unless_zero(object, "token-ttl", answer.token_lifetime.count());
  return as_text(object);
}

Read<QueueAnswer> read_queue(std::string_view text) {
  Reader reader(text);
  Duration const lifetime = reader.duration("token-ttl");
  QueueAnswer answer{read_queue_config(Reader(text)), lifetime};
  return reader.result(std::move(answer));
}

std::string to_json(TokenReplacement const& replacement) {
  json::object object{{"id", replacement.id.value()}, {"token", replacement.token.value()}};
  set_unless_zero(object, "token-ttl", replacement.lifetime.count());
  return as_text(object);
}

Read<TokenReplacement> read_token_replacement(std::string_view text) {
  Reader reader(text);
  return reader.result(
      TokenReplacement{ClusterId(reader.text("id")), Token(reader.text("token")), reader.duration("token-ttl")});
}

std::string to_json(master::TokenIssued const& token) {
  json::object object{{"token", token.token.value()}};
  set_unless_zero(object, "token-ttl", token.lifetime.count());
  return as_text(object);
}

Read<master::TokenIssued> read_token(std::string_view text) {
  Reader reader(text);
  return reader.result(master::TokenIssued{Token(reader.text("token")), reader.duration("token-ttl")});
}

std::string to_json(OutgoingRequest const& request) {
  json::object channels{{"inventory", request.inventory.data.value()}};
  set_unless_empty(channels, "inventory-control", request.inventory.control.value());
  return as_text({{"id", request.id.value()},
                  {"target", urls_json(request.target)},
                  {"channels", std::move(channels)},
                  {"mq-config", queue_json(request.queue)}});
}

Read<OutgoingRequest> read_outgoing(std::string_view text) {
  Reader reader(text);
  OutgoingRequest request;
  request.id = ClusterId(reader.text("id"));
  request.target = reader.urls("target");
  Reader channels = reader.object("channels");
  ChannelName const inventory = channels.channel("inventory");
  request.inventory = {inventory, channels.channel("inventory-control")};
  request.queue = read_queue_config(reader.object("mq-config"));
  if (!reader.failed() && request.id.value().empty()) return unexpected(std::string("id missing"));
  return reader.result(std::move(request));
}

std::string outgoing_accepted_json(task::QueueConfig const& queue) {
  return as_text({{"mq-config", queue_json(queue)}});
}

Read<task::QueueConfig> read_outgoing_accepted(std::string_view text) {
  Reader reader(text);
  task::QueueConfig queue = read_queue_config(reader.object("mq-config"));
  return reader.result(std::move(queue));
}

std::string channels_json(task::Channels const& channels) {
  json::object object;
  set_channels(object, channels);
  return as_text(object);
}

Read<task::Channels> read_channels(std::string_view text) {
  Reader reader(text);
  task::Channels channels = read_channels_of(reader.object("channels"));
  return reader.result(std::move(channels));
}

std::string order_text(sync::Order const& order) {
  return std::to_string(order.life.value()) + "." + std::to_string(order.term.value()) + "." +
         std::to_string(order.number.value());
}

std::optional<sync::Order> parse_order(std::string_view text) {
  std::uint64_t parts[3] = {};
  for (std::size_t part = 0; part < 3; ++part) {
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), parts[part]);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (part == 2) break;
    if (text.empty() || text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  if (!text.empty()) return std::nullopt;
  return sync::Order{sync::Life(parts[0]), Term(parts[1]), RequestId(parts[2])};
}

}  // namespace arangosync::rest
