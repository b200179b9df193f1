// /_api/cursor for plain queries over one collection (query_text.h), and /_api/simple/all-keys. What is not understood
// is a parse error.
#include "app/sandbox/api.h"
#include "app/sandbox/gate.h"
#include "app/sandbox/query_text.h"

#include <algorithm>

namespace arangosync::sandbox {
namespace {

std::string extra_json(Dialect const& dialect, std::size_t scanned) {
  return json::Object().raw("warnings", "[]").raw("stats", query_statistics(dialect, scanned)).take();
}

/// The next batch; forgets the cursor at its end. `id` empty: not stored yet.
Response next_batch(Shared& shared, std::string id, Cursor cursor, int status) {
  std::string result = "[";
  std::size_t end = std::min(cursor.documents.size(), cursor.next + cursor.batch_size);
  for (; cursor.next < end; ++cursor.next) {
    if (result.size() > 1) result += ',';
    std::string const& text = cursor.documents[cursor.next]->text;
    result += value_at(text, cursor.attribute);
  }
  bool has_more = cursor.next < cursor.documents.size();
  json::Object out;
  out.raw("result", result + ']').flag("hasMore", has_more);
  if (cursor.with_count) out.number("count", cursor.documents.size());
  out.flag("cached", false).raw("extra", extra_json(shared.dialect, cursor.documents.size()));
  if (has_more) {
    if (id.empty()) id = std::to_string(shared.model.next_id());
    out.text("id", id);
    shared.cursors.insert_or_assign(id, std::move(cursor));
  } else if (!id.empty()) {
    shared.cursors.erase(id);
  }
  return success(std::move(out), status);
}

std::vector<sim::ModelDocumentPtr> all_documents(sim::ClusterModel const& model,
                                                 sim::ModelCollection const& collection) {
  std::vector<sim::ModelDocumentPtr> documents;
  for (auto const* shard : model.shards_of(collection)) {
    for (auto const& [key, document] : *shard->documents) documents.push_back(document);
  }
  return documents;
}

Response open(Shared& shared, Call const& call) {
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  auto members = json::members(body.value);
  std::string_view text = json::find(members, "query");
  if (!json::is_string(text) || text.size() <= 2) return failure(400, 1502, "query is empty");
  auto query = understand(json::text_of(text), json::find(members, "bindVars"));
  if (!query) {
    return failure(400, 1501,
                   "AQL: syntax error, " + query.error() +
                       " (the sandbox understands plain queries over one "
                       "collection only)");
  }
  auto const* collection = shared.model.find_collection(call.database, query->collection);
  if (collection == nullptr) {
    return failure(404, 1203, "AQL: collection or view not found: " + query->collection + " (while parsing)");
  }
  if (auto refused = refuse_collection(shared, call, collection->name, Access::ReadOnly)) return std::move(*refused);
  Cursor cursor;
  cursor.documents = run_steps(*query, all_documents(shared.model, *collection));
  cursor.attribute = query->result;
  if (query->counts) {
    // A result that is no document: a member of one made up for it.
    auto counted = std::make_shared<sim::ModelDocument>();
    counted->text = json::Object().number("count", cursor.documents.size()).take();
    cursor.documents = {std::move(counted)};
    cursor.attribute = "count";
  }
  auto size = json::to_uint(json::find(members, "batchSize"));
  if (size && *size == 0) return failure(400, 1600, "expecting non-zero value for 'batchSize'");
  if (size) cursor.batch_size = static_cast<std::size_t>(*size);
  cursor.with_count = json::find(members, "count") == "true";
  return next_batch(shared, "", std::move(cursor), 201);
}

Response all_keys(Shared& shared, Call const& call) {
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  std::string name = json::text_of(json::find(body.value, "collection"));
  std::string type = json::text_of(json::find(body.value, "type"));
  auto const* collection = shared.model.find_collection(call.database, name);
  if (collection == nullptr) return failure(sim::model_error(1203, sim::model_error(1203).message + ": " + name));
  std::string prefix = "/_db/" + http::percent_encode(call.database) + "/_api/document/" + collection->name + "/";
  if (type == "id") prefix = collection->name + "/";
  if (type == "key") prefix.clear();
  std::vector<std::string> keys;
  for (auto const& document : all_documents(shared.model, *collection)) keys.push_back(prefix + document->key);
  json::Object out;
  out.raw("result", json::array_of_texts(keys)).flag("hasMore", false).flag("cached", false);
  out.raw("extra", extra_json(shared.dialect, keys.size()));
  return success(std::move(out), 201);
}

}  // namespace

std::string query_statistics(Dialect const& dialect, std::size_t scanned) {
  // An index that holds all that is asked for came with RocksDB.
  bool by_index = !dialect.has_journals();
  json::Object out;
  out.number("writesExecuted", 0).number("writesIgnored", 0);
  out.number("scannedFull", by_index ? 0 : scanned).number("scannedIndex", by_index ? scanned : 0);
  out.number("filtered", 0).number("httpRequests", 0).raw("executionTime", "0.0001");
  if (dialect.at_least(3, 4)) out.number("peakMemoryUsage", 0);
  return out.take();
}

Response query_api(Shared& shared, Call const& call) {
  auto const& method = call.method();
  if (call.part(1) == "simple") {
    if (call.part(2) != "all-keys") return unknown_path(call);
    return method == "PUT" ? all_keys(shared, call) : method_not_allowed();
  }
  std::string id(call.part(2));
  if (id.empty()) return method == "POST" ? open(shared, call) : method_not_allowed();
  auto found = shared.cursors.find(id);
  if (found == shared.cursors.end()) return failure(sim::model_error(1600));
  bool goes_on = method == "PUT" || (method == "POST" && shared.dialect.at_least(3, 8));
  if (goes_on) return next_batch(shared, id, std::move(found->second), 200);
  if (method != "DELETE") return method_not_allowed();
  shared.cursors.erase(found);
  return success(json::Object().text("id", id), 202);
}

}  // namespace arangosync::sandbox
