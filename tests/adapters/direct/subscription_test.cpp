// One channel's window: what it asks for, and that many channels together stay below the worker's cap.
#include "adapters/direct/subscription.h"

#include <gtest/gtest.h>

namespace arangosync::direct {
namespace {

ChannelName const channel("a.data");

TEST(Subscription, AsksForNoMoreThanItsShareIsFree) {
  Subscription subscription;
  subscription.enter_life(7);
  EXPECT_EQ(subscription.wanted(channel, 1000).bytes_max, 1000u);
  auto const offset = subscription.take(Offset(1), 400);
  EXPECT_EQ(subscription.wanted(channel, 1000).bytes_max, 600u);
  subscription.take(Offset(2), 5000);
  EXPECT_FALSE(subscription.has_room(1000));
  EXPECT_EQ(subscription.wanted(channel, 1000).bytes_max, 0u);
  EXPECT_TRUE(subscription.commit(*offset));
  EXPECT_FALSE(subscription.has_room(1000));
}

TEST(Subscription, ThousandsOfChannelsShareTheWorkersCap) {
  EXPECT_EQ(Subscription::share_of(0), limits::window_bytes / 2);
  EXPECT_EQ(Subscription::share_of(1), limits::window_bytes / 2);
  for (std::size_t const channels : {std::size_t{100}, std::size_t{1000}, std::size_t{8000}}) {
    EXPECT_LE(Subscription::share_of(channels) * channels, limits::prefetch_bytes_max);
  }
  EXPECT_EQ(Subscription::share_of(1'000'000), limits::prefetch_share_min) << "slow, but never standing still";
}

}  // namespace
}  // namespace arangosync::direct
