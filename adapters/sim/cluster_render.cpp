#include "adapters/sim/cluster_render.h"

#include "adapters/sim/cluster_json.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace arangosync::sim {
namespace {

using json::Object;

/// Members that Plan, inventory and properties have in common.
void add_definition(Object& out, ModelCollection const& collection) {
  out.text("id", collection.id).text("name", collection.name);
  out.number("type", static_cast<std::uint64_t>(collection.type)).number("status", 3);
  out.flag("isSystem", collection.is_system);
  out.raw("shardKeys", json::array_of_texts(collection.shard_keys));
  for (auto const& [name, value] : collection.attributes) out.raw(name, value);
}

std::string shards_json(ModelCollection const& collection) {
  Object shards;
  for (auto const& shard : collection.shards) shards.raw(shard.name, json::array_of_texts(shard.servers));
  return shards.take();
}

std::string indexes_json(ModelCollection const& collection, bool with_implicit) {
  std::vector<std::string> list;
  for (auto const& index : collection.indexes) {
    bool is_implicit = index.type == "primary" || index.type == "edge";
    if (with_implicit || !is_implicit) list.push_back(index_json(index, ""));
  }
  return json::array(list);
}

/// Every server of a list as members of one object.
template <class Value>
std::string by_server(std::vector<ModelServer> const& servers, Value value) {
  Object out;
  for (auto const& server : servers) out.raw(server.id, value(server));
  return out.take();
}

std::string numeric_version(std::string const& version) {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned patch = 0;
  std::sscanf(version.c_str(), "%u.%u.%u", &major, &minor, &patch);
  return std::to_string(major * 10'000 + minor * 100 + patch);
}

std::string host_of(std::string const& endpoint) {
  auto begin = endpoint.find("://");
  begin = begin == std::string::npos ? 0 : begin + 3;
  auto end = endpoint.rfind(':');
  return end == std::string::npos || end < begin ? endpoint.substr(begin) : endpoint.substr(begin, end - begin);
}

std::string planned_collection(ModelDatabase const& database, ModelCollection const& collection) {
  Object out;
  add_definition(out, collection);
  out.text("statusString", "loaded").flag("deleted", false);
  auto prototype = database.collections.find(collection.distribute_shards_like);
  // The Plan names the prototype by its id, everything else by its name.
  if (prototype != database.collections.end()) out.text("distributeShardsLike", prototype->second->id);
  out.raw("shards", shards_json(collection)).raw("indexes", indexes_json(collection, true));
  return out.take();
}

std::string current_collection(ModelCollection const& collection) {
  Object shards;
  for (auto const& shard : collection.shards) {
    std::string servers = json::array_of_texts(shard.servers);
    shards.raw(shard.name, Object()
                               .raw("servers", servers)
                               .raw("failoverCandidates", servers)
                               .raw("indexes", indexes_json(collection, true))
                               .flag("error", false)
                               .number("errorNum", 0)
                               .text("errorMessage", "")
                               .take());
  }
  return shards.take();
}

std::string plan_json(ClusterModel const& model) {
  Object databases;
  Object collections;
  Object views;
  Object analyzers;
  for (auto const& [name, database] : model.databases()) {
    Object definition;
    definition.text("id", database.id).text("name", name);
    for (auto const& [option, value] : database.options) definition.raw(option, value);
    databases.raw(name, definition.take());
    Object planned;
    for (auto const& [collection_name, collection] : database.collections) {
      planned.raw(collection->id, planned_collection(database, *collection));
    }
    collections.raw(name, planned.take());
    Object planned_views;
    for (auto const& [view_name, view] : database.views) {
      Object planned_view;
      planned_view.all_of(view_json(view, "c" + view.id + "/")).text("planId", view.id);
      planned_views.raw(view.id, planned_view.flag("deleted", false).flag("isSystem", false).take());
    }
    views.raw(name, planned_views.take());
    auto revision = database.analyzers_revision;
    analyzers.raw(name, Object().number("revision", revision).number("buildingRevision", revision).take());
  }
  auto none = [](ModelServer const&) { return std::string("\"none\""); };
  return Object()
      .raw("Analyzers", analyzers.take())
      .raw("Collections", collections.take())
      .raw("Coordinators", by_server(model.coordinators(), none))
      .raw("DBServers", by_server(model.db_servers(), none))
      .raw("Databases", databases.take())
      .text("Lock", "UNLOCKED")
      .raw("Singles", "{}")
      .number("Version", model.plan_version())
      .raw("Views", views.take())
      .take();
}

std::string registered_json(ClusterModel const& model, std::string const& version, std::string const& timestamp) {
  Object out;
  auto const number = numeric_version(version);
  bool const tells_naming = std::stoul(number) >= 30'900;
  for (auto const* list : {&model.coordinators(), &model.db_servers()}) {
    for (auto const& server : *list) {
      Object entry;
      entry.text("timestamp", timestamp).text("host", host_of(server.endpoint));
      entry.text("versionString", version).raw("version", number);
      if (tells_naming) entry.flag("extendedNamesDatabases", model.naming() != Naming::Traditional);
      entry.text("engine", "rocksdb").text("endpoint", server.endpoint).text("advertisedEndpoint", "");
      out.raw(server.id, entry.take());
    }
  }
  return out.number("Version", model.plan_version()).take();
}

std::string current_json(ClusterModel const& model, std::string const& version, std::string const& timestamp) {
  Object databases;
  Object collections;
  for (auto const& [name, database] : model.databases()) {
    std::string entry = Object()
                            .text("id", database.id)
                            .text("name", name)
                            .flag("error", false)
                            .number("errorNum", 0)
                            .text("errorMessage", "")
                            .take();
    databases.raw(name, by_server(model.db_servers(), [&](ModelServer const&) { return entry; }));
    Object reported;
    for (auto const& [collection_name, collection] : database.collections) {
      reported.raw(collection->id, current_collection(*collection));
    }
    collections.raw(name, reported.take());
  }
  Object known;
  for (auto const* list : {&model.coordinators(), &model.db_servers()}) {
    for (auto const& server : *list) known.raw(server.id, Object().number("rebootId", server.reboot_id).take());
  }
  auto none = [](ModelServer const&) { return std::string("\"none\""); };
  return Object()
      .raw("Collections", collections.take())
      .raw("Coordinators", by_server(model.coordinators(), none))
      .raw("DBServers", by_server(model.db_servers(), none))
      .raw("Databases", databases.take())
      .text("Lock", "UNLOCKED")
      .raw("ServersKnown", known.take())
      .raw("ServersRegistered", registered_json(model, version, timestamp))
      .raw("Singles", "{}")
      .number("Version", model.plan_version())
      .take();
}

std::string health_json(ClusterModel const& model, std::string const& version, std::string const& timestamp) {
  Object out;
  for (auto const* list : {&model.coordinators(), &model.db_servers()}) {
    for (auto const& server : *list) {
      out.raw(server.id, Object()
                             .text("Timestamp", timestamp)
                             .text("SyncStatus", "SERVING")
                             .text("ShortName", server.short_name)
                             .text("Status", server.is_healthy ? "GOOD" : "FAILED")
                             .text("LastAckedTime", timestamp)
                             .text("Host", host_of(server.endpoint))
                             .text("Engine", "rocksdb")
                             .text("Version", version)
                             .text("SyncTime", timestamp)
                             .text("Endpoint", server.endpoint)
                             .take());
    }
  }
  return out.take();
}

}  // namespace

std::string unique_id(ModelCollection const& collection, std::string const& shard) {
  return "c" + collection.id + "/" + shard;
}

std::string single_server_id(ModelServer const& server, ModelCollection const& collection) {
  char number[24];
  std::snprintf(number, sizeof number, "%llX",
                static_cast<unsigned long long>(json::to_uint(server.number).value_or(0)));
  return std::string("h") + number + "/" + collection.id;
}

std::string view_json(ModelView const& view, std::string const& unique) {
  Object out;
  out.text("globallyUniqueId", unique).text("id", view.id).text("name", view.name).text("type", view.type);
  for (auto const& [name, value] : view.properties) out.raw(name, value);
  if (view.type == "search-alias") {
    std::vector<std::string> entries;
    for (auto const& [collection, index] : view.indexes) {
      entries.push_back(Object().text("collection", collection).text("index", index).take());
    }
    out.raw("indexes", json::array(entries));
  } else {
    Object links;
    for (auto const& [collection, link] : view.links) links.raw(collection, link);
    out.raw("links", links.take());
  }
  return out.take();
}

std::string index_json(ModelIndex const& index, std::string const& collection) {
  Object out;
  out.raw("fields", json::array_of_texts(index.fields));
  out.text("id", collection.empty() ? index.id : collection + "/" + index.id).text("name", index.name);
  out.flag("sparse", index.is_sparse).text("type", index.type).flag("unique", index.is_unique);
  for (auto const& [name, value] : index.attributes) out.raw(name, value);
  return out.take();
}

std::string collection_properties_json(ModelCollection const& collection) {
  Object out;
  add_definition(out, collection);
  out.text("statusString", "loaded").text("globallyUniqueId", unique_id(collection));
  if (!collection.distribute_shards_like.empty()) out.text("distributeShardsLike", collection.distribute_shards_like);
  return out.take();
}

std::string cluster_inventory_json(ClusterModel& model, ModelDatabase const& database, bool with_system) {
  std::vector<std::string> collections;
  for (auto const& [name, collection] : database.collections) {
    if (collection->is_system && !with_system) continue;
    Object parameters;
    add_definition(parameters, *collection);
    parameters.flag("deleted", false).text("globallyUniqueId", unique_id(*collection));
    if (!collection->distribute_shards_like.empty()) {
      parameters.text("distributeShardsLike", collection->distribute_shards_like);
    }
    parameters.raw("shards", shards_json(*collection));
    bool is_ready = std::all_of(collection->shards.begin(), collection->shards.end(), [&](auto const& shard) {
      return model.find_db_server(shard.servers.front())->is_healthy;
    });
    collections.push_back(Object()
                              .raw("parameters", parameters.take())
                              .raw("indexes", indexes_json(*collection, false))
                              .number("planVersion", 1)
                              .flag("isReady", is_ready)
                              .flag("allInSync", is_ready)
                              .take());
  }
  std::vector<std::string> views;
  for (auto const& [name, view] : database.views) views.push_back(view_json(view, "c" + view.id + "/"));
  Object properties;
  properties.text("id", database.id).text("name", database.name).flag("isSystem", database.name == "_system");
  for (auto const& [option, value] : database.options) properties.raw(option, value);
  return Object()
      .raw("collections", json::array(collections))
      .raw("views", json::array(views))
      .raw("properties", properties.take())
      .text("tick", std::to_string(model.next_id()))
      .text("state", "unused")
      .take();
}

std::string agency_json(ClusterModel const& model, std::string const& version, std::string const& timestamp) {
  Object out;
  out.text("Cluster", model.cluster_id()).flag("InitDone", true).flag("SystemCollectionsCreated", true);
  out.raw("ClusterUpgradeVersion", numeric_version(version));
  out.raw("Plan", plan_json(model)).raw("Current", current_json(model, version, timestamp));
  out.raw("Target", R"({"FailedServers":{},"CleanedServers":[],"ToBeCleanedServers":[],"ToDo":{},"Pending":{},)"
                    R"("Finished":{},"Failed":{},"Lock":"UNLOCKED","Version":1})");
  out.raw("Supervision", Object()
                             .raw("Health", health_json(model, version, timestamp))
                             .raw("State", Object().text("Mode", "Normal").text("Timestamp", timestamp).take())
                             .take());
  out.raw("Sync", Object()
                      .number("LatestID", 1'000'000)
                      .number("UserVersion", model.user_version())
                      .raw("ServerStates", "{}")
                      .raw("Problems", "{}")
                      .number("HeartbeatIntervalMs", 1000)
                      .take());
  if (model.is_read_only()) out.flag("Readonly", true);
  return out.take();
}

std::string utc_text(WallTime time) {
  using namespace std::chrono;
  auto since = floor<seconds>(time.since_epoch());
  auto day = floor<days>(since);
  year_month_day date{sys_days{day}};
  hh_mm_ss clock{since - day};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

}  // namespace arangosync::sim
