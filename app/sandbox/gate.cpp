#include "app/sandbox/gate.h"

#include "adapters/x509/authorization.h"
#include "adapters/x509/jwt.h"
#include "adapters/x509/password_hash.h"
#include "domain/base/blob.h"
#include "domain/base/check.h"

#include <cstdio>

namespace arangosync::sandbox {
namespace {

constexpr Duration session{std::chrono::hours(1)};

bool is_password_of(sim::ModelDocument const& user, std::string_view password) {
  std::string_view data = json::find(user.text, "authData");
  if (json::find(data, "active") != "true") return false;
  std::string_view simple = json::find(data, "simple");
  std::string hash = json::text_of(json::find(simple, "hash"));
  std::string salt = json::text_of(json::find(simple, "salt"));
  return x509::equal_secrets(hash, x509::password_hash(salt, password));
}

std::optional<x509::Claims> verified(Shared const& shared, std::string_view token) {
  for (auto const& secret : shared.secrets) {
    if (auto claims = x509::verify_arangodb_jwt(token, secret, shared.now())) return std::move(*claims);
  }
  return std::nullopt;
}

/// The user a request proves to come from; empty if it proves nothing.
std::string proven_user(Shared& shared, Call& call) {
  std::string_view value = call.header("authorization");
  if (auto token = x509::bearer_token(value)) {
    auto claims = verified(shared, *token);
    if (!claims) return "";
    call.caller.is_superuser = claims->preferred_username.empty();
    return claims->preferred_username;
  }
  if (call.role != Role::Coordinator) return "";
  auto credentials = x509::basic_credentials(value);
  if (!credentials) return "";
  auto user = known_user(shared, credentials->user);
  bool is_right = user != nullptr && is_password_of(*user, credentials->password);
  return is_right ? credentials->user : "";
}

Response not_authorized(Shared const& shared, Call const& call) {
  Response response = failure(401, 11, "not authorized to execute this request");
  if (shared.dialect.at_least(3, 8) && call.header("x-omit-www-authenticate").empty()) {
    response.headers.push_back({"Www-Authenticate", "Bearer token_type=\"JWT\", realm=\"ArangoDB\""});
  }
  return response;
}

bool is_open_to_all(Call const& call) {
  bool is_availability = call.part(0) == "_admin" && call.part(1) == "server" && call.part(2) == "availability";
  bool is_login = call.part(0) == "_open" && call.part(1) == "auth";
  return is_availability || is_login;
}

std::string new_salt(sim::ClusterModel& model) {
  char text[16];
  std::snprintf(text, sizeof text, "%08x", static_cast<unsigned>(fnv1a_64(std::to_string(model.next_revision()))));
  return text;
}

}  // namespace

std::optional<Access> access_in(std::string_view entry) {
  std::string_view permissions = json::find(entry, "permissions");
  if (permissions.empty() || !json::find(permissions, "undefined").empty()) return std::nullopt;
  if (json::find(permissions, "write") == "true") return Access::ReadWrite;
  return json::find(permissions, "read") == "true" ? Access::ReadOnly : Access::None;
}

std::string permissions_json(Access access) {
  return json::Object().flag("read", access != Access::None).flag("write", access == Access::ReadWrite).take();
}

char const* to_text(Access access) {
  switch (access) {
    case Access::ReadWrite:
      return "rw";
    case Access::ReadOnly:
      return "ro";
    case Access::None:
      break;
  }
  return "none";
}

sim::ModelDocumentPtr known_user(Shared const& shared, std::string_view user) {
  auto found = shared.users.find(user);
  return found == shared.users.end() ? nullptr : found->second;
}

sim::ModelDocumentPtr find_user(sim::ClusterModel const& model, std::string_view user) {
  auto const* users = model.find_collection("_system", "_users");
  DC_ASSERT(users != nullptr);
  for (auto const& shard : users->shards) {
    for (auto const& [key, document] : *shard.documents) {
      if (json::text_of(json::find(document->text, "user")) == user) return document;
    }
  }
  return nullptr;
}

Access access_of(sim::ModelDocument const& user, std::string const& database) {
  std::string_view databases = json::find(user.text, "databases");
  auto access = access_in(json::find(databases, database));
  if (!access) access = access_in(json::find(databases, "*"));
  return access.value_or(Access::None);
}

Access access_of(sim::ModelDocument const& user, std::string const& database, std::string const& collection) {
  std::string_view entry = json::find(json::find(user.text, "databases"), database);
  std::string_view collections = json::find(entry, "collections");
  auto access = access_in(json::find(collections, collection));
  if (!access) access = access_in(json::find(collections, "*"));
  return access.value_or(access_of(user, database));
}

std::optional<Response> refuse_collection(Shared const& shared, Call const& call, std::string const& collection,
                                          Access needed) {
  if (call.caller.is_superuser || call.caller.is_unchecked) return std::nullopt;
  auto user = known_user(shared, call.caller.user);
  bool may = user != nullptr && access_of(*user, call.database, collection) >= needed;
  return may ? std::nullopt : std::optional(failure(sim::model_error(11)));
}

std::string auth_data(sim::ClusterModel& model, std::string_view password, bool is_active) {
  std::string salt = new_salt(model);
  std::string simple = json::Object()
                           .text("hash", x509::password_hash(salt, password))
                           .text("salt", salt)
                           .text("method", "sha256")
                           .take();
  return json::Object().flag("active", is_active).raw("simple", simple).take();
}

void create_root(Shared& shared) {
  std::string all = json::Object().raw("permissions", permissions_json(Access::ReadWrite)).take();
  std::string entry = json::Object()
                          .raw("permissions", permissions_json(Access::ReadWrite))
                          .raw("collections", json::Object().raw("*", all).take())
                          .take();
  std::string body = json::Object()
                         .text("user", "root")
                         .raw("authData", auth_data(shared.model, shared.options.root_password, true))
                         .raw("databases", json::Object().raw("_system", entry).raw("*", entry).take())
                         .raw("userData", "{}")
                         .raw("configData", "{}")
                         .take();
  auto created = shared.model.insert_one("_system", "_users", body, {});
  DC_ASSERT(created.has_value() && created->error == 0);
  shared.reload_users();
}

std::optional<Response> refuse(Shared& shared, Call& call) {
  if (is_open_to_all(call)) return std::nullopt;
  if (shared.secrets.empty()) {
    call.caller.is_unchecked = true;
  } else {
    call.caller.user = proven_user(shared, call);
    bool is_user = !call.caller.user.empty();
    // DB-Servers and agents know no users (spec arangodb-read 1.2).
    if (!call.caller.is_superuser && (!is_user || call.role != Role::Coordinator)) return not_authorized(shared, call);
    if (is_user) {
      auto user = known_user(shared, call.caller.user);
      if (user == nullptr) return not_authorized(shared, call);
      call.caller.database = access_of(*user, call.database);
      call.caller.system = access_of(*user, "_system");
      if (call.caller.database == Access::None) return not_authorized(shared, call);
    }
  }
  if (call.role == Role::Agent) return std::nullopt;
  if (shared.model.find_database(call.database) == nullptr) return failure(sim::model_error(1228));
  return std::nullopt;
}

Response authenticate(Shared& shared, Call const& call) {
  if (call.method() != "POST") return method_not_allowed();
  if (shared.secrets.empty()) return unknown_path(call);
  auto body = parse_body(call);
  if (!body.is_valid) return corrupted_json();
  std::string_view name = json::find(body.value, "username");
  std::string_view password = json::find(body.value, "password");
  if (!json::is_string(name) || !json::is_string(password)) return failure(400, 400, "bad parameter");
  std::string user = json::text_of(name);
  auto document = known_user(shared, user);
  if (document == nullptr || !is_password_of(*document, json::text_of(password))) {
    return failure(401, 401, "Wrong credentials");
  }
  std::string token = x509::user_jwt(shared.secrets.front(), user, shared.now(), session);
  return json_answer(200, json::Object().text("jwt", token).take());
}

}  // namespace arangosync::sandbox
