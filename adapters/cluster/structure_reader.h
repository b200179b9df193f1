// Reads the structure of a whole cluster through a Coordinator: names of databases, then one clusterInventory each
// (spec arangodb-read 4), and the list of analyzers, which no inventory tells, of those that can have any. Used for the
// source and the target alike.
#pragma once

#include "adapters/cluster/calls.h"
#include "domain/inventory/structure.h"

#include <map>
#include <mutex>
#include <optional>

namespace arangosync::cluster {

/// What was read of analyzers lately. Nobody tells that they have changed, and to ask for them at each look costs a
/// call per database; so they are asked for when anything else in the database has changed (a view that needs a new
/// one), and every 10 s. Thread-safe.
class KnownAnalyzers {
public:
  using Analyzers = std::optional<std::map<inventory::AnalyzerName, inventory::Analyzer>>;

  /// `database`: as it is now, still without analyzers. Absent: ask the server, and `keep` what it says.
  std::optional<Analyzers> find(inventory::Database const& database, Instant now) const;
  void keep(inventory::Database database, Analyzers analyzers, Instant now);
  /// Forgets databases that are gone.
  void keep_only(inventory::Structure const& structure);

private:
  struct Known {
    inventory::Database database;
    Analyzers analyzers;
    Instant read_at;
  };
  mutable std::mutex mutex_;
  std::map<DatabaseName, Known> known_;
};

/// A database that vanishes meanwhile is left out. Without `known`, what is there at this moment. A fault if the
/// Coordinators are of another cluster than at first contact (spec arangodb-read 9.6).
http::Task<Outcome<inventory::Structure>> read_structure(http::Scope& scope, Connection& connection,
                                                         KnownAnalyzers* known = nullptr);

/// Shards of one collection with their leaders, in numeric order. Fault Refresh if there is no such collection.
http::Task<Outcome<std::vector<inventory::Shard>>> read_shards(http::Scope& scope, Connection& connection,
                                                               DatabaseName database, CollectionName collection);

}  // namespace arangosync::cluster
