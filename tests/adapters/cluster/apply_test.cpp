// The pure parts of applying: results of bulk calls, our own documents, the memory of copies.
#include "adapters/cluster/bulk_answer.h"
#include "adapters/cluster/copies.h"
#include "adapters/cluster/own_collections.h"
#include "tests/adapters/cluster/fixture.h"

namespace arangosync::cluster {
namespace {

TEST(BulkAnswer, NamesTheItemsThatFailed) {
  auto const failures = parse_bulk_answer(
      R"([{"_id":"p/a","_key":"a","_rev":"_g"},{"error":true,"errorNum":1210,"errorMessage":"unique constraint )"
      R"(violated - in index i of type persistent over 'email'; conflicting key: k17"},{"error":true,)"
      R"("errorNum":1465}])",
      3);
  ASSERT_TRUE(failures.has_value());
  ASSERT_EQ(failures->size(), 2u);
  EXPECT_EQ((*failures)[0].index, 1u);
  EXPECT_EQ((*failures)[0].number, 1210);
  EXPECT_EQ((*failures)[0].conflicting_key, "k17");
  EXPECT_EQ((*failures)[1].index, 2u);
  EXPECT_EQ((*failures)[1].conflicting_key, "");
}

TEST(BulkAnswer, OfAnotherLengthIsNotUnderstood) {
  EXPECT_FALSE(parse_bulk_answer("[]", 1).has_value());
  EXPECT_FALSE(parse_bulk_answer("{}", 0).has_value());
  EXPECT_FALSE(parse_bulk_answer("", 0).has_value());
  EXPECT_TRUE(parse_bulk_answer("[]", 0).has_value());
}

ShardRef orders(std::uint32_t index) { return {DatabaseName("shop"), CollectionName("orders"), index}; }

TEST(PositionDocument, ComesBackAsItWasWritten) {
  shard::Position const position{ShardName("s1"), ServerId("PRMR-1"), "268111977542955",
                                 Tick(~0ull),     Tick(17),           ChannelName("c.1")};
  worker::Stamp const stamp{worker::PulseId(7), 3};
  auto const document = position_document(orders(2), position, stamp);
  auto const kept = parse_position(orders(2), document);
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->position, position);
  EXPECT_EQ(kept->stamp, stamp);
  EXPECT_NE(document.find(position_key(orders(2))), std::string::npos);
}

TEST(PositionDocument, OfAnotherShardIsNotTaken) {
  shard::Position const position{ShardName("s1"), ServerId("PRMR-1"), "1", Tick(1), Tick(1)};
  EXPECT_FALSE(parse_position(orders(1), position_document(orders(2), position, {})).has_value());
  EXPECT_FALSE(parse_position(orders(1), "{}").has_value());
  EXPECT_NE(position_key(orders(1)), position_key(orders(2)));
}

TEST(OriginDocument, ComesBackAsItWasWritten) {
  inventory::RecordOrigin const origin{DatabaseName("shop"), CollectionName("orders"), "10030"};
  EXPECT_EQ(parse_origin(origin_document(origin)), origin);
  EXPECT_FALSE(parse_origin(R"({"database":"shop"})").has_value());
}

TEST(Copies, KnowWhatTheyBrought) {
  Copies copies;
  worker::CopyId const copy(1);
  copies.brought(copy, {"a", "b"});
  EXPECT_EQ(copies.surplus(copy, {"a", "x", "b", "y"}), (Strings{"x", "y"}));
}

TEST(Copies, ThatBroughtNothingAreOfAnEmptyShard) {
  Copies copies;
  Copies::Removal* removal = nullptr;
  EXPECT_EQ(copies.begin_removal(worker::CopyId(1), removal), Copies::Begin::Go);
  EXPECT_EQ(copies.surplus(worker::CopyId(1), {"x"}), (Strings{"x"}));
}

TEST(Copies, ThatAreOverOrAbandonedNeverRemoveAnythingAgain) {
  Copies copies;
  Copies::Removal* removal = nullptr;
  worker::CopyId const over(1);
  worker::CopyId const abandoned(2);
  ASSERT_EQ(copies.begin_removal(over, removal), Copies::Begin::Go);
  EXPECT_EQ(copies.begin_removal(over, removal), Copies::Begin::Busy);
  copies.finish(over);
  EXPECT_EQ(copies.begin_removal(over, removal), Copies::Begin::Over);
  copies.brought(abandoned, {"a"});
  copies.forget(abandoned);
  EXPECT_EQ(copies.begin_removal(abandoned, removal), Copies::Begin::Abandoned);
  EXPECT_TRUE(copies.surplus(over, {"x"}).empty());
  EXPECT_TRUE(copies.surplus(abandoned, {"x"}).empty());
}

}  // namespace
}  // namespace arangosync::cluster
