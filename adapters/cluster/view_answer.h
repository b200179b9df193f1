// Views as the `views` of a clusterInventory tell them (spec arangodb-write 5.1), as values of the
// domain. Untrusted input; never throws. Used by inventory_answer.cpp.
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

}  // namespace arangosync::cluster
