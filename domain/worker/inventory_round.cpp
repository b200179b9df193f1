#include "domain/worker/inventory_round.h"

#include "domain/base/mark.h"

#include <algorithm>
#include <utility>

namespace arangosync::worker::inventory_receiver {

namespace {

constexpr std::uint32_t repetitions_max = 2;   // of what was done already, that arouse none
constexpr std::uint32_t vain_rounds_max = 16;  // rounds in which a step in vain is left alone

CollectionName source_name(CollectionName const& target) {
  if (target.value() == "_jobsbackup") return CollectionName("_jobs");
  if (target.value() == "_queuesbackup") return CollectionName("_queues");
  return target;
}

void add_shards(std::vector<ShardRef>& shards, DatabaseName const& database, inventory::Collection const* on_target) {
  if (on_target == nullptr) return;
  for (std::uint32_t index = 0; index < on_target->shards.size(); ++index) {
    shards.push_back(ShardRef{database, source_name(on_target->name), index});
  }
}

/// Shards whose collections the steps drop.
std::vector<ShardRef> shards_dropped(std::vector<inventory::Step> const& steps, inventory::Structure const& target) {
  std::vector<ShardRef> shards;
  for (inventory::Step const& step : steps) {
    if (auto const* drop = std::get_if<inventory::DropCollection>(&step)) {
      add_shards(shards, drop->database, inventory::find(target, drop->database, drop->collection));
      for (CollectionName const& part : inventory::parts_of(drop->collection)) {
        add_shards(shards, drop->database, inventory::find(target, drop->database, part));
      }
    } else if (auto const* gone = std::get_if<inventory::DropDatabase>(&step)) {
      auto const database = target.databases.find(gone->database);
      if (database == target.databases.end()) continue;
      for (auto const& [name, collection] : database->second.collections) {
        if (inventory::is_replicated(collection)) add_shards(shards, gone->database, &collection);
      }
    }
  }
  return shards;
}

/// Shards of the collections that the steps make. If there is a position of one, somebody else has dropped a former
/// copy, under what may still run: it speaks of documents that are gone.
std::vector<ShardRef> shards_made(std::vector<inventory::Step> const& steps, inventory::Structure const& source) {
  std::vector<ShardRef> shards;
  for (inventory::Step const& step : steps) {
    if (auto const* made = std::get_if<inventory::CreateDatabase>(&step)) {
      // With those of its collections that servers make themselves: no step makes them.
      auto const database = source.databases.find(made->database);
      if (database == source.databases.end()) continue;
      for (auto const& [name, collection] : database->second.collections) {
        for (std::uint32_t index = 0; index < collection.shards.size(); ++index) {
          shards.push_back(ShardRef{made->database, name, index});
        }
      }
      continue;
    }
    auto const* creation = std::get_if<inventory::CreateCollection>(&step);
    if (creation == nullptr) continue;
    std::vector<CollectionName> names = inventory::parts_of(creation->collection.name);
    names.push_back(source_name(creation->collection.name));
    for (CollectionName const& name : names) {
      auto const* collection = inventory::find(source, creation->database, name);
      for (std::uint32_t index = 0; collection != nullptr && index < collection->shards.size(); ++index) {
        shards.push_back(ShardRef{creation->database, name, index});
      }
    }
  }
  return shards;
}

/// Shards that were started for a collection that the source no longer has.
void add_vanished(std::vector<ShardRef>& shards, State const& state, inventory::Structure const& source) {
  state.started.for_each([&](ShardRef const& shard, Started const& started) {
    auto const* collection = inventory::find(source, shard.database, shard.collection);
    bool const is_same =
        collection != nullptr && collection->id == started.source_id && shard.index < collection->shards.size();
    if (!is_same) shards.push_back(shard);
  });
}

/// Shards that somebody before us had started and that the source does not have (any more). What it has is started,
/// and the master takes that for the same.
void add_left_behind(std::vector<ShardRef>& shards, State const& state, inventory::Structure const& source) {
  for (ShardRef const& shard : state.inherited) {
    auto const* collection = inventory::find(source, shard.database, shard.collection);
    if (collection != nullptr && shard.index < collection->shards.size()) continue;
    DC_MARK("worker.inventory.left_behind");
    shards.push_back(shard);
  }
}

/// The step was done, and what has undone it since then (a collection was dropped to be made anew) is planned, too.
bool was_done(inventory::Step const& step, std::vector<inventory::Step> const& done,
              std::vector<inventory::Step> const& planned) {
  auto const found = std::find(done.begin(), done.end(), step);
  return found != done.end() && std::all_of(found, done.end(), [&](inventory::Step const& later) {
           return !inventory::undoes(later, step) || std::find(planned.begin(), planned.end(), later) != planned.end();
         });
}

/// Moves out of the plan what was done already, if that has gone on for some rounds: in the first ones it may be due
/// for good reasons (dropped again, restored from a backup). Now and then it is done again all the same, and always if
/// a step that comes before it is done.
std::vector<inventory::Step> take_vain(State const& state, std::vector<inventory::Step>& steps) {
  std::uint32_t const repetitions = state.repeated_rounds;
  bool const is_for_good_reasons = repetitions < repetitions_max || repetitions % vain_rounds_max == 0;
  if (state.done->empty() || is_for_good_reasons) return {};
  std::vector<inventory::Step> const planned = std::exchange(steps, {});
  std::vector<inventory::Step> in_vain;
  std::vector<inventory::Step> kept;
  for (inventory::Step const& step : planned) {
    bool const has_reason = std::any_of(
        kept.begin(), kept.end(), [&](inventory::Step const& earlier) { return inventory::depends_on(step, earlier); });
    (was_done(step, *state.done, planned) && !has_reason ? in_vain : kept).push_back(step);
  }
  steps = std::move(kept);
  return in_vain;
}

}  // namespace

RoundPlanned plan_round(State const& state, TargetStructure const& target, WallTime at) {
  inventory::Structure const& source = **state.source;
  RoundPlanned planned;
  planned.at = at;
  planned.target = target;
  planned.steps = inventory::plan(source, target.structure, target.origins, target.limits);
  planned.differing = inventory::unlike_source(source, target.structure, target.origins, target.limits);
  planned.in_vain = take_vain(state, planned.steps);
  planned.to_stop = shards_dropped(planned.steps, target.structure);
  std::set<ShardRef> groundless(planned.to_stop.begin(), planned.to_stop.end());
  for (ShardRef const& shard : shards_made(planned.steps, source)) {
    bool const is_to_start = state.to_start.contains(shard);  // perhaps again, as there was no answer
    bool const is_in_doubt = state.inherited.contains(shard) || state.doubtful.contains(shard);
    bool const may_run = is_to_start || state.started.contains(shard) || is_in_doubt;
    if (groundless.insert(shard).second && may_run) {
      DC_MARK("worker.inventory.made_anew");
      planned.to_stop.push_back(shard);
    }
  }
  planned.to_forget.assign(groundless.begin(), groundless.end());
  add_vanished(planned.to_stop, state, source);
  add_left_behind(planned.to_stop, state, source);
  std::erase_if(planned.to_stop, [&](ShardRef const& shard) { return state.stopped.contains(shard); });
  return planned;
}

std::optional<Ground> ground_of(inventory::Step const& step) {
  if (auto const* gone = std::get_if<inventory::DropDatabase>(&step)) return Ground{gone->database, std::nullopt};
  if (auto const* made = std::get_if<inventory::CreateDatabase>(&step)) return Ground{made->database, std::nullopt};
  if (auto const* drop = std::get_if<inventory::DropCollection>(&step)) return Ground{drop->database, drop->collection};
  auto const* made = std::get_if<inventory::CreateCollection>(&step);
  return made == nullptr ? std::nullopt : std::optional(Ground{made->database, made->collection.name});
}

bool has_step_above(Working const& round, ShardRef const& shard) {
  CollectionName const written = inventory::written_name(shard.collection);
  return std::any_of(round.steps->begin(), round.steps->end(), [&](inventory::Step const& step) {
    auto const ground = ground_of(step);
    return ground && ground->database == shard.database && ground->collection.value_or(written) == written;
  });
}

std::set<Written> in_motion(Working const& round) {
  std::set<Written> names;
  for (auto const* steps : {&*round.steps, &*round.in_vain}) {
    for (inventory::Step const& step : *steps) {
      if (auto const* creation = std::get_if<inventory::CreateCollection>(&step)) {
        names.insert({creation->database, creation->collection.name});
      } else if (auto const* drop = std::get_if<inventory::DropCollection>(&step)) {
        names.insert({drop->database, drop->collection});
      }
    }
  }
  return names;
}

}  // namespace arangosync::worker::inventory_receiver
