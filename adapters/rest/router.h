// Tables of routes: method and path pattern, the rights that open it, who has to answer, and what is done.
#pragma once

#include "adapters/http/http.h"
#include "adapters/rest/rights.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::rest {

/// One request on its way through a handler.
struct Context {
  http::Request request;
  http::Target target;
  std::vector<std::string> path;  ///< what stood for the "{}" of the pattern, decoded
  Caller caller;
  http::Responder respond;
  bool by_token = false;  ///< let in by caller.token alone, whatever else the caller has shown
};

enum class Answerer { Anybody, Leader };

struct Route {
  std::string_view method;
  std::string_view pattern;  ///< "/_api/task/id/{}"
  Rights rights = anyone;    ///< any one of them suffices
  Answerer answerer = Answerer::Anybody;
  std::function<void(Context)> handle;
};

/// The first route that fits, or null; `path` takes what stood for the "{}".
Route const* find_route(std::vector<Route> const& routes, std::string_view method,
                        std::vector<std::string> const& segments, std::vector<std::string>& path);

/// Whether each part may be an id or a name of ArangoDB's: valid UTF-8 of at most 1 KiB without control characters and
/// slashes. What is kept goes into keys of the agency and into JSON.
bool are_names(std::vector<std::string> const& path);

/// A shard index or null.
std::optional<std::uint32_t> parse_index(std::string_view text);
/// path[first] database, path[first + 1] collection, path[first + 2] index.
std::optional<ShardRef> parse_shard(std::vector<std::string> const& path, std::size_t first);

}  // namespace arangosync::rest
