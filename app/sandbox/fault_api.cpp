// /_sandbox/…: what no ArangoDB has, and only a sandbox that was started with fault controls.
//
//   GET    /_sandbox/faults               what is set, and how many requests it struck
//   PUT    /_sandbox/faults               {"roles":["coordinator"],"path":"/_api/document","delayMs":50,
//                                          "errorPercent":10,"status":503,"errorNum":21003,"dropPercent":5}; what is
//                                         left out is off
//   DELETE /_sandbox/faults               none any more
//   PUT    /_sandbox/log/trim             history is lost up to now, whoever is registered; {"server":id} on one only
//   PUT    /_sandbox/fail-over            {"database":…,"collection":…}: each shard gets its next copy as leader
//   PUT    /_sandbox/clock                {"offsetMs":n} to the true time, from now on
//   PUT    /_sandbox/secrets              {"secrets":[…]}: the servers accept tokens of these, the first signs
//   PUT    /_sandbox/ids                  {"next":n}: the next id (of collections, shards, indexes) is n or more
//   PUT    /_sandbox/version              {"version":"3.12.4"}: all servers were upgraded; what there is stays as it is
#include "app/sandbox/api.h"

#include <algorithm>

namespace arangosync::sandbox {
namespace {

char const* name_of(Role role) {
  switch (role) {
    case Role::Agent:
      return "agent";
    case Role::Coordinator:
      return "coordinator";
    case Role::DbServer:
      break;
  }
  return "dbserver";
}

unsigned percent_of(std::vector<json::Member> const& body, std::string_view name) {
  return static_cast<unsigned>(std::min<std::uint64_t>(100, json::to_uint(json::find(body, name)).value_or(0)));
}

Response show(Shared const& shared) {
  auto trouble = shared.faults.current();
  std::vector<std::string> roles;
  for (auto role : trouble.roles) roles.emplace_back(name_of(role));
  auto delay = std::chrono::duration_cast<std::chrono::milliseconds>(trouble.delay).count();
  return success(json::Object()
                     .raw("roles", json::array_of_texts(roles))
                     .text("path", trouble.path)
                     .number("delayMs", static_cast<std::uint64_t>(delay))
                     .number("errorPercent", trouble.error_percent)
                     .number("dropPercent", trouble.drop_percent)
                     .number("struck", shared.faults.struck()));
}

Response set(Shared& shared, std::vector<json::Member> const& body) {
  Trouble trouble;
  for (auto name : json::elements(json::find(body, "roles"))) {
    for (auto role : {Role::Agent, Role::Coordinator, Role::DbServer}) {
      if (json::text_of(name) == name_of(role)) trouble.roles.insert(role);
    }
  }
  trouble.path = json::text_of(json::find(body, "path"));
  trouble.delay = std::chrono::milliseconds(json::to_uint(json::find(body, "delayMs")).value_or(0));
  trouble.error_percent = percent_of(body, "errorPercent");
  trouble.drop_percent = percent_of(body, "dropPercent");
  trouble.status = static_cast<int>(json::to_uint(json::find(body, "status")).value_or(503));
  trouble.number = static_cast<int>(json::to_uint(json::find(body, "errorNum")).value_or(0));
  if (trouble.status < 400 || trouble.status > 599) return failure(400, 10, "status must be 400 to 599");
  shared.faults.set(std::move(trouble));
  return show(shared);
}

Response trim(Shared& shared, std::vector<json::Member> const& body) {
  std::string only = json::text_of(json::find(body, "server"));
  if (!only.empty() && shared.model.find_db_server(only) == nullptr) return failure(404, 1449, "unknown server");
  for (auto const& server : shared.model.db_servers()) {
    if (only.empty() || server.id == only) shared.model.trim_to(server.id, shared.model.last_tick(server.id));
  }
  return success(json::Object());
}

Response fail_over(Shared& shared, std::vector<json::Member> const& body) {
  std::string database = json::text_of(json::find(body, "database"));
  auto const* collection = shared.model.find_collection(database, json::text_of(json::find(body, "collection")));
  if (collection == nullptr) return failure(sim::model_error(1203));
  std::vector<std::string> names;
  for (auto const& shard : collection->shards) names.push_back(shard.name);
  std::uint64_t moved = 0;
  for (auto const& name : names) moved += shared.model.fail_over(database, name) ? 1 : 0;
  return success(json::Object().number("moved", moved));
}

Response set_clock(Shared& shared, std::vector<json::Member> const& body) {
  std::string text(json::find(body, "offsetMs"));
  bool is_behind = text.starts_with("-");
  auto amount = json::to_uint(is_behind ? text.substr(1) : text);
  if (!amount) return failure(400, 10, "offsetMs must be a whole number");
  std::chrono::milliseconds offset(*amount);
  shared.clock_offset = is_behind ? -offset : offset;
  return success(json::Object());
}

Response skip_ids(Shared& shared, std::vector<json::Member> const& body) {
  auto next = json::to_uint(json::find(body, "next"));
  if (!next || *next == 0) return failure(400, 10, "next must be a number");
  shared.model.skip_ids(*next);
  return success(json::Object());
}

Response upgrade(Shared& shared, std::vector<json::Member> const& body) {
  auto version = json::text_of(json::find(body, "version"));
  if (version.empty()) return failure(400, 10, "version must be a text");
  shared.upgrade(std::move(version));
  return success(json::Object());
}

Response change_secrets(Shared& shared, std::vector<json::Member> const& body) {
  std::vector<std::string> secrets;
  for (auto secret : json::elements(json::find(body, "secrets"))) secrets.push_back(json::text_of(secret));
  bool is_fit = !secrets.empty() && !shared.secrets.empty() && std::count(secrets.begin(), secrets.end(), "") == 0;
  if (!is_fit) return failure(400, 10, "secrets must be a list of texts, and authentication be on");
  shared.secrets = std::move(secrets);
  return success(json::Object());
}

}  // namespace

Response fault_api(Shared& shared, Call const& call) {
  if (!shared.options.fault_controls) return unknown_path(call);
  if (!call.caller.is_admin()) return failure(sim::model_error(11));
  auto what = call.part(1);
  auto parsed = parse_body(call);
  auto body = json::members(parsed.is_valid ? parsed.value : "{}");
  auto const& method = call.method();
  if (what == "faults" && method == "GET") return show(shared);
  if (what == "faults" && method == "DELETE") return set(shared, {});
  if (method != "PUT" || !parsed.is_valid) return method_not_allowed();
  if (what == "faults") return set(shared, body);
  if (what == "log" && call.part(2) == "trim") return trim(shared, body);
  if (what == "fail-over") return fail_over(shared, body);
  if (what == "clock") return set_clock(shared, body);
  if (what == "secrets") return change_secrets(shared, body);
  if (what == "ids") return skip_ids(shared, body);
  if (what == "version") return upgrade(shared, body);
  return unknown_path(call);
}

}  // namespace arangosync::sandbox
