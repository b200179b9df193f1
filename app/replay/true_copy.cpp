#include "app/replay/true_copy.h"

#include "app/replay/violation.h"
#include "domain/base/limits.h"

#include <algorithm>
#include <chrono>

namespace arangosync::replay {

namespace {

// Until its worker has looked at it again a target that was set back is believed to be as it was left.
constexpr Duration set_back_is_noticed_after = limits::pulse_trust;
// A report, and the master's answer made of it, take their time.
constexpr Duration report_time = std::chrono::seconds(15);
constexpr Duration report_is_repeated_after = std::chrono::seconds(10);
// A worker that falls asleep just after is believed as long as it is taken for alive.
constexpr Duration is_known_after =
    set_back_is_noticed_after + limits::worker_registration + report_time + report_is_repeated_after;
// What was read of the source before may be stamped a little later.
constexpr Duration read_time = std::chrono::seconds(10);
// Looks at a target that was set back unseen may be as slow as the target is: what they remove was there before.
constexpr Duration removals_end_after = is_known_after;

std::string shown(WallTime at) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(at.since_epoch()).count()) + " ms";
}

}  // namespace

TrueCopy::TrueCopy(sim::SimCluster& source, sim::SimCluster& target, History const& history, bool checks_positions)
    : source_(source), target_(target), history_(history), checks_positions_(checks_positions) {}

// ---- while it happens ---------------------------------------------------------------------------------------------

void TrueCopy::written(std::string const& database, sim::ModelCollection const& collection,
                       sim::ModelShard const& shard, std::vector<sim::LoggedChange> const& changes) {
  if (collection.is_system) return;
  for (auto const& change : changes) {
    if (!change.is_removal) check_document(database, collection.name, *change.document);
  }
  if (!checks_positions_) return;
  auto const index = static_cast<std::uint32_t>(&shard - collection.shards.data());
  ShardRef const ref{DatabaseName(database), CollectionName(collection.name), index};
  shard::Position const* const position = target_.position_of(ref);
  if (position == nullptr || late_.contains(ref)) {
    note_unseen_removals(ref, changes);
    verified_.erase(ref);  // a copy may bring anything in any order; what it leaves is checked with its first position
    return;
  }
  auto const* const known = history_.of_shard(position->shard.value());
  auto const* const target = covered_collection(ref, *position);
  if (target == nullptr) note_unseen_removals(ref, changes);
  if (known == nullptr || target == nullptr) return;
  for (auto const& change : changes) {
    auto const key = known->find(change.document->key);
    if (key == known->end()) continue;
    if (change.is_removal && is_unnoticed(ref)) note_removal(position->shard.value(), *change.document, key->second);
    check_key(ref, *position, *target, key->first, key->second);
  }
}

bool TrueCopy::is_unnoticed(ShardRef const& shard) const {
  if (set_back_at_.is_zero()) return false;
  return target_.model->now() < set_back_at_ + removals_end_after || !positioned_since_.contains(shard);
}

/// The port has the position out of the way while it removes what holds a unique value.
void TrueCopy::note_unseen_removals(ShardRef const& shard, std::vector<sim::LoggedChange> const& changes) {
  auto const* const source = source_.model->find_collection(shard.database.value(), shard.collection.value());
  if (!is_unnoticed(shard) || source == nullptr || shard.index >= source->shards.size()) return;
  std::string const& life = source->shards[shard.index].name;
  auto const* const known = history_.of_shard(life);
  if (known == nullptr) return;
  for (auto const& change : changes) {
    auto const key = known->find(change.document->key);
    if (change.is_removal && key != known->end()) note_removal(life, *change.document, key->second);
  }
}

void TrueCopy::note_removal(std::string const& shard, sim::ModelDocument const& removed,
                            History::Changes const& changes) {
  auto const is_it = [&](History::Change const& change) { return change.revision == removed.revision; };
  auto const newest = std::find_if(changes.rbegin(), changes.rend(), is_it);
  if (newest == changes.rbegin() || newest == changes.rend()) return;  // the source has it still, or never had it
  overtaken_[{shard, removed.key}] = static_cast<std::size_t>(newest.base() - changes.begin());
}

void TrueCopy::position_read(ShardRef const& shard, Instant at) { read_at_[shard] = at; }

void TrueCopy::positioned_late(ShardRef const& shard, shard::Position const& position, Instant died_at) {
  auto const read = read_at_.find(shard);
  if (read == read_at_.end() || read->second < died_at) return positioned(shard, position);
  lives_[shard] = Life{position.shard.value(), std::nullopt};
  verified_.erase(shard);
  late_.insert(shard);
}

void TrueCopy::positioned(ShardRef const& shard, shard::Position const& position) {
  if (!checks_positions_) return;
  late_.erase(shard);
  positioned_since_.insert(shard);
  lives_[shard] = Life{position.shard.value(), std::nullopt};
  std::uint32_t const era = history_.era_of(position.server.value(), position.boot);
  auto const* const logged = history_.logged(position.shard.value(), position.server.value(), era);
  auto const* const known = history_.of_shard(position.shard.value());
  auto const* const target = covered_collection(shard, position);
  if (logged == nullptr || known == nullptr || target == nullptr) return;
  Verified& verified = verified_[shard];
  bool const continues = verified.shard == position.shard.value() && verified.server == position.server.value() &&
                         verified.era == era && verified.tick <= position.from.value();
  if (!continues) verified = Verified{position.shard.value(), position.server.value(), era, 0, 0};
  verified.tick = position.from.value();
  for (; verified.logged < logged->size(); ++verified.logged) {
    auto const& [tick, key] = (*logged)[verified.logged];
    if (tick > position.from.value()) break;
    check_key(shard, position, *target, key, known->at(key));
  }
}

void TrueCopy::claimed(ShardRef const& shard, WallTime until) {
  // What was said of the target before it was set back says nothing of it now, and is still said for a while.
  bool const is_of_before = !set_back_at_.is_zero() && until < set_back_at_ + set_back_is_noticed_after;
  bool const is_still_said = is_of_before && target_.model->now() < set_back_at_ + is_known_after;
  if (!checks_positions_ || is_still_said) return;
  auto const* const source = source_.model->find_collection(shard.database.value(), shard.collection.value());
  CollectionName const name = inventory::target_name(shard.collection);
  auto const* const target = target_.model->find_collection(shard.database.value(), name.value());
  auto const origin = target_.origins.find({shard.database, name});
  bool const is_copy = source != nullptr && target != nullptr && shard.index < source->shards.size() &&
                       origin != target_.origins.end() && origin->second == source->id;
  if (!is_copy) return;  // the claim is about another life of the name
  std::string const& life = source->shards[shard.index].name;
  auto const back = came_back_.find(life);
  if (back != came_back_.end() && until < back->second.at + read_time) return;
  auto const* const timeline = history_.timeline(life);
  if (timeline == nullptr) return;
  bool const is_just_forgotten = forgotten_lately(shard, life);
  Claim& claim = claims_[shard];
  if (claim.shard != life) claim = Claim{life, 0};
  for (; claim.verified < timeline->size() && (*timeline)[claim.verified].at <= until; ++claim.verified) {
    History::Moment const& moment = (*timeline)[claim.verified];
    History::Changes const& changes = history_.of_shard(life)->at(moment.key);
    auto const document = target_.model->find_document(*target, moment.key);
    std::string const revision = document ? document->revision : std::string();
    bool const is_there = std::any_of(changes.begin() + static_cast<std::ptrdiff_t>(moment.change), changes.end(),
                                      [&](History::Change const& change) { return change.revision == revision; });
    if (is_there) continue;
    // A comparison has begun, and what makes room for others comes back with a later part (docs/decisions/0009). Who
    // says that all is there does not know it yet; this is looked at again.
    if (revision.empty() && is_just_forgotten) return;
    throw Violation("status says that " + to_string(shard) + " is complete up to " + shown(until) +
                    ", but the change of " + moment.key + " at " + shown(moment.at) +
                    " is not there: the target has revision '" + revision + "'");
  }
}

bool TrueCopy::forgotten_lately(ShardRef const& shard, std::string const& life) {
  auto const known = lives_.find(shard);
  if (known == lives_.end() || known->second.shard != life || target_.position_of(shard) != nullptr) return false;
  WallTime const now = target_.model->now();
  if (!known->second.forgotten_since) known->second.forgotten_since = now;
  return now < *known->second.forgotten_since + report_time;
}

void TrueCopy::set_back() {
  set_back_at_ = target_.model->now();
  claims_.clear();
  verified_.clear();
  late_.clear();
  positioned_since_.clear();
}

void TrueCopy::source_set_back(std::set<std::string> const& had) {
  source_set_back_at_ = target_.model->now();
  for (auto const& [name, database] : source_.model->databases()) {
    for (auto const& [collection_name, collection] : database.collections) {
      for (auto const& shard : collection->shards) {
        if (!had.contains(shard.name)) came_back_[shard.name] = CameBack{history_.era(), source_set_back_at_};
      }
    }
  }
}

bool TrueCopy::is_disturbed(WallTime said_of) const {
  WallTime const now = target_.model->now();
  if (!set_back_at_.is_zero() && now < set_back_at_ + is_known_after) return true;
  if (source_set_back_at_.is_zero()) return false;
  // What was sent before may be long under way.
  bool const is_of_before = !said_of.is_zero() && said_of < source_set_back_at_ + read_time;
  return is_of_before || now < source_set_back_at_ + set_back_is_noticed_after + report_time;
}

// ---- all of it ----------------------------------------------------------------------------------------------------

void TrueCopy::sweep() const {
  for (auto const& [database_name, database] : target_.model->databases()) {
    for (auto const& [name, collection] : database.collections) {
      if (collection->is_system) continue;
      for (auto const& shard : collection->shards) {
        for (auto const& [key, document] : *shard.documents) check_document(database_name, name, *document);
      }
    }
  }
  if (!checks_positions_) return;
  for (auto const& [shard, kept] : target_.positions) {
    shard::Position const* const position = target_.position_of(shard);
    if (position == nullptr || late_.contains(shard)) continue;
    auto const* const changes = history_.of_shard(position->shard.value());
    auto const* const target = covered_collection(shard, *position);
    if (changes == nullptr || target == nullptr) continue;
    for (auto const& [key, all] : *changes) check_key(shard, *position, *target, key, all);
  }
}

void TrueCopy::check_document(std::string const& database, std::string const& collection,
                              sim::ModelDocument const& document) const {
  auto const where = [&] { return database + "/" + collection + "/" + document.key; };
  sim::ModelDocument const* const known = history_.find(database, collection, document.key, document.revision);
  if (known == nullptr) throw Violation("the target has " + where() + " in a revision the source never had");
  if (known->text != document.text) throw Violation("the target's text of " + where() + " differs from the source's");
}

sim::ModelCollection const* TrueCopy::covered_collection(ShardRef const& shard, shard::Position const& position) const {
  // A position speaks of a shard's life on the source; once that is over it is void (domain/shard/position.h).
  auto const* const source = source_.model->find_collection(shard.database.value(), shard.collection.value());
  if (source == nullptr || shard.index >= source->shards.size()) return nullptr;
  if (source->shards[shard.index].name != position.shard.value()) return nullptr;
  if (!follows(shard, position.stream)) return nullptr;
  auto const back = came_back_.find(position.shard.value());
  bool const is_of_before = back != came_back_.end() && position.boot != 0 &&
                            history_.era_of(position.server.value(), position.boot) < back->second.era;
  if (is_of_before) return nullptr;
  return target_.model->find_collection(shard.database.value(), inventory::target_name(shard.collection).value());
}

void TrueCopy::check_key(ShardRef const& shard, shard::Position const& position, sim::ModelCollection const& target,
                         std::string const& key, History::Changes const& changes) const {
  std::uint32_t const era = history_.era_of(position.server.value(), position.boot);
  auto last = changes.end();
  for (auto change = changes.end(); change != changes.begin() && last == changes.end();) {
    --change;
    bool const is_of_its_log = change->server == position.server.value() && change->era <= era;
    if (is_of_its_log && change->tick <= position.from.value()) last = change;
  }
  if (last == changes.end()) return;
  auto const document = target_.model->find_document(target, key);
  std::string const revision = document ? document->revision : std::string();
  bool const is_covered =
      std::any_of(last, changes.end(), [&](History::Change const& change) { return change.revision == revision; });
  if (is_covered) return;
  auto const overtaken = overtaken_.find({position.shard.value(), key});
  bool const still_comes =
      overtaken != overtaken_.end() && overtaken->second > static_cast<std::size_t>(last - changes.begin());
  if (revision.empty() && still_comes) return;
  // The log is read again, and its own later change, or the holder's, has taken the unique value (docs/decisions/0009).
  // A later change of the key may have been in the same read, too: its tick is that of its whole transaction's end.
  auto const gave_way = [&](History::Change const& change) {
    return target_.given_way.contains({shard, key, change.revision});
  };
  if (std::any_of(last, std::prev(changes.end()), gave_way)) return;
  throw Violation("the position of " + to_string(shard) + " (tick " + std::to_string(position.from.value()) +
                  ") has passed the change of " + key + " at tick " + std::to_string(last->tick) +
                  ", which is not applied: the target has revision '" + revision + "'");
}

// ---- at the end ---------------------------------------------------------------------------------------------------

std::optional<std::string> TrueCopy::difference() const {
  inventory::Structure const& source = sim::structure_of(source_);
  inventory::Structure const& target = sim::structure_of(target_);
  for (auto const& [name, database] : source.databases) {
    if (auto found = difference(database, target)) return found;
  }
  return surplus(source, target);
}

std::optional<std::string> TrueCopy::difference(ShardRef const& shard) const {
  auto const* const from = source_.model->find_collection(shard.database.value(), shard.collection.value());
  auto const* const to =
      target_.model->find_collection(shard.database.value(), inventory::target_name(shard.collection).value());
  if (from == nullptr || shard.index >= from->shards.size()) return std::nullopt;
  if (to == nullptr || shard.index >= to->shards.size()) return to_string(shard) + " is missing";
  return difference(to_string(shard), from->shards[shard.index], to->shards[shard.index]);
}

std::optional<std::string> TrueCopy::difference(inventory::Database const& source,
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
  if (source.views != database->second.views) return "database " + source.name.value() + " has other views";
  return std::nullopt;
}

std::optional<std::string> TrueCopy::difference(DatabaseName const& database, inventory::Collection const& source,
                                                inventory::Collection const& target) const {
  std::string const where = database.value() + "/" + source.name.value();
  if (source.type != target.type) return where + " has another type";
  if (source.shards.size() != target.shards.size()) return where + " has another number of shards";
  auto const definitions = [](inventory::Collection const& collection) {
    std::map<std::string, std::string> known;
    for (auto const& index : collection.indexes) known[index.name] = index.type + index.definition;
    return known;
  };
  // The server makes its own system collections, and their indexes under names of its own.
  if (!source.is_system && definitions(source) != definitions(target)) return where + " has other indexes";
  bool const has_same_properties = source.mutable_properties == target.mutable_properties &&
                                   source.immutable_properties == target.immutable_properties &&
                                   source.distribute_shards_like == target.distribute_shards_like;
  if (!source.is_system && !has_same_properties) return where + " has other properties";
  auto const* const from = source_.model->find_collection(database.value(), source.name.value());
  auto const* const to = target_.model->find_collection(database.value(), target.name.value());
  for (std::size_t i = 0; i < from->shards.size(); ++i) {
    auto found = difference(where + " shard " + std::to_string(i), from->shards[i], to->shards[i]);
    if (found) return found;
  }
  return std::nullopt;
}

std::optional<std::string> TrueCopy::difference(std::string const& where, sim::ModelShard const& from,
                                                sim::ModelShard const& to) {
  auto const& original = *from.documents;
  auto const& copy = *to.documents;
  for (auto const& [key, document] : original) {
    auto const copied = copy.find(key);
    if (copied == copy.end()) return where + ": document " + key + " is missing";
    if (copied->second->revision != document->revision) return where + ": document " + key + " has another revision";
    if (copied->second->text != document->text) return where + ": document " + key + " has another text";
  }
  for (auto const& [key, document] : copy) {
    if (!original.contains(key)) return where + ": document " + key + " is not on the source";
  }
  return std::nullopt;
}

std::optional<std::string> TrueCopy::surplus(inventory::Structure const& source, inventory::Structure const& target) {
  for (auto const& [name, database] : target.databases) {
    auto const original = source.databases.find(name);
    if (original == source.databases.end()) return "database " + name.value() + " is not on the source";
    for (auto const& [collection_name, collection] : database.collections) {
      if (collection.is_system) continue;
      if (!original->second.collections.contains(collection_name)) {
        return "collection " + name.value() + "/" + collection_name.value() + " is not on the source";
      }
    }
  }
  return std::nullopt;
}

}  // namespace arangosync::replay
