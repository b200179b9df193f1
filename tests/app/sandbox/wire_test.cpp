// The sandbox over real sockets: who may enter, the log, snapshots, the agency, read-only mode, bulk speed.
#include "adapters/sim/cluster_json.h"
#include "adapters/x509/authorization.h"
#include "adapters/x509/certificate.h"
#include "adapters/x509/jwt.h"
#include "adapters/x509/keyfile.h"
#include "app/sandbox/sandbox.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>

namespace arangosync::sandbox {
namespace {

namespace json = sim::json;

constexpr char secret[] = "0123456789abcdef0123456789abcdef";

WallTime wall() { return WallTime(std::chrono::system_clock::now().time_since_epoch()); }

class Wire : public ::testing::Test {
protected:
  void start(Options options) {
    auto started = Sandbox::start(std::move(options));
    ASSERT_TRUE(started.has_value()) << started.error();
    sandbox_ = std::move(*started);
    client_ = std::make_unique<http::Client>(io_, http::ClientTls{});
  }
  void start_with_secret() {
    Options options;
    options.jwt_secret = secret;
    options.root_password = "pass";
    start(options);
    superuser_ = "bearer " + x509::superuser_jwt(secret, "tester", wall(), std::chrono::hours(1));
  }

  http::Response send(std::string const& url, std::string method, std::string target, std::string body = "",
                      std::string authorization = "") {
    http::Client::Call call;
    call.endpoint = *http::parse_endpoint(url, 0);
    call.request = {std::move(method), std::move(target), {}, std::move(body)};
    if (!authorization.empty()) call.request.headers.push_back({"Authorization", authorization});
    std::promise<http::Answer> promise;
    auto future = promise.get_future();
    client_->send(std::move(call), [&](http::Answer answer) { promise.set_value(std::move(answer)); });
    auto answer = future.get();
    EXPECT_TRUE(answer.has_value()) << answer.error().message;
    return answer ? *answer : http::Response{0, {}, ""};
  }
  http::Response coordinator(std::string method, std::string target, std::string body = "") {
    return send(sandbox_->coordinators().front(), std::move(method), std::move(target), std::move(body), superuser_);
  }
  std::string basic(std::string const& user, std::string const& password) {
    return x509::basic_authorization({user, password});
  }

  http::Io io_{1};
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<Sandbox> sandbox_;
  std::string superuser_;
};

TEST_F(Wire, LetsEveryRoleInAsARealServerWould) {
  start_with_secret();
  std::string const& front = sandbox_->coordinators().front();
  std::string const& db = sandbox_->db_servers().front();
  EXPECT_EQ(send(front, "GET", "/_api/version").status, 401);
  EXPECT_EQ(send(front, "GET", "/_api/version", "", basic("root", "wrong")).status, 401);
  EXPECT_EQ(send(front, "GET", "/_api/version", "", basic("root", "pass")).status, 200);
  EXPECT_EQ(send(front, "GET", "/_api/version", "", superuser_).status, 200);
  EXPECT_EQ(send(front, "GET", "/_admin/server/availability").status, 200);
  EXPECT_EQ(send(db, "GET", "/_api/wal/range", "", basic("root", "pass")).status, 401);
  EXPECT_EQ(send(db, "GET", "/_api/wal/range", "", superuser_).status, 200);
  EXPECT_EQ(send(sandbox_->agent(), "GET", "/_api/agency/config").status, 401);
  EXPECT_EQ(send(sandbox_->agent(), "GET", "/_api/agency/config", "", superuser_).status, 200);

  auto login = send(front, "POST", "/_open/auth", R"({"username":"root","password":"pass"})");
  ASSERT_EQ(login.status, 200) << login.body;
  std::string token = "bearer " + json::text_of(json::find(login.body, "jwt"));
  EXPECT_EQ(send(front, "GET", "/_api/database", "", token).status, 200);
  EXPECT_EQ(send(db, "GET", "/_api/wal/range", "", token).status, 401);
  EXPECT_EQ(send(front, "POST", "/_open/auth", R"({"username":"root","password":"x"})").status, 401);
  EXPECT_EQ(send(front, "POST", "/_open/auth", R"({"username":"root"})").status, 400);
  auto refused = send(front, "GET", "/_api/version");
  EXPECT_EQ(json::find(refused.body, "errorNum"), "11");
  EXPECT_FALSE(http::header(refused.headers, "www-authenticate").empty());
  EXPECT_EQ(http::header(refused.headers, "x-arangosync-sandbox"), "true");
}

TEST_F(Wire, GivesUsersTheRightsOfTheirGrants) {
  start_with_secret();
  std::string const& front = sandbox_->coordinators().front();
  ASSERT_EQ(coordinator("POST", "/_api/database", R"({"name":"shop"})").status, 201);
  ASSERT_EQ(coordinator("POST", "/_db/shop/_api/collection", R"({"name":"c"})").status, 200);
  ASSERT_EQ(coordinator("POST", "/_api/user", R"({"user":"eve","passwd":"e"})").status, 201);
  EXPECT_EQ(send(front, "GET", "/_db/shop/_api/collection", "", basic("eve", "e")).status, 401);
  ASSERT_EQ(coordinator("PUT", "/_api/user/eve/database/shop", R"({"grant":"ro"})").status, 200);
  EXPECT_EQ(send(front, "GET", "/_db/shop/_api/collection", "", basic("eve", "e")).status, 200);
  EXPECT_EQ(send(front, "POST", "/_db/shop/_api/document/c", "{}", basic("eve", "e")).status, 403);
  ASSERT_EQ(coordinator("PUT", "/_api/user/eve/database/shop", R"({"grant":"rw"})").status, 200);
  EXPECT_EQ(send(front, "POST", "/_db/shop/_api/document/c", "{}", basic("eve", "e")).status, 202);
  EXPECT_EQ(send(front, "DELETE", "/_api/database/shop", "", basic("eve", "e")).status, 401);
  EXPECT_EQ(coordinator("GET", "/_db/nowhere/_api/collection").status, 404);
}

TEST_F(Wire, LetsTheGrantForACollectionGoBeforeTheOneForItsDatabase) {
  start_with_secret();
  for (auto const* name : {"open", "shut", "hidden"})
    coordinator("POST", "/_api/collection", std::string(R"({"name":")") + name + "\"}");
  coordinator("POST", "/_api/document/hidden", R"({"_key":"k"})");
  coordinator("POST", "/_api/user", R"({"user":"clerk","passwd":"c"})");
  coordinator("PUT", "/_api/user/clerk/database/_system", R"({"grant":"ro"})");
  coordinator("PUT", "/_api/user/clerk/database/_system/open", R"({"grant":"rw"})");
  coordinator("PUT", "/_api/user/clerk/database/_system/hidden", R"({"grant":"none"})");
  std::string const& url = sandbox_->coordinators().front();
  std::string clerk = basic("clerk", "c");
  EXPECT_EQ(send(url, "POST", "/_api/document/open", "{}", clerk).status, 202);
  EXPECT_EQ(send(url, "POST", "/_api/document/shut", "{}", clerk).status, 403);
  EXPECT_EQ(send(url, "POST", "/_api/import?collection=shut&type=list", "[{}]", clerk).status, 403);
  EXPECT_EQ(send(url, "PUT", "/_api/collection/shut/truncate", "", clerk).status, 403);
  EXPECT_EQ(send(url, "GET", "/_api/document/hidden/k", "", clerk).status, 403);
  EXPECT_EQ(send(url, "POST", "/_api/cursor", R"({"query":"FOR d IN hidden RETURN d"})", clerk).status, 403);
  EXPECT_EQ(send(url, "POST", "/_api/cursor", R"({"query":"FOR d IN shut RETURN d"})", clerk).status, 201);
}

TEST_F(Wire, HoldsOrdinaryWritersBackInReadOnlyMode) {
  start_with_secret();
  std::string const& front = sandbox_->coordinators().front();
  std::string root = basic("root", "pass");
  ASSERT_EQ(coordinator("POST", "/_api/collection", R"({"name":"c"})").status, 200);
  EXPECT_EQ(coordinator("PUT", "/_admin/server/mode", R"({"mode":"nonsense"})").status, 400);
  EXPECT_EQ(coordinator("PUT", "/_admin/server/mode", R"({"mode":"readonly"})").status, 200);
  auto write = send(front, "POST", "/_api/document/c", "{}", root);
  EXPECT_EQ(write.status, 403);
  EXPECT_EQ(json::find(write.body, "errorNum"), "1004");
  auto structure = send(front, "POST", "/_api/collection", R"({"name":"d"})", root);
  EXPECT_EQ(structure.status, 403);
  EXPECT_EQ(json::find(structure.body, "errorNum"), "11");
  EXPECT_EQ(coordinator("POST", "/_api/document/c", "{}").status, 202);
  EXPECT_EQ(json::find(coordinator("GET", "/_admin/server/mode").body, "mode"), "\"readonly\"");
  auto tree = send(sandbox_->agent(), "POST", "/_api/agency/read", R"([["/arango/Readonly"]])", superuser_);
  EXPECT_EQ(tree.body, R"([{"arango":{"Readonly":true}}])");
  EXPECT_EQ(coordinator("PUT", "/_admin/server/mode", R"({"mode":"default"})").status, 200);
  EXPECT_EQ(send(front, "POST", "/_api/document/c", "{}", root).status, 202);
}

TEST_F(Wire, PublishesPlanAndEndpointsInTheAgency) {
  start_with_secret();
  ASSERT_EQ(coordinator("POST", "/_api/collection", R"({"name":"c","numberOfShards":2})").status, 200);
  auto answer = send(sandbox_->agent(), "POST", "/_api/agency/read",
                     R"([["/arango/Plan","/arango/Current/ServersRegistered","/arango/Cluster"]])", superuser_);
  ASSERT_EQ(answer.status, 200);
  auto tree = json::find(json::elements(answer.body).front(), "arango");
  auto health = coordinator("GET", "/_admin/cluster/health");
  EXPECT_EQ(json::find(tree, "Cluster"), json::find(health.body, "ClusterId"));
  std::string id;
  sandbox_->with_model([&](sim::ClusterModel& model) { id = model.db_servers().front().id; });
  auto registered = json::find(json::find(json::find(tree, "Current"), "ServersRegistered"), id);
  std::string url = sandbox_->db_servers().front();
  EXPECT_EQ(json::text_of(json::find(registered, "endpoint")), "tcp://" + url.substr(std::string("http://").size()));
  EXPECT_NE(json::find(json::find(tree, "Plan"), "Collections").find("\"name\":\"c\""), std::string_view::npos);
}

TEST_F(Wire, HandsASnapshotOverToTheLogOnBothRoutes) {
  start_with_secret();
  ASSERT_EQ(coordinator("POST", "/_api/collection", R"({"name":"c"})").status, 200);
  ASSERT_EQ(
      coordinator("POST", "/_api/document/c", R"([{"_key":"a","n":9007199254740993},{"_key":"b","n":1.0}])").status,
      202);
  std::string shard;
  std::string server;
  std::size_t index = 0;
  sandbox_->with_model([&](sim::ClusterModel& model) {
    auto const& held = model.find_collection("_system", "c")->shards.front();
    shard = held.name;
    server = held.servers.front();
    while (model.db_servers()[index].id != server) ++index;
  });
  std::string through = "&DBserver=" + server;
  auto opened = coordinator("POST", "/_api/replication/batch?syncerId=815" + through, R"({"ttl":60})");
  ASSERT_EQ(opened.status, 200) << opened.body;
  EXPECT_EQ(http::header(opened.headers, "x-arango-request-forwarded-to"), server);
  std::string id = json::text_of(json::find(opened.body, "id"));
  std::string tick = json::text_of(json::find(opened.body, "lastTick"));
  ASSERT_EQ(coordinator("POST", "/_api/document/c", R"({"_key":"later"})").status, 202);

  auto dump = coordinator("GET", "/_api/replication/dump?collection=" + shard + "&batchId=" + id + through);
  ASSERT_EQ(dump.status, 200) << dump.body;
  auto lines = json::lines(dump.body);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_NE(dump.body.find("\"n\":9007199254740993"), std::string::npos);
  EXPECT_NE(dump.body.find("\"n\":1.0"), std::string::npos);
  EXPECT_EQ(http::header(dump.headers, "x-arango-replication-lastincluded"), "1");
  EXPECT_EQ(http::header(dump.headers, "x-arango-replication-checkmore"), "false");
  EXPECT_EQ(coordinator("PUT", "/_api/replication/batch/" + id + "?x=1" + through, R"({"ttl":60})").status, 204);
  EXPECT_EQ(coordinator("DELETE", "/_api/replication/batch/" + id + "?x=1" + through).status, 204);
  EXPECT_EQ(coordinator("DELETE", "/_api/replication/batch/" + id + "?x=1" + through).status, 404);

  EXPECT_EQ(coordinator("GET", "/_api/wal/tail?from=1").status, 501);
  auto tail =
      send(sandbox_->db_servers()[index], "GET",
           "/_api/wal/tail?global=true&from=" + tick + "&lastScanned=" + tick + "&syncerId=815", "", superuser_);
  ASSERT_EQ(tail.status, 200) << tail.body;
  EXPECT_EQ(json::lines(tail.body).size(), 1u);
  EXPECT_EQ(http::header(tail.headers, "x-arango-replication-frompresent"), "true");
  auto state = send(sandbox_->db_servers()[index], "GET", "/_api/replication/logger-state", "", superuser_);
  EXPECT_NE(state.body.find("\"syncerId\":\"815\""), std::string::npos);
  EXPECT_EQ(send(sandbox_->db_servers()[index], "DELETE", "/_api/wal/tail?syncerId=815", "", superuser_).status, 200);
  state = send(sandbox_->db_servers()[index], "GET", "/_api/replication/logger-state", "", superuser_);
  EXPECT_EQ(state.body.find("\"syncerId\":\"815\""), std::string::npos);
}

TEST_F(Wire, AnswersForwardingErrorsAsCoordinatorsDo) {
  start_with_secret();
  auto missing = coordinator("POST", "/_api/replication/batch", "{}");
  EXPECT_EQ(missing.status, 400);
  EXPECT_EQ(json::text_of(json::find(missing.body, "errorMessage")), "need \"DBserver\" parameter");
  auto unknown = coordinator("POST", "/_api/replication/batch?DBserver=PRMR-none", "{}");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(json::find(unknown.body, "errorNum"), "1449");
  EXPECT_TRUE(http::header(unknown.headers, "x-arango-request-forwarded-to").empty());
  EXPECT_EQ(coordinator("GET", "/_api/nonsense").status, 404);
  EXPECT_EQ(json::find(coordinator("GET", "/_api/nonsense").body, "errorNum"), "404");
  EXPECT_EQ(coordinator("GET", "/_api/replication/clusterInventory").status, 200);
}

TEST_F(Wire, ReadsACollectionThroughACursor) {
  start_with_secret();
  ASSERT_EQ(coordinator("POST", "/_api/collection", R"({"name":"c","numberOfShards":3})").status, 200);
  std::string body = "[";
  for (int i = 0; i < 25; ++i) body += (i > 0 ? ",{\"i\":" : "{\"i\":") + std::to_string(i) + "}";
  ASSERT_EQ(coordinator("POST", "/_api/document/c", body + "]").status, 202);
  auto answer = coordinator("POST", "/_api/cursor",
                            R"({"query":"FOR d IN @@c RETURN d","bindVars":{"@c":"c"},"batchSize":10,"count":true})");
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(json::find(answer.body, "count"), "25");
  std::string id = json::text_of(json::find(answer.body, "id"));
  std::size_t found = json::elements(json::find(answer.body, "result")).size();
  while (json::find(answer.body, "hasMore") == "true") {
    answer = coordinator("PUT", "/_api/cursor/" + id);
    ASSERT_EQ(answer.status, 200);
    found += json::elements(json::find(answer.body, "result")).size();
  }
  EXPECT_EQ(found, 25u);
  EXPECT_EQ(coordinator("PUT", "/_api/cursor/" + id).status, 404);
  EXPECT_EQ(coordinator("POST", "/_api/cursor", R"({"query":"FOR d IN c RETURN d._key"})").status, 201);
  EXPECT_EQ(coordinator("POST", "/_api/cursor", R"({"query":"FOR d IN c FILTER d.x RETURN d"})").status, 400);
  EXPECT_EQ(coordinator("POST", "/_api/cursor", R"({"query":"FOR d IN nowhere RETURN d"})").status, 404);
}

TEST_F(Wire, TakesFortyThousandDocumentsInSeconds) {
  start_with_secret();
  ASSERT_EQ(coordinator("POST", "/_api/collection", R"({"name":"c","numberOfShards":3,"replicationFactor":2})").status,
            200);
  std::vector<std::string> batches;
  for (int batch = 0; batch < 40; ++batch) {
    std::string body = "[";
    for (int i = 0; i < 1000; ++i) {
      if (i > 0) body += ',';
      std::string key = std::to_string(batch * 1000 + i);
      body += "{\"_key\":\"" + key + "\",\"name\":\"LATIN SMALL LETTER " + key +
              "\",\"category\":\"Ll\",\"numeric\":" + key + "}";
    }
    batches.push_back(body + "]");
  }
  auto const begin = std::chrono::steady_clock::now();
  for (auto const& body : batches) ASSERT_EQ(coordinator("POST", "/_api/document/c?silent=true", body).status, 202);
  auto const took = std::chrono::steady_clock::now() - begin;
  std::printf("loaded 40000 documents in %.2f s\n", std::chrono::duration<double>(took).count());
  // Two seconds are the aim on an idle machine; sanitizers and a busy one are given more.
  EXPECT_LT(took, std::chrono::seconds(20));
  EXPECT_EQ(json::find(coordinator("GET", "/_api/collection/c/count").body, "count"), "40000");
}

TEST_F(Wire, SpeaksTlsWithAKeyfile) {
  auto ca = x509::create_ca({});
  ASSERT_TRUE(ca.has_value());
  x509::LeafRequest request;
  request.hosts = {"127.0.0.1"};
  auto leaf = x509::create_leaf(*ca, request);
  ASSERT_TRUE(leaf.has_value());
  Options options;
  options.keyfile_pem = x509::to_keyfile(*leaf);
  start(options);
  EXPECT_TRUE(sandbox_->coordinators().front().starts_with("https://"));
  EXPECT_EQ(send(sandbox_->coordinators().front(), "GET", "/_api/version").status, 200);
}

TEST(SandboxStart, SaysInOneLineWhatIsWrong) {
  Options broken;
  broken.keyfile_pem = "no keyfile";
  auto refused = Sandbox::start(broken);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().find('\n'), std::string::npos);
  EXPECT_FALSE(Sandbox::start({.db_servers = 0}).has_value());
  auto first = Sandbox::start({});
  ASSERT_TRUE(first.has_value());
  auto port = http::parse_endpoint((*first)->coordinators().front(), 0)->port;
  auto second = Sandbox::start({.base_port = port});
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().find(std::to_string(port)), std::string::npos) << second.error();
}

}  // namespace
}  // namespace arangosync::sandbox
