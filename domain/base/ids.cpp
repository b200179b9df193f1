#include "domain/base/ids.h"

namespace arangosync {

std::string to_string(ShardRef const& shard) {
  return shard.database.value() + ":" + shard.collection.value() + ":" + std::to_string(shard.index);
}

}  // namespace arangosync
