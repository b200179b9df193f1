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

// One collection with such a schema hid the whole plan.
TEST(ALandscape, IsReadWhereSchemasAreNestedDeeply) {
  std::string rule = "{}";
  for (int level = 0; level < 60; ++level) rule = R"({"properties":)" + rule + "}";
  std::string const collection = R"({"name":"c","schema":{"rule":)" + rule + R"(},"shards":{"s1":["PRMR-1"]}})";
  auto const landscape = read_landscape(R"({"arango":{"Plan":{"Collections":{"d":{"7":)" + collection + "}}}}}");
  ASSERT_TRUE(landscape.has_value()) << landscape.error().message;
  EXPECT_EQ(landscape->leaders.at({DatabaseName("d"), CollectionName("c"), 0}), ServerId("PRMR-1"));
}

TEST(Look, WithoutAPlanShowsNothing) {
  EXPECT_FALSE(read_look(R"({"arango":{"Readonly":true}})"));
  EXPECT_FALSE(read_look("{}"));
  EXPECT_FALSE(read_look("no json"));
}

}  // namespace
}  // namespace arangosync::agency
