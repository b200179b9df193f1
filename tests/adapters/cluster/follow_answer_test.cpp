// One position for all databases of a DB-Server's log, by the rules of logger-follow (spec arangodb-read 6.9).
#include "adapters/cluster/follow_answer.h"

#include "tests/adapters/cluster/fixture.h"

namespace arangosync::cluster {
namespace {

LogHeaders headers(std::uint64_t included, std::uint64_t scanned, std::uint64_t newest, bool present = true) {
  return LogHeaders{Tick(included), Tick(scanned), Tick(newest), present};
}

TEST(FollowRound, OfOneDatabaseAdvancesAsTheSpecificationSays) {
  FollowRound with_lines(Tick(4700), {"shop"});
  EXPECT_EQ(with_lines.database(), "shop");
  EXPECT_FALSE(with_lines.to().has_value());
  with_lines.take(headers(4715, 4706, 4730), "lines");
  ASSERT_TRUE(with_lines.is_over());
  EXPECT_EQ(with_lines.position(), Tick(4715));
  EXPECT_FALSE(with_lines.at_end()) << "the log goes on behind it";
  FollowRound without(Tick(4715), {"shop"});
  without.take(headers(0, 4727, 4733), "");
  EXPECT_EQ(without.position(), Tick(4727));
  EXPECT_TRUE(without.at_end());
  FollowRound standing(Tick(4731), {"shop"});
  standing.take(headers(0, 4698, 4733), "");
  EXPECT_EQ(standing.position(), Tick(4731)) << "what was scanned before it is no way back";
}

TEST(FollowRound, ReadsEachDatabaseOnlyAsFarAsTheOnesBeforeIt) {
  FollowRound round(Tick(100), {"a", "b"});
  round.take(headers(220, 215, 220), "lines of a");
  ASSERT_EQ(round.to(), Tick(220));
  round.take(headers(0, 215, 230), "");  // the last batch that starts before `to` was of a
  EXPECT_EQ(round.position(), Tick(215)) << "no batch starts between there and 220";
  EXPECT_TRUE(round.at_end());
  EXPECT_EQ(round.cut(), Tick(220)) << "the lines of a count up to the end of the batch";
}

TEST(FollowRound, EndsWhereTheFullestDatabaseDoesAndLeavesTheRestOfTheOthersOut) {
  FollowRound round(Tick(100), {"a", "b", "c"});
  round.take(headers(900, 890, 900), "lines of a");
  round.take(headers(400, 380, 900), "lines of b");
  EXPECT_EQ(round.to(), Tick(400));
  round.take(headers(400, 400, 900), "lines of c");
  EXPECT_EQ(round.position(), Tick(400));
  EXPECT_EQ(round.cut(), Tick(400));
  EXPECT_FALSE(round.at_end());
  EXPECT_EQ(round.slowest(), "b") << "it is asked first the next time";
}

TEST(FollowedLines, CarryNoDatabaseAndNameTheirShard) {
  auto const filter = make_filter({{DatabaseName("shop"), ShardName("s10021"), Tick(4701)}});
  auto const line = [](std::string const& tick, std::string const& of_shard, std::string const& rest) {
    return R"({"tick":")" + tick + R"(","type":)" + rest + R"(,"database":"7","cid":"10023",)" + of_shard + "}\n";
  };
  std::string const shard = R"("cname":"s10021")";
  std::string const body = line("4701", shard, R"(2300,"tid":"0","data":{"_key":"a","_rev":"_a"})") +
                           line("4704", shard, R"(2300,"tid":"0","data":{"_key":"b","_rev":"_b"})") +
                           line("4705", R"("cname":"s10022")", R"(2300,"tid":"0","data":{"_key":"x","_rev":"_x"})") +
                           line("4706", R"("cuid":"c10010/s10021")", "2004") +
                           line("4709", shard, R"(2302,"tid":"0","data":{"_key":"c","_rev":"_c"})");
  auto const lines = read_followed_lines(body, filter, "shop", Tick(4706));
  ASSERT_TRUE(lines.has_value()) << lines.error();
  ASSERT_EQ(lines->slices.size(), 1u);
  EXPECT_EQ(lines->slices[0].database, DatabaseName("shop"));
  EXPECT_EQ(texts(lines->slices[0].changes), (Strings{R"(+b@_b {"_key":"b","_rev":"_b"})", "truncate"}));
}

TEST(FollowPosition, OfAPairThatMayLieInsideATransactionIsBeforeTheTransaction) {
  EXPECT_EQ(follow_from({Tick(5003), Tick(5001)}), Tick(5000));
  EXPECT_EQ(follow_from({Tick(5001), Tick(5001)}), Tick(5000)) << "one operation of it may have been delivered";
  EXPECT_EQ(follow_from({Tick(5003), Tick(5008)}), Tick(5003)) << "scanned beyond: nothing was left";
  EXPECT_EQ(follow_from({Tick(0), Tick(0)}), Tick(0));
}

TEST(FollowedHistory, IsJudgedByThePositionThoughAskedForALittleBefore) {
  LogPosition const asked{Tick(1000), Tick(1000)};
  EXPECT_EQ(judge_followed(asked, Tick(999), 200, headers(1010, 1005, 9000, true)), History::Complete);
  EXPECT_EQ(judge_followed(asked, Tick(999), 200, headers(4502, 4501, 9000, false)), History::AskRange);
  EXPECT_EQ(judge_followed(asked, Tick(1000), 200, headers(4502, 4501, 9000, false)), History::Lost);
  EXPECT_EQ(judge_followed(asked, Tick(999), 204, headers(0, 0, 900, false)), History::Lost);
  EXPECT_FALSE(is_followed_lost(asked, Tick(999), Tick(1000), Tick(9000)));
  EXPECT_TRUE(is_followed_lost(asked, Tick(999), Tick(1001), Tick(9000)));
  EXPECT_TRUE(is_followed_lost(asked, Tick(1000), Tick(1001), Tick(9000)));
  EXPECT_FALSE(is_followed_lost(asked, Tick(999), Tick(0), Tick(1000))) << "nothing retained, nothing missed";
}

TEST(FollowedHistory, OfTheRecordedCasesIsWhatTheySay) {
  auto const cases = exchanges("wal-follow-coordinator.json");
  int unknown = 0;
  for (auto const& exchange : cases) {
    bool const is_follow = exchange.url.find("logger-follow") != std::string::npos;
    if (is_follow && exchange.response.status >= 400) unknown += is_follow_unknown(exchange.response);
  }
  EXPECT_EQ(unknown, 3) << "removed; not passed on; and a wrong from/to, which we never send";
}

}  // namespace
}  // namespace arangosync::cluster
