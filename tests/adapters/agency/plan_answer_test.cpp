// What a look at the agency shows of the cluster: the plan's version and the mode (spec arangodb-read 3.1, 9.5).
#include "adapters/agency/plan_answer.h"

#include <gtest/gtest.h>

namespace arangosync::agency {
namespace {

TEST(Look, ReadsThePlansVersionAndTheModeAtOnce) {
  EXPECT_EQ(look_paths(), (std::vector<std::string>{"/arango/Plan/Version", "/arango/Readonly"}));
  EXPECT_EQ(read_look(R"({"arango":{"Plan":{"Version":17},"Readonly":true}})").value(), (Look{17, true}));
  EXPECT_EQ(read_look(R"({"arango":{"Plan":{"Version":17},"Readonly":false}})").value(), (Look{17, false}));
}

TEST(Look, TakesAClusterThatHasNeverHadAModeForWritable) {
  EXPECT_EQ(read_look(R"({"arango":{"Plan":{"Version":17}}})").value(), (Look{17, false}));
  EXPECT_EQ(read_look(R"({"arango":{"Plan":{"Version":17},"Readonly":{}}})").value(), (Look{17, false}));
}

TEST(Look, WithoutAPlanShowsNothing) {
  EXPECT_FALSE(read_look(R"({"arango":{"Readonly":true}})"));
  EXPECT_FALSE(read_look("{}"));
  EXPECT_FALSE(read_look("no json"));
}

}  // namespace
}  // namespace arangosync::agency
