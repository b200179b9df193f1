// Proves that the REST bodies have the original's shapes (spec arangosync-api), and that what is written can be read.
#include "adapters/rest/forms.h"
#include "adapters/codec/time_text.h"

#include <gtest/gtest.h>

namespace arangosync::rest {
namespace {

using namespace std::chrono_literals;

WallTime const noon(Duration(1667403708887465887));  // 2022-11-02T15:41:48.887465887Z

ShardRef shard(std::string name, std::uint32_t index) {
  return {DatabaseName("_system"), CollectionName(std::move(name)), index};
}

task::QueueConfig queue() { return {{Url("https://a:8629"), Url("https://b:8629")}, "", "", "token", "CA"}; }

TEST(TimeText, IsRfc3339WithNanosecondsAndGoesBackAndForth) {
  EXPECT_EQ(codec::time_text(noon), "2022-11-02T15:41:48.887465887Z");
  EXPECT_EQ(codec::parse_time("2022-11-02T15:41:48.887465887Z"), noon);
  EXPECT_EQ(codec::parse_time("2022-11-02T17:41:48.887465887+02:00"), noon);
  EXPECT_EQ(codec::time_text(WallTime(5s)), "1970-01-01T00:00:05Z");
}

TEST(TimeText, ZeroIsGosZeroTime) {
  EXPECT_EQ(codec::time_text(WallTime{}), "0001-01-01T00:00:00Z");
  EXPECT_EQ(codec::parse_time("0001-01-01T00:00:00Z"), WallTime{});
}

TEST(TimeText, RefusesWhatIsNoTime) {
  for (char const* text : {"", "2022", "2022-13-02T15:41:48Z", "2022-11-02T25:41:48Z", "2022-11-02T15:41:48",
                           "2022-11-02T15:41:48.Z", "2022-11-02T15:41:48+2", "yesterday"}) {
    EXPECT_FALSE(codec::parse_time(text)) << text;
  }
}

TEST(Errors, AreWrittenWithACapitalAndReadEitherWay) {
  EXPECT_EQ(error_json("not found"), R"({"Error":"not found"})");
  EXPECT_EQ(error_text(R"({"error":"gone"})", 404), "gone");
  EXPECT_EQ(error_text("<html>", 502), "status 502");
}

TEST(Status, LeavesOutWhatIsEmptyButNeverTimes) {
  master::StatusView status;
  EXPECT_EQ(to_json(status), R"({"source":[],"status":"inactive"})");

  status.status = sync::Status::Running;
  status.source = {Url("https://a:8629")};
  status.shards = {{shard("_users", 0), {}}};
  status.shards[0].report.status = sync::Status::Running;
  status.shards_count = 1;
  status.total_shards_count = 8;
  EXPECT_EQ(to_json(status),
            R"({"source":["https://a:8629"],"status":"running",)"
            R"("shards":[{"database":"_system","collection":"_users","shardIndex":0,)"
            R"("status":"running","last_message":"0001-01-01T00:00:00Z","last_data_change":"0001-01-01T00:00:00Z",)"
            R"("last_shard_master_change":"0001-01-01T00:00:00Z","shard_master_known":false}],)"
            R"("shardsCount":1,"totalShardsCount":8})");
}

TEST(Status, CanBeReadBack) {
  master::StatusView status;
  status.status = sync::Status::InitialSync;
  status.source = {Url("https://a:8629"), Url("https://b:8629")};
  sync::ShardReport report;
  report.status = sync::Status::Failed;
  report.message = "too large";
  report.delay = 3s;
  report.last_message = noon;
  report.shard_master_known = true;
  report.documents = 7;
  report.route = "direct";
  status.shards = {{shard("c", 2), report, true}};
  status.shards_count = 1;
  status.outgoing = {{ClusterId("target"),
                      {Url("https://t:8629")},
                      sync::Status::Running,
                      "",
                      {{shard("c", 1), report, false}},
                      1,
                      true}};
  status.cancellation_aborted = true;
  status.barrier = master::BarrierView{3, 4, true};
  status.structure_troubles = {{"create index d/c/i", "why (1210)", noon}};
  auto const read = read_status(to_json(status));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, status);
}

TEST(Status, TakesNullForEmptyLists) {
  auto const read = read_status(R"({"source":null,"status":"","shards":null,"outgoing":null})");
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, master::StatusView{});
}

TEST(Configure, NamesWhatIsMissing) {
  auto error = [](char const* text) { return read_configure(text).error(); };
  EXPECT_EQ(error("{}"), "source missing");
  EXPECT_EQ(error(R"({"source":["https://a"]})"), "clientCertificate missing");
  EXPECT_EQ(error(R"({"source":["https://a"],"authentication":{"clientCertificate":"c"}})"), "clientKey missing");
  EXPECT_EQ(error(R"({"source":["https://a"],"authentication":{"clientCertificate":"c","clientKey":"k"}})"),
            "caCertificate missing");
  EXPECT_EQ(error(R"({"source":"https://a"})"), "member 'source' is not a list");
  EXPECT_EQ(error("[]"), "the body is not a JSON object");
}

TEST(ADuration, ThatIsForEverIsTenYears) {
  EXPECT_EQ(read_message_timeout(R"({"messageTimeout":9223372036854775807})"), Duration(std::chrono::hours(87'600)));
  EXPECT_EQ(read_stop(R"({"force":true,"force_timeout":9223372036854775807})")->force_timeout,
            Duration(std::chrono::hours(87'600)));
  EXPECT_EQ(read_message_timeout(R"({"messageTimeout":7})"), Duration(7));
}

TEST(Stop, IsPlainWhenTheBodyIsEmpty) {
  auto const read = read_stop("");
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->force);
  EXPECT_FALSE(read->target_mode);
}

TEST(Stop, ReadsWhatItWrites) {
  StopRequest request;
  request.force = true;
  request.force_timeout = 10s;
  request.target_mode = sync::ServerMode::ReadOnly;
  EXPECT_EQ(to_json(request), R"({"force":true,"force_timeout":10000000000,"target_server_mode":"readonly"})");
  auto const read = read_stop(to_json(request));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->force_timeout, request.force_timeout);
  EXPECT_EQ(read->target_mode, request.target_mode);
  EXPECT_FALSE(read_stop(R"({"source_server_mode":"sleepy"})"));
}

TEST(Registration, SpellsTheHostDifferentlyInRequestAndAnswer) {
  EXPECT_EQ(to_json(RegistrationRequest{Url("https://w:8729"), Token("t"), "host-1"}),
            R"({"endpoint":"https://w:8729","token":"t","HostID":"host-1"})");
  master::WorkerRegistered registered{
      {WorkerId("w1"), Url("https://w:8729"), Token("t"), 42, "host-1"}, noon, 30s, 1h, Term(7)};
  std::string const text = to_json(registered);
  EXPECT_NE(text.find(R"("host":"host-1")"), std::string::npos);
  EXPECT_EQ(text.find("\"t\""), std::string::npos) << "a token left the master";
  auto const read = read_registered(text);
  ASSERT_TRUE(read) << read.error();
  registered.worker.token = Token{};
  EXPECT_EQ(*read, registered);
  registered.term = Term();
  EXPECT_EQ(to_json(registered).find("term"), std::string::npos);
  EXPECT_EQ(*read_registered(to_json(registered)), registered) << "an original's master does not say its term";
}

TEST(Tasks, LeaveOutShardIndexZero) {
  task::Task task{
      TaskId("t1"),
      {task::Kind::ReceiveShard, false, {ChannelName("d"), ChannelName("c")}, std::nullopt, shard("_users", 0)},
      std::nullopt,
      false};
  EXPECT_EQ(to_json(std::vector{task}),
            R"({"tasks":[{"id":"t1","task":{"type":"receive-shard",)"
            R"("channels":{"data":"d","control":"c"},"database":"_system",)"
            R"("collection":"_users"},"assignment":{"worker_id":"","created_at":"0001-01-01T00:00:00Z"}}]})");
  task.spec.target = ClusterId("b");
  task.spec.kind = task::Kind::SendShard;
  task.assignment = task::Assignment{WorkerId("w"), noon, 3};
  auto const read = read_tasks(to_json(std::vector{task}));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, std::vector{task});
}

TEST(TaskOrders, KeepTaskDataAtTheTop) {
  TaskOrder const order{
      TaskId("t"),
      {task::Kind::SendInventory, true, {ChannelName("d"), ChannelName("c")}, ClusterId("b"), std::nullopt},
      queue(),
      WorkerId("w"),
      {shard("a", 3), shard("é", 0)},
      Term(7),
      Reign{ServerId("PRMR-é"), 9'007'199'254'740'993u},
      RequestId(48)};
  auto const read = read_task_order(to_json(order));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->spec, order.spec);
  EXPECT_EQ(read->remote, order.remote);
  EXPECT_EQ(read->worker, order.worker);
  EXPECT_EQ(read->shards, order.shards);
  EXPECT_EQ(read->term, order.term);
  EXPECT_EQ(read->reign, order.reign);
  EXPECT_EQ(read->number, order.number);
  EXPECT_FALSE(read_task_order(R"({"id":"t","type":"dance"})"));
}

TEST(TaskOrders, SayTheirTermAndNumberInTheQueryWhereThereIsNoBody) {
  EXPECT_EQ(parse_number("7"), 7U);
  EXPECT_EQ(parse_number(""), 0U) << "an original's master";
  for (char const* text : {"x", "7x", "-1", "7.1", " 7", "99999999999999999999"})
    EXPECT_FALSE(parse_number(text)) << text;
}

TEST(StatusEntries, ReadWhatTheyWrite) {
  sync::ShardReport report;
  report.status = sync::Status::Running;
  report.delay = 120ms;
  report.last_message = noon;
  report.caught_up = noon;
  report.unconfirmed = true;
  report.route = "compare";
  std::vector<sync::StatusEntry> const entries{{std::nullopt, shard("a", 3), report, TaskId("task 1")},
                                               {ClusterId("b"), shard("é", 0), report}};
  auto const read = read_status_entries(to_json(entries));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, entries);
}

TEST(BetweenDatacenters, BodiesReadWhatTheyWrite) {
  sync::BarrierState const barrier{sync::BarrierId("b"), true, noon};
  EXPECT_EQ(read_barrier_state(to_json(barrier)), barrier);
  EXPECT_FALSE(read_barrier_state("{}")) << "an original's empty answer says nothing";
  Lineage const unknown{{ClusterId("a"), ClusterId("b")}, {}};
  EXPECT_EQ(read_lineage(to_json(unknown)), unknown);
  Lineage const known{{ClusterId("a")}, {"3.12.4", false}};
  EXPECT_EQ(read_lineage(to_json(known)), known);
  OutgoingRequest const request{
      ClusterId("b"), {Url("https://t:8629")}, {ChannelName("inv"), ChannelName("inv-c")}, queue()};
  auto const outgoing = read_outgoing(to_json(request));
  ASSERT_TRUE(outgoing) << outgoing.error();
  EXPECT_EQ(outgoing->inventory, request.inventory);
  EXPECT_EQ(outgoing->queue, request.queue);

  auto const answer = read_queue(to_json(QueueAnswer{queue(), 6h}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->queue, queue());
  EXPECT_EQ(answer->token_lifetime, Duration(6h));

  auto const accepted = read_outgoing_accepted(outgoing_accepted_json(queue()));
  ASSERT_TRUE(accepted);
  EXPECT_EQ(*accepted, queue());

  auto const channels = read_channels(channels_json({ChannelName("d"), ChannelName("c")}));
  ASSERT_TRUE(channels);
  EXPECT_EQ(channels->control, ChannelName("c"));
  for (char const* bad : {"../etc/passwd", "a b", "a/b"}) {
    auto const refused = read_channels(channels_json({ChannelName("d"), ChannelName(bad)}));
    ASSERT_FALSE(refused.has_value()) << bad;
    EXPECT_EQ(refused.error(), "member 'control' is not a name of a channel");
  }
}

TEST(WorkerConfiguration, ReadsWhatItWrites) {
  WorkerConfiguration const configuration{
      {Url("http://c:8529")}, TargetRules{2, 3, true}, "secret", "CERT", "KEY", queue()};
  auto const read = read_worker_configuration(to_json(configuration));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->cluster_jwt_secret, "secret");
  EXPECT_EQ(read->rules, (TargetRules{2, 3, true}));
  EXPECT_EQ(read->key_pem, "KEY");
  EXPECT_FALSE(read_worker_configuration("{}"));
}

}  // namespace
}  // namespace arangosync::rest
