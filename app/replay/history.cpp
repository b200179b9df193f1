#include "app/replay/history.h"

namespace arangosync::replay {

namespace {

std::string place(std::string const& database, std::string const& collection, std::string const& key) {
  return database + '/' + collection + '/' + key;
}

}  // namespace

void History::record(sim::ClusterModel& cluster) {
  cluster.watch([this, &cluster](std::string const& database, sim::ModelCollection const& collection,
                                 sim::ModelShard const& shard, std::vector<sim::LoggedChange> const& changes) {
    std::string const& server = shard.servers.front();
    std::uint64_t const tick = cluster.last_tick(server);
    Shard& keys = shards_[shard.name];
    auto& logged = logged_[{shard.name, server}];
    auto& timeline = timelines_[shard.name];
    for (sim::LoggedChange const& change : changes) {
      sim::ModelDocument const& document = *change.document;
      ++size_;
      Changes& changes_of_key = keys[document.key];
      timeline.push_back(Moment{cluster.now(), document.key, changes_of_key.size()});
      std::string const revision = change.is_removal ? std::string() : document.revision;
      changes_of_key.push_back(Change{tick, server, revision});
      logged.push_back(Logged{tick, document.key});
      if (change.is_removal) continue;
      revisions_[place(database, collection.name, document.key)][document.revision] = change.document;
    }
  });
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

std::vector<History::Logged> const* History::logged(std::string const& shard, std::string const& server) const {
  auto const found = logged_.find({shard, server});
  return found == logged_.end() ? nullptr : &found->second;
}

std::vector<History::Moment> const* History::timeline(std::string const& shard) const {
  auto const found = timelines_.find(shard);
  return found == timelines_.end() ? nullptr : &found->second;
}

}  // namespace arangosync::replay
