#include "app/replay/workload.h"

#include "domain/base/check.h"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace arangosync::replay {

using namespace std::chrono_literals;

Workload::Workload(sim::World& world, sim::ClusterModel& source, History& history, Options const& options)
    : world_(world), source_(source), history_(history), options_(options), draw_(world.fork()) {}

void Workload::prepare() {
  for (std::uint32_t i = 0; i < options_.databases; ++i) {
    std::string const name = "shop" + std::to_string(i);
    DC_ASSERT(source_.create_database(name, {}).has_value());
    databases_.push_back(name);
  }
  for (std::uint32_t i = 0; i < options_.collections; ++i) create_some_collection();
  for (std::uint32_t i = 0; i < options_.documents_first && !collections_.empty(); ++i) write();
}

void Workload::run(Instant until) {
  until_ = until;
  write_later();
  if (options_.structure_every > Duration{0}) change_later();
}

void Workload::write_later() {
  world_.after(world_.between(0s, 2 * options_.write_every), [this] {
    if (world_.now() >= until_) return;
    write();
    write_later();
  });
}

void Workload::change_later() {
  world_.after(world_.between(0s, 2 * options_.structure_every), [this] {
    if (world_.now() >= until_) return;
    change_structure();
    change_later();
  });
}

// ---- documents ----------------------------------------------------------------------------------------------------

std::string Workload::key() { return "k" + std::to_string(draw_.below(options_.keys)); }

std::string Workload::body(std::string const& key) {
  std::size_t const length = draw_.below(50) == 0 ? 4000 : draw_.below(80);
  return R"({"_key":")" + key + R"(","_from":"a/1","_to":"b/)" + std::to_string(draw_.below(9)) + R"(","n":)" +
         std::to_string(++writes_) + R"(,"text":")" + draw_.alphanumeric(length) + "\"}";
}

void Workload::write() {
  if (collections_.empty()) return;
  Place const place = collections_[draw_.below(collections_.size())];
  std::string const& database = place.database;
  std::string const& collection = place.collection;
  sim::WriteOptions options;
  std::string const name = key();
  switch (draw_.below(8)) {
    case 0:
    case 1:
      return record_one(place, source_.insert_one(database, collection, body(name), options));
    case 2:
      return record_one(place, source_.replace_one(database, collection, name, body(name), options));
    case 3:
      return record_one(
          place, source_.update_one(database, collection, name, R"({"m":)" + std::to_string(++writes_) + "}", options));
    case 4:
      return record_one(place, source_.remove_one(database, collection, name, options));
    case 5: {
      options.overwrite = sim::Overwrite::Replace;
      return record_one(place, source_.insert_one(database, collection, body(name), options));
    }
    default:
      return write_many(place);
  }
}

void Workload::write_many(Place const& place) {
  std::vector<std::string> items;
  std::vector<std::string_view> views;
  std::uint64_t const count = 1 + draw_.below(draw_.below(10) == 0 ? 60 : 8);
  bool const removes = draw_.below(3) == 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string const name = key();
    items.push_back(removes ? '"' + name + '"' : body(name));
  }
  views.assign(items.begin(), items.end());
  sim::WriteOptions options;
  options.overwrite = sim::Overwrite::Replace;
  if (removes) return record(place, source_.remove(place.database, place.collection, views, options));
  record(place, source_.insert(place.database, place.collection, views, options));
}

void Workload::record(Place const& place, sim::ModelResult<std::vector<sim::WriteResult>> const& results) {
  DC_ASSERT(results.has_value());
  for (auto const& result : *results) record(place, result);
}

void Workload::record_one(Place const& place, sim::ModelResult<sim::WriteResult> const& result) {
  if (result) record(place, *result);  // "no such document" and "exists already" are answers too
}

void Workload::record(Place const& place, sim::WriteResult const& result) {
  if (result.error != 0) return;
  sim::ModelCollection const* const collection = source_.find_collection(place.database, place.collection);
  DC_ASSERT(collection != nullptr);
  std::string const probe = R"({"_key":")" + result.key + "\"}";
  sim::ModelShard const& shard = collection->shards[source_.shard_of(*collection, probe)];
  std::string const& server = shard.servers.front();
  history_.changed(place.database, place.collection, shard.name, server, source_.last_tick(server), result.key,
                   result.now);
}

void Workload::truncate() {
  if (collections_.empty()) return;
  Place const place = collections_[draw_.below(collections_.size())];
  sim::ModelCollection const* const collection = source_.find_collection(place.database, place.collection);
  DC_ASSERT(collection != nullptr);
  std::vector<std::vector<std::string>> keys(collection->shards.size());
  for (std::size_t i = 0; i < collection->shards.size(); ++i) {
    for (auto const& [name, document] : *collection->shards[i].documents) keys[i].push_back(name);
  }
  DC_ASSERT(source_.truncate(place.database, place.collection).has_value());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    sim::ModelShard const& shard = collection->shards[i];
    for (auto const& name : keys[i]) {
      history_.changed(place.database, place.collection, shard.name, shard.servers.front(),
                       source_.last_tick(shard.servers.front()), name, nullptr);
    }
  }
}

// ---- structure ----------------------------------------------------------------------------------------------------

void Workload::change_structure() {
  switch (draw_.below(8)) {
    case 0:
    case 1:
      return create_some_collection();
    case 2:
      return drop_some_collection(false);
    case 3:
      return drop_some_collection(true);
    case 4:
      return truncate();
    case 5:
      return change_database();
    default:
      return change_index();
  }
}

void Workload::create_collection(std::string const& database, std::string const& name) {
  std::uint32_t const copies_max = std::min({2U, options_.source_servers, options_.target_servers});
  std::string const body = R"({"name":")" + name + R"(","type":)" + std::to_string(2 + draw_.below(2)) +
                           R"(,"numberOfShards":)" + std::to_string(1 + draw_.below(options_.shards_max)) +
                           R"(,"replicationFactor":)" + std::to_string(1 + draw_.below(copies_max)) + "}";
  DC_ASSERT(source_.create_collection(database, body).has_value());
  collections_.push_back(Place{database, name});
}

void Workload::create_some_collection() {
  if (collections_.size() > options_.collections + 2) return drop_some_collection(false);
  create_collection(databases_[draw_.below(databases_.size())], "c" + std::to_string(names_++));
}

void Workload::drop_some_collection(bool create_again) {
  if (collections_.empty()) return;
  auto const at = collections_.begin() + static_cast<std::ptrdiff_t>(draw_.below(collections_.size()));
  Place const place = *at;
  collections_.erase(at);
  DC_ASSERT(source_.drop_collection(place.database, place.collection, false).has_value());
  if (create_again) create_collection(place.database, place.collection);
}

void Workload::change_index() {
  if (collections_.empty()) return;
  Place const place = collections_[draw_.below(collections_.size())];
  sim::ModelCollection const* const collection = source_.find_collection(place.database, place.collection);
  DC_ASSERT(collection != nullptr);
  std::string const name = "by" + std::to_string(draw_.below(4));
  for (auto const& index : collection->indexes) {
    if (index.name != name) continue;
    DC_ASSERT(source_.drop_index(place.database, place.collection, index.id).has_value());
    return;
  }
  std::string const body = R"({"type":"persistent","fields":["n)" + name + R"("],"name":")" + name + R"(","sparse":)" +
                           (draw_.below(2) == 0 ? "true" : "false") + "}";
  DC_ASSERT(source_.create_index(place.database, place.collection, body).has_value());
}

void Workload::change_database() {
  if (databases_.size() > 1 && draw_.below(2) == 0) {
    std::string const name = databases_.back();
    databases_.pop_back();
    collections_.erase(std::remove_if(collections_.begin(), collections_.end(),
                                      [&](Place const& place) { return place.database == name; }),
                       collections_.end());
    DC_ASSERT(source_.drop_database(name).has_value());
    return;
  }
  std::string const name = "shop" + std::to_string(databases_.size() - 1);
  DC_ASSERT(source_.create_database(name, {}).has_value());
  databases_.push_back(name);
}

}  // namespace arangosync::replay
