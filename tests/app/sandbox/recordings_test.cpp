// The sandbox's answers beside those that real 3.9 servers gave (tests/data/arangodb/server-transcripts-3.9.jsonl).
#include "app/sandbox/sandbox.h"
#include "tests/paths/paths.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace arangosync::sandbox {
namespace {

namespace bj = boost::json;
using Role = Sandbox::Role;

struct Recording {
  std::string name;
  http::Request request;
  int status = 0;
  bj::object headers;
  std::string body;
};

std::string text(bj::object const& object, char const* name) {
  auto const* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string().c_str()) : std::string();
}

std::vector<Recording> recordings() {
  std::ifstream file(tests::data_folder() + "/arangodb/server-transcripts-3.9.jsonl");
  std::vector<Recording> found;
  for (std::string line; std::getline(file, line);) {
    auto const entry = bj::parse(line).as_object();
    Recording recording;
    recording.name = text(entry, "name");
    recording.request.method = text(entry, "method");
    recording.request.target = text(entry, "url");
    recording.request.body = text(entry, "request_body");
    for (auto const& header : entry.at("request_headers").as_object()) {
      recording.request.headers.push_back({std::string(header.key()), std::string(header.value().as_string().c_str())});
    }
    recording.status = static_cast<int>(entry.at("status").as_int64());
    recording.headers = entry.at("headers").as_object();
    recording.body = text(entry, "body_text");
    found.push_back(std::move(recording));
  }
  return found;
}

/// A fresh sandbox prepared for one recording, without authentication and without sockets in between.
class Stage {
public:
  Stage() {
    auto started = Sandbox::start({});
    if (!started) throw started.error();
    sandbox_ = std::move(*started);
  }
  http::Response call(std::string method, std::string target, std::string body = "",
                      std::vector<http::Header> headers = {}, Role role = Role::Coordinator) {
    return sandbox_->answer(role, 0, {std::move(method), std::move(target), std::move(headers), std::move(body)});
  }
  http::Response call(http::Request const& request, Role role) { return sandbox_->answer(role, 0, request); }

  /// "METHOD /target body", or one of the words below.
  void prepare(std::string const& step, Recording const& recording) {
    if (step == "@restore-asked" || step == "@restore-answered") {
      // The world the recording shows: documents with just these keys and revisions.
      std::string const& body = step == "@restore-asked" ? recording.request.body : recording.body;
      auto response = call("POST", "/_api/document/products?isRestore=true&overwrite=true", body);
      ASSERT_LT(response.status, 300) << response.body;
      return;
    }
    auto method_end = step.find(' ');
    auto target_end = std::min(step.find(' ', method_end + 1), step.size());
    std::string body = target_end == step.size() ? "" : step.substr(target_end + 1);
    auto response = call(step.substr(0, method_end), step.substr(method_end + 1, target_end - method_end - 1), body);
    ASSERT_LT(response.status, 300) << step << ": " << response.body;
  }

private:
  std::unique_ptr<Sandbox> sandbox_;
};

/// What differs from one run to the next: ids, revisions, ticks, times, sizes.
bool is_volatile(std::string_view name) {
  static std::set<std::string_view> const names = {"_rev",
                                                   "_oldRev",
                                                   "_id",
                                                   "_key",
                                                   "id",
                                                   "globallyUniqueId",
                                                   "objectId",
                                                   "name",
                                                   "checksum",
                                                   "revision",
                                                   "tick",
                                                   "tickMin",
                                                   "tickMax",
                                                   "time",
                                                   "serverId",
                                                   "endpoint",
                                                   "version",
                                                   "license",
                                                   "executionTime",
                                                   "peakMemoryUsage",
                                                   "scannedIndex",
                                                   "size",
                                                   "documentsSize",
                                                   "lastLogTick",
                                                   "lastUncommittedLogTick",
                                                   "totalEvents",
                                                   "shardId",
                                                   "lastValue",
                                                   "count",
                                                   "firstTick",
                                                   "path",
                                                   "shards"};
  return names.contains(name);
}

/// Members that only a single server has, or only a cluster has; the recordings come from single servers.
bool is_single_server_only(std::string_view name) { return name == "objectId" || name == "lastValue"; }
bool is_cluster_only(std::string_view name) {
  static std::set<std::string_view> const names = {
      "numberOfShards",       "shardKeys", "shardingStrategy", "replicationFactor",
      "minReplicationFactor", "isSmart",   "isDisjoint",       "distributeShardsLike"};
  return names.contains(name);
}

char const* kind(bj::value const& value) {
  if (value.is_number()) return "number";
  if (value.is_bool()) return "bool";
  if (value.is_string()) return "string";
  if (value.is_array()) return "array";
  return value.is_object() ? "object" : "null";
}

void compare(bj::value const& wanted, bj::value const& got, std::string const& where, bool is_free);

void compare_objects(bj::object const& wanted, bj::object const& got, std::string const& where, bool is_free) {
  for (auto const& member : wanted) {
    std::string_view name(member.key().data(), member.key().size());
    if (is_single_server_only(name)) continue;
    auto const* other = got.if_contains(member.key());
    EXPECT_NE(other, nullptr) << where << "." << name << " is missing";
    if (other != nullptr)
      compare(member.value(), *other, where + "." + std::string(name), is_free || is_volatile(name));
  }
  for (auto const& member : got) {
    std::string_view name(member.key().data(), member.key().size());
    bool is_extra = wanted.if_contains(member.key()) == nullptr && !is_cluster_only(name);
    EXPECT_FALSE(is_extra) << where << "." << name << " is too much";
  }
}

void compare(bj::value const& wanted, bj::value const& got, std::string const& where, bool is_free) {
  ASSERT_STREQ(kind(got), kind(wanted)) << where;
  if (wanted.is_object()) {
    bool has_ids_as_names = where.ends_with(".identifiers") || where.ends_with(".shards");
    if (has_ids_as_names) {
      EXPECT_EQ(got.get_object().size(), wanted.get_object().size()) << where;
    } else {
      compare_objects(wanted.get_object(), got.get_object(), where, is_free);
    }
  } else if (wanted.is_array()) {
    bool is_list_of_all = where.ends_with(".result") || where.ends_with(".clients");
    if (is_list_of_all) {
      EXPECT_FALSE(got.get_array().empty() && !wanted.get_array().empty()) << where;
      if (!got.get_array().empty() && !wanted.get_array().empty()) {
        compare(wanted.at(0), got.at(0), where + "[0]", true);
      }
      return;
    }
    ASSERT_EQ(got.get_array().size(), wanted.get_array().size()) << where;
    for (std::size_t i = 0; i < wanted.get_array().size(); ++i) {
      compare(wanted.at(i), got.at(i), where + "[" + std::to_string(i) + "]", is_free);
    }
  } else if (!is_free) {
    EXPECT_EQ(got, wanted) << where;
  }
}

void expect_like(Recording const& recording, http::Response const& response) {
  SCOPED_TRACE(recording.name + ": " + recording.request.method + " " + recording.request.target);
  EXPECT_EQ(response.status, recording.status) << response.body;
  EXPECT_EQ(http::header(response.headers, "x-arangosync-sandbox"), "true");
  EXPECT_EQ(http::header(response.headers, "content-type"), text(recording.headers, "content-type"));
  for (auto const* name : {"etag", "location", "x-arango-error-codes"}) {
    EXPECT_EQ(recording.headers.contains(name), !http::header(response.headers, name).empty()) << name;
  }
  bool is_counted = recording.headers.contains("x-arango-error-codes");
  if (is_counted) {
    EXPECT_EQ(http::header(response.headers, "x-arango-error-codes"), text(recording.headers, "x-arango-error-codes"));
  }
  if (recording.body.empty()) return;
  boost::system::error_code error;
  auto const wanted = bj::parse(recording.body, error);
  ASSERT_FALSE(error) << recording.body;
  auto const got = bj::parse(response.body, error);
  ASSERT_FALSE(error) << response.body;
  compare(wanted, got, "", false);
}

/// A recording, what its world has to hold before, and the kind of server that answers.
struct Scene {
  char const* name;
  std::vector<std::string> before;
  Role role = Role::Coordinator;
};

std::string const products = R"(POST /_api/collection {"name":"products"})";
std::string const synced = R"(POST /_api/collection {"name":"products","waitForSync":true})";
std::string const links = R"(POST /_api/collection {"name":"links","type":3})";
std::string const two = R"(POST /_api/document/products [{"_key":"1"},{"_key":"2"}])";
std::string const sharded =
    R"(POST /_api/collection {"name":"testCollection","numberOfShards":3,"replicationFactor":2})";
std::string const admin = R"(POST /_api/user {"user":"admin@myapp","passwd":"x"})";
std::string const other_admin = R"(POST /_api/user {"user":"anotherAdmin@secapp","passwd":"x"})";
std::string const granted = R"(PUT /_api/user/anotherAdmin@secapp/database/_system {"grant":"rw"})";

std::string with_id(std::string const& id) {
  return R"(POST /_api/collection {"name":"products","waitForSync":true,"id":")" + id + "\"}";
}
std::string with_document(std::string const& key) {
  return R"(POST /_api/document/products?isRestore=true {"_key":")" + key +
         R"(","_rev":"_gjDBOQG--_","hello":"world"})";
}

std::vector<Scene> const collection_scenes = {
    {"RestCollectionCreateCollection#0", {}},
    {"RestCollectionCreateCollection#1", {}},
    {"RestCollectionCreateKeyopt", {}},
    {"RestCollectionDeleteCollectionIdentifier", {with_id("66961")}},
    {"RestCollectionDeleteCollectionName", {R"(POST /_api/collection {"name":"products1"})"}},
    {"RestCollectionDeleteCollectionSystem", {R"(POST /_api/collection {"name":"_example","isSystem":true})"}},
    {"RestCollectionGetAllCollections", {}},
    {"RestCollectionGetCollectionChecksum", {products, two}},
    {"RestCollectionGetCollectionChecksumNoRev", {products, two}},
    {"RestCollectionGetCollectionCount", {synced}},
    {"RestCollectionGetCollectionFigures", {products}},
    {"RestCollectionGetCollectionIdentifier", {with_id("67230")}},
    {"RestCollectionGetCollectionName", {synced}},
    {"RestCollectionGetCollectionRevision", {products}},
    {"RestCollectionIdentifierLoad", {products}},
    {"RestCollectionIdentifierLoadIndexesIntoMemory", {products}},
    {"RestCollectionIdentifierPropertiesSync", {products}},
    {"RestCollectionIdentifierTruncate", {products}},
    {"RestCollectionIdentifierUnload", {products}},
    {"RestGetResponsibleShardExample_cluster", {sharded}},
    {"RestGetShardsWithDetails_cluster", {sharded}},
    {"RestGetShards_cluster", {sharded}},
};

std::vector<Scene> const document_scenes = {
    {"RestDocumentHandlerDeleteDocument", {synced, with_document("67583")}},
    {"RestDocumentHandlerDeleteDocumentIdentifierMulti", {synced, two}},
    {"RestDocumentHandlerDeleteDocumentIfMatchOther", {products, with_document("67602")}},
    {"RestDocumentHandlerDeleteDocumentKeyMulti", {synced, two}},
    {"RestDocumentHandlerDeleteDocumentObjectMulti", {synced, two}},
    {"RestDocumentHandlerDeleteDocumentRevConflictMulti", {products, two}},
    {"RestDocumentHandlerDeleteDocumentRevMulti", {synced, "@restore-asked"}},
    {"RestDocumentHandlerDeleteDocumentUnknownHandle", {products}},
    {"RestDocumentHandlerDeleteDocumentUnknownMulti", {products}},
    {"RestDocumentHandlerPatchDocument#0", {products, with_document("67679")}},
    {"RestDocumentHandlerPatchDocument#1", {products, with_document("67679")}},
    {"RestDocumentHandlerPatchDocument#2", {products, "@restore-answered"}},
    {"RestDocumentHandlerPatchDocument#3", {products, with_document("67679")}},
    {"RestDocumentHandlerPatchDocument#4", {products, "@restore-answered"}},
    {"RestDocumentHandlerPatchDocumentMerge#0", {products, "@restore-answered"}},
    {"RestDocumentHandlerPatchDocumentMerge#2", {products, "@restore-answered"}},
    {"RestDocumentHandlerPatchDocumentMerge#3", {products, with_document("67693")}},
    {"RestDocumentHandlerPatchDocumentMerge#4", {products, "@restore-answered"}},
    {"RestDocumentHandlerPostAccept1", {products}},
    {"RestDocumentHandlerPostBadJson1", {products}},
    {"RestDocumentHandlerPostBadJsonMulti", {products}},
    {"RestDocumentHandlerPostCreate1", {synced}},
    {"RestDocumentHandlerPostMulti1", {products}},
    {"RestDocumentHandlerPostMulti2", {products}},
    {"RestDocumentHandlerPostOverwrite#0", {synced}},
    {"RestDocumentHandlerPostOverwrite#1", {synced, R"(POST /_api/document/products {"_key":"lock"})"}},
    {"RestDocumentHandlerPostReturnNew", {products}},
    {"RestDocumentHandlerPostUnknownCollection1", {}},
    {"RestDocumentHandlerPostWait1", {products}},
    {"RestDocumentHandlerReadDocument", {products, "@restore-answered"}},
    {"RestDocumentHandlerReadDocumentAllCollectionDoesNotExist", {}},
    {"RestDocumentHandlerReadDocumentAllKey", {products, two}},
    {"RestDocumentHandlerReadDocumentAllPath", {products, two}},
    {"RestDocumentHandlerReadDocumentUnknownHandle", {}},
    {"RestDocumentHandlerReadMultiDocument", {products, "@restore-answered"}},
    {"RestDocumentHandlerUpdateDocument", {products, with_document("67833")}},
    {"RestDocumentHandlerUpdateDocumentIfMatchOther", {products, with_document("67843")}},
    {"RestDocumentHandlerUpdateDocumentUnknownHandle", {products}},
};

std::vector<Scene> const import_scenes = {
    {"RestImportCsvEdge", {links}},
    {"RestImportCsvEdgeInvalid", {links}},
    {"RestImportCsvExample", {products}},
    {"RestImportCsvInvalidBody", {products}},
    {"RestImportCsvInvalidCollection", {}},
    {"RestImportCsvUniqueContinue", {products}},
    {"RestImportCsvUniqueFail", {products}},
    {"RestImportJsonEdge", {links}},
    {"RestImportJsonEdgeInvalid", {links}},
    {"RestImportJsonInvalidBody", {products}},
    {"RestImportJsonInvalidCollection", {}},
    {"RestImportJsonLines", {products}},
    {"RestImportJsonList", {products}},
    {"RestImportJsonType", {products}},
    {"RestImportJsonUniqueContinue", {products}},
    {"RestImportJsonUniqueFail", {products}},
};

std::string const sessions = R"(POST /_api/collection {"name":"sessions"})";
std::string const intervals = R"(POST /_api/collection {"name":"intervals"})";
std::vector<Scene> const index_scenes = {
    {"RestIndexAllIndexes",
     {products, R"(POST /_api/index?collection=products {"type":"hash","fields":["name"]})",
      R"(POST /_api/index?collection=products {"type":"skiplist","fields":["price"],"sparse":true})"}},
    {"RestIndexCreateGeoLatitudeLongitude", {products}},
    {"RestIndexCreateGeoLocation", {products}},
    {"RestIndexCreateNewFulltext", {products}},
    {"RestIndexCreateNewHashIndex", {products}},
    {"RestIndexCreateNewPersistent", {products}},
    {"RestIndexCreateNewSkiplist", {products}},
    {"RestIndexCreateNewTtlIndex", {sessions}},
    {"RestIndexCreateNewUniqueConstraint", {products}},
    {"RestIndexCreateNewZkd", {intervals}},
    {"RestIndexCreateSparseHashIndex", {products}},
    {"RestIndexCreateSparsePersistent", {products}},
    {"RestIndexCreateSparseSkiplist", {products}},
    {"RestIndexDeleteUniqueSkiplist",
     {products, R"(POST /_api/index?collection=products {"type":"skiplist","fields":["a"],"id":"68404"})"}},
    {"RestIndexPrimaryIndex", {products}},
};

std::vector<Scene> const other_scenes = {
    {"RestCreateUser", {}},
    {"RestDatabaseCreate", {}},
    {"RestDatabaseCreateUsers", {}},
    {"RestDatabaseDrop", {R"(POST /_api/database {"name":"example"})"}},
    {"RestDatabaseGet", {}},
    {"RestDatabaseGetInfo", {}},
    {"RestDatabaseGetUser", {}},
    {"RestDeleteUser", {R"(POST /_api/user {"user":"userToDelete@myapp"})"}},
    {"RestEndpointGet", {}},
    {"RestEngine", {}},
    {"RestFetchAllUser", {}},
    {"RestFetchUser", {admin}},
    {"RestFetchUserCollectionPermission",
     {other_admin, R"(PUT /_api/user/anotherAdmin@secapp/database/_system/_users {"grant":"none"})"}},
    {"RestFetchUserDatabaseList", {other_admin, granted}},
    {"RestFetchUserDatabasePermission", {other_admin, granted}},
    {"RestGrantCollection", {admin}},
    {"RestGrantDatabase", {admin}},
    {"RestReplaceUser", {admin}},
    {"RestRevokeCollection", {admin}},
    {"RestRevokeDatabase", {admin}},
    {"RestUpdateUser", {admin}},
    {"RestVersion", {}},
    {"RestReplicationLoggerFirstTick", {}, Role::DbServer},
    {"RestReplicationLoggerStateActive", {}, Role::DbServer},
    {"RestReplicationServerId", {}, Role::DbServer},
    {"RestWalAccessFirstTick", {}, Role::DbServer},
    {"RestWalAccessTickRange", {}, Role::DbServer},
};

void play(std::vector<Scene> const& scenes) {
  auto const recorded = recordings();
  for (Scene const& scene : scenes) {
    auto found =
        std::find_if(recorded.begin(), recorded.end(), [&](auto const& each) { return each.name == scene.name; });
    ASSERT_NE(found, recorded.end()) << scene.name;
    Stage stage;
    for (auto const& step : scene.before) stage.prepare(step, *found);
    expect_like(*found, stage.call(found->request, scene.role));
  }
}

TEST(Recordings, OfCollectionsAreAnsweredAlike) { play(collection_scenes); }
TEST(Recordings, OfDocumentsAreAnsweredAlike) { play(document_scenes); }
TEST(Recordings, OfImportsAreAnsweredAlike) { play(import_scenes); }
TEST(Recordings, OfIndexesAreAnsweredAlike) { play(index_scenes); }
TEST(Recordings, OfDatabasesUsersAndServersAreAnsweredAlike) { play(other_scenes); }

TEST(Recordings, AreComparedInNumber) {
  auto count = collection_scenes.size() + document_scenes.size() + import_scenes.size() + index_scenes.size() +
               other_scenes.size();
  EXPECT_GE(count, 110u);
}

}  // namespace
}  // namespace arangosync::sandbox
