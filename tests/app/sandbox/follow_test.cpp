// logger-follow: the log of one database of one server, in whole batches (spec arangodb-read 6.9).
#include "adapters/sim/cluster_json.h"
#include "app/sandbox/sandbox.h"

#include <gtest/gtest.h>

namespace arangosync::sandbox {
namespace {

namespace json = sim::json;
using Role = Sandbox::Role;

class Follow : public ::testing::Test {
protected:
  void start(bool is_single_server, std::string version = "3.9.12") {
    Options options;
    options.is_single_server = is_single_server;
    options.db_servers = 1;
    options.version = std::move(version);
    auto started = Sandbox::start(std::move(options));
    ASSERT_TRUE(started.has_value()) << started.error();
    sandbox_ = std::move(*started);
    role_ = is_single_server ? Role::Coordinator : Role::DbServer;
    ask("POST", "/_api/collection", R"({"name":"products"})");
  }
  http::Response ask(std::string method, std::string target, std::string body = "") {
    return sandbox_->answer(Role::Coordinator, 0, {std::move(method), std::move(target), {}, std::move(body)});
  }
  http::Response follow(std::string const& query) {
    return sandbox_->answer(role_, 0, {"GET", "/_api/replication/logger-follow?" + query, {}, ""});
  }
  std::string last_tick() {
    auto response = sandbox_->answer(role_, 0, {"GET", "/_api/replication/logger-state", {}, ""});
    return json::text_of(json::find(json::find(response.body, "state"), "lastLogTick"));
  }
  static std::string header(http::Response const& response, std::string const& name) {
    return std::string(http::header(response.headers, "x-arango-replication-" + name));
  }
  /// "2300 products, 2302 products": type and cname of each line.
  static std::string shown(http::Response const& response) {
    std::string text;
    for (auto line : json::lines(response.body)) {
      text += (text.empty() ? "" : ", ") + std::string(json::find(line, "type"));
      auto name = json::find(line, "cname");
      if (!name.empty()) text += " " + json::text_of(name);
    }
    return text;
  }

  std::unique_ptr<Sandbox> sandbox_;
  Role role_ = Role::Coordinator;
};

TEST_F(Follow, TellsWhatHappenedAfterATick) {
  start(true);
  std::string begin = last_tick();
  ask("POST", "/_api/document/products", R"({"_key":"a"})");
  ask("DELETE", "/_api/document/products/a");
  auto response = follow("from=" + begin);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(shown(response), "2300 products, 2302 products");
  EXPECT_EQ(header(response, "lastincluded"), last_tick());
  EXPECT_EQ(header(response, "frompresent"), "true");
  EXPECT_EQ(header(response, "checkmore"), "false");
  EXPECT_EQ(header(response, "active"), "true");
}

TEST_F(Follow, HasNothingToTellAtTheEnd) {
  start(true);
  auto response = follow("from=" + last_tick());
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(header(response, "lastincluded"), "0");
  EXPECT_EQ(header(response, "lastscanned"), last_tick());
  EXPECT_EQ(header(response, "frompresent"), "true");
}

TEST_F(Follow, BeyondTheEndKnowsNothing) {
  start(true);
  auto response = follow("from=" + std::to_string(*json::to_uint(last_tick()) + 10));
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(header(response, "lastscanned"), "0");
  EXPECT_EQ(header(response, "frompresent"), "false");
}

TEST_F(Follow, NeverSplitsATransactionAndStopsAfterAFullBatch) {
  start(true);
  std::string begin = last_tick();
  ask("POST", "/_api/document/products", R"([{"_key":"a"},{"_key":"b"}])");
  ask("POST", "/_api/document/products", R"({"_key":"c"})");
  auto first = follow("from=" + begin + "&chunkSize=20");
  EXPECT_EQ(shown(first), "2200, 2300 products, 2300 products, 2201");
  EXPECT_EQ(header(first, "checkmore"), "true");
  auto second = follow("from=" + header(first, "lastincluded") + "&chunkSize=20");
  EXPECT_EQ(shown(second), "2300 products");
}

TEST_F(Follow, FromWithinABatchSkipsItsRestWithoutASign) {
  start(true);
  std::string begin = last_tick();
  ask("POST", "/_api/document/products", R"([{"_key":"a"},{"_key":"b"}])");
  auto response = follow("from=" + std::to_string(*json::to_uint(begin) + 2));
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(header(response, "frompresent"), "true");
}

TEST_F(Follow, OfADroppedCollectionOnlyTheEndRemains) {
  start(true);
  std::string begin = last_tick();
  ask("POST", "/_api/document/products", R"({"_key":"a"})");
  ask("DELETE", "/_api/collection/products");
  EXPECT_EQ(shown(follow("from=" + begin)), "2001");
}

TEST_F(Follow, AServerWithJournalsStillShowsWhatWasDropped) {
  start(true, "3.3.25");
  std::string begin = last_tick();
  ask("POST", "/_api/document/products", R"({"_key":"a"})");
  ask("DELETE", "/_api/collection/products");
  auto response = follow("from=" + begin);
  EXPECT_EQ(shown(response), "2300 products, 2001 products");
  EXPECT_NE(response.body.find(R"("_id":"_unknown/a")"), std::string::npos) << response.body;
}

TEST_F(Follow, OfADbServerCallsAShardByItsName) {
  start(false);
  std::string begin = last_tick();
  ask("POST", "/_api/document/products", R"({"_key":"a"})");
  auto response = follow("from=" + begin);
  std::string line(json::trim(response.body));
  std::string shard = json::text_of(json::find(line, "cname"));
  EXPECT_TRUE(shard.starts_with("s")) << line;
  EXPECT_EQ(json::text_of(json::find(line, "cid")), shard.substr(1));
  EXPECT_EQ(follow("from=" + begin + "&collection=" + shard).status, 200);
  EXPECT_EQ(follow("from=" + begin + "&collection=s1").status, 404);
}

TEST_F(Follow, RefusesARangeThatIsNone) {
  start(true);
  auto response = follow("from=10&to=5");
  EXPECT_EQ(response.status, 400);
  EXPECT_NE(response.body.find("invalid from/to values"), std::string::npos);
}

}  // namespace
}  // namespace arangosync::sandbox
