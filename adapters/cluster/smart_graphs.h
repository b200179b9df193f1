// What the documents of SmartGraphs (`_graphs`) say of their own cluster: `initialCid` is the id of the collection that
// `initial` names. In a copy it must be the id here, or servers before 3.12.1 refuse to change the graph (spec
// arangodb-write 8.2).
//
// Used after documents of `_graphs` were written, before their batch counts as applied, and after a smart collection
// was made, which may come later than the graph. The revision stays the source's, so that comparisons by revision find
// both sides equal and nobody brings the source's id back. Idempotent.
#pragma once

#include "adapters/cluster/calls.h"

#include <optional>
#include <string>
#include <string_view>

namespace arangosync::cluster {

/// Looks at all graphs of the database. A graph whose collection is not here yet is left as it is.
http::Task<Outcome<Done>> settle_graph_ids(http::Scope& scope, Connection& connection, DatabaseName database,
                                           Instant deadline);

// ---- pure
// ---------------------------------------------------------------------------------------------------------------
/// The name of the collection whose id the graph's document holds; absent: it holds none.
std::optional<std::string> initial_collection(std::string_view document);
/// The document with that id, in the form (number or text) that it had; absent: it is there already.
std::optional<std::string> with_initial_id(std::string_view document, std::string_view id);

}  // namespace arangosync::cluster
