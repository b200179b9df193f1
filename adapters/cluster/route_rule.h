// Which routes to the source's DB-Servers a worker may take (`--cluster.read-route`); ReadRoutes obeys it.
#pragma once

#include <optional>
#include <string_view>

namespace arangosync::cluster {

/// Coordinator: no call to a DB-Server, whether the log can be read without one or not.
enum class RouteRule { Auto, Direct, Coordinator };

/// "auto", "direct", "coordinator".
inline std::optional<RouteRule> route_rule(std::string_view text) {
  if (text == "auto") return RouteRule::Auto;
  if (text == "direct") return RouteRule::Direct;
  if (text == "coordinator") return RouteRule::Coordinator;
  return std::nullopt;
}

}  // namespace arangosync::cluster
