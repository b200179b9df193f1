#include "domain/inventory/plan.h"

#include "domain/base/overloaded.h"
#include "domain/inventory/properties.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <tuple>

namespace arangosync::inventory {

namespace {

/// The steps of a plan by kind; their order within a plan is the order of these lists.
struct Draft {
  std::vector<std::pair<DropView, bool>> drop_views;  ///< and whether it consists of indexes
  std::vector<DropIndex> drop_indexes;
  std::vector<std::pair<DropCollection, bool>> drop_collections;  ///< and whether it follows a prototype
  std::vector<DropAnalyzer> drop_analyzers;
  std::vector<DropDatabase> drop_databases;
  std::vector<CreateDatabase> create_databases;
  std::vector<CreateAnalyzer> create_analyzers;
  std::vector<std::pair<CreateCollection, std::string>> create_collections;  ///< and its source id
  std::vector<RecordOrigin> adopted;
  std::vector<ChangeCollection> changes;
  std::vector<CreateIndex> create_indexes;
  std::vector<std::pair<Step, bool>> views;  ///< made or changed, and whether it consists of indexes
};

constexpr std::string_view alias_type = "search-alias";

std::optional<std::uint32_t> number_of(std::string_view object, std::string_view name) {
  auto const members = members_of(object);
  auto const found = members.find(name);
  if (found == members.end()) return std::nullopt;
  std::uint32_t number = 0;
  auto const* const end = found->second.data() + found->second.size();
  auto const [last, failed] = std::from_chars(found->second.data(), end, number);
  return failed == std::errc{} && last == end ? std::optional(number) : std::nullopt;
}

/// Properties whose number of copies is within the limits. "satellite", also written 0, means all servers, anywhere.
std::string fitted(std::string const& properties, CopyLimits const& limits) {
  auto const copies = number_of(properties, "replicationFactor");
  if (!copies || *copies == 0) return properties;
  std::uint32_t const held = std::max(std::min(*copies, limits.most), limits.least);
  std::string text;
  for (auto const& [name, value] : members_of(properties)) {
    text += text.empty() ? "{\"" : ",\"";
    text.append(name).append("\":");
    bool const is_concern = name == "writeConcern" || name == "minReplicationFactor";
    bool const is_too_much = is_concern && number_of(properties, name).value_or(0) > held;
    text += name == "replicationFactor" || is_too_much ? std::to_string(held) : std::string(value);
  }
  return text + "}";
}

Collection as_on_target(Collection const& source, CopyLimits const& limits) {
  Collection collection = source;
  collection.mutable_properties = fitted(source.mutable_properties, limits);
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

/// Its edges lie in parts, it has no shards of its own (spec arangodb-write 3.7).
bool is_virtual(Collection const& collection) {
  if (collection.type != 3 || !collection.shards.empty()) return false;
  auto const members = members_of(collection.immutable_properties);
  auto const smart = members.find("isSmart");
  return smart != members.end() && smart->second == "true";
}

bool has_parts(Database const& database, CollectionName const& whole) {
  auto const parts = parts_of(whole);
  return std::any_of(parts.begin(), parts.end(),
                     [&](CollectionName const& part) { return database.collections.contains(part); });
}

constexpr char const* edges_are_not_told =
    "holds edges of a smart graph, of which the source's workers do not tell where they lie: run the same version of "
    "arangosync in both datacenters";
constexpr char const* part_is_missing =
    "holds edges of a smart graph at the source, and the server here has not made it: it must be an Enterprise Edition "
    "that makes the same smart graphs";

/// The members of the source's properties that the target has otherwise, as JSON; empty if there are none.
std::string changed_properties(Collection const& wanted, Collection const& existing) {
  bool const replication_is_dictated =
      !wanted.distribute_shards_like.empty() || is_satellite(wanted) || is_satellite(existing);
  return differing_members(wanted.mutable_properties, existing.mutable_properties, [&](std::string_view name) {
    bool const is_replication = name == "replicationFactor" || name == "writeConcern" || name == "minReplicationFactor";
    return is_replication && replication_is_dictated;
  });
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
      // Views refer to inverted indexes by their names.
      bool const has_its_name = index.type != "inverted" || index.name == other->name;
      return has_its_name && identity_of(*other) == identity_of(index) && agree(index.definition, other->definition);
    });
    if (same != surplus.end()) {
      surplus.erase(same);
    } else {
      draft.create_indexes.push_back({database, wanted.name, index});
    }
  }
  for (Index const* index : surplus) draft.drop_indexes.push_back({database, wanted.name, index->id, index->name});
}

void create(Draft& draft, DatabaseName const& database, Collection const& wanted) {
  draft.create_collections.push_back({{database, wanted}, wanted.id});
  for (Index const& index : wanted.indexes) draft.create_indexes.push_back({database, wanted.name, index});
}

bool has_same_shape(Collection const& wanted, Collection const& existing) {
  return wanted.type == existing.type && wanted.distribute_shards_like == existing.distribute_shards_like &&
         agree(wanted.immutable_properties, existing.immutable_properties);
}

/// Recorded as a copy of this very collection, and it cannot be: a backup of the target was brought back between the
/// look that found the copy, or the creation, and the record of its origin (simulation seed 10175).
bool is_mistaken(Collection const& wanted, Collection const& existing) {
  if (!existing.is_system && wanted.type != existing.type) return true;
  bool const is_settled = wanted.is_ready && existing.is_ready && !wanted.shards.empty() && !existing.shards.empty();
  bool const is_free = !existing.is_system && existing.distribute_shards_like.empty();
  return is_settled && is_free && wanted.shards.size() != existing.shards.size();
}

/// Target names of the collections of one database that have to go, whether or not they come again.
std::set<CollectionName> doomed(Database const& target, std::map<CollectionName, Collection> const& wanted,
                                Origins const& origins) {
  std::set<CollectionName> doomed;
  for (auto const& [name, existing] : target.collections) {
    auto const origin = origins.find({target.name, name});
    bool const goes_with_another = is_made_by_server(name) || whole_of(name);
    if (goes_with_another || (!is_replicated(existing) && origin == origins.end())) continue;
    auto const found = wanted.find(name);
    if (found == wanted.end()) {
      // A system collection that is not known to be our copy may belong to the target's own server.
      if (!existing.is_system || origin != origins.end()) doomed.insert(name);
    } else if (origin != origins.end()) {
      // A copy of this very collection cannot differ in what cannot change, whatever the server calls it.
      bool const is_other = origin->second != found->second.id || is_mistaken(found->second, existing);
      if (is_other) doomed.insert(name);
    } else if (!has_same_shape(found->second, existing)) {
      doomed.insert(name);
    }
  }
  // A prototype cannot be dropped while another collection follows it.
  for (auto const& [name, existing] : target.collections) {
    if (is_made_by_server(name) || whole_of(name) || existing.distribute_shards_like.empty()) continue;
    if (doomed.contains(CollectionName(existing.distribute_shards_like))) doomed.insert(name);
  }
  return doomed;
}

void plan_analyzers(Draft& draft, Database const& source, Database const& target) {
  if (!source.analyzers) return;
  static std::map<AnalyzerName, Analyzer> const none;
  auto const& existing = target.analyzers ? *target.analyzers : none;
  for (auto const& [name, analyzer] : *source.analyzers) {
    auto const found = existing.find(name);
    bool const is_there = found != existing.end() && found->second.type == analyzer.type &&
                          agree(analyzer.definition, found->second.definition);
    if (!is_there) draft.create_analyzers.push_back({source.name, name, analyzer});
  }
  for (auto const& [name, analyzer] : existing) {
    if (!source.analyzers->contains(name)) draft.drop_analyzers.push_back({source.name, name});
  }
}

View as_on_target(View const& source) {
  View view = source;
  view.links.clear();
  view.indexes.clear();
  for (auto const& [collection, link] : source.links) view.links.emplace(target_name(collection), link);
  for (auto const& [collection, index] : source.indexes) view.indexes.insert({target_name(collection), index});
  return view;
}

/// What the draft's drops leave of a view: links and entries go with what they lead to.
View left_of(View view, Draft const& draft, Database const& target, std::set<CollectionName> const& gone) {
  std::erase_if(view.links, [&](auto const& link) { return gone.contains(link.first); });
  std::set<ViewedIndex> dropped;
  for (DropIndex const& drop : draft.drop_indexes) {
    if (drop.database != target.name) continue;
    for (Index const& index : target.collections.at(drop.collection).indexes) {
      if (index.id == drop.index_id) dropped.insert({drop.collection, index.name});
    }
  }
  std::erase_if(view.indexes,
                [&](ViewedIndex const& entry) { return gone.contains(entry.collection) || dropped.contains(entry); });
  return view;
}

void plan_views(Draft& draft, Database const& source, Database const& target, std::set<CollectionName> const& gone) {
  if (!source.views) return;
  static std::map<ViewName, View> const none;
  auto const& existing = target.views ? *target.views : none;
  for (auto const& [name, view] : existing) {
    auto const found = source.views->find(name);
    bool const stays = found != source.views->end() && can_become(found->second, view);
    if (!stays) draft.drop_views.push_back({{source.name, name}, view.type == alias_type});
  }
  for (auto const& [name, source_view] : *source.views) {
    View const wanted = as_on_target(source_view);
    bool const is_alias = wanted.type == alias_type;
    auto const found = existing.find(name);
    if (found == existing.end() || !can_become(wanted, found->second)) {
      draft.views.emplace_back(CreateView{source.name, name, wanted}, is_alias);
      continue;
    }
    ViewChange change = change_of(wanted, left_of(found->second, draft, target, gone));
    if (!change.empty()) draft.views.emplace_back(ChangeView{source.name, name, std::move(change)}, is_alias);
  }
}

/// Parts come and go with the whole; only of what they are copies is to be known. `made`: this plan makes the whole.
void plan_part(Draft& draft, Database const& target, DatabaseName const& database, Collection const& part,
               Origins const& origins, bool made) {
  if (!made && !target.collections.contains(part.name)) return;
  auto const origin = origins.find({database, part.name});
  bool const is_known = origin != origins.end() && origin->second == part.id;
  if (made || !is_known) draft.adopted.push_back({database, part.name, part.id});
}

void plan_database(Draft& draft, Database const& source, Database const* target, Origins const& origins,
                   CopyLimits const& limits) {
  static Database const nothing;
  Database const& existing_database = target != nullptr ? *target : nothing;
  std::map<CollectionName, Collection> wanted;
  for (auto const& [name, collection] : source.collections) {
    if (!is_replicated(collection)) continue;
    Collection copy = as_on_target(collection, limits);
    if (!is_made_by_server(copy.name) && !whole_of(copy.name)) wanted.emplace(copy.name, std::move(copy));
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
  for (auto const& [name, collection] : source.collections) {
    auto const whole = whole_of(name);
    if (!whole || !wanted.contains(*whole)) continue;
    bool const is_made = !existing_database.collections.contains(*whole) || gone.contains(*whole);
    plan_part(draft, existing_database, source.name, collection, origins, is_made);
  }
  plan_analyzers(draft, source, existing_database);
  plan_views(draft, source, existing_database, gone);
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
  // What consists of indexes goes before all other views and comes after them.
  std::stable_sort(draft.drop_views.begin(), draft.drop_views.end(),
                   [](auto const& a, auto const& b) { return a.second && !b.second; });
  std::stable_sort(draft.views.begin(), draft.views.end(),
                   [](auto const& a, auto const& b) { return !a.second && b.second; });
  std::vector<Step> steps;
  for (auto& [step, is_alias] : draft.drop_views) steps.emplace_back(std::move(step));
  for (auto& step : draft.drop_indexes) steps.emplace_back(std::move(step));
  for (auto& [step, follows] : draft.drop_collections) steps.emplace_back(std::move(step));
  for (auto& step : draft.drop_analyzers) steps.emplace_back(std::move(step));
  for (auto& step : draft.drop_databases) steps.emplace_back(std::move(step));
  for (auto& step : draft.create_databases) steps.emplace_back(std::move(step));
  for (auto& step : draft.create_analyzers) steps.emplace_back(std::move(step));
  for (auto& [step, source_id] : draft.create_collections) {
    RecordOrigin origin{step.database, step.collection.name, source_id};
    steps.emplace_back(std::move(step));
    steps.emplace_back(std::move(origin));
  }
  for (auto& step : draft.adopted) steps.emplace_back(std::move(step));
  for (auto& step : draft.changes) steps.emplace_back(std::move(step));
  for (auto& step : draft.create_indexes) steps.emplace_back(std::move(step));
  for (auto& [step, is_alias] : draft.views) steps.push_back(std::move(step));
  return steps;
}

}  // namespace

std::vector<Step> plan(Structure const& source, Structure const& target, Origins const& origins,
                       CopyLimits const& limits) {
  Draft draft;
  for (auto const& [name, database] : target.databases) {
    if (!source.databases.contains(name) && name.value() != "_system") draft.drop_databases.push_back({name});
  }
  for (auto const& [name, database] : source.databases) {
    auto const existing = target.databases.find(name);
    bool const exists = existing != target.databases.end();
    if (!database.unfit.empty() || (exists && !existing->second.unfit.empty())) continue;
    if (!exists) draft.create_databases.push_back({name, fitted(database.options, limits)});
    plan_database(draft, database, exists ? &existing->second : nullptr, origins, limits);
  }
  return in_order(std::move(draft));
}

bool have_same_shards(Collection const& source, Collection const& target) {
  if (source.shards.size() != target.shards.size()) return false;
  if (source.shards.size() <= 1) return true;
  auto const wanted = members_of(source.immutable_properties);
  auto const existing = members_of(target.immutable_properties);
  for (std::string_view const name : {"shardKeys", "shardingStrategy"}) {
    auto const mine = wanted.find(name);
    auto const other = existing.find(name);
    bool const is_told = mine != wanted.end() && other != existing.end();
    if (is_told && !agree(mine->second, other->second)) return false;
  }
  return true;
}

std::map<std::string, std::string> unlike_source(Structure const& source, Structure const& target,
                                                 Origins const& origins, CopyLimits const& limits) {
  std::map<std::string, std::string> unlike;
  for (auto const& [database_name, database] : source.databases) {
    auto const twin = target.databases.find(database_name);
    if (twin != target.databases.end() && !twin->second.unfit.empty()) {
      unlike["database " + database_name.value()] = "here " + twin->second.unfit;
    }
    if (!database.unfit.empty()) unlike["database " + database_name.value()] = database.unfit;
    for (auto const& [name, collection] : database.collections) {
      if (!is_replicated(collection)) continue;
      CollectionName const on_target = target_name(name);
      std::string const what = "collection " + database_name.value() + "/" + on_target.value();
      auto const* const copy = find(target, database_name, on_target);
      auto const origin = origins.find({database_name, on_target});
      bool const is_copy = is_made_by_server(on_target) || (origin != origins.end() && origin->second == collection.id);
      bool const is_kept = copy != nullptr && is_copy && !is_mistaken(collection, *copy);
      if (is_kept && !have_same_shards(collection, *copy)) {
        unlike[what] = "is sharded in another way than at the source, so its documents are not copied; drop it here";
        continue;
      }
      bool const is_part_of_copy =
          whole_of(name) && twin != target.databases.end() && twin->second.collections.contains(*whole_of(name));
      if (is_part_of_copy && copy == nullptr) unlike[what] = part_is_missing;
      if (is_virtual(collection) && !has_parts(database, name)) unlike[what] = edges_are_not_told;
      if (whole_of(name) || unlike.contains(what)) continue;
      auto const copies = number_of(collection.mutable_properties, "replicationFactor");
      if (is_made_by_server(on_target) || !collection.distribute_shards_like.empty() || !copies) continue;
      if (*copies > limits.most) {
        unlike[what] = "keeps " + std::to_string(limits.most) + " copies of a shard instead of " +
                       std::to_string(*copies) + ": the target can hold no more; add DB-Servers or allow more";
      }
    }
  }
  return unlike;
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
          [&](CreateAnalyzer const& s) { return "create analyzer " + s.database.value() + "::" + s.name.value(); },
          [&](DropAnalyzer const& s) { return "drop analyzer " + s.database.value() + "::" + s.name.value(); },
          [&](CreateView const& s) { return "create view " + s.database.value() + "/" + s.name.value(); },
          [&](ChangeView const& s) { return "change view " + s.database.value() + "/" + s.name.value(); },
          [&](DropView const& s) { return "drop view " + s.database.value() + "/" + s.name.value(); },
      },
      step);
}

namespace {

DatabaseName const& database_of(Step const& step) {
  return std::visit([](auto const& s) -> DatabaseName const& { return s.database; }, step);
}

/// Does the step need this collection to be there, or its name to be free?
bool is_about(Step const& step, CollectionName const& collection) {
  return std::visit(
      overloaded{
          [](DropDatabase const&) { return false; },
          [](CreateDatabase const&) { return false; },
          [&](CreateCollection const& s) {
            return s.collection.name == collection || s.collection.distribute_shards_like == collection.value();
          },
          [&](DropIndex const& s) { return s.collection == collection; },
          [&](DropCollection const& s) { return s.collection == collection; },
          [&](ChangeCollection const& s) { return s.collection == collection; },
          [&](CreateIndex const& s) { return s.collection == collection; },
          [&](RecordOrigin const& s) { return s.collection == collection || whole_of(s.collection) == collection; },
          [](CreateAnalyzer const&) { return false; },
          [](DropAnalyzer const&) { return false; },
          [&](CreateView const& s) {
            bool const has_entry =
                std::any_of(s.view.indexes.begin(), s.view.indexes.end(),
                            [&](ViewedIndex const& entry) { return entry.collection == collection; });
            return s.name.value() == collection.value() || s.view.links.contains(collection) || has_entry;
          },
          [&](ChangeView const& s) {
            bool const has_entry =
                std::any_of(s.change.added.begin(), s.change.added.end(),
                            [&](ViewedIndex const& entry) { return entry.collection == collection; });
            return s.change.links.contains(collection) || has_entry;
          },
          [](DropView const&) { return false; },
      },
      step);
}

bool uses(Step const& step, AnalyzerName const& analyzer) {
  auto const in_links = [&](std::map<CollectionName, std::string> const& links) {
    return std::any_of(links.begin(), links.end(),
                       [&](auto const& link) { return mentions(link.second, analyzer.value()); });
  };
  if (auto const* view = std::get_if<CreateView>(&step)) return in_links(view->view.links);
  if (auto const* view = std::get_if<ChangeView>(&step)) return in_links(view->change.links);
  auto const* index = std::get_if<CreateIndex>(&step);
  return index != nullptr && index->index.type == "inverted" && mentions(index->index.definition, analyzer.value());
}

bool uses(Step const& step, ViewedIndex const& index) {
  if (auto const* view = std::get_if<CreateView>(&step)) return view->view.indexes.contains(index);
  auto const* view = std::get_if<ChangeView>(&step);
  return view != nullptr && view->change.added.contains(index);
}

bool takes_name_of(Step const& step, ViewName const& view) {
  if (auto const* creation = std::get_if<CreateView>(&step)) return creation->name == view;
  auto const* creation = std::get_if<CreateCollection>(&step);
  return creation != nullptr && creation->collection.name.value() == view.value();
}

bool takes_name_of(Step const& step, DropIndex const& drop) {
  auto const* creation = std::get_if<CreateIndex>(&step);
  bool const is_there = creation != nullptr && creation->collection == drop.collection;
  return is_there && !drop.index_name.empty() && creation->index.name == drop.index_name;
}

bool makes_index_of(Step const& step, CollectionName const& collection) {
  auto const* creation = std::get_if<CreateIndex>(&step);
  return creation != nullptr && creation->collection == collection;
}

bool is_drop(Step const& step) {
  return std::holds_alternative<DropDatabase>(step) || std::holds_alternative<DropCollection>(step) ||
         std::holds_alternative<DropView>(step);
}

/// The one makes what the other removes.
bool are_opposite(Step const& drop, Step const& creation) {
  if (auto const* index = std::get_if<DropIndex>(&drop)) {
    auto const* made = std::get_if<CreateIndex>(&creation);
    return made != nullptr && made->collection == index->collection && made->index.id == index->index_id;
  }
  auto const* analyzer = std::get_if<DropAnalyzer>(&drop);
  auto const* made = std::get_if<CreateAnalyzer>(&creation);
  return analyzer != nullptr && made != nullptr && made->name == analyzer->name;
}

}  // namespace

bool depends_on(Step const& step, Step const& earlier) {
  if (database_of(step) != database_of(earlier)) return false;
  return std::visit(overloaded{
                        [](CreateDatabase const&) { return true; },
                        [](DropDatabase const&) { return true; },
                        [&](CreateCollection const& e) { return is_about(step, e.collection.name); },
                        [&](DropCollection const& e) { return is_about(step, e.collection); },
                        [](ChangeCollection const&) { return false; },
                        [&](CreateIndex const& e) {
                          return uses(step, ViewedIndex{e.collection, e.index.name});
                        },
                        [&](DropIndex const& e) { return takes_name_of(step, e); },
                        // Until it is known whose copy it is, it may yet be adopted as another one's.
                        [&](RecordOrigin const& e) { return makes_index_of(step, e.collection); },
                        [&](CreateAnalyzer const& e) { return uses(step, e.name); },
                        [](DropAnalyzer const&) { return false; },
                        [](CreateView const&) { return false; },
                        [](ChangeView const&) { return false; },
                        [&](DropView const& e) { return takes_name_of(step, e.name); },
                    },
                    earlier);
}

bool undoes(Step const& later, Step const& step) {
  if (database_of(later) != database_of(step)) return false;
  return (is_drop(step) && depends_on(later, step)) || (is_drop(later) && depends_on(step, later)) ||
         are_opposite(later, step) || are_opposite(step, later);
}

}  // namespace arangosync::inventory
