// /_api/cursor for whole collections, and /_api/simple/all-keys. There is no AQL here: what is not understood is a
// parse error.
#include "app/sandbox/api.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace arangosync::sandbox {
namespace {

/// "FOR d IN <collection> RETURN d" or "… RETURN d.<attribute>".
struct Query {
  std::string collection;
  std::string attribute;
};

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  std::string word;
  for (char c : text) {
    bool is_blank = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!is_blank)
      word += c;
    else if (!word.empty())
      found.push_back(std::exchange(word, {}));
  }
  if (!word.empty()) found.push_back(word);
  return found;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::optional<Query> understand(std::string_view text, std::string_view bind_variables) {
  auto list = words(text);
  bool has_form = list.size() == 6 && upper(list[0]) == "FOR" && upper(list[2]) == "IN" && upper(list[4]) == "RETURN";
  if (!has_form) return std::nullopt;
  Query query;
  std::string const& source = list[3];
  if (source.starts_with("@@")) {
    std::string_view value = json::find(bind_variables, source.substr(1));
    if (!json::is_string(value)) return std::nullopt;
    query.collection = json::text_of(value);
  } else if (source.size() > 2 && source.front() == '`' && source.back() == '`') {
    query.collection = source.substr(1, source.size() - 2);
  } else {
    query.collection = source;
  }
  std::string const& variable = list[1];
  std::string const& result = list[5];
  if (result == variable) return query;
  if (!result.starts_with(variable + ".")) return std::nullopt;
  query.attribute = result.substr(variable.size() + 1);
  bool is_plain = !query.attribute.empty() && query.attribute.find_first_of(".[]()") == std::string::npos;
  return is_plain ? std::optional(query) : std::nullopt;
}

std::string extra_json(std::size_t scanned) {
  std::string stats = json::Object()
                          .number("writesExecuted", 0)
                          .number("writesIgnored", 0)
                          .number("scannedFull", 0)
                          .number("scannedIndex", scanned)
                          .number("filtered", 0)
                          .number("httpRequests", 0)
                          .raw("executionTime", "0.0")
                          .number("peakMemoryUsage", 0)
                          .take();
  return json::Object().raw("warnings", "[]").raw("stats", stats).take();
}

/// The next batch; forgets the cursor at its end. `id` empty: not stored yet.
Response next_batch(Shared& shared, std::string id, Cursor cursor, int status) {
  std::string result = "[";
  std::size_t end = std::min(cursor.documents.size(), cursor.next + cursor.batch_size);
  for (; cursor.next < end; ++cursor.next) {
    if (result.size() > 1) result += ',';
    std::string const& text = cursor.documents[cursor.next]->text;
    std::string_view value = cursor.attribute.empty() ? std::string_view(text) : json::find(text, cursor.attribute);
    result += value.empty() ? std::string_view("null") : value;
  }
  bool has_more = cursor.next < cursor.documents.size();
  json::Object out;
  out.raw("result", result + ']').flag("hasMore", has_more);
  if (cursor.with_count) out.number("count", cursor.documents.size());
  out.flag("cached", false).raw("extra", extra_json(cursor.documents.size()));
  if (has_more) {
    if (id.empty()) id = std::to_string(shared.model.next_id());
    out.text("id", id);
    shared.cursors.insert_or_assign(id, std::move(cursor));
  } else if (!id.empty()) {
    shared.cursors.erase(id);
  }
  return success(std::move(out), status);
}

std::vector<sim::ModelDocumentPtr> all_documents(sim::ModelCollection const& collection) {
  std::vector<sim::ModelDocumentPtr> documents;
  for (auto const& shard : collection.shards) {
    for (auto const& [key, document] : *shard.documents) documents.push_back(document);
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
    return failure(400, 1501, "AQL: syntax error: the sandbox understands 'FOR d IN collection RETURN d' only");
  }
  auto const* collection = shared.model.find_collection(call.database, query->collection);
  if (collection == nullptr) {
    return failure(404, 1203, "AQL: collection or view not found: " + query->collection + " (while parsing)");
  }
  Cursor cursor;
  cursor.documents = all_documents(*collection);
  cursor.attribute = query->attribute;
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
  for (auto const& document : all_documents(*collection)) keys.push_back(prefix + document->key);
  json::Object out;
  out.raw("result", json::array_of_texts(keys)).flag("hasMore", false).flag("cached", false);
  out.raw("extra", extra_json(keys.size()));
  return success(std::move(out), 201);
}

}  // namespace

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
  if (method == "PUT" || method == "POST") return next_batch(shared, id, std::move(found->second), 200);
  if (method != "DELETE") return method_not_allowed();
  shared.cursors.erase(found);
  return success(json::Object().text("id", id), 202);
}

}  // namespace arangosync::sandbox
