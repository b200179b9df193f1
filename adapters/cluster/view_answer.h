// Views as the `views` of a clusterInventory tell them (spec arangodb-write 5.1), and the answer of GET /_api/analyzer
// (5.2), as values of the domain. Untrusted input; never throws. Used by inventory_answer.cpp and structure_reader.cpp.
#pragma once

#include "adapters/cluster/json_value.h"
#include "domain/inventory/structure.h"

#include <map>
#include <optional>
#include <string_view>

namespace arangosync::cluster {

/// `inventory` is the whole answer: where views name collections and indexes by their ids, as the Plan does, it tells
/// the names. Absent if it has no `views`.
std::optional<std::map<inventory::ViewName, inventory::View>> views_of(boost::json::value const& inventory);

/// The database's own analyzers: the list shows built-in ones and those of `_system`, too. Absent if that is no list.
std::optional<std::map<inventory::AnalyzerName, inventory::Analyzer>> parse_analyzers(DatabaseName const& database,
                                                                                      std::string_view body);

}  // namespace arangosync::cluster
