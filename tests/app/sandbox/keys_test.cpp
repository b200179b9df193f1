// The sandbox's keys protocol: the forms and refusals of spec arangodb-read 8.6, direct and through a Coordinator, and
// the collections that need it: those without revision trees.
#include "app/sandbox/sandbox.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <memory>
#include <string>

namespace arangosync::sandbox {
namespace {

namespace bj = boost::json;
using Role = Sandbox::Role;

class Keys : public ::testing::Test {
protected:
  void start(std::string version) {
    Options options;
    options.version = std::move(version);
    options.db_servers = 1;
    options.fault_controls = true;
    auto started = Sandbox::start(std::move(options));
    ASSERT_TRUE(started.has_value());
    sandbox_ = std::move(*started);
    shard_ = create(R"({"name":"c"})");
    sandbox_->with_model([&](sim::ClusterModel& model) { server_ = model.db_servers().front().id; });
  }
  std::string create(std::string const& definition) {
    std::string shard;
    sandbox_->with_model([&](sim::ClusterModel& model) {
      auto const created = model.create_collection("_system", definition);
      ASSERT_TRUE(created.has_value());
      shard = (*created)->shards.front().name;
    });
    return shard;
  }
  void insert(int count, int from = 0) {
    sandbox_->with_model([&](sim::ClusterModel& model) {
      for (int i = from; i < from + count; ++i) {
        ASSERT_EQ(model.insert_one("_system", "c", "{\"_key\":\"k" + std::to_string(i) + "\"}", {})->error, 0);
      }
    });
  }
  http::Response call(std::string method, std::string target, std::string body = "", Role role = Role::DbServer) {
    return sandbox_->answer(role, 0, {std::move(method), std::move(target), {}, std::move(body)});
  }
  std::string open_batch() {
    auto const answer = call("POST", "/_api/replication/batch", R"({"ttl":60})");
    return std::string(bj::parse(answer.body).at("id").as_string());
  }
  static std::string path(std::string const& id = "") {
    return "/_db/_system/_api/replication/keys" + (id.empty() ? "" : "/" + id);
  }
  http::Response open(std::string const& batch) {
    return call("POST", path() + "?collection=" + shard_ + "&batchId=" + batch);
  }
  std::string open_id(std::string const& batch) {
    return std::string(bj::parse(open(batch).body).at("id").as_string());
  }
  int tree_status(std::string const& shard) {
    return call("GET", "/_api/replication/revisions/tree?collection=" + shard + "&batchId=" + open_batch()).status;
  }

  std::unique_ptr<Sandbox> sandbox_;
  std::string shard_;
  std::string server_;
};

TEST_F(Keys, AreListedChunkByChunkAsTheyWereInTheSnapshot) {
  start("3.7.18");
  insert(250);
  auto const batch = open_batch();
  auto const opened = bj::parse(open(batch).body);
  EXPECT_EQ(opened.at("count"), bj::value(250));
  auto const id = std::string(opened.at("id").as_string());
  EXPECT_EQ(id.substr(0, batch.size() + 1), batch + "-");
  insert(10, 1000);
  auto const chunks = bj::parse(call("GET", path(id) + "?chunkSize=100").body).as_array();
  ASSERT_EQ(chunks.size(), 3u);
  EXPECT_EQ(chunks[0].at("low"), bj::value("k0"));
  EXPECT_TRUE(chunks[0].at("hash").is_string());
  auto const low = std::string(chunks[2].at("low").as_string());
  auto const listed = bj::parse(call("PUT", path(id) + "?type=keys&chunk=2&chunkSize=100&low=" + low).body).as_array();
  ASSERT_EQ(listed.size(), 50u);
  EXPECT_EQ(listed[0].at(0), bj::value(low));
  EXPECT_EQ(listed[49].at(0), chunks[2].at("high"));
  EXPECT_EQ(listed[49].at(0), bj::value("k99"));
  EXPECT_EQ(listed[0].at(1).as_string().front(), '_');
  // Without the key a server counts from the first one.
  EXPECT_EQ(bj::parse(call("PUT", path(id) + "?type=keys&chunk=2&chunkSize=100").body), bj::value(listed));
}

TEST_F(Keys, LeadToDocumentsByTheirPlaceInTheChunk) {
  start("3.12.4");
  insert(200);
  auto const id = open_id(open_batch());
  auto const target = path(id) + "?type=docs&chunk=1&chunkSize=100&low=k189";
  auto const documents = bj::parse(call("PUT", target, "[0,2]").body).as_array();
  ASSERT_EQ(documents.size(), 2u);
  EXPECT_EQ(documents[0].at("_key"), bj::value("k189"));
  EXPECT_EQ(documents[1].at("_key"), bj::value("k190"));
  EXPECT_EQ(bj::parse(call("PUT", target + "&offset=1", "[0,2]").body).as_array().size(), 1u);
}

TEST_F(Keys, EndWithTheirSnapshotOrBefore) {
  start("3.7.18");
  auto const batch = open_batch();
  auto const id = open_id(batch);
  auto const closed = call("DELETE", path(id));
  EXPECT_EQ(closed.status, 202);
  EXPECT_EQ(bj::parse(closed.body), bj::parse(R"({"id":")" + id + R"(","error":false,"code":202})"));
  EXPECT_EQ(call("GET", path(id)).status, 404);
  auto const other = open_id(batch);
  EXPECT_NE(other, id);
  EXPECT_EQ(call("DELETE", "/_api/replication/batch/" + batch).status, 204);
  EXPECT_EQ(call("GET", path(other)).status, 404);
  EXPECT_EQ(open(batch).status, 404);
}

TEST_F(Keys, AreRefusedWhereARealServerRefuses) {
  start("3.7.18");
  auto const batch = open_batch();
  auto const id = open_id(batch);
  EXPECT_EQ(call("POST", path() + "?batchId=" + batch).status, 400);
  EXPECT_EQ(call("POST", path() + "?collection=" + shard_).status, 404);
  EXPECT_EQ(call("POST", path() + "?collection=s1&batchId=" + batch).status, 404);
  EXPECT_EQ(call("PUT", path(id) + "?type=trees&chunk=0").status, 400);
  EXPECT_EQ(call("PUT", path(id) + "?type=keys").status, 400);
  EXPECT_EQ(call("PUT", path(id) + "?type=docs&chunk=0", "[0]").status, 400);
  EXPECT_EQ(call("PUT", path(id) + "?type=docs&chunk=0", "{}").status, 400);
  EXPECT_EQ(call("PATCH", path(id)).status, 405);
}

TEST_F(Keys, GoThroughCoordinatorsThatPassThemOn) {
  start("3.12.10");
  auto const target = path() + "?collection=" + shard_ + "&batchId=" + open_batch();
  EXPECT_EQ(call("POST", target + "&DBserver=" + server_, "", Role::Coordinator).status, 200);
  EXPECT_EQ(call("POST", target, "", Role::Coordinator).status, 501);
  start("3.5.7");
  auto const older = path() + "?collection=" + shard_ + "&batchId=" + open_batch() + "&DBserver=" + server_;
  EXPECT_EQ(bj::parse(call("POST", older, "", Role::Coordinator).body).at("errorNum"), bj::value(1470));
}

TEST_F(Keys, AreAllThereIsOfCollectionsThatKeepNoRevisions) {
  start("3.12.4");
  auto const plain = create(R"({"name":"plain","syncByRevision":false,"usesRevisionsAsDocumentIds":false})");
  EXPECT_EQ(tree_status(plain), 501);
  EXPECT_EQ(tree_status(shard_), 200);
  auto const shown = bj::parse(call("GET", "/_api/collection/plain/properties", "", Role::Coordinator).body);
  EXPECT_EQ(shown.at("syncByRevision"), bj::value(false));
}

TEST_F(Keys, AreAllThereIsOfCollectionsFromBefore38WhateverTheServersAreUpgradedTo) {
  start("3.7.18");
  EXPECT_EQ(call("PUT", "/_sandbox/version", R"({"version":"3.12.10"})", Role::Coordinator).status, 200);
  EXPECT_EQ(tree_status(shard_), 501);
  EXPECT_EQ(tree_status(create(R"({"name":"younger"})")), 200);
}

}  // namespace
}  // namespace arangosync::sandbox
