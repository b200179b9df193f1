// Reads the structure of a whole cluster through a Coordinator: names of databases, then one clusterInventory each
// (spec arangodb-read 4), and the list of analyzers, which no inventory tells, of those that can have any. Used for the
// source and the target alike.
#pragma once

#include "adapters/cluster/calls.h"
#include "domain/inventory/structure.h"

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

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

/// A database that vanishes meanwhile is left out. Without `known`, what is there at this moment.
http::Task<Outcome<inventory::Structure>> read_structure(http::Scope& scope, Connection& connection,
                                                         KnownAnalyzers* known = nullptr);

/// Which databases and collections a source had when it was read last. Thread-safe.
class LastStructure {
public:
  bool is_empty() const;
  bool is_all_in(inventory::Structure const& structure) const;
  void keep(inventory::Structure const& structure);
  /// Something is gone, and whose structure it is cannot be found out: for how long that has been so by now.
  Duration doubt(Instant now);

private:
  using Ids = std::set<std::pair<DatabaseName, std::string>>;  // of collections; empty: the database itself
  static Ids ids_of(inventory::Structure const& structure);

  mutable std::mutex mutex_;
  Ids ids_;
  std::optional<Instant> doubted_since_;
};

/// As read_structure. What the target has and the source has not is dropped there: where something is gone since the
/// last look, a fault if another cluster answers now (0034), and for up to a minute if that cannot be found out.
http::Task<Outcome<inventory::Structure>> read_source(http::Scope& scope, Connection& connection, KnownAnalyzers& known,
                                                      LastStructure& last);

/// Shards of one collection with their leaders, in numeric order. Fault Refresh if there is no such collection.
http::Task<Outcome<std::vector<inventory::Shard>>> read_shards(http::Scope& scope, Connection& connection,
                                                               DatabaseName database, CollectionName collection);

}  // namespace arangosync::cluster
