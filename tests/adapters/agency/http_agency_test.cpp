// The agency client over real sockets: against the sandbox's agent, and against agents that redirect, fail and leave in
// doubt.
#include "adapters/agency/http_agency.h"

#include "adapters/x509/jwt.h"
#include "app/sandbox/sandbox.h"

#include <gtest/gtest.h>
#include <atomic>
#include <future>
#include <mutex>

namespace arangosync::agency {
namespace {

using namespace std::chrono_literals;

class SteadyClock final : public ports::Clock {
public:
  Instant now() override { return Instant(std::chrono::steady_clock::now().time_since_epoch()); }
  WallTime wall_now() override { return WallTime(std::chrono::system_clock::now().time_since_epoch()); }
};

/// Agents whose answers a test writes itself.
struct FakeAgent {
  FakeAgent(http::Io& io, http::Handler handler) {
    http::Server::Options options;
    options.address = "127.0.0.1";
    auto started = http::Server::start(io, options, std::move(handler));
    if (!started) throw std::runtime_error(started.error());
    server = std::move(*started);
  }
  http::Endpoint endpoint() const { return {false, "127.0.0.1", server->port()}; }
  std::unique_ptr<http::Server> server;
};

http::Response answer(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

struct Stage {
  http::Io io{2};
  http::Client client{io, http::ClientTls{}};
  SteadyClock clock;
  std::mutex mutex;
  HttpAgency::Endpoints pool;
  std::string authorization;
  std::unique_ptr<HttpAgency> agency;

  HttpAgency& start(HttpAgency::Endpoints endpoints, Duration give_up_after = 10s) {
    pool = std::move(endpoints);
    HttpAgency::Options options;
    options.endpoints = [this](auto found) {
      std::lock_guard lock(mutex);
      found(pool);
    };
    options.authorization = [this] { return authorization; };
    options.give_up_after = give_up_after;
    agency = std::make_unique<HttpAgency>(io, client, clock, std::move(options));
    return *agency;
  }
  Outcome<std::string> read(std::vector<std::string> paths) {
    std::promise<Outcome<std::string>> result;
    agency->read(std::move(paths), [&](Outcome<std::string> got) { result.set_value(std::move(got)); });
    return result.get_future().get();
  }
  ports::AgencyOutcome write(ports::AgencyTransaction transaction) {
    std::promise<ports::AgencyOutcome> result;
    agency->write(std::move(transaction), [&](ports::AgencyOutcome got) { result.set_value(got); });
    return result.get_future().get();
  }
};

ports::AgencyTransaction set(std::string key, std::string json, std::vector<ports::AgencyCondition> conditions = {}) {
  static std::atomic<int> number{0};
  ports::AgencyTransaction transaction;
  transaction.operations.push_back({std::move(key), ports::AgencySet{std::move(json)}});
  transaction.conditions = std::move(conditions);
  transaction.client_id = "test:" + std::to_string(++number);
  return transaction;
}

TEST(HttpAgency, WritesReadsAndIsRefusedByTheSandboxsAgent) {
  sandbox::Options options;
  options.jwt_secret = "secret";
  auto sandbox = sandbox::Sandbox::start(options);
  ASSERT_TRUE(sandbox.has_value()) << sandbox.error();
  Stage stage;
  stage.authorization = "bearer " + x509::superuser_jwt("secret", "test", stage.clock.wall_now(), 1h);
  stage.start({http::parse_endpoint((*sandbox)->agent(), 1).value()});
  EXPECT_EQ(stage.write(set("/t/a", R"({"x":1})", {{"/t/a", ports::AgencyOldEmpty{true}}})),
            ports::AgencyOutcome::Applied);
  EXPECT_EQ(stage.write(set("/t/a", R"({"x":2})", {{"/t/a", ports::AgencyOldEmpty{true}}})),
            ports::AgencyOutcome::Refused);
  EXPECT_EQ(stage.write(set("/t/a", R"({"x":3})", {{"/t/a", ports::AgencyOld{R"({"x":1})"}}})),
            ports::AgencyOutcome::Applied);
  auto const read = stage.read({"/t/a", "/t/none"});
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(*read, R"({"t":{"a":{"x":3}}})");
}

TEST(HttpAgency, IsDeniedWithoutCredentials) {
  sandbox::Options options;
  options.jwt_secret = "secret";
  auto sandbox = sandbox::Sandbox::start(options);
  ASSERT_TRUE(sandbox.has_value()) << sandbox.error();
  Stage stage;
  stage.start({http::parse_endpoint((*sandbox)->agent(), 1).value()});
  auto const read = stage.read({"/t"});
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().fault_class, FaultClass::Denied);
}

TEST(HttpAgency, FollowsTheRedirectToTheLeaderAndStaysThere) {
  Stage stage;
  std::atomic<int> asked_follower{0};
  FakeAgent leader(stage.io, [](http::Request, http::Peer const&, http::Responder respond) {
    respond(answer(200, R"([{"a":1}])"));
  });
  FakeAgent follower(stage.io, [&](http::Request, http::Peer const&, http::Responder respond) {
    ++asked_follower;
    auto redirect = answer(307, "");
    redirect.headers.push_back({"Location", http::to_url(leader.endpoint()) + "/_api/agency/read"});
    respond(std::move(redirect));
  });
  stage.start({follower.endpoint(), leader.endpoint()});
  EXPECT_EQ(stage.read({"/a"}), R"({"a":1})");
  EXPECT_EQ(stage.read({"/a"}), R"({"a":1})");
  EXPECT_EQ(asked_follower, 1);
}

TEST(HttpAgency, NeverFollowsARedirectOutOfThePool) {
  Stage stage;
  std::atomic<int> asked_stranger{0};
  FakeAgent stranger(stage.io, [&](http::Request, http::Peer const&, http::Responder respond) {
    ++asked_stranger;
    respond(answer(200, R"([{"a":"stolen"}])"));
  });
  FakeAgent agent(stage.io, [&](http::Request, http::Peer const&, http::Responder respond) {
    auto redirect = answer(307, "");
    redirect.headers.push_back({"Location", http::to_url(stranger.endpoint()) + "/_api/agency/read"});
    respond(std::move(redirect));
  });
  stage.start({agent.endpoint()}, 1s);
  EXPECT_FALSE(stage.read({"/a"}).has_value());
  EXPECT_EQ(asked_stranger, 0);
}

TEST(HttpAgency, TriesTheNextAgentWhenOneIsDownOrWithoutLeader) {
  Stage stage;
  FakeAgent leaderless(stage.io, [](http::Request, http::Peer const&, http::Responder respond) {
    respond(answer(503, R"({"message":"No leader"})"));
  });
  FakeAgent good(stage.io,
                 [](http::Request, http::Peer const&, http::Responder respond) { respond(answer(200, "[{}]")); });
  stage.start({http::Endpoint{false, "127.0.0.1", 1}, leaderless.endpoint(), good.endpoint()});
  EXPECT_EQ(stage.read({"/a"}), "{}");
}

/// An agent that applies or loses the first write and answers 503 in both cases.
struct DoubtfulAgent {
  bool applies = true;
  int writes = 0;
  int inquiries = 0;
  http::Handler handler() {
    return [this](http::Request request, http::Peer const&, http::Responder respond) {
      if (request.target == "/_api/agency/inquire") {
        ++inquiries;
        respond(applies ? answer(200, R"({"results":[17],"inquired":true})")
                        : answer(404, R"({"results":[0],"inquired":true})"));
      } else if (++writes == 1) {
        respond(answer(503, ""));
      } else {
        respond(answer(200, R"({"results":[18]})"));
      }
    };
  }
};

TEST(HttpAgency, AsksWhetherADoubtfulWriteWasAppliedBeforeItRepeatsIt) {
  for (bool const applies : {true, false}) {
    Stage stage;
    DoubtfulAgent agent{applies};
    FakeAgent server(stage.io, agent.handler());
    stage.start({server.endpoint()});
    EXPECT_EQ(stage.write(set("/a", "1")), ports::AgencyOutcome::Applied);
    EXPECT_EQ(agent.inquiries, 1);
    EXPECT_EQ(agent.writes, applies ? 1 : 2);
  }
}

TEST(HttpAgency, SaysUnknownWhenNobodyCanTell) {
  Stage stage;
  FakeAgent server(stage.io,
                   [](http::Request, http::Peer const&, http::Responder respond) { respond(answer(503, "")); });
  stage.start({server.endpoint()}, 1s);
  EXPECT_EQ(stage.write(set("/a", "1")), ports::AgencyOutcome::Unknown);
}

TEST(HttpAgency, TakesAResultOfZeroAsRefusedWhateverTheStatus) {
  Stage stage;
  FakeAgent server(stage.io, [](http::Request, http::Peer const&, http::Responder respond) {
    respond(answer(200, R"({"results":[0]})"));
  });
  stage.start({server.endpoint()});
  EXPECT_EQ(stage.write(set("/a", "1")), ports::AgencyOutcome::Refused);
}

}  // namespace
}  // namespace arangosync::agency
