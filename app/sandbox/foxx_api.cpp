// /_api/foxx: which services a Coordinator has installed, and the order to install what _apps and _appbundles hold
// (spec arangodb-write 8.3). Services never run.
#include "app/sandbox/api.h"

namespace arangosync::sandbox {
namespace {

std::vector<sim::ModelDocumentPtr> documents_of(Shared& shared, Call const& call, char const* name) {
  std::vector<sim::ModelDocumentPtr> found;
  auto const* collection = shared.model.find_collection(call.database, name);
  if (collection == nullptr) return found;
  for (auto const& shard : collection->shards) {
    for (auto const& [key, document] : *shard.documents) found.push_back(document);
  }
  return found;
}

/// A service whose bundle is not there stays as it is: the bundle may still come.
Response heal(Shared& shared, Call const& call) {
  auto& installed = shared.services[{call.server, call.database}];
  std::map<std::string, std::string> before;
  before.swap(installed);
  for (auto const& app : documents_of(shared, call, "_apps")) {
    std::string mount = json::text_of(json::find(app->text, "mount"));
    std::string checksum = json::text_of(json::find(app->text, "checksum"));
    auto const* bundles = shared.model.find_collection(call.database, "_appbundles");
    bool has_bundle = bundles != nullptr && shared.model.find_document(*bundles, checksum) != nullptr;
    if (has_bundle)
      installed[mount] = checksum;
    else if (before.contains(mount))
      installed[mount] = before[mount];
  }
  return json_answer(200, "");
}

Response list(Shared& shared, Call const& call) {
  std::vector<std::string> services;
  for (auto const& [mount, checksum] : shared.services[{call.server, call.database}]) {
    services.push_back(json::Object().text("mount", mount).text("checksum", checksum).take());
  }
  return json_answer(200, json::array(services));
}

}  // namespace

Response foxx_api(Shared& shared, Call const& call) {
  if (!call.caller.may_write()) return failure(sim::model_error(11));
  if (call.method() == "GET" && call.part(2).empty()) return list(shared, call);
  if (call.method() == "POST" && call.part(2) == "_local" && call.part(3) == "heal") return heal(shared, call);
  return unknown_path(call);
}

}  // namespace arangosync::sandbox
