// The log's and the dump's lines are parsed once, and documents pass through byte for byte.
#include "adapters/cluster/lines.h"

#include "tests/adapters/cluster/fixture.h"

#include <rapidcheck/gtest.h>

namespace arangosync::cluster {
namespace {

Marker read_marker(std::string const& line) {
  static std::unique_ptr<Lines> lines;
  lines = std::make_unique<Lines>(line);
  Marker marker;
  EXPECT_EQ(lines->next(marker), Lines::Next::Read) << line;
  return marker;
}

TEST(LogLine, OfADocumentGivesShardKeyRevisionAndTheDocumentsBytes) {
  auto const marker = read_marker(
      R"({"tick":"4708","type":2300,"db":"shop","tid":"20010112","cuid":"c10010/s10021","data":{"_id":"o/c",)"
      R"("_key":"c","_rev":"_gjDB","n":9007199254740993,"x":{"_key":"no"},"f":1.0} })"
      "\n");
  EXPECT_EQ(marker.type, 2300);
  EXPECT_EQ(marker.tick, 4708u);
  EXPECT_EQ(marker.database, "shop");
  EXPECT_EQ(marker.tid, "20010112");
  EXPECT_EQ(marker.shard, "s10021");
  EXPECT_EQ(marker.key, "c");
  EXPECT_EQ(marker.revision, "_gjDB");
  EXPECT_EQ(marker.document,
            R"({"_id":"o/c","_key":"c","_rev":"_gjDB","n":9007199254740993,"x":{"_key":"no"},"f":1.0})");
}

TEST(LogLine, FindsTheKeyBehindOtherAttributes) {
  auto const marker = read_marker(
      R"({"type":2300,"tick":17,"db":"d","tid":"0","cuid":"c1/s2","data":{"a":[1,{"_key":"inner"}],"_rev":"r",)"
      R"("_key":"outer"}})");
  EXPECT_EQ(marker.key, "outer");
  EXPECT_EQ(marker.revision, "r");
  EXPECT_EQ(marker.tick, 17u);
}

TEST(LogLine, WithEscapedDatabaseNameIsUnescaped) {
  auto const marker = read_marker(R"({"tick":"1","type":2004,"db":"m\u00f6bel","cuid":"c1/s2"})");
  EXPECT_EQ(marker.database, "m\u00f6bel");
  EXPECT_EQ(marker.shard, "s2");
}

TEST(LogLine, ThatIsBrokenIsSaidToBe) {
  for (auto const* line :
       {"{", "[]", "x", R"({"tick":"1"})", R"({"tick":"x","type":2300})", R"({"type":"2300"})",
        R"({"type":2300,"tick":"1","db":"d","cuid":"c1/s2","data":{"_rev":"r"}})",
        R"({"type":2300,"tick":"1","db":"d","cuid":"c1/s2","data":7})",
        R"({"type":2300,"tick":"1","db":"d","data":{"_key":"a"}})", R"({"type":2201}{"type":2201})"}) {
    Lines lines(line);
    Marker marker;
    EXPECT_EQ(lines.next(marker), Lines::Next::Broken) << line;
  }
}

TEST(LogLine, OfEveryKindInTheRecordingsIsRead) {
  for (auto const* file : {"wal-captures-3.9.json", "wal-tail-dbserver-shard.json", "wal-tail-global.json",
                           "wal-tail-lost-history.json", "wal-tail-split-transaction.json"}) {
    for (auto const& exchange : exchanges(file)) {
      if (exchange.url.find("tail") == std::string::npos) continue;
      Lines lines(exchange.response.body);
      Marker marker;
      Lines::Next next;
      while ((next = lines.next(marker)) == Lines::Next::Read) EXPECT_GT(marker.type, 1000);
      EXPECT_EQ(next, Lines::Next::End) << file << " line " << lines.line_number();
    }
  }
}

TEST(DumpLine, IsReadWithAndWithoutEnvelope) {
  auto const document = std::string(R"({"_id":"o/a","_key":"a","_rev":"_g","type":2300,"data":{"_key":"x"}})");
  for (auto const& line : {document, R"({"type":2300,"data":)" + document + "}"}) {
    Lines lines(line + "\n");
    DumpedDocument dumped;
    ASSERT_EQ(lines.next(dumped), Lines::Next::Read) << line;
    EXPECT_EQ(dumped.key, "a");
    EXPECT_EQ(dumped.revision, "_g");
    EXPECT_EQ(dumped.document, document);
    EXPECT_EQ(lines.next(dumped), Lines::Next::End);
  }
}

TEST(DumpLine, WithUserAttributesBeforeTheKeyIsNotTakenForAnEnvelope) {
  auto const line = std::string(R"({"type":2300,"data":{"_key":"inner"},"_key":"outer","_rev":"r"})");
  Lines lines(line);
  DumpedDocument dumped;
  ASSERT_EQ(lines.next(dumped), Lines::Next::Read);
  EXPECT_EQ(dumped.key, "outer");
  EXPECT_EQ(dumped.document, line);
}

TEST(DumpLine, WithoutKeyIsBroken) {
  for (auto const* line : {"{}", R"({"a":1})", R"({"type":2300,"data":[]})", "7", R"({"_key":1})"}) {
    Lines lines(line);
    DumpedDocument dumped;
    EXPECT_EQ(lines.next(dumped), Lines::Next::Broken) << line;
  }
}

std::string cut(std::string const& document) {
  IdCutter cutter;
  std::string out;
  EXPECT_TRUE(cutter.append_without_id(document, out)) << document;
  return out;
}

TEST(IdCutter, CutsTheMemberAndNothingElse) {
  EXPECT_EQ(cut(R"({"_id":"o/a","_key":"a"})"), R"({"_key":"a"})");
  EXPECT_EQ(cut(R"({"_key":"a", "_id" : "o/a" , "n":1.0})"), R"({"_key":"a",  "n":1.0})");
  EXPECT_EQ(cut(R"({"_key":"a","_id":"o/a"})"), R"({"_key":"a"})");
  EXPECT_EQ(cut(R"({"_key":"a","x":{"_id":"kept"}})"), R"({"_key":"a","x":{"_id":"kept"}})");
  EXPECT_EQ(cut(R"({"_id":"o/a"})"), R"({})");
  EXPECT_EQ(cut(R"({"_key":"a","_id":"o\/\"a"})"), R"({"_key":"a"})");
}

TEST(IdCutter, RefusesWhatIsNoDocument) {
  IdCutter cutter;
  std::string out;
  EXPECT_FALSE(cutter.append_without_id("[1]", out));
  EXPECT_FALSE(cutter.append_without_id("", out));
}

RC_GTEST_PROP(IdCutter, LeavesEveryOtherMemberAlone, ()) {
  auto const before = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("abc,{}:\\\"")));
  auto const quoted_text = boost::json::serialize(boost::json::string_view(before));
  std::string const head = R"("_key":"k","t":)" + quoted_text;
  bool const first = *rc::gen::arbitrary<bool>();
  auto const document = first ? R"({"_id":"c/k",)" + head + "}" : "{" + head + R"(,"_id":"c/k"})";
  RC_ASSERT(cut(document) == "{" + head + "}");
}

}  // namespace
}  // namespace arangosync::cluster
