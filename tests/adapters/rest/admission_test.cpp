// What let a request in decides what it may do further on: at the leader behind a follower, and at the channels of the
// queue.
#include <gtest/gtest.h>

#include "adapters/direct/frames.h"
#include "tests/adapters/rest/support.h"

namespace arangosync::rest {
namespace {

class Admission : public ::testing::Test {
protected:
  Admission() {
    follower.change(
        [&](master::State& state) { state = following(identity("follower", follower.url()), leader.url()); });
    leader.change([](master::State& state) {
      auto& incoming = state.office->sync.incoming.emplace();
      incoming.own_token = Token(sources_token);
      clock::OsClock clock;
      state.office->tokens[Token(sources_token)] = {clock.wall_now() + 1h, std::nullopt};
      auto const worker = add_worker(state, "w", Url("https://127.0.0.1:1"));
      add_sender(state, "task1", ChannelName("a.data"), worker.id);
    });
  }
  static std::string pull_of(std::string const& channel) {
    direct::PullRequest request;
    request.reader = 1;
    request.channels.push_back({ChannelName(channel), 0, Offset(), Offset(), 0});
    return direct::encode_request(request);
  }
  int pull(TestMaster& at, std::string const& channel, Credential const& who) {
    return clients.call(at.endpoint(), "POST", "/_api/mq/direct/pull?worker=w", pull_of(channel), who, true).status;
  }

  static inline std::string const sources_token = std::string(64, 's');
  http::Io io{2};
  TestMaster leader{io, "leader"};
  TestMaster follower{io, "follower"};
  Clients clients{io};
};

TEST_F(Admission, ACertificateDoesNotTurnABadTokenIntoAGoodOneBehindAFollower) {
  for (TestMaster* at : {&leader, &follower}) {
    EXPECT_EQ(pull(*at, "a.data", {"Bearer " + dead_token, true}), 401);
    EXPECT_EQ(pull(*at, "a.data", {"Bearer nonsense", true}), 401);
    EXPECT_EQ(pull(*at, "a.data", {"Bearer " + good_token, true}), 502) << "let in; there is no such worker";
    EXPECT_EQ(pull(*at, "a.data", jwt()), 502);
  }
}

TEST_F(Admission, ACertificateStillOpensWhatItOpensWhateverTokenComesWithIt) {
  for (TestMaster* at : {&leader, &follower}) {
    auto const place = clients.call(at->endpoint(), "GET", "/_api/mq/direct/channel/a.data/endpoint", "",
                                    {"Bearer nonsense", true}, true);
    EXPECT_EQ(place.status, 200);
  }
}

TEST_F(Admission, TheSourcesTokenDoesNotReadWhatATargetReads) {
  for (TestMaster* at : {&leader, &follower}) {
    for (Credential const& who : {bearer(sources_token), Credential{"Bearer " + sources_token, true}}) {
      EXPECT_EQ(pull(*at, "a.data", who), 401);
    }
    auto get = [&](std::string const& target) {
      return clients.call(at->endpoint(), "GET", target, "", bearer(sources_token), true).status;
    };
    EXPECT_EQ(get("/_api/mq/direct/channel/a.data/endpoint"), 401);
    EXPECT_EQ(get("/_api/mq/direct/channel/a.data/messages"), 401);
    EXPECT_EQ(get("/_api/mq/direct/channel/a.other/endpoint"), 404);
    EXPECT_EQ(pull(*at, "a.data", bearer(good_token)), 502) << "a target's token does";
  }
}

TEST_F(Admission, APullThatCannotBeReadIsRefusedBeforeItTravels) {
  EXPECT_EQ(
      clients.call(leader.endpoint(), "POST", "/_api/mq/direct/pull?worker=w", "rubbish", bearer(good_token)).status,
      400);
}

}  // namespace
}  // namespace arangosync::rest
