#include "adapters/cluster/dump_answer.h"

#include "tests/adapters/cluster/fixture.h"

namespace arangosync::cluster {
namespace {

http::Response answer(int status, std::string counter, std::string more) {
  http::Response response;
  response.status = status;
  response.headers = {{"X-Arango-Replication-Lastincluded", std::move(counter)},
                      {"X-Arango-Replication-Checkmore", std::move(more)}};
  return response;
}

TEST(DumpChunks, CountFromTwoAndRepeatTheNumberAtTheEnd) {
  auto const first = check_chunk(0, answer(200, "2", "true"));
  ASSERT_TRUE(first.has_value());
  EXPECT_FALSE(first->last);
  auto const second = check_chunk(first->counter, answer(200, "3", "true"));
  ASSERT_TRUE(second.has_value());
  auto const last = check_chunk(second->counter, answer(200, "3", "false"));
  ASSERT_TRUE(last.has_value());
  EXPECT_TRUE(last->last);
}

TEST(DumpChunks, MayBeOneOrNone) {
  EXPECT_TRUE(check_chunk(0, answer(200, "1", "false")).value().last);
  EXPECT_TRUE(check_chunk(0, answer(204, "0", "false")).value().last);
}

TEST(DumpChunks, ThatWereLostOnTheWayAreSeen) {
  EXPECT_FALSE(check_chunk(0, answer(200, "3", "true")).has_value());   // the first one was lost
  EXPECT_FALSE(check_chunk(2, answer(200, "4", "true")).has_value());   // one in the middle
  EXPECT_FALSE(check_chunk(2, answer(200, "3", "false")).has_value());  // the one before the last
  EXPECT_FALSE(check_chunk(3, answer(200, "2", "true")).has_value());   // the last one: it starts over
  EXPECT_FALSE(check_chunk(0, answer(200, "x", "true")).has_value());
  EXPECT_FALSE(check_chunk(0, answer(200, "2", "")).has_value());
}

TEST(DumpChunks, OfTheConstructedExamplesAreRead) {
  auto const examples = exchanges("dump-shard.json");
  auto const first = check_chunk(0, examples[0].response);
  ASSERT_TRUE(first.has_value());
  auto const second = check_chunk(first->counter, examples[1].response);
  ASSERT_TRUE(second.has_value());
  EXPECT_TRUE(second->last);
  auto const enveloped = read_dump_lines(examples[0].response.body);
  auto const bare = read_dump_lines(examples[2].response.body);
  ASSERT_TRUE(enveloped && bare);
  EXPECT_EQ(texts(*enveloped), texts(*bare));
  EXPECT_EQ(texts(*bare),
            (Strings{R"(+a@_gjDBRr6--- {"_id":"_jobs/a","_key":"a","_rev":"_gjDBRr6---","status":"pending"})",
                     R"(+b@_gjDBRr6--_ {"_id":"_jobs/b","_key":"b","_rev":"_gjDBRr6--_","n":1})"}));
}

TEST(Batch, GivesItsIdAndTick) {
  auto const batch = parse_batch(exchanges("batch-lifecycle.json").front().response.body);
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->id, "66834");
  EXPECT_EQ(batch->tick, Tick(4700));
  EXPECT_FALSE(parse_batch(R"({"id":"1"})").has_value());
}

TEST(DumpTarget, NamesShardBatchAndServer) {
  EXPECT_EQ(
      dump_target(DatabaseName("m\u00f6bel"), ShardName("s1"), "7", 100, "PRMR-1"),
      "/_db/m%C3%B6bel/_api/replication/dump?collection=s1&batchId=7&chunkSize=100&useEnvelope=false&DBserver=PRMR-1");
}

}  // namespace
}  // namespace arangosync::cluster
