// /_api/view: definitions of arangosearch views, kept and shown; nothing is ever searched (spec arangodb-write 5.1).
#include "app/sandbox/api.h"
#include "app/sandbox/collection_text.h"

#include <algorithm>
#include <array>

namespace arangosync::sandbox {
namespace {

struct Default {
  char const* name;
  char const* value;
  unsigned since_minor;   ///< 3.x
  unsigned before_minor;  ///< from then on not so any more
};

constexpr unsigned no_end = ~0u;

// Members that a request may set when the view is made, with what they are otherwise.
constexpr std::array defaults = {
    Default{"cleanupIntervalStep", "10", 4, 5},
    Default{"cleanupIntervalStep", "2", 5, no_end},
    Default{"commitIntervalMsec", "60000", 4, 5},
    Default{"commitIntervalMsec", "1000", 5, no_end},
    Default{"consolidationIntervalMsec", "60000", 4, 5},
    Default{"consolidationIntervalMsec", "10000", 5, 7},
    Default{"consolidationIntervalMsec", "1000", 7, no_end},
    Default{"consolidationPolicy", R"({"type":"bytes_accum","threshold":0.1})", 4, 5},
    Default{"consolidationPolicy",
            R"({"type":"tier","segmentsBytesFloor":2097152,"segmentsBytesMax":5368709120,"segmentsMax":10,)"
            R"("segmentsMin":1,"minScore":0})",
            5, no_end},
    Default{"primarySort", "[]", 5, no_end},
    Default{"primarySortCompression", "\"lz4\"", 7, no_end},
    Default{"storedValues", "[]", 7, no_end},
    Default{"optimizeTopK", "[]", 11, no_end},
    Default{"writebufferActive", "0", 4, no_end},
    Default{"writebufferIdle", "64", 4, no_end},
    Default{"writebufferSizeMax", "33554432", 4, no_end},
    Default{"links", "{}", 4, no_end},
};

/// Afterwards only these can be changed.
constexpr std::array changeable = {"cleanupIntervalStep", "commitIntervalMsec", "consolidationIntervalMsec",
                                   "consolidationPolicy", "links"};

bool is_changeable(std::string_view name) {
  return std::find(changeable.begin(), changeable.end(), name) != changeable.end();
}

/// A link with all that goes without saying.
std::string full_link(std::string_view link) {
  auto given = json::members(link);
  json::Object out;
  auto add = [&](char const* name, std::string_view otherwise) {
    std::string_view value = json::find(given, name);
    out.raw(name, value.empty() ? std::string(otherwise) : json::compact(value));
  };
  add("analyzers", R"(["identity"])");
  add("fields", "{}");
  add("includeAllFields", "false");
  add("storeValues", "\"none\"");
  add("trackListPositions", "false");
  return out.take();
}

std::string full_links(std::string_view links) {
  json::Object out;
  for (auto const& link : json::members(links)) {
    if (!json::is_null(link.value)) out.raw(link.name, full_link(link.value));
  }
  return out.take();
}

/// The view's properties: what `given` says, else what `before` says, else the default. Nothing unknown is kept.
std::string properties(Dialect const& dialect, std::string_view given, std::string_view before, bool is_new) {
  json::Object out;
  for (Default const& each : defaults) {
    bool is_its_time = dialect.at_least(3, each.since_minor) && !dialect.at_least(3, each.before_minor);
    if (!is_its_time) continue;
    std::string_view value;
    if (is_new || is_changeable(each.name)) value = json::find(given, each.name);
    if (value.empty() && !before.empty()) value = json::find(before, each.name);
    std::string text = value.empty() ? each.value : json::compact(value);
    out.raw(each.name, std::string_view(each.name) == "links" ? full_links(text) : text);
  }
  return out.take();
}

std::string unique_id_of(Shared const& shared, View const& view) {
  sim::ModelCollection like;
  like.id = view.id;
  return unique_id(shared, like);
}

json::Object summary(Shared const& shared, View const& view) {
  json::Object out;
  out.text("globallyUniqueId", unique_id_of(shared, view)).text("id", view.id);
  out.text("name", view.name).text("type", view.type);
  return out;
}

json::Object full(Shared const& shared, View const& view) {
  json::Object out = summary(shared, view);
  out.all_of(view.properties);
  return out;
}

View* find_view(Shared& shared, Call const& call, std::string_view name) {
  for (auto& [own_name, view] : shared.views[call.database]) {
    if (own_name == name || view.id == name) return &view;
  }
  return nullptr;
}

bool is_taken(Shared& shared, Call const& call, std::string const& name) {
  return find_view(shared, call, name) != nullptr || shared.model.find_collection(call.database, name) != nullptr;
}

/// Links lead to collections that exist.
std::optional<Response> bad_links(Shared& shared, Call const& call, std::string_view body) {
  for (auto const& link : json::members(json::find(body, "links"))) {
    if (shared.model.find_collection(call.database, link.name) != nullptr) continue;
    return failure(404, 1203,
                   "while validating arangosearch link definition, error: collection '" + link.name + "' not found");
  }
  return std::nullopt;
}

Response create(Shared& shared, Call const& call) {
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  auto members = json::members(body.value);
  std::string name = json::text_of(json::find(members, "name"));
  std::string type = json::text_of(json::find(members, "type"));
  if (name.empty()) return failure(400, 1208, "illegal name");
  if (type != "arangosearch") return failure(400, 10, "unknown view type");
  if (is_taken(shared, call, name)) return failure(sim::model_error(1207));
  if (json::is_object(json::find(members, "links"))) {
    if (auto refused = bad_links(shared, call, body.value)) return std::move(*refused);
  }
  View view{std::to_string(shared.model.next_id()), name, type, properties(shared.dialect, body.value, "", true)};
  auto const& added = shared.views[call.database].emplace(name, std::move(view)).first->second;
  return json_answer(201, full(shared, added).take());
}

Response change(Shared& shared, Call const& call, View& view) {
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  if (call.part(3) == "rename" && call.method() == "PUT") {
    if (!shared.dialect.is_single_server()) return failure(sim::model_error(1470));
    std::string name = json::text_of(json::find(body.value, "name"));
    if (name.empty()) return failure(400, 1208, "illegal name");
    if (is_taken(shared, call, name)) return failure(sim::model_error(1207));
    auto& views = shared.views[call.database];
    auto node = views.extract(view.name);
    node.key() = node.mapped().name = name;
    return success(summary(shared, views.insert(std::move(node)).position->second));
  }
  if (call.part(3) != "properties") return unknown_path(call);
  if (json::is_object(json::find(body.value, "links"))) {
    if (auto refused = bad_links(shared, call, body.value)) return std::move(*refused);
  }
  // PATCH leaves what is not named; PUT puts back to the default what can be changed.
  std::string kept;
  json::Object unchangeable;
  for (auto const& member : json::members(view.properties)) {
    if (!is_changeable(member.name)) unchangeable.raw(member.name, member.value);
  }
  kept = call.method() == "PATCH" ? view.properties : unchangeable.take();
  view.properties = properties(shared.dialect, body.value, kept, false);
  return json_answer(200, full(shared, view).take());
}

Response list(Shared& shared, Call const& call) {
  std::vector<std::string> found;
  for (auto const& [name, view] : shared.views[call.database]) found.push_back(summary(shared, view).take());
  return success(json::Object().raw("result", json::array(found)));
}

}  // namespace

Response view_api(Shared& shared, Call const& call) {
  std::string name(call.part(2));
  auto const& method = call.method();
  if (method != "GET" && !call.caller.may_write()) return failure(sim::model_error(11));
  if (name.empty()) {
    if (method == "GET") return list(shared, call);
    return method == "POST" ? create(shared, call) : method_not_allowed();
  }
  View* view = find_view(shared, call, name);
  if (view == nullptr) return failure(sim::model_error(1203));
  if (method == "GET" && call.part(3).empty()) return success(summary(shared, *view));
  if (method == "GET" && call.part(3) == "properties") return success(full(shared, *view));
  if (method == "PUT" || method == "PATCH") return change(shared, call, *view);
  if (method != "DELETE") return method_not_allowed();
  shared.views[call.database].erase(view->name);
  return success(json::Object().flag("result", true));
}

}  // namespace arangosync::sandbox
