// The difference of two structures as an ordered plan (spec arangodb-write 3.5, 13.1).
//
// plan() is pure: given what the source has and what the target has, it names the steps that make the target equal,
// in an order in which each can succeed: drops first (views, followers of a prototype before it), then databases,
// analyzers, prototypes before their followers, documents before edges, indexes, arangosearch views, and last the views
// that consist of indexes. Server-made system collections are never created, dropped or re-sharded. A step that fails
// does not hold up steps that do not depend on it.
#pragma once

#include "domain/inventory/structure.h"
#include "domain/inventory/view_change.h"

#include <cstdint>
#include <map>
#include <string>
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
  std::string index_name;  ///< empty: none is known (spec arangodb-read: before 3.5)
  friend bool operator==(DropIndex const&, DropIndex const&) = default;
};

/// One of that name and another definition goes first: whether it is another one only the server can tell.
struct CreateAnalyzer {
  DatabaseName database;
  AnalyzerName name;
  Analyzer analyzer;
  friend bool operator==(CreateAnalyzer const&, CreateAnalyzer const&) = default;
};
struct DropAnalyzer {
  DatabaseName database;
  AnalyzerName name;
  friend bool operator==(DropAnalyzer const&, DropAnalyzer const&) = default;
};
struct CreateView {
  DatabaseName database;
  ViewName name;
  View view;
  friend bool operator==(CreateView const&, CreateView const&) = default;
};
struct ChangeView {
  DatabaseName database;
  ViewName name;
  ViewChange change;
  friend bool operator==(ChangeView const&, ChangeView const&) = default;
};
struct DropView {
  DatabaseName database;
  ViewName name;
  friend bool operator==(DropView const&, DropView const&) = default;
};

/// The target's collection is (now known to be) the copy of source collection `source_id`.
struct RecordOrigin {
  DatabaseName database;
  CollectionName collection;  ///< name on the target
  std::string source_id;
  friend bool operator==(RecordOrigin const&, RecordOrigin const&) = default;
};

using Step = std::variant<DropIndex, DropCollection, DropDatabase, CreateDatabase, CreateCollection, ChangeCollection,
                          CreateIndex, RecordOrigin, CreateAnalyzer, DropAnalyzer, CreateView, ChangeView, DropView>;

/// What the target remembers of the origin of its collections: source collection id by (database, *target* name), so
/// that drop-and-recreate under the same name is seen. Unknown collections are compared by definition alone.
using Origins = std::map<std::pair<DatabaseName, CollectionName>, std::string>;

/// How many copies of a shard the target can and may hold; what the source asks for is cut down or raised to that.
struct CopyLimits {
  std::uint32_t least = 1;
  std::uint32_t most = ~std::uint32_t{0};
  friend bool operator==(CopyLimits const&, CopyLimits const&) = default;
};

/// Steps that turn `target` into a copy of `source`; empty if there is nothing to do. A database that cannot be
/// synchronized on one of the sides is left as it is.
std::vector<Step> plan(Structure const& source, Structure const& target, Origins const& origins,
                       CopyLimits const& limits = {});

/// What no step will make as it is at the source, and why: by thing ("collection shop/products"), for people.
std::map<std::string, std::string> unlike_source(Structure const& source, Structure const& target,
                                                 Origins const& origins, CopyLimits const& limits = {});

/// Does every document belong to the shard of the same index on both sides? Only then its revision may be kept (spec
/// write 1.2.1).
bool have_same_shards(Collection const& source, Collection const& target);

/// Can `step` only succeed if `earlier` did?
bool depends_on(Step const& step, Step const& earlier);

/// Once `later` is done, is what `step` did before it no longer so?
bool undoes(Step const& later, Step const& step);

/// "create collection shop/products" for logs and traces.
std::string to_string(Step const& step);

}  // namespace arangosync::inventory
