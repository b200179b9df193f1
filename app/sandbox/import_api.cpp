// /_api/import: lists and lines of documents (spec arangodb-write 1.10). Replication never uses it; people load data
// with it.
#include "app/sandbox/api.h"
#include "app/sandbox/gate.h"

#include <algorithm>
#include <optional>

namespace arangosync::sandbox {
namespace {

/// The documents of a request, as texts, in order.
struct Source {
  std::vector<std::string> documents;
  std::uint64_t empty = 0;
  std::optional<Response> refusal;
};

Source refused(std::string_view message) {
  Source source;
  source.refusal = failure(400, 400, message);
  return source;
}

std::uint64_t count_empty_lines(std::string_view text) {
  std::uint64_t empty = 0;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    if (json::trim(text.substr(0, end)).empty()) ++empty;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return empty;
}

Source from_list(Call const& call) {
  auto body = parse_body(call);
  if (!body.is_valid || !json::is_array(body.value)) return refused("expecting a JSON array in the request");
  Source source;
  for (auto item : json::elements(body.value)) source.documents.emplace_back(item);
  return source;
}

Source from_lines(Call const& call) {
  Source source;
  source.empty = count_empty_lines(call.body());
  for (auto line : json::lines(call.body())) source.documents.emplace_back(line);
  return source;
}

/// Without a type: a line of names, then lines of values.
Source from_table(Call const& call) {
  auto lines = json::lines(call.body());
  if (lines.empty() || !json::is_array(lines.front()) || !json::is_valid(lines.front())) {
    return refused("no JSON array found in second line");
  }
  Source source;
  source.empty = count_empty_lines(call.body());
  auto names = json::elements(lines.front());
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (!json::is_array(lines[i]) || !json::is_valid(lines[i])) {
      source.documents.emplace_back(lines[i]);
      continue;
    }
    auto values = json::elements(lines[i]);
    json::Object document;
    for (std::size_t column = 0; column < names.size() && column < values.size(); ++column) {
      document.raw(json::text_of(names[column]), values[column]);
    }
    source.documents.push_back(document.take());
  }
  return source;
}

Source read(Call const& call) {
  std::string type = call.query("type");
  if (type.empty()) return from_table(call);
  if (type == "list" || type == "array") return from_list(call);
  bool is_array = json::is_array(json::trim(call.body()));
  if (type == "auto" && is_array) return from_list(call);
  if (type == "auto" || type == "documents") return from_lines(call);
  return refused("invalid value for type");
}

std::string prefixed(std::string_view document, Call const& call) {
  json::Object out;
  for (auto const& member : json::members(document)) {
    std::string prefix = member.name == "_from" ? call.query("fromPrefix") : call.query("toPrefix");
    bool is_end = (member.name == "_from" || member.name == "_to") && json::is_string(member.value);
    std::string text = is_end ? json::text_of(member.value) : std::string();
    if (is_end && !prefix.empty() && text.find('/') == std::string::npos)
      out.text(member.name, prefix + "/" + text);
    else
      out.raw(member.name, member.value);
  }
  return out.take();
}

/// How an import went, in the server's words.
struct Tally {
  std::uint64_t created = 0;
  std::uint64_t errors = 0;
  std::uint64_t updated = 0;
  std::uint64_t ignored = 0;
  std::vector<std::string> details;
  void failed(std::size_t position, std::string const& why, std::string_view document) {
    ++errors;
    details.push_back(json::quote("at position " + std::to_string(position) + ": " + why +
                                  ", offending document: " + json::compact(document)));
  }
};

/// "unique constraint violated" only: the import API does not name index and key.
std::string plain_text(sim::WriteResult const& result) { return sim::model_error(result.error).message; }

sim::WriteOptions import_options(Call const& call) {
  sim::WriteOptions options;
  options.caller = call.caller.model();
  std::string mode = call.query("onDuplicate");
  if (mode == "update") options.overwrite = sim::Overwrite::Update;
  if (mode == "replace") options.overwrite = sim::Overwrite::Replace;
  if (mode == "ignore") options.overwrite = sim::Overwrite::Ignore;
  return options;
}

/// Which documents can be offered to the collection at all; the others are counted as errors.
std::vector<std::string_view> usable(Source const& source, sim::ModelCollection const& collection, Tally& tally) {
  std::vector<std::string_view> items;
  for (std::size_t i = 0; i < source.documents.size(); ++i) {
    std::string_view document = source.documents[i];
    std::size_t position = i + 1;
    if (!json::is_valid(document) || !json::is_object(document)) {
      tally.failed(position, "invalid JSON type (expecting object)", document);
      continue;
    }
    bool lacks_end =
        collection.type == 3 && (json::find(document, "_from").empty() || json::find(document, "_to").empty());
    if (lacks_end)
      tally.failed(position, "missing '_from' or '_to' attribute", document);
    else
      items.push_back(document);
  }
  return items;
}

}  // namespace

Response import_api(Shared& shared, Call const& call) {
  if (call.method() != "POST") return method_not_allowed();
  std::string name = call.query("collection");
  Source source = read(call);
  if (source.refusal) return std::move(*source.refusal);
  auto const* collection = shared.model.find_collection(call.database, name);
  if (collection == nullptr) return failure(sim::model_error(1203, sim::model_error(1203).message + ": " + name));
  if (auto refused = refuse_collection(shared, call, collection->name, Access::ReadWrite)) return std::move(*refused);
  if (call.flag("overwrite", false)) {
    if (auto done = shared.model.truncate(call.database, name, call.caller.model()); !done)
      return failure(done.error());
  }
  bool has_prefix = call.target.has_query("fromPrefix") || call.target.has_query("toPrefix");
  for (auto& document : source.documents) {
    if (has_prefix && json::is_valid(document)) document = prefixed(document, call);
  }
  Tally tally;
  auto items = usable(source, *collection, tally);
  auto options = import_options(call);
  auto results = shared.model.insert(call.database, name, items, options);
  if (!results) return failure(results.error());
  bool is_complete = call.flag("complete", false);
  for (std::size_t i = 0; i < results->size(); ++i) {
    auto const& result = (*results)[i];
    if (result.error != 0)
      tally.failed(i, "creating document failed with error '" + plain_text(result) + "'", items[i]);
    else if (!result.old_revision.empty())
      ++tally.updated;
    else if (result.now == nullptr)
      ++tally.ignored;
    else
      ++tally.created;
  }
  if (is_complete && tally.errors > 0) {
    // All or nothing: what was written before the first error is taken back.
    std::vector<std::string> keys;
    int number = 400;
    for (auto const& result : *results) {
      if (result.error != 0 && number == 400) number = result.error;
      if (result.now != nullptr && result.before == nullptr) keys.push_back(json::quote(result.key));
    }
    std::vector<std::string_view> views(keys.begin(), keys.end());
    auto undone = shared.model.remove(call.database, name, views, options);
    return failure(undone ? sim::model_error(number) : undone.error());
  }
  json::Object out;
  out.flag("error", false)
      .number("created", tally.created)
      .number("errors", tally.errors)
      .number("empty", source.empty);
  out.number("updated", tally.updated).number("ignored", tally.ignored);
  if (call.flag("details", false)) out.raw("details", json::array(tally.details));
  return json_answer(201, out.take());
}

}  // namespace arangosync::sandbox
