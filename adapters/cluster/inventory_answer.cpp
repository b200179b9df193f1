#include "adapters/cluster/inventory_answer.h"

#include "adapters/cluster/json_value.h"
#include "adapters/cluster/view_answer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace arangosync::cluster {
namespace json = boost::json;
namespace {

constexpr std::string_view own_prefix = "_arangosync_";

void copy(json::value const& from, json::object& to, std::string_view name) {
  if (auto const* found = member(from, name)) to[json::string_view(name.data(), name.size())] = *found;
}

std::string immutable_properties(json::value const& parameters) {
  json::object result;
  for (auto const* name :
       {"numberOfShards", "shardKeys", "shardingStrategy", "isSmart", "isDisjoint", "smartGraphAttribute",
        "smartJoinAttribute", "internalValidatorType", "syncByRevision", "usesRevisionsAsDocumentIds"}) {
    copy(parameters, result, name);
  }
  if (auto const* options = member(parameters, "keyOptions"); options != nullptr && options->is_object()) {
    auto kept = options->get_object();
    kept.erase("lastValue");  // moves with the data
    result["keyOptions"] = std::move(kept);
  }
  return canonical(result);
}

std::string mutable_properties(json::value const& parameters, bool follows_prototype) {
  json::object result;
  for (auto const* name : {"waitForSync", "cacheEnabled", "schema", "computedValues"}) copy(parameters, result, name);
  if (!follows_prototype) {  // else they are the prototype's, and the server refuses to be told
    copy(parameters, result, "replicationFactor");
    copy(parameters, result, member(parameters, "writeConcern") ? "writeConcern" : "minReplicationFactor");
  }
  return canonical(result);
}

/// "s10021" → 10021.
std::uint64_t shard_number(std::string_view name) {
  return parse_unsigned(name.substr(std::min<std::size_t>(1, name.size()))).value_or(0);
}

std::vector<inventory::Shard> shards_of(json::value const& parameters) {
  std::vector<inventory::Shard> shards;
  auto const* listed = member(parameters, "shards");
  if (listed == nullptr || !listed->is_object()) return shards;
  for (auto const& [name, servers] : listed->get_object()) {
    inventory::Shard shard;
    shard.name = ShardName(std::string(name.data(), name.size()));
    if (auto const* list = servers.if_array()) {
      for (auto const& server : *list) {
        if (auto const* id = server.if_string()) shard.servers.emplace_back(std::string(id->data(), id->size()));
      }
    }
    shards.push_back(std::move(shard));
  }
  std::sort(shards.begin(), shards.end(), [](inventory::Shard const& a, inventory::Shard const& b) {
    return shard_number(a.name.value()) < shard_number(b.name.value());
  });
  return shards;
}

bool is_volatile(json::string_view name) {
  // What names the index, what only describes its state, and what the create call needs but nobody compares.
  static constexpr std::array<std::string_view, 14> names = {
      "id",    "name",     "type",          "selectivityEstimate", "figures", "isNewlyCreated", "inBackground", "code",
      "error", "progress", "trainingState", "errorMessage",        "_id",     "objectId"};
  return std::find(names.begin(), names.end(), std::string_view(name.data(), name.size())) != names.end();
}

std::optional<inventory::Index> index_of(json::value const& definition) {
  inventory::Index index;
  index.type = string_of(definition, "type").value_or("");
  if (index.type == "geo1" || index.type == "geo2") index.type = "geo";
  if (index.type.empty() || index.type == "primary" || index.type == "edge") return std::nullopt;
  // One that could learn nothing is of no use: a target must not have it, and shall try again.
  if (string_of(definition, "trainingState") == "unusable") return std::nullopt;
  index.name = string_of(definition, "name").value_or("");
  index.id = id_of(definition, "id");
  if (auto const slash = index.id.rfind('/'); slash != std::string::npos) index.id.erase(0, slash + 1);
  json::object rest;
  for (auto const& [name, value] : definition.get_object()) {
    if (!is_volatile(name)) rest[name] = value;
  }
  index.definition = canonical(rest);
  return index;
}

std::vector<inventory::Index> indexes_of(json::value const& entry) {
  std::vector<inventory::Index> result;
  auto const* list = member(entry, "indexes");
  if (list == nullptr || !list->is_array()) return result;
  for (auto const& definition : list->get_array()) {
    if (!definition.is_object()) continue;
    if (auto index = index_of(definition)) result.push_back(std::move(*index));
  }
  return result;
}

std::optional<inventory::Collection> collection_of(json::value const& entry) {
  auto const* parameters = member(entry, "parameters");
  if (parameters == nullptr) return std::nullopt;
  inventory::Collection collection;
  collection.name = CollectionName(string_of(*parameters, "name").value_or(""));
  collection.id = id_of(*parameters, "id");
  if (collection.name.value().empty() || collection.id.empty()) return std::nullopt;
  if (collection.name.value().starts_with(own_prefix)) return std::nullopt;
  if (true_of(*parameters, "deleted") || true_of(*parameters, "isBuilding")) return std::nullopt;
  collection.type = static_cast<int>(integer_of(*parameters, "type").value_or(2));
  collection.is_system = true_of(*parameters, "isSystem");
  collection.is_ready = true_of(entry, "isReady", true);
  collection.distribute_shards_like = string_of(*parameters, "distributeShardsLike").value_or("");
  collection.immutable_properties = immutable_properties(*parameters);
  collection.shards = shards_of(*parameters);
  // A smart edge collection has no copies of its own, and says 0 (spec read 9).
  bool const has_copies = collection.distribute_shards_like.empty() && !collection.shards.empty();
  collection.mutable_properties = mutable_properties(*parameters, !has_copies);
  collection.indexes = indexes_of(entry);
  return collection;
}

std::string database_options(json::value const& properties) {
  json::object options;
  if (string_of(properties, "sharding") == "single") options["sharding"] = "single";
  for (auto const* name : {"replicationFactor", "writeConcern"}) {
    if (auto const* value = member(properties, name)) options[name] = *value;
  }
  return canonical(options);
}

}  // namespace

Expected<inventory::Database, std::string> parse_inventory(DatabaseName const& database, std::string_view body) {
  auto const answer = parse_json(body);
  if (!answer) return unexpected(std::string("not JSON"));
  auto const* list = member(*answer, "collections");
  if (list == nullptr || !list->is_array()) return unexpected(std::string("no list of collections"));
  inventory::Database result;
  result.name = database;
  result.options = "{}";
  if (auto const* properties = member(*answer, "properties")) {
    result.id = id_of(*properties, "id");
    result.options = database_options(*properties);
    if (string_of(*properties, "replicationVersion") == "2") {
      result.unfit =
          "has replication version 2, which cannot be synchronized: dump it and restore it into one of version 1";
      return result;
    }
  }
  for (auto const& entry : list->get_array()) {
    if (auto collection = collection_of(entry)) {
      auto name = collection->name;
      result.collections.emplace(std::move(name), std::move(*collection));
    }
  }
  result.views = views_of(*answer);
  return result;
}

std::vector<inventory::Shard> parse_shards(CollectionName const& collection, std::string_view body) {
  auto const answer = parse_json(body);
  if (!answer) return {};
  auto const* list = member(*answer, "collections");
  if (list == nullptr || !list->is_array()) return {};
  for (auto const& entry : list->get_array()) {
    auto const* parameters = member(entry, "parameters");
    if (parameters == nullptr || true_of(*parameters, "deleted")) continue;
    if (string_of(*parameters, "name") == collection.value()) return shards_of(*parameters);
  }
  return {};
}

std::vector<inventory::Shard> parse_shard_list(std::string_view body) {
  auto const answer = parse_json(body);
  return answer ? shards_of(*answer) : std::vector<inventory::Shard>{};
}

}  // namespace arangosync::cluster
