#include "app/replay/history.h"

namespace arangosync::replay {

void History::changed(std::string const& database, std::string const& collection, std::string const& shard,
                      std::string const& server, std::uint64_t tick, std::string const& key,
                      sim::ModelDocumentPtr const& document) {
  ++size_;
  shards_[shard][key].push_back(Change{tick, server, document ? document->revision : std::string()});
  if (document) revisions_[{database, collection, key, document->revision}] = document;
}

sim::ModelDocument const* History::find(std::string const& database, std::string const& collection,
                                        std::string const& key, std::string const& revision) const {
  auto const found = revisions_.find({database, collection, key, revision});
  return found == revisions_.end() ? nullptr : found->second.get();
}

std::map<std::string, History::Changes> const* History::of_shard(std::string const& shard) const {
  auto const found = shards_.find(shard);
  return found == shards_.end() ? nullptr : &found->second;
}

}  // namespace arangosync::replay
