// Positions come from headers only, as spec arangodb-read 6.3 to 6.8 says; lines become slices of the shards asked for.
#include "adapters/cluster/log_answer.h"

#include "tests/adapters/cluster/fixture.h"

namespace arangosync::cluster {
namespace {

LogFilter one_shard(std::string const& shard, std::uint64_t skip_until = 0) {
  return make_filter({{DatabaseName("_system"), ShardName(shard), Tick(skip_until)}});
}

LogHeaders headers_of(Exchange const& exchange) {
  auto const headers = parse_log_headers(exchange.response);
  EXPECT_TRUE(headers.has_value()) << exchange.url;
  return headers.value_or(LogHeaders{});
}

LogHeaders headers(std::uint64_t included, std::uint64_t scanned, std::uint64_t newest, bool present = true) {
  return LogHeaders{Tick(included), Tick(scanned), Tick(newest), present};
}

TEST(LogPosition, AdvancesAsTheSpecificationSays) {
  EXPECT_EQ(advance({Tick(10), Tick(10)}, headers(15, 18, 18)), (LogPosition{Tick(15), Tick(18)}));
  EXPECT_EQ(advance({Tick(10), Tick(10)}, headers(0, 18, 18)), (LogPosition{Tick(17), Tick(18)}));
  EXPECT_EQ(advance({Tick(10), Tick(10)}, headers(0, 10, 10)), (LogPosition{Tick(10), Tick(10)}));
  // Inside a split transaction the pair is kept as it is, the second half smaller than the first.
  EXPECT_EQ(advance({Tick(5000), Tick(5000)}, headers(5003, 5001, 5008)), (LogPosition{Tick(5003), Tick(5001)}));
  EXPECT_EQ(advance({Tick(5003), Tick(5001)}, headers(0, 5001, 5008)), (LogPosition{Tick(5003), Tick(5001)}));
}

TEST(LogPosition, WalksThroughTheRecordedIdleAnswers) {
  for (auto const& exchange : exchanges("wal-captures-3.9.json")) {
    if (exchange.url.find("tail") == std::string::npos) continue;
    auto const read = headers_of(exchange);
    EXPECT_GE(read.last_tick, read.last_included) << exchange.url;
  }
}

TEST(LogHistory, IsJudgedByTheDecisionTable) {
  LogPosition const asked{Tick(1000), Tick(1000)};
  EXPECT_EQ(judge_history(asked, 200, headers(4704, 4703, 9000, false)), History::Lost);
  EXPECT_EQ(judge_history(asked, 204, headers(0, 1000, 1000, true)), History::Complete);
  EXPECT_EQ(judge_history(asked, 204, headers(0, 0, 1000, false)), History::Complete);
  EXPECT_EQ(judge_history(asked, 204, headers(0, 9000, 9000, false)), History::AskRange);
  EXPECT_EQ(judge_history(asked, 204, headers(0, 0, 900, false)), History::Lost);
  EXPECT_EQ(judge_history(asked, 200, headers(0, 0, 900, true)), History::Lost);
  EXPECT_EQ(judge_history({Tick(0), Tick(0)}, 200, headers(5, 5, 5, false)), History::Complete);
}

TEST(LogHistory, OfTheRecordedCasesIsLostWhereTheySaySo) {
  auto const cases = exchanges("wal-tail-lost-history.json");
  EXPECT_EQ(judge_history({Tick(1000), Tick(1000)}, 200, headers_of(cases[0])), History::Lost);
  EXPECT_EQ(judge_history({Tick(1000), Tick(1000)}, 204, headers_of(cases[1])), History::AskRange);
  EXPECT_TRUE(is_lost({Tick(1000), Tick(1000)}, Tick(4500), Tick(9000)));
  EXPECT_FALSE(is_lost({Tick(4500), Tick(4500)}, Tick(4500), Tick(9000)));
  EXPECT_EQ(judge_history({Tick(20000), Tick(20000)}, 204, headers_of(cases[3])), History::Lost);
}

TEST(LogHistory, WithoutAnyFileOnDiskIsCompleteOnlyAtTheEnd) {
  EXPECT_FALSE(is_lost({Tick(9000), Tick(9000)}, Tick(0), Tick(9000)));
  EXPECT_TRUE(is_lost({Tick(8000), Tick(8000)}, Tick(0), Tick(9000)));
}

TEST(LogLinesOfAShard, AreItsChangesInOrder) {
  auto const exchange = exchanges("wal-tail-dbserver-shard.json").front();
  auto const lines = read_log_lines(exchange.response.body, one_shard("s10021"), false);
  ASSERT_TRUE(lines.has_value());
  ASSERT_EQ(lines->slices.size(), 1u);
  EXPECT_EQ(texts(lines->slices[0].changes),
            (Strings{R"(+a@_gjDBRr6--- {"_id":"_jobs/a","_key":"a","_rev":"_gjDBRr6---","status":"pending"})",
                     R"(+a@_gjDBRr6--_ {"_id":"_jobs/a","_key":"a","_rev":"_gjDBRr6--_","status":"progress"})",
                     R"(+b@_gjDBRr6--A {"_id":"_jobs/b","_key":"b","_rev":"_gjDBRr6--A","n":1})",
                     R"(+c@_gjDBRr6--B {"_id":"_jobs/c","_key":"c","_rev":"_gjDBRr6--B","n":9007199254740993})",
                     "-a@_gjDBRr6--_", "-b@_gjDBRr6--A", "truncate"}));
  EXPECT_FALSE(lines->inside_run);
}

TEST(LogLinesOfAShard, AreLeftOutUpToTheTickOfItsSnapshot) {
  auto const exchange = exchanges("wal-tail-dbserver-shard.json").front();
  auto const lines = read_log_lines(exchange.response.body, one_shard("s10021", 4711), false);
  ASSERT_TRUE(lines.has_value());
  ASSERT_EQ(lines->slices.size(), 1u);
  EXPECT_EQ(texts(lines->slices[0].changes), (Strings{"-b@_gjDBRr6--A", "truncate"}));
}

TEST(LogLinesOfAServer, AreSplitByDatabaseAndShardAndOthersIgnored) {
  auto const exchange = exchanges("wal-tail-global.json").front();
  auto const filter = make_filter({{DatabaseName("_system"), ShardName("s10021"), Tick(0)},
                                   {DatabaseName("shop"), ShardName("s10056"), Tick(0)},
                                   {DatabaseName("other"), ShardName("s10022"), Tick(0)}});
  auto const lines = read_log_lines(exchange.response.body, filter, false);
  ASSERT_TRUE(lines.has_value());
  ASSERT_EQ(lines->slices.size(), 2u);
  EXPECT_EQ(lines->slices[0].database, DatabaseName("_system"));
  EXPECT_EQ(lines->slices[0].shard, ShardName("s10021"));
  EXPECT_EQ(lines->slices[1].database, DatabaseName("shop"));
  EXPECT_EQ(texts(lines->slices[1].changes),
            (Strings{R"(+1@_gjDBRr6--D {"_id":"orders/1","_key":"1","_rev":"_gjDBRr6--D","total":1.0})"}));
  EXPECT_TRUE(lines->unknown_types.empty());
}

TEST(LogLinesOfATransaction, SayWhetherItIsStillOpenOverSeveralAnswers) {
  auto const parts = exchanges("wal-tail-split-transaction.json");
  auto const first = read_log_lines(parts[0].response.body, one_shard("s10021"), false);
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(first->inside_run);
  auto const nothing = read_log_lines("", one_shard("s10021"), first->inside_run);
  ASSERT_TRUE(nothing.has_value());
  EXPECT_TRUE(nothing->inside_run);
  auto const second = read_log_lines(parts[1].response.body, one_shard("s10021"), first->inside_run);
  ASSERT_TRUE(second.has_value());
  EXPECT_FALSE(second->inside_run);
}

TEST(LogLinesOfUnknownType, AreNamedAndIgnored) {
  auto const lines =
      read_log_lines(R"({"tick":"1","type":2999,"db":"_system","data":{"x":1}})", one_shard("s1"), false);
  ASSERT_TRUE(lines.has_value());
  EXPECT_EQ(lines->unknown_types, std::set<int>{2999});
  EXPECT_TRUE(lines->slices.empty());
}

TEST(LogLinesThatAreBroken, AreNamedByNumberAndNotQuoted) {
  auto const lines = read_log_lines("{\"tick\":\"1\",\"type\":2201}\n{secret\n", one_shard("s1"), false);
  ASSERT_FALSE(lines.has_value());
  EXPECT_EQ(lines.error(), "line 2 is not understood");
}

TEST(LogHeadersThatAreMissing, GiveNoPosition) {
  http::Response response;
  response.status = 200;
  response.headers = {{"x-arango-replication-lastincluded", "1"}};
  EXPECT_FALSE(parse_log_headers(response).has_value());
}

}  // namespace
}  // namespace arangosync::cluster
