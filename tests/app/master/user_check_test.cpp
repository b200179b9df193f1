// Passwords against a cluster that knows them, and against one that is not there.
#include "app/master/user_check.h"

#include "adapters/clock/os_clock.h"
#include "app/sandbox/sandbox.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <vector>

namespace arangosync::app {
namespace {

using rest::Verdict;

std::string const secret = "a secret of the cluster";

class Silence final : public ports::Telemetry {
public:
  void log(ports::LogLevel, std::string_view, std::string_view) override {}
  bool enabled(ports::LogLevel) const override { return false; }
  void count(std::string_view, Labels const&, std::uint64_t) override {}
  void gauge(std::string_view, Labels const&, double) override {}
};

class UserChecks : public ::testing::Test {
protected:
  UserChecks() {
    sandbox::Options options;
    options.jwt_secret = secret;
    options.root_password = "right";
    cluster = *sandbox::Sandbox::start(options);
    coordinator = *http::parse_endpoint(cluster->coordinators().front(), 1);
  }
  Verdict ask(std::string const& user, std::string const& password) {
    cluster::Connection connection(io, client, clock, telemetry, {{coordinator}, {secret}, "test"});
    UserCheck users(io, client, connection, true);
    std::promise<Verdict> answer;
    users.check({user, password}, [&](Verdict verdict) { answer.set_value(verdict); });
    return answer.get_future().get();
  }

  http::Io io{2};
  http::Client client{io, http::ClientTls{}};
  clock::OsClock clock;
  Silence telemetry;
  std::unique_ptr<sandbox::Sandbox> cluster;
  http::Endpoint coordinator;
};

TEST_F(UserChecks, OpenForAnAdministratorWithTheRightPasswordOnly) {
  EXPECT_EQ(ask("root", "right"), Verdict::Opens);
  EXPECT_EQ(ask("root", "wrong"), Verdict::Closed);
  EXPECT_EQ(ask("nobody", "right"), Verdict::Closed);
}

TEST_F(UserChecks, ThatFailAskOnceEachAndLeaveOurOwnCredentialsAlone) {
  std::atomic<int> logins{0};
  std::atomic<int> bearers{0};
  http::Server::Options options;
  options.address = "127.0.0.1";
  auto const refusing =
      *http::Server::start(io, options, [&](http::Request request, http::Peer const&, http::Responder respond) {
        ++logins;
        if (!http::header(request.headers, "Authorization").empty()) ++bearers;
        respond({401, {}, R"({"error":true,"code":401,"errorNum":11,"errorMessage":"wrong"})"});
      });
  coordinator = {false, "127.0.0.1", refusing->port()};
  cluster::Connection connection(io, client, clock, telemetry, {{coordinator}, {secret, "a former one"}, "test"});
  UserCheck users(io, client, connection, true);
  for (int guess = 1; guess <= 3; ++guess) {
    std::promise<Verdict> answer;
    users.check({"root", "wrong"}, [&](Verdict verdict) { answer.set_value(verdict); });
    EXPECT_EQ(answer.get_future().get(), Verdict::Closed);
    EXPECT_EQ(logins, guess);
    EXPECT_EQ(connection.secret(), secret);
  }
  EXPECT_EQ(bearers, 0);
}

TEST_F(UserChecks, AreFewAtATime) {
  std::mutex mutex;
  std::vector<http::Responder> waiting;
  http::Server::Options options;
  options.address = "127.0.0.1";
  auto const slow = *http::Server::start(io, options, [&](http::Request, http::Peer const&, http::Responder respond) {
    std::lock_guard const lock(mutex);
    waiting.push_back(std::move(respond));
  });
  coordinator = {false, "127.0.0.1", slow->port()};
  cluster::Connection connection(io, client, clock, telemetry, {{coordinator}, {secret}, "test"});
  UserCheck users(io, client, connection, true);
  std::atomic<int> closed{0};
  for (int guess = 0; guess < 16; ++guess) {
    users.check({"root", "guess"}, [&](Verdict verdict) { closed += verdict == Verdict::Closed ? 1 : 0; });
  }
  std::promise<Verdict> one_more;
  users.check({"root", "right"}, [&](Verdict verdict) { one_more.set_value(verdict); });
  EXPECT_EQ(one_more.get_future().get(), Verdict::Unknown) << "nobody's password is wrong for that";
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (closed < 16 && std::chrono::steady_clock::now() < deadline) {
    std::lock_guard const lock(mutex);
    for (auto const& respond : waiting) respond({401, {}, R"({"error":true,"code":401,"errorNum":11})"});
    waiting.clear();
  }
  EXPECT_EQ(closed, 16);
}

TEST_F(UserChecks, DoNotCallAPasswordWrongWhenTheCoordinatorIsStopped) {
  cluster.reset();
  EXPECT_EQ(ask("root", "right"), Verdict::Unknown);
  EXPECT_EQ(ask("root", "wrong"), Verdict::Unknown);
}

TEST_F(UserChecks, DoNotCallAPasswordWrongWhenTheCoordinatorCannotServe) {
  cluster.reset();
  http::Server::Options options;
  options.address = "127.0.0.1";
  auto const starting =
      *http::Server::start(io, options, [](http::Request, http::Peer const&, http::Responder respond) {
        respond({503, {}, R"({"error":true,"code":503,"errorNum":503,"errorMessage":"starting"})"});
      });
  coordinator = {false, "127.0.0.1", starting->port()};
  EXPECT_EQ(ask("root", "right"), Verdict::Unknown);
}

}  // namespace
}  // namespace arangosync::app
