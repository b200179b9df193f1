// A master that does not lead: passes on what may be passed on, once, with a credential the leader can judge (spec
// arangosync-api 8); and the direct queue through a master to a worker and back.
#include <gtest/gtest.h>

#include "adapters/direct/direct_queue.h"
#include "adapters/rest/worker_server.h"
#include "tests/adapters/rest/support.h"

namespace arangosync::rest {
namespace {

class Forwarding : public ::testing::Test {
protected:
  Forwarding() { follow(leader.url()); }
  void follow(std::optional<Url> whom) {
    follower.change([&](master::State& state) { state = following(identity("follower", follower.url()), whom); });
  }
  http::Response ask(Credential const& who, bool may_forward = true,
                     std::string const& target = "/_api/message-timeout") {
    return clients.call(follower.endpoint(), "GET", target, "", who, may_forward);
  }

  http::Io io{2};
  TestMaster leader{io, "leader"};
  TestMaster follower{io, "follower"};
  Clients clients{io};
};

TEST_F(Forwarding, HappensOnlyWhenTheCallerAllowsIt) {
  EXPECT_EQ(ask(jwt()).body, R"({"messageTimeout":3600000000000})");
  EXPECT_EQ(ask(jwt(), false).status, 503);
}

TEST_F(Forwarding, PassesCommandsOn) {
  auto const answer =
      clients.call(follower.endpoint(), "PUT", "/_api/message-timeout", R"({"messageTimeout":7})", jwt(), true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(leader.last<master::SetMessageTimeout>()->timeout, Duration(7));
  EXPECT_TRUE(follower.commands.empty());
}

TEST_F(Forwarding, VouchesForCertificatesAndPasswords) {
  leader.accepts_users = false;  // if the leader were asked itself, the password would not do
  EXPECT_EQ(ask({"", true}).status, 200);
  EXPECT_EQ(ask(basic("right")).status, 200);
  EXPECT_EQ(ask(basic("wrong")).status, 401);
  EXPECT_EQ(ask({}).status, 401);
}

TEST_F(Forwarding, LeavesTokensToTheLeader) {
  std::string const target = "/_api/mq/direct/channel/a.b/endpoint";
  EXPECT_EQ(ask(bearer(good_token), true, target).status, 404) << "good token, unknown channel";
  EXPECT_EQ(ask(bearer(dead_token), true, target).status, 401);
  EXPECT_EQ(ask(bearer(good_token)).status, 401) << "a queue token does not open an operator's call";
}

TEST_F(Forwarding, IsNotDoneTwice) {
  leader.change([&](master::State& state) { state = following(identity("leader", leader.url()), follower.url()); });
  EXPECT_EQ(ask(jwt()).status, 503);
}

TEST_F(Forwarding, WithoutALeaderOrWithAnUnreachableOneIs503) {
  follow(std::nullopt);
  EXPECT_EQ(ask(jwt()).status, 503);
  follow(Url("https://127.0.0.1:1"));
  EXPECT_EQ(ask(jwt()).status, 503);
}

TEST_F(Forwarding, LocalRoutesStayLocal) {
  follow(std::nullopt);
  EXPECT_EQ(ask(jwt(), true, "/_api/version").status, 200);
  EXPECT_EQ(ask(jwt(), true, "/_api/endpoints").status, 200);
  EXPECT_EQ(ask(bearer("watcher"), true, "/metrics").status, 200);
}

// ---- the direct queue through it all
// ----------------------------------------------------------------------------------------

class Inbox final : public ports::Inbox<worker::Command> {
public:
  void post(worker::Command command) override {
    std::lock_guard const lock(mutex_);
    if (auto* const message = std::get_if<worker::MessageArrived>(&command)) arrived_.push_back(std::move(*message));
  }
  std::size_t size() {
    std::lock_guard const lock(mutex_);
    return arrived_.size();
  }
  worker::MessageArrived at(std::size_t index) {
    std::lock_guard const lock(mutex_);
    return arrived_.at(index);
  }

private:
  std::mutex mutex_;
  std::vector<worker::MessageArrived> arrived_;
};

TEST_F(Forwarding, TheQueueFlowsThroughFollowerAndLeaderToTheWorkerAndBack) {
  clock::OsClock clock;
  clock::OsEntropy entropy;
  direct::ChannelStore sending(io, entropy);
  WorkerServerOptions options;
  options.listen.address = "127.0.0.1";
  options.listen.tls = Certificates::shared().worker_tls();
  options.jwt_secret = master_secret;
  WorkerServerSeams seams;
  seams.worker.query = [](std::function<void(worker::State const&)> query) { query(worker::State{}); };
  seams.worker.offer = [](worker::Command) { return true; };
  auto const worker_server = *WorkerServer::start(io, options, seams, sending, clock, telemetry());
  ChannelName const channel("sync_a_m1.data");
  leader.change([&](master::State& state) {
    auto const record = add_worker(state, "w", Url("https://127.0.0.1:" + std::to_string(worker_server->port())));
    add_sender(state, "task1", channel, record.id);
  });
  Inbox published;
  direct::DirectQueue sender(io, sending, published, clock, entropy, telemetry());
  for (std::uint64_t number = 1; number <= 30; ++number) {
    shard::DataMessage const message{Epoch(1), Sequence(number), shard::Trouble{std::string(number * 50, 'x')}};
    sender.perform(worker::Publish{RequestId(number), channel, message});
  }

  direct::ChannelStore idle(io, entropy);
  Inbox inbox;
  direct::DirectQueue receiver(io, idle, inbox, clock, entropy, telemetry());
  task::QueueConfig remote;
  remote.endpoints = {follower.url()};
  remote.client_token = good_token;
  remote.ca_certificate = Certificates::shared().ca.certificate_pem;
  receiver.perform(worker::Subscribe{channel, remote, std::nullopt});
  ASSERT_TRUE(eventually([&] { return inbox.size() == 30; }));
  for (std::size_t index = 0; index < 30; ++index) {
    auto const message = inbox.at(index);
    EXPECT_EQ(std::get<shard::DataMessage>(message.message).sequence, Sequence(index + 1));
    receiver.perform(worker::Commit{channel, message.offset});
  }
  EXPECT_TRUE(eventually([&] { return sending.bytes_held() == 0; })) << "commits come back to the sender";
}

}  // namespace
}  // namespace arangosync::rest
