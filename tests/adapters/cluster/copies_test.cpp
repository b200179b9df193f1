// Full copies under way on the target, and what is remembered of those that are over.
#include "adapters/cluster/copies.h"

#include <gtest/gtest.h>

namespace arangosync::cluster {
namespace {

TEST(Copies, ThatWereForgottenAreNotTakenForCopiesOfNothing) {
  Copies copies;
  copies.forget(worker::CopyId(1));
  Copies::Removal* removal = nullptr;
  EXPECT_EQ(copies.begin_removal(worker::CopyId(1), removal), Copies::Begin::Abandoned);
  EXPECT_EQ(copies.begin_removal(worker::CopyId(2), removal), Copies::Begin::Go);
  copies.finish(worker::CopyId(2));
  EXPECT_EQ(copies.begin_removal(worker::CopyId(2), removal), Copies::Begin::Over);
}

// Some shards are compared every few seconds, for years.
TEST(Copies, ThatAreOverAreNotRememberedForEver) {
  Copies copies;
  copies.brought(worker::CopyId(1), {"a", "b"});
  Copies::Removal* removal = nullptr;
  ASSERT_EQ(copies.begin_removal(worker::CopyId(1), removal), Copies::Begin::Go);
  copies.forget(worker::CopyId(1));  // while its removal is under way
  for (std::uint64_t id = 2; id < 20'000; ++id) copies.forget(worker::CopyId(id));
  EXPECT_LT(copies.size(), 5'000u);
  copies.leave(worker::CopyId(1));
  EXPECT_EQ(copies.begin_removal(worker::CopyId(1), removal), Copies::Begin::Abandoned);
}

}  // namespace
}  // namespace arangosync::cluster
