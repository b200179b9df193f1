// Bulk deletes and bulk replaces of documents through a Coordinator, item by item accounted for (spec
// arangodb-write 1.1 to 1.9, 1.13). Part of TargetClusterHttp. Every call is idempotent and bound to the effect's
// deadline.
#pragma once

#include "adapters/cluster/calls.h"
#include "adapters/codec/changes.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace arangosync::cluster {

/// Where documents go, and until when.
struct Destination {
  DatabaseName database;
  CollectionName collection;  ///< the target's name
  Instant deadline;
};
std::string to_string(Destination const& destination);

/// Splits by number and retries what may be retried; a key that is gone already is fine. How many were there.
http::Task<Outcome<std::uint32_t>> delete_keys(http::Scope& scope, Connection& connection, Destination destination,
                                               std::vector<std::string> keys);

struct KeyedRevision {
  std::string key;
  std::string revision;
};
struct RevisionRemoval {
  std::uint32_t removed = 0;
  std::uint32_t conflicts = 0;  ///< locked, or of another revision by now
};
/// Removes documents that still have these revisions; at most as many as one request holds.
http::Task<Outcome<RevisionRemoval>> delete_revisions(http::Scope& scope, Connection& connection,
                                                      Destination destination, std::vector<KeyedRevision> documents);

/// UnlessNewer: where the documents may be behind what is there already (a log that is read again), one that wants a
/// unique value of a newer document is left out. It has given that value up by then: its own newer change is there, or
/// comes.
enum class Putting { Always, UnlessNewer };

/// Inserts or replaces the changes with these indexes, revisions included; returns how many. A document that takes a
/// unique value which another one still holds: the whole order is tried again, then the other one is removed; it comes
/// back, if it should, with its own newer change (in this batch or later in the stream, spec 1.13).
http::Task<Outcome<std::uint32_t>> put_documents(http::Scope& scope, Connection& connection, Destination destination,
                                                 codec::ChangesReader changes, std::vector<std::uint32_t> indexes,
                                                 Putting how);

/// Empties a collection that has only one shard.
http::Task<Outcome<Done>> truncate_collection(http::Scope& scope, Connection& connection, Destination destination);

}  // namespace arangosync::cluster
