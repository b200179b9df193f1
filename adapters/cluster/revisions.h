// Revision trees, lists of revisions and documents by revision, of one shard in one batch (spec arangodb-read 8.3 to
// 8.5). Both sides of a comparison use them. Every call may be repeated.
#pragma once

#include "adapters/cluster/shard_place.h"
#include "domain/revision/difference.h"
#include "domain/shard/message.h"

#include <optional>
#include <string>
#include <vector>

namespace arangosync::cluster {

struct TreeAnswer {
  std::optional<revision::Tree> tree;
  std::string reason;     ///< without a tree: why, in a few words
  bool may_come = false;  ///< without a tree: another batch may have one
};
/// To be called directly after the batch was opened: a server has a tree only while its own has not moved on.
http::Task<Outcome<TreeAnswer>> read_tree(http::Scope& scope, Connection& connection, ShardPlace place,
                                          std::string batch, std::optional<Instant> deadline);

struct Revisions {
  std::vector<revision::RevisionId> ids;  ///< all of the range, ascending, up to its end or up to the last one here
  bool to_the_end = false;
};
/// At least one if there is any; as many as one answer holds.
http::Task<Outcome<Revisions>> list_revisions(http::Scope& scope, Connection& connection, ShardPlace place,
                                              std::string batch, revision::Range range,
                                              std::optional<Instant> deadline);

/// The answer's body for the first documents of these revisions, which are not empty and ascending. Nothing: the server
/// finds none of this shard by their revision.
http::Task<Outcome<std::optional<std::string>>> read_documents(http::Scope& scope, Connection& connection,
                                                               ShardPlace place, std::string batch,
                                                               std::vector<revision::RevisionId> revisions,
                                                               std::size_t bytes_max, std::optional<Instant> deadline);

}  // namespace arangosync::cluster
