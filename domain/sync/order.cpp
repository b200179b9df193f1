#include "domain/sync/order.h"

#include <algorithm>

namespace arangosync::sync {

bool is_late(Endings const& endings, ShardRef const& shard, Order const& order) {
  auto const ending = endings.shards.find(shard);
  return order < (ending == endings.shards.end() ? endings.floor : ending->second);
}

void note(Endings& endings, ShardRef const& shard, Order const& order) {
  Order& kept = endings.shards.try_emplace(shard, order).first->second;
  kept = std::max(kept, order);
  if (endings.shards.size() <= endings_max) return;
  auto const oldest = std::min_element(endings.shards.begin(), endings.shards.end(),
                                       [](auto const& a, auto const& b) { return a.second < b.second; });
  endings.floor = std::max(endings.floor, oldest->second);
  endings.shards.erase(oldest);
}

}  // namespace arangosync::sync
