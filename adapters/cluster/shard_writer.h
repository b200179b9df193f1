// Applies batches of changes to target shards and removes what a full copy did not bring (spec arangodb-write 13.2).
// Part of TargetClusterHttp, in whose scope everything runs. Thread-safe; batches of one shard never overlap (the
// domain's duty).
#pragma once

#include "adapters/cluster/calls.h"
#include "adapters/cluster/copies.h"
#include "adapters/cluster/document_calls.h"
#include "adapters/cluster/revision_removals.h"
#include "domain/worker/vocabulary.h"

namespace arangosync::cluster {

class ShardWriter {
public:
  /// `keeps_root`: the target's user root is neither replaced by the source's nor removed.
  ShardWriter(http::Scope& scope, Connection& connection, bool keeps_root)
      : scope_(scope), connection_(connection), keeps_root_(keeps_root), removals_(scope, connection) {}

  http::Task<Outcome<worker::ApplyReport>> apply(worker::ApplyBatch effect);
  http::Task<Outcome<std::uint64_t>> remove_surplus(worker::RemoveSurplus effect);
  void forget(worker::CopyId copy) { copies_.forget(copy); }

private:
  /// `kept`: key of a document that stays; empty: none.
  http::Task<Outcome<std::uint32_t>> empty_shard(ShardRef shard, Destination destination, std::string kept);
  http::Task<Outcome<inventory::Shard>> find_shard(ShardRef shard);
  http::Task<Outcome<Done>> scan_for_surplus(worker::RemoveSurplus effect, Copies::Removal& removal);

  http::Scope& scope_;
  Connection& connection_;
  bool const keeps_root_;
  Copies copies_;
  RevisionRemovals removals_;
};

}  // namespace arangosync::cluster
