#include "app/replay/history.h"

#include <algorithm>

namespace arangosync::replay {

namespace {

std::string place(std::string const& database, std::string const& collection, std::string const& key) {
  return database + '/' + collection + '/' + key;
}

}  // namespace

void History::record(sim::ClusterModel& cluster) {
  cluster.watch([this, &cluster](std::string const& database, sim::ModelCollection const& collection,
                                 sim::ModelShard const& shard, std::vector<sim::LoggedChange> const& changes) {
    for (sim::LoggedChange const& change : changes) {
      sim::ModelDocument const& document = *change.document;
      note(cluster, shard, document.key, change.is_removal ? std::string() : document.revision, 0);
      if (change.is_removal) continue;
      revisions_[place(database, collection.name, document.key)][document.revision] = change.document;
    }
  });
}

void History::note(sim::ClusterModel const& cluster, sim::ModelShard const& shard, std::string const& key,
                   std::string const& revision, std::uint64_t ticks_later) {
  std::string const& server = shard.servers.front();
  std::uint64_t const tick = cluster.last_tick(server) + ticks_later;
  ++size_;
  Changes& changes_of_key = shards_[shard.name][key];
  timelines_[shard.name].push_back(Moment{cluster.now(), key, changes_of_key.size()});
  changes_of_key.push_back(Change{tick, server, era_, revision});
  logged_[{shard.name, server, era_}].push_back(Logged{tick, key});
}

void History::restored(sim::ClusterModel const& cluster) {
  ++era_;
  for (auto const& server : cluster.db_servers()) eras_[server.id].push_back(server.reboot_id);
  note_differences(cluster, 0);
}

// A position from when the new leader led before may speak of the end of its log as it still is.
void History::lost(sim::ClusterModel const& cluster) { note_differences(cluster, 1); }

void History::note_differences(sim::ClusterModel const& cluster, std::uint64_t ticks_later) {
  for (auto const& [name, database] : cluster.databases()) {
    for (auto const& [collection_name, collection] : database.collections) {
      for (auto const& shard : collection->shards) {
        auto const known = shards_.find(shard.name);
        if (known == shards_.end()) continue;
        for (auto const& [key, changes] : known->second) {
          auto const document = shard.documents->find(key);
          std::string const revision = document == shard.documents->end() ? std::string() : document->second->revision;
          if (revision != changes.back().revision) note(cluster, shard, key, revision, ticks_later);
        }
      }
    }
  }
}

std::uint32_t History::era_of(std::string const& server, std::uint64_t boot) const {
  auto const eras = eras_.find(server);
  if (eras == eras_.end()) return 0;
  auto const later = std::upper_bound(eras->second.begin(), eras->second.end(), boot);
  return static_cast<std::uint32_t>(later - eras->second.begin());
}

sim::ModelDocument const* History::find(std::string const& database, std::string const& collection,
                                        std::string const& key, std::string const& revision) const {
  auto const known = revisions_.find(place(database, collection, key));
  if (known == revisions_.end()) return nullptr;
  auto const found = known->second.find(revision);
  return found == known->second.end() ? nullptr : found->second.get();
}

History::Shard const* History::of_shard(std::string const& shard) const {
  auto const found = shards_.find(shard);
  return found == shards_.end() ? nullptr : &found->second;
}

std::vector<History::Logged> const* History::logged(std::string const& shard, std::string const& server,
                                                    std::uint32_t era) const {
  auto const found = logged_.find({shard, server, era});
  return found == logged_.end() ? nullptr : &found->second;
}

std::vector<History::Moment> const* History::timeline(std::string const& shard) const {
  auto const found = timelines_.find(shard);
  return found == timelines_.end() ? nullptr : &found->second;
}

}  // namespace arangosync::replay
