#include "adapters/codec/apply_plan.h"

#include "domain/batch/batch.h"

#include <utility>

namespace arangosync::codec {
namespace {

batch::Kind kind_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::Upsert:
      return batch::Kind::Upsert;
    case ChangeKind::Remove:
      return batch::Kind::Remove;
    case ChangeKind::Truncate:
      return batch::Kind::Truncate;
    case ChangeKind::RemoveRevision:
      return batch::Kind::RemoveRevision;
  }
  return batch::Kind::Upsert;
}

}  // namespace

ApplyPlan plan_batch(ChangesReader const& changes) {
  std::vector<batch::Change> kinds_and_keys;
  kinds_and_keys.reserve(changes.size());
  for (std::uint32_t index = 0; index < changes.size(); ++index) {
    auto const change = changes[index];
    kinds_and_keys.push_back({kind_of(change.kind), change.key});
  }
  auto selection = batch::last_change_per_key(kinds_and_keys);
  ApplyPlan plan;
  plan.truncate = selection.truncate;
  plan.upserts = std::move(selection.upserts);
  for (auto const index : selection.removals) plan.removals.emplace_back(changes[index].key);
  for (auto const index : selection.by_revision) plan.by_revision.emplace_back(changes[index].revision);
  return plan;
}

}  // namespace arangosync::codec
