#include "adapters/sim/cluster_json.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace arangosync::sim::json {
namespace {

TEST(ClusterJson, AcceptsJsonAndNothingElse) {
  for (auto const* text :
       {"{}", " [1, -2.5e+10, true,false,null,\"\\u00e4\\n\"] ", "{\"a\":{\"b\":[{}]}}", "0", "\"\""}) {
    EXPECT_TRUE(is_valid(text)) << text;
  }
  for (auto const* text : {"", "{", "[1,]", "{\"a\"}", "{a:1}", "01", "1.", "+1", "nul", "\"\\x\"", "\"\n\"", "{} {}",
                           "[1 2]", "\"\\u12g4\"", "\"\xff\"", "{ 1: \"World\" }"}) {
    EXPECT_FALSE(is_valid(text)) << text;
  }
  EXPECT_FALSE(is_valid(std::string(300, '[') + std::string(300, ']')));
}

TEST(ClusterJson, CutsObjectsAndArraysWithoutTouchingValues) {
  auto list = members("{ \"a\" : 1.0 , \"b\":{\"x\": [1, \"]}\"]},\"\\u0063\":\"q\\\"\" , \"d\":null}");
  ASSERT_EQ(list.size(), 4u);
  EXPECT_EQ(list[0].value, "1.0");
  EXPECT_EQ(list[1].value, "{\"x\": [1, \"]}\"]}");
  EXPECT_EQ(list[2].name, "c");
  EXPECT_EQ(text_of(list[2].value), "q\"");
  EXPECT_EQ(list[3].value, "null");
  auto items = elements("[1 ,\"a,b\", [2,3],{} ]");
  ASSERT_EQ(items.size(), 4u);
  EXPECT_EQ(items[0], "1");
  EXPECT_EQ(items[1], "\"a,b\"");
  EXPECT_EQ(items[2], "[2,3]");
  EXPECT_EQ(items[3], "{}");
  EXPECT_TRUE(elements("[]").empty());
  EXPECT_TRUE(members("{ }").empty());
}

TEST(ClusterJson, CompactsOnlyBetweenTokens) {
  EXPECT_EQ(compact("{ \"a b\" : [ 1 , \" \\\" \" ] }"), "{\"a b\":[1,\" \\\" \"]}");
}

TEST(ClusterJson, ReadsEscapesAndPairs) {
  EXPECT_EQ(text_of("\"\\u00e4\\ud83d\\ude00\\t\\/\""), "\xc3\xa4\xf0\x9f\x98\x80\t/");
}

RC_GTEST_PROP(ClusterJson, QuotesAnyTextSoThatItReadsBack, (std::string text)) {
  RC_ASSERT(text_of(quote(text)) == text);
}

RC_GTEST_PROP(ClusterJson, NeverReadsPastBrokenText, (std::string text)) {
  if (is_valid(text)) RC_ASSERT(is_valid(compact(trim(text))));
}

}  // namespace
}  // namespace arangosync::sim::json
