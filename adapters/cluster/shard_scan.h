// Reads all documents of one shard through a Coordinator: a batch of its own on the shard's leader, dumped chunk by
// chunk (spec arangodb-read 5.1). Used on the target, for surplus removal, truncation of one shard of many, and our own
// small collections. Not thread-safe: one coroutine at a time.
#pragma once

#include "adapters/cluster/shard_place.h"

#include <optional>
#include <string>
#include <utility>

namespace arangosync::cluster {

class ShardScan {
public:
  explicit ShardScan(ShardPlace place) : place_(std::move(place)) {}

  /// The lines of the next chunk (lines.h), or nothing at the end. Fault NotFound: the scan is broken, make a new one.
  http::Task<Outcome<std::optional<std::string>>> next(http::Scope& scope, Connection& connection,
                                                       std::optional<Instant> deadline);
  /// Deletes the batch; failures are ignored, it ends by itself.
  http::Task<Done> close(http::Scope& scope, Connection& connection);

private:
  ShardPlace const place_;
  std::string batch_;
  std::uint64_t counter_ = 0;
  bool ended_ = false;
};

}  // namespace arangosync::cluster
