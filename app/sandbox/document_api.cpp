// /_api/document: the four verbs, one document or many (spec arangodb-write 1).
#include "app/sandbox/api.h"
#include "app/sandbox/gate.h"

#include "adapters/sim/cluster_smart.h"

#include <map>

namespace arangosync::sandbox {
namespace {

enum class Verb { Insert, Replace, Update, Remove };

/// The document API names the collection in its 1203.
Response document_failure(sim::ModelError error, std::string_view collection) {
  if (error.number == 1203) error.message += ": " + std::string(collection);
  return failure(error);
}

std::string unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

sim::WriteOptions write_options(Dialect const& dialect, Call const& call, Verb verb) {
  sim::WriteOptions options;
  options.caller = call.caller.model();
  bool has_update = verb == Verb::Update;
  options.is_restore = verb != Verb::Remove && call.flag("isRestore", false);
  if (verb == Verb::Insert) {
    bool overwrites = call.flag("overwrite", false) && dialect.at_least(3, 4);
    std::string mode = dialect.at_least(3, 7) ? call.query("overwriteMode") : "";
    if (overwrites || mode == "replace") options.overwrite = sim::Overwrite::Replace;
    if (mode == "update") options.overwrite = sim::Overwrite::Update;
    if (mode == "ignore") options.overwrite = sim::Overwrite::Ignore;
    if (mode == "conflict" && !overwrites) options.overwrite = sim::Overwrite::Conflict;
  } else {
    options.ignore_revs = call.flag("ignoreRevs", true);
  }
  // The handler's own default differs for the two ways to update (spec arangodb-write 1.1, 1.8).
  options.keep_null = call.flag("keepNull", has_update);
  options.merge_objects = call.flag("mergeObjects", true);
  return options;
}

void add_identity(json::Object& out, std::string const& collection, sim::WriteResult const& result) {
  out.text("_id", collection + "/" + result.key).text("_key", result.key).text("_rev", result.revision);
}

std::string done_json(Call const& call, std::string const& collection, sim::WriteResult const& result) {
  json::Object out;
  add_identity(out, collection, result);
  bool is_removal = result.now == nullptr && result.before != nullptr;
  if (!result.old_revision.empty() && !is_removal) out.text("_oldRev", result.old_revision);
  if (call.flag("returnNew", false) && result.now != nullptr) out.raw("new", result.now->text);
  if (call.flag("returnOld", false) && result.before != nullptr) out.raw("old", result.before->text);
  return out.take();
}

std::string item_error_json(sim::WriteResult const& result) {
  return json::Object()
      .flag("error", true)
      .number("errorNum", static_cast<std::uint64_t>(result.error))
      .text("errorMessage", result.message)
      .take();
}

std::string location(Call const& call, std::string const& collection, std::string const& key) {
  return "/_db/" + http::percent_encode(call.database) + "/_api/document/" + http::percent_encode(collection) + "/" +
         http::percent_encode(key);
}

/// 201 for inserts, 200 for removals when the data was synced to disk before the answer; else 202.
int done_status(Call const& call, sim::ModelCollection const& collection, bool is_removal) {
  auto own = collection.attributes.find("waitForSync");
  bool is_synced = call.flag("waitForSync", false) || (own != collection.attributes.end() && own->second == "true");
  if (!is_synced) return 202;
  return is_removal ? 200 : 201;
}

Response one_answer(Shared& shared, Call const& call, sim::ModelCollection const& collection, Verb verb,
                    sim::WriteResult const& result) {
  if (result.error == 1200) {
    Response response = json_answer(412, json::Object()
                                             .flag("error", true)
                                             .number("code", 412)
                                             .number("errorNum", 1200)
                                             .text("errorMessage", result.message)
                                             .text("_id", collection.name + "/" + result.key)
                                             .text("_key", result.key)
                                             .text("_rev", result.revision)
                                             .take());
    response.headers.push_back({"Etag", '"' + result.revision + '"'});
    return response;
  }
  if (result.error != 0) {
    sim::ModelError error = sim::model_error(result.error, result.message);
    bool names_document = result.error == 1210 && !result.key.empty();
    if (!names_document) return failure(error);
    auto existing = shared.model.find_document(collection, result.key);
    json::Object out;
    out.number("code", 409).flag("error", true).text("errorMessage", result.message).number("errorNum", 1210);
    if (existing != nullptr) {
      out.text("_id", collection.name + "/" + result.key).text("_key", result.key).text("_rev", existing->revision);
    }
    return json_answer(409, out.take());
  }
  bool is_silent = call.flag("silent", false);
  Response response = json_answer(done_status(call, collection, verb == Verb::Remove),
                                  is_silent ? "{}" : done_json(call, collection.name, result));
  response.headers.push_back({"Etag", '"' + result.revision + '"'});
  response.headers.push_back({"Location", location(call, collection.name, result.key)});
  return response;
}

Response many_answer(Shared& shared, Call const& call, sim::ModelCollection const& collection, Verb verb,
                     std::vector<sim::WriteResult> const& results) {
  // Coordinators before 3.12 ignore `silent` for arrays (spec arangodb-write 1.4).
  bool is_silent = call.flag("silent", false) && shared.dialect.at_least(3, 12);
  std::map<int, std::uint64_t> errors;
  std::string body = "[";
  for (auto const& result : results) {
    if (result.error != 0) ++errors[result.error];
    if (is_silent && result.error == 0) continue;
    if (body.size() > 1) body += ',';
    body += result.error != 0 ? item_error_json(result) : done_json(call, collection.name, result);
  }
  int status = done_status(call, collection, verb == Verb::Remove);
  Response response = json_answer(errors.empty() ? status : 202, body + ']');
  if (!errors.empty()) {
    json::Object counts;
    for (auto const& [number, count] : errors) counts.number(std::to_string(number), count);
    response.headers.push_back({"X-Arango-Error-Codes", counts.take()});
  }
  return response;
}

Response write_many(Shared& shared, Call const& call, sim::ModelCollection const& collection, Verb verb,
                    std::string_view body) {
  auto items = json::elements(body);
  auto options = write_options(shared.dialect, call, verb);
  auto& model = shared.model;
  auto results = verb == Verb::Insert    ? model.insert(call.database, collection.name, items, options)
                 : verb == Verb::Replace ? model.replace(call.database, collection.name, items, options)
                 : verb == Verb::Update  ? model.update(call.database, collection.name, items, options)
                                         : model.remove(call.database, collection.name, items, options);
  if (!results) return document_failure(results.error(), collection.name);
  return many_answer(shared, call, collection, verb, *results);
}

Response write_one(Shared& shared, Call const& call, sim::ModelCollection const& collection, Verb verb,
                   std::string_view body) {
  auto options = write_options(shared.dialect, call, verb);
  options.if_match = unquoted(call.header("if-match"));
  auto& model = shared.model;
  auto key = call.part(3);
  auto result = verb == Verb::Insert    ? model.insert_one(call.database, collection.name, body, options)
                : verb == Verb::Replace ? model.replace_one(call.database, collection.name, key, body, options)
                : verb == Verb::Update  ? model.update_one(call.database, collection.name, key, body, options)
                                        : model.remove_one(call.database, collection.name, key, options);
  if (!result) return document_failure(result.error(), collection.name);
  return one_answer(shared, call, collection, verb, *result);
}

Response read_one(Shared& shared, Call const& call) {
  auto const* collection = shared.model.find_collection(call.database, call.part(2));
  if (collection == nullptr) return document_failure(sim::model_error(1203), call.part(2));
  if (auto refused = refuse_collection(shared, call, collection->name, Access::ReadOnly)) return std::move(*refused);
  auto document = shared.model.find_document(*collection, call.part(3));
  if (document == nullptr) return failure(sim::model_error(1202));
  std::string if_match = unquoted(call.header("if-match"));
  std::string if_none_match = unquoted(call.header("if-none-match"));
  Response response;
  if (!if_match.empty() && if_match != document->revision) {
    response = json_answer(412, json::Object()
                                    .flag("error", true)
                                    .number("code", 412)
                                    .number("errorNum", 1200)
                                    .text("errorMessage", sim::model_error(1200).message)
                                    .text("_id", collection->name + "/" + document->key)
                                    .text("_key", document->key)
                                    .text("_rev", document->revision)
                                    .take());
  } else if (if_none_match == document->revision) {
    response = empty_answer(304);
  } else {
    response = json_answer(200, call.method() == "HEAD" ? std::string() : document->text);
  }
  response.headers.push_back({"Etag", '"' + document->revision + '"'});
  return response;
}

/// PUT …?onlyget=true: a bulk read (spec arangodb-write 1.8).
Response read_many(Shared& shared, Call const& call, sim::ModelCollection const& collection, std::string_view body) {
  std::vector<std::string> found;
  for (auto item : json::elements(body)) {
    std::string key = json::text_of(json::is_object(item) ? json::find(item, "_key") : item);
    if (auto slash = key.find('/'); slash != std::string::npos) key = key.substr(slash + 1);
    auto document = shared.model.find_document(collection, key);
    std::string expected = json::is_object(item) ? json::text_of(json::find(item, "_rev")) : std::string();
    bool is_other =
        !call.flag("ignoreRevs", true) && !expected.empty() && document != nullptr && document->revision != expected;
    sim::WriteResult missing;
    missing.error = document == nullptr ? 1202 : 1200;
    missing.message = sim::model_error(missing.error).message;
    found.push_back(document == nullptr || is_other ? item_error_json(missing) : document->text);
  }
  return json_answer(200, json::array(found));
}

Response write(Shared& shared, Call const& call, Verb verb, std::string_view name) {
  auto const* collection = shared.model.find_collection(call.database, name);
  if (collection == nullptr) return document_failure(sim::model_error(1203), name);
  bool only_reads = verb == Verb::Replace && call.flag("onlyget", false);
  Access needed = only_reads ? Access::ReadOnly : Access::ReadWrite;
  if (auto refused = refuse_collection(shared, call, collection->name, needed)) return std::move(*refused);
  if (!only_reads && sim::is_smart_child(collection->name)) return of_the_server(collection->name);
  bool names_one = !call.part(3).empty();
  auto body = parse_body(call);
  if (verb == Verb::Remove && names_one) return write_one(shared, call, *collection, verb, "");
  if (!body.is_valid) return failure(400, 600, "VPackError error: Expecting '\"' or '}'");
  if (json::is_array(body.value) && !names_one) {
    if (only_reads) return read_many(shared, call, *collection, body.value);
    return write_many(shared, call, *collection, verb, body.value);
  }
  bool is_object = json::is_object(body.value);
  if (!is_object && verb != Verb::Insert) return failure(400, 400, "bad parameter");
  return write_one(shared, call, *collection, verb, body.value);
}

}  // namespace

Response document_api(Shared& shared, Call const& call) {
  std::string name(call.part(2));
  auto const& method = call.method();
  if (method == "POST") {
    if (name.empty()) name = call.query("collection");
    return write(shared, call, Verb::Insert, name);
  }
  if (method == "GET" || method == "HEAD") {
    if (call.part(3).empty()) return failure(404, 1203, "expecting GET /_api/document/<collection>/<key>");
    return read_one(shared, call);
  }
  if (name.empty()) return failure(400, 400, "expecting /_api/document/<collection>");
  if (method == "PUT") return write(shared, call, Verb::Replace, name);
  if (method == "PATCH") return write(shared, call, Verb::Update, name);
  if (method == "DELETE") return write(shared, call, Verb::Remove, name);
  return method_not_allowed();
}

}  // namespace arangosync::sandbox
