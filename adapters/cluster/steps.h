// The steps of an inventory plan as calls to a Coordinator (spec arangodb-write 3 to 6). Every step is idempotent:
// what is so already counts as done. Part of TargetClusterHttp.
#pragma once

#include "adapters/cluster/calls.h"
#include "domain/inventory/plan.h"

#include <string>

namespace arangosync::cluster {

http::Task<Outcome<Done>> apply_step(http::Scope& scope, Connection& connection, inventory::Step step,
                                     Instant deadline);

// ---- request bodies; pure
// ---------------------------------------------------------------------------------------------
std::string database_body(inventory::CreateDatabase const& step);
std::string collection_body(inventory::Collection const& collection);
/// With or without the source's id and name, which another index of the target may have.
std::string index_body(inventory::Index const& index, bool with_id, bool with_name);
std::string analyzer_body(inventory::AnalyzerName const& name, inventory::Analyzer const& analyzer);
std::string view_body(inventory::ViewName const& name, inventory::View const& view);
std::string view_change_body(inventory::ViewChange const& change);

}  // namespace arangosync::cluster
