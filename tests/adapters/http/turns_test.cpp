// A client that may have so many calls under way to one endpoint: the others wait for their turn.
#include "tests/adapters/http/loopback.h"

#include <algorithm>
#include <deque>
#include <future>

#include <gtest/gtest.h>

namespace arangosync::http {
namespace {

using namespace std::chrono_literals;

/// Keeps all requests until the test answers them.
class Desk {
public:
  Handler handler() {
    return [this](Request request, Peer const& peer, Responder respond) {
      std::lock_guard const lock(mutex_);
      kept_.push_back({std::move(request.target), peer.address, std::move(respond)});
      most_ = std::max(most_, kept_.size());
      peers_.insert(peer.address);
    };
  }
  std::size_t kept() {
    std::lock_guard const lock(mutex_);
    return kept_.size();
  }
  std::size_t most() {
    std::lock_guard const lock(mutex_);
    return most_;
  }
  std::size_t peers() {
    std::lock_guard const lock(mutex_);
    return peers_.size();
  }
  /// What was asked first, answered when so many are here.
  std::string answer_one(std::size_t among = 1) {
    if (!eventually([&] { return kept() >= among; })) return "too few ask";
    std::unique_lock lock(mutex_);
    Kept const first = std::move(kept_.front());
    kept_.pop_front();
    lock.unlock();
    first.respond({});
    return first.target;
  }

private:
  struct Kept {
    std::string target;
    std::string peer;
    Responder respond;
  };
  std::mutex mutex_;
  std::deque<Kept> kept_;
  std::set<std::string> peers_;
  std::size_t most_ = 0;
};

Client::Call call_for(Loopback const& net, std::string target, Duration timeout = patience) {
  return {net.endpoint(), {"GET", std::move(target), {}, {}}, timeout};
}

TEST(ClientTurns, AreTakenInTheOrderOfCallingOnConnectionsThatAreUsedAgain) {
  Desk desk;
  Loopback net(desk.handler(), {}, {.calls_per_endpoint_max = 3});
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 3; ++i) answers.push_back(start_call(*net.client, call_for(net, "/first")));
  ASSERT_TRUE(eventually([&] { return desk.kept() == 3; }));
  for (int i = 0; i < 40; ++i) answers.push_back(start_call(*net.client, call_for(net, "/" + std::to_string(i))));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(desk.answer_one(3), "/first");
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(desk.answer_one(std::min<std::size_t>(3, 40 - i)), "/" + std::to_string(i));
  }
  for (auto& answer : answers) EXPECT_EQ(answer.get()->status, 200);
  EXPECT_EQ(desk.most(), 3u);
  EXPECT_EQ(desk.peers(), 3u);
}

TEST(ClientTurns, OfOneEndpointHoldUpNoOther) {
  Desk desk;
  Loopback net(desk.handler(), {}, {.calls_per_endpoint_max = 1});
  Loopback other(echo);
  auto first = start_call(*net.client, call_for(net, "/"));
  auto second = start_call(*net.client, call_for(net, "/"));
  EXPECT_EQ(call_and_wait(*net.client, call_for(other, "/"))->status, 200);
  desk.answer_one();
  desk.answer_one();
  EXPECT_EQ(first.get()->status, 200);
  EXPECT_EQ(second.get()->status, 200);
}

TEST(ClientTurns, AreNotWaitedForLongerThanACallsTime) {
  Desk desk;
  Loopback net(desk.handler(), {}, {.calls_per_endpoint_max = 1});
  auto first = start_call(*net.client, call_for(net, "/"));
  auto patient = start_call(*net.client, call_for(net, "/patient"));
  auto const hasty = call_and_wait(*net.client, call_for(net, "/hasty", 50ms));
  ASSERT_FALSE(hasty.has_value());
  EXPECT_EQ(hasty.error().kind, Failure::Kind::Timeout);
  EXPECT_EQ(hasty.error().message,
            to_url(net.endpoint()) + ": no answer within 50 ms (waiting for its turn, calls under way: 1)");
  desk.answer_one();
  EXPECT_EQ(desk.answer_one(), "/patient");
  EXPECT_EQ(first.get()->status, 200);
  EXPECT_EQ(patient.get()->status, 200);
  EXPECT_EQ(desk.kept(), 0u) << "who has given up asks nothing any more";
}

TEST(ClientTurns, CountIntoACallsTime) {
  Desk desk;
  Loopback net(desk.handler(), {}, {.calls_per_endpoint_max = 1});
  auto const begin = std::chrono::steady_clock::now();
  auto first = start_call(*net.client, call_for(net, "/", 1s));
  auto second = start_call(*net.client, call_for(net, "/", 1200ms));
  auto const answer = second.get();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, Failure::Kind::Timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2100ms) << "its time began with its turn";
  EXPECT_FALSE(first.get().has_value());
}

TEST(ClientTurns, EndWithTheClient) {
  Desk desk;
  Loopback net(desk.handler(), {}, {.calls_per_endpoint_max = 1});
  auto first = start_call(*net.client, call_for(net, "/"));
  auto second = start_call(*net.client, call_for(net, "/"));
  ASSERT_TRUE(eventually([&] { return desk.kept() == 1; }));
  net.client.reset();
  EXPECT_EQ(first.get().error().kind, Failure::Kind::Stopped);
  EXPECT_EQ(second.get().error().kind, Failure::Kind::Stopped);
  EXPECT_EQ(desk.most(), 1u);
}

}  // namespace
}  // namespace arangosync::http
