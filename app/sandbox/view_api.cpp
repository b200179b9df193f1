// /_api/view: definitions of views, kept by the model and shown; nothing is ever searched (spec arangodb-write 5.1).
#include "adapters/sim/cluster_render.h"
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
};

/// Afterwards only these can be changed.
constexpr std::array changeable = {"cleanupIntervalStep", "commitIntervalMsec", "consolidationIntervalMsec",
                                   "consolidationPolicy"};

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

std::string unique_id_of(Shared const& shared, sim::ModelView const& view) {
  sim::ModelCollection like;
  like.id = view.id;
  return unique_id(shared, like);
}

json::Object summary(Shared const& shared, sim::ModelView const& view) {
  json::Object out;
  out.text("globallyUniqueId", unique_id_of(shared, view)).text("id", view.id);
  out.text("name", view.name).text("type", view.type);
  return out;
}

json::Object full(Shared const& shared, sim::ModelView const& view) {
  json::Object out;
  out.all_of(sim::view_json(view, unique_id_of(shared, view)));
  return out;
}

/// What is asked of a view that was `before` (empty: a new one). PATCH leaves what is not named; PUT puts back to the
/// default what can be changed. Nothing unknown is kept.
void set_properties(Dialect const& dialect, sim::ModelView& view, std::string_view given, bool is_new, bool is_patch) {
  std::map<std::string, std::string> before;
  before.swap(view.properties);
  for (Default const& each : defaults) {
    bool is_its_time = dialect.at_least(3, each.since_minor) && !dialect.at_least(3, each.before_minor);
    if (!is_its_time) continue;
    bool can_be_set = is_new || is_changeable(each.name);
    std::string_view value;
    if (can_be_set) value = json::find(given, each.name);
    auto kept = before.find(each.name);
    bool is_kept = kept != before.end() && (is_patch || !can_be_set);
    if (!value.empty())
      view.properties[each.name] = json::compact(value);
    else
      view.properties[each.name] = is_kept ? kept->second : each.value;
  }
}

/// Links with all that goes without saying. Null removes one.
void set_links(sim::ModelView& view, std::string_view given, bool is_patch) {
  if (!is_patch) view.links.clear();
  if (!json::is_object(given)) return;
  for (auto const& link : json::members(given)) {
    if (json::is_null(link.value))
      view.links.erase(link.name);
    else
      view.links[link.name] = full_link(link.value);
  }
}

/// The analyzers of a link and of its fields are there; spec arangodb-write 5.3: which error else is not known.
std::optional<Response> bad_analyzers(Shared& shared, Call const& call, std::string_view link) {
  for (auto name : json::elements(json::find(link, "analyzers"))) {
    std::string text = json::text_of(name);
    if (!knows_analyzer(shared, call, text)) return failure(400, 10, "unknown analyzer '" + text + "'");
  }
  for (auto const& field : json::members(json::find(link, "fields"))) {
    if (auto refused = bad_analyzers(shared, call, field.value)) return refused;
  }
  return std::nullopt;
}

void set_indexes(sim::ModelView& view, std::string_view given, bool is_patch) {
  if (!is_patch) view.indexes.clear();
  if (!json::is_array(given)) return;
  for (auto entry : json::elements(given)) {
    std::pair named(json::text_of(json::find(entry, "collection")), json::text_of(json::find(entry, "index")));
    std::erase(view.indexes, named);
    if (json::find(entry, "operation") != "\"del\"") view.indexes.push_back(std::move(named));
  }
}

/// The parts of a definition, of the view's type, out of a body.
std::optional<Response> define(Shared& shared, Call const& call, sim::ModelView& view, std::string_view body,
                               bool is_new) {
  bool is_patch = call.method() == "PATCH";
  if (view.type == "search-alias") {
    set_indexes(view, json::find(body, "indexes"), is_patch);
    return std::nullopt;
  }
  set_properties(shared.dialect, view, body, is_new, is_patch);
  set_links(view, json::find(body, "links"), is_patch);
  for (auto const& [collection, link] : view.links) {
    if (auto refused = bad_analyzers(shared, call, link)) return refused;
  }
  return std::nullopt;
}

Response create(Shared& shared, Call const& call) {
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  auto members = json::members(body.value);
  sim::ModelView view;
  view.name = json::text_of(json::find(members, "name"));
  view.type = json::text_of(json::find(members, "type"));
  if (view.name.empty()) return failure(400, 1208, "illegal name");
  bool is_known = view.type == "arangosearch" || (view.type == "search-alias" && shared.dialect.at_least(3, 10));
  if (!is_known) return failure(400, 10, "unknown view type");
  if (auto refused = define(shared, call, view, body.value, true)) return std::move(*refused);
  auto added = shared.model.create_view(call.database, std::move(view), call.caller.model());
  if (!added) return failure(added.error());
  return json_answer(201, full(shared, **added).take());
}

Response change(Shared& shared, Call const& call, sim::ModelView const& view) {
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  if (call.part(3) == "rename" && call.method() == "PUT") {
    std::string name = json::text_of(json::find(body.value, "name"));
    if (name.empty()) return failure(400, 1208, "illegal name");
    auto renamed = shared.model.rename_view(call.database, view.name, name, call.caller.model());
    if (!renamed) return failure(renamed.error());
    return success(summary(shared, **renamed));
  }
  if (call.part(3) != "properties") return unknown_path(call);
  sim::ModelView wanted = view;
  if (auto refused = define(shared, call, wanted, body.value, false)) return std::move(*refused);
  auto changed = shared.model.change_view(call.database, std::move(wanted), call.caller.model());
  if (!changed) return failure(changed.error());
  return json_answer(200, full(shared, **changed).take());
}

Response list(Shared& shared, Call const& call) {
  std::vector<std::string> found;
  for (auto const& [name, view] : shared.model.find_database(call.database)->views) {
    found.push_back(summary(shared, view).take());
  }
  return success(json::Object().raw("result", json::array(found)));
}

}  // namespace

Response view_api(Shared& shared, Call const& call) {
  std::string name(call.part(2));
  auto const& method = call.method();
  if (!shared.dialect.at_least(3, 4)) return unknown_path(call);
  if (method != "GET" && !call.caller.may_write()) return failure(sim::model_error(11));
  if (name.empty()) {
    if (method == "GET") return list(shared, call);
    return method == "POST" ? create(shared, call) : method_not_allowed();
  }
  sim::ModelView const* view = shared.model.find_view(call.database, name);
  if (view == nullptr) return failure(sim::model_error(1203));
  if (method == "GET" && call.part(3).empty()) return success(summary(shared, *view));
  if (method == "GET" && call.part(3) == "properties") return success(full(shared, *view));
  if (method == "PUT" || method == "PATCH") return change(shared, call, *view);
  if (method != "DELETE") return method_not_allowed();
  auto dropped = shared.model.drop_view(call.database, view->name, call.caller.model());
  if (!dropped) return failure(dropped.error());
  return success(json::Object().flag("result", true));
}

}  // namespace arangosync::sandbox
