#include "adapters/agency/layout_forms.h"

#include "adapters/agency/layout.h"
#include "adapters/codec/time_text.h"

#include <utility>

namespace arangosync::agency::layout {

namespace bj = boost::json;

namespace {

constexpr std::pair<char const*, char const*> backed_up[] = {{"_jobs", "_jobsbackup"}, {"_queues", "_queuesbackup"}};

/// A receiver's task names the collection it writes to; everything else in the state says the source's name.
std::string target_name(std::string const& source) {
  for (auto const& [from, to] : backed_up) {
    if (source == from) return to;
  }
  return source;
}
std::string source_name(std::string const& target) {
  for (auto const& [from, to] : backed_up) {
    if (target == to) return from;
  }
  return target;
}

}  // namespace

bj::value time_json(WallTime at) { return bj::value(codec::time_text(at)); }

WallTime time_at(bj::object const& in, char const* name) {
  std::string const text = text_at(in, name);
  if (text.empty()) return WallTime{};
  auto const time = codec::parse_time(text);
  if (!time) throw Unreadable{std::string(name) + " is no time"};
  return *time;
}

namespace {

bj::object spec_json(task::Spec const& spec) {
  bj::object json;
  json["type"] = std::string(task::to_string(spec.kind));
  if (spec.persistent) json["persistent"] = true;
  bj::object channels;
  if (!spec.channels.data.value().empty()) channels["data"] = spec.channels.data.value();
  if (!spec.channels.control.value().empty()) channels["control"] = spec.channels.control.value();
  json["channels"] = std::move(channels);
  if (spec.target) json["target_id"] = spec.target->value();
  if (!spec.shard) return json;
  bool const is_receiver = spec.kind == task::Kind::ReceiveShard;
  std::string const& collection = spec.shard->collection.value();
  json["database"] = spec.shard->database.value();
  json["collection"] = is_receiver ? target_name(collection) : collection;
  if (spec.shard->index != 0) json["shardIndex"] = spec.shard->index;
  return json;
}

task::Kind kind_of(std::string const& text) {
  for (auto const kind :
       {task::Kind::SendInventory, task::Kind::ReceiveInventory, task::Kind::SendShard, task::Kind::ReceiveShard}) {
    if (text == task::to_string(kind)) return kind;
  }
  throw Unreadable{"unknown task type '" + text + "'"};
}

}  // namespace

ShardRef shard_at(bj::object const& in) {
  std::uint64_t const index = number_at(in, "shardIndex");
  if (index > UINT32_MAX) throw Unreadable{"shardIndex is too large"};
  return ShardRef{DatabaseName(text_at(in, "database")), CollectionName(text_at(in, "collection")),
                  static_cast<std::uint32_t>(index)};
}

namespace {

task::Spec read_spec(bj::object const& in) {
  task::Spec spec;
  spec.kind = kind_of(text_at(in, "type"));
  spec.persistent = bool_at(in, "persistent");
  bj::object const& channels = object_at(in, "channels");
  spec.channels = {ChannelName(text_at(channels, "data")), ChannelName(text_at(channels, "control"))};
  std::string const target = text_at(in, "target_id");
  if (!target.empty()) spec.target = ClusterId(target);
  if (task::is_inventory(spec.kind)) return spec;
  spec.shard = shard_at(in);
  if (spec.shard->collection.value().empty()) throw Unreadable{"a shard's task without a collection"};
  if (spec.kind == task::Kind::ReceiveShard) {
    spec.shard->collection = CollectionName(source_name(spec.shard->collection.value()));
  }
  return spec;
}

}  // namespace

namespace {

sync::Order read_order(bj::object const& in) {
  return {sync::Life(number_at(in, "life")), Term(number_at(in, "term")), RequestId(number_at(in, "number"))};
}

sync::Endings endings_at(bj::object const& in) {
  bj::object const& json = object_at(in, "endings");
  sync::Endings endings;
  endings.floor = read_order(object_at(json, "floor"));
  bj::value const* const shards = json.if_contains("shards");
  if (shards == nullptr || !shards->is_array()) return endings;
  for (bj::value const& shard : shards->get_array()) {
    bj::object const& ended = as_object(shard, "an ended shard");
    endings.shards[shard_at(ended)] = read_order(object_at(ended, "order"));
  }
  return endings;
}

}  // namespace

std::optional<sync::Order> order_at(bj::object const& in) {
  bj::object const& json = object_at(in, "order");
  if (json.empty()) return std::nullopt;
  return read_order(json);
}

sync::Status status_at(bj::object const& in) {
  auto const status = sync::parse_status(text_at(in, "state"));
  if (!status) throw Unreadable{"unknown state '" + text_at(in, "state") + "'"};
  return *status;
}

std::optional<sync::ServerMode> mode_at(bj::object const& in, char const* name) {
  std::string const text = text_at(in, name);
  if (text.empty()) return std::nullopt;
  if (text == "default") return sync::ServerMode::Default;
  if (text == "readonly") return sync::ServerMode::ReadOnly;
  throw Unreadable{"unknown server mode '" + text + "'"};
}

sync::Authentication authentication_at(bj::object const& in) {
  bj::object const& json = object_at(in, "authentication");
  return sync::Authentication{text_at(json, "clientCertificate"), text_at(json, "clientKey"),
                              text_at(json, "clientToken"), text_at(json, "caCertificate")};
}

task::QueueConfig queue_at(bj::object const& in, char const* name) {
  bj::object const& json = object_at(in, name);
  sync::Authentication const authentication = authentication_at(json);
  return task::QueueConfig{urls_at(json, "endpoints"), authentication.client_certificate, authentication.client_key,
                           authentication.client_token, authentication.ca_certificate};
}

namespace {

std::map<ShardRef, sync::ShardEntry> shards_at(bj::object const& in) {
  std::map<ShardRef, sync::ShardEntry> shards;
  for (auto const& [name, value] : object_at(in, "shards")) {
    sync::ShardEntry entry = read_shard(value);
    ShardRef const shard = entry.shard;
    shards[shard] = std::move(entry);
  }
  return shards;
}

}  // namespace

sync::BarrierWish wish_at(bj::object const& in) {
  std::string const text = text_at(in, "barrier");
  if (text.empty()) return sync::BarrierWish::None;
  if (text == "hold") return sync::BarrierWish::Hold;
  if (text == "lift") return sync::BarrierWish::Lift;
  throw Unreadable{"unknown barrier '" + text + "'"};
}

namespace {

constexpr std::pair<sync::BarrierPhase, char const*> phases[] = {{sync::BarrierPhase::Raising, "raising"},
                                                                 {sync::BarrierPhase::Held, "held"},
                                                                 {sync::BarrierPhase::Lifting, "lifting"}};

std::optional<sync::Barrier> barrier_at(bj::object const& in) {
  bj::object const& json = object_at(in, "barrier");
  if (json.empty()) {
    // Left behind by an original: since when it holds is not known, so it is raised again, and ends like any other
    // whose target is not heard from.
    if (!bool_at(in, "active_barrier")) return std::nullopt;
    return sync::Barrier{sync::BarrierId("original"), sync::BarrierPhase::Raising, WallTime{}};
  }
  std::string const text = text_at(json, "phase");
  for (auto const& [phase, name] : phases) {
    if (text == name) return sync::Barrier{sync::BarrierId(text_at(json, "id")), phase, time_at(json, "held-at")};
  }
  throw Unreadable{"unknown phase of a barrier '" + text + "'"};
}

bj::object barrier_json(sync::Barrier const& barrier) {
  bj::object json{{"id", barrier.id.value()}};
  for (auto const& [phase, name] : phases) {
    if (phase == barrier.phase) json["phase"] = name;
  }
  if (barrier.phase != sync::BarrierPhase::Raising) json["held-at"] = time_json(barrier.held_at);
  return json;
}

}  // namespace

std::vector<ClusterId> lineage_at(bj::object const& in) {
  std::vector<ClusterId> ids;
  bj::value const* const list = in.if_contains("lineage");
  if (list == nullptr || !list->is_array()) return ids;
  for (bj::value const& id : list->get_array()) {
    if (id.is_string()) ids.emplace_back(std::string(id.get_string()));
  }
  return ids;
}

namespace {

std::optional<access::Holder> holder_at(bj::object const& in) {
  bj::object const& json = object_at(in, "holder");
  if (json.empty()) return std::nullopt;
  std::string const target = text_at(json, "target");
  return access::Holder{target.empty() ? std::nullopt : std::optional(ClusterId(target))};
}

}  // namespace

std::optional<sync::Cancellation> cancellation_at(bj::object const& in, sync::Status status) {
  bj::object const& json = object_at(in, "cancellation");
  if (status != sync::Status::Cancelling) return std::nullopt;
  sync::Cancellation cancellation;
  cancellation.source_mode = mode_at(json, "source-mode");
  cancellation.target_mode = mode_at(json, "target-mode");
  cancellation.force = bool_at(json, "force");
  cancellation.force_timeout = duration_at(json, "force-timeout");
  cancellation.source_told = bool_at(json, "source-told");
  cancellation.aborted = bool_at(json, "aborted");
  return cancellation;
}

namespace {

/// The original has no such mark: with it a synchronization that got past `initializing` was accepted.
bool usually_announced(sync::Status status) { return status != sync::Status::Initializing; }

}  // namespace

// ----------------------------------------------------------------------------------------------------------- writing

bj::value json_of(std::vector<Url> const& urls) {
  bj::array array;
  for (Url const& url : urls) array.emplace_back(url.value());
  return array;
}

bj::value json_of(master::WorkerCa const& ca) {
  return bj::object{{"structureVersion", "0.1"}, {"certificate", ca.certificate}, {"key", ca.key}};
}

bj::value json_of(membership::WorkerRecord const& worker) {
  return bj::object{{"id", worker.id.value()},
                    {"endpoint", worker.endpoint.value()},
                    {"token", worker.token.value()},
                    {"serverID", static_cast<std::int64_t>(worker.server_id)},
                    {"serverNewID", std::to_string(worker.server_id)},
                    {"host", worker.host}};
}

void put_reign(bj::object& json, Reign const& reign) {
  if (reign.number == 0) return;
  json["reign"] = bj::object{{"leader", reign.leader.value()}, {"number", reign.number}};
}

bj::value json_of(task::Task const& task) {
  bj::object assignment{{"worker_id", ""}, {"created_at", time_json(WallTime{})}};
  if (task.assignment) {
    assignment["worker_id"] = task.assignment->worker.value();
    assignment["created_at"] = time_json(task.assignment->created_at);
    assignment["counter"] = task.assignment->counter;
    put_reign(assignment, task.assignment->reign);
  }
  return bj::object{{"id", task.id.value()},
                    {"task", spec_json(task.spec)},
                    {"assignment", std::move(assignment)},
                    {"cancelled", task.cancelled}};
}

bj::value json_of(master::TokenEntry const& entry) {
  bj::object json{{"expires-at", time_json(entry.expires_at)}};
  if (entry.parent) json["parent-token"] = entry.parent->value();
  if (!entry.holder) return json;
  if (entry.holder->target) {
    json["holder"] = bj::object{{"target", entry.holder->target->value()}};
  } else {
    json["holder"] = bj::object{{"source", true}};
  }
  return json;
}

bj::value json_of(sync::Authentication const& authentication) {
  return bj::object{{"clientCertificate", authentication.client_certificate},
                    {"clientKey", authentication.client_key},
                    {"clientToken", authentication.client_token},
                    {"caCertificate", authentication.ca_certificate}};
}

bj::value json_of(task::QueueConfig const& queue) {
  sync::Authentication const authentication{queue.client_certificate, queue.client_key, queue.client_token,
                                            queue.ca_certificate};
  return bj::object{{"endpoints", json_of(queue.endpoints)}, {"authentication", json_of(authentication)}};
}

bj::value json_of(sync::Order const& order) {
  return bj::object{{"life", order.life.value()}, {"term", order.term.value()}, {"number", order.number.value()}};
}

bj::value json_of(sync::Endings const& endings) {
  bj::array shards;
  for (auto const& [shard, order] : endings.shards) {
    shards.push_back(bj::object{{"database", shard.database.value()},
                                {"collection", shard.collection.value()},
                                {"shardIndex", shard.index},
                                {"order", json_of(order)}});
  }
  return bj::object{{"floor", json_of(endings.floor)}, {"shards", std::move(shards)}};
}

bj::value json_of(sync::ShardEntry const& entry) {
  bj::object json{
      {"database", entry.shard.database.value()},
      {"collection", entry.shard.collection.value()},
      {"shardIndex", entry.shard.index},
      {"channels", bj::object{{"data", entry.channels.data.value()}, {"control", entry.channels.control.value()}}},
      {"state", std::string(sync::to_string(entry.status))},
      {"reset", entry.reset}};
  if (entry.order) json["order"] = json_of(*entry.order);
  return json;
}

bj::value mode_json(sync::ServerMode mode) {
  return bj::value(mode == sync::ServerMode::ReadOnly ? "readonly" : "default");
}

bj::value json_of(sync::Cancellation const& cancellation) {
  bj::object json;
  if (cancellation.source_mode) json["source-mode"] = mode_json(*cancellation.source_mode);
  if (cancellation.target_mode) json["target-mode"] = mode_json(*cancellation.target_mode);
  json["force"] = cancellation.force;
  json["force-timeout"] = cancellation.force_timeout.count();
  json["source-told"] = cancellation.source_told;
  json["aborted"] = cancellation.aborted;
  return json;
}

bj::object fields_of(sync::Incoming const& incoming) {
  bj::object json;
  json["state"] = std::string(sync::to_string(incoming.status));
  json["source"] = json_of(incoming.source);
  json["authentication"] = json_of(incoming.authentication);
  if (!incoming.remote_queue.endpoints.empty()) {
    bj::value queue = json_of(incoming.remote_queue);
    queue.as_object()["client-token-expires-at"] = time_json(incoming.remote_token_expires);
    json["remote-mq-config"] = std::move(queue);
  }
  if (!incoming.source_prefix.empty()) json["source-channel-prefix"] = incoming.source_prefix;
  if (!incoming.target_prefix.empty()) json["target-channel-prefix"] = incoming.target_prefix;
  if (!incoming.own_token.value().empty()) json["own-token"] = incoming.own_token.value();
  if (incoming.announced != usually_announced(incoming.status)) json["announced"] = incoming.announced;
  if (!incoming.message.empty()) json["message"] = incoming.message;
  if (!incoming.lineage.empty()) {
    bj::array lineage;
    for (ClusterId const& id : incoming.lineage) lineage.emplace_back(id.value());
    json["lineage"] = std::move(lineage);
  }
  if (incoming.barrier != sync::BarrierWish::None) {
    json["barrier"] = incoming.barrier == sync::BarrierWish::Hold ? "hold" : "lift";
  }
  if (incoming.cancellation) json["cancellation"] = json_of(*incoming.cancellation);
  return json;
}

bj::object fields_of(sync::Outgoing const& outgoing) {
  bj::object channels{{"inventory", outgoing.inventory.data.value()}};
  std::string const& control = outgoing.inventory.control.value();
  if (!control.empty()) channels["inventory-control"] = control;
  bj::object json{{"id", outgoing.id.value()},
                  {"target", json_of(outgoing.target)},
                  {"state", std::string(sync::to_string(outgoing.status))},
                  {"channels", std::move(channels)},
                  {"mq-config", json_of(outgoing.remote_queue)},
                  {"client-token-expires-at", time_json(outgoing.remote_token_expires)},
                  {"active_barrier", outgoing.barrier && outgoing.barrier->phase == sync::BarrierPhase::Held}};
  if (outgoing.barrier) json["barrier"] = barrier_json(*outgoing.barrier);
  if (outgoing.final_mode) json["final-mode"] = mode_json(*outgoing.final_mode);
  return json;
}

bj::object shards_json(std::map<ShardRef, sync::ShardEntry> const& shards) {
  bj::object json;
  for (auto const& [shard, entry] : shards) json[segment(to_string(shard))] = json_of(entry);
  return json;
}

// ----------------------------------------------------------------------------------------------------------- reading

bj::object const& as_object(bj::value const& json, std::string const& what) {
  if (json.is_object()) return json.get_object();
  throw Unreadable{what + " is no object"};
}

bj::object const& object_at(bj::object const& in, char const* name) {
  static bj::object const none;
  bj::value const* const value = in.if_contains(name);
  if (value == nullptr || value->is_null()) return none;
  return as_object(*value, name);
}

std::string text_at(bj::object const& in, char const* name) {
  bj::value const* const value = in.if_contains(name);
  if (value == nullptr || value->is_null()) return "";
  if (!value->is_string()) throw Unreadable{std::string(name) + " is no string"};
  return std::string(value->get_string());
}

std::uint64_t number_at(bj::object const& in, char const* name) {
  bj::value const* const value = in.if_contains(name);
  if (value == nullptr || value->is_null()) return 0;
  if (value->is_uint64()) return value->get_uint64();
  if (value->is_int64() && value->get_int64() >= 0) return static_cast<std::uint64_t>(value->get_int64());
  throw Unreadable{std::string(name) + " is no whole number"};
}

Duration duration_at(bj::object const& in, char const* name) {
  std::uint64_t const nanoseconds = number_at(in, name);
  if (nanoseconds > INT64_MAX) throw Unreadable{std::string(name) + " is too large"};
  return Duration(static_cast<std::int64_t>(nanoseconds));
}

bool bool_at(bj::object const& in, char const* name, bool otherwise) {
  bj::value const* const value = in.if_contains(name);
  if (value == nullptr || value->is_null()) return otherwise;
  if (!value->is_bool()) throw Unreadable{std::string(name) + " is neither true nor false"};
  return value->get_bool();
}

std::vector<Url> urls_at(bj::object const& in, char const* name) {
  std::vector<Url> urls;
  bj::value const* const value = in.if_contains(name);
  if (value == nullptr || value->is_null()) return urls;
  if (!value->is_array()) throw Unreadable{std::string(name) + " is no list"};
  for (bj::value const& url : value->get_array()) {
    if (!url.is_string()) throw Unreadable{std::string(name) + " holds something that is no string"};
    urls.emplace_back(std::string(url.get_string()));
  }
  return urls;
}

sync::ShardEntry read_shard(bj::value const& json) {
  bj::object const& in = as_object(json, "a shard");
  sync::ShardEntry entry;
  // Names may hold ':', so the fields count, not the key.
  entry.shard = shard_at(in);
  bj::object const& channels = object_at(in, "channels");
  entry.channels = {ChannelName(text_at(channels, "data")), ChannelName(text_at(channels, "control"))};
  entry.status = status_at(in);
  entry.reset = bool_at(in, "reset");
  entry.order = order_at(in);
  return entry;
}

master::WorkerCa read_ca(bj::value const& json) {
  bj::object const& in = as_object(json, "workerCA");
  return master::WorkerCa{text_at(in, "certificate"), text_at(in, "key")};
}

membership::WorkerRecord read_worker(bj::value const& json) {
  bj::object const& in = as_object(json, "a worker");
  membership::WorkerRecord worker;
  worker.id = WorkerId(text_at(in, "id"));
  worker.endpoint = Url(text_at(in, "endpoint"));
  worker.token = Token(text_at(in, "token"));
  worker.host = text_at(in, "host");
  // The text keeps all digits where a JSON number went through a double.
  std::string const exact = text_at(in, "serverNewID");
  worker.server_id = exact.empty() ? number_at(in, "serverID") : std::strtoull(exact.c_str(), nullptr, 10);
  bool const is_usable = !worker.id.value().empty() && !worker.endpoint.value().empty();
  if (!is_usable) throw Unreadable{"a worker without id or endpoint"};
  return worker;
}

Reign reign_at(bj::object const& in) {
  bj::object const& json = object_at(in, "reign");
  Reign reign{ServerId(text_at(json, "leader")), number_at(json, "number")};
  bool const is_known = reign.number != 0 && !reign.leader.value().empty();
  return is_known ? reign : Reign{};
}

task::Task read_task(bj::value const& json) {
  bj::object const& in = as_object(json, "a task");
  task::Task task;
  task.id = TaskId(text_at(in, "id"));
  task.spec = read_spec(object_at(in, "task"));
  task.cancelled = bool_at(in, "cancelled");
  bj::object const& assignment = object_at(in, "assignment");
  std::string const worker = text_at(assignment, "worker_id");
  std::uint64_t const counter = number_at(assignment, "counter");
  if (worker.empty()) return task;
  task.assignment = task::Assignment{WorkerId(worker), time_at(assignment, "created_at"),
                                     static_cast<std::uint32_t>(counter), reign_at(assignment)};
  return task;
}

master::TokenEntry read_token(bj::value const& json) {
  bj::object const& in = as_object(json, "a token");
  master::TokenEntry entry;
  entry.expires_at = time_at(in, "expires-at");
  std::string const parent = text_at(in, "parent-token");
  if (!parent.empty()) entry.parent = Token(parent);
  entry.holder = holder_at(in);
  return entry;
}

sync::Incoming read_incoming(bj::value const& json) {
  bj::object const& in = as_object(json, "incoming");
  sync::Incoming incoming;
  incoming.status = status_at(in);
  incoming.source = urls_at(in, "source");
  incoming.authentication = authentication_at(in);
  incoming.remote_queue = queue_at(in, "remote-mq-config");
  incoming.remote_token_expires = time_at(object_at(in, "remote-mq-config"), "client-token-expires-at");
  incoming.source_prefix = text_at(in, "source-channel-prefix");
  incoming.target_prefix = text_at(in, "target-channel-prefix");
  incoming.own_token = Token(text_at(in, "own-token"));
  incoming.announced = bool_at(in, "announced", usually_announced(incoming.status));
  incoming.message = text_at(in, "message");
  incoming.lineage = lineage_at(in);
  incoming.barrier = wish_at(in);
  incoming.cancellation = cancellation_at(in, incoming.status);
  incoming.shards = shards_at(in);
  return incoming;
}

sync::Outgoing read_outgoing(bj::value const& json) {
  bj::object const& in = as_object(json, "a target");
  sync::Outgoing outgoing;
  outgoing.id = ClusterId(text_at(in, "id"));
  outgoing.status = status_at(in);
  outgoing.target = urls_at(in, "target");
  bj::object const& channels = object_at(in, "channels");
  outgoing.inventory = {ChannelName(text_at(channels, "inventory")),
                        ChannelName(text_at(channels, "inventory-control"))};
  outgoing.remote_queue = queue_at(in, "mq-config");
  outgoing.remote_token_expires = time_at(in, "client-token-expires-at");
  outgoing.barrier = barrier_at(in);
  outgoing.final_mode = mode_at(in, "final-mode");
  outgoing.shards = shards_at(in);
  outgoing.endings = endings_at(in);
  return outgoing;
}

}  // namespace arangosync::agency::layout
