// One request on its way through the sandbox, and the ways to answer it in ArangoDB's forms. Called by the *_api.cpp
// files.
#pragma once

#include "adapters/http/http.h"
#include "adapters/sim/cluster_json.h"
#include "adapters/sim/cluster_types.h"
#include "app/sandbox/sandbox.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::sandbox {

namespace json = sim::json;
using http::Response;
using Role = Sandbox::Role;

/// Levels of access, in their order (spec arangodb-write 7.1).
enum class Access { None, ReadOnly, ReadWrite };

struct Caller {
  bool is_superuser = false;  ///< by a token of the servers; also not stopped by read-only mode
  bool is_unchecked = false;  ///< authentication is off
  std::string user;
  Access database = Access::None;  ///< to the database of the path
  Access system = Access::None;    ///< to _system: ReadWrite makes an administrator
  bool is_admin() const { return is_superuser || is_unchecked || system == Access::ReadWrite; }
  bool may_write() const { return is_superuser || is_unchecked || database == Access::ReadWrite; }
  sim::ModelCaller model() const { return {is_superuser}; }
};

struct Call {
  http::Request const& request;
  Role role = Role::Coordinator;
  std::string server;  ///< id of the server that was asked
  std::string database = "_system";
  std::vector<std::string> path;  ///< behind /_db/<name>: {"_api", "document", "products", "k"}
  http::Target target;
  Caller caller;

  std::string const& method() const { return request.method; }
  std::string_view part(std::size_t index) const { return index < path.size() ? path[index] : std::string_view(); }
  std::string query(std::string_view name) const { return std::string(target.query_value(name)); }
  bool flag(std::string_view name, bool otherwise) const;
  std::uint64_t number(std::string_view name, std::uint64_t otherwise) const;
  std::string_view header(std::string_view name) const { return http::header(request.headers, name); }
  std::string_view body() const { return request.body; }
};

Response json_answer(int status, std::string body);
/// The object with "error":false and "code" added.
Response success(json::Object object, int status = 200);
/// The text of an object's members, with "error":false and "code" added.
Response success(std::string const& object, int status = 200);
Response failure(sim::ModelError const& error);
Response failure(int status, int number, std::string_view message);
Response method_not_allowed();
Response unknown_path(Call const& call);
/// A hidden collection, which nobody but the server may write, change or drop.
Response of_the_server(std::string const& collection);
Response empty_answer(int status);

/// The body as a JSON value, or the answer that refuses it.
struct Body {
  std::string_view value;
  bool is_valid = false;
};
Body parse_body(Call const& call);
Response corrupted_json();

}  // namespace arangosync::sandbox
