#include "adapters/sim/cluster_model.h"

#include "adapters/sim/cluster_json.h"
#include "adapters/sim/cluster_log.h"
#include "adapters/sim/cluster_render.h"
#include "adapters/sim/cluster_snapshot.h"
#include "domain/base/blob.h"
#include "domain/base/check.h"

#include <algorithm>
#include <cstdio>

namespace arangosync::sim {
namespace {

std::string padded(unsigned number, int width) {
  char text[16];
  std::snprintf(text, sizeof text, "%0*u", width, number);
  return text;
}

std::uint64_t mixed(std::uint64_t seed, std::string const& what) { return fnv1a_64(std::to_string(seed) + '/' + what); }

ModelServer make_server(std::string const& prefix, std::string const& short_prefix, unsigned index,
                        std::uint64_t seed) {
  ModelServer server;
  server.id =
      prefix + "-" + padded(static_cast<unsigned>(mixed(seed, prefix) % 10'000), 4) + "000" + std::to_string(index);
  server.short_name = short_prefix + padded(index, 4);
  // As a real one: 48 bits, never 0.
  server.number = std::to_string((mixed(seed, server.id) >> 16) | 1);
  return server;
}

bool has_name(ModelServer const& server, std::string_view id) { return server.id == id; }

}  // namespace

ClusterModel::ClusterModel(Options options) : options_(std::move(options)), snapshots_(std::make_unique<Snapshots>()) {
  DC_ASSERT(options_.now != nullptr);
  DC_ASSERT(options_.db_servers > 0 && options_.coordinators > 0);
  for (unsigned i = 1; i <= options_.db_servers; ++i) {
    db_servers_.push_back(make_server("PRMR", "DBServer", i, options_.seed));
    auto const& id = db_servers_.back().id;
    // Servers have written different amounts before we look: ticks of one mean nothing on another.
    logs_.emplace(id, std::make_unique<ServerLog>(1000 + mixed(options_.seed, id) % 100'000));
  }
  for (unsigned i = 1; i <= options_.coordinators; ++i) {
    coordinators_.push_back(make_server("CRDN", "Coordinator", i, options_.seed));
  }
  ModelDatabase& system = databases_["_system"];
  system.id = "1";
  system.name = "_system";
  create_system_collections(system);
}

ClusterModel::~ClusterModel() = default;

// ---- servers ----

ModelServer const* ClusterModel::find_db_server(std::string_view id) const {
  auto found =
      std::find_if(db_servers_.begin(), db_servers_.end(), [&](auto const& each) { return has_name(each, id); });
  return found == db_servers_.end() ? nullptr : &*found;
}

void ClusterModel::set_endpoint(std::string_view server, std::string endpoint) {
  for (auto* list : {&db_servers_, &coordinators_}) {
    for (auto& each : *list) {
      if (has_name(each, server)) each.endpoint = endpoint;
    }
  }
  ++plan_version_;
}

void ClusterModel::set_healthy(std::string const& server, bool is_healthy) {
  for (auto& each : db_servers_) {
    if (has_name(each, server)) each.is_healthy = is_healthy;
  }
  ++plan_version_;
}

std::uint64_t ClusterModel::next_revision() {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  auto now = static_cast<std::uint64_t>(duration_cast<milliseconds>(options_.now().since_epoch()).count()) << 20;
  last_revision_ = std::max(last_revision_ + 1, now);
  return last_revision_;
}

void ClusterModel::upgrade(Options const& version) {
  options_.truncate_marker_from = version.truncate_marker_from;
  options_.revision_trees = version.revision_trees;
  options_.reads_on_without_snapshot = version.reads_on_without_snapshot;
  options_.naming = version.naming;
  options_.later_properties = version.later_properties;
  ++plan_version_;
}

void ClusterModel::set_read_only(bool read_only) {
  read_only_ = read_only;
  ++plan_version_;
}

ServerLog& ClusterModel::log(std::string const& server) {
  auto found = logs_.find(server);
  DC_ASSERT(found != logs_.end());
  return *found->second;
}
ServerLog const& ClusterModel::log(std::string const& server) const {
  auto found = logs_.find(server);
  DC_ASSERT(found != logs_.end());
  return *found->second;
}

// ---- trouble ----

ModelShard* ClusterModel::shard_in(std::string const& database, std::string const& shard) const {
  auto const holder = databases_.find(database);
  if (holder == databases_.end()) return nullptr;
  for (auto const& [name, collection] : holder->second.collections) {
    for (auto& each : collection->shards) {
      if (each.name == shard) return &each;
    }
  }
  return nullptr;
}

bool ClusterModel::fail_over(std::string const& database, std::string const& shard) {
  ModelShard* const failing = shard_in(database, shard);
  if (failing == nullptr) return false;
  auto& servers = failing->servers;
  auto const next = std::find_if(servers.begin() + 1, servers.end(),
                                 [&](auto const& server) { return find_db_server(server)->is_healthy; });
  if (next == servers.end()) return false;
  std::rotate(servers.begin(), next, std::next(next));
  ++plan_version_;
  return true;
}

std::optional<ClusterModel::Followed> ClusterModel::followed(std::string const& database,
                                                             std::string const& shard) const {
  ModelShard const* const led = shard_in(database, shard);
  if (led == nullptr || led->servers.size() < 2) return std::nullopt;
  return Followed{database, shard, plan_version_, led->documents, led->unique_values};
}

bool ClusterModel::fail_over_to(Followed const& followed) {
  bool const loses = plan_version_ == followed.plan_version && !read_only_;
  if (!fail_over(followed.database, followed.shard)) return false;
  if (!loses) return true;
  ModelShard& shard = *shard_in(followed.database, followed.shard);
  shard.documents = followed.documents;
  shard.unique_values = followed.unique_values;
  return true;
}

class ClusterModel::Backup {
public:
  std::map<std::string, ModelDatabase> databases;
  std::map<std::string, ServerLog> logs;

  static std::map<std::string, ModelDatabase> copy(std::map<std::string, ModelDatabase> const& databases) {
    std::map<std::string, ModelDatabase> copies;
    for (auto const& [name, database] : databases) {
      ModelDatabase& made = copies[name];
      made.id = database.id;
      made.name = database.name;
      made.options = database.options;
      made.views = database.views;
      made.analyzers_revision = database.analyzers_revision;
      for (auto const& [collection_name, collection] : database.collections) {
        // The maps of documents are shared until somebody writes.
        made.collections.emplace(collection_name, std::make_unique<ModelCollection>(*collection));
      }
    }
    return copies;
  }
};

std::shared_ptr<ClusterModel::Backup const> ClusterModel::backup() const {
  auto made = std::make_shared<Backup>();
  made->databases = Backup::copy(databases_);
  for (auto const& [server, kept] : logs_) made->logs.emplace(server, *kept);
  return made;
}

void ClusterModel::restore(Backup const& backup) {
  databases_ = Backup::copy(backup.databases);
  for (auto const& [server, kept] : backup.logs) *logs_.at(server) = kept;
  for (auto const& server : db_servers_) restart_server(server.id);
}

void ClusterModel::restart_server(std::string const& server) {
  snapshots_->remove_all_of(server);
  log(server).forget_all();
  for (auto& each : db_servers_) {
    if (has_name(each, server)) ++each.reboot_id;
  }
  ++plan_version_;
}

// ---- finding and permissions ----

ModelDatabase* ClusterModel::database_of(std::string_view name) {
  auto found = databases_.find(std::string(name));
  return found == databases_.end() ? nullptr : &found->second;
}

ModelDatabase const* ClusterModel::find_database(std::string_view name) const {
  auto found = databases_.find(std::string(name));
  return found == databases_.end() ? nullptr : &found->second;
}

ModelCollection* ClusterModel::collection_of(ModelDatabase const& database, std::string_view name_or_id) {
  auto found = database.collections.find(std::string(name_or_id));
  if (found != database.collections.end()) return found->second.get();
  for (auto const& [name, collection] : database.collections) {
    if (collection->id == name_or_id) return collection.get();
  }
  return nullptr;
}

ModelCollection const* ClusterModel::find_collection(std::string_view database, std::string_view name_or_id) const {
  ModelDatabase const* holder = find_database(database);
  return holder == nullptr ? nullptr : collection_of(*holder, name_or_id);
}

ModelCollection const* ClusterModel::find_shard(std::string_view database, std::string_view shard,
                                                std::size_t* index) const {
  ModelDatabase const* holder = find_database(database);
  if (holder == nullptr) return nullptr;
  for (auto const& [name, collection] : holder->collections) {
    for (std::size_t i = 0; i < collection->shards.size(); ++i) {
      if (collection->shards[i].name != shard) continue;
      if (index != nullptr) *index = i;
      return collection.get();
    }
  }
  return nullptr;
}

ModelResult<ClusterModel::Located> ClusterModel::locate(std::string_view database, std::string_view collection) {
  ModelDatabase* holder = database_of(database);
  if (holder == nullptr) return unexpected(model_error(1228));
  ModelCollection* found = collection_of(*holder, collection);
  if (found == nullptr) return unexpected(model_error(1203));
  return Located{holder, found};
}

ModelResult<Done> ClusterModel::may_change_structure(ModelCaller caller) const {
  if (read_only_ && !caller.is_superuser) return unexpected(model_error(11));
  return Done{};
}

ModelResult<Done> ClusterModel::may_write(ModelCaller caller) const {
  if (read_only_ && !caller.is_superuser) return unexpected(model_error(1004));
  return Done{};
}

// ---- log ----

void ClusterModel::log_structure(std::string const& database, ModelCollection const& collection,
                                 ModelShard const& shard, int type, std::string const& data) {
  LogPlace place = place_of(database, collection, shard);
  for (auto const& server : shard.servers) log(server).append_structure(place, type, data);
}

void ClusterModel::log_structure(std::string const& database, ModelCollection const& collection, int type,
                                 std::string const& data) {
  for (auto const& shard : collection.shards) log_structure(database, collection, shard, type, data);
}

std::string ClusterModel::unique_id_of(ModelCollection const& collection, ModelShard const& shard) const {
  if (!options_.is_single_server) return unique_id(collection, shard.name);
  return collection.is_system ? collection.name : single_server_id(db_servers_.front(), collection);
}

LogPlace ClusterModel::place_of(std::string const& database, ModelCollection const& collection,
                                ModelShard const& shard) const {
  LogPlace place{database, unique_id_of(collection, shard), shard.name, 0, "", ""};
  if (options_.is_single_server) {
    place.cid = collection.id;
    place.cname = collection.name;
  }
  return place;
}

void ClusterModel::log_database(std::string const& database, int type, std::string const& data) {
  for (auto const& [server, server_log] : logs_)
    server_log->append_structure({database, "", "", 0, "", ""}, type, data);
}

void ClusterModel::log_documents(std::string const& database, ModelCollection const& collection,
                                 ModelShard const& shard, std::vector<LoggedChange> changes, bool is_single) {
  if (changes.empty()) return;
  std::size_t own = collection.type == 3 ? 2 : 1;  // primary (and edge) index
  std::uint64_t secondary = collection.indexes.size() > own ? collection.indexes.size() - own : 0;
  LogPlace place = place_of(database, collection, shard);
  place.index_writes = secondary;
  auto append = [&](std::string const& server, std::vector<LoggedChange> list) {
    if (is_single)
      log(server).append_single(place, std::move(list.front()));
    else
      log(server).append_run(place, next_id(), std::move(list));
  };
  if (options_.followers_log) {
    for (std::size_t i = 1; i < shard.servers.size(); ++i) append(shard.servers[i], changes);
  }
  if (!watch_) return append(shard.servers.front(), std::move(changes));
  append(shard.servers.front(), changes);
  watch_(database, collection, shard, changes);
}

bool ClusterModel::holds_shard(std::string const& server, std::string const& database, std::string const& shard) const {
  std::size_t index = 0;
  ModelCollection const* collection = find_shard(database, shard, &index);
  if (collection == nullptr) return false;
  auto const& servers = collection->shards[index].servers;
  return std::find(servers.begin(), servers.end(), server) != servers.end();
}

ModelResult<TailAnswer> ClusterModel::tail(std::string const& server, TailRequest const& request) {
  if (request.to == 0 || request.from > request.to) return unexpected(model_error(400, "invalid from/to values"));
  std::map<std::pair<std::string, std::string>, bool> known;  // a read meets the same few shards again and again
  auto holds = [&](std::string const& database, std::string const& shard) {
    auto [entry, is_new] = known.try_emplace({database, shard}, false);
    if (is_new) entry->second = holds_shard(server, database, shard);
    return entry->second;
  };
  if (find_database(request.database) == nullptr) return unexpected(model_error(1228));
  bool is_for_one = !request.global && !request.shard.empty();
  if (is_for_one && !holds(request.database, request.shard)) return unexpected(model_error(1203));
  TailAnswer answer = log(server).tail(request, holds);
  track(server, request.client, request.from);
  return answer;
}

ModelResult<FollowAnswer> ClusterModel::follow(std::string const& server, FollowRequest const& request,
                                               bool with_dropped) {
  if (request.to == 0 || request.from > request.to) return unexpected(model_error(400, "invalid from/to values"));
  if (find_database(request.database) == nullptr) return unexpected(model_error(1228));
  bool is_known = request.shard.empty() || holds_shard(server, request.database, request.shard);
  if (!is_known) return unexpected(model_error(1203));
  return log(server).follow(request, [&](std::string const& database, std::string const& shard) {
    return with_dropped || holds_shard(server, database, shard);
  });
}

std::uint64_t ClusterModel::last_tick(std::string const& server) const { return log(server).last_tick(); }
std::uint64_t ClusterModel::first_tick(std::string const& server) const { return log(server).first_tick(); }
std::size_t ClusterModel::log_bytes(std::string const& server) const { return log(server).bytes(); }

void ClusterModel::track(std::string const& server, LogClient const& client, std::uint64_t tick) {
  for (auto const& [name, database] : databases_)
    log(server).track(name, client, tick, now(), std::chrono::seconds(1800));
}

void ClusterModel::forget(std::string const& server, LogClient const& client) {
  for (auto const& [name, database] : databases_) log(server).forget(name, client);
}

std::vector<RegisteredClient> ClusterModel::clients(std::string const& server, std::string const& database) {
  return log(server).clients(database, now());
}

void ClusterModel::trim(std::string const& server) { log(server).trim(now()); }
void ClusterModel::trim_to(std::string const& server, std::uint64_t tick) { log(server).trim_to(tick); }

// ---- snapshots ----

ModelResult<ModelSnapshot> ClusterModel::open_snapshot(std::string const& server, std::string const& database,
                                                       LogClient const& client, std::uint64_t ttl_seconds) {
  ModelDatabase const* holder = find_database(database);
  if (holder == nullptr) return unexpected(model_error(1228));
  snapshots_->expire(now());
  Snapshots::Snapshot snapshot;
  snapshot.server = server;
  snapshot.database = database;
  snapshot.tick = last_tick(server);
  snapshot.ttl_seconds = ttl_seconds == 0 ? 3600 : ttl_seconds;
  Duration lifetime = std::chrono::seconds(snapshot.ttl_seconds);
  snapshot.expires = now() + lifetime;
  snapshot.client = client;
  for (auto const& [name, collection] : holder->collections) {
    for (auto const& shard : collection->shards) {
      bool is_here = std::find(shard.servers.begin(), shard.servers.end(), server) != shard.servers.end();
      if (is_here) snapshot.shards.emplace(shard.name, shard.documents);
    }
  }
  std::uint64_t tick = snapshot.tick;
  std::string id = std::to_string(next_id());
  log(server).track(database, client, tick, now(), lifetime);
  snapshots_->add(id, std::move(snapshot));
  return ModelSnapshot{id, tick};
}

ModelResult<Done> ClusterModel::extend_snapshot(std::string const& server, std::string const& database,
                                                std::string const& id, std::uint64_t ttl_seconds) {
  auto* snapshot = snapshots_->find(server, database, id, now());
  if (snapshot == nullptr) return unexpected(model_error(1600));
  Duration lifetime = std::chrono::seconds(std::max(snapshot->ttl_seconds, ttl_seconds));
  snapshot->expires = now() + lifetime;
  log(server).prolong(database, snapshot->client, now(), lifetime);
  return Done{};
}

ModelResult<Done> ClusterModel::close_snapshot(std::string const& server, std::string const& database,
                                               std::string const& id) {
  auto* snapshot = snapshots_->find(server, database, id, now());
  if (snapshot == nullptr) return unexpected(model_error(1600));
  log(server).prolong(database, snapshot->client, now(), std::chrono::seconds(15));
  snapshots_->remove(id);
  return Done{};
}

ModelResult<std::uint64_t> ClusterModel::snapshot_tick(std::string const& server, std::string const& database,
                                                       std::string const& id) const {
  auto* snapshot = snapshots_->find(server, database, id, now());
  if (snapshot == nullptr) return unexpected(model_error(1600));
  return snapshot->tick;
}

ModelResult<DumpChunk> ClusterModel::dump(std::string const& server, std::string const& database, std::string const& id,
                                          std::string const& shard, std::size_t chunk_bytes,
                                          std::size_t documents_max) {
  auto* snapshot = snapshots_->find(server, database, id, now());
  if (snapshot == nullptr) {
    ModelError gone{404, 400, "replication dump - unable to find context (it could be expired)"};
    return unexpected(std::move(gone));
  }
  if (Snapshots::cursor(*snapshot, shard) == nullptr) {
    return unexpected(model_error(400, "replication dump - bad parameter"));
  }
  Duration lifetime = std::chrono::seconds(snapshot->ttl_seconds);
  snapshot->expires = now() + lifetime;
  log(server).track(database, snapshot->client, snapshot->tick, now(), lifetime);
  return Snapshots::dump(*snapshot, shard, chunk_bytes, documents_max);
}

}  // namespace arangosync::sim
