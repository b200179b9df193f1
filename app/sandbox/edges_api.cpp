// /_api/edges: the edges of one vertex.
#include "app/sandbox/api.h"

namespace arangosync::sandbox {
namespace {

enum class Direction { Any, In, Out };

std::optional<Direction> direction_of(Call const& call) {
  std::string text = call.query("direction");
  if (text.empty() || text == "any") return Direction::Any;
  if (text == "in") return Direction::In;
  if (text == "out") return Direction::Out;
  return std::nullopt;
}

std::vector<std::string> edges_of(sim::ClusterModel const& model, sim::ModelCollection const& collection,
                                  std::string const& vertex, Direction direction) {
  std::vector<std::string> found;
  for (auto const* shard : model.shards_of(collection)) {
    for (auto const& [key, edge] : *shard->documents) {
      auto members = json::members(edge->text);
      bool leaves = json::text_of(json::find(members, "_from")) == vertex && direction != Direction::In;
      bool arrives = json::text_of(json::find(members, "_to")) == vertex && direction != Direction::Out;
      if (leaves || arrives) found.push_back(edge->text);
    }
  }
  return found;
}

}  // namespace

Response edges_api(Shared& shared, Call const& call) {
  if (call.method() != "GET") return method_not_allowed();
  std::string name(call.part(2));
  auto const* collection = shared.model.find_collection(call.database, name);
  if (collection == nullptr) return failure(sim::model_error(1203, sim::model_error(1203).message + ": " + name));
  if (collection->type != 3) return failure(400, 1218, "invalid collection type");
  auto direction = direction_of(call);
  if (!direction) return failure(400, 400, "<direction> must by any, in, or out, not: " + call.query("direction"));
  std::string vertex = call.query("vertex");
  if (vertex.empty()) return failure(400, 1205, "illegal document identifier");
  auto edges = edges_of(shared.model, *collection, vertex, *direction);
  // Before it became a query it counted by itself.
  std::string statistics = shared.dialect.at_least(3, 8)
                               ? query_statistics(shared.dialect, edges.size())
                               : json::Object().number("scannedIndex", edges.size()).number("filtered", 0).take();
  return success(json::Object().raw("edges", json::array(edges)).raw("stats", statistics));
}

}  // namespace arangosync::sandbox
