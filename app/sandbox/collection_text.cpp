#include "app/sandbox/collection_text.h"

#include "adapters/sim/cluster_render.h"

#include <algorithm>
#include <array>

namespace arangosync::sandbox {
namespace {

constexpr std::array only_of_clusters = {
    "numberOfShards",       "shardKeys", "shardingStrategy", "replicationFactor",   "minReplicationFactor",
    "distributeShardsLike", "isSmart",   "isDisjoint",       "smartGraphAttribute", "smartJoinAttribute"};

bool is_shown(Dialect const& dialect, std::string_view name) {
  if (dialect.is_single_server() &&
      std::find(only_of_clusters.begin(), only_of_clusters.end(), name) != only_of_clusters.end()) {
    return false;
  }
  return !dialect.later_properties().contains(name);
}

/// The newest key that a key generator made; a single server tells.
std::uint64_t last_key_value(sim::ModelCollection const& collection) {
  std::uint64_t last = 0;
  for (auto const& shard : collection.shards) {
    for (auto const& [key, document] : *shard.documents) last = std::max(last, json::to_uint(key).value_or(0));
  }
  return last;
}

std::string key_options(Dialect const& dialect, sim::ModelCollection const& collection, std::string_view stored) {
  if (!dialect.is_single_server()) return std::string(stored);
  json::Object out;
  for (auto const& member : json::members(stored)) {
    if (member.name != "lastValue") out.raw(member.name, member.value);
  }
  return out.number("lastValue", last_key_value(collection)).take();
}

std::uint64_t bytes_in(sim::ModelCollection const& collection) {
  std::uint64_t bytes = 0;
  for (auto const& shard : collection.shards) {
    for (auto const& [key, document] : *shard.documents) bytes += document->text.size();
  }
  return bytes;
}

/// Figures of the engine MMFiles: all of one journal that nothing has been collected from.
std::string journal_figures(Shared const& shared, std::string const& indexes, std::uint64_t count,
                            std::uint64_t bytes) {
  auto counted = [](std::uint64_t number, char const* size_name, std::uint64_t size) {
    return json::Object().number("count", number).number(size_name, size);
  };
  std::string compaction = json::Object()
                               .text("message", "skipped compaction because collection has no datafiles")
                               .text("time", sim::utc_text(shared.now()))
                               .number("count", 0)
                               .number("filesCombined", 0)
                               .number("bytesRead", 0)
                               .number("bytesWritten", 0)
                               .take();
  json::Object out;
  out.raw("indexes", indexes).number("documentReferences", 0).text("waitingFor", "-");
  out.raw("alive", counted(count, "size", bytes).take());
  out.raw("dead", counted(0, "size", 0).number("deletion", 0).take());
  out.raw("compactionStatus", compaction);
  out.raw("datafiles", counted(0, "fileSize", 0).take());
  out.raw("journals", counted(count > 0 ? 1 : 0, "fileSize", count > 0 ? 33'554'432 : 0).take());
  out.raw("compactors", counted(0, "fileSize", 0).take());
  out.raw("revisions", counted(count, "size", 48'192).take());
  return out.number("lastTick", 0).number("uncollectedLogfileEntries", 0).take();
}

}  // namespace

std::string unique_id(Shared const& shared, sim::ModelCollection const& collection) {
  if (!shared.dialect.is_single_server()) return sim::unique_id(collection);
  if (collection.is_system) return collection.name;
  return sim::single_server_id(shared.model.db_servers().front(), collection);
}

json::Object collection_summary(Shared const& shared, sim::ModelCollection const& collection) {
  json::Object out;
  out.text("id", collection.id).text("name", collection.name).number("status", 3);
  out.number("type", static_cast<std::uint64_t>(collection.type)).flag("isSystem", collection.is_system);
  out.text("globallyUniqueId", unique_id(shared, collection));
  return out;
}

json::Object collection_properties(Shared const& shared, sim::ModelCollection const& collection) {
  Dialect const& dialect = shared.dialect;
  json::Object out;
  if (dialect.has_journals()) {
    out.all_of(collection_summary(shared, collection).take());
    out.text("statusString", "loaded").raw("waitForSync", collection.attributes.at("waitForSync"));
    out.raw("keyOptions", key_options(dialect, collection, collection.attributes.at("keyOptions")));
    out.flag("doCompact", true).flag("isVolatile", false).number("indexBuckets", 8).number("journalSize", 33'554'432);
    return out;
  }
  std::string all = sim::collection_properties_json(collection);
  for (auto const& member : json::members(all)) {
    if (!is_shown(dialect, member.name)) continue;
    if (member.name == "globallyUniqueId")
      out.text(member.name, unique_id(shared, collection));
    else if (member.name == "keyOptions")
      out.raw(member.name, key_options(dialect, collection, member.value));
    else
      out.raw(member.name, member.value);
  }
  bool lacks_computed_values = dialect.at_least(3, 10) && !collection.attributes.contains("computedValues");
  if (lacks_computed_values) out.raw("computedValues", "null");
  // The engine's own number for it.
  if (dialect.is_single_server()) out.text("objectId", collection.shards.front().name.substr(1));
  return out;
}

std::string collection_figures(Shared const& shared, sim::ModelCollection const& collection, bool with_details) {
  std::uint64_t count = shared.model.count(collection);
  std::string sizes = json::Object().number("count", collection.indexes.size()).number("size", 0).take();
  if (shared.dialect.has_journals()) return journal_figures(shared, sizes, count, bytes_in(collection));
  json::Object out;
  out.raw("indexes", sizes).number("documentsSize", bytes_in(collection));
  out.flag("cacheInUse", false).number("cacheSize", 0).number("cacheUsage", 0);
  if (with_details && shared.dialect.at_least(3, 8)) {
    std::vector<std::string> indexes;
    for (auto const& index : collection.indexes) {
      indexes.push_back(json::Object().text("type", index.type).raw("id", index.id).number("count", count).take());
    }
    out.raw("engine", json::Object().number("documents", count).raw("indexes", json::array(indexes)).take());
  }
  return out.take();
}

}  // namespace arangosync::sandbox
