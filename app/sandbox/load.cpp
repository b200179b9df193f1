#include "app/sandbox/load.h"

#include "adapters/x509/authorization.h"
#include "app/sandbox/dump_folder.h"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <future>
#include <utility>

namespace arangosync::sandbox {
namespace {

namespace json = boost::json;

constexpr std::size_t batch_bytes = std::size_t{2} << 20;
constexpr std::uint32_t usual_shards = 3;

// A cluster has these itself, or makes them anew; what they hold elsewhere means nothing here.
constexpr std::array system_collections_loaded = {std::string_view("_graphs"), std::string_view("_aqlfunctions"),
                                                  std::string_view("_analyzers"), std::string_view("_appbundles")};

// What a dump says of a collection and a new one can be given (spec arangodb-write 3.1).
constexpr std::array kept_parameters = {
    "name",         "type",    "waitForSync",    "numberOfShards",       "shardKeys",         "replicationFactor",
    "writeConcern", "schema",  "keyOptions",     "distributeShardsLike", "shardingStrategy",  "isSystem",
    "cacheEnabled", "isSmart", "computedValues", "smartGraphAttribute",  "smartJoinAttribute"};

bool is_loaded(std::string_view collection) {
  if (!collection.starts_with('_')) return true;
  return std::find(system_collections_loaded.begin(), system_collections_loaded.end(), collection) !=
         system_collections_loaded.end();
}

std::string in_database(std::string const& database, std::string_view path) {
  return "/_db/" + http::percent_encode(database) + std::string(path);
}

/// One request after the other.
class Target {
public:
  explicit Target(LoadWish const& wish)
      : endpoint_(wish.coordinator),
        authorization_(wish.user.empty() ? "" : x509::basic_authorization({wish.user, wish.password})),
        io_(1),
        client_(io_, wish.tls) {}

  Expected<http::Response, std::string> ask(std::string method, std::string target, std::string body = {}) {
    http::Client::Call call;
    call.endpoint = endpoint_;
    call.request.method = std::move(method);
    call.request.target = std::move(target);
    call.request.body = std::move(body);
    call.timeout = std::chrono::minutes(5);
    call.repeatable = true;
    if (!authorization_.empty()) call.request.headers.push_back({"Authorization", authorization_});
    std::promise<http::Answer> promise;
    auto future = promise.get_future();
    client_.send(std::move(call), [&](http::Answer answer) { promise.set_value(std::move(answer)); });
    auto answer = future.get();
    if (!answer) return unexpected(answer.error().message);
    return *std::move(answer);
  }

  /// `what` names the thing in the error. `exists`: an errorNum that is as good as success.
  Expected<Done, std::string> make(std::string const& what, std::string target, json::value const& body,
                                   std::int64_t exists) {
    auto const response = ask("POST", std::move(target), json::serialize(body));
    if (!response) return unexpected(response.error());
    if (response->status < 300) return Done{};
    boost::system::error_code broken;
    auto const answer = json::parse(response->body, broken);
    auto const* number = !broken && answer.is_object() ? answer.get_object().if_contains("errorNum") : nullptr;
    if (number != nullptr && number->is_int64() && number->get_int64() == exists) return Done{};
    std::string why = "HTTP " + std::to_string(response->status);
    if (number != nullptr && number->is_int64()) why += ", error " + std::to_string(number->get_int64());
    if (response->status == 401) why += "; give --auth.user and --auth.password";
    return unexpected("Failed to create " + what + ": " + why);
  }

private:
  http::Endpoint endpoint_;
  std::string authorization_;
  http::Io io_;
  http::Client client_;
};

/// How many items of a bulk insert failed: {"1210":2,"1200":1} in a header.
std::uint64_t failures_in(http::Response const& response) {
  auto const header = http::header(response.headers, "X-Arango-Error-Codes");
  if (header.empty()) return 0;
  boost::system::error_code broken;
  auto const counts = json::parse(json::string_view(header.data(), header.size()), broken);
  if (broken || !counts.is_object()) return 0;
  std::uint64_t sum = 0;
  for (auto const& [number, count] : counts.get_object()) {
    if (count.is_int64() && count.get_int64() > 0) sum += static_cast<std::uint64_t>(count.get_int64());
  }
  return sum;
}

/// Collects documents into bulk inserts of one collection.
class Batches {
public:
  Batches(Target& target, std::string const& database, std::string const& collection)
      : target_(target), path_(in_database(database, "/_api/document/" + http::percent_encode(collection))) {}

  Expected<Done, std::string> take(DumpedLine const& line) {
    if (line.is_removal) {
      if (auto const done = send(); !done) return done;
      auto const removed = target_.ask("DELETE", path_ + '/' + http::percent_encode(line.key));
      if (!removed) return unexpected(removed.error());
      return Done{};
    }
    body_ += body_.empty() ? '[' : ',';
    body_ += line.document;
    ++waiting_;
    return body_.size() >= batch_bytes ? send() : Done{};
  }

  Expected<Done, std::string> send() {
    if (waiting_ == 0) return Done{};
    body_ += ']';
    auto const response = target_.ask("POST", path_ + "?overwriteMode=replace&silent=true", std::exchange(body_, {}));
    if (!response) return unexpected(response.error());
    if (response->status >= 300) {
      return unexpected("Failed to insert into " + path_ + ": HTTP " + std::to_string(response->status));
    }
    auto const failed = failures_in(*response);
    documents += waiting_ - std::min(failed, waiting_);
    refused += failed;
    waiting_ = 0;
    return Done{};
  }

  std::uint64_t documents = 0;
  std::uint64_t refused = 0;

private:
  Target& target_;
  std::string path_;
  std::string body_;
  std::uint64_t waiting_ = 0;
};

json::object parameters_for(json::object const& dumped, std::uint32_t shards) {
  json::object wanted;
  for (auto const* name : kept_parameters) {
    if (auto const* value = dumped.if_contains(name); value != nullptr && !value->is_null()) wanted[name] = *value;
  }
  auto const* like = wanted.if_contains("distributeShardsLike");
  bool const follows = like != nullptr && like->is_string() && !like->get_string().empty();
  if (shards != 0 && !follows) wanted["numberOfShards"] = shards;
  if (!wanted.contains("numberOfShards") && !follows) wanted["numberOfShards"] = usual_shards;
  return wanted;
}

/// One that cannot be made is told, and counted; documents are worth more than indexes.
std::uint64_t make_indexes(Target& target, std::string const& database, std::string const& collection,
                           json::value const& indexes, std::ostream& progress) {
  std::uint64_t refused = 0;
  if (!indexes.is_array()) return refused;
  for (auto const& dumped : indexes.get_array()) {
    if (!dumped.is_object()) continue;
    json::object index = dumped.get_object();
    auto const* type = index.if_contains("type");
    if (type == nullptr || !type->is_string()) continue;
    std::string kind(type->get_string());
    if (kind == "primary" || kind == "edge") continue;  // every collection has its own
    if (kind == "geo1" || kind == "geo2") index["type"] = kind = "geo";
    index.erase("id");
    auto const made =
        target.make("an index of " + collection,
                    in_database(database, "/_api/index?collection=" + http::percent_encode(collection)), index, 1207);
    if (made) continue;
    ++refused;
    progress << "  " << collection << ": " << made.error() << " (" << kind << ")\n";
  }
  return refused;
}

/// Prototypes of a sharding before those that follow them.
bool follows_another(DumpedCollection const& collection) {
  return collection.structure.find(R"("distributeShardsLike":")") != std::string::npos &&
         collection.structure.find(R"("distributeShardsLike":"")") == std::string::npos;
}

Expected<Done, std::string> load_collection(Target& target, LoadWish const& wish, std::string const& database,
                                            DumpedCollection const& collection, LoadReport& report,
                                            std::ostream& progress) {
  auto const structure = json::parse(collection.structure).get_object();
  auto const& parameters = structure.at("parameters").get_object();
  auto const made =
      target.make("collection " + database + "/" + collection.name, in_database(database, "/_api/collection"),
                  parameters_for(parameters, wish.shards), 1207);
  if (!made) return made;
  Batches batches(target, database, collection.name);
  for (auto const& file : collection.data) {
    auto const walked = walk_lines(file, [&](DumpedLine const& line) { return batches.take(line); });
    if (!walked) return walked;
  }
  if (auto const sent = batches.send(); !sent) return sent;
  if (auto const* indexes = structure.if_contains("indexes")) {
    report.indexes_refused += make_indexes(target, database, collection.name, *indexes, progress);
  }
  ++report.collections;
  report.documents += batches.documents;
  report.refused += batches.refused;
  progress << "  " << database << '/' << collection.name << ": " << batches.documents << " documents";
  if (batches.refused > 0) progress << ", " << batches.refused << " refused";
  progress << '\n' << std::flush;
  return Done{};
}

}  // namespace

Expected<LoadReport, std::string> load_dumps(LoadWish const& wish, std::ostream& progress) {
  auto databases = find_dumps(wish.folder);
  if (!databases) return unexpected(databases.error());
  if (!wish.database.empty() && databases->size() > 1) {
    return unexpected("--database is given, but " + wish.folder + " holds " + std::to_string(databases->size()) +
                      " databases; name the folder of one of them");
  }
  Target target(wish);
  LoadReport report;
  for (auto& dumped : *databases) {
    std::string const given = wish.database.empty() ? dumped.name : wish.database;
    std::string const database = given.empty() ? "_system" : given;
    if (database != "_system") {
      json::object body;
      body["name"] = database;
      if (auto const made = target.make("database " + database, "/_api/database", body, 1207); !made) {
        return unexpected(made.error());
      }
    }
    for (auto const& line : dumped.left_out) progress << "  " << line << '\n';
    std::stable_partition(dumped.collections.begin(), dumped.collections.end(),
                          [](auto const& collection) { return !follows_another(collection); });
    for (auto const& collection : dumped.collections) {
      if (!is_loaded(collection.name)) {
        progress << "  " << database << '/' << collection.name << ": left out, the cluster has its own\n";
        continue;
      }
      auto const loaded = load_collection(target, wish, database, collection, report, progress);
      if (!loaded) return unexpected(loaded.error());
    }
  }
  return report;
}

}  // namespace arangosync::sandbox
