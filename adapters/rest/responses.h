// The few shapes of our answers (spec arangosync-api 1, 1.2). For .cpp files of this room.
#pragma once

#include "adapters/http/http.h"
#include "domain/master/vocabulary.h"

#include <string>
#include <string_view>

namespace arangosync::rest {

http::Response json_response(std::string json);
http::Response text_response(std::string text, std::string_view content_type);
http::Response error_response(int status, std::string_view message);
/// The caller does better with another master.
http::Response not_leading();
inline http::Response done_response() { return json_response("{}"); }  // some callers decode it (spec 5.3)

int status_of(master::RefusalKind kind);
/// For replies that say no more than "done" or "refused"; any other body is answered with `{}` as well.
http::Response plain_reply(master::ReplyBody const& body);

}  // namespace arangosync::rest
