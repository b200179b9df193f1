// /_api/user: users and their grants, kept as documents of _users (spec arangodb-write 7).
#include "app/sandbox/api.h"
#include "app/sandbox/gate.h"

#include "domain/base/check.h"

#include <optional>

namespace arangosync::sandbox {
namespace {

json::Object shown(sim::ModelDocument const& user) {
  std::string_view extra = json::find(user.text, "userData");
  json::Object out;
  out.raw("user", json::find(user.text, "user"));
  out.flag("active", json::find(json::find(user.text, "authData"), "active") == "true");
  out.raw("extra", json::is_object(extra) ? extra : "{}");
  return out;
}

Response list(Shared& shared) {
  std::vector<std::string> users;
  auto const* collection = shared.model.find_collection("_system", "_users");
  for (auto const& shard : collection->shards) {
    for (auto const& [key, document] : *shard.documents) users.push_back(shown(*document).take());
  }
  return success(json::Object().raw("result", json::array(users)));
}

Response create(Shared& shared, Call const& call) {
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  auto members = json::members(body.value);
  std::string name = json::text_of(json::find(members, "user"));
  if (name.empty()) return failure(400, 1700, "username is not valid");
  if (find_user(shared.model, name) != nullptr) return failure(sim::model_error(1702));
  std::string_view extra = json::find(members, "extra");
  bool is_active = json::find(members, "active") != "false";
  std::string document =
      json::Object()
          .text("user", name)
          .raw("authData", auth_data(shared.model, json::text_of(json::find(members, "passwd")), is_active))
          .raw("databases", "{}")
          .raw("userData", json::is_object(extra) ? extra : "{}")
          .raw("configData", "{}")
          .take();
  sim::WriteOptions options;
  options.caller = call.caller.model();
  auto created = shared.model.insert_one("_system", "_users", document, options);
  if (!created) return failure(created.error());
  shared.reload_users();
  return success(shown(*created->now), 201);
}

Response change(Shared& shared, Call const& call, sim::ModelDocument const& user) {
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  auto members = json::members(body.value);
  std::string_view before = json::find(user.text, "authData");
  std::string_view active = json::find(members, "active");
  bool is_active = active.empty() ? json::find(before, "active") == "true" : active == "true";
  std::string_view password = json::find(members, "passwd");
  std::string data = json::Object().flag("active", is_active).raw("simple", json::find(before, "simple")).take();
  if (json::is_string(password)) data = auth_data(shared.model, json::text_of(password), is_active);
  json::Object patch;
  patch.raw("authData", data);
  std::string_view extra = json::find(members, "extra");
  if (json::is_object(extra)) patch.raw("userData", extra);
  sim::WriteOptions options;
  options.caller = call.caller.model();
  auto changed = shared.model.update_one("_system", "_users", user.key, patch.take(), options);
  if (!changed) return failure(changed.error());
  shared.reload_users();
  return success(shown(*changed->now));
}

/// Writes a level (absent: forgets it) for a database or one of its collections.
std::optional<Response> set_grant(Shared& shared, Call const& call, sim::ModelDocument const& user,
                                  std::string const& database, std::string const& collection,
                                  std::optional<Access> access) {
  std::string level = access ? json::Object().raw("permissions", permissions_json(*access)).take() : "null";
  std::string old(json::find(json::find(user.text, "databases"), database));
  json::Object entry;
  if (collection.empty()) {
    entry.raw("permissions", access ? permissions_json(*access) : R"({"undefined":true})");
    std::string_view collections = json::find(old, "collections");
    entry.raw("collections", collections.empty() ? "{}" : collections);
  } else {
    std::string_view permissions = json::find(old, "permissions");
    entry.raw("permissions", permissions.empty() ? R"({"undefined":true})" : permissions);
    json::Object collections;
    for (auto const& member : json::members(json::find(old, "collections"))) {
      if (member.name != collection) collections.raw(member.name, member.value);
    }
    if (access) collections.raw(collection, level);
    entry.raw("collections", collections.take());
  }
  json::Object databases;
  for (auto const& member : json::members(json::find(user.text, "databases"))) {
    if (member.name != database) databases.raw(member.name, member.value);
  }
  databases.raw(database, entry.take());
  sim::WriteOptions options;
  options.caller = call.caller.model();
  options.merge_objects = false;
  std::string patch = json::Object().raw("databases", databases.take()).take();
  auto done = shared.model.update_one("_system", "_users", user.key, patch, options);
  if (!done) return failure(done.error());
  shared.reload_users();
  return std::nullopt;
}

std::string level_text(sim::ModelDocument const& user, std::string const& database, std::string const& collection) {
  return to_text(collection.empty() ? access_of(user, database) : access_of(user, database, collection));
}

std::string databases_json(Shared& shared, sim::ModelDocument const& user, bool is_full) {
  json::Object out;
  for (auto const& [name, database] : shared.model.databases()) {
    Access access = access_of(user, name);
    if (!is_full) {
      if (access != Access::None) out.text(name, to_text(access));
      continue;
    }
    json::Object collections;
    std::string_view granted = json::find(json::find(json::find(user.text, "databases"), name), "collections");
    for (auto const& [collection, definition] : database.collections) {
      auto own = access_in(json::find(granted, collection));
      collections.text(collection, own ? to_text(*own) : "undefined");
    }
    auto own = access_in(json::find(granted, "*"));
    collections.text("*", own ? to_text(*own) : "undefined");
    out.raw(name, json::Object().text("permission", to_text(access)).raw("collections", collections.take()).take());
  }
  if (is_full) {
    out.raw("*", json::Object().text("permission", to_text(access_of(user, "*"))).take());
  }
  return out.take();
}

Response grants(Shared& shared, Call const& call, sim::ModelDocument const& user) {
  std::string database(call.part(4));
  std::string collection(call.part(5));
  auto const& method = call.method();
  if (method == "GET" && database.empty()) {
    return success(json::Object().raw("result", databases_json(shared, user, call.flag("full", false))));
  }
  if (method == "GET") return success(json::Object().text("result", level_text(user, database, collection)));
  if (!call.caller.is_admin()) return failure(sim::model_error(11));
  if (database.empty()) return failure(400, 400, "bad parameter");
  bool names_nothing =
      !collection.empty() && collection != "*" && shared.model.find_collection(database, collection) == nullptr;
  if (names_nothing && shared.dialect.at_least(3, 4)) return failure(sim::model_error(1203));
  if (method == "DELETE") {
    if (auto refused = set_grant(shared, call, user, database, collection, std::nullopt)) return *refused;
    return success(json::Object(), 202);
  }
  if (method != "PUT") return method_not_allowed();
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  std::string grant = json::text_of(json::find(body.value, "grant"));
  if (grant != "rw" && grant != "ro" && grant != "none") return failure(400, 10, "bad parameter");
  Access access = grant == "rw" ? Access::ReadWrite : grant == "ro" ? Access::ReadOnly : Access::None;
  if (auto refused = set_grant(shared, call, user, database, collection, access)) return *refused;
  std::string name = collection.empty() ? database : database + "/" + collection;
  return success(json::Object().text(name, grant));
}

}  // namespace

Response user_api(Shared& shared, Call const& call) {
  auto const& method = call.method();
  std::string name(call.part(2));
  bool is_own = !call.caller.user.empty() && call.caller.user == name;
  if (!call.caller.is_admin() && !is_own) return failure(sim::model_error(11));
  if (name.empty()) {
    if (method == "GET") return list(shared);
    return method == "POST" ? create(shared, call) : method_not_allowed();
  }
  auto user = find_user(shared.model, name);
  if (user == nullptr) return failure(sim::model_error(1703));
  if (call.part(3) == "database") return grants(shared, call, *user);
  if (!call.part(3).empty()) return unknown_path(call);
  if (method == "GET") return success(shown(*user));
  if (method == "PUT" || method == "PATCH") return change(shared, call, *user);
  if (method != "DELETE") return method_not_allowed();
  sim::WriteOptions options;
  options.caller = call.caller.model();
  auto removed = shared.model.remove_one("_system", "_users", user->key, options);
  if (!removed) return failure(removed.error());
  shared.reload_users();
  return success(json::Object(), 202);
}

}  // namespace arangosync::sandbox
