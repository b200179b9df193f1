// /_api/aqlfunction: functions of users, kept as documents of _aqlfunctions, where replication finds them. Nothing here
// ever runs one.
#include "app/sandbox/api.h"

#include <algorithm>
#include <cctype>

namespace arangosync::sandbox {
namespace {

constexpr char functions[] = "_aqlfunctions";

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

bool is_function_name(std::string_view name) {
  auto is_part = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == ':'; };
  bool has_namespace = name.find("::") != std::string_view::npos && !name.ends_with(":") && !name.starts_with(":");
  return has_namespace && std::all_of(name.begin(), name.end(), is_part);
}

/// Those whose name begins with `prefix`, in any case of letters; by key.
std::vector<sim::ModelDocumentPtr> in_namespace(Shared& shared, Call const& call, std::string const& prefix) {
  std::vector<sim::ModelDocumentPtr> found;
  auto const* collection = shared.model.find_collection(call.database, functions);
  for (auto const& shard : collection->shards) {
    for (auto const& [key, document] : *shard.documents) {
      if (key.starts_with(upper(prefix))) found.push_back(document);
    }
  }
  return found;
}

Response list(Shared& shared, Call const& call) {
  std::string prefix = call.query("namespace");
  if (!call.part(2).empty()) prefix = std::string(call.part(2));
  if (!prefix.empty() && !prefix.ends_with("::")) prefix += "::";
  std::vector<std::string> found;
  for (auto const& document : in_namespace(shared, call, prefix)) {
    json::Object out;
    out.raw("name", json::find(document->text, "name")).raw("code", json::find(document->text, "code"));
    bool is_deterministic = json::find(document->text, "isDeterministic") == "true";
    if (shared.dialect.at_least(3, 4)) out.flag("isDeterministic", is_deterministic);
    found.push_back(out.take());
  }
  if (!shared.dialect.at_least(3, 4)) return json_answer(200, json::array(found));
  return success(json::Object().raw("result", json::array(found)));
}

Response create(Shared& shared, Call const& call) {
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  auto members = json::members(body.value);
  std::string name = json::text_of(json::find(members, "name"));
  if (!is_function_name(name)) return failure(400, 1580, "invalid user function name");
  std::string_view code = json::find(members, "code");
  if (!json::is_string(code)) return failure(400, 1581, "invalid user function code");
  std::string document = json::Object()
                             .text("_key", upper(name))
                             .text("name", name)
                             .raw("code", code)
                             .flag("isDeterministic", json::is_true(json::find(members, "isDeterministic")))
                             .take();
  sim::WriteOptions options;
  options.caller = call.caller.model();
  options.overwrite = sim::Overwrite::Replace;
  auto stored = shared.model.insert_one(call.database, functions, document, options);
  if (!stored) return failure(stored.error());
  bool is_new = stored->before == nullptr;
  json::Object out;
  if (shared.dialect.at_least(3, 4)) out.flag("isNewlyCreated", is_new);
  return success(std::move(out), is_new ? 201 : 200);
}

Response remove(Shared& shared, Call const& call) {
  std::string name(call.part(2));
  bool is_group = call.flag("group", false);
  auto found = in_namespace(shared, call, is_group ? name + "::" : name);
  if (!is_group) std::erase_if(found, [&](auto const& each) { return each->key != upper(name); });
  if (found.empty() && !is_group) {
    return failure(404, 1582,
                   shared.dialect.at_least(3, 4) ? "no AQL user function with name '" + name + "' found"
                                                 : std::string("user function '%s()' not found"));
  }
  sim::WriteOptions options;
  options.caller = call.caller.model();
  for (auto const& each : found) {
    auto removed = shared.model.remove_one(call.database, functions, each->key, options);
    if (!removed) return failure(removed.error());
  }
  json::Object out;
  if (shared.dialect.at_least(3, 4)) out.number("deletedCount", found.size());
  return success(std::move(out));
}

}  // namespace

Response function_api(Shared& shared, Call const& call) {
  auto const& method = call.method();
  if (method == "GET") return list(shared, call);
  if (!call.caller.may_write()) return failure(sim::model_error(11));
  if (method == "POST" && call.part(2).empty()) return create(shared, call);
  if (method == "DELETE" && !call.part(2).empty()) return remove(shared, call);
  return method_not_allowed();
}

}  // namespace arangosync::sandbox
