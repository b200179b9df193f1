// /_api/index: definitions are kept, unique ones are enforced within a shard (spec arangodb-write 4).
#include "app/sandbox/api.h"

#include "adapters/sim/cluster_render.h"
#include "adapters/sim/cluster_smart.h"

#include <algorithm>

namespace arangosync::sandbox {
namespace {

bool has_estimate(Dialect const& dialect, sim::ModelIndex const& index) {
  // Those of MMFiles were counted by hash only.
  if (dialect.has_journals()) return index.type == "primary" || index.type == "edge" || index.type == "hash";
  if (!dialect.at_least(3, 8)) return index.type != "geo" && index.type != "fulltext";
  auto estimates = index.attributes.find("estimates");
  bool is_off = estimates == index.attributes.end() || estimates->second != "true";
  return !is_off || index.is_unique;
}

/// Until 3.3 there were two kinds of geo indexes, for one field and for two.
void add_old_geo(json::Object& out, sim::ModelIndex const& index, std::string const& collection) {
  bool is_of_one = index.fields.size() == 1;
  out.raw("fields", json::array_of_texts(index.fields)).text("id", collection + "/" + index.id);
  out.flag("sparse", true).flag("unique", false).flag("constraint", false).flag("ignoreNull", true);
  out.text("type", is_of_one ? "geo1" : "geo2");
  if (is_of_one) out.raw("geoJson", index.attributes.at("geoJson"));
}

bool is_shown(Dialect const& dialect, std::string_view name) {
  // That a zkd index holds doubles goes without saying.
  if (name == "fieldValueTypes") return false;
  if (name == "name") return dialect.at_least(3, 5);
  return name != "estimates" || dialect.at_least(3, 8);
}

/// What the API tells of an index.
json::Object definition(Dialect const& dialect, sim::ModelIndex const& index, std::string const& collection) {
  json::Object out;
  if (index.type == "geo" && !dialect.at_least(3, 4)) {
    add_old_geo(out, index, collection);
    return out;
  }
  std::string all = sim::index_json(index, collection);
  for (auto const& member : json::members(all)) {
    if (is_shown(dialect, member.name)) out.raw(member.name, member.value);
  }
  bool is_sorted = index.type == "hash" || index.type == "skiplist" || index.type == "persistent";
  if (is_sorted && dialect.at_least(3, 10) && !index.attributes.contains("cacheEnabled")) {
    out.flag("cacheEnabled", false);
  }
  if (index.type == "geo" && dialect.at_least(3, 10) && !index.attributes.contains("legacyPolygons")) {
    out.flag("legacyPolygons", false);
  }
  return out;
}

std::string shown(Dialect const& dialect, sim::ModelIndex const& index, std::string const& collection) {
  json::Object out = definition(dialect, index, collection);
  if (has_estimate(dialect, index)) out.raw("selectivityEstimate", "1");
  return out.take();
}

Response list(Dialect const& dialect, sim::ModelCollection const& collection) {
  std::vector<std::string> indexes;
  json::Object identifiers;
  for (auto const& index : collection.indexes) {
    indexes.push_back(shown(dialect, index, collection.name));
    identifiers.raw(collection.name + "/" + index.id, indexes.back());
  }
  return success(json::Object().raw("indexes", json::array(indexes)).raw("identifiers", identifiers.take()));
}

/// Types that came with a version.
bool is_known_type(Dialect const& dialect, std::string const& type) {
  if (type == "ttl") return dialect.at_least(3, 5);
  if (type == "zkd") return dialect.at_least(3, 9);
  if (type == "inverted") return dialect.at_least(3, 10);
  bool is_of_3_12 = type == "mdi" || type == "mdi-prefixed" || type == "vector";
  return !is_of_3_12 || dialect.at_least(3, 12);
}

/// Clusters of centroids that the index learns; each needs a document at least.
std::uint64_t centroids_of(std::string_view body) {
  return json::to_uint(json::find(json::find(body, "params"), "nLists")).value_or(1);
}

/// A vector index learns from what every shard holds (spec arangodb-write 4.3).
bool can_be_trained(sim::ModelCollection const& collection, std::string_view body) {
  return std::all_of(collection.shards.begin(), collection.shards.end(),
                     [&](auto const& shard) { return shard.documents->size() >= centroids_of(body); });
}

Response create_vector(Shared& shared, Call const& call, sim::ModelCollection const& collection,
                       std::string_view body) {
  bool const is_trained = can_be_trained(collection, body);
  if (!is_trained && !shared.dialect.takes_untrained_indexes()) {
    return failure(500, 1555, "vector index cannot be trained: too few documents");
  }
  json::Object made;
  made.all_of(body).text("trainingState", is_trained ? "ready" : "unusable");
  if (!is_trained) made.text("errorMessage", "too few documents");
  auto created = shared.model.create_index(call.database, collection.name, made.take(), call.caller.model());
  if (!created) return failure(created.error());
  json::Object out;
  out.all_of(shown(shared.dialect, *created->index, collection.name));
  out.flag("isNewlyCreated", created->is_new);
  return success(std::move(out), created->is_new ? 201 : 200);
}

Response create(Shared& shared, Call const& call, sim::ModelCollection const& collection) {
  if (!call.caller.may_write()) return failure(sim::model_error(11));
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  if (!json::is_object(body.value)) return failure(400, 10, "bad parameter");
  std::string type = json::text_of(json::find(body.value, "type"));
  if (!is_known_type(shared.dialect, type)) return failure(400, 10, "invalid index type");
  if (type == "vector") return create_vector(shared, call, collection, body.value);
  auto created = shared.model.create_index(call.database, collection.name, body.value, call.caller.model());
  if (!created) return failure(created.error());
  json::Object out;
  out.all_of(shown(shared.dialect, *created->index, collection.name));
  out.flag("isNewlyCreated", created->is_new);
  return success(std::move(out), created->is_new ? 201 : 200);
}

}  // namespace

Response index_api(Shared& shared, Call const& call) {
  std::string name = call.path.size() > 2 ? call.path[2] : call.query("collection");
  auto const* collection = shared.model.find_collection(call.database, name);
  if (collection == nullptr) return failure(sim::model_error(1203));
  auto id = call.part(3);
  if (call.method() != "GET" && sim::is_smart_child(collection->name)) return of_the_server(collection->name);
  if (call.method() == "POST") return create(shared, call, *collection);
  if (call.method() == "GET" && id.empty()) return list(shared.dialect, *collection);
  if (call.method() == "GET") {
    for (auto const& index : collection->indexes) {
      if (index.id != id && index.name != id) continue;
      return shared.dialect.at_least(3, 4) ? success(definition(shared.dialect, index, collection->name))
                                           : success(shown(shared.dialect, index, collection->name));
    }
    return failure(sim::model_error(1212));
  }
  if (call.method() != "DELETE") return method_not_allowed();
  if (!call.caller.may_write()) return failure(sim::model_error(11));
  auto dropped = shared.model.drop_index(call.database, collection->name, id, call.caller.model());
  if (!dropped) return failure(dropped.error());
  return success(json::Object().text("id", collection->name + "/" + *dropped));
}

}  // namespace arangosync::sandbox
