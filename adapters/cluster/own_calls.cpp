#include "adapters/cluster/own_calls.h"

#include "adapters/cluster/bulk_answer.h"
#include "adapters/cluster/document_calls.h"
#include "adapters/cluster/error_class.h"
#include "adapters/cluster/lines.h"
#include "adapters/cluster/shard_scan.h"
#include "adapters/cluster/structure_reader.h"
#include "adapters/codec/changes.h"

#include <utility>

namespace arangosync::cluster {

DatabaseName system_database() { return DatabaseName("_system"); }

namespace {

http::Task<Outcome<Done>> create_own_collection(http::Scope& scope, Connection& connection, std::string name,
                                                Instant deadline) {
  Call call;
  call.what = "create collection _system/" + name;
  call.method = "POST";
  call.target = "/_api/collection?enforceReplicationFactor=false";
  call.body = R"({"name":")" + name + R"(","isSystem":true,"numberOfShards":1,"replicationFactor":2})";
  call.deadline = deadline;
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply) && server_error(*reply).number != error::duplicate_name) {
    co_return unexpected(fault_of(call.what, *reply));
  }
  co_return Done{};
}

}  // namespace

http::Task<Outcome<Done>> put_own(http::Scope& scope, Connection& connection, std::string collection,
                                  std::vector<OwnDocument> documents, Instant deadline) {
  codec::ChangesBuilder builder;
  for (auto const& each : documents) builder.add({codec::ChangeKind::Upsert, each.key, "", each.text});
  auto const payload = builder.finish();
  std::vector<std::uint32_t> all;
  for (std::uint32_t index = 0; index < documents.size(); ++index) all.push_back(index);
  Destination const destination{system_database(), CollectionName(collection), deadline};
  bool created = false;
  while (true) {
    auto changes = codec::ChangesReader::open(payload);
    if (!changes) co_return unexpected(Fault{FaultClass::Permanent, "write to " + collection + ": " + changes.error()});
    auto written = co_await put_documents(scope, connection, destination, std::move(*changes), all, Putting::Always);
    if (written) co_return Done{};
    if (written.error().fault_class != FaultClass::Refresh || created) co_return unexpected(written.error());
    auto made = co_await create_own_collection(scope, connection, collection, deadline);
    if (!made) co_return unexpected(made.error());
    created = true;
  }
}

http::Task<Outcome<int>> write_own(http::Scope& scope, Connection& connection, OwnWrite write) {
  Call call;
  call.what = "write a document of _system/" + write.collection;
  call.method = write.method;
  call.target = "/_api/document/" + write.collection + write.query;
  call.deadline = write.deadline;
  call.timeout = write.timeout;
  call.body = "[" + write.document + "]";
  bool created = false;
  while (true) {
    auto reply = co_await call_coordinator(scope, connection, call);
    if (!reply) co_return unexpected(reply.error());
    if (!succeeded(*reply)) {
      auto const why = server_error(*reply);
      if (why.number != error::collection_not_found || created) co_return unexpected(fault_of(call.what, why));
      auto made = co_await create_own_collection(scope, connection, write.collection, write.deadline);
      if (!made) co_return unexpected(made.error());
      created = true;
      continue;
    }
    auto const failures = parse_bulk_answer(reply->body, 1);
    if (!failures) co_return unexpected(Fault{FaultClass::Permanent, call.what + ": answer not understood"});
    if (failures->empty()) co_return 0;
    // A shard that could not be spoken to has no number.
    co_return failures->front().number != 0 ? failures->front().number : error::cluster_timeout;
  }
}

http::Task<Outcome<std::optional<std::string>>> read_own(http::Scope& scope, Connection& connection, std::string what,
                                                         std::string collection, std::string key, Duration timeout) {
  Call call;
  call.what = std::move(what);
  call.timeout = timeout;
  call.target = "/_api/document/" + collection + "/" + key;
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (succeeded(*reply)) co_return std::move(reply->body);
  auto const why = server_error(*reply);
  bool const none = why.number == error::document_not_found || why.number == error::collection_not_found;
  if (none) co_return std::optional<std::string>{};
  co_return unexpected(fault_of(call.what, why));
}

http::Task<Outcome<std::vector<std::string>>> read_all(http::Scope& scope, Connection& connection,
                                                       DatabaseName database, CollectionName collection) {
  std::vector<std::string> documents;
  auto shards = co_await read_shards(scope, connection, database, collection);
  if (!shards) {
    if (shards.error().fault_class == FaultClass::Refresh) co_return documents;  // nothing written yet
    co_return unexpected(shards.error());
  }
  for (auto const& shard : *shards) {
    ShardScan scan(leader_of(database, shard));
    while (true) {
      auto chunk = co_await scan.next(scope, connection, std::nullopt);
      if (!chunk) {
        co_await scan.close(scope, connection);
        auto fault = chunk.error();
        if (fault.fault_class == FaultClass::NotFound) fault.fault_class = FaultClass::Retry;
        co_return unexpected(std::move(fault));
      }
      if (!chunk->has_value()) break;
      Lines lines(std::move(**chunk));
      DumpedDocument document;
      while (lines.next(document) == Lines::Next::Read) documents.emplace_back(document.document);
    }
    co_await scan.close(scope, connection);
  }
  co_return documents;
}

http::Task<Outcome<Done>> delete_own(http::Scope& scope, Connection& connection, std::string collection,
                                     std::vector<std::string> keys, Instant deadline) {
  Destination const destination{system_database(), CollectionName(collection), deadline};
  auto removed = co_await delete_keys(scope, connection, destination, std::move(keys));
  // Refresh: there is no such collection, so nothing to remove either.
  if (!removed && removed.error().fault_class != FaultClass::Refresh) co_return unexpected(removed.error());
  co_return Done{};
}

}  // namespace arangosync::cluster
