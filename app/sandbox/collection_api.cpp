// /_api/collection (spec arangodb-write 3, arangodb-read 9.9).
#include "app/sandbox/api.h"

#include "adapters/sim/cluster_render.h"
#include "domain/base/blob.h"
#include "domain/revision/revision_id.h"

#include <algorithm>

namespace arangosync::sandbox {
namespace {

json::Object summary(sim::ModelCollection const& collection) {
  json::Object out;
  out.text("id", collection.id).text("name", collection.name).number("status", 3);
  out.number("type", static_cast<std::uint64_t>(collection.type)).flag("isSystem", collection.is_system);
  out.text("globallyUniqueId", sim::unique_id(collection));
  return out;
}

json::Object properties(sim::ModelCollection const& collection) {
  json::Object out;
  out.all_of(sim::collection_properties_json(collection));
  return out;
}

Response located(Response response, Call const& call) {
  std::string path =
      "/_db/" + http::percent_encode(call.database) + "/_api/collection/" + http::percent_encode(call.part(2));
  if (!call.part(3).empty()) path += "/" + std::string(call.part(3));
  response.headers.push_back({"Location", path});
  return response;
}

Response list(Shared& shared, Call const& call) {
  std::vector<std::string> found;
  for (auto const& [name, collection] : shared.model.find_database(call.database)->collections) {
    if (call.flag("excludeSystem", false) && collection->is_system) continue;
    found.push_back(summary(*collection).take());
  }
  return success(json::Object().raw("result", json::array(found)));
}

Response create(Shared& shared, Call const& call) {
  if (!call.caller.may_write()) return failure(sim::model_error(11));
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  if (!json::is_object(body.value)) return failure(400, 10, "bad parameter");
  auto created = shared.model.create_collection(call.database, body.value, call.caller.model());
  if (!created) return failure(created.error());
  return success(properties(**created));
}

std::uint64_t checksum(sim::ModelCollection const& collection, bool with_revisions, bool with_data) {
  std::uint64_t sum = 0;
  for (auto const& shard : collection.shards) {
    for (auto const& [key, document] : *shard.documents) {
      std::string text = key;
      if (with_revisions) text += '/' + document->revision;
      if (with_data) {
        auto members = json::members(document->text);
        std::sort(members.begin(), members.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
        for (auto const& member : members) {
          bool is_counted = member.name != "_rev" && member.name != "_id";
          if (is_counted) text += '/' + member.name + '=' + std::string(member.value);
        }
      }
      sum ^= fnv1a_64(text);  // any order of the shards gives the same sum
    }
  }
  return sum;
}

std::string newest_revision(sim::ModelCollection const& collection) {
  std::uint64_t newest = 0;
  for (auto const& shard : collection.shards) {
    for (auto const& [key, document] : *shard.documents) newest = std::max(newest, document->revision_number);
  }
  return newest == 0 ? "0" : revision::to_text(revision::RevisionId(newest));
}

std::string shards_json(sim::ModelCollection const& collection, bool with_details) {
  std::vector<std::string> names;
  json::Object details;
  for (auto const& shard : collection.shards) {
    names.push_back(shard.name);
    details.raw(shard.name, json::array_of_texts(shard.servers));
  }
  return with_details ? details.take() : json::array_of_texts(names);
}

Response read(Shared& shared, Call const& call, sim::ModelCollection const& collection) {
  auto what = call.part(3);
  if (what.empty()) return located(success(summary(collection)), call);
  if (what == "properties") return located(success(properties(collection)), call);
  if (what == "count")
    return located(success(properties(collection).number("count", shared.model.count(collection))), call);
  if (what == "revision")
    return located(success(properties(collection).text("revision", newest_revision(collection))), call);
  if (what == "checksum") {
    auto sum = checksum(collection, call.flag("withRevisions", false), call.flag("withData", false));
    return located(
        success(
            summary(collection).text("revision", newest_revision(collection)).text("checksum", std::to_string(sum))),
        call);
  }
  if (what == "shards") {
    return located(success(properties(collection).raw("shards", shards_json(collection, call.flag("details", false)))),
                   call);
  }
  if (what == "figures") {
    std::uint64_t bytes = 0;
    for (auto const& shard : collection.shards) {
      for (auto const& [key, document] : *shard.documents) bytes += document->text.size();
    }
    std::string figures =
        json::Object()
            .raw("indexes", json::Object().number("count", collection.indexes.size()).number("size", 0).take())
            .number("documentsSize", bytes)
            .flag("cacheInUse", false)
            .number("cacheSize", 0)
            .number("cacheUsage", 0)
            .take();
    auto out = properties(collection);
    out.number("count", shared.model.count(collection)).raw("figures", figures);
    return located(success(std::move(out)), call);
  }
  return failure(404, 404,
                 "expecting one of the resources 'checksum', 'count', 'figures', 'properties', 'responsibleShard', "
                 "'revision', 'shards'");
}

Response change_properties(Shared& shared, Call const& call, std::string const& name) {
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  auto changed = shared.model.change_collection(call.database, name, body.value, call.caller.model());
  if (!changed) return failure(changed.error());
  return located(success(properties(**changed)), call);
}

Response change(Shared& shared, Call const& call, sim::ModelCollection const& collection) {
  auto what = call.part(3);
  if (what == "responsibleShard") {
    auto body = parse_body(call);
    if (!body.is_valid) return corrupted_json();
    if (!json::is_object(body.value)) return failure(400, 10, "expecting object for responsibleShard");
    auto index = shared.model.shard_of(collection, body.value);
    return located(success(json::Object().text("shardId", collection.shards[index].name)), call);
  }
  bool is_harmless = what == "load" || what == "unload" || what == "loadIndexesIntoMemory";
  if (!is_harmless && !call.caller.may_write()) return failure(sim::model_error(11));
  if (what == "load")
    return located(success(summary(collection).number("count", shared.model.count(collection))), call);
  if (what == "unload") return located(success(summary(collection)), call);
  if (what == "loadIndexesIntoMemory") return located(success(json::Object().flag("result", true)), call);
  if (what == "properties") return change_properties(shared, call, collection.name);
  if (what == "truncate") {
    auto done = shared.model.truncate(call.database, collection.name, call.caller.model());
    if (!done) return failure(done.error());
    return located(success(summary(**done)), call);
  }
  if (what == "rename") return failure(sim::model_error(1470));
  return failure(404, 404,
                 "expecting one of the actions 'load', 'unload', 'truncate', 'properties', 'rename', "
                 "'loadIndexesIntoMemory'");
}

}  // namespace

Response collection_api(Shared& shared, Call const& call) {
  std::string name(call.part(2));
  if (name.empty()) {
    if (call.method() == "GET") return list(shared, call);
    if (call.method() == "POST") return create(shared, call);
    return method_not_allowed();
  }
  auto const* collection = shared.model.find_collection(call.database, name);
  if (collection == nullptr) return failure(sim::model_error(1203));
  if (call.method() == "GET") return read(shared, call, *collection);
  if (call.method() == "PUT") return change(shared, call, *collection);
  if (call.method() != "DELETE") return method_not_allowed();
  if (!call.caller.may_write()) return failure(sim::model_error(11));
  auto dropped = shared.model.drop_collection(call.database, name, call.flag("isSystem", false), call.caller.model());
  if (!dropped) return failure(dropped.error());
  return success(json::Object().text("id", *dropped));
}

}  // namespace arangosync::sandbox
