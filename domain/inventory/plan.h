// The difference of two structures as an ordered plan (spec arangodb-write 3.5, 13.1).
//
// plan() is pure: given what the source has and what the target has, it names the steps that make the target equal,
// in an order in which each can succeed: drops first (followers of a prototype before it), then databases, prototypes
// before their followers, documents before edges, indexes last. Server-made system collections are never created,
// dropped or re-sharded. A step that fails does not hold up steps that do not depend on it.
#pragma once

#include "domain/inventory/structure.h"

#include <variant>
#include <vector>

namespace arangosync::inventory {

struct CreateDatabase {
  DatabaseName database;
  std::string options;
  friend bool operator==(CreateDatabase const&, CreateDatabase const&) = default;
};
struct DropDatabase {
  DatabaseName database;
  friend bool operator==(DropDatabase const&, DropDatabase const&) = default;
};
struct CreateCollection {
  DatabaseName database;
  Collection collection;  ///< the source's definition, already under its name on the target
  friend bool operator==(CreateCollection const&, CreateCollection const&) = default;
};
struct ChangeCollection {
  DatabaseName database;
  CollectionName collection;
  std::string mutable_properties;
  friend bool operator==(ChangeCollection const&, ChangeCollection const&) = default;
};
struct DropCollection {
  DatabaseName database;
  CollectionName collection;
  bool is_system = false;
  friend bool operator==(DropCollection const&, DropCollection const&) = default;
};
struct CreateIndex {
  DatabaseName database;
  CollectionName collection;
  Index index;
  friend bool operator==(CreateIndex const&, CreateIndex const&) = default;
};
struct DropIndex {
  DatabaseName database;
  CollectionName collection;
  std::string index_id;
  friend bool operator==(DropIndex const&, DropIndex const&) = default;
};

/// The target's collection is (now known to be) the copy of source collection `source_id`.
struct RecordOrigin {
  DatabaseName database;
  CollectionName collection;  ///< name on the target
  std::string source_id;
  friend bool operator==(RecordOrigin const&, RecordOrigin const&) = default;
};

using Step = std::variant<DropIndex, DropCollection, DropDatabase, CreateDatabase, CreateCollection, ChangeCollection,
                          CreateIndex, RecordOrigin>;

/// What the target remembers of the origin of its collections: source collection id by (database, *target* name), so
/// that drop-and-recreate under the same name is seen. Unknown collections are compared by definition alone.
using Origins = std::map<std::pair<DatabaseName, CollectionName>, std::string>;

/// Steps that turn `target` into a copy of `source`; empty if there is nothing to do.
std::vector<Step> plan(Structure const& source, Structure const& target, Origins const& origins);

/// Can `step` only succeed if `earlier` did?
bool depends_on(Step const& step, Step const& earlier);

/// "create collection shop/products" for logs and traces.
std::string to_string(Step const& step);

}  // namespace arangosync::inventory
