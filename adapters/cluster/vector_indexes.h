// Vector indexes (3.12.4 on) learn from the documents that are there when they are made (spec arangodb-write 3.5, 4.3):
// made before the copy of their collection is complete, they fail or stay unusable. Part of the steps of a plan
// (steps.h), which are tried again and named in the status until then.
#pragma once

#include "adapters/cluster/calls.h"
#include "domain/inventory/plan.h"

#include <string>

namespace arangosync::cluster {

inline constexpr char const* vector_type = "vector";

/// Are all shards of the collection copied, as their stored positions tell? A fault to try again if not.
http::Task<Outcome<Done>> find_documents(http::Scope& scope, Connection& connection, DatabaseName database,
                                         CollectionName collection);

/// `answer`: of the call that made the index. Servers from 3.12.10 on take one that has learned nothing: it is dropped,
/// and that is a fault to try again.
http::Task<Outcome<Done>> keep_if_trained(http::Scope& scope, Connection& connection, inventory::CreateIndex step,
                                          std::string answer, Instant deadline);

}  // namespace arangosync::cluster
