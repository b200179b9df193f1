#include "adapters/cluster/view_answer.h"

#include "adapters/cluster/inventory_answer.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace arangosync::cluster {
namespace json = boost::json;
namespace {

/// Names of collections and indexes by their ids.
struct Names {
  std::map<std::string, std::string> collections;
  std::map<std::pair<std::string, std::string>, std::string> indexes;  ///< by collection's name and index's id

  std::string collection(std::string const& written) const {
    auto const found = collections.find(written);
    return found == collections.end() ? written : found->second;
  }
  std::string index(std::string const& collection, std::string const& written) const {
    auto const found = indexes.find({collection, written});
    return found == indexes.end() ? written : found->second;
  }
};

json::array const& list_of(json::value const& value, std::string_view name) {
  static json::array const none;
  auto const* found = member(value, name);
  return found != nullptr && found->is_array() ? found->get_array() : none;
}

Names names_in(json::value const& inventory) {
  Names names;
  for (auto const& entry : list_of(inventory, "collections")) {
    auto const* parameters = member(entry, "parameters");
    if (parameters == nullptr) continue;
    auto const name = string_of(*parameters, "name").value_or("");
    names.collections[id_of(*parameters, "id")] = name;
    for (auto const& index : list_of(entry, "indexes")) {
      names.indexes[{name, id_of(index, "id")}] = string_of(index, "name").value_or("");
    }
  }
  return names;
}

std::string chosen(json::value const& view, std::initializer_list<std::string_view> names) {
  json::object result;
  for (auto const name : names) {
    if (auto const* found = member(view, name)) result[json::string_view(name.data(), name.size())] = *found;
  }
  // Before 3.8 a stored value is written as the list of its fields.
  if (auto* stored = result.if_contains("storedValues"); stored != nullptr && stored->is_array()) {
    for (auto& value : stored->get_array()) {
      if (!value.is_array() && !value.is_string()) continue;
      json::array fields;
      if (value.is_array()) fields = value.get_array();
      if (value.is_string()) fields.push_back(value);
      value = json::object{{"fields", std::move(fields)}, {"compression", "lz4"}};
    }
  }
  return canonical(result);
}

inventory::View view_of(json::value const& entry, Names const& names) {
  inventory::View view;
  view.type = string_of(entry, "type").value_or("");
  view.immutable_properties =
      chosen(entry, {"primarySort", "primarySortCompression", "primarySortCache", "primaryKeyCache", "storedValues",
                     "optimizeTopK", "writebufferActive", "writebufferIdle", "writebufferSizeMax"});
  view.mutable_properties =
      chosen(entry, {"commitIntervalMsec", "consolidationIntervalMsec", "consolidationPolicy", "cleanupIntervalStep"});
  if (auto const* links = member(entry, "links"); links != nullptr && links->is_object()) {
    for (auto const& [to, definition] : links->get_object()) {
      if (!definition.is_object()) continue;
      auto link = definition.get_object();
      link.erase("analyzerDefinitions");  // what the link's analyzers were when it was made: they travel by themselves
      view.links.emplace(CollectionName(names.collection(std::string(to))), canonical(link));
    }
  }
  for (auto const& listed : list_of(entry, "indexes")) {
    auto const collection = names.collection(string_of(listed, "collection").value_or(""));
    auto const index = names.index(collection, string_of(listed, "index").value_or(""));
    view.indexes.insert({CollectionName(collection), index});
  }
  return view;
}

}  // namespace

std::optional<std::map<inventory::ViewName, inventory::View>> views_of(json::value const& inventory) {
  auto const* list = member(inventory, "views");
  if (list == nullptr || !list->is_array()) return std::nullopt;
  Names const names = names_in(inventory);
  std::map<inventory::ViewName, inventory::View> views;
  for (auto const& entry : list->get_array()) {
    auto const name = string_of(entry, "name").value_or("");
    if (name.empty() || true_of(entry, "deleted")) continue;
    auto view = view_of(entry, names);
    if (!view.type.empty()) views.insert_or_assign(inventory::ViewName(name), std::move(view));
  }
  return views;
}

std::optional<std::map<inventory::AnalyzerName, inventory::Analyzer>> parse_analyzers(DatabaseName const& database,
                                                                                      std::string_view body) {
  auto const answer = parse_json(body);
  auto const* list = answer ? member(*answer, "result") : nullptr;
  if (list == nullptr || !list->is_array()) return std::nullopt;
  std::map<inventory::AnalyzerName, inventory::Analyzer> analyzers;
  auto const own = database.value() + "::";
  for (auto const& entry : list->get_array()) {
    auto const name = string_of(entry, "name").value_or("");
    if (!name.starts_with(own) || name.size() == own.size()) continue;
    json::object definition;
    if (auto const* properties = member(entry, "properties")) definition["properties"] = *properties;
    auto features = list_of(entry, "features");
    std::vector<std::string> sorted;
    for (auto const& feature : features) {
      if (auto const* text = feature.if_string()) sorted.emplace_back(text->data(), text->size());
    }
    std::sort(sorted.begin(), sorted.end());
    definition["features"] = json::value_from(sorted);
    inventory::Analyzer analyzer{string_of(entry, "type").value_or(""), canonical(definition)};
    analyzers.insert_or_assign(inventory::AnalyzerName(name.substr(own.size())), std::move(analyzer));
  }
  return analyzers;
}

}  // namespace arangosync::cluster
