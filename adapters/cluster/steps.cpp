#include "adapters/cluster/steps.h"

#include "adapters/cluster/error_class.h"
#include "adapters/cluster/json_value.h"
#include "adapters/cluster/own_collections.h"
#include "domain/base/overloaded.h"

#include <initializer_list>
#include <utility>

namespace arangosync::cluster {
namespace json = boost::json;
namespace {

constexpr Duration structure_timeout = std::chrono::seconds(300);

void add_members(json::object& to, std::string_view canonical_text) {
  auto const members = parse_json(canonical_text);
  if (!members || !members->is_object()) return;
  for (auto const& [name, value] : members->get_object()) to[name] = value;
}

/// One call; `fine` are errors that mean "it is so already".
http::Task<Outcome<Done>> call_once(http::Scope& scope, Connection& connection, Call call, std::vector<int> fine) {
  call.timeout = structure_timeout;
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (succeeded(*reply)) co_return Done{};
  auto const why = server_error(*reply);
  for (auto const number : fine) {
    if (why.number == number) co_return Done{};
  }
  co_return unexpected(fault_of(call.what, why));
}

std::string collection_path(DatabaseName const& database, CollectionName const& collection, std::string_view rest) {
  return in_database(database, "/_api/collection/" + http::percent_encode(collection.value()) + std::string(rest));
}

Call make_call(inventory::Step const& step, Instant deadline, std::string method, std::string target) {
  Call call;
  call.what = inventory::to_string(step);
  call.method = std::move(method);
  call.target = std::move(target);
  call.deadline = deadline;
  return call;
}

struct Context {
  http::Scope& scope;
  Connection& connection;
  Instant deadline;
};

http::Task<Outcome<Done>> apply(Context context, inventory::CreateDatabase step) {
  auto call = make_call(step, context.deadline, "POST", "/_api/database");
  call.body = database_body(step);
  std::vector<int> const fine{error::duplicate_name};
  auto done = co_await call_once(context.scope, context.connection, std::move(call), fine);
  co_return done;
}

http::Task<Outcome<Done>> apply(Context context, inventory::DropDatabase step) {
  auto call =
      make_call(step, context.deadline, "DELETE", "/_api/database/" + http::percent_encode(step.database.value()));
  std::vector<int> const fine{error::database_not_found};
  auto done = co_await call_once(context.scope, context.connection, std::move(call), fine);
  co_return done;
}

http::Task<Outcome<Done>> apply(Context context, inventory::CreateCollection step) {
  auto call = make_call(step, context.deadline, "POST", in_database(step.database, "/_api/collection"));
  call.body = collection_body(step.collection);
  std::vector<int> const fine{error::duplicate_name};
  auto done = co_await call_once(context.scope, context.connection, std::move(call), fine);
  if (!done) co_return done;
  inventory::RecordOrigin origin{step.database, step.collection.name, step.collection.id};
  auto recorded = co_await record_origin(context.scope, context.connection, std::move(origin), context.deadline);
  co_return recorded;
}

http::Task<Outcome<Done>> apply(Context context, inventory::ChangeCollection step) {
  auto call = make_call(step, context.deadline, "PUT", collection_path(step.database, step.collection, "/properties"));
  call.body = step.mutable_properties;
  std::vector<int> const fine;
  auto done = co_await call_once(context.scope, context.connection, std::move(call), fine);
  co_return done;
}

http::Task<Outcome<Done>> apply(Context context, inventory::DropCollection step) {
  auto call = make_call(step, context.deadline, "DELETE",
                        collection_path(step.database, step.collection, step.is_system ? "?isSystem=true" : ""));
  std::vector<int> const fine{error::collection_not_found, error::database_not_found};
  auto done = co_await call_once(context.scope, context.connection, std::move(call), fine);
  if (!done) co_return done;
  auto forgotten =
      co_await forget_origin(context.scope, context.connection, step.database, step.collection, context.deadline);
  co_return forgotten;
}

http::Task<Outcome<Done>> apply(Context context, inventory::CreateIndex step) {
  auto call =
      make_call(step, context.deadline, "POST",
                in_database(step.database, "/_api/index?collection=" + http::percent_encode(step.collection.value())));
  call.timeout = structure_timeout;
  // An id or a name that another definition has here: without the id, then without the name (spec 4.2).
  for (int attempt = 0; attempt < 3; ++attempt) {
    call.body = index_body(step.index, attempt == 0, attempt < 2);
    auto reply = co_await call_coordinator(context.scope, context.connection, call);
    if (!reply) co_return unexpected(reply.error());
    if (succeeded(*reply)) co_return Done{};
    auto const why = server_error(*reply);
    if (why.number != error::duplicate_identifier || attempt == 2) co_return unexpected(fault_of(call.what, why));
  }
  co_return Done{};
}

http::Task<Outcome<Done>> apply(Context context, inventory::DropIndex step) {
  auto call = make_call(step, context.deadline, "DELETE",
                        in_database(step.database, "/_api/index/" + http::percent_encode(step.collection.value()) +
                                                       "/" + http::percent_encode(step.index_id)));
  std::vector<int> const fine{error::index_not_found, error::collection_not_found};
  auto done = co_await call_once(context.scope, context.connection, std::move(call), fine);
  co_return done;
}

http::Task<Outcome<Done>> apply(Context context, inventory::RecordOrigin step) {
  auto done = co_await record_origin(context.scope, context.connection, std::move(step), context.deadline);
  co_return done;
}

}  // namespace

std::string database_body(inventory::CreateDatabase const& step) {
  json::object body;
  body["name"] = step.database.value();
  json::object options;
  add_members(options, step.options);
  body["options"] = std::move(options);
  return json::serialize(body);
}

std::string collection_body(inventory::Collection const& collection) {
  json::object body;
  add_members(body, collection.immutable_properties);
  add_members(body, collection.mutable_properties);
  body["name"] = collection.name.value();
  body["type"] = collection.type;
  body["isSystem"] = collection.is_system;
  if (!collection.distribute_shards_like.empty()) body["distributeShardsLike"] = collection.distribute_shards_like;
  return json::serialize(body);
}

std::string index_body(inventory::Index const& index, bool with_id, bool with_name) {
  json::object body;
  add_members(body, index.definition);
  body["type"] = index.type;
  body["inBackground"] = true;
  if (with_id && !index.id.empty()) body["id"] = index.id;
  if (with_name && !index.name.empty()) body["name"] = index.name;
  return json::serialize(body);
}

http::Task<Outcome<Done>> apply_step(http::Scope& scope, Connection& connection, inventory::Step step,
                                     Instant deadline) {
  Context const context{scope, connection, deadline};
  auto task = std::visit([&](auto const& some) { return apply(context, some); }, step);
  auto done = co_await task;
  co_return done;
}

}  // namespace arangosync::cluster
