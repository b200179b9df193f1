// /_api/replication and /_api/wal of DB-Servers, and how a Coordinator passes the former on (spec arangodb-read 1.5, 4
// - 6).
#include "app/sandbox/api.h"

#include "adapters/sim/cluster_render.h"

#include <algorithm>
#include <optional>

namespace arangosync::sandbox {
namespace {

constexpr std::size_t dump_chunk_max = 64u << 20;
constexpr std::size_t tail_chunk_min = 16'384;
constexpr std::size_t tail_chunk_max = 134'217'728;

void add(Response& response, std::string const& name, std::uint64_t value) {
  response.headers.push_back({"x-arango-replication-" + name, std::to_string(value)});
}
void add(Response& response, std::string const& name, bool value) {
  response.headers.push_back({"x-arango-replication-" + name, value ? "true" : "false"});
}

bool is_identity(std::string const& text) {
  return !text.empty() && text.front() != '0' && json::to_uint(text).has_value();
}

std::string server_json(Shared& shared, Call const& call, bool with_engine) {
  auto const* server = shared.model.find_db_server(call.server);
  json::Object out;
  out.text("version", shared.options.version).text("serverId", server->number);
  if (with_engine && shared.dialect.at_least(3, 4)) out.text("engine", "rocksdb");
  return out.take();
}

std::string state_json(Shared const& shared, std::uint64_t tick) {
  std::string text = std::to_string(tick);
  return json::Object()
      .flag("running", true)
      .text("lastLogTick", text)
      .text("lastUncommittedLogTick", text)
      .number("totalEvents", tick)
      .text("time", sim::utc_text(shared.now()))
      .take();
}

std::uint64_t ttl_in(Call const& call) {
  auto body = parse_body(call);
  return body.is_valid ? json::to_uint(json::find(body.value, "ttl")).value_or(0) : 0;
}

Response batch(Shared& shared, Call const& call) {
  auto& model = shared.model;
  std::string id(call.part(3));
  if (call.method() == "POST" && id.empty()) {
    auto client = log_client(shared, call);
    if (!client) return failure(400, 10, "syncerId must be a positive integer");
    auto opened = model.open_snapshot(call.server, call.database, *client, ttl_in(call));
    if (!opened) return failure(opened.error());
    json::Object out;
    out.text("id", opened->id).text("lastTick", std::to_string(opened->tick));
    if (call.flag("state", false)) out.raw("state", state_json(shared, opened->tick));
    return json_answer(200, out.take());
  }
  bool is_extension = call.method() == "PUT" && !id.empty();
  bool is_end = call.method() == "DELETE" && !id.empty();
  if (!is_extension && !is_end) return method_not_allowed();
  auto done = is_end ? model.close_snapshot(call.server, call.database, id)
                     : model.extend_snapshot(call.server, call.database, id, ttl_in(call));
  return done ? empty_answer(204) : failure(done.error());
}

/// The shard's name for what a client calls its collection.
std::string shard_name(Shared& shared, Call const& call, std::string const& text) {
  if (shared.model.find_shard(call.database, text) != nullptr) return text;
  auto const* collection = shared.model.find_collection(call.database, text);
  if (shared.dialect.is_single_server() && collection != nullptr) return collection->shards.front().name;
  auto slash = text.find('/');  // a globally unique id ends in the name of the shard
  return slash == std::string::npos ? text : text.substr(slash + 1);
}

Response dump(Shared& shared, Call const& call) {
  if (call.method() != "GET") return method_not_allowed();
  std::string collection = call.query("collection");
  if (collection.empty()) return failure(400, 400, "invalid collection parameter");
  if (shared.dialect.has_journals()) return journal_dump(shared, call, shard_name(shared, call, collection));
  auto chunk_bytes = std::min<std::size_t>(call.number("chunkSize", 131'072), dump_chunk_max);
  auto chunk =
      shared.model.dump(call.server, call.database, call.query("batchId"), shard_name(shared, call, collection),
                        chunk_bytes, std::max<std::size_t>(1, call.number("docsPerBatch", 10'000)));
  if (!chunk) return failure(chunk.error());
  Response response;
  response.status = chunk->documents.empty() ? 204 : 200;
  response.headers.push_back({"Content-Type", "application/x-arango-dump"});
  response.body = sim::dump_lines(*chunk, call.flag("useEnvelope", true) || !shared.dialect.at_least(3, 8));
  add(response, "checkmore", chunk->check_more);
  add(response, "lastincluded", chunk->counter);
  return response;
}

std::string local_collections(Shared const& shared, std::string const& server, sim::ModelDatabase const& database,
                              std::string const& only) {
  std::vector<std::string> found;
  for (auto const& [name, collection] : database.collections) {
    for (auto const& shard : collection->shards) {
      bool is_here = std::find(shard.servers.begin(), shard.servers.end(), server) != shard.servers.end();
      if (!is_here || (!only.empty() && shard.name != only)) continue;
      json::Object parameters;
      std::string properties = sim::collection_properties_json(*collection);
      for (auto const& member : json::members(properties)) {
        bool is_own = member.name == "name" || member.name == "globallyUniqueId" || member.name == "id";
        if (!is_own) parameters.raw(member.name, member.value);
      }
      parameters.text("id", shard.name.substr(1)).text("name", shard.name).text("planId", collection->id);
      parameters.text("globallyUniqueId", shared.model.unique_id_of(*collection, shard)).flag("deleted", false);
      std::vector<std::string> indexes;
      for (auto const& index : collection->indexes) {
        if (index.type != "primary" && index.type != "edge") indexes.push_back(sim::index_json(index, ""));
      }
      found.push_back(json::Object().raw("parameters", parameters.take()).raw("indexes", json::array(indexes)).take());
    }
  }
  return json::array(found);
}

Response inventory(Shared& shared, Call const& call) {
  auto tick = shared.model.snapshot_tick(call.server, call.database, call.query("batchId"));
  if (!tick) return failure(tick.error());
  bool is_global = call.flag("global", false);
  if (is_global && call.database != "_system") return failure(sim::model_error(11));
  json::Object out;
  if (is_global) {
    json::Object databases;
    for (auto const& [name, database] : shared.model.databases()) {
      databases.raw(name, json::Object()
                              .text("id", database.id)
                              .text("name", name)
                              .raw("collections", local_collections(shared, call.server, database, ""))
                              .raw("views", "[]")
                              .take());
    }
    out.raw("databases", databases.take());
  } else {
    auto const& database = *shared.model.find_database(call.database);
    out.raw("collections", local_collections(shared, call.server, database, call.query("collection")));
    out.raw("views", "[]");
  }
  out.raw("state", state_json(shared, *tick)).text("tick", std::to_string(shared.model.next_id()));
  return json_answer(200, out.take());
}

Response logger_state(Shared& shared, Call const& call) {
  std::vector<std::string> clients;
  for (auto const& entry : shared.model.clients(call.server, call.database)) {
    clients.push_back(json::Object()
                          .text("syncerId", entry.client.syncer)
                          .text("serverId", entry.client.server)
                          .text("clientInfo", entry.client.info)
                          .text("time", sim::utc_text(entry.seen))
                          .text("expires", sim::utc_text(entry.expires))
                          .text("lastServedTick", std::to_string(entry.tick))
                          .take());
  }
  return json_answer(200, json::Object()
                              .raw("state", state_json(shared, shared.model.last_tick(call.server)))
                              .raw("server", server_json(shared, call, true))
                              .raw("clients", json::array(clients))
                              .take());
}

Response cluster_inventory(Shared& shared, Call const& call) {
  if (call.role != Role::Coordinator) {
    return failure(403, 1471, "this operation is only valid on a coordinator in a cluster");
  }
  if (call.method() != "GET") return method_not_allowed();
  auto const& database = *shared.model.find_database(call.database);
  return json_answer(200, sim::cluster_inventory_json(shared.model, database, call.flag("includeSystem", true)));
}

Response on_db_server(Shared& shared, Call const& call) {
  auto what = call.part(2);
  if (shared.dialect.is_gone(what)) return failure(400, 400, "invalid command '" + std::string(what) + "'");
  if (what == "batch") return batch(shared, call);
  if (what == "dump") return dump(shared, call);
  if (what == "inventory") return inventory(shared, call);
  if (what == "logger-state") return logger_state(shared, call);
  if (what == "logger-first-tick") {
    auto tick = shared.model.first_tick(call.server);
    return json_answer(200,
                       json::Object().raw("firstTick", tick == 0 ? "null" : json::quote(std::to_string(tick))).take());
  }
  if (what == "logger-follow" && (call.method() == "GET" || call.method() == "PUT")) {
    std::string collection = call.query("collection");
    return follow_api(shared, call, collection.empty() ? "" : shard_name(shared, call, collection));
  }
  if (what == "server-id") {
    return json_answer(200, json::Object().text("serverId", shared.model.find_db_server(call.server)->number).take());
  }
  if (what == "clusterInventory") return cluster_inventory(shared, call);
  if (what == "keys" && !shared.dialect.has_journals()) return keys_api(shared, call);
  if (what == "revisions" && shared.dialect.at_least(3, 7)) return revision_api(shared, call);
  return failure(400, 400, "invalid command '" + std::string(what) + "'");
}

Response forward(Shared& shared, Call const& call, std::string const& server) {
  auto const* target = shared.model.find_db_server(server);
  if (target == nullptr) return failure(404, 1449, "unknown server: " + server);
  if (!target->is_healthy) return failure(503, 1478, "unable to reach the server");
  if (call.part(2) == "dump") {
    auto collection = call.query("collection");
    if (shared.model.find_shard(call.database, collection) == nullptr) return failure(sim::model_error(1203));
  }
  Call forwarded{call.request, Role::DbServer, server, call.database, call.path, call.target, call.caller};
  Response response = on_db_server(shared, forwarded);
  response.headers.push_back({"x-arango-request-forwarded-to", server});
  return response;
}

// ---- the log ----

Response wal_position(Shared& shared, Call const& call, bool is_range) {
  auto& model = shared.model;
  json::Object out;
  out.text("time", sim::utc_text(shared.now()));
  if (is_range) {
    out.text("tickMin", std::to_string(model.first_tick(call.server)));
    out.text("tickMax", std::to_string(model.last_tick(call.server)));
  } else {
    out.text("tick", std::to_string(model.last_tick(call.server)));
  }
  return json_answer(200, out.raw("server", server_json(shared, call, false)).take());
}

Response tail(Shared& shared, Call const& call) {
  auto client = log_client(shared, call);
  if (!client) return failure(400, 10, "syncerId must be a positive integer");
  sim::TailRequest request;
  request.from = call.number("from", 0);
  request.to = call.number("to", ~std::uint64_t{0});
  request.last_scanned = call.number("lastScanned", 0);
  request.chunk_bytes = std::clamp<std::size_t>(call.number("chunkSize", 1u << 20), tail_chunk_min, tail_chunk_max);
  request.global = call.flag("global", false);
  request.database = call.database;
  request.client = *client;
  if (request.global && call.database != "_system") return failure(sim::model_error(11));
  if (call.flag("trackOnly", false) && shared.dialect.at_least(3, 8)) {
    shared.model.track(call.server, *client, request.from);
    return success(json::Object().raw("result", "{}"));
  }
  std::string collection = call.query("collection");
  if (!collection.empty()) request.shard = shard_name(shared, call, collection);
  auto answer = shared.model.tail(call.server, request);
  if (!answer) return failure(answer.error());
  Response response;
  response.status = answer->lines.empty() ? 204 : 200;
  response.headers.push_back({"Content-Type", "application/x-arango-dump"});
  response.body = std::move(answer->lines);
  add(response, "checkmore", answer->check_more);
  add(response, "lastincluded", answer->last_included);
  add(response, "lasttick", answer->last_tick);
  add(response, "lastscanned", answer->last_scanned);
  add(response, "frompresent", answer->from_present);
  return response;
}

}  // namespace

std::optional<sim::LogClient> log_client(Shared const& shared, Call const& call) {
  sim::LogClient client{call.query("syncerId"), call.query("serverId"), call.query("clientInfo")};
  if (!shared.dialect.at_least(3, 5)) client.syncer.clear();
  if (!client.syncer.empty() && !is_identity(client.syncer)) return std::nullopt;
  if (client.server == "0") client.server.clear();
  return client;
}

Response replication_api(Shared& shared, Call const& call) {
  if (call.role == Role::DbServer) return on_db_server(shared, call);
  if (shared.dialect.is_single_server()) {
    std::string const& id = shared.model.db_servers().front().id;
    return on_db_server(shared, {call.request, Role::DbServer, id, call.database, call.path, call.target, call.caller});
  }
  std::string server = call.query("DBserver");
  auto what = call.part(2);
  if (!server.empty() && shared.dialect.passes_on(what)) return forward(shared, call, server);
  if (what == "clusterInventory") return cluster_inventory(shared, call);
  if (what == "batch" || what == "inventory" || what == "dump") return failure(400, 400, "need \"DBserver\" parameter");
  if (what == "logger-state") return failure(501, 9, "not implemented");
  return failure(501, 1470, "replication API is not supported on a coordinator");
}

Response wal_api(Shared& shared, Call const& call) {
  if (shared.dialect.is_single_server() && call.role != Role::DbServer) {
    std::string const& id = shared.model.db_servers().front().id;
    return wal_api(shared, {call.request, Role::DbServer, id, call.database, call.path, call.target, call.caller});
  }
  if (call.role != Role::DbServer) return failure(501, 1470, "'/_api/wal' is not yet supported in a cluster");
  if (!call.caller.is_admin()) return failure(sim::model_error(11));
  auto what = call.part(2);
  bool is_get = call.method() == "GET";
  if (what == "range" && is_get) return wal_position(shared, call, true);
  if (what == "lastTick" && is_get) return wal_position(shared, call, false);
  if (what == "tail" && (is_get || call.method() == "PUT")) return tail(shared, call);
  if (what == "tail" && call.method() == "DELETE") {
    auto client = log_client(shared, call);
    if (!client) return failure(400, 10, "syncerId must be a positive integer");
    shared.model.forget(call.server, *client);
    return success(json::Object().raw("result", "{}"));
  }
  if (what == "open-transactions" && is_get) return empty_answer(204);
  return failure(400, 400, "expecting GET /_api/wal/[tail|range|lastTick|open-transactions]");
}

}  // namespace arangosync::sandbox
