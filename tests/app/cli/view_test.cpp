// What people read, compared as whole texts. The bodies are as spec arangosync-api 4 describes them.
#include "app/cli/answers.h"
#include "app/cli/view.h"

#include <gtest/gtest.h>

using namespace arangosync::cli;

namespace {

constexpr char running[] = R"({
  "source": ["https://a1:8629", "https://a2:8629"], "status": "running", "shardsCount": 2, "totalShardsCount": 3,
  "shards": [
    {"database": "_system", "collection": "countries", "shardIndex": 0, "status": "running", "delay": 1200000000,
     "last_message": "2022-11-02T15:41:48.887465887Z", "last_data_change": "0001-01-01T00:00:00Z",
     "last_shard_master_change": "2022-11-02T15:41:48Z", "shard_master_known": true, "in_sync": true},
    {"database": "shop", "collection": "orders", "shardIndex": 12, "status": "failed", "status_message": "index refused",
     "last_message": "2022-11-02T15:41:48Z", "last_data_change": "2022-11-02T15:41:40.5+02:00", "shard_master_known": false}],
  "outgoing": null})";

}  // namespace

TEST(StatusView, ShowsCountsDelayAndWhatFailed) {
  auto const answer = read_status(running);
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(show_status(*answer, false),
            "Incoming synchronization: running\n"
            "  Source:  https://a1:8629, https://a2:8629\n"
            "  Shards:  1 of 3 running (1 failed), largest delay 1.2s\n"
            "  Failed: shop/orders shard 12: index refused\n"
            "Outgoing synchronizations: none\n");
}

TEST(StatusView, ShowsEveryShardWhenVerbose) {
  auto const answer = read_status(running);
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(show_status(*answer, true),
            "Incoming synchronization: running\n"
            "  Source:  https://a1:8629, https://a2:8629\n"
            "  Shards:  1 of 3 running (1 failed), largest delay 1.2s\n"
            "  Database  Collection  Shard  Status            Delay  Last message          Last change                Message\n"
            "  _system   countries   0      running, in sync  1.2s   2022-11-02T15:41:48Z  never\n"
            "  shop      orders      12     failed            0s     2022-11-02T15:41:48Z  2022-11-02T15:41:40+02:00  index refused\n"
            "Outgoing synchronizations: none\n");
}

TEST(StatusView, ShowsEachTarget) {
  auto const answer = read_status(
      R"({"source":[],"status":"","outgoing":[{"id":"abc","endpoint":["https://b1:8629"],"status":"initial-sync",)"
      R"("shards":[{"database":"d","collection":"c","shardIndex":0,"status":"initial-sync"}],"shardsCount":1}]})");
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(show_status(*answer, false),
            "Incoming synchronization: inactive\n"
            "Outgoing synchronization to abc: initial-sync\n"
            "  Target:  https://b1:8629\n"
            "  Shards:  0 of 1 running (1 initial-sync)\n");
  EXPECT_FALSE(is_inactive(*answer));
}

TEST(StatusView, SaysInactiveInWords) {
  auto const answer = read_status(R"({"source":null,"status":"inactive"})");
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(show_status(*answer, true), "Incoming synchronization: inactive\nOutgoing synchronizations: none\n");
  EXPECT_TRUE(is_inactive(*answer));
}

TEST(StatusView, NamesAtMostTenFailedShards) {
  StatusAnswer answer;
  answer.status = "running";
  for (std::uint64_t i = 0; i < 12; ++i) answer.shards.push_back({"d", "c", i, "failed", "why", {}, "", "", true, false});
  auto const text = show_status(answer, false);
  EXPECT_NE(text.find("shard 9: why\n"), std::string::npos);
  EXPECT_EQ(text.find("shard 10: why\n"), std::string::npos);
  EXPECT_NE(text.find("and 2 more failed shards"), std::string::npos);
}

TEST(TasksView, ShowsWhoHasWhat) {
  auto const tasks = read_tasks(
      R"({"tasks":[{"id":"t1","task":{"type":"receive-inventory","persistent":true,"channels":{"data":"d1","control":"c1"}},)"
      R"("assignment":{"worker_id":"w1","created_at":"2022-11-02T15:41:48Z","counter":1}},)"
      R"({"id":"t2","task":{"type":"send-shard","channels":{},"target_id":"B","database":"d","collection":"c"},)"
      R"("assignment":{"worker_id":"","created_at":"0001-01-01T00:00:00Z"}}]})");
  ASSERT_TRUE(tasks) << tasks.error();
  EXPECT_EQ(show_tasks(*tasks, false),
            "Task  Type               Database  Collection  Shard  Target  Worker\n"
            "t1    receive-inventory                                       w1\n"
            "t2    send-shard         d         c           0      B       (waiting)\n");
  EXPECT_NE(show_tasks(*tasks, true).find("d1            c1\n"), std::string::npos) << show_tasks(*tasks, true);
  EXPECT_EQ(show_tasks({}, false), "No tasks.\n");
}

TEST(ServersView, ShowsLeaderAndHosts) {
  auto const masters = read_masters(
      R"({"masters":[{"id":"m1","endpoint":"https://m1:8629","leader":true},{"id":"m2","endpoint":"https://m2:8629"}]})");
  ASSERT_TRUE(masters);
  EXPECT_EQ(show_masters(*masters),
            "Master  Endpoint         Leader\n"
            "m1      https://m1:8629  yes\n"
            "m2      https://m2:8629  no\n");
  auto const workers = read_workers(R"({"workers":[{"id":"w1","endpoint":"https://w1:8729","host":"h"}]})");
  ASSERT_TRUE(workers);
  EXPECT_EQ(show_workers(*workers, false), "Worker  Endpoint         Host\nw1      https://w1:8729  h\n");
}

TEST(Answers, ThatAreNoJsonAreOneClearLine) {
  for (auto const* body : {"", "<html>", "[1]", "{\"status\":", "null"}) {
    auto const answer = read_status(body);
    ASSERT_FALSE(answer) << body;
    EXPECT_NE(answer.error().find("sync master"), std::string::npos);
  }
}

TEST(Answers, OfTheWrongShapeAreReadAsEmpty) {
  auto const answer = read_status(R"({"source":"x","status":5,"shards":{"a":1},"shardsCount":-1,"outgoing":[1,null]})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, "inactive");
  EXPECT_TRUE(answer->shards.empty());
  EXPECT_EQ(answer->shards_count, 0u);
}

TEST(Tables, CannotBeBrokenByNames) {
  StatusAnswer answer;
  answer.status = "running";
  answer.shards.push_back({"a\nb", "\xc3\xa4\xc3\xb6", 0, "running", "", {}, "", "", true, false});
  auto const text = show_status(answer, true);
  EXPECT_NE(text.find("  a?b       \xc3\xa4\xc3\xb6          0      running"), std::string::npos) << text;
}
