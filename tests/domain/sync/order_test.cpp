// Which orders about a shard that is gone are late, and how much is remembered of them.
#include "domain/sync/order.h"

#include <gtest/gtest.h>

namespace arangosync::sync {
namespace {

Order order(std::uint64_t number) { return Order{Life(1), Term(1), RequestId(number)}; }
ShardRef shard(std::uint32_t index) { return ShardRef{DatabaseName("db"), CollectionName("c"), index}; }

TEST(Order, OfALaterLifeIsNewerWhateverItsNumber) {
  EXPECT_LT((Order{Life(1), Term(9), RequestId(9)}), (Order{Life(2), Term(1), RequestId(1)}));
  EXPECT_LT((Order{Life(2), Term(1), RequestId(9)}), (Order{Life(2), Term(2), RequestId(1)}));
}

TEST(Endings, AStartBeforeTheEndIsLateAndTheSameOrderOrALaterOneIsNot) {
  Endings endings;
  EXPECT_FALSE(is_late(endings, shard(1), order(1)));
  note(endings, shard(1), order(5));
  note(endings, shard(1), order(3));
  EXPECT_TRUE(is_late(endings, shard(1), order(4)));
  EXPECT_FALSE(is_late(endings, shard(1), order(5)));
  EXPECT_FALSE(is_late(endings, shard(1), order(6)));
  EXPECT_FALSE(is_late(endings, shard(2), order(4)));
}

TEST(Endings, AreBoundedAndWhatIsForgottenRefusesRatherTooMuch) {
  Endings endings;
  for (std::uint32_t i = 1; i <= 100; ++i) note(endings, shard(i), order(i));
  EXPECT_EQ(endings.shards.size(), endings_max);
  EXPECT_EQ(endings.floor, order(100 - endings_max));
  EXPECT_TRUE(is_late(endings, shard(1), order(0)));
  EXPECT_TRUE(is_late(endings, shard(2000), order(35))) << "it may have been one of the forgotten";
  EXPECT_FALSE(is_late(endings, shard(1), order(101)));
}

}  // namespace
}  // namespace arangosync::sync
