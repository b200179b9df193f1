#include "domain/inventory/structure.h"

#include <string_view>

namespace arangosync::inventory {

CollectionName target_name(CollectionName const& source_name) {
  // A document in a real `_jobs` would make the target's Foxx queue run it (spec write 8.2).
  std::string const& name = source_name.value();
  if (name == "_jobs" || name == "_queues") return CollectionName(name + "backup");
  return source_name;
}

bool is_replicated(Collection const& collection) {
  std::string_view const name = collection.name.value();
  if (!name.starts_with('_')) return true;
  if (name == "_frontend" || name == "_analyzers" || name.starts_with("_statistics")) return false;
  if (name.starts_with("_arangosync_")) return false;
  // In a chain the source is a target, too: its own queue takes the place that a copy of a copy would have.
  if (name == "_jobsbackup" || name == "_queuesbackup") return false;
  // Hidden parts of smart edge collections come with their parent (spec write 3.7).
  return !name.starts_with("_local_") && !name.starts_with("_from_") && !name.starts_with("_to_");
}

bool is_made_by_server(CollectionName const& name) {
  static constexpr std::string_view names[] = {"_analyzers",  "_appbundles",   "_apps",  "_aqlfunctions",
                                               "_frontend",   "_graphs",       "_jobs",  "_queues",
                                               "_statistics", "_statistics15", "_users", "_statisticsRaw"};
  for (std::string_view const known : names) {
    if (name.value() == known) return true;
  }
  return false;
}

Collection const* find(Structure const& structure, DatabaseName const& database, CollectionName const& collection) {
  auto const found_database = structure.databases.find(database);
  if (found_database == structure.databases.end()) return nullptr;
  auto const& collections = found_database->second.collections;
  auto const found = collections.find(collection);
  return found == collections.end() ? nullptr : &found->second;
}

}  // namespace arangosync::inventory
