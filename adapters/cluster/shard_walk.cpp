#include "adapters/cluster/shard_walk.h"

#include "adapters/cluster/lines.h"
#include "adapters/cluster/shard_scan.h"

#include <utility>

namespace arangosync::cluster {
namespace {

Fault again(Fault fault) {
  if (fault.fault_class == FaultClass::NotFound) fault.fault_class = FaultClass::Retry;  // a new snapshot will do
  return fault;
}

http::Task<Outcome<Done>> walk_dump(http::Scope& scope, Connection& connection, ShardScan& scan, EachKey each) {
  std::uint32_t position = 0;
  while (true) {
    auto chunk = co_await scan.next(scope, connection, std::nullopt);
    if (!chunk) co_return unexpected(chunk.error());
    if (!chunk->has_value()) co_return Done{};
    Lines lines(std::move(**chunk));
    DumpedDocument document;
    auto next = lines.next(document);
    for (; next == Lines::Next::Read; next = lines.next(document)) {
      if (!each(document.key, document.revision, position++)) co_return Done{};
    }
    if (next == Lines::Next::Broken) {
      auto const line = std::to_string(lines.line_number());
      co_return unexpected(Fault{FaultClass::Retry, "scan shard: line " + line + " is not understood"});
    }
  }
}

}  // namespace

http::Task<Outcome<Done>> walk_shard(http::Scope& scope, Connection& connection, ShardPlace place, EachKey each) {
  auto batch = co_await open_batch(scope, connection, place, std::nullopt);
  if (!batch) co_return unexpected(batch.error());
  auto opened = co_await open_keys(scope, connection, place, batch->id, std::nullopt);
  Outcome<Done> walked = Done{};
  if (!opened) walked = unexpected(opened.error());
  bool const has_keys = opened && opened->keys;
  if (has_keys) {
    auto keys = std::make_shared<ShardKeys const>(std::move(*opened->keys));
    walked = co_await walk_keys(scope, connection, place, std::move(keys), std::nullopt, each);
  }
  co_await close_batch(scope, connection, place, batch->id);
  if (!walked) co_return unexpected(again(walked.error()));
  if (has_keys) co_return Done{};
  ShardScan scan(place);
  walked = co_await walk_dump(scope, connection, scan, each);
  co_await scan.close(scope, connection);
  if (!walked) co_return unexpected(again(walked.error()));
  co_return Done{};
}

}  // namespace arangosync::cluster
