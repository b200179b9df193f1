// Who may call what: every route of a master and of a worker against every credential (spec arangosync-api 2.4).
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "adapters/direct/channel_store.h"
#include "adapters/rest/worker_server.h"
#include "adapters/x509/base64.h"
#include "tests/adapters/rest/support.h"

namespace arangosync::rest {
namespace {

constexpr std::string_view shard = "/_api/sync/database/d/collection/c/shard/0";
constexpr std::string_view outgoing_shard = "/_api/sync/outgoing/t/database/d/collection/c/shard/0";

struct Line {
  std::string method;
  std::string target;
  std::string opened_by;  ///< j JWT, c certificate, u user, m monitoring, q queue token; * nobody is asked
};

std::vector<Line> const master_table{
    {"GET", "/_api/version", "jcumq"},
    {"GET", "/_api/role", "jcum"},
    {"GET", "/_api/health", "jcum"},
    {"GET", "/metrics", "jcum"},
    {"GET", "/metrics.json", "jcum"},
    {"POST", "/_api/agency/cb/0123456789abcdef", "*"},
    {"GET", "/_api/sync", "jcu"},
    {"POST", "/_api/sync", "jcu"},
    {"DELETE", "/_api/sync", "jcu"},
    {"GET", "/_api/message-timeout", "jcu"},
    {"PUT", "/_api/message-timeout", "jcu"},
    {"GET", "/_api/endpoints", "jcu"},
    {"GET", "/_api/leader/endpoint", "jcu"},
    {"GET", "/_api/masters", "jcu"},
    {"POST", "/_api/worker/configure", "j"},
    {"PUT", "/_api/worker", "j"},
    {"GET", "/_api/worker", "jcu"},
    {"GET", "/_api/worker/w", "jcu"},
    {"DELETE", "/_api/worker/w", "j"},
    {"GET", "/_api/task", "jcu"},
    {"GET", "/_api/task/id/t", "jcu"},
    {"GET", "/_api/task/channel/a.b", "jcu"},
    {"PUT", "/_api/task/t/completed", "j"},
    {"POST", std::string(shard), "j"},
    {"DELETE", std::string(shard), "j"},
    {"PUT", "/_api/sync/multiple/status", "j"},
    {"PUT", "/_api/sync/multiple/outgoing/status", "j"},
    {"PUT", "/_api/sync/status", "j"},
    {"GET", "/_api/mq/channel/a.b/is-relevant", "j"},
    {"GET", "/_api/channels/prefix", "jc"},
    {"GET", "/_api/mq/config", "jc"},
    {"PUT", "/_api/mq/config", "jcq"},
    {"POST", "/_api/sync/outgoing", "jc"},
    {"DELETE", "/_api/sync/outgoing/t", "jcu"},
    {"POST", std::string(outgoing_shard), "jc"},
    {"DELETE", std::string(outgoing_shard), "jc"},
    {"POST", "/_api/mq/direct/token/renew", "jcq"},
    {"POST", "/_api/mq/direct/token/clone", "jcq"},
    {"GET", "/_api/mq/direct/channel/a.b/endpoint", "jcq"},
    {"POST", "/_api/mq/direct/pull", "jq"},
    {"GET", "/_api/mq/direct/channel/a.b/messages", "jq"},
    {"POST", "/_api/mq/direct/channel/a.b/commit", "jq"},
};

std::vector<std::pair<char, Credential>> const credentials{
    {'j', jwt()}, {'c', {"", true}}, {'u', basic("right")}, {'m', bearer("watcher")}, {'q', bearer(good_token)}};
std::vector<Credential> const worthless{{},
                                        basic("wrong"),
                                        bearer(dead_token),
                                        bearer(std::string(64, 'f')),
                                        bearer(""),
                                        {"bearer " + x509::master_jwt("another secret")},
                                        {"bearer eyJhbGciOiJub25lIn0.e30."},
                                        {"Negotiate abc"}};

TEST(Rights, OfAMasterAreThoseOfTheTable) {
  http::Io io{2};
  TestMaster master(io);
  Clients clients(io);
  for (auto const& line : master_table) {
    for (auto const& [letter, credential] : credentials) {
      bool const opens = line.opened_by == "*" || line.opened_by.find(letter) != std::string::npos;
      int const status = clients.call(master.endpoint(), line.method, line.target, "{}", credential).status;
      EXPECT_NE(status, 0) << line.method << " " << line.target;
      EXPECT_EQ(status != 401, opens) << line.method << " " << line.target << " with " << letter << ": " << status;
    }
  }
}

TEST(Rights, AtAMasterNothingOpensForWorthlessCredentials) {
  http::Io io{2};
  TestMaster master(io);
  Clients clients(io);
  for (auto const& line : master_table) {
    if (line.opened_by == "*") continue;
    for (auto const& credential : worthless) {
      EXPECT_EQ(clients.call(master.endpoint(), line.method, line.target, "{}", credential).status, 401)
          << line.method << " " << line.target << " with '" << credential.authorization << "'";
    }
  }
  EXPECT_TRUE(master.commands.empty());
}

TEST(Rights, AnUnknownPathIsNotFoundForFriendsAndClosedForStrangers) {
  http::Io io{2};
  TestMaster master(io);
  Clients clients(io);
  EXPECT_EQ(clients.call(master.endpoint(), "GET", "/_api/nothing", "", jwt()).status, 404);
  EXPECT_EQ(clients.call(master.endpoint(), "PATCH", "/_api/sync", "", jwt()).status, 404);
  EXPECT_EQ(clients.call(master.endpoint(), "GET", "/_api/nothing", "", {}).status, 401);
}

// kube-arangodb and RTA sign with other issuers and further claims (spec 2.2).
TEST(Rights, AJwtOfAnotherIssuerWithTheRightSecretIsAccepted) {
  http::Io io{2};
  TestMaster master(io);
  Clients clients(io);
  clock::OsClock clock;
  Credential const operator_token{"bearer " +
                                  x509::superuser_jwt(master_secret, "kube-arangodb", clock.wall_now(), 1h)};
  EXPECT_EQ(clients.call(master.endpoint(), "GET", "/_api/sync", "", operator_token).status, 200);
  Credential const expired{"bearer " + x509::superuser_jwt(master_secret, "kube-arangodb", clock.wall_now() + -2h, 1h)};
  EXPECT_EQ(clients.call(master.endpoint(), "GET", "/_api/sync", "", expired).status, 401);
}

/// A JWT with the masters' secret and any claims.
std::string signed_token(std::string const& claims) {
  std::string const text =
      x509::base64url_encode(R"({"alg":"HS256","typ":"JWT"})") + "." + x509::base64url_encode(claims);
  std::string const key(master_secret);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<unsigned char const*>(text.data()),
       text.size(), digest.data(), &size);
  return text + "." + x509::base64url_encode({reinterpret_cast<char const*>(digest.data()), size});
}

// kube-arangodb's probes carry a token of the master secret for one path (spec 2.2): whoever sees it gets no further.
TEST(Rights, AJwtMadeForSomePathsOpensThoseOnly) {
  http::Io io{2};
  TestMaster master(io);
  Clients clients(io);
  auto const status = [&](std::string const& paths, std::string const& method, std::string const& target) {
    std::string const claims = R"({"iss":"arangodb","server_id":"kube-arangodb","allowed_paths":)" + paths + "}";
    Credential const probe{"bearer " + signed_token(claims)};
    return clients.call(master.endpoint(), method, target, "{}", probe).status;
  };
  std::string const version = R"(["/_api/version"])";
  EXPECT_EQ(status(version, "GET", "/_api/version"), 200);
  EXPECT_EQ(status(version, "GET", "/_api/version?details=true"), 200);
  for (auto const& line : master_table) {
    if (line.opened_by == "*" || line.target == "/_api/version") continue;
    EXPECT_EQ(status(version, line.method, line.target), 401) << line.method << " " << line.target;
    EXPECT_EQ(status(version, line.method, line.target + "?/_api/version"), 401) << line.method << " " << line.target;
  }
  EXPECT_EQ(status(R"(["/_api/sync","/_api/role"])", "GET", "/_api/sync"), 200);
  EXPECT_EQ(status("[]", "GET", "/_api/version"), 401);
  EXPECT_EQ(status(R"("/_api/version")", "GET", "/_api/version"), 401) << "a list, or nothing is allowed";
}

class WorkerRights : public ::testing::Test {
protected:
  WorkerRights() {
    WorkerServerOptions options;
    options.listen.address = "127.0.0.1";
    options.listen.tls = Certificates::shared().worker_tls();
    options.jwt_secret = master_secret;
    options.monitoring_token = "watcher";
    options.worker_token = "the worker's token";
    options.version = {"1.2.3", "abcdef"};
    WorkerServerSeams seams;
    seams.worker.query = [this](std::function<void(worker::State const&)> query) {
      std::lock_guard const lock(mutex);
      query(state);
    };
    seams.worker.offer = [this](worker::Command command) {
      std::lock_guard const lock(mutex);
      if (auto const* start = std::get_if<worker::StartTask>(&command); start != nullptr && starts_tasks) {
        state =
            worker::evolve(state, worker::TaskEvent{worker::TaskStarted{start->task, start->spec, start->remote, {}}});
      }
      if (auto const* stop = std::get_if<worker::StopTask>(&command); stop != nullptr && stops_tasks) {
        if (worker::Task const* const task = state.tasks.find(stop->task)) {
          task::Spec const spec = *task->spec;
          state = worker::evolve(state, worker::TaskEvent{worker::TaskStopped{stop->task, spec}});
        }
      }
      commands.push_back(std::move(command));
      return true;
    };
    seams.metrics_text = [] { return std::string("up 1\n"); };
    seams.metrics_json = [] { return std::string("{}"); };
    state.registration.id = WorkerId("w");
    state.registration.write_until = clock.now() + 1h;
    seams.change_cluster_secret = [this](std::string secret) { cluster_secret = std::move(secret); };
    server = *WorkerServer::start(io, options, seams, store, clock, telemetry());
  }
  http::Response call(std::string const& method, std::string const& target, std::string const& body,
                      Credential const& who) {
    return clients.call_worker({true, "127.0.0.1", server->port()}, method, target, body, who);
  }

  http::Io io{2};
  clock::OsClock clock;
  clock::OsEntropy entropy;
  direct::ChannelStore store{io, entropy};
  Clients clients{io};
  std::mutex mutex;
  std::vector<worker::Command> commands;
  worker::State state = worker::initial_state(worker::Config{});
  bool starts_tasks = true;
  bool stops_tasks = true;
  std::string cluster_secret;
  std::unique_ptr<WorkerServer> server;
};

TEST_F(WorkerRights, AreThoseOfTheTable) {
  std::vector<Line> const table{
      {"GET", "/_api/version", "jm"},
      {"GET", "/_api/role", "jm"},
      {"GET", "/_api/health", "jm"},
      {"GET", "/metrics", "jm"},
      {"GET", "/metrics.json", "jm"},
      {"POST", "/_api/task", "jw"},
      {"DELETE", "/_api/task/t", "jw"},
      {"PUT", "/_api/worker/configure", "jw"},
      {"POST", "/_api/mq/direct/pull", "jw"},
      {"POST", "/_api/mq/direct/channel/a.b/token", "jw"},
      {"GET", "/_api/mq/direct/channel/a.b/messages", "jwt"},
      {"POST", "/_api/mq/direct/channel/a.b/commit", "jwt"},
  };
  ASSERT_EQ(
      call("POST", "/_api/mq/direct/channel/a.b/token", R"({"token":"topic","token-ttl":60000000000})", jwt()).status,
      200);
  std::vector<std::pair<char, Credential>> const who{{'j', jwt()},
                                                     {'m', bearer("watcher")},
                                                     {'w', bearer("the worker's token")},
                                                     {'t', bearer("topic")},
                                                     {'-', {}},
                                                     {'-', bearer("nonsense")},
                                                     {'-', basic("right")}};
  for (auto const& line : table) {
    for (auto const& [letter, credential] : who) {
      bool const opens = letter != '-' && line.opened_by.find(letter) != std::string::npos;
      int const status = call(line.method, line.target, "{}", credential).status;
      EXPECT_EQ(status != 401, opens) << line.method << " " << line.target << " with " << letter << ": " << status;
    }
  }
  EXPECT_EQ(call("GET", "/_api/mq/direct/channel/other/messages", "", bearer("topic")).status, 401);
}

TEST_F(WorkerRights, ATaskBecomesACommand) {
  TaskOrder order;
  order.id = TaskId("abcdefghijklmnop");
  order.spec.kind = task::Kind::SendShard;
  order.spec.channels = {ChannelName("a.data"), ChannelName("b.control")};
  order.spec.shard = ShardRef{DatabaseName("shop"), CollectionName("bücher"), 0};
  order.remote.client_token = good_token;
  order.reign = Reign{ServerId("PRMR-1"), 7};
  EXPECT_EQ(call("POST", "/_api/task", to_json(order), jwt()).status, 200);
  auto const& started = std::get<worker::StartTask>(commands.at(0));
  EXPECT_EQ(started.task, order.id);
  EXPECT_EQ(started.spec, order.spec);
  EXPECT_EQ(started.remote, order.remote);
  EXPECT_EQ(started.reign, order.reign);
  stops_tasks = false;
  EXPECT_EQ(call("DELETE", "/_api/task/abcdefghijklmnop?worker=other", "", jwt()).status, 503)
      << "the worker has another registration";
  EXPECT_EQ(std::get<worker::StopTask>(commands.at(1)).worker, WorkerId("other"));
  stops_tasks = true;
  EXPECT_EQ(call("DELETE", "/_api/task/abcdefghijklmnop", "", jwt()).status, 200);
  EXPECT_EQ(std::get<worker::StopTask>(commands.at(2)).task, order.id);
  EXPECT_EQ(std::get<worker::StopTask>(commands.at(2)).worker, WorkerId());
  EXPECT_EQ(call("POST", "/_api/task", R"({"id":"x","type":"juggle"})", jwt()).status, 400);
  order.id = TaskId("bbcdefghijklmnop");
  starts_tasks = false;
  EXPECT_EQ(call("POST", "/_api/task", to_json(order), jwt()).status, 503) << "the worker has another registration";
}

TEST_F(WorkerRights, AnOrderOfALeaderThatAnotherHasFollowedIsLate) {
  TaskOrder order;
  order.id = TaskId("abcdefghijklmnop");
  order.spec.kind = task::Kind::SendInventory;
  order.term = Term(2);
  auto const start = [&] { return call("POST", "/_api/task", to_json(order), jwt()).status; };
  auto const stop = [&](std::string const& term) {
    return call("DELETE", "/_api/task/abcdefghijklmnop" + term, "", jwt()).status;
  };
  EXPECT_EQ(start(), 200);
  EXPECT_EQ(std::get<worker::StartTask>(commands.at(0)).term, Term(2));
  EXPECT_EQ(stop("?term=2"), 200);
  EXPECT_EQ(std::get<worker::StopTask>(commands.at(1)).term, Term(2));
  {
    std::lock_guard const lock(mutex);
    state.registration.term = Term(3);
  }
  EXPECT_EQ(start(), 409);
  EXPECT_EQ(stop("?term=2"), 409);
  EXPECT_EQ(stop("?term=3"), 200);
  EXPECT_EQ(stop(""), 200) << "an original's master does not say its term";
  EXPECT_EQ(stop("?term=three"), 400);
}

TEST_F(WorkerRights, AnswersForItself) {
  EXPECT_EQ(call("GET", "/_api/version", "", jwt()).body, R"({"version":"1.2.3","build":"abcdef"})");
  EXPECT_EQ(call("GET", "/_api/role", "", jwt()).body, R"({"role":"worker"})");
  EXPECT_EQ(call("GET", "/metrics", "", bearer("watcher")).body, "up 1\n");
  {
    std::lock_guard const lock(mutex);
    state.registration.write_until = clock.now();
  }
  EXPECT_EQ(call("GET", "/_api/health", "", jwt()).status, 503);
  EXPECT_EQ(call("PUT", "/_api/worker/configure", R"({"secret":"new"})", jwt()).status, 200);
  EXPECT_EQ(cluster_secret, "new");
}

TEST_F(WorkerRights, MessagesOfAChannelAreReadAndCommittedOneByOne) {
  ASSERT_TRUE(store.publish(ChannelName("a.b"), "hello").has_value());
  ASSERT_TRUE(store.publish(ChannelName("a.b"), "world").has_value());
  EXPECT_EQ(call("GET", "/_api/mq/direct/channel/a.b/messages", "", jwt()).body,
            R"({"messages":[{"offset":1,"message":"aGVsbG8="},{"offset":2,"message":"d29ybGQ="}]})");
  EXPECT_EQ(call("POST", "/_api/mq/direct/channel/a.b/commit", R"({"offset":1})", jwt()).status, 200);
  EXPECT_EQ(call("GET", "/_api/mq/direct/channel/a.b/messages", "", jwt()).body,
            R"({"messages":[{"offset":2,"message":"d29ybGQ="}]})");
  EXPECT_EQ(call("POST", "/_api/mq/direct/channel/a.b/commit", R"({"offset":-1})", jwt()).status, 400);
  EXPECT_EQ(call("GET", "/_api/mq/direct/channel/unknown/messages", "", jwt()).status, 404);
  EXPECT_EQ(call("GET", "/_api/mq/direct/channel/a%2Fb/messages", "", jwt()).status, 400);
}

}  // namespace
}  // namespace arangosync::rest
