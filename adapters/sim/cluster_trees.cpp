// Revision trees of the cluster model, computed from a snapshot's documents whenever one is asked for (spec
// arangodb-read 8). Nothing is kept for them, so a run that compares nothing pays nothing.
#include "adapters/sim/cluster_log.h"
#include "adapters/sim/cluster_model.h"
#include "adapters/sim/cluster_snapshot.h"

#include <algorithm>

namespace arangosync::sim {
namespace {

using revision::RevisionId;

/// As a server asks it; collections from before 3.8 lack both properties for ever.
bool keeps_revisions(ModelCollection const& collection) {
  auto const is_set = [&](char const* name) {
    auto const found = collection.attributes.find(name);
    return found != collection.attributes.end() && found->second == "true";
  };
  return is_set("syncByRevision") && is_set("usesRevisionsAsDocumentIds");
}

bool is_before(ModelDocumentPtr const& document, RevisionId id) { return document->revision_number < id.value(); }

}  // namespace

ModelResult<std::vector<ModelDocumentPtr>> ClusterModel::documents_by_revision(std::string const& server,
                                                                               std::string const& database,
                                                                               std::string const& id,
                                                                               std::string const& shard) {
  std::size_t index = 0;
  ModelCollection const* collection = find_shard(database, shard, &index);
  if (!options_.revision_trees || (collection != nullptr && !keeps_revisions(*collection))) {
    return unexpected(ModelError{501, 9, "this collection doesn't support revision-based replication"});
  }
  if (auto* snapshot = snapshots_->find(server, database, id, now())) {
    auto const* cursor = Snapshots::cursor(*snapshot, shard);
    if (cursor == nullptr) return unexpected(model_error(1203));
    note_use(server, database, snapshot->client, snapshot->tick, snapshot->expires);
    return cursor->documents;
  }
  if (!options_.reads_on_without_snapshot) return unexpected(ModelError{404, 400, "did not find batch"});
  if (collection == nullptr) return unexpected(model_error(1203));
  auto const& held = collection->shards[index];
  if (std::find(held.servers.begin(), held.servers.end(), server) == held.servers.end()) {
    return unexpected(model_error(1203));
  }
  return Snapshots::by_revision(*held.documents);
}

ModelResult<revision::Tree> ClusterModel::revision_tree(std::string const& server, std::string const& database,
                                                        std::string const& id, std::string const& shard) {
  // Unlike the other calls this one notices that the snapshot is gone.
  bool const is_open = snapshots_->find(server, database, id, now()) != nullptr;
  if (options_.revision_trees && !is_open) {
    std::string const why = "could not generate revision tree: did not find batch";
    return unexpected(options_.reads_on_without_snapshot ? ModelError{500, 4, why} : ModelError{404, 400, why});
  }
  auto documents = documents_by_revision(server, database, id, shard);
  if (!documents) return unexpected(documents.error());
  ModelError const not_at_hand{500, 4, "could not generate revision tree"};
  if (hidden_trees_ > 0) {
    --hidden_trees_;
    return unexpected(not_at_hand);
  }
  revision::Tree tree;
  for (auto const& document : *documents) {
    if (!tree.insert(RevisionId(document->revision_number))) return unexpected(not_at_hand);
  }
  return tree;
}

ModelResult<ClusterModel::RevisionLists> ClusterModel::revisions_in(std::string const& server,
                                                                    std::string const& database, std::string const& id,
                                                                    std::string const& shard,
                                                                    revision::Ranges const& ranges, RevisionId resume) {
  auto documents = documents_by_revision(server, database, id, shard);
  if (!documents) return unexpected(documents.error());
  RevisionLists answer;
  std::size_t room = options_.revisions_per_answer;
  for (auto const& range : ranges) {
    if (range.last < resume) continue;
    auto& list = answer.lists.emplace_back();
    auto at = std::lower_bound(documents->begin(), documents->end(), std::max(range.first, resume), is_before);
    for (; at != documents->end() && (*at)->revision_number <= range.last.value(); ++at, --room) {
      RevisionId const found((*at)->revision_number);
      if (room == 0) {
        answer.resume = found;
        return answer;
      }
      list.push_back(found);
    }
  }
  return answer;
}

ModelResult<std::vector<ModelDocumentPtr>> ClusterModel::documents_of(std::string const& server,
                                                                      std::string const& database,
                                                                      std::string const& id, std::string const& shard,
                                                                      std::vector<RevisionId> const& revisions) {
  auto documents = documents_by_revision(server, database, id, shard);
  if (!documents) return unexpected(documents.error());
  std::vector<ModelDocumentPtr> found;
  for (auto const revision : revisions) {
    auto const at = std::lower_bound(documents->begin(), documents->end(), revision, is_before);
    bool const is_there = at != documents->end() && (*at)->revision_number == revision.value();
    found.push_back(is_there ? *at : nullptr);
  }
  return found;
}

}  // namespace arangosync::sim
