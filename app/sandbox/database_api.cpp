// /_api/database (spec arangodb-write 6).
#include "app/sandbox/api.h"
#include "app/sandbox/gate.h"

namespace arangosync::sandbox {
namespace {

bool may_see(Shared& shared, Call const& call, std::string const& database) {
  if (call.caller.user.empty()) return true;
  auto user = known_user(shared, call.caller.user);
  return user != nullptr && access_of(*user, database) != Access::None;
}

Response list(Shared& shared, Call const& call, bool only_own) {
  std::vector<std::string> names;
  for (auto const& [name, database] : shared.model.databases()) {
    if (!only_own || may_see(shared, call, name)) names.push_back(name);
  }
  return success(json::Object().raw("result", json::array_of_texts(names)));
}

Response current(Shared& shared, Call const& call) {
  auto const* database = shared.model.find_database(call.database);
  json::Object result;
  result.text("id", database->id).text("name", database->name);
  result.flag("isSystem", database->name == "_system");
  result.text("path", shared.dialect.has_journals() ? "/databases/database-" + database->id : "none");
  for (auto const& [name, value] : database->options) result.raw(name, value);
  return success(json::Object().raw("result", result.take()));
}

/// Users named in the request; without any, those who create a database by a password see it by their "*" grant or not
/// at all.
void add_users(Shared& shared, std::string_view users, std::string const& database) {
  for (auto entry : json::elements(users)) {
    std::string name = json::text_of(json::find(entry, "username"));
    if (name.empty()) name = json::text_of(json::find(entry, "user"));
    std::string grant =
        json::Object()
            .raw(database, json::Object().raw("permissions", permissions_json(Access::ReadWrite)).take())
            .take();
    auto existing = find_user(shared.model, name);
    if (existing != nullptr) {
      auto changed = shared.model.update_one("_system", "_users", existing->key,
                                             json::Object().raw("databases", grant).take(), {});
      static_cast<void>(changed);
      continue;
    }
    bool is_active = json::find(entry, "active") != "false";
    std::string password = json::text_of(json::find(entry, "passwd"));
    std::string body = json::Object()
                           .text("user", name)
                           .raw("authData", auth_data(shared.model, password, is_active))
                           .raw("databases", grant)
                           .raw("userData", "{}")
                           .raw("configData", "{}")
                           .take();
    auto created = shared.model.insert_one("_system", "_users", body, {});
    static_cast<void>(created);
  }
}

Response create(Shared& shared, Call const& call) {
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  auto members = json::members(body.value);
  std::string_view name = json::find(members, "name");
  if (!json::is_string(name)) return failure(sim::model_error(1229));
  std::map<std::string, std::string> options;
  for (auto const& option : json::members(json::find(members, "options"))) {
    options[option.name] = json::compact(option.value);
  }
  std::string text = json::text_of(name);
  auto created = shared.model.create_database(text, std::move(options), call.caller.model());
  if (!created) return failure(created.error());
  add_users(shared, json::find(members, "users"), text);
  shared.reload_users();
  return success(json::Object().flag("result", true), 201);
}

}  // namespace

Response database_api(Shared& shared, Call const& call) {
  auto what = call.part(2);
  if (call.method() == "GET" && what == "current") return current(shared, call);
  if (call.method() == "GET" && what == "user") return list(shared, call, true);
  bool is_list = call.method() == "GET" && what.empty();
  bool is_creation = call.method() == "POST" && what.empty();
  bool is_drop = call.method() == "DELETE" && !what.empty();
  if (!is_list && !is_creation && !is_drop) return method_not_allowed();
  if (call.database != "_system") return failure(sim::model_error(1230));
  if (is_list) return list(shared, call, false);
  if (!call.caller.is_admin()) return failure(sim::model_error(11));
  if (is_creation) return create(shared, call);
  auto dropped = shared.model.drop_database(std::string(what), call.caller.model());
  if (!dropped) return failure(dropped.error());
  return success(json::Object().flag("result", true));
}

}  // namespace arangosync::sandbox
