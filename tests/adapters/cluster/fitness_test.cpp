// Which clusters are refused, and by which words.
#include "adapters/cluster/fitness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace arangosync::cluster {
namespace {

using testing::HasSubstr;
using testing::Optional;

TEST(Fitness, VersionsFrom33OnAreAccepted) {
  for (auto const* version : {"3.3.0", "3.3.25", "3.9.12", "3.10.0-devel", "3.12.10", "3.8.5-1", "4.0.0"}) {
    EXPECT_FALSE(unfit_version(version)) << version;
  }
}

TEST(Fitness, OlderVersionsAreRefusedByTheirNumber) {
  EXPECT_THAT(unfit_version("3.2.18"), Optional(HasSubstr("3.2.18")));
  EXPECT_THAT(unfit_version("2.8.11"), Optional(HasSubstr("too old")));
}

TEST(Fitness, AVersionThatIsNotUnderstoodIsNotRefused) {
  for (auto const* version : {"", "devel", "3", "3.", ".3", "3.x"}) EXPECT_FALSE(unfit_version(version)) << version;
}

TEST(Fitness, OnlyCoordinatorsAreAccepted) {
  EXPECT_FALSE(unfit_role("COORDINATOR"));
  EXPECT_THAT(unfit_role("SINGLE"), Optional(HasSubstr("Active Failover")));
  EXPECT_THAT(unfit_role("PRIMARY"), Optional(HasSubstr("must name a Coordinator")));
  EXPECT_THAT(unfit_role("AGENT"), Optional(HasSubstr("AGENT")));
}

TEST(Fitness, OneServerWithAnotherEngineIsEnoughToRefuse) {
  EXPECT_FALSE(unfit_engine({}));
  EXPECT_FALSE(unfit_engine({"rocksdb"}));
  EXPECT_THAT(unfit_engine({"mmfiles", "rocksdb"}), Optional(HasSubstr("mmfiles")));
}

}  // namespace
}  // namespace arangosync::cluster
