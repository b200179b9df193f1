#include "adapters/cluster/vector_indexes.h"

#include "adapters/cluster/error_class.h"
#include "adapters/cluster/json_value.h"
#include "adapters/cluster/own_calls.h"
#include "adapters/cluster/own_collections.h"
#include "adapters/cluster/structure_reader.h"

#include <utility>

namespace arangosync::cluster {

http::Task<Outcome<Done>> find_documents(http::Scope& scope, Connection& connection, DatabaseName database,
                                         CollectionName collection) {
  auto shards = co_await read_shards(scope, connection, database, collection);
  if (!shards) co_return unexpected(shards.error());
  for (std::uint32_t index = 0; index < shards->size(); ++index) {
    ShardRef const shard{database, collection, index};
    auto position = co_await read_own(scope, connection, "read position of " + to_string(shard), positions_collection,
                                      position_key(shard));
    if (!position) co_return unexpected(position.error());
    if (*position && parse_position(shard, **position)) continue;
    auto const copied = std::to_string(index) + " of " + std::to_string(shards->size());
    co_return unexpected(Fault{
        FaultClass::Retry, "waits for the documents that it learns from: the first " + copied + " shards are copied"});
  }
  co_return Done{};
}

http::Task<Outcome<Done>> keep_if_trained(http::Scope& scope, Connection& connection, inventory::CreateIndex step,
                                          std::string answer, Instant deadline) {
  auto const made = parse_json(answer);
  if (!made || string_of(*made, "trainingState") != "unusable") co_return Done{};
  Call call;
  call.what = inventory::to_string(step);
  call.method = "DELETE";
  call.target = in_database(step.database, "/_api/index/" + http::percent_encode(step.collection.value()) + "/");
  auto const id = id_of(*made, "id");
  call.target += http::percent_encode(id.substr(id.find('/') == std::string::npos ? 0 : id.find('/') + 1));
  call.deadline = deadline;
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  co_return unexpected(
      Fault{FaultClass::Retry, call.what + ": the server could not train it with the documents that are there; it is "
                                           "made again later"});
}

}  // namespace arangosync::cluster
