#include "adapters/rest/responses.h"

#include "adapters/rest/forms.h"

namespace arangosync::rest {

http::Response json_response(std::string json) {
  return {200, {{"Content-Type", "application/json"}}, std::move(json)};
}

http::Response text_response(std::string text, std::string_view content_type) {
  return {200, {{"Content-Type", std::string(content_type)}}, std::move(text)};
}

http::Response error_response(int status, std::string_view message) {
  return {status, {{"Content-Type", "application/json"}}, error_json(message)};
}

http::Response not_leading() { return error_response(503, "this master does not lead"); }

int status_of(master::RefusalKind kind) {
  switch (kind) {
    case master::RefusalKind::NotLeader:
      return 503;
    case master::RefusalKind::BadRequest:
      return 400;
    case master::RefusalKind::Unauthorized:
      return 401;
    case master::RefusalKind::NotFound:
      return 404;
    case master::RefusalKind::Precondition:
      return 412;
    case master::RefusalKind::Conflict:
      return 412;  // the spec's clients know no 409
    case master::RefusalKind::Late:
      return 409;  // only orders that are numbered, as ours are, can be late
  }
  return 500;
}

http::Response plain_reply(master::ReplyBody const& body) {
  if (auto const* refused = std::get_if<master::Refused>(&body)) {
    return error_response(status_of(refused->kind), refused->message);
  }
  return done_response();
}

}  // namespace arangosync::rest
