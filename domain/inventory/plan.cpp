#include "domain/inventory/plan.h"

#include "domain/base/overloaded.h"
#include "domain/inventory/properties.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace arangosync::inventory {

namespace {

/// The steps of a plan by kind; their order within a plan is the order of these lists.
struct Draft {
  std::vector<DropIndex> drop_indexes;
  std::vector<std::pair<DropCollection, bool>> drop_collections;  ///< and whether it follows a prototype
  std::vector<DropDatabase> drop_databases;
  std::vector<CreateDatabase> create_databases;
  std::vector<std::pair<CreateCollection, std::string>> create_collections;  ///< and its source id
  std::vector<RecordOrigin> adopted;
  std::vector<ChangeCollection> changes;
  std::vector<CreateIndex> create_indexes;
};

Collection as_on_target(Collection const& source) {
  Collection collection = source;
  collection.name = target_name(source.name);
  if (!source.distribute_shards_like.empty()) {
    // The prototype of `_jobs` is made by the server under its own name; only user collections could follow a renamed
    // one.
    collection.distribute_shards_like = target_name(CollectionName(source.distribute_shards_like)).value();
  }
  return collection;
}

bool is_satellite(Collection const& collection) {
  auto const members = members_of(collection.mutable_properties);
  auto const factor = members.find("replicationFactor");
  return factor != members.end() && (factor->second == "\"satellite\"" || factor->second == "0");
}

/// The members of the source's properties that the target has otherwise, as JSON; empty if there are none.
std::string changed_properties(Collection const& wanted, Collection const& existing) {
  bool const replication_is_dictated =
      !wanted.distribute_shards_like.empty() || is_satellite(wanted) || is_satellite(existing);
  auto const others = members_of(existing.mutable_properties);
  std::string changed;
  for (auto const& [name, value] : members_of(wanted.mutable_properties)) {
    bool const is_replication = name == "replicationFactor" || name == "writeConcern" || name == "minReplicationFactor";
    if (is_replication && replication_is_dictated) continue;
    auto const other = others.find(name);
    if (other == others.end() || agree(value, other->second)) continue;
    changed += changed.empty() ? "{\"" : ",\"";
    changed.append(name).append("\":").append(value);
  }
  return changed.empty() ? changed : changed + "}";
}

std::string_view canonical_type(Index const& index) {
  if (index.type == "rocksdb") return "persistent";
  if (index.type == "zkd") return "mdi";
  if (index.type == "geo1" || index.type == "geo2") return "geo";
  return index.type;
}

/// What makes two definitions the same index to the server, as far as all types share it (spec write 4.5).
auto identity_of(Index const& index) {
  auto const members = members_of(index.definition);
  auto const value_of = [&](std::string_view name, std::string_view fallback) {
    auto const found = members.find(name);
    return std::string(found == members.end() ? fallback : found->second);
  };
  std::string_view const type = canonical_type(index);
  bool const ignores_sparse = type == "geo" || type == "fulltext";
  return std::tuple(std::string(type), value_of("fields", ""), value_of("unique", "false"),
                    ignores_sparse ? std::string() : value_of("sparse", "false"));
}

void plan_indexes(Draft& draft, DatabaseName const& database, Collection const& wanted, Collection const& existing) {
  std::vector<Index const*> surplus;
  for (Index const& index : existing.indexes) surplus.push_back(&index);
  for (Index const& index : wanted.indexes) {
    auto const same = std::find_if(surplus.begin(), surplus.end(), [&](Index const* other) {
      return identity_of(*other) == identity_of(index) && agree(index.definition, other->definition);
    });
    if (same != surplus.end()) {
      surplus.erase(same);
    } else {
      draft.create_indexes.push_back({database, wanted.name, index});
    }
  }
  for (Index const* index : surplus) draft.drop_indexes.push_back({database, wanted.name, index->id});
}

void create(Draft& draft, DatabaseName const& database, Collection const& wanted) {
  draft.create_collections.push_back({{database, wanted}, wanted.id});
  for (Index const& index : wanted.indexes) draft.create_indexes.push_back({database, wanted.name, index});
}

bool has_same_shape(Collection const& wanted, Collection const& existing) {
  return wanted.type == existing.type && wanted.distribute_shards_like == existing.distribute_shards_like &&
         agree(wanted.immutable_properties, existing.immutable_properties);
}

/// Target names of the collections of one database that have to go, whether or not they come again.
std::set<CollectionName> doomed(Database const& target, std::map<CollectionName, Collection> const& wanted,
                                Origins const& origins) {
  std::set<CollectionName> doomed;
  for (auto const& [name, existing] : target.collections) {
    auto const origin = origins.find({target.name, name});
    if (is_made_by_server(name) || (!is_replicated(existing) && origin == origins.end())) continue;
    auto const found = wanted.find(name);
    if (found == wanted.end()) {
      // A system collection that is not known to be our copy may belong to the target's own server.
      if (!existing.is_system || origin != origins.end()) doomed.insert(name);
    } else if (origin != origins.end()) {
      // A copy of this very collection cannot differ in what cannot change.
      if (origin->second != found->second.id) doomed.insert(name);
    } else if (!has_same_shape(found->second, existing)) {
      doomed.insert(name);
    }
  }
  // A prototype cannot be dropped while another collection follows it.
  for (auto const& [name, existing] : target.collections) {
    if (is_made_by_server(name) || existing.distribute_shards_like.empty()) continue;
    if (doomed.contains(CollectionName(existing.distribute_shards_like))) doomed.insert(name);
  }
  return doomed;
}

void plan_database(Draft& draft, Database const& source, Database const* target, Origins const& origins) {
  static Database const nothing;
  Database const& existing_database = target != nullptr ? *target : nothing;
  std::map<CollectionName, Collection> wanted;
  for (auto const& [name, collection] : source.collections) {
    if (!is_replicated(collection)) continue;
    Collection copy = as_on_target(collection);
    if (!is_made_by_server(copy.name)) wanted.emplace(copy.name, std::move(copy));
  }
  std::set<CollectionName> const gone =
      target != nullptr ? doomed(*target, wanted, origins) : std::set<CollectionName>();
  for (CollectionName const& name : gone) {
    Collection const& existing = existing_database.collections.at(name);
    draft.drop_collections.push_back(
        {{source.name, name, existing.is_system}, !existing.distribute_shards_like.empty()});
  }
  for (auto const& [name, collection] : wanted) {
    auto const existing = existing_database.collections.find(name);
    if (existing == existing_database.collections.end() || gone.contains(name)) {
      create(draft, source.name, collection);
      continue;
    }
    if (!origins.contains({source.name, name})) draft.adopted.push_back({source.name, name, collection.id});
    std::string changed = changed_properties(collection, existing->second);
    if (!changed.empty()) draft.changes.push_back({source.name, name, std::move(changed)});
    plan_indexes(draft, source.name, collection, existing->second);
  }
}

std::vector<Step> in_order(Draft draft) {
  // Followers go before their prototypes and come after them; documents before edges, system first (spec write 3.5).
  std::stable_sort(draft.drop_collections.begin(), draft.drop_collections.end(),
                   [](auto const& a, auto const& b) { return a.second && !b.second; });
  auto const rank = [](Collection const& c) {
    return std::tuple(!c.distribute_shards_like.empty(), !c.is_system, c.type);
  };
  std::stable_sort(draft.create_collections.begin(), draft.create_collections.end(),
                   [&](auto const& a, auto const& b) { return rank(a.first.collection) < rank(b.first.collection); });
  std::vector<Step> steps;
  for (auto& step : draft.drop_indexes) steps.emplace_back(std::move(step));
  for (auto& [step, follows] : draft.drop_collections) steps.emplace_back(std::move(step));
  for (auto& step : draft.drop_databases) steps.emplace_back(std::move(step));
  for (auto& step : draft.create_databases) steps.emplace_back(std::move(step));
  for (auto& [step, source_id] : draft.create_collections) {
    RecordOrigin origin{step.database, step.collection.name, source_id};
    steps.emplace_back(std::move(step));
    steps.emplace_back(std::move(origin));
  }
  for (auto& step : draft.adopted) steps.emplace_back(std::move(step));
  for (auto& step : draft.changes) steps.emplace_back(std::move(step));
  for (auto& step : draft.create_indexes) steps.emplace_back(std::move(step));
  return steps;
}

}  // namespace

std::vector<Step> plan(Structure const& source, Structure const& target, Origins const& origins) {
  Draft draft;
  for (auto const& [name, database] : target.databases) {
    if (!source.databases.contains(name) && name.value() != "_system") draft.drop_databases.push_back({name});
  }
  for (auto const& [name, database] : source.databases) {
    auto const existing = target.databases.find(name);
    bool const exists = existing != target.databases.end();
    if (!exists) draft.create_databases.push_back({name, database.options});
    plan_database(draft, database, exists ? &existing->second : nullptr, origins);
  }
  return in_order(std::move(draft));
}

std::string to_string(Step const& step) {
  auto const at = [](DatabaseName const& database, CollectionName const& collection) {
    return database.value() + "/" + collection.value();
  };
  return std::visit(
      overloaded{
          [&](DropIndex const& s) { return "drop index " + at(s.database, s.collection) + "/" + s.index_id; },
          [&](DropCollection const& s) { return "drop collection " + at(s.database, s.collection); },
          [&](DropDatabase const& s) { return "drop database " + s.database.value(); },
          [&](CreateDatabase const& s) { return "create database " + s.database.value(); },
          [&](CreateCollection const& s) { return "create collection " + at(s.database, s.collection.name); },
          [&](ChangeCollection const& s) { return "change collection " + at(s.database, s.collection); },
          [&](CreateIndex const& s) {
            return "create index " + at(s.database, s.collection) + "/" +
                   (s.index.name.empty() ? s.index.id : s.index.name);
          },
          [&](RecordOrigin const& s) { return "record origin of " + at(s.database, s.collection); },
      },
      step);
}

namespace {

DatabaseName const& database_of(Step const& step) {
  return std::visit([](auto const& s) -> DatabaseName const& { return s.database; }, step);
}

/// The collection on the target that a step is about; null for databases.
CollectionName const* collection_of(Step const& step) {
  return std::visit(overloaded{
                        [](DropDatabase const&) -> CollectionName const* { return nullptr; },
                        [](CreateDatabase const&) -> CollectionName const* { return nullptr; },
                        [](CreateCollection const& s) -> CollectionName const* { return &s.collection.name; },
                        [](DropIndex const& s) -> CollectionName const* { return &s.collection; },
                        [](DropCollection const& s) -> CollectionName const* { return &s.collection; },
                        [](ChangeCollection const& s) -> CollectionName const* { return &s.collection; },
                        [](CreateIndex const& s) -> CollectionName const* { return &s.collection; },
                        [](RecordOrigin const& s) -> CollectionName const* { return &s.collection; },
                    },
                    step);
}

}  // namespace

bool depends_on(Step const& step, Step const& earlier) {
  if (database_of(step) != database_of(earlier)) return false;
  bool const is_about_database =
      std::holds_alternative<CreateDatabase>(earlier) || std::holds_alternative<DropDatabase>(earlier);
  if (is_about_database) return true;
  bool const is_about_collection =
      std::holds_alternative<CreateCollection>(earlier) || std::holds_alternative<DropCollection>(earlier);
  if (!is_about_collection) return false;
  CollectionName const* const name = collection_of(step);
  if (name == nullptr) return false;
  if (*name == *collection_of(earlier)) return true;
  auto const* creation = std::get_if<CreateCollection>(&step);
  return creation != nullptr && creation->collection.distribute_shards_like == collection_of(earlier)->value();
}

}  // namespace arangosync::inventory
