// Indexes of the cluster model: definitions, and the uniqueness of values within a shard (spec arangodb-write 4).
#include "adapters/sim/cluster_documents.h"
#include "adapters/sim/cluster_json.h"
#include "adapters/sim/cluster_model.h"
#include "adapters/sim/cluster_render.h"

#include <algorithm>
#include <array>

namespace arangosync::sim {
namespace {

constexpr std::array types = {"hash", "skiplist", "persistent", "ttl",    "geo",         "fulltext",
                              "zkd",  "mdi",      "inverted",   "vector", "mdi-prefixed"};

std::vector<std::string> field_names(std::string_view fields) {
  std::vector<std::string> names;
  for (auto field : json::elements(fields)) {
    // An inverted index may describe a field by an object.
    names.push_back(json::text_of(json::is_object(field) ? json::find(field, "name") : field));
  }
  return names;
}

ModelResult<ModelIndex> read_index(std::vector<json::Member> const& body) {
  ModelIndex index;
  index.type = json::text_of(json::find(body, "type"));
  if (index.type == "rocksdb") index.type = "persistent";
  if (index.type == "geo1" || index.type == "geo2") index.type = "geo";
  if (std::find(types.begin(), types.end(), index.type) == types.end()) {
    return unexpected(model_error(10, "invalid index type"));
  }
  index.fields = field_names(json::find(body, "fields"));
  if (index.fields.empty()) return unexpected(model_error(10, "invalid or missing index fields"));
  index.is_unique = json::is_true(json::find(body, "unique"));
  index.is_sparse = json::is_true(json::find(body, "sparse"));
  std::string_view id = json::find(body, "id");
  std::string text = json::text_of(id);
  index.id = text.substr(text.find('/') == std::string::npos ? 0 : text.find('/') + 1);
  index.name = json::text_of(json::find(body, "name"));
  for (auto const& [name, value] : body) {
    bool is_own = name == "type" || name == "fields" || name == "unique" || name == "sparse" || name == "id" ||
                  name == "name" || name == "inBackground" || name == "isNewlyCreated" || name == "selectivityEstimate";
    if (!is_own) index.attributes[name] = json::compact(value);
  }
  bool is_sorted = index.type == "hash" || index.type == "skiplist" || index.type == "persistent";
  if (is_sorted) index.attributes.try_emplace("deduplicate", "true");
  if (is_sorted) index.attributes.try_emplace("estimates", "true");
  if (index.type == "geo" || index.type == "fulltext" || index.type == "ttl") index.is_sparse = true;
  if (index.type == "ttl") index.attributes["estimates"] = "false";
  if (index.type == "ttl" && !index.attributes.contains("expireAfter")) {
    return unexpected(model_error(10, "expireAfter attribute must be a number"));
  }
  if (index.type == "geo") index.attributes.try_emplace("geoJson", "false");
  if (index.type == "geo") index.attributes["maxNumCoverCells"] = "8";
  if (index.type == "geo") index.attributes["worstIndexedLevel"] = "4";
  if (index.type == "geo") index.attributes["bestIndexedLevel"] = "17";
  if (index.type == "fulltext") index.attributes.try_emplace("minLength", "2");
  return index;
}

/// Which definitions the server takes for the same one (spec arangodb-write 4.5).
bool is_same(ModelIndex const& a, ModelIndex const& b) {
  if (a.type != b.type || a.is_unique != b.is_unique || a.fields != b.fields) return false;
  bool ignores_sparse = a.type == "geo" || a.type == "fulltext";
  if (!ignores_sparse && a.is_sparse != b.is_sparse) return false;
  auto value = [](ModelIndex const& index, char const* name) {
    auto found = index.attributes.find(name);
    return found == index.attributes.end() ? std::string() : found->second;
  };
  constexpr std::array compared = {"geoJson", "minLength", "expireAfter", "prefixFields", "params"};
  return std::all_of(compared.begin(), compared.end(),
                     [&](char const* name) { return value(a, name) == value(b, name); });
}

}  // namespace

ModelResult<ClusterModel::IndexCreated> ClusterModel::create_index(std::string const& database,
                                                                   std::string_view collection, std::string_view body,
                                                                   ModelCaller caller) {
  auto located = locate(database, collection);
  if (!located) return unexpected(located.error());
  if (auto allowed = may_change_structure(caller); !allowed) return unexpected(allowed.error());
  auto wanted = read_index(json::members(body));
  if (!wanted) return unexpected(wanted.error());
  ModelCollection& holder = *located->collection;
  for (auto const& index : holder.indexes) {
    if (is_same(index, *wanted)) return IndexCreated{&index, false};
  }
  for (auto const& index : holder.indexes) {
    bool is_taken = index.id == wanted->id || (!wanted->name.empty() && index.name == wanted->name);
    if (is_taken) {
      auto error = model_error(1005, "duplicate value for `id` or `name`");
      error.status = 400;
      return unexpected(std::move(error));
    }
  }
  bool holds_shard_keys = std::all_of(holder.shard_keys.begin(), holder.shard_keys.end(), [&](auto const& key) {
    return std::find(wanted->fields.begin(), wanted->fields.end(), key) != wanted->fields.end();
  });
  if (wanted->is_unique && holder.shards.size() > 1 && !holds_shard_keys) {
    auto error = model_error(1470, "shard key '" + holder.shard_keys.front() + "' must be present in unique index");
    error.status = 400;
    return unexpected(std::move(error));
  }
  if (wanted->id.empty()) wanted->id = std::to_string(next_id());
  if (wanted->name.empty()) wanted->name = "idx_" + std::to_string(next_revision());
  if (auto filled = fill_unique_index(holder, *wanted); !filled) {
    auto error = filled.error();
    error.status = 400;
    return unexpected(std::move(error));
  }
  holder.indexes.push_back(std::move(*wanted));
  log_structure(database, holder, 2100, index_json(holder.indexes.back(), ""));
  ++plan_version_;
  return IndexCreated{&holder.indexes.back(), true};
}

ModelResult<std::string> ClusterModel::drop_index(std::string const& database, std::string_view collection,
                                                  std::string_view id, ModelCaller caller) {
  auto located = locate(database, collection);
  if (!located) return unexpected(located.error());
  if (auto allowed = may_change_structure(caller); !allowed) return unexpected(allowed.error());
  ModelCollection& holder = *located->collection;
  auto slash = id.find('/');
  std::string_view plain = slash == std::string_view::npos ? id : id.substr(slash + 1);
  auto found = std::find_if(holder.indexes.begin(), holder.indexes.end(),
                            [&](auto const& index) { return index.id == plain || index.name == plain; });
  if (found == holder.indexes.end()) return unexpected(model_error(1212));
  if (found->type == "primary" || found->type == "edge") return unexpected(model_error(11));
  std::string dropped = found->id;
  for (auto& shard : holder.shards) shard.unique_values.erase(dropped);
  for (auto& [name, view] : located->database->views) {
    std::erase(view.indexes, std::pair(holder.name, found->name));
  }
  holder.indexes.erase(found);
  log_structure(database, holder, 2101, json::Object().text("id", dropped).take());
  ++plan_version_;
  return dropped;
}

}  // namespace arangosync::sim
