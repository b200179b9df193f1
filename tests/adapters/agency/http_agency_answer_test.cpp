// What we send to agents and how we read them (spec arangodb-read 2.3, 2.4, 2.7).
#include "adapters/agency/agency_answer.h"

#include <gtest/gtest.h>

namespace arangosync::agency {
namespace {

TEST(AgencyRequest, ReadsAllPathsInOneArray) { EXPECT_EQ(read_body({"/a/b", "/c"}), R"([["/a/b","/c"]])"); }

TEST(AgencyRequest, WritesOneTransactionWithItsConditionsAndClientId) {
  ports::AgencyTransaction transaction;
  transaction.operations = {{"/a", ports::AgencySet{R"({"x":1})"}},
                            {"/b", ports::AgencyDelete{}},
                            {"/c", ports::AgencyPush{"7"}},
                            {"/d", ports::AgencyErase{R"("y")"}}};
  transaction.conditions = {{"/a", ports::AgencyOld{R"({"x":0})"}},
                            {"/e", ports::AgencyOldEmpty{true}},
                            {"/a", ports::AgencyOldEmpty{false}}};
  transaction.client_id = "m1:1";
  EXPECT_EQ(write_body(transaction),
            R"([[{"/a":{"op":"set","new":{"x":1}},"/b":{"op":"delete"},"/c":{"op":"push","new":7},"/d":{"op":"erase",)"
            R"("val":"y"}},)"
            R"({"/a":{"old":{"x":0},"oldEmpty":false},"/e":{"oldEmpty":true}},"m1:1"]])");
}

TEST(AgencyRequest, WithoutConditionsHasAnEmptyObjectOfThem) {
  ports::AgencyTransaction transaction;
  transaction.operations = {{"/a", ports::AgencySet{"1"}}};
  EXPECT_EQ(write_body(transaction), R"([[{"/a":{"op":"set","new":1}},{},""]])");
}

TEST(AgencyAnswer, ToAReadIsTheOneObject) {
  EXPECT_EQ(parse_read(R"([{"a":{"b":12}}])"), R"({"a":{"b":12}})");
  EXPECT_EQ(parse_read("[{}]"), "{}");
  EXPECT_FALSE(parse_read("[]").has_value());
  EXPECT_FALSE(parse_read("[{},{}]").has_value());
  EXPECT_FALSE(parse_read(R"({"message":"No leader"})").has_value());
}

TEST(AgencyAnswer, ToAWriteIsDecidedByItsEntryAndNotByTheStatus) {
  EXPECT_EQ(parse_result(R"({"results":[17]})"), 17u);
  EXPECT_EQ(parse_result(R"({"results":[0]})"), 0u);
  EXPECT_FALSE(parse_result(R"({"results":[]})").has_value());
  EXPECT_FALSE(parse_result(R"({"results":[1,2]})").has_value());
  EXPECT_FALSE(parse_result(R"({"results":[-1]})").has_value());
  EXPECT_FALSE(parse_result("x").has_value());
}

TEST(AgencyAnswer, ToAnInquiryMayBeThatItIsOnItsWay) {
  EXPECT_TRUE(is_ongoing(R"({"results":[0],"inquired":true,"ongoing":true})"));
  EXPECT_FALSE(is_ongoing(R"({"results":[0],"inquired":true})"));
}

}  // namespace
}  // namespace arangosync::agency
