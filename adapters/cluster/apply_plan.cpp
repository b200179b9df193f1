#include "adapters/cluster/apply_plan.h"

#include <map>
#include <string_view>

namespace arangosync::cluster {

ApplyPlan plan_batch(codec::ChangesReader const& changes) {
  ApplyPlan plan;
  std::uint32_t first = 0;
  for (std::uint32_t index = 0; index < changes.size(); ++index) {
    if (changes[index].kind != codec::ChangeKind::Truncate) continue;
    plan.truncate = true;
    first = index + 1;
  }
  std::map<std::string_view, std::uint32_t> last;
  for (auto index = first; index < changes.size(); ++index) last[changes[index].key] = index;
  for (auto index = first; index < changes.size(); ++index) {
    auto const change = changes[index];
    if (last[change.key] != index) continue;
    if (change.kind == codec::ChangeKind::Upsert) {
      plan.upserts.push_back(index);
    } else if (!plan.truncate) {  // an emptied shard has nothing to remove
      plan.removals.emplace_back(change.key);
    }
  }
  return plan;
}

}  // namespace arangosync::cluster
