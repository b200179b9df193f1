#include "app/sandbox/call.h"

namespace arangosync::sandbox {

bool Call::flag(std::string_view name, bool otherwise) const {
  if (!target.has_query(name)) return otherwise;
  std::string value = query(name);
  return value == "true" || value == "1" || value == "yes" || value == "on" || value == "y";
}

std::uint64_t Call::number(std::string_view name, std::uint64_t otherwise) const {
  return json::to_uint(target.query_value(name)).value_or(otherwise);
}

Response json_answer(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers.push_back({"Content-Type", "application/json"});
  response.body = std::move(body);
  return response;
}

Response success(json::Object object, int status) {
  object.flag("error", false).number("code", static_cast<std::uint64_t>(status));
  return json_answer(status, object.take());
}

Response success(std::string const& object, int status) {
  json::Object out;
  out.all_of(object);
  return success(std::move(out), status);
}

Response failure(sim::ModelError const& error) { return failure(error.status, error.number, error.message); }

Response failure(int status, int number, std::string_view message) {
  return json_answer(status, json::Object()
                                 .number("code", static_cast<std::uint64_t>(status))
                                 .flag("error", true)
                                 .text("errorMessage", message)
                                 .number("errorNum", static_cast<std::uint64_t>(number))
                                 .take());
}

Response method_not_allowed() { return failure(405, 405, "method not supported"); }

Response of_the_server(std::string const& collection) {
  return failure(403, 11, "forbidden: " + collection + " is a hidden part of a smart graph");
}

Response unknown_path(Call const& call) {
  std::string path;
  for (auto const& part : call.path) path += '/' + part;
  return failure(404, 404, "unknown path '" + path + "'");
}

Response empty_answer(int status) {
  Response response;
  response.status = status;
  return response;
}

Body parse_body(Call const& call) { return {json::trim(call.body()), json::is_valid(call.body())}; }

Response corrupted_json() { return failure(400, 600, "VPackError error: Expecting digit"); }

}  // namespace arangosync::sandbox
