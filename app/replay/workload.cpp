#include "app/replay/workload.h"

#include "domain/base/check.h"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace arangosync::replay {

using namespace std::chrono_literals;

namespace {

constexpr sim::ModelCaller users{.is_superuser = false};
constexpr std::uint64_t large_one_in = 300;

}  // namespace

Workload::Workload(sim::World& world, sim::ClusterModel& source, Options const& options)
    : world_(world),
      source_(source),
      options_(options),
      draw_(world.fork()),
      extras_(Entropy{options.seed ^ 0x657874ULL}) {}

void Workload::prepare() {
  for (std::uint32_t i = 0; i < options_.databases; ++i) {
    std::string const name = "shop" + std::to_string(i);
    DC_ASSERT(source_.create_database(name, {}).has_value());
    databases_.push_back(name);
  }
  for (std::uint32_t i = 0; i < options_.collections; ++i) create_some_collection();
  for (std::uint32_t i = 0; i < options_.documents_first && !collections_.empty(); ++i) write();
}

void Workload::look_around() {
  databases_ = {"_system"};
  collections_.clear();
  for (auto const& [name, database] : source_.databases()) {
    if (name != "_system") databases_.push_back(name);
    for (auto const& [collection_name, collection] : database.collections) {
      if (!collection->is_system) collections_.push_back(Place{name, collection_name});
    }
  }
}

void Workload::run(Instant until) {
  until_ = until;
  if (options_.write_every > Duration{0} && !is_writing_) write_later();
  if (options_.structure_every > Duration{0} && !is_changing_) change_later();
}

void Workload::write_later() {
  is_writing_ = true;
  // Users come in crowds.
  bool const is_crowded = draw_.below(100) < 30;
  Duration const mean = is_crowded ? options_.write_every / 20 : options_.write_every;
  world_.after(world_.between(0s, 2 * mean), [this] {
    is_writing_ = may_act();
    if (!is_writing_) return;
    write();
    write_later();
  });
}

void Workload::change_later() {
  is_changing_ = true;
  world_.after(world_.between(0s, 2 * options_.structure_every), [this] {
    is_changing_ = may_act();
    if (!is_changing_) return;
    change_structure();
    change_later();
  });
}

std::uint32_t Workload::copies_max() const { return std::min({2U, options_.source_servers, options_.target_servers}); }

// ---- documents ----------------------------------------------------------------------------------------------------

std::string Workload::key() { return "k" + std::to_string(draw_.below(options_.keys)); }

std::string Workload::body(std::string const& key) {
  std::size_t length = draw_.below(80);
  if (draw_.below(50) == 0) length = 4000;
  if (draw_.below(2000) == 0) length = 300'000;
  std::string const head =
      R"({"_key":")" + key + R"(","_from":"a/1","_to":"b/)" + std::to_string(draw_.below(9)) + R"(","n":)";
  if (options_.large_bytes > 0 && draw_.below(large_one_in) == 0) {
    // Drawing millions of characters would take longer than everything that happens to them.
    std::string const text(options_.large_bytes, static_cast<char>('a' + draw_.below(26)));
    return head + std::to_string(++writes_) + R"(,"text":")" + text + "\"}";
  }
  return head + std::to_string(++writes_) + R"(,"u":)" + std::to_string(draw_.below(3 * options_.keys)) +
         R"(,"text":")" + draw_.alphanumeric(length) + "\"}";
}

void Workload::write() {
  if (collections_.empty()) return;
  Place const place = collections_[draw_.below(collections_.size())];
  std::string const& database = place.database;
  std::string const& collection = place.collection;
  sim::WriteOptions options;
  options.caller = users;
  std::string const name = key();
  // "No such document", "exists already" and "read-only" are answers too.
  switch (draw_.below(8)) {
    case 0:
    case 1:
      source_.insert_one(database, collection, body(name), options);
      break;
    case 2:
      source_.replace_one(database, collection, name, body(name), options);
      break;
    case 3:
      source_.update_one(database, collection, name, R"({"m":)" + std::to_string(++writes_) + "}", options);
      break;
    case 4:
      source_.remove_one(database, collection, name, options);
      break;
    case 5:
      options.overwrite = sim::Overwrite::Replace;
      source_.insert_one(database, collection, body(name), options);
      break;
    default:
      write_many(place);
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
  options.caller = users;
  options.overwrite = sim::Overwrite::Replace;
  if (removes) {
    source_.remove(place.database, place.collection, views, options);
  } else {
    source_.insert(place.database, place.collection, views, options);
  }
}

void Workload::truncate() {
  if (collections_.empty()) return;
  Place const& place = collections_[draw_.below(collections_.size())];
  source_.truncate(place.database, place.collection, users);
}

// ---- structure ----------------------------------------------------------------------------------------------------

void Workload::change_structure() {
  if (options_.extras > 0 && change_extras()) return;
  switch (draw_.below(9)) {
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
    case 6:
      return change_properties();
    default:
      return change_index();
  }
}

void Workload::create_collection(std::string const& database, std::string const& name) {
  std::string const body = R"({"name":")" + name + R"(","type":)" + std::to_string(2 + draw_.below(2)) +
                           R"(,"numberOfShards":)" + std::to_string(1 + draw_.below(options_.shards_max)) +
                           R"(,"replicationFactor":)" + std::to_string(1 + draw_.below(copies_max())) + "}";
  if (!source_.create_collection(database, body, users)) return;
  collections_.push_back(Place{database, name});
  if (draw_.below(100) >= options_.unique) return;
  source_.create_index(database, name, R"({"type":"persistent","fields":["u"],"unique":true,"sparse":true})", users);
}

void Workload::create_some_collection() {
  if (collections_.size() > options_.collections + 2) return drop_some_collection(false);
  create_collection(databases_[draw_.below(databases_.size())], "c" + std::to_string(names_++));
}

void Workload::drop_some_collection(bool create_again) {
  if (collections_.empty()) return;
  auto const at = collections_.begin() + static_cast<std::ptrdiff_t>(draw_.below(collections_.size()));
  Place const place = *at;
  if (!source_.drop_collection(place.database, place.collection, false, users)) return;
  collections_.erase(at);
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
    source_.drop_index(place.database, place.collection, index.id, users);
    return;
  }
  std::string const body = R"({"type":"persistent","fields":["n)" + name + R"("],"name":")" + name + R"(","sparse":)" +
                           (draw_.below(2) == 0 ? "true" : "false") + "}";
  source_.create_index(place.database, place.collection, body, users);
}

void Workload::change_properties() {
  if (collections_.empty()) return;
  Place const& place = collections_[draw_.below(collections_.size())];
  std::string const body = draw_.below(2) == 0
                               ? R"({"waitForSync":)" + std::string(draw_.below(2) == 0 ? "true" : "false") + "}"
                               : R"({"replicationFactor":)" + std::to_string(1 + draw_.below(copies_max())) + "}";
  source_.change_collection(place.database, place.collection, body, users);
}

void Workload::change_database() {
  if (databases_.size() > 1 && draw_.below(2) == 0) {
    std::string const name = databases_.back();
    if (!source_.drop_database(name, users)) return;
    databases_.pop_back();
    collections_.erase(std::remove_if(collections_.begin(), collections_.end(),
                                      [&](Place const& place) { return place.database == name; }),
                       collections_.end());
    return;
  }
  std::string const name = "shop" + std::to_string(databases_.size() - 1);
  if (source_.create_database(name, {}, users)) databases_.push_back(name);
}

// ---- extras -------------------------------------------------------------------------------------------------------

bool Workload::change_extras() {
  if (collections_.empty() || extras_.below(2) == 0) return false;
  std::string const database = databases_[extras_.below(databases_.size())];
  Place const place = collections_[extras_.below(collections_.size())];
  std::uint64_t const what = extras_.below(6);
  if (what < 3) {
    change_view(what == 0 ? database : place.database);
  } else if (what < 5) {
    change_rare_property(place);
  } else {
    change_graph(database);
  }
  return true;
}

/// Makes it, changes it, or drops it. A link goes with its collection.
void Workload::change_view(std::string const& database) {
  std::string const name = "v" + std::to_string(extras_.below(3));
  bool const is_known = source_.find_view(database, name) != nullptr;
  if (is_known && extras_.below(3) == 0) {
    source_.drop_view(database, name, users);
    return;
  }
  sim::ModelView view;
  view.name = name;
  view.type = "arangosearch";
  view.properties["cleanupIntervalStep"] = std::to_string(extras_.below(4));
  for (Place const& place : collections_) {
    bool const is_linked = place.database == database && extras_.below(2) == 0;
    if (is_linked) view.links[place.collection] = R"({"includeAllFields":true})";
  }
  is_known ? source_.change_view(database, std::move(view), users)
           : source_.create_view(database, std::move(view), users);
}

void Workload::change_rare_property(Place const& place) {
  bool const is_on = extras_.below(2) == 0;
  std::string const rule = R"({"level":"none","message":"","rule":{"type":"object"},"type":"json"})";
  std::string const body = extras_.below(2) == 0 ? std::string(R"({"cacheEnabled":)") + (is_on ? "true}" : "false}")
                                                 : R"({"schema":)" + (is_on ? rule : "null") + "}";
  source_.change_collection(place.database, place.collection, body, users);
}

void Workload::change_graph(std::string const& database) {
  sim::WriteOptions options;
  options.caller = users;
  std::string const name = "g" + std::to_string(extras_.below(3));
  if (extras_.below(3) == 0) {
    source_.remove_one(database, "_graphs", name, options);
    return;
  }
  options.overwrite = sim::Overwrite::Replace;
  std::string const body = R"({"_key":")" + name + R"(","orphanCollections":[],"n":)" + std::to_string(++writes_) + "}";
  source_.insert_one(database, "_graphs", body, options);
}

}  // namespace arangosync::replay
