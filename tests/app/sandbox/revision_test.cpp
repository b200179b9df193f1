// The sandbox's revision calls: the forms and refusals of spec arangodb-read 8.3 and 8.5, direct and through a
// Coordinator.
#include "adapters/codec/revision_tree.h"
#include "app/sandbox/sandbox.h"
#include "tests/paths/paths.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace arangosync::sandbox {
namespace {

namespace bj = boost::json;
using Role = Sandbox::Role;

class Revisions : public ::testing::Test {
protected:
  void start(Options options = {}) {
    options.db_servers = 1;
    auto started = Sandbox::start(std::move(options));
    ASSERT_TRUE(started.has_value());
    sandbox_ = std::move(*started);
    sandbox_->with_model([&](sim::ClusterModel& model) {
      auto const created = model.create_collection("_system", R"({"name":"c"})");
      ASSERT_TRUE(created.has_value());
      shard_ = (*created)->shards.front().name;
      server_ = model.db_servers().front().id;
    });
  }
  void restore(std::string const& document) {
    sandbox_->with_model([&](sim::ClusterModel& model) {
      sim::WriteOptions options;
      options.is_restore = true;
      ASSERT_EQ(model.insert_one("_system", "c", document, options)->error, 0);
    });
  }
  http::Response call(std::string method, std::string target, std::string body = "", Role role = Role::DbServer) {
    return sandbox_->answer(role, 0, {std::move(method), std::move(target), {}, std::move(body)});
  }
  std::string open() {
    auto const answer = call("POST", "/_api/replication/batch", R"({"ttl":60})");
    return std::string(bj::parse(answer.body).at("id").as_string());
  }
  std::string path(std::string const& what, std::string const& batch) {
    return "/_db/_system/_api/replication/revisions/" + what + "?collection=" + shard_ + "&batchId=" + batch;
  }

  std::unique_ptr<Sandbox> sandbox_;
  std::string shard_;
  std::string server_;
};

TEST_F(Revisions, AnswersTheExchangesOfTheSpecification) {
  start();
  std::ifstream file(tests::data_folder() + "/revision/revision-tree-small.json");
  auto const data = bj::parse(std::string{std::istreambuf_iterator<char>(file), {}}).as_object();
  char key = 'a';
  for (auto const& entry : data.at("revisions").as_array()) {
    restore("{\"_key\":\"" + std::string(1, key++) + "\",\"_rev\":" + bj::serialize(entry.at("text")) + "}");
  }
  auto const batch = open();
  auto const ranges = data.at("ranges_exchange").as_object();
  auto const listed = call("PUT", path("ranges", batch), std::string(ranges.at("request_body").as_string()));
  EXPECT_EQ(listed.status, 200);
  EXPECT_EQ(bj::parse(listed.body), bj::parse(ranges.at("body_text").as_string()));
  auto const documents = data.at("documents_exchange").as_object();
  auto const read = call("PUT", path("documents", batch) + "&encodeAsHLC=true",
                         std::string(documents.at("request_body").as_string()));
  auto const found = bj::parse(read.body).as_array();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].at("_rev").as_string(), "_bpq8a----B");
  EXPECT_EQ(found[1], bj::value(bj::object()));
}

TEST_F(Revisions, SendsTreesInBothForms) {
  start();
  restore(R"({"_key":"a","_rev":"_gjDBRr6---"})");
  auto const batch = open();
  auto const sparse = call("GET", path("tree", batch) + "&onlyPopulated=true");
  auto const full = call("GET", path("tree", batch));
  EXPECT_EQ(sparse.status, 200);
  EXPECT_GT(full.body.size(), 100 * sparse.body.size());
  auto const tree = codec::read_revision_tree(sparse.body);
  ASSERT_TRUE(tree.has_value());
  EXPECT_EQ(tree->total().count, 1u);
  EXPECT_EQ(codec::read_revision_tree(full.body), tree);
  auto const verified = bj::parse(call("GET", path("tree", batch) + "&onlyPopulated=true&verification=true").body);
  EXPECT_TRUE(verified.at("equal").as_bool());
  EXPECT_EQ(verified.at("stored"), bj::parse(sparse.body));
  EXPECT_EQ(call("POST", path("tree", batch)).status, 204);
}

TEST_F(Revisions, GoThroughACoordinator) {
  start();
  auto const target = path("tree", open()) + "&onlyPopulated=true";
  auto const forwarded = call("GET", target + "&DBserver=" + server_, "", Role::Coordinator);
  EXPECT_EQ(forwarded.status, 200);
  EXPECT_EQ(http::header(forwarded.headers, "x-arango-request-forwarded-to"), server_);
  EXPECT_EQ(call("GET", target, "", Role::Coordinator).status, 501);
}

TEST_F(Revisions, PrintsSmallRevisionsInDecimalUnlessToldOtherwise) {
  start();
  restore(R"({"_key":"a","_rev":"123456"})");
  auto const batch = open();
  EXPECT_EQ(call("PUT", path("ranges", batch), R"([["-","_bpq8a-----"]])").body, R"({"ranges":[["123456"]]})");
  EXPECT_EQ(call("PUT", path("ranges", batch) + "&encodeAsHLC=true", R"([["-","_bpq8a-----"]])").body,
            R"({"ranges":[["cH-"]]})");
}

TEST_F(Revisions, ResumesAFullAnswer) {
  Options options;
  options.revisions_per_answer = 2;
  options.version = "3.11.8";
  start(options);
  for (auto const* rev : {"_bpq8a----B", "_bpq8a----C", "_bpq8a----D"}) {
    restore(std::string(R"({"_rev":")") + rev + "\"}");
  }
  auto const batch = open();
  std::string const body = R"([["_bpq8a-----","_bpq8a----B"],["_bpq8a----C","_bpq8a----Z"]])";
  EXPECT_EQ(bj::parse(call("PUT", path("ranges", batch), body).body),
            bj::parse(R"({"ranges":[["_bpq8a----B"],)"
                      R"(["_bpq8a----C"]],"resume":"_bpq8a----D","resumeHLC":"_bpq8a----D"})"));
  EXPECT_EQ(bj::parse(call("PUT", path("ranges", batch) + "&resume=_bpq8a----D", body).body),
            bj::parse(R"({"ranges":[["_bpq8a----D"]]})"));
}

TEST_F(Revisions, CutsDocumentsAtTheChunkSize) {
  start();
  restore(R"({"_key":"a","_rev":"_bpq8a----B"})");
  restore(R"({"_key":"b","_rev":"_bpq8a----C"})");
  auto const answer = call("PUT", path("documents", open()) + "&chunkSize=10", R"(["_bpq8a----B","_bpq8a----C"])");
  EXPECT_EQ(bj::parse(answer.body).as_array().size(), 1u);
}

TEST_F(Revisions, RefusesWhatARealServerRefuses) {
  start();
  auto const batch = open();
  EXPECT_EQ(call("GET", "/_api/replication/revisions/tree?batchId=" + batch).status, 400);
  EXPECT_EQ(call("GET", "/_api/replication/revisions/tree?collection=" + shard_).status, 404);
  EXPECT_EQ(call("GET", path("bush", batch)).status, 400);
  EXPECT_EQ(call("PUT", path("ranges", batch), "[]").status, 500);
  for (auto const* body : {R"([["A","A"]])", R"([["B","A"]])", R"([["A","D"],["C","E"]])", R"([["A"]])", R"(["A","B"])",
                           R"([[1,2]])", "{}"}) {
    EXPECT_EQ(call("PUT", path("ranges", batch), body).status, 400) << body;
  }
  EXPECT_EQ(call("PUT", path("documents", batch), R"([1])").status, 400);
  EXPECT_EQ(call("PUT", path("documents", batch), "x").status, 400);
  EXPECT_EQ(call("DELETE", path("tree", batch)).status, 405);
}

TEST_F(Revisions, AreNotThereBeforeVersion38) {
  Options options;
  options.version = "3.7.18";
  start(options);
  auto const answer = call("GET", path("tree", open()));
  EXPECT_EQ(answer.status, 501);
  EXPECT_EQ(bj::parse(answer.body).at("errorNum").as_int64(), 9);
  options.version = "3.6.16";  // does not know the call at all
  start(options);
  auto const older = call("GET", path("tree", open()));
  EXPECT_EQ(older.status, 400);
  EXPECT_EQ(bj::parse(older.body).at("errorNum").as_int64(), 400);
}

TEST_F(Revisions, OfALostBatchDependOnTheVersion) {
  start();  // 3.9
  EXPECT_EQ(call("GET", path("tree", "1")).status, 404);
  EXPECT_EQ(call("PUT", path("documents", "1"), R"(["A"])").status, 404);
  Options options;
  options.version = "3.12.4";
  start(options);
  EXPECT_EQ(call("GET", path("tree", "1")).status, 500);
  EXPECT_EQ(call("PUT", path("documents", "1"), R"(["A"])").body, "[{}]");
}

}  // namespace
}  // namespace arangosync::sandbox
