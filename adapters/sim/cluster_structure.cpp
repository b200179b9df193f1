// Databases and collections of the cluster model (specs arangodb-write 3 and 6).
#include "adapters/sim/cluster_json.h"
#include "adapters/sim/cluster_log.h"
#include "adapters/sim/cluster_model.h"
#include "adapters/sim/cluster_render.h"
#include "adapters/sim/cluster_smart.h"
#include "domain/base/check.h"

#include <algorithm>
#include <array>

namespace arangosync::sim {
namespace {

// Properties a create request may set beside name, type, id, isSystem, shardKeys and distributeShardsLike; every other
// member of the body is dropped, as servers do (spec arangodb-write 3.1).
constexpr std::array kept_properties = {
    "waitForSync",
    "schema",
    "computedValues",
    "cacheEnabled",
    "keyOptions",
    "numberOfShards",
    "shardingStrategy",
    "replicationFactor",
    "writeConcern",
    "isSmart",
    "isDisjoint",
    "smartGraphAttribute",
    "smartJoinAttribute",
    "syncByRevision",
    "usesRevisionsAsDocumentIds",
    "internalValidatorType",
    "isSmartChild",
};
constexpr std::array mutable_properties = {"waitForSync",  "schema",       "computedValues",
                                           "cacheEnabled", "writeConcern", "replicationFactor"};

std::map<std::string, std::string> default_properties() {
  return {{"waitForSync", "false"},   {"schema", "null"},
          {"cacheEnabled", "false"},  {"keyOptions", R"({"allowUserKeys":true,"type":"traditional"})"},
          {"numberOfShards", "1"},    {"shardingStrategy", "\"hash\""},
          {"replicationFactor", "1"}, {"writeConcern", "1"},
          {"isSmart", "false"},       {"isDisjoint", "false"},
          {"isSmartChild", "false"},  {"internalValidatorType", "0"},
          {"syncByRevision", "true"}, {"usesRevisionsAsDocumentIds", "true"}};
}

ModelIndex implicit_index(std::string id, std::string type, std::vector<std::string> fields, bool is_unique) {
  ModelIndex index;
  index.id = std::move(id);
  index.name = type;
  index.type = std::move(type);
  index.fields = std::move(fields);
  index.is_unique = is_unique;
  return index;
}

/// keyOptions with the defaults filled in that a server reports.
std::string key_options(std::string_view given) {
  auto list = json::members(given);
  json::Object out;
  if (json::find(list, "allowUserKeys").empty()) out.flag("allowUserKeys", true);
  if (json::find(list, "type").empty()) out.text("type", "traditional");
  bool counts = json::find(list, "type") == "\"autoincrement\"";
  if (counts && json::find(list, "offset").empty()) out.number("offset", 0);
  if (counts && json::find(list, "increment").empty()) out.number("increment", 1);
  for (auto const& member : list) out.raw(member.name, json::compact(member.value));
  return out.take();
}

/// What the body asks for, or why not.
ModelResult<std::unique_ptr<ModelCollection>> read_definition(std::vector<json::Member> const& body, Naming naming) {
  auto collection = std::make_unique<ModelCollection>();
  std::string_view name = json::find(body, "name");
  if (!json::is_string(name)) return unexpected(model_error(1208));
  collection->name = json::text_of(name);
  collection->is_system = json::is_true(json::find(body, "isSystem"));
  bool has_system_name = collection->name.starts_with("_");
  if (!is_collection_name(collection->name, naming) || (has_system_name && !collection->is_system)) {
    return unexpected(model_error(1208));
  }
  std::string type = json::text_of(json::find(body, "type"));
  collection->type = type == "3" || type == "edge" ? 3 : 2;
  collection->attributes = default_properties();
  for (char const* property : kept_properties) {
    std::string_view value = json::find(body, property);
    if (!value.empty()) collection->attributes[property] = json::compact(value);
  }
  std::string_view concern = json::find(body, "minReplicationFactor");
  if (!concern.empty()) {
    std::string_view other = json::find(body, "writeConcern");
    if (!other.empty() && other != concern) return unexpected(model_error(10));
    collection->attributes["writeConcern"] = std::string(concern);
  }
  auto& options = collection->attributes["keyOptions"];
  options = key_options(options);
  for (auto key : json::elements(json::find(body, "shardKeys"))) collection->shard_keys.push_back(json::text_of(key));
  if (collection->shard_keys.empty()) collection->shard_keys = {"_key"};
  std::string_view like = json::find(body, "distributeShardsLike");
  if (json::is_string(like)) collection->distribute_shards_like = json::text_of(like);
  return collection;
}

}  // namespace

// ---- databases ----

ModelResult<Done> ClusterModel::create_database(std::string const& name, std::map<std::string, std::string> options,
                                                ModelCaller caller) {
  if (auto allowed = may_change_structure(caller); !allowed) return allowed;
  if (!is_database_name(name, options_.naming)) return unexpected(model_error(1229));
  if (databases_.contains(name)) return unexpected(model_error(1207));
  ModelDatabase& database = databases_[name];
  database.id = std::to_string(next_id());
  database.name = name;
  database.options = std::move(options);
  log_database(name, 1100,
               json::Object().raw("database", database.id).text("id", database.id).text("name", name).take());
  create_system_collections(database);
  ++plan_version_;
  return Done{};
}

ModelResult<Done> ClusterModel::drop_database(std::string const& name, ModelCaller caller) {
  if (auto allowed = may_change_structure(caller); !allowed) return allowed;
  ModelDatabase* database = database_of(name);
  if (database == nullptr) return unexpected(model_error(1228));
  if (name == "_system") return unexpected(model_error(11));
  for (auto const& [collection_name, collection] : database->collections) {
    log_structure(name, *collection, 2001, "");
  }
  log_database(name, 1101, "");
  databases_.erase(name);
  ++plan_version_;
  return Done{};
}

void ClusterModel::create_system_collections(ModelDatabase& database) {
  bool is_system = database.name == "_system";
  std::vector<std::string> names = options_.system_collections;
  std::string prototype = names.front();
  if (is_system) {
    prototype = "_users";
    names.insert(names.begin(), "_users");
    for (auto const* more : {"_statistics", "_statistics15", "_statisticsRaw"}) {
      if (options_.all_system_collections) names.emplace_back(more);
    }
  }
  auto copies = std::min<std::size_t>(options_.system_replication, db_servers_.size());
  for (auto const& name : names) {
    json::Object body;
    body.text("name", name).flag("isSystem", true).number("replicationFactor", copies);
    if (name != prototype && !options_.is_single_server) body.text("distributeShardsLike", prototype);
    auto created = create_collection(database.name, body.take());
    DC_ASSERT(created.has_value());
  }
  auto index = [&](std::string const& collection, std::string const& definition) {
    auto created = create_index(database.name, collection, definition);
    DC_ASSERT(created.has_value());
  };
  if (is_system) index("_users", R"({"type":"hash","fields":["user"],"unique":true,"sparse":true})");
  if (options_.all_system_collections)
    index("_apps", R"({"type":"hash","fields":["mount"],"unique":true,"sparse":true})");
  index("_jobs", R"({"type":"skiplist","fields":["queue","status","delayUntil"]})");
  index("_jobs", R"({"type":"skiplist","fields":["status","queue","delayUntil"]})");
}

// ---- collections ----

ModelResult<Done> ClusterModel::place_shards(ModelDatabase const& database, ModelCollection& collection) {
  auto& attributes = collection.attributes;
  if (options_.is_single_server) {
    attributes["numberOfShards"] = attributes["replicationFactor"] = "1";
    collection.distribute_shards_like.clear();
  }
  ModelCollection const* prototype = nullptr;
  if (!collection.distribute_shards_like.empty()) {
    prototype = collection_of(database, collection.distribute_shards_like);
    if (prototype == nullptr) return unexpected(model_error(1486));
    if (!prototype->distribute_shards_like.empty()) return unexpected(model_error(1484));
    collection.distribute_shards_like = prototype->name;
    for (auto const* same : {"numberOfShards", "replicationFactor", "shardingStrategy"}) {
      auto found = prototype->attributes.find(same);
      if (found != prototype->attributes.end()) attributes[same] = found->second;
    }
  }
  bool is_satellite = attributes["replicationFactor"] == "\"satellite\"" || attributes["replicationFactor"] == "0";
  if (is_satellite) {
    attributes["replicationFactor"] = "\"satellite\"";
    attributes["numberOfShards"] = "1";
  }
  auto shards = json::to_uint(attributes["numberOfShards"]);
  auto copies = is_satellite ? db_servers_.size() : json::to_uint(attributes["replicationFactor"]).value_or(0);
  if (!shards || *shards == 0 || copies == 0) return unexpected(model_error(10));
  if (*shards > 1000) return unexpected(model_error(1450));
  if (copies > db_servers_.size()) return unexpected(model_error(1487));
  attributes["minReplicationFactor"] = attributes["writeConcern"];
  if (is_smart_edge(collection) && !options_.is_single_server) return Done{};
  for (std::size_t i = 0; i < *shards; ++i) {
    ModelShard shard;
    shard.name = "s" + std::to_string(next_id());
    shard.documents = std::make_shared<ModelDocuments>();
    if (prototype != nullptr) {
      shard.servers = prototype->shards[i].servers;
    } else {
      for (std::size_t copy = 0; copy < copies; ++copy) {
        shard.servers.push_back(db_servers_[(next_server_ + copy) % db_servers_.size()].id);
      }
      ++next_server_;
    }
    collection.shards.push_back(std::move(shard));
  }
  return Done{};
}

ModelResult<ModelCollection const*> ClusterModel::create_collection(std::string const& database, std::string_view body,
                                                                    ModelCaller caller) {
  if (auto allowed = may_change_structure(caller); !allowed) return unexpected(allowed.error());
  ModelDatabase* holder = database_of(database);
  if (holder == nullptr) return unexpected(model_error(1228));
  auto members = json::members(body);
  auto defined = read_definition(members, options_.naming);
  if (!defined) return unexpected(defined.error());
  ModelCollection& collection = **defined;
  bool is_taken = holder->collections.contains(collection.name) || holder->views.contains(collection.name);
  if (is_taken) return unexpected(model_error(1207));
  auto wanted = json::to_uint(json::find(members, "id"));
  bool is_free = wanted && *wanted > 0 && collection_of(*holder, std::to_string(*wanted)) == nullptr;
  collection.id = std::to_string(is_free ? *wanted : next_id());
  if (json::find(members, "replicationFactor").empty() && holder->options.contains("replicationFactor")) {
    collection.attributes["replicationFactor"] = holder->options.at("replicationFactor");
  }
  if (auto placed = place_shards(*holder, collection); !placed) return unexpected(placed.error());
  for (auto const& name : options_.later_properties) collection.attributes.erase(name);
  collection.indexes.push_back(implicit_index("0", "primary", {"_key"}, true));
  if (collection.type == 3) collection.indexes.push_back(implicit_index("1", "edge", {"_from", "_to"}, false));
  ModelCollection& added = add_collection(*holder, std::move(*defined));
  if (is_smart_edge(added) && added.shards.empty()) {
    if (auto made = create_children(database, added); !made) return unexpected(made.error());
  }
  return &added;
}

ModelCollection& ClusterModel::add_collection(ModelDatabase& database, std::unique_ptr<ModelCollection> collection) {
  ModelCollection& added = *collection;
  database.collections.emplace(added.name, std::move(collection));
  log_structure(database.name, added, 2000, collection_properties_json(added));
  ++plan_version_;
  return added;
}

ModelResult<ModelCollection const*> ClusterModel::change_collection(std::string const& database,
                                                                    std::string_view collection, std::string_view body,
                                                                    ModelCaller caller) {
  if (auto allowed = may_change_structure(caller); !allowed) return unexpected(allowed.error());
  auto located = locate(database, collection);
  if (!located) return unexpected(located.error());
  ModelCollection& changed = *located->collection;
  auto members = json::members(body);
  auto copies = json::to_uint(json::find(members, "replicationFactor"));
  if (copies) {
    if (!changed.distribute_shards_like.empty()) return unexpected(model_error(11));
    if (*copies == 0) return unexpected(model_error(10));
    if (*copies > db_servers_.size()) return unexpected(model_error(1487));
  }
  for (char const* property : mutable_properties) {
    std::string_view value = json::find(members, property);
    bool is_known = !options_.later_properties.contains(property);
    if (is_known && !value.empty()) changed.attributes[property] = json::compact(value);
  }
  std::string_view concern = json::find(members, "minReplicationFactor");
  for (auto const* name : {"writeConcern", "minReplicationFactor"}) {
    if (concern.empty()) concern = json::find(members, name);
    auto found = changed.attributes.find(name);
    if (found != changed.attributes.end() && !concern.empty()) found->second = std::string(concern);
  }
  for (auto& shard : changed.shards) {
    for (std::size_t i = 0; copies && shard.servers.size() < *copies; ++i) {
      auto const& id = db_servers_[i % db_servers_.size()].id;
      bool holds = std::find(shard.servers.begin(), shard.servers.end(), id) != shard.servers.end();
      if (!holds) shard.servers.push_back(id);
    }
    if (copies && shard.servers.size() > *copies) shard.servers.resize(*copies);
  }
  log_structure(database, changed, 2003, collection_properties_json(changed));
  ++plan_version_;
  return &changed;
}

ModelResult<std::string> ClusterModel::drop_collection(std::string const& database, std::string_view collection,
                                                       bool is_system, ModelCaller caller) {
  if (auto allowed = may_change_structure(caller); !allowed) return unexpected(allowed.error());
  auto located = locate(database, collection);
  if (!located) return unexpected(located.error());
  ModelCollection& dropped = *located->collection;
  if (dropped.is_system && !is_system) return unexpected(model_error(11));
  for (auto const& [name, other] : located->database->collections) {
    if (other->distribute_shards_like == dropped.name) return unexpected(model_error(1485));
  }
  std::string id = dropped.id;
  for (auto* child : children_in(*located->database, dropped)) erase_collection(*located->database, *child);
  erase_collection(*located->database, dropped);
  return id;
}

ModelResult<ModelCollection const*> ClusterModel::rename_collection(std::string const& database,
                                                                    std::string_view collection,
                                                                    std::string const& name, ModelCaller caller) {
  if (!options_.is_single_server) return unexpected(model_error(1470));
  if (auto allowed = may_change_structure(caller); !allowed) return unexpected(allowed.error());
  auto located = locate(database, collection);
  if (!located) return unexpected(located.error());
  auto& collections = located->database->collections;
  if (!is_collection_name(name, options_.naming) || name.starts_with("_")) return unexpected(model_error(1208));
  if (collections.contains(name)) return unexpected(model_error(1207));
  auto node = collections.extract(located->collection->name);
  std::string old_name = std::exchange(node.mapped()->name, name);
  node.key() = name;
  ModelCollection& renamed = *collections.insert(std::move(node)).position->second;
  for (auto& shard : renamed.shards) {
    auto documents = std::make_shared<ModelDocuments>();
    for (auto const& [key, document] : *shard.documents) {
      auto moved = std::make_shared<ModelDocument>(*document);
      json::Object text;
      for (auto const& member : json::members(document->text)) {
        if (member.name == "_id")
          text.text("_id", name + "/" + key);
        else
          text.raw(member.name, member.value);
      }
      moved->text = text.take();
      documents->emplace(key, std::move(moved));
    }
    shard.documents = std::move(documents);
  }
  log_structure(database, renamed, 2002,
                json::Object().text("id", renamed.id).text("name", name).text("oldName", old_name).take());
  ++plan_version_;
  return &renamed;
}

void ClusterModel::erase_collection(ModelDatabase& database, ModelCollection& collection) {
  log_structure(database.name, collection, 2001, "");
  // A single server forgets its definition and its documents afterwards.
  if (options_.is_single_server) log(db_servers_.front().id).append_hidden(4);
  std::string name = collection.name;
  for (auto& [view_name, view] : database.views) {
    view.links.erase(name);
    std::erase_if(view.indexes, [&](auto const& entry) { return entry.first == name; });
  }
  database.collections.erase(name);
  ++plan_version_;
}

ModelResult<ModelCollection const*> ClusterModel::truncate(std::string const& database, std::string_view collection,
                                                           ModelCaller caller) {
  auto located = locate(database, collection);
  if (!located) return unexpected(located.error());
  if (auto allowed = may_write(caller); !allowed) return unexpected(allowed.error());
  auto emptied = children_in(*located->database, *located->collection);
  emptied.push_back(located->collection);
  for (auto* collection_to_empty : emptied) {
    for (auto& shard : collection_to_empty->shards) truncate_shard(*located->database, *collection_to_empty, shard);
  }
  return located->collection;
}

void ClusterModel::truncate_shard(ModelDatabase const& database, ModelCollection const& collection, ModelShard& shard) {
  auto removed = shard.documents;
  if (removed->empty()) return;
  shard.documents = std::make_shared<ModelDocuments>();
  shard.unique_values.clear();
  std::vector<LoggedChange> changes;
  for (auto const& [key, document] : *removed) changes.push_back({document, true});
  if (removed->size() >= options_.truncate_marker_from) {
    LogPlace place = place_of(database.name, collection, shard);
    log(shard.servers.front()).append_structure(place, 2004, "");
    if (watch_) watch_(database.name, collection, shard, changes);
    return;
  }
  log_documents(database.name, collection, shard, std::move(changes), false);
}

std::uint64_t ClusterModel::count(ModelCollection const& collection) const {
  std::uint64_t total = 0;
  for (auto const* shard : shards_of(collection)) total += shard->documents->size();
  return total;
}

}  // namespace arangosync::sim
