#include "adapters/cluster/smart_graphs.h"

#include "adapters/cluster/bulk_answer.h"
#include "adapters/cluster/error_class.h"
#include "adapters/cluster/json_value.h"
#include "adapters/cluster/lines.h"
#include "adapters/cluster/own_calls.h"
#include "domain/inventory/properties.h"

#include <map>
#include <utility>

namespace arangosync::cluster {
namespace {

constexpr char const* graphs_collection = "_graphs";
constexpr int rounds_max = 5;

/// Empty: there is no such collection (yet).
http::Task<Outcome<std::string>> read_id(http::Scope& scope, Connection& connection, DatabaseName database,
                                         std::string collection) {
  Call call;
  call.what = "look for collection " + database.value() + "/" + collection;
  call.target = in_database(database, "/_api/collection/" + http::percent_encode(collection));
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (server_error(*reply).number == error::collection_not_found) co_return std::string();
  auto const body = parse_json(reply->body);
  if (!succeeded(*reply) || !body) co_return unexpected(fault_of(call.what, *reply));
  co_return id_of(*body, "id");
}

/// False: somebody else has changed it since it was read.
http::Task<Outcome<bool>> write_graph(http::Scope& scope, Connection& connection, DatabaseName database,
                                      std::string document, Instant deadline) {
  Call call;
  call.what = "write the collection's id here into a smart graph of database " + database.value();
  call.method = "PUT";
  call.target = in_database(database, "/_api/document/_graphs?isRestore=true&ignoreRevs=false&silent=false");
  call.deadline = deadline;
  IdCutter cutter;
  call.body = "[";
  if (!cutter.append_without_id(document, call.body)) co_return true;
  call.body += "]";
  auto reply = co_await call_coordinator(scope, connection, call);
  if (!reply) co_return unexpected(reply.error());
  if (!succeeded(*reply)) co_return unexpected(fault_of(call.what, *reply));
  auto const failures = parse_bulk_answer(reply->body, 1);
  if (!failures) co_return unexpected(Fault{FaultClass::Permanent, call.what + ": answer not understood"});
  if (failures->empty()) co_return true;
  int const number = failures->front().number;
  if (number == error::conflict || number == error::document_not_found) co_return false;
  co_return unexpected(fault_of(call.what, ServerError{0, number}));
}

/// False: not all were as they had been read.
http::Task<Outcome<bool>> settle_once(http::Scope& scope, Connection& connection, DatabaseName database,
                                      Instant deadline) {
  auto documents = co_await read_all(scope, connection, database, CollectionName(graphs_collection));
  if (!documents) co_return unexpected(documents.error());
  std::map<std::string, std::string> ids;
  bool is_settled = true;
  for (auto const& document : *documents) {
    auto const name = initial_collection(document);
    if (!name) continue;
    if (!ids.contains(*name)) {
      auto id = co_await read_id(scope, connection, database, *name);
      if (!id) co_return unexpected(id.error());
      ids[*name] = *id;
    }
    if (ids[*name].empty()) continue;
    auto changed = with_initial_id(document, ids[*name]);
    if (!changed) continue;
    auto written = co_await write_graph(scope, connection, database, std::move(*changed), deadline);
    if (!written) co_return unexpected(written.error());
    is_settled = is_settled && *written;
  }
  co_return is_settled;
}

}  // namespace

std::optional<std::string> initial_collection(std::string_view document) {
  auto const parsed = parse_json(document);
  if (!parsed || member(*parsed, "initialCid") == nullptr) return std::nullopt;
  return string_of(*parsed, "initial");
}

std::optional<std::string> with_initial_id(std::string_view document, std::string_view id) {
  auto const members = inventory::members_of(document);
  auto const found = members.find("initialCid");
  if (found == members.end()) return std::nullopt;
  bool const is_text = found->second.starts_with('"');
  std::string const wanted = is_text ? quoted(id) : std::string(id);
  if (found->second == wanted) return std::nullopt;
  std::string changed(document);
  changed.replace(static_cast<std::size_t>(found->second.data() - document.data()), found->second.size(), wanted);
  return changed;
}

http::Task<Outcome<Done>> settle_graph_ids(http::Scope& scope, Connection& connection, DatabaseName database,
                                           Instant deadline) {
  for (int round = 0; round < rounds_max; ++round) {
    auto settled = co_await settle_once(scope, connection, database, deadline);
    if (!settled) co_return unexpected(settled.error());
    if (*settled) co_return Done{};
  }
  co_return unexpected(
      Fault{FaultClass::Retry, "smart graphs of database " + database.value() + " change again and again"});
}

}  // namespace arangosync::cluster
