// `clusterInventory` of one database (spec arangodb-read 4.2) as a Database of the domain, without analyzers.
//
// Properties are split into those that can be changed and those that cannot (spec arangodb-write 3.1) and written as
// canonical JSON, as far as the server prints them: domain/inventory takes what only one side prints as a default. Left
// out is what moves with the data (keyOptions.lastValue) or only describes the state of an index. Untrusted input;
// never throws.
#pragma once

#include "domain/base/result.h"
#include "domain/inventory/structure.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace arangosync::cluster {

/// Left out: collections that are deleted or still being built, and our own `_arangosync_…`. Error: what is wrong with
/// the answer.
Expected<inventory::Database, std::string> parse_inventory(DatabaseName const& database, std::string_view body);

/// Shards of one collection in their numeric order, also of `_arangosync_…`; empty if the answer lacks it.
std::vector<inventory::Shard> parse_shards(CollectionName const& collection, std::string_view body);

/// The same from the answer of /_api/collection/<name>/shards?details=true (spec arangodb-read 9.9); empty if that is
/// something else.
std::vector<inventory::Shard> parse_shard_list(std::string_view body);

/// The answer of GET /_api/analyzer (spec arangodb-write 5.2): the database's own analyzers; the list shows built-in
/// ones and those of `_system`, too. Absent if that is no list.
std::optional<std::map<inventory::AnalyzerName, inventory::Analyzer>> parse_analyzers(DatabaseName const& database,
                                                                                      std::string_view body);

}  // namespace arangosync::cluster
