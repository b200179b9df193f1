#include "adapters/cluster/steps.h"

#include "adapters/cluster/error_class.h"
#include "adapters/cluster/json_value.h"
#include "adapters/cluster/own_collections.h"
#include "adapters/cluster/smart_graphs.h"
#include "adapters/cluster/vector_indexes.h"
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

/// Why a step failed, and what helps.
Fault refusal(Call const& call, ServerError why) {
  Fault fault = fault_of(call.what, why);
  if (auto const help = remedy(why.number); !help.empty()) fault.message.append("; ").append(help);
  return fault;
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
  co_return unexpected(refusal(call, why));
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
  if (!done) co_return done;
  auto origins = co_await read_origins(context.scope, context.connection);
  if (!origins) co_return unexpected(origins.error());
  for (auto const& [place, source_id] : *origins) {
    if (place.first != step.database) continue;
    auto forgotten =
        co_await forget_origin(context.scope, context.connection, place.first, place.second, context.deadline);
    if (!forgotten) co_return forgotten;
  }
  co_return done;
}

http::Task<Outcome<Done>> apply(Context context, inventory::RecordOrigin step) {
  // Its graph may have come before it. Here, as every collection comes by, also one whose creation was not answered.
  auto settled = co_await settle_graph_ids(context.scope, context.connection, step.database, context.deadline);
  if (!settled) co_return settled;
  auto done = co_await record_origin(context.scope, context.connection, std::move(step), context.deadline);
  co_return done;
}

http::Task<Outcome<Done>> apply(Context context, inventory::CreateCollection step) {
  auto call = make_call(step, context.deadline, "POST", in_database(step.database, "/_api/collection"));
  call.body = collection_body(step.collection);
  // Not fine: a name that is taken, be it by what a call of ours has made whose answer was lost. What is there is
  // looked at before it is recorded as a copy: the source may have had another one of that name then.
  std::vector<int> const fine;
  auto done = co_await call_once(context.scope, context.connection, std::move(call), fine);
  if (!done) co_return done;
  inventory::RecordOrigin origin{step.database, step.collection.name, step.collection.id};
  auto recorded = co_await apply(context, std::move(origin));
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
  bool const is_vector = step.index.type == vector_type;
  if (is_vector) {
    auto ready = co_await find_documents(context.scope, context.connection, step.database, step.collection);
    if (!ready) co_return ready;
  }
  // An id or a name that another definition has here: without the id, then without the name (spec 4.2).
  for (int attempt = 0; attempt < 3; ++attempt) {
    call.body = index_body(step.index, attempt == 0, attempt < 2);
    auto reply = co_await call_coordinator(context.scope, context.connection, call);
    if (!reply) co_return unexpected(reply.error());
    if (succeeded(*reply) && !is_vector) co_return Done{};
    if (succeeded(*reply)) {
      auto trained =
          co_await keep_if_trained(context.scope, context.connection, step, std::move(reply->body), context.deadline);
      co_return trained;
    }
    auto const why = server_error(*reply);
    if (why.number != error::duplicate_identifier || attempt == 2) co_return unexpected(refusal(call, why));
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

// ---- analyzers and views ----

std::string analyzer_path(DatabaseName const& database, inventory::AnalyzerName const& name, std::string_view rest) {
  return in_database(database, "/_api/analyzer/" + http::percent_encode(name.value()) + std::string(rest));
}

std::string view_path(DatabaseName const& database, inventory::ViewName const& name, std::string_view rest) {
  return in_database(database, "/_api/view/" + http::percent_encode(name.value()) + std::string(rest));
}

http::Task<Outcome<Done>> apply(Context context, inventory::DropAnalyzer step) {
  auto call = make_call(step, context.deadline, "DELETE", analyzer_path(step.database, step.name, "?force=true"));
  std::vector<int> const fine{error::document_not_found, error::database_not_found};
  auto done = co_await call_once(context.scope, context.connection, std::move(call), fine);
  co_return done;
}

http::Task<Outcome<Done>> apply(Context context, inventory::CreateAnalyzer step) {
  auto call = make_call(step, context.deadline, "POST", in_database(step.database, "/_api/analyzer"));
  call.timeout = structure_timeout;
  call.body = analyzer_body(step.name, step.analyzer);
  auto reply = co_await call_coordinator(context.scope, context.connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (succeeded(*reply)) co_return Done{};
  auto const refused = refusal(call, server_error(*reply));
  if (server_error(*reply).number != error::bad_parameter) co_return unexpected(refused);
  // Another definition of that name, or one that no server would take: what is there goes only in the first case.
  auto look = make_call(step, context.deadline, "GET", analyzer_path(step.database, step.name, ""));
  auto seen = co_await call_coordinator(context.scope, context.connection, look);
  if (!seen) co_return unexpected(seen.error());
  if (!succeeded(*seen)) co_return unexpected(refused);
  inventory::DropAnalyzer drop{step.database, step.name};
  auto dropped = co_await apply(context, std::move(drop));
  if (!dropped) co_return dropped;
  std::vector<int> const fine;
  auto done = co_await call_once(context.scope, context.connection, std::move(call), fine);
  co_return done;
}

http::Task<Outcome<Done>> apply(Context context, inventory::CreateView step) {
  auto call = make_call(step, context.deadline, "POST", in_database(step.database, "/_api/view"));
  call.body = view_body(step.name, step.view);
  std::vector<int> const fine{error::duplicate_name};
  auto done = co_await call_once(context.scope, context.connection, std::move(call), fine);
  co_return done;
}

http::Task<Outcome<Done>> apply(Context context, inventory::ChangeView step) {
  auto call = make_call(step, context.deadline, "PATCH", view_path(step.database, step.name, "/properties"));
  call.body = view_change_body(step.change);
  std::vector<int> const fine;
  auto done = co_await call_once(context.scope, context.connection, std::move(call), fine);
  co_return done;
}

http::Task<Outcome<Done>> apply(Context context, inventory::DropView step) {
  auto call = make_call(step, context.deadline, "DELETE", view_path(step.database, step.name, ""));
  std::vector<int> const fine{error::collection_not_found, error::database_not_found};
  auto done = co_await call_once(context.scope, context.connection, std::move(call), fine);
  co_return done;
}

json::array entries(std::set<inventory::ViewedIndex> const& indexes, char const* operation) {
  json::array list;
  for (auto const& [collection, index] : indexes) {
    json::object entry{{"collection", collection.value()}, {"index", index}};
    if (operation != nullptr) entry["operation"] = operation;
    list.push_back(std::move(entry));
  }
  return list;
}

json::object link_members(std::map<CollectionName, std::string> const& links) {
  json::object members;
  for (auto const& [collection, link] : links) {
    if (auto definition = parse_json(link)) members[collection.value()] = std::move(*definition);
  }
  return members;
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

std::string analyzer_body(inventory::AnalyzerName const& name, inventory::Analyzer const& analyzer) {
  json::object body;
  add_members(body, analyzer.definition);
  body["name"] = name.value();
  body["type"] = analyzer.type;
  return json::serialize(body);
}

std::string view_body(inventory::ViewName const& name, inventory::View const& view) {
  json::object body;
  add_members(body, view.immutable_properties);
  add_members(body, view.mutable_properties);
  body["name"] = name.value();
  body["type"] = view.type;
  if (!view.links.empty()) body["links"] = link_members(view.links);
  if (!view.indexes.empty()) body["indexes"] = entries(view.indexes, nullptr);
  return json::serialize(body);
}

std::string view_change_body(inventory::ViewChange const& change) {
  json::object body;
  add_members(body, change.properties);
  auto links = link_members(change.links);
  for (auto const& collection : change.unlinked) links[collection.value()] = nullptr;
  if (!links.empty()) body["links"] = std::move(links);
  auto indexes = entries(change.removed, "del");
  for (auto& added : entries(change.added, "add")) indexes.push_back(std::move(added));
  if (!indexes.empty()) body["indexes"] = std::move(indexes);
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
