// The store's promises: offsets from 1 without gaps, nothing forgotten before it is committed, pulls that wait, bounded
// memory.
#include <gtest/gtest.h>

#include "tests/adapters/direct/support.h"

#include <future>

namespace arangosync::direct {
namespace {

ChannelName const orders("sync_a.orders");
ChannelName const stock("sync_a.stock");

class ChannelStoreTest : public ::testing::Test {
protected:
  using Received = std::map<ChannelName, Delivered>;

  std::unique_ptr<ChannelStore> make(StoreLimits bounds = {}) {
    return std::make_unique<ChannelStore>(io, entropy, bounds);
  }

  static PullRequest request(std::vector<Wanted> channels, std::uint64_t serial = 1, std::uint32_t wait_ms = 0) {
    return {7, serial, wait_ms, 1u << 20, std::move(channels)};
  }
  static Wanted from(ChannelName const& channel, std::uint64_t after = 0, std::uint64_t instance = 0,
                     std::uint64_t committed = 0) {
    return {channel, instance, Offset(after), Offset(committed), 1u << 20};
  }
  std::future<PullAnswer> pull_later(ChannelStore& store, PullRequest wanted) {
    auto promise = std::make_shared<std::promise<PullAnswer>>();
    auto future = promise->get_future();
    store.pull(std::move(wanted), [promise](PullAnswer answer) { promise->set_value(std::move(answer)); });
    return future;
  }
  PullAnswer pull(ChannelStore& store, PullRequest wanted) { return pull_later(store, std::move(wanted)).get(); }
  static std::vector<std::string> texts(Delivered const& delivered) {
    std::vector<std::string> found;
    for (auto const& message : delivered.messages) found.emplace_back(message.bytes);
    return found;
  }

  http::Io io{2};
  clock::OsEntropy entropy;
};

TEST_F(ChannelStoreTest, DeliversInOrderFromTheAskedOffsetOn) {
  auto store = make();
  EXPECT_EQ(*store->publish(orders, "a"), Offset(1));
  EXPECT_EQ(*store->publish(orders, "b"), Offset(2));
  EXPECT_EQ(*store->publish(orders, "c"), Offset(3));
  auto const first = pull(*store, request({from(orders)}));
  ASSERT_EQ(first.channels.size(), 1u);
  EXPECT_EQ(texts(first.channels[0]), (std::vector<std::string>{"a", "b", "c"}));
  auto const rest = pull(*store, request({from(orders, 2, first.channels[0].instance)}));
  ASSERT_EQ(rest.channels.size(), 1u);
  EXPECT_EQ(texts(rest.channels[0]), (std::vector<std::string>{"c"}));
}

TEST_F(ChannelStoreTest, DeliversAgainUntilCommitted) {
  auto store = make();
  ASSERT_TRUE(store->publish(orders, "a").has_value());
  ASSERT_TRUE(store->publish(orders, "b").has_value());
  auto const instance = pull(*store, request({from(orders)})).channels.at(0).instance;
  auto const again = pull(*store, request({from(orders, 0, instance, 1)}));
  ASSERT_EQ(again.channels.size(), 1u);
  EXPECT_EQ(texts(again.channels[0]), (std::vector<std::string>{"b"}));
  EXPECT_EQ(store->bytes_held(), 1u);
}

TEST_F(ChannelStoreTest, ACommitOfAnEarlierLifeCostsNothing) {
  auto store = make();
  ASSERT_TRUE(store->publish(orders, "a").has_value());
  auto const old_life = pull(*store, request({from(orders)})).channels.at(0).instance;
  store->drop(orders);
  ASSERT_TRUE(store->publish(orders, "new").has_value());
  auto const answer = pull(*store, request({from(orders, 1, old_life, 1)}));
  ASSERT_EQ(answer.channels.size(), 1u);
  EXPECT_EQ(texts(answer.channels[0]), (std::vector<std::string>{"new"}));
  EXPECT_NE(answer.channels[0].instance, old_life);
}

TEST_F(ChannelStoreTest, AWaitingPullIsAnsweredByTheNextMessage) {
  auto store = make();
  ASSERT_TRUE(store->publish(orders, "a").has_value());
  auto const instance = pull(*store, request({from(orders)})).channels.at(0).instance;
  auto waiting = pull_later(*store, request({from(orders, 1, instance)}, 2, 60'000));
  EXPECT_EQ(waiting.wait_for(50ms), std::future_status::timeout);
  ASSERT_TRUE(store->publish(orders, "b").has_value());
  EXPECT_EQ(texts(waiting.get().channels.at(0)), (std::vector<std::string>{"b"}));
}

TEST_F(ChannelStoreTest, ANewerPullOfTheSameReaderEndsTheOlderOne) {
  auto store = make();
  ASSERT_TRUE(store->publish(orders, "a").has_value());
  auto const instance = pull(*store, request({from(orders)})).channels.at(0).instance;
  auto older = pull_later(*store, request({from(orders, 1, instance)}, 5, 60'000));
  auto newer = pull_later(*store, request({from(orders, 1, instance)}, 6, 60'000));
  EXPECT_TRUE(older.get().channels.empty());
  EXPECT_EQ(store->pulls_waiting(), 1u);
  auto late = pull_later(*store, request({from(orders, 1, instance)}, 4, 60'000));
  EXPECT_TRUE(late.get().channels.empty()) << "an overtaken pull must not wait";
  ASSERT_TRUE(store->publish(orders, "b").has_value());
  EXPECT_EQ(newer.get().channels.size(), 1u);
}

TEST_F(ChannelStoreTest, SaysWhichChannelsItDoesNotKnow) {
  StoreLimits bounds;
  bounds.unknown_wait = 20ms;
  auto store = make(bounds);
  auto const answer = pull(*store, request({from(orders)}, 1, 60'000));
  ASSERT_EQ(answer.channels.size(), 1u);
  EXPECT_FALSE(answer.channels[0].known);
}

TEST_F(ChannelStoreTest, AFullChannelRefusesUntilItIsCommitted) {
  StoreLimits bounds;
  bounds.channel_bytes = 10;
  auto store = make(bounds);
  ASSERT_TRUE(store->publish(orders, "123456").has_value());
  auto const refused = store->publish(orders, "789abc");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().fault_class, FaultClass::Retry);
  EXPECT_TRUE(store->commit(orders, Offset(1)));
  EXPECT_EQ(*store->publish(orders, "789abc"), Offset(2)) << "a refused message takes no offset";
}

TEST_F(ChannelStoreTest, AMessageLargerThanTheLimitPassesThroughAnEmptyChannel) {
  StoreLimits bounds;
  bounds.channel_bytes = 10;
  auto store = make(bounds);
  ASSERT_TRUE(store->publish(orders, std::string(100, 'x')).has_value());
  auto asked = request({from(orders)});
  asked.bytes_max = 1;
  asked.channels[0].bytes_max = 1;
  EXPECT_EQ(pull(*store, asked).channels.at(0).messages.size(), 1u);
}

TEST_F(ChannelStoreTest, SmallMessagesHaveAReserveWhenDataFillsTheStore) {
  StoreLimits bounds;
  bounds.total_bytes = 100;
  bounds.reserve_bytes = 50;
  bounds.small_message_bytes = 10;
  auto store = make(bounds);
  ASSERT_TRUE(store->publish(orders, std::string(100, 'x')).has_value());
  EXPECT_FALSE(store->publish(stock, std::string(11, 'x')).has_value());
  EXPECT_TRUE(store->publish(stock, std::string(10, 'x')).has_value());
}

TEST_F(ChannelStoreTest, ADatacenterThatDoesNotReadLeavesRoomForTheOthers) {
  StoreLimits bounds;
  bounds.channel_bytes = 1000;
  bounds.total_bytes = 1000;
  bounds.small_message_bytes = 5;
  auto store = make(bounds);
  auto const fill = [&](ChannelName const& channel) {
    std::size_t taken = 0;
    while (store->publish(channel, std::string(10, 'x'))) ++taken;
    return taken;
  };
  ChannelName const silent("sync_silent.a");
  EXPECT_EQ(fill(silent), 67u) << "two thirds";
  EXPECT_EQ(fill(ChannelName("sync_silent.b")), 1u) << "it has little more by having another channel";
  ChannelName const living("sync_living.a");
  std::size_t const taken = fill(living);
  EXPECT_GT(taken, 20u);
  EXPECT_LT(taken, 33u) << "a third one would have room, too";
  store->commit(living, Offset(taken));
  EXPECT_EQ(fill(living), taken);
  store->commit(living, Offset(2 * taken));
  store->drop(living);  // with nothing in it
  store->drop(silent);
  store->drop(ChannelName("sync_silent.b"));
  EXPECT_EQ(store->bytes_held(), 0u);
}

TEST_F(ChannelStoreTest, ChannelsThatAreStuckLeaveThoseBesideThemOneMessageAtATime) {
  StoreLimits bounds;
  bounds.channel_bytes = 1200;
  bounds.total_bytes = 1200;
  bounds.small_message_bytes = 5;
  auto store = make(bounds);
  std::string const message(10, 'x');
  ChannelName const stuck("sync_a.stuck");
  while (store->publish(stuck, message)) {
  }
  EXPECT_EQ(store->bytes_held(), 810u) << "two thirds, and the one that passes them";
  for (std::uint64_t number = 1; number <= 20; ++number) {
    ASSERT_TRUE(store->publish(orders, message).has_value()) << number;
    EXPECT_FALSE(store->publish(orders, message).has_value()) << number;
    ASSERT_TRUE(store->commit(orders, Offset(number)));
  }
  int others = 0;
  while (store->publish(ChannelName("sync_a.other" + std::to_string(others)), message)) ++others;
  EXPECT_EQ(store->bytes_held(), 1000u) << "the last sixth is not theirs";
  EXPECT_TRUE(store->publish(ChannelName("sync_b.orders"), message).has_value());
}

TEST_F(ChannelStoreTest, ABusyChannelDoesNotHoldUpTheOthers) {
  auto store = make();
  for (int count = 0; count < 100; ++count) ASSERT_TRUE(store->publish(orders, std::string(100, 'o')).has_value());
  ASSERT_TRUE(store->publish(stock, "s").has_value());
  auto asked = request({from(orders), from(stock)});
  asked.bytes_max = 1000;
  auto const answer = pull(*store, asked);
  ASSERT_EQ(answer.channels.size(), 2u);
  EXPECT_LE(answer.channels[0].messages.size(), 10u);
  EXPECT_EQ(texts(answer.channels[1]), (std::vector<std::string>{"s"}));
}

TEST_F(ChannelStoreTest, AChannelWhoseReaderHasNoRoomIsLeftAlone) {
  auto store = make();
  ASSERT_TRUE(store->publish(orders, "a").has_value());
  auto asked = request({from(orders)});
  asked.channels[0].bytes_max = 0;
  EXPECT_TRUE(pull(*store, asked).channels.empty());
}

TEST_F(ChannelStoreTest, DroppingFreesItsMemory) {
  auto store = make();
  ASSERT_TRUE(store->publish(orders, "abc").has_value());
  store->drop(orders);
  EXPECT_EQ(store->bytes_held(), 0u);
  EXPECT_FALSE(store->peek(orders, 100).has_value());
}

}  // namespace
}  // namespace arangosync::direct
