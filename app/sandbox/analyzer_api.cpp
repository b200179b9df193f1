// /_api/analyzer: definitions of analyzers, kept as documents of _analyzers, where replication finds them (spec
// arangodb-write 5.2). Nothing is ever analyzed.
#include "app/sandbox/api.h"

#include <algorithm>
#include <array>

namespace arangosync::sandbox {
namespace {

constexpr char analyzers[] = "_analyzers";
constexpr std::array languages = {"de", "en", "es", "fi", "fr", "it", "nl", "no", "pt", "ru", "sv", "zh"};

struct Analyzer {
  std::string name;  ///< with its database, "_system::mine", unless it is built in
  std::string type;
  std::string properties;
  std::string features;
};

std::vector<Analyzer> built_in(Dialect const& dialect) {
  bool is_new = dialect.at_least(3, 9);
  std::vector<Analyzer> all = {{"identity", "identity", "{}", R"(["frequency","norm"])"}};
  for (std::string language : languages) {
    json::Object properties;
    properties.text("locale", is_new ? language : language + ".utf-8").text("case", "lower").raw("stopwords", "[]");
    properties.flag("accent", false).flag("stemming", language != "zh");
    all.push_back({"text_" + language, "text", properties.take(), R"(["frequency","position","norm"])"});
  }
  return all;
}

Analyzer from_document(std::string const& database, sim::ModelDocument const& document) {
  auto members = json::members(document.text);
  return {database + "::" + json::text_of(json::find(members, "name")), json::text_of(json::find(members, "type")),
          std::string(json::find(members, "properties")), std::string(json::find(members, "features"))};
}

std::vector<Analyzer> all_of(Shared& shared, Call const& call) {
  auto found = built_in(shared.dialect);
  std::vector<std::string> databases = {"_system"};
  if (call.database != "_system") databases.push_back(call.database);
  for (auto const& database : databases) {
    auto const* collection = shared.model.find_collection(database, analyzers);
    if (collection == nullptr) continue;
    for (auto const& shard : collection->shards) {
      for (auto const& [key, document] : *shard.documents) found.push_back(from_document(database, *document));
    }
  }
  return found;
}

json::Object shown(Analyzer const& analyzer) {
  json::Object out;
  out.text("name", analyzer.name).text("type", analyzer.type);
  out.raw("properties", analyzer.properties).raw("features", analyzer.features);
  return out;
}

std::optional<Analyzer> find_analyzer(Shared& shared, Call const& call, std::string const& name) {
  bool has_database = name.find("::") != std::string::npos;
  for (auto const& each : all_of(shared, call)) {
    if (each.name == name || (!has_database && each.name == call.database + "::" + name)) return each;
  }
  return std::nullopt;
}

/// Does a view's link or an inverted index of the database name it?
bool is_used(Shared& shared, std::string const& database, std::string const& name) {
  auto names_it = [&](std::string const& definition) {
    return definition.find('"' + name + '"') != std::string::npos ||
           definition.find("::" + name + '"') != std::string::npos;
  };
  auto const& holder = *shared.model.find_database(database);
  for (auto const& [view_name, view] : holder.views) {
    for (auto const& [collection, link] : view.links) {
      if (names_it(link)) return true;
    }
  }
  for (auto const& [collection_name, collection] : holder.collections) {
    for (auto const& index : collection->indexes) {
      bool uses = std::any_of(index.attributes.begin(), index.attributes.end(),
                              [&](auto const& attribute) { return names_it(attribute.second); });
      if (uses) return true;
    }
  }
  return false;
}

Response create(Shared& shared, Call const& call) {
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  auto members = json::members(body.value);
  std::string name = json::text_of(json::find(members, "name"));
  std::string type = json::text_of(json::find(members, "type"));
  if (auto end = name.find("::"); end != std::string::npos) name = name.substr(end + 2);
  bool is_usable = !name.empty() && !type.empty();
  if (!is_usable) return failure(400, 10, "invalid characters in analyzer name '" + name + "'");
  auto or_else = [&](char const* member, char const* otherwise) {
    std::string_view value = json::find(members, member);
    return value.empty() ? std::string(otherwise) : json::compact(value);
  };
  Analyzer wanted{call.database + "::" + name, type, or_else("properties", "{}"), or_else("features", "[]")};
  if (auto existing = find_analyzer(shared, call, name)) {
    bool is_same = existing->type == wanted.type && json::equal(existing->properties, wanted.properties) &&
                   json::equal(existing->features, wanted.features);
    if (is_same) return json_answer(200, shown(*existing).take());
    return failure(400, 10, "name collision detected while registering analyzer '" + name + "'");
  }
  json::Object document;
  document.text("_key", name).text("name", name).text("type", type);
  document.raw("properties", wanted.properties).raw("features", wanted.features);
  sim::WriteOptions options;
  options.caller = call.caller.model();
  auto stored = shared.model.insert_one(call.database, analyzers, document.take(), options);
  if (!stored) return failure(stored.error());
  if (stored->error != 0) return failure(sim::model_error(stored->error, stored->message));
  shared.model.note_changed_analyzers(call.database);
  return json_answer(201, shown(wanted).take());
}

Response remove(Shared& shared, Call const& call, Analyzer const& analyzer) {
  auto end = analyzer.name.find("::");
  if (end == std::string::npos) return failure(403, 11, "built-in analyzers cannot be removed");
  if (analyzer.name.substr(0, end) != call.database) return failure(403, 11, "the analyzer is another database's");
  std::string own_name = analyzer.name.substr(end + 2);
  if (!call.flag("force", false) && is_used(shared, call.database, own_name)) {
    return failure(409, 1200, "analyzer in-use while removing arangosearch analyzer '" + analyzer.name + "'");
  }
  sim::WriteOptions options;
  options.caller = call.caller.model();
  auto removed = shared.model.remove_one(call.database, analyzers, own_name, options);
  if (!removed) return failure(removed.error());
  shared.model.note_changed_analyzers(call.database);
  return success(json::Object().text("name", analyzer.name));
}

}  // namespace

bool knows_analyzer(Shared& shared, Call const& call, std::string const& name) {
  return find_analyzer(shared, call, name.starts_with("::") ? "_system" + name : name).has_value();
}

Response analyzer_api(Shared& shared, Call const& call) {
  std::string name(call.part(2));
  auto const& method = call.method();
  if (method != "GET" && !call.caller.may_write()) return failure(sim::model_error(11));
  if (name.empty()) {
    if (method == "POST") return create(shared, call);
    if (method != "GET") return method_not_allowed();
    std::vector<std::string> found;
    for (auto const& each : all_of(shared, call)) found.push_back(shown(each).take());
    return success(json::Object().raw("result", json::array(found)));
  }
  auto analyzer = find_analyzer(shared, call, name);
  if (!analyzer) return failure(404, 1202, "unable to find analyzer '" + name + "'");
  if (method == "GET") return success(shown(*analyzer));
  return method == "DELETE" ? remove(shared, call, *analyzer) : method_not_allowed();
}

}  // namespace arangosync::sandbox
