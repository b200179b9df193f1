// The troubles that tests ask a sandbox for, and the names it allows.
#include "adapters/sim/cluster_json.h"
#include "app/sandbox/sandbox.h"

#include <gtest/gtest.h>

#include <future>

namespace arangosync::sandbox {
namespace {

namespace json = sim::json;

class FaultControls : public ::testing::Test {
protected:
  void start(Options options) {
    auto started = Sandbox::start(std::move(options));
    ASSERT_TRUE(started.has_value()) << started.error();
    sandbox_ = std::move(*started);
  }
  void start() {
    Options options;
    options.fault_controls = true;
    start(options);
  }

  /// Without a socket.
  http::Response ask(std::string method, std::string target, std::string body = "") {
    return sandbox_->answer(Sandbox::Role::Coordinator, 0, {std::move(method), std::move(target), {}, std::move(body)});
  }
  http::Answer call(std::string target) {
    http::Client::Call call;
    call.endpoint = *http::parse_endpoint(sandbox_->coordinators().front(), 0);
    call.request.target = std::move(target);
    std::promise<http::Answer> promise;
    auto future = promise.get_future();
    client_.send(std::move(call), [&](http::Answer answer) { promise.set_value(std::move(answer)); });
    return future.get();
  }

  http::Io io_{1};
  http::Client client_{io_, http::ClientTls{}};
  std::unique_ptr<Sandbox> sandbox_;
};

TEST_F(FaultControls, AreAbsentUnlessAskedFor) {
  start(Options{});
  EXPECT_EQ(ask("GET", "/_sandbox/faults").status, 404);
  EXPECT_EQ(ask("PUT", "/_sandbox/log/trim", "{}").status, 404);
}

TEST_F(FaultControls, FailCallsToThePathThatIsMeantAndNoOthers) {
  start();
  auto const set = ask("PUT", "/_sandbox/faults", R"({"path":"/_api/version","errorPercent":100,"errorNum":21003})");
  ASSERT_EQ(set.status, 200) << set.body;
  auto const failed = call("/_api/version");
  ASSERT_TRUE(failed.has_value());
  EXPECT_EQ(failed->status, 503);
  EXPECT_EQ(json::find(failed->body, "errorNum"), "21003");
  EXPECT_EQ(call("/_api/engine")->status, 200);
  EXPECT_EQ(json::find(ask("GET", "/_sandbox/faults").body, "struck"), "1");
  ask("DELETE", "/_sandbox/faults");
  EXPECT_EQ(call("/_api/version")->status, 200);
}

TEST_F(FaultControls, CloseConnectionsWithoutAnAnswer) {
  start();
  ask("PUT", "/_sandbox/faults", R"({"roles":["coordinator"],"dropPercent":100})");
  EXPECT_FALSE(call("/_api/version").has_value());
}

TEST_F(FaultControls, TakeTheirTime) {
  start();
  ask("PUT", "/_sandbox/faults", R"({"delayMs":200})");
  auto const began = std::chrono::steady_clock::now();
  EXPECT_EQ(call("/_api/version")->status, 200);
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(200));
}

TEST_F(FaultControls, ForgetHistoryInSpiteOfReaders) {
  start();
  sandbox_->with_model([](sim::ClusterModel& model) {
    for (auto const& server : model.db_servers()) EXPECT_NE(model.first_tick(server.id), 0u);
  });
  EXPECT_EQ(ask("PUT", "/_sandbox/log/trim", R"({"server":"PRMR-nobody"})").status, 404);
  EXPECT_EQ(ask("PUT", "/_sandbox/log/trim", "{}").status, 200);
  sandbox_->with_model([](sim::ClusterModel& model) {
    for (auto const& server : model.db_servers()) EXPECT_EQ(model.first_tick(server.id), 0u);
  });
}

TEST_F(FaultControls, GiveEachShardItsNextLeader) {
  start();
  ask("POST", "/_api/collection", R"({"name":"things","numberOfShards":3,"replicationFactor":2})");
  auto leaders = [&] {
    std::vector<std::string> found;
    sandbox_->with_model([&](sim::ClusterModel& model) {
      for (auto const& shard : model.find_collection("_system", "things")->shards) found.push_back(shard.servers[0]);
    });
    return found;
  };
  auto const before = leaders();
  auto const moved = ask("PUT", "/_sandbox/fail-over", R"({"database":"_system","collection":"things"})");
  EXPECT_EQ(json::find(moved.body, "moved"), "3");
  auto const after = leaders();
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NE(before[i], after[i]);
}

TEST_F(FaultControls, SetTheClockAndTheIds) {
  start();
  auto now = [&] {
    WallTime found;
    sandbox_->with_model([&](sim::ClusterModel& model) { found = model.now(); });
    return found;
  };
  auto const before = now();
  ASSERT_EQ(ask("PUT", "/_sandbox/clock", R"({"offsetMs":-3600000})").status, 200);
  EXPECT_LT(now(), before);
  ASSERT_EQ(ask("PUT", "/_sandbox/ids", R"({"next":99999})").status, 200);
  auto const made = ask("POST", "/_api/collection", R"({"name":"things"})");
  EXPECT_EQ(json::text_of(json::find(made.body, "id")), "99999");
}

TEST_F(FaultControls, UpgradeTheServers) {
  start();
  ask("POST", "/_api/collection", R"({"name":"things"})");
  EXPECT_EQ(ask("PUT", "/_sandbox/version", R"({})").status, 400);
  ASSERT_EQ(ask("PUT", "/_sandbox/version", R"({"version":"3.12.10"})").status, 200);
  EXPECT_EQ(json::text_of(json::find(ask("GET", "/_api/version").body, "version")), "3.12.10");
  EXPECT_EQ(ask("GET", "/_api/collection/things").status, 200);
  std::string server;
  sandbox_->with_model([&](sim::ClusterModel& model) { server = model.db_servers().front().id; });
  auto const followed = ask("GET", "/_api/replication/logger-follow?from=1&DBserver=" + server);
  EXPECT_NE(followed.body.find("invalid command"), std::string::npos) << followed.body;
}

struct NameRow {
  char const* version;
  bool extended;
  bool database;    ///< is "größe 1" allowed for a database?
  bool collection;  ///< and for a collection?
};

class Names : public FaultControls, public ::testing::WithParamInterface<NameRow> {};

TEST_P(Names, AreExtendedAsTheVersionAndItsOptionSay) {
  Options options;
  options.version = GetParam().version;
  options.extended_names = GetParam().extended;
  start(options);
  EXPECT_EQ(ask("POST", "/_api/database", R"({"name":"größe 1"})").status, GetParam().database ? 201 : 400);
  EXPECT_EQ(ask("POST", "/_api/collection", R"({"name":"größe 1"})").status, GetParam().collection ? 200 : 400);
  for (auto const* bad : {"a/b", "a:b", " a", "1a", ".a"}) {
    EXPECT_EQ(ask("POST", "/_api/collection", std::string(R"({"name":")") + bad + "\"}").status, 400) << bad;
  }
  EXPECT_EQ(ask("POST", "/_api/database", R"({"name":"with-dash_9"})").status, 201);
}

INSTANTIATE_TEST_SUITE_P(Versions, Names,
                         ::testing::Values(NameRow{"3.8.9", true, false, false}, NameRow{"3.9.12", false, false, false},
                                           NameRow{"3.9.12", true, true, false}, NameRow{"3.11.0", true, true, true},
                                           NameRow{"3.11.0", false, false, false},
                                           NameRow{"3.12.4", false, true, true}));

}  // namespace
}  // namespace arangosync::sandbox
