#include "adapters/rest/common_routes.h"

#include "adapters/rest/responses.h"

namespace arangosync::rest {

std::vector<Route> common_routes(CommonAnswers answers_in, Rights watchers, Rights version_too) {
  auto const answers = std::make_shared<CommonAnswers const>(std::move(answers_in));  // shared by the five handlers
  std::vector<Route> routes;
  auto add = [&](std::string_view pattern, Rights rights, std::function<void(Context)> handle) {
    routes.push_back({"GET", pattern, rights, Answerer::Anybody, std::move(handle)});
  };
  add("/_api/version", watchers | version_too,
      [answers](Context c) { c.respond(json_response(to_json(answers->version))); });
  add("/_api/role", watchers, [answers](Context c) { c.respond(json_response(role_json(answers->role))); });
  add("/_api/health", watchers, [answers](Context c) {
    answers->health([respond = std::move(c.respond)](std::string const& trouble) {
      respond(trouble.empty() ? done_response() : error_response(503, trouble));
    });
  });
  add("/metrics", watchers,
      [answers](Context c) { c.respond(text_response(answers->metrics_text(), "text/plain; version=0.0.4")); });
  add("/metrics.json", watchers, [answers](Context c) { c.respond(json_response(answers->metrics_json())); });
  // Agents before 3.12 call back what an original had asked them to watch; they cannot authenticate, and we poll.
  routes.push_back(
      {"POST", "/_api/agency/cb/{}", anyone, Answerer::Anybody, [](Context c) { c.respond(done_response()); }});
  return routes;
}

http::Responder counted(http::Responder respond, ports::Telemetry& telemetry) {
  return [respond = std::move(respond), &telemetry](http::Response response) {
    telemetry.count("arangosync_http_requests", {{"status", std::to_string(response.status / 100) + "xx"}});
    respond(std::move(response));
  };
}

}  // namespace arangosync::rest
