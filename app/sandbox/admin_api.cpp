// What a server says of itself and of the cluster (spec arangodb-read 9), and the read-only switch (arangodb-write 9).
#include "app/sandbox/api.h"

#include "adapters/sim/cluster_render.h"

#include <optional>

namespace arangosync::sandbox {
namespace {

char const* role_name(Shared const& shared, Role role) {
  switch (role) {
    case Role::Agent:
      return "AGENT";
    case Role::Coordinator:
      return shared.dialect.is_single_server() ? "SINGLE" : "COORDINATOR";
    case Role::DbServer:
      return "PRIMARY";
  }
  return "UNDEFINED";
}

bool is_coordinator(Shared const& shared, Call const& call) {
  return call.role == Role::Coordinator && !shared.dialect.is_single_server();
}

char const* mode_name(Shared& shared) { return shared.model.is_read_only() ? "readonly" : "default"; }

Response mode(Shared& shared, Call const& call) {
  if (call.method() == "GET") return success(json::Object().text("mode", mode_name(shared)));
  if (call.method() != "PUT") return method_not_allowed();
  if (!call.caller.is_admin()) return failure(sim::model_error(11));
  auto body = parse_body(call);
  std::string wanted = body.is_valid ? json::text_of(json::find(body.value, "mode")) : "";
  if (wanted != "readonly" && wanted != "default") return failure(400, 400, "mode not set or invalid");
  shared.model.set_read_only(wanted == "readonly");
  return success(json::Object().text("mode", wanted));
}

Response server(Shared& shared, Call const& call) {
  auto what = call.part(2);
  if (what == "mode") return mode(shared, call);
  if (call.method() != "GET") return method_not_allowed();
  if (what == "id" && !shared.dialect.is_single_server()) return success(json::Object().text("id", call.server));
  if (what == "role")
    return success(json::Object().text("role", role_name(shared, call.role)).text("mode", mode_name(shared)));
  if (what == "availability") return success(json::Object().text("mode", mode_name(shared)));
  return unknown_path(call);
}

std::string endpoint_of(Shared& shared, Call const& call) {
  if (call.role == Role::Agent) return shared.agent_endpoint;
  for (auto const* list : {&shared.model.coordinators(), &shared.model.db_servers()}) {
    for (auto const& each : *list) {
      if (each.id == call.server) return each.endpoint;
    }
  }
  return "";
}

Response status(Shared& shared, Call const& call) {
  bool is_read_only = shared.model.is_read_only();
  json::Object info;
  info.raw("progress", R"({"phase":"in wait","feature":"","recoveryTick":0})")
      .text("role", role_name(shared, call.role));
  info.flag("writeOpsEnabled", !is_read_only).flag("readOnly", is_read_only).flag("maintenance", false);
  info.text("persistedId", call.server).number("rebootId", 1).text("state", "SERVING");
  info.text("address", endpoint_of(shared, call)).text("serverId", call.server);
  json::Object out;
  out.text("server", "arango").text("version", shared.options.version).number("pid", 1).text("license", "community");
  out.text("mode", "server").text("operationMode", "server").flag("foxxApi", false).text("host", "sandbox");
  out.raw("serverInfo", info.take());
  if (call.role == Role::Agent) {
    out.raw("agent", json::Object()
                         .number("term", 1)
                         .text("id", call.server)
                         .text("endpoint", shared.agent_endpoint)
                         .text("leaderId", call.server)
                         .flag("leading", true)
                         .take());
  } else {
    std::string comm = json::Object().raw("endpoints", json::array_of_texts({shared.agent_endpoint})).take();
    out.raw("agency", json::Object().raw("agencyComm", comm).take());
  }
  if (is_coordinator(shared, call)) {
    std::string const& first = shared.model.coordinators().front().id;
    out.raw("coordinator", json::Object().text("foxxmaster", first).flag("isFoxxmaster", first == call.server).take());
  }
  return json_answer(200, out.take());
}

std::string health_entry(sim::ModelServer const& server, char const* role, Shared& shared, std::string const& time) {
  auto host = server.endpoint.find("://");
  auto port = server.endpoint.rfind(':');
  json::Object out;
  out.text("Timestamp", time).text("SyncStatus", "SERVING").text("ShortName", server.short_name);
  out.text("Status", server.is_healthy ? "GOOD" : "FAILED").text("LastAckedTime", time);
  if (host != std::string::npos && port > host) out.text("Host", server.endpoint.substr(host + 3, port - host - 3));
  out.text("Engine", "rocksdb").text("Version", shared.options.version).text("SyncTime", time);
  out.text("Endpoint", server.endpoint).text("Role", role).flag("CanBeDeleted", false);
  return out.take();
}

Response health(Shared& shared) {
  std::string time = sim::utc_text(shared.now());
  json::Object servers;
  for (auto const& each : shared.model.coordinators())
    servers.raw(each.id, health_entry(each, "Coordinator", shared, time));
  for (auto const& each : shared.model.db_servers()) servers.raw(each.id, health_entry(each, "DBServer", shared, time));
  servers.raw("AGNT-0001", json::Object()
                               .text("Endpoint", shared.agent_endpoint)
                               .text("Role", "Agent")
                               .flag("CanBeDeleted", false)
                               .text("Version", shared.options.version)
                               .text("Engine", "rocksdb")
                               .text("Leader", "AGNT-0001")
                               .flag("Leading", true)
                               .text("Status", "GOOD")
                               .raw("LastAckedTime", "0.1")
                               .take());
  return success(json::Object().text("ClusterId", shared.model.cluster_id()).raw("Health", servers.take()));
}

Response shard_distribution(Shared& shared, Call const& call) {
  auto short_name = [&](std::string const& id) { return shared.model.find_db_server(id)->short_name; };
  json::Object results;
  for (auto const& [name, collection] : shared.model.find_database(call.database)->collections) {
    json::Object shards;
    for (auto const& shard : collection->shards) {
      std::vector<std::string> followers;
      for (std::size_t i = 1; i < shard.servers.size(); ++i) followers.push_back(short_name(shard.servers[i]));
      shards.raw(shard.name, json::Object()
                                 .text("leader", short_name(shard.servers.front()))
                                 .raw("followers", json::array_of_texts(followers))
                                 .take());
    }
    std::string all = shards.take();
    results.raw(name, json::Object().raw("Plan", all).raw("Current", all).take());
  }
  return success(json::Object().raw("results", results.take()));
}

Response version(Shared& shared, Call const& call) {
  json::Object out;
  out.text("server", "arango").text("license", "community").text("version", shared.options.version);
  if (call.flag("details", false) && call.caller.is_admin()) {
    out.raw("details", json::Object()
                           .text("mode", "server")
                           .text("role", role_name(shared, call.role))
                           .text("server-version", shared.options.version)
                           .text("host", call.server)
                           .text("sandbox", "true")
                           .take());
  }
  return json_answer(200, out.take());
}

/// As a URL: "http://127.0.0.1:8529".
std::string url_of(std::string endpoint) {
  if (endpoint.starts_with("tcp://")) return "http://" + endpoint.substr(6);
  return endpoint.starts_with("ssl://") ? "https://" + endpoint.substr(6) : endpoint;
}

Response cluster(Shared& shared, Call const& call) {
  if (call.part(2) != "endpoints") return unknown_path(call);
  if (!is_coordinator(shared, call)) {
    int status = shared.dialect.at_least(3, 7) ? 501 : 403;
    return failure(status, 1471, "this operation is only valid on a coordinator in a cluster");
  }
  std::vector<std::string> endpoints;
  for (auto const& each : shared.model.coordinators()) {
    endpoints.push_back(json::Object().text("endpoint", each.endpoint).take());
  }
  return success(json::Object().raw("endpoints", json::array(endpoints)));
}

}  // namespace

Response admin_api(Shared& shared, Call const& call) {
  auto what = call.part(1);
  if (what == "server") return server(shared, call);
  if (what == "status") return status(shared, call);
  if (what == "auth" && call.part(2) == "reload") {
    if (call.role != Role::Coordinator) return unknown_path(call);
    // Removed in 3.4, back in 3.7 (spec arangodb-write 7.4).
    if (shared.dialect.at_least(3, 4) && !shared.dialect.at_least(3, 7)) return unknown_path(call);
    if (!call.caller.is_admin()) return failure(403, 403, "forbidden");
    shared.reload_users();
    return success(json::Object());
  }
  if (what == "cluster" && (call.part(2) == "health" || call.part(2) == "shardDistribution")) {
    if (!is_coordinator(shared, call)) return failure(403, 403, "only allowed on coordinators");
    return call.part(2) == "health" ? health(shared) : shard_distribution(shared, call);
  }
  return unknown_path(call);
}

Response server_api(Shared& shared, Call const& call) {
  auto what = call.part(1);
  if (what == "version") return version(shared, call);
  if (what == "engine") return json_answer(200, shared.dialect.engine_json());
  if (what == "cluster") return cluster(shared, call);
  if (what == "endpoint") {
    return json_answer(200, "[" + json::Object().text("endpoint", url_of(endpoint_of(shared, call))).take() + "]");
  }
  return unknown_path(call);
}

}  // namespace arangosync::sandbox
