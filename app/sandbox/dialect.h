// What distinguishes the answers of one ArangoDB from those of another: its version, whether it is a single server or a
// cluster, and its storage engine. Such differences are decided here and in collection_text.h, by facts of the specs
// arangodb-read and arangodb-write and of recorded answers; the *_api.cpp files ask which version it is at least.
//
// Called by the *_api.cpp files and Sandbox. Pure.
#pragma once

#include "adapters/sim/cluster_names.h"
#include "adapters/sim/cluster_types.h"
#include "app/sandbox/sandbox.h"

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace arangosync::sandbox {

class Dialect {
public:
  explicit Dialect(Options const& options);

  bool at_least(unsigned major, unsigned minor) const;
  bool is_single_server() const { return is_single_server_; }
  /// Single servers before 3.4 came with the engine MMFiles, which has journals; clusters are imitated with RocksDB.
  bool has_journals() const { return is_single_server_ && !at_least(3, 4); }

  /// Which calls below /_api/replication Coordinators pass on (spec arangodb-read 1.5.1; 3.6 and 3.7 are a guess).
  bool passes_on(std::string_view what) const;
  /// logger-follow and its relatives ended with 3.12.9.
  bool is_gone(std::string_view what) const;
  /// Servers from 3.12.10 on make a vector index that could learn nothing, and say so (spec arangodb-write 4.3).
  bool takes_untrained_indexes() const { return at_least(3, 13) || (at_least(3, 12) && patch_ >= 10); }

  /// JavaScript answered much of the API of 3.3 and named no database in Location.
  bool locates_by_database() const { return at_least(3, 4); }
  /// Coordinators tell shards and the one that is responsible for a key since 3.5 (general knowledge, decision 0017).
  bool tells_places() const { return !is_single_server_ && at_least(3, 5); }
  /// Properties of collections that came with a later version.
  std::set<std::string, std::less<>> const& later_properties() const { return later_properties_; }
  sim::Naming naming() const { return naming_; }
  /// Collections that every database has.
  std::vector<std::string> system_collections() const;
  /// What /_api/engine tells.
  std::string engine_json() const;

  /// How this version would have sent the answer: type of its content, words of its errors.
  void translate(http::Response& response) const;

private:
  std::string error_text(int number, int status, std::string const& text) const;
  /// The error object, or the array of such items, in this version's words.
  std::string translated(std::string_view value, int status) const;

  unsigned major_ = 3;
  unsigned minor_ = 9;
  unsigned patch_ = 0;
  bool is_single_server_ = false;
  std::set<std::string, std::less<>> later_properties_;
  sim::Naming naming_ = sim::Naming::Traditional;
};

}  // namespace arangosync::sandbox
