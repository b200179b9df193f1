#include "app/replay/checkers.h"

#include <algorithm>

namespace arangosync::replay {

Checkers::Checkers(sim::World& world, sim::SimCluster& source, sim::SimCluster& target, History const& history)
    : world_(world), source_(source), target_(target), history_(history) {
  target_.on_apply = [this](sim::Process const& by, ShardRef const& shard) { applied(by.name(), shard); };
}

// ---- while it happens ---------------------------------------------------------------------------------------------

void Checkers::saved(sim::Datacenter datacenter, std::string const& master, Term term, std::uint64_t first_sequence,
                     std::uint64_t events) {
  Saves& saves = saves_[datacenter];
  auto const [known, is_new] = saves.leaders.try_emplace(term, master);
  if (known->second != master) {
    throw Violation("two masters saved in term " + std::to_string(term.value()) + ": " + known->second + " and " +
                    master);
  }
  if (!saves.leaders.empty() && saves.leaders.rbegin()->first > term) {
    throw Violation(master + " saved in term " + std::to_string(term.value()) + " after a later term had saved");
  }
  if (first_sequence <= saves.last_sequence) {
    throw Violation(master + " saved journal entry " + std::to_string(first_sequence) + " a second time");
  }
  saves.last_sequence = first_sequence + events - 1;
}

void Checkers::task_started(std::string const& worker, task::Spec const& spec) {
  if (spec.kind == task::Kind::ReceiveShard && spec.shard) started_[{worker, *spec.shard}] = world_.now();
}

void Checkers::applied(std::string const& worker, ShardRef const& shard) {
  auto& last = last_applied_[shard];
  Instant const started = started_[{worker, shard}];
  for (auto const& [other, at] : last) {
    if (other != worker && at > started) {
      throw Violation(worker + " still writes " + to_string(shard) + ", which " + other + " has taken over");
    }
  }
  last[worker] = world_.now();
}

// ---- every few seconds --------------------------------------------------------------------------------------------

void Checkers::check_target() const {
  check_documents();
  for (auto const& [shard, position] : target_.positions) check_position(shard, position);
}

void Checkers::check_documents() const {
  for (auto const& [database_name, database] : target_.model->databases()) {
    for (auto const& [name, collection] : database.collections) {
      if (collection->is_system) continue;
      for (auto const& shard : collection->shards) {
        for (auto const& [key, document] : *shard.documents) {
          sim::ModelDocument const* const known = history_.find(database_name, name, key, document->revision);
          if (known == nullptr) {
            throw Violation("the target has " + database_name + "/" + name + "/" + key +
                            " in a revision the source never had");
          }
          if (known->text != document->text) {
            throw Violation("the target's text of " + database_name + "/" + name + "/" + key +
                            " differs from the source's");
          }
        }
      }
    }
  }
}

void Checkers::check_position(ShardRef const& shard, shard::Position const& position) const {
  auto const* const changes = history_.of_shard(position.shard.value());
  if (changes == nullptr) return;
  // A position speaks of a shard's life on the source; once that is over it is void (domain/shard/position.h).
  auto const* const source = source_.model->find_collection(shard.database.value(), shard.collection.value());
  if (source == nullptr || shard.index >= source->shards.size()) return;
  if (source->shards[shard.index].name != position.shard.value()) return;
  // The collection on the target may still be the one of an earlier life: the inventory receiver is about to drop it,
  // with its positions and whatever was written into it (simulation seed 7).
  auto const origin = target_.origins.find({shard.database, shard.collection});
  if (origin == target_.origins.end() || origin->second != source->id) return;
  auto const* const target =
      target_.model->find_collection(shard.database.value(), inventory::target_name(shard.collection).value());
  if (target == nullptr) return;
  for (auto const& [key, all] : *changes) {
    auto last = all.end();
    for (auto change = all.begin(); change != all.end(); ++change) {
      if (change->server == position.server.value() && change->tick <= position.from.value()) last = change;
    }
    if (last == all.end()) continue;
    auto const document = target_.model->find_document(*target, key);
    std::string const revision = document ? document->revision : std::string();
    bool const is_covered =
        std::any_of(last, all.end(), [&](History::Change const& change) { return change.revision == revision; });
    if (is_covered) continue;
    throw Violation("the position of " + to_string(shard) + " (tick " + std::to_string(position.from.value()) +
                    ") has passed the change of " + key + " at tick " + std::to_string(last->tick) +
                    ", which is not applied: the target has revision '" + revision + "'");
  }
}

// ---- at the end ---------------------------------------------------------------------------------------------------

std::optional<std::string> Checkers::difference() const {
  inventory::Structure const source = sim::structure_of(*source_.model);
  inventory::Structure const target = sim::structure_of(*target_.model);
  for (auto const& [name, database] : source.databases) {
    if (auto found = difference(database, target)) return found;
  }
  return surplus(source, target);
}

std::optional<std::string> Checkers::difference(inventory::Database const& source,
                                                inventory::Structure const& target) const {
  auto const database = target.databases.find(source.name);
  if (database == target.databases.end()) return "database " + source.name.value() + " is missing";
  for (auto const& [name, collection] : source.collections) {
    if (!inventory::is_replicated(collection)) continue;
    auto const copy = database->second.collections.find(inventory::target_name(name));
    if (copy == database->second.collections.end()) {
      return "collection " + source.name.value() + "/" + name.value() + " is missing";
    }
    if (auto found = difference(source.name, collection, copy->second)) return found;
  }
  return std::nullopt;
}

std::optional<std::string> Checkers::difference(DatabaseName const& database, inventory::Collection const& source,
                                                inventory::Collection const& target) const {
  std::string const where = database.value() + "/" + source.name.value();
  if (source.type != target.type) return where + " has another type";
  if (source.shards.size() != target.shards.size()) return where + " has another number of shards";
  auto const definitions = [](inventory::Collection const& collection) {
    std::map<std::string, std::string> known;
    for (auto const& index : collection.indexes) known[index.name] = index.type + index.definition;
    return known;
  };
  // The server makes the indexes of its own system collections, under names of its own.
  if (!source.is_system && definitions(source) != definitions(target)) return where + " has other indexes";
  auto const* const from = source_.model->find_collection(database.value(), source.name.value());
  auto const* const to = target_.model->find_collection(database.value(), target.name.value());
  for (std::size_t i = 0; i < from->shards.size(); ++i) {
    auto const& original = *from->shards[i].documents;
    auto const& copy = *to->shards[i].documents;
    std::string const shard = where + " shard " + std::to_string(i);
    for (auto const& [key, document] : original) {
      auto const copied = copy.find(key);
      if (copied == copy.end()) return shard + ": document " + key + " is missing";
      if (copied->second->revision != document->revision) return shard + ": document " + key + " has another revision";
    }
    for (auto const& [key, document] : copy) {
      if (original.find(key) == original.end()) return shard + ": document " + key + " is not on the source";
    }
  }
  return std::nullopt;
}

std::optional<std::string> Checkers::surplus(inventory::Structure const& source,
                                             inventory::Structure const& target) const {
  for (auto const& [name, database] : target.databases) {
    auto const original = source.databases.find(name);
    if (original == source.databases.end()) return "database " + name.value() + " is not on the source";
    for (auto const& [collection_name, collection] : database.collections) {
      if (collection.is_system) continue;
      if (original->second.collections.count(collection_name) == 0) {
        return "collection " + name.value() + "/" + collection_name.value() + " is not on the source";
      }
    }
  }
  return std::nullopt;
}

}  // namespace arangosync::replay
