// Keeps the target's own `root` where the source's is not to replace it (`--cluster.exclude-root-user`; spec
// arangodb-write 7.3). Used by shard_writer.cpp for batches of `_users` only.
#pragma once

#include "adapters/cluster/document_calls.h"
#include "adapters/codec/apply_plan.h"

#include <optional>
#include <string>

namespace arangosync::cluster {

/// The target's root; absent if there is none.
struct RootUser {
  std::string key;
  std::string revision;
};
http::Task<Outcome<std::optional<RootUser>>> find_root(http::Scope& scope, Connection& connection,
                                                       Destination destination);

/// Takes out of the plan what would write the source's root or touch the target's. Pure.
void leave_root_alone(codec::ApplyPlan& plan, codec::ChangesReader const& changes, std::optional<RootUser> const& root);

}  // namespace arangosync::cluster
