// A shard's keys, revisions and documents by the keys protocol (spec arangodb-read 8.6), which servers of all versions
// speak, and a DB-Server's Coordinators pass on from 3.8 on: for shards that keep no revision tree. Both sides of a
// comparison use it.
//
// A list ends with its batch and is not closed by itself: one call fewer, and no doubt what an old server closes with
// it. Whoever opens it keeps the batch alive. Every call may be repeated.
#pragma once

#include "adapters/cluster/shard_list.h"
#include "adapters/cluster/shard_place.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace arangosync::cluster {

/// An open list: chunks of chunk_size keys, in the order of the keys, as they were when the batch was opened.
struct ShardKeys {
  std::string id;
  std::vector<std::string> lows;  ///< the first key of each chunk

  static constexpr std::uint32_t chunk_size = 10'000;
};

/// For a chunk's `type`, "keys" or "docs".
std::string keys_target(ShardPlace const& place, ShardKeys const& keys, std::size_t chunk, std::string_view type);

struct KeysAnswer {
  std::optional<ShardKeys> keys;
  std::string reason;           ///< without: why the server does not list them, in a few words
  std::uint64_t documents = 0;  ///< as the server counts
};
/// Fault NotFound: the batch is gone.
http::Task<Outcome<KeysAnswer>> open_keys(http::Scope& scope, Connection& connection, ShardPlace place,
                                          std::string batch, std::optional<Instant> deadline);

/// Is told key, revision and place of a document. False: that is enough.
using EachKey = std::function<bool(std::string_view, std::string_view, std::uint32_t)>;
/// All documents, by ascending key. Places count from 0; those of one chunk follow each other.
http::Task<Outcome<Done>> walk_keys(http::Scope& scope, Connection& connection, ShardPlace place,
                                    std::shared_ptr<ShardKeys const> keys, std::optional<Instant> deadline,
                                    EachKey each);

/// A shard's list, and the way from a revision in it to the document.
struct KeyedList {
  ShardList list;
  std::shared_ptr<ShardKeys const> keys;

  KeyedList(ListRoom& room, revision::RevisionId origin) : list(room, origin) {}
};

/// Why the shard cannot be compared by its list; empty: it can. `is_complete`: there was room for everything. Fault
/// Retry: there would be, were it not for others.
Outcome<std::string> finish_list(ShardPlace const& place, ShardList& list, bool is_complete);

struct ListAnswer {
  std::shared_ptr<KeyedList const> list;
  std::string reason;  ///< without: why, in a few words
};
/// Fault Retry: there is no room now.
http::Task<Outcome<ListAnswer>> list_by_keys(http::Scope& scope, Connection& connection, ShardPlace place,
                                             std::string batch, ListRoom& room, revision::RevisionId origin);

/// The same as read_documents(), of a list: the text of an array with the first documents of these revisions, which are
/// not empty and ascending. Fault NotFound: one of them is not in the snapshot any more, as that is gone.
http::Task<Outcome<std::string>> read_listed_documents(http::Scope& scope, Connection& connection, ShardPlace place,
                                                       std::shared_ptr<KeyedList const> list,
                                                       std::vector<revision::RevisionId> revisions,
                                                       std::size_t bytes_max);

}  // namespace arangosync::cluster
