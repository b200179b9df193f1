#include "adapters/cluster/structure_reader.h"

#include "adapters/cluster/error_class.h"
#include "adapters/cluster/inventory_answer.h"
#include "adapters/cluster/json_value.h"

#include <algorithm>
#include <utility>

namespace arangosync::cluster {
namespace {

Call inventory_call(DatabaseName const& database) {
  Call call;
  call.what = "read structure of database " + database.value();
  call.target = in_database(database, "/_api/replication/clusterInventory?includeSystem=true");
  return call;
}

http::Task<Outcome<std::vector<DatabaseName>>> read_databases(http::Scope& scope, Connection& connection) {
  Call call;
  call.what = "list databases";
  call.target = "/_api/database";
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  auto const body = parse_json(reply->body);
  auto const* names = body ? member(*body, "result") : nullptr;
  if (names == nullptr || !names->is_array()) {
    co_return unexpected(Fault{FaultClass::Permanent, call.what + ": answer not understood"});
  }
  std::vector<DatabaseName> databases;
  for (auto const& name : names->get_array()) {
    if (auto const* text = name.if_string()) databases.emplace_back(std::string(text->data(), text->size()));
  }
  co_return databases;
}

constexpr Duration analyzers_pause = std::chrono::seconds(10);
using Analyzers = KnownAnalyzers::Analyzers;

/// Absent where nobody knows what an analyzer is (before 3.5).
http::Task<Outcome<Analyzers>> read_analyzers(http::Scope& scope, Connection& connection, DatabaseName database) {
  Call call;
  call.what = "read analyzers of database " + database.value();
  call.target = in_database(database, "/_api/analyzer");
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (reply->status == 404) co_return Analyzers();
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  auto analyzers = parse_analyzers(database, reply->body);
  if (!analyzers) co_return unexpected(Fault{FaultClass::Permanent, call.what + ": answer not understood"});
  co_return analyzers;
}

constexpr Duration doubt_max = std::chrono::minutes(1);

}  // namespace

std::optional<Analyzers> KnownAnalyzers::find(inventory::Database const& database, Instant now) const {
  std::lock_guard lock(mutex_);
  auto const found = known_.find(database.name);
  bool const is_fresh = found != known_.end() && now - found->second.read_at < analyzers_pause;
  if (!is_fresh || found->second.database != database) return std::nullopt;
  return found->second.analyzers;
}

void KnownAnalyzers::keep(inventory::Database database, Analyzers analyzers, Instant now) {
  std::lock_guard lock(mutex_);
  auto const name = database.name;
  known_.insert_or_assign(name, Known{std::move(database), std::move(analyzers), now});
}

void KnownAnalyzers::keep_only(inventory::Structure const& structure) {
  std::lock_guard lock(mutex_);
  std::erase_if(known_, [&](auto const& each) { return !structure.databases.contains(each.first); });
}

http::Task<Outcome<inventory::Structure>> read_structure(http::Scope& scope, Connection& connection,
                                                         KnownAnalyzers* known) {
  auto databases = co_await read_databases(scope, connection);
  if (!databases) co_return unexpected(databases.error());
  inventory::Structure structure;
  for (auto const& name : *databases) {
    auto const call = inventory_call(name);
    auto reply = co_await call_coordinator(scope, connection, call);
    if (!reply) co_return unexpected(reply.error());
    if (!succeeded(*reply)) {
      auto const why = server_error(*reply);
      if (why.number != error::database_not_found) co_return unexpected(fault_of(call.what, why));
      // Dropped just now; or this Coordinator has not heard of it yet, and what is not told is dropped on the target.
      auto const still = co_await read_databases(scope, connection);
      if (!still) co_return unexpected(still.error());
      if (std::find(still->begin(), still->end(), name) == still->end()) continue;
      co_return unexpected(Fault{FaultClass::Retry, call.what + ": a Coordinator does not know the database yet"});
    }
    auto database = parse_inventory(name, reply->body);
    if (!database) co_return unexpected(Fault{FaultClass::Permanent, call.what + ": " + database.error()});
    if (database->collections.contains(CollectionName("_analyzers"))) {
      auto const now = connection.clock().now();
      auto remembered = known != nullptr ? known->find(*database, now) : std::nullopt;
      if (!remembered) {
        auto analyzers = co_await read_analyzers(scope, connection, name);
        if (!analyzers) co_return unexpected(analyzers.error());
        if (known != nullptr) known->keep(*database, *analyzers, now);
        remembered = std::move(*analyzers);
      }
      database->analyzers = std::move(*remembered);
    }
    structure.databases.emplace(name, std::move(*database));
  }
  if (known != nullptr) known->keep_only(structure);
  co_return structure;
}

bool LastStructure::is_empty() const {
  std::lock_guard lock(mutex_);
  return ids_.empty();
}

bool LastStructure::is_all_in(inventory::Structure const& structure) const {
  Ids const present = ids_of(structure);
  std::lock_guard lock(mutex_);
  return std::includes(present.begin(), present.end(), ids_.begin(), ids_.end());
}

void LastStructure::keep(inventory::Structure const& structure) {
  Ids present = ids_of(structure);
  std::lock_guard lock(mutex_);
  ids_ = std::move(present);
  doubted_since_.reset();
}

Duration LastStructure::doubt(Instant now) {
  std::lock_guard lock(mutex_);
  if (!doubted_since_) doubted_since_ = now;
  return now - *doubted_since_;
}

LastStructure::Ids LastStructure::ids_of(inventory::Structure const& structure) {
  Ids ids;
  for (auto const& [name, database] : structure.databases) {
    ids.emplace(name, "");
    for (auto const& [ignored, collection] : database.collections) ids.emplace(name, collection.id);
  }
  return ids;
}

http::Task<Outcome<inventory::Structure>> read_source(http::Scope& scope, Connection& connection, KnownAnalyzers& known,
                                                      LastStructure& last) {
  auto structure = co_await read_structure(scope, connection, &known);
  if (!structure) co_return structure;
  bool const is_first = last.is_empty();
  if (is_first || !last.is_all_in(*structure)) {
    // Asked afterwards: what was read before is of the cluster that answers now, too.
    auto const members = co_await refresh_members(scope, connection);
    bool const is_unsure = !members && !is_first && last.doubt(connection.clock().now()) < doubt_max;
    if (!members && (is_unsure || connection.meets_stranger())) co_return unexpected(members.error());
  }
  last.keep(*structure);
  co_return structure;
}

http::Task<Outcome<std::vector<inventory::Shard>>> read_shards(http::Scope& scope, Connection& connection,
                                                               DatabaseName database, CollectionName collection) {
  auto const name = database.value() + "/" + collection.value();
  Call call;
  call.what = "find shards of " + name;
  call.target =
      in_database(database, "/_api/collection/" + http::percent_encode(collection.value()) + "/shards?details=true");
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  auto shards = parse_shard_list(reply->body);
  // Whether a server shows hidden parts here is not known; the inventory does.
  bool const is_gone = server_error(*reply).number == error::collection_not_found && !inventory::whole_of(collection);
  bool const is_old = shards.empty() && !is_gone;
  if (is_old) {  // the inventory tells it in every version, but of all collections at once
    call.target = inventory_call(database).target;
    reply = co_await call_coordinator(scope, connection, call);
    if (!reply) co_return unexpected(reply.error());
    if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
    shards = parse_shards(collection, reply->body);
  }
  if (shards.empty()) co_return unexpected(Fault{FaultClass::Refresh, call.what + ": no such collection"});
  co_return shards;
}

}  // namespace arangosync::cluster
