// /_api/collection (spec arangodb-write 3, arangodb-read 9.9).
#include "app/sandbox/api.h"
#include "app/sandbox/collection_text.h"
#include "app/sandbox/gate.h"

#include "adapters/sim/cluster_smart.h"
#include "domain/base/blob.h"
#include "domain/revision/revision_id.h"

#include <algorithm>

namespace arangosync::sandbox {
namespace {

Response located(Shared const& shared, Response response, Call const& call) {
  bool names_database = shared.dialect.locates_by_database() || call.database != "_system";
  std::string path = names_database ? "/_db/" + http::percent_encode(call.database) : "";
  path += "/_api/collection/" + http::percent_encode(call.part(2));
  if (!call.part(3).empty()) path += "/" + std::string(call.part(3));
  response.headers.push_back({"Location", path});
  return response;
}

Response list(Shared& shared, Call const& call) {
  std::vector<std::string> found;
  for (auto const& [name, collection] : shared.model.find_database(call.database)->collections) {
    if (call.flag("excludeSystem", false) && collection->is_system) continue;
    found.push_back(collection_summary(shared, *collection).take());
  }
  return success(json::Object().raw("result", json::array(found)));
}

Response create(Shared& shared, Call const& call) {
  if (!call.caller.may_write()) return failure(sim::model_error(11));
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  if (!json::is_object(body.value)) return failure(400, 10, "bad parameter");
  if (sim::is_smart_child(json::text_of(json::find(body.value, "name")))) return failure(sim::model_error(1208));
  auto created = shared.model.create_collection(call.database, body.value, call.caller.model());
  if (!created) return failure(created.error());
  return success(collection_properties(shared, **created));
}

std::uint64_t checksum(std::vector<sim::ModelShard const*> const& shards, bool with_revisions, bool with_data) {
  std::uint64_t sum = 0;
  for (auto const* shard : shards) {
    for (auto const& [key, document] : *shard->documents) {
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

std::string newest_revision(std::vector<sim::ModelShard const*> const& shards) {
  std::uint64_t newest = 0;
  for (auto const* shard : shards) {
    for (auto const& [key, document] : *shard->documents) newest = std::max(newest, document->revision_number);
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
  auto properties = [&] { return collection_properties(shared, collection); };
  auto done = [&](json::Object object) { return located(shared, success(std::move(object)), call); };
  if (what.empty()) return done(collection_summary(shared, collection));
  if (what == "properties") return done(properties());
  if (what == "count") return done(std::move(properties().number("count", shared.model.count(collection))));
  if (what == "revision")
    return done(std::move(properties().text("revision", newest_revision(shared.model.shards_of(collection)))));
  if (what == "checksum") {
    auto sum =
        checksum(shared.model.shards_of(collection), call.flag("withRevisions", false), call.flag("withData", false));
    auto out = collection_summary(shared, collection);
    out.text("revision", newest_revision(shared.model.shards_of(collection))).text("checksum", std::to_string(sum));
    return done(std::move(out));
  }
  bool asks_for_shards = what == "shards" && shared.dialect.tells_places();
  if (asks_for_shards)
    return done(std::move(properties().raw("shards", shards_json(collection, call.flag("details", false)))));
  if (what == "figures") {
    auto out = properties();
    out.number("count", shared.model.count(collection));
    out.raw("figures", collection_figures(shared, collection, call.flag("details", false)));
    return done(std::move(out));
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
  return located(shared, success(collection_properties(shared, **changed)), call);
}

/// Closes the journal that writes go to, if there is one: it has nothing to close before the first write.
Response rotate(Shared& shared, Call const& call, sim::ModelCollection const& collection) {
  if (shared.model.count(collection) == 0) return failure(400, 1105, "no journal");
  return located(shared, success(json::Object().flag("result", true)), call);
}

Response rename(Shared& shared, Call const& call, std::string const& name) {
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  std::string_view wanted = json::find(body.value, "name");
  if (!json::is_string(wanted)) return failure(400, 1208, "name is empty");
  auto renamed = shared.model.rename_collection(call.database, name, json::text_of(wanted), call.caller.model());
  if (!renamed) return failure(renamed.error());
  return located(shared, success(collection_summary(shared, **renamed)), call);
}

Response unloaded(Shared const& shared, sim::ModelCollection const& collection) {
  // Until 3.8 the answer pretends: being unloaded (MMFiles), unloaded (RocksDB).
  char const* status = shared.dialect.at_least(3, 9) ? "3" : shared.dialect.has_journals() ? "4" : "2";
  json::Object out;
  std::string summary = collection_summary(shared, collection).take();
  for (auto const& member : json::members(summary)) {
    out.raw(member.name, member.name == "status" ? status : member.value);
  }
  return success(std::move(out));
}

Response change(Shared& shared, Call const& call, sim::ModelCollection const& collection) {
  auto what = call.part(3);
  auto done = [&](json::Object object) { return located(shared, success(std::move(object)), call); };
  if (what == "responsibleShard" && shared.dialect.tells_places()) {
    auto body = parse_body(call);
    if (!body.is_valid) return corrupted_json();
    if (!json::is_object(body.value)) return failure(400, 10, "expecting object for responsibleShard");
    if (collection.shards.empty()) return failure(400, 10, "bad parameter");
    auto index = shared.model.shard_of(collection, body.value);
    return done(std::move(json::Object().text("shardId", collection.shards[index].name)));
  }
  if (what == "truncate") {
    if (auto refused = refuse_collection(shared, call, collection.name, Access::ReadWrite)) return std::move(*refused);
  }
  bool is_harmless = what == "load" || what == "unload" || what == "loadIndexesIntoMemory";
  if (!is_harmless && what != "truncate" && !call.caller.may_write()) return failure(sim::model_error(11));
  if (what == "load") {
    auto out = collection_summary(shared, collection);
    if (call.flag("count", true)) out.number("count", shared.model.count(collection));
    return done(std::move(out));
  }
  if (what == "unload") return located(shared, unloaded(shared, collection), call);
  if (what == "loadIndexesIntoMemory") return done(std::move(json::Object().flag("result", true)));
  if (what == "properties") return change_properties(shared, call, collection.name);
  if (what == "truncate") {
    auto emptied = shared.model.truncate(call.database, collection.name, call.caller.model());
    if (!emptied) return failure(emptied.error());
    return done(collection_summary(shared, **emptied));
  }
  if (what == "rename") return rename(shared, call, collection.name);
  if (what == "rotate" && shared.dialect.has_journals()) return rotate(shared, call, collection);
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
  if (sim::is_smart_child(collection->name)) return of_the_server(collection->name);
  if (call.method() == "PUT") return change(shared, call, *collection);
  if (call.method() != "DELETE") return method_not_allowed();
  if (!call.caller.may_write()) return failure(sim::model_error(11));
  auto dropped = shared.model.drop_collection(call.database, name, call.flag("isSystem", false), call.caller.model());
  if (!dropped) return failure(dropped.error());
  return success(json::Object().text("id", *dropped));
}

}  // namespace arangosync::sandbox
