// Which names databases and collections may have (spec arangodb-write 6). Called by the structure calls of
// ClusterModel. That UTF-8 must be normalized (NFC) is not checked.
#pragma once

#include <string_view>

namespace arangosync::sim {

/// Traditional names are of letters, digits, '_' and '-'; extended ones of nearly everything.
enum class Naming { Traditional, ExtendedDatabases, Extended };

bool is_database_name(std::string_view name, Naming naming);
/// A leading '_' is not judged here: it makes a system collection.
bool is_collection_name(std::string_view name, Naming naming);

}  // namespace arangosync::sim
