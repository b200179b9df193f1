// What people read, compared as whole texts.
#include "app/cli/view.h"

#include <gtest/gtest.h>

using namespace arangosync;
using namespace arangosync::cli;
using namespace std::chrono_literals;

namespace {

WallTime const november{1667403708s + 887'465'887ns};  // 2022-11-02T15:41:48.887465887Z

master::ShardView shard(std::string database, std::string collection, std::uint32_t index, sync::Status status) {
  master::ShardView view;
  view.shard = {DatabaseName(std::move(database)), CollectionName(std::move(collection)), index};
  view.report.status = status;
  return view;
}

master::StatusView running() {
  master::StatusView view;
  view.source = {Url("https://a1:8629"), Url("https://a2:8629")};
  view.status = sync::Status::Running;
  view.shards_count = 2;
  view.total_shards_count = 3;
  view.shards = {shard("_system", "countries", 0, sync::Status::Running),
                 shard("shop", "orders", 12, sync::Status::Failed)};
  view.shards[0].report.delay = 1200ms;
  view.shards[0].report.last_message = november;
  view.shards[0].in_sync = true;
  view.shards[1].report.message = "index refused";
  view.shards[1].report.last_message = november;
  view.shards[1].report.last_data_change = november;
  return view;
}

}  // namespace

TEST(StatusView, ShowsCountsDelayAndWhatFailed) {
  EXPECT_EQ(show_status(running(), false),
            "Incoming synchronization: running\n"
            "  Source:  https://a1:8629, https://a2:8629\n"
            "  Shards:  1 of 3 running (1 failed), largest delay 1.2s\n"
            "  Failed: shop/orders shard 12: index refused\n"
            "Outgoing synchronizations: none\n");
}

TEST(StatusView, TellsWhatOfTheStructureDiffersAndWhyWhenVerbose) {
  master::StatusView view;
  view.status = sync::Status::Running;
  view.structure_troubles = {{"create view shop/v", "illegal name (1208)", november}};
  EXPECT_EQ(show_status(view, false),
            "Incoming synchronization: running\n"
            "  Structure: 1 thing is not as at the source; see -v\n"
            "Outgoing synchronizations: none\n");
  EXPECT_EQ(show_status(view, true),
            "Incoming synchronization: running\n"
            "  Structure: 1 thing is not as at the source\n"
            "  Structure           Since                 Message\n"
            "  create view shop/v  2022-11-02T15:41:48Z  illegal name (1208)\n"
            "Outgoing synchronizations: none\n");
}

TEST(StatusView, ShowsEveryShardWhenVerbose) {
  EXPECT_EQ(
      show_status(running(), true),
      "Incoming synchronization: running\n"
      "  Source:  https://a1:8629, https://a2:8629\n"
      "  Shards:  1 of 3 running (1 failed), largest delay 1.2s\n"
      "  Database  Collection  Shard  Status            Delay  Last message          Last change           Message\n"
      "  _system   countries   0      running, in sync  1.2s   2022-11-02T15:41:48Z  never\n"
      "  shop      orders      12     failed            0s     2022-11-02T15:41:48Z  2022-11-02T15:41:48Z  index "
      "refused\n"
      "Outgoing synchronizations: none\n");
}

TEST(StatusView, ShowsByWhichRouteTheSourceIsRead) {
  master::StatusView view;
  view.outgoing.push_back({ClusterId("abc"), {Url("https://b1:8629")}, sync::Status::Running, "", {}, 3, false});
  view.outgoing[0].shards = {shard("d", "a", 0, sync::Status::Running), shard("d", "b", 0, sync::Status::Running),
                             shard("d", "c", 0, sync::Status::Initializing)};
  view.outgoing[0].shards[0].report.route = "direct";
  view.outgoing[0].shards[1].report.route = "compare";
  EXPECT_NE(show_status(view, false).find("  Routes:  1 compare, 1 direct\n"), std::string::npos);
  EXPECT_EQ(show_status(view, true),
            "Incoming synchronization: inactive\n"
            "Outgoing synchronization to abc: running\n"
            "  Target:  https://b1:8629\n"
            "  Shards:  2 of 3 running (1 initializing), largest delay 0s\n"
            "  Routes:  1 compare, 1 direct\n"
            "  Database  Collection  Shard  Status        Delay  Last message  Last change  Route    Message\n"
            "  d         a           0      running       0s     never         never        direct\n"
            "  d         b           0      running       0s     never         never        compare\n"
            "  d         c           0      initializing  0s     never         never\n");
}

TEST(StatusView, ShowsEachTarget) {
  master::StatusView view;
  view.outgoing.push_back(
      {ClusterId("abc"), {Url("https://b1:8629")}, sync::Status::InitialSync, "the target is slow", {}, 1, false});
  view.outgoing[0].shards = {shard("d", "c", 0, sync::Status::InitialSync)};
  EXPECT_EQ(show_status(view, false),
            "Incoming synchronization: inactive\n"
            "Outgoing synchronization to abc: initial-sync\n"
            "  Target:  https://b1:8629\n"
            "  Reason:  the target is slow\n"
            "  Shards:  0 of 1 running (1 initial-sync)\n");
  EXPECT_FALSE(is_inactive(view));
}

TEST(StatusView, SaysInactiveInWords) {
  EXPECT_EQ(show_status({}, true), "Incoming synchronization: inactive\nOutgoing synchronizations: none\n");
  EXPECT_TRUE(is_inactive({}));
  EXPECT_FALSE(is_inactive(running()));
}

TEST(StatusView, SendsNothingToTheTerminalThatTheOtherDatacenterMadeUp) {
  master::StatusView view = running();
  std::string const escape =
      "\x1b]0;title\x07\n\xc2\x9b"
      "2J \xc3\xa4";
  view.source = {Url("https://" + escape)};
  view.message = escape;
  view.shards[1].report.message = escape;
  view.shards[1].shard.database = DatabaseName(escape);
  master::OutgoingView target;
  target.id = ClusterId(escape);
  target.endpoint = {Url(escape)};
  target.message = escape;
  view.outgoing = {target};
  for (bool const verbose : {false, true}) {
    std::string const text = show_status(view, verbose);
    for (char const* const one : {"\x1b", "\x07", "\xc2\x9b"}) EXPECT_EQ(text.find(one), std::string::npos) << text;
    EXPECT_NE(text.find("Reason:  ?]0;title???2J \xc3\xa4\n"), std::string::npos) << text;
  }
}

TEST(StatusView, NamesAtMostTenFailedShards) {
  master::StatusView view;
  for (std::uint32_t i = 0; i < 12; ++i) {
    view.shards.push_back(shard("d", "c", i, sync::Status::Failed));
    view.shards.back().report.message = "why";
  }
  auto const text = show_status(view, false);
  EXPECT_NE(text.find("shard 9: why\n"), std::string::npos);
  EXPECT_EQ(text.find("shard 10: why\n"), std::string::npos);
  EXPECT_NE(text.find("and 2 more failed shards"), std::string::npos);
}

TEST(TasksView, ShowsWhoHasWhat) {
  task::Task inventory;
  inventory.id = TaskId("t1");
  inventory.spec.kind = task::Kind::ReceiveInventory;
  inventory.spec.channels = {ChannelName("d1"), ChannelName("c1")};
  inventory.assignment = task::Assignment{WorkerId("w1"), november, 1};
  task::Task waiting;
  waiting.id = TaskId("t2");
  waiting.spec.kind = task::Kind::SendShard;
  waiting.spec.target = ClusterId("B");
  waiting.spec.shard = ShardRef{DatabaseName("d"), CollectionName("c"), 0};
  EXPECT_EQ(show_tasks({inventory, waiting}, false),
            "Task  Type               Database  Collection  Shard  Target  Worker\n"
            "t1    receive-inventory                                       w1\n"
            "t2    send-shard         d         c           0      B       (waiting)\n");
  EXPECT_NE(show_tasks({inventory}, true).find("d1            c1\n"), std::string::npos);
  EXPECT_EQ(show_tasks({}, false), "No tasks.\n");
}

TEST(ServersView, ShowsLeaderAndHostsAndNoSecret) {
  EXPECT_EQ(
      show_masters({{MasterId("m1"), Url("https://m1:8629"), true}, {MasterId("m2"), Url("https://m2:8629"), false}}),
      "Master  Endpoint         Leader\n"
      "m1      https://m1:8629  yes\n"
      "m2      https://m2:8629  no\n");
  rest::WorkerEntry worker;
  worker.record = {WorkerId("w1"), Url("https://w1:8729"), Token("geheim"), 1, "h"};
  worker.expires_at = november;
  EXPECT_EQ(show_workers({worker}, false), "Worker  Endpoint         Host\nw1      https://w1:8729  h\n");
  EXPECT_EQ(show_workers({worker}, true),
            "Worker  Endpoint         Host  Registered until\nw1      https://w1:8729  h     2022-11-02T15:41:48Z\n");
}

TEST(Tables, CannotBeBrokenByNames) {
  master::StatusView view;
  view.shards = {shard("a\nb", "\xc3\xa4\xc3\xb6", 0, sync::Status::Running)};
  auto const text = show_status(view, true);
  EXPECT_NE(text.find("  a?b       \xc3\xa4\xc3\xb6          0      running"), std::string::npos) << text;
}
