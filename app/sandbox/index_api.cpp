// /_api/index: definitions are kept, unique ones are enforced within a shard (spec arangodb-write 4).
#include "app/sandbox/api.h"

#include "adapters/sim/cluster_render.h"

namespace arangosync::sandbox {
namespace {

bool has_estimate(sim::ModelIndex const& index) {
  auto estimates = index.attributes.find("estimates");
  bool is_off = estimates == index.attributes.end() || estimates->second != "true";
  return !is_off || index.is_unique;
}

/// What the API tells of an index; that a zkd index holds doubles goes without saying there.
json::Object definition(sim::ModelIndex const& index, std::string const& collection) {
  std::string all = sim::index_json(index, collection);
  json::Object out;
  for (auto const& member : json::members(all)) {
    if (member.name != "fieldValueTypes") out.raw(member.name, member.value);
  }
  return out;
}

std::string shown(sim::ModelIndex const& index, std::string const& collection) {
  json::Object out = definition(index, collection);
  if (has_estimate(index)) out.raw("selectivityEstimate", "1");
  return out.take();
}

Response list(sim::ModelCollection const& collection) {
  std::vector<std::string> indexes;
  json::Object identifiers;
  for (auto const& index : collection.indexes) {
    indexes.push_back(shown(index, collection.name));
    identifiers.raw(collection.name + "/" + index.id, indexes.back());
  }
  return success(json::Object().raw("indexes", json::array(indexes)).raw("identifiers", identifiers.take()));
}

Response create(Shared& shared, Call const& call, sim::ModelCollection const& collection) {
  if (!call.caller.may_write()) return failure(sim::model_error(11));
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  if (!json::is_object(body.value)) return failure(400, 10, "bad parameter");
  auto created = shared.model.create_index(call.database, collection.name, body.value, call.caller.model());
  if (!created) return failure(created.error());
  json::Object out;
  out.all_of(shown(*created->index, collection.name));
  out.flag("isNewlyCreated", created->is_new);
  return success(std::move(out), created->is_new ? 201 : 200);
}

}  // namespace

Response index_api(Shared& shared, Call const& call) {
  std::string name = call.path.size() > 2 ? call.path[2] : call.query("collection");
  auto const* collection = shared.model.find_collection(call.database, name);
  if (collection == nullptr) return failure(sim::model_error(1203));
  auto id = call.part(3);
  if (call.method() == "POST") return create(shared, call, *collection);
  if (call.method() == "GET" && id.empty()) return list(*collection);
  if (call.method() == "GET") {
    for (auto const& index : collection->indexes) {
      if (index.id == id || index.name == id) return success(definition(index, collection->name));
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
