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

std::string registered(std::string const& servers) {
  return R"([{"arango":{"Current":{"ServersRegistered":{)" + servers + R"(,"Version":7}}}}])";
}

TEST(Fitness, AClusterIsAsOldAsItsOldestServer) {
  auto const kind = kind_of(registered(R"("A":{"versionString":"3.10.0","extendedNamesDatabases":true},
      "B":{"versionString":"3.9.12","extendedNamesDatabases":false})"));
  EXPECT_EQ(kind.version, "3.9.12");
  EXPECT_EQ(kind.extended_names, std::optional(false));
  EXPECT_EQ(kind_of(registered(R"("A":{"versionString":"3.3.25"})")).extended_names, std::nullopt);
  EXPECT_EQ(kind_of("[{}]").version, "");
}

TEST(Fitness, ATargetIsNotOlderThanItsSource) {
  EXPECT_THAT(unfit_source({"3.12.4", {}}, {"3.11.9", {}}), Optional(HasSubstr("upgrade this datacenter first")));
  EXPECT_FALSE(unfit_source({"3.11.9", {}}, {"3.11.0", {}}));
  EXPECT_FALSE(unfit_source({"3.9.1", {}}, {"3.12.4", {}}));
  EXPECT_FALSE(unfit_source({"", {}}, {"3.12.4", {}})) << "an original's master does not tell";
  EXPECT_FALSE(unfit_source({"3.12.4", {}}, {"", {}}));
}

TEST(Fitness, ATargetAllowsTheNamesOfItsSource) {
  EXPECT_THAT(unfit_source({"3.9.1", true}, {"3.9.1", false}), Optional(HasSubstr("--database.extended-names")));
  EXPECT_FALSE(unfit_source({"3.9.1", false}, {"3.12.1", true})) << "who upgrades the target first has such a pair";
  EXPECT_FALSE(unfit_source({"3.9.1", true}, {"3.9.1", {}}));
}

TEST(Fitness, OneServerWithAnotherEngineIsEnoughToRefuse) {
  EXPECT_FALSE(unfit_engine({}));
  EXPECT_FALSE(unfit_engine({"rocksdb"}));
  EXPECT_THAT(unfit_engine({"mmfiles", "rocksdb"}), Optional(HasSubstr("mmfiles")));
}

}  // namespace
}  // namespace arangosync::cluster
