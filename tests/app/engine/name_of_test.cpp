// Proves that names in logs and traces are the type's own, through nested variants.
#include "app/engine/name_of.h"

#include <gtest/gtest.h>

namespace arangosync::engine {
namespace {

struct ShardStarted {};
struct ShardStopped {};
using ShardEvent = std::variant<ShardStarted, ShardStopped>;
using Event = std::variant<int, ShardEvent>;

TEST(NameOf, IsTheNameOfTheTypeThatIsHeld) {
  EXPECT_EQ(name_of(ShardStopped{}), "ShardStopped");
  EXPECT_EQ(name_of(ShardEvent{ShardStarted{}}), "ShardStarted");
}

TEST(NameOf, LooksThroughNestedVariants) {
  EXPECT_EQ(name_of(Event{ShardEvent{ShardStopped{}}}), "ShardStopped");
  EXPECT_EQ(name_of(Event{3}), "int");
}

}  // namespace
}  // namespace arangosync::engine
