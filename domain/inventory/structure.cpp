#include "domain/inventory/structure.h"

#include <string_view>

namespace arangosync::inventory {

CollectionName target_name(CollectionName const& source_name) {
  // A document in a real `_jobs` would make the target's Foxx queue run it (spec write 8.2).
  std::string const& name = source_name.value();
  if (name == "_jobs" || name == "_queues") return CollectionName(name + "backup");
  return source_name;
}

namespace {

constexpr std::string_view local_part = "_local_";
constexpr std::string_view to_part = "_to_";

}  // namespace

std::optional<CollectionName> whole_of(CollectionName const& name) {
  for (std::string_view const prefix : {local_part, to_part}) {
    if (name.value().starts_with(prefix)) return CollectionName(name.value().substr(prefix.size()));
  }
  return std::nullopt;
}

std::vector<CollectionName> parts_of(CollectionName const& whole) {
  return {CollectionName(std::string(local_part) + whole.value()),
          CollectionName(std::string(to_part) + whole.value())};
}

CollectionName written_name(CollectionName const& source_name) {
  auto const whole = whole_of(source_name);
  return whole ? *whole : target_name(source_name);
}

bool is_replicated(Collection const& collection) {
  std::string_view const name = collection.name.value();
  if (!name.starts_with('_')) return true;
  if (name == "_frontend" || name == "_analyzers" || name.starts_with("_statistics")) return false;
  if (name.starts_with("_arangosync_")) return false;
  // In a chain the source is a target, too: its own queue takes the place that a copy of a copy would have.
  if (name == "_jobsbackup" || name == "_queuesbackup") return false;
  return !name.starts_with("_from_");
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
