// What each route of a master asks its engine, and how the reply reads on the wire (spec arangosync-api 3 to 5).
#include <gtest/gtest.h>

#include "adapters/direct/frames.h"
#include "adapters/direct/lookup.h"
#include "tests/adapters/rest/support.h"

namespace arangosync::rest {
namespace {

class MasterRoutes : public ::testing::Test {
protected:
  http::Response call(std::string const& method, std::string const& target, std::string const& body = {},
                      Credential const& who = jwt()) {
    return clients.call(master.endpoint(), method, target, body, who);
  }
  std::string get(std::string const& target) { return call("GET", target).body; }
  void reply_with(master::ReplyBody body) {
    std::lock_guard const lock(master.mutex);
    master.reply = std::move(body);
  }

  http::Io io{2};
  TestMaster master{io};
  Clients clients{io};
  ShardRef const shard{DatabaseName("größe"), CollectionName("a b"), 3};
  std::string const shard_target = "/database/gr%C3%B6%C3%9Fe/collection/a%20b/shard/3";
};

// Its save takes minutes, and nobody has told it that its lease has ended.
TEST_F(MasterRoutes, NothingIsAnsweredForALeadershipThatIsOver) {
  EXPECT_EQ(call("GET", "/_api/sync").status, 200);
  master.change([](master::State& state) { state.election.phase = election::Holding{}; });
  EXPECT_EQ(call("GET", "/_api/sync").status, 503);
}

TEST_F(MasterRoutes, VersionRoleMetricsAndEndpointsAreAnsweredByWhoeverIsAsked) {
  master.change([](master::State& state) { state.office.reset(); });
  EXPECT_EQ(get("/_api/version"), R"({"version":"1.2.3","build":"abcdef"})");
  EXPECT_EQ(get("/_api/role"), R"({"role":"master"})");
  EXPECT_EQ(get("/metrics"), "arangosync_up 1\n");
  EXPECT_EQ(get("/metrics.json"), R"({"up":1})");
  EXPECT_EQ(get("/_api/endpoints"), R"({"endpoints":["https://master.example:8629"]})");
  EXPECT_EQ(get("/_api/leader/endpoint"), R"({"endpoints":[]})");
  EXPECT_EQ(get("/_api/channels/prefix"), R"({"prefix":"sync_a_m1."})");
  EXPECT_EQ(get("/_api/masters"),
            R"({"masters":[{"id":"self","endpoint":"https://master.example:8629","leader":false}]})");
  EXPECT_EQ(call("GET", "/_api/health").status, 503);
}

TEST_F(MasterRoutes, ALeaderIsHealthyAndNamesItself) {
  EXPECT_EQ(call("GET", "/_api/health").status, 200);
  EXPECT_EQ(get("/_api/leader/endpoint"), R"({"endpoints":["https://master.example:8629"]})");
}

TEST_F(MasterRoutes, StatusIsFullUnlessAskedToBeShort) {
  master.change([&](master::State& state) {
    auto& incoming = state.office->sync.incoming.emplace();
    incoming.status = sync::Status::InitialSync;
    incoming.source = {Url("https://source:8629")};
    incoming.shards[shard] = sync::ShardEntry{shard, {}, sync::Status::InitialSync, false, std::nullopt};
    state.office->sync.inventory.total_shards = 5;
  });
  auto const full = read_status(get("/_api/sync"));
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(full->status, sync::Status::InitialSync);
  EXPECT_EQ(full->shards.size(), 1u);
  auto const brief = read_status(get("/_api/sync?details=short"));
  ASSERT_TRUE(brief.has_value());
  EXPECT_TRUE(brief->shards.empty());
  EXPECT_EQ(brief->shards_count, 1u);
  EXPECT_EQ(brief->total_shards_count, 5u);
  EXPECT_EQ(call("GET", "/_api/sync?details=some").status, 400);
}

TEST_F(MasterRoutes, ConfigureNamesWhatIsMissingAndPassesTheRestOn) {
  ConfigureRequest request{{Url("https://source:8629")}, {"CERT", "KEY", "", "CA"}};
  EXPECT_EQ(call("POST", "/_api/sync", to_json(request)).status, 200);
  auto const taken = master.last<master::ConfigureSync>();
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->source, request.source);
  EXPECT_EQ(taken->authentication, request.authentication);
  auto const missing = call("POST", "/_api/sync", "{}");
  EXPECT_EQ(missing.status, 400);
  EXPECT_EQ(missing.body, R"({"Error":"source missing"})");
  request.source = {Url("not a url")};
  EXPECT_EQ(call("POST", "/_api/sync", to_json(request)).status, 400);
}

TEST_F(MasterRoutes, WhatAFullInboxDoesNotTakeIsRefusedAtOnce) {
  master.is_busy = true;
  auto const answer = call("DELETE", "/_api/sync");
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.body.find("too much to do"), std::string::npos);
}

TEST_F(MasterRoutes, StopPassesItsOptionsAndReports) {
  reply_with(master::SyncStopping{false, true, {Url("https://source:8629")}, ClusterId("us"), ""});
  auto const answer =
      call("DELETE", "/_api/sync", R"({"force":true,"force_timeout":7,"target_server_mode":"readonly"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"source":["https://source:8629"],"cluster_id":"us","cancelling":true})");
  auto const taken = master.last<master::StopSync>();
  ASSERT_TRUE(taken.has_value());
  EXPECT_TRUE(taken->force);
  EXPECT_EQ(taken->force_timeout, Duration(7));
  EXPECT_EQ(taken->target_mode, sync::ServerMode::ReadOnly);
  EXPECT_FALSE(taken->source_mode.has_value());
  EXPECT_EQ(call("DELETE", "/_api/sync").status, 200) << "an empty body is a plain stop";
}

TEST_F(MasterRoutes, StopWaitsAsLongAsItIsToldTo) {
  reply_with(master::SyncStopping{false, true, {Url("https://source:8629")}, ClusterId("us"), "cancelling"});
  master.change([](master::State& state) { state.office->sync.incoming.emplace().status = sync::Status::Cancelling; });
  EXPECT_EQ(call("DELETE", "/_api/sync", R"({"wait_timeout":1000000})").status, 408);
  auto waiting =
      std::async(std::launch::async, [&] { return call("DELETE", "/_api/sync", R"({"wait_timeout":20000000000})"); });
  EXPECT_EQ(waiting.wait_for(100ms), std::future_status::timeout);
  master.change([](master::State& state) {
    state.office->sync.incoming.reset();
    state.office->sync.cancellation_aborted = true;
  });
  auto const answer = waiting.get();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"aborted":true,"source":["https://source:8629"],"cluster_id":"us",)"
                         R"("message":"inactive, but the source could not be told"})");
}

TEST_F(MasterRoutes, WhoeverLooksAtABarrierWaitsBehindIt) {
  std::string const none = R"({"SourceServerReadonly":false})";
  EXPECT_EQ(call("GET", "/_api/sync/barrier").status, 200);
  EXPECT_EQ(get("/_api/sync/barrier"), none) << "there is none, and none is begun";
  EXPECT_TRUE(master.last<master::AwaitBarrier>().has_value());
  EXPECT_FALSE(master.last<master::BeginBarrier>().has_value());
  EXPECT_EQ(call("POST", "/_api/sync/barrier").status, 200);
  EXPECT_TRUE(master.last<master::BeginBarrier>().has_value());
  EXPECT_EQ(call("DELETE", "/_api/sync/barrier").status, 200);
  EXPECT_TRUE(master.last<master::EndBarrier>().has_value());
  master.change([](master::State& state) { state.office.reset(); });
  EXPECT_EQ(call("GET", "/_api/sync/barrier").status, 503) << "nobody leads";
}

TEST_F(MasterRoutes, MessageTimeoutIsReadAndSet) {
  EXPECT_EQ(get("/_api/message-timeout"), R"({"messageTimeout":3600000000000})");
  EXPECT_EQ(call("PUT", "/_api/message-timeout", R"({"messageTimeout":60000000000})").status, 200);
  EXPECT_EQ(master.last<master::SetMessageTimeout>()->timeout, 60s);
  EXPECT_EQ(call("PUT", "/_api/message-timeout", R"({"messageTimeout":0})").status, 400);
}

TEST_F(MasterRoutes, AWorkerIsConfiguredWithACertificateForItsEndpoint) {
  auto const answer = call("POST", "/_api/worker/configure", R"({"endpoint":"https://10.1.2.3:8729"})");
  ASSERT_EQ(answer.status, 200);
  auto const configuration = read_worker_configuration(answer.body);
  ASSERT_TRUE(configuration.has_value()) << configuration.error();
  EXPECT_EQ(configuration->cluster_endpoints, (std::vector<Url>{Url("https://coordinator:8529")}));
  EXPECT_EQ(configuration->cluster_jwt_secret, "cluster's secret");
  auto const facts = x509::read_certificate(configuration->certificate_pem);
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->hosts, (std::vector<std::string>{"10.1.2.3"}));
  EXPECT_TRUE(x509::check_key_matches(configuration->certificate_pem, configuration->key_pem).has_value());
  clock::OsClock clock;
  EXPECT_TRUE(x509::check_signed_by(configuration->certificate_pem, Certificates::shared().worker_ca.certificate_pem,
                                    clock.wall_now() + 1s)
                  .has_value());
}

TEST_F(MasterRoutes, WorkersRegisterAreListedAndSayFarewell) {
  membership::WorkerRecord const record{WorkerId("w"), Url("https://w:8729"), Token("t"), 77, "host"};
  reply_with(master::WorkerRegistered{record, WallTime(Duration(1)), 30s, 1h});
  auto const answer = call("PUT", "/_api/worker", R"({"endpoint":"https://w:8729","token":"t","HostID":"host"})");
  auto const registered = read_registered(answer.body);
  ASSERT_TRUE(registered.has_value()) << registered.error();
  EXPECT_EQ(registered->expires_after, 30s);
  auto const taken = master.last<master::RegisterWorker>();
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->host, "host");
  EXPECT_EQ(taken->token, Token("t"));

  master.change([](master::State& state) { add_worker(state, "w", Url("https://w:8729")); });
  std::string const list = get("/_api/worker");
  ASSERT_EQ(read_workers(list)->size(), 1u);
  EXPECT_EQ(list.find("worker's token"), std::string::npos) << "the token is a secret";
  EXPECT_EQ(call("GET", "/_api/worker/w").status, 200);
  EXPECT_EQ(call("GET", "/_api/worker/nobody").status, 404);
  reply_with(Done{});
  EXPECT_EQ(call("DELETE", "/_api/worker/w").status, 200);
  EXPECT_EQ(master.last<master::UnregisterWorker>()->worker, WorkerId("w"));
}

TEST_F(MasterRoutes, TasksAreListedByIdAndByChannel) {
  task::Task added;
  master.change([&](master::State& state) {
    auto const worker = add_worker(state, "w", Url("https://w:8729"));
    added = add_sender(state, "task1", ChannelName("a.data"), worker.id);
  });
  EXPECT_EQ(*read_tasks(get("/_api/task")), (std::vector<task::Task>{added}));
  EXPECT_EQ(get("/_api/task/id/task1"), to_json(added));
  EXPECT_EQ(call("GET", "/_api/task/id/other").status, 404);
  EXPECT_EQ(read_tasks(get("/_api/task/channel/a.data"))->size(), 1u);
  EXPECT_EQ(read_tasks(get("/_api/task/channel/a.other"))->size(), 0u);
  EXPECT_EQ(get("/_api/mq/channel/a.data/is-relevant"), R"({"isRelevant":true})");
  EXPECT_EQ(get("/_api/mq/channel/a.other/is-relevant"), R"({"isRelevant":false})");
  EXPECT_EQ(call("PUT", "/_api/task/task1/completed", R"({"error":true})").status, 200);
  EXPECT_TRUE(master.last<master::TaskCompleted>()->error);
}

TEST_F(MasterRoutes, ShardsAreStartedStoppedAndReported) {
  EXPECT_EQ(call("POST", "/_api/sync" + shard_target, "{}").status, 200);
  EXPECT_EQ(master.last<master::StartShard>()->shard, shard);
  EXPECT_EQ(call("DELETE", "/_api/sync" + shard_target).status, 200);
  EXPECT_EQ(master.last<master::StopShard>()->shard, shard);
  EXPECT_EQ(call("POST", "/_api/sync/database/d/collection/c/shard/x", "{}").status, 400);
  std::vector<sync::StatusEntry> const entries{{ClusterId("t"), shard, {}}};
  for (char const* target : {"/_api/sync/multiple/status", "/_api/sync/multiple/outgoing/status"}) {
    EXPECT_EQ(call("PUT", target, to_json(entries)).status, 200);
    EXPECT_EQ(master.last<master::ReportStatus>()->entries, entries);
    EXPECT_EQ(master.last<master::ReportStatus>()->worker, WorkerId()) << "an original's worker does not say it";
    EXPECT_EQ(call("PUT", std::string(target) + "?worker=w%201&term=4&number=7", to_json(entries)).status, 200);
    EXPECT_EQ(master.last<master::ReportStatus>()->worker, WorkerId("w 1"));
    EXPECT_EQ(master.last<master::ReportStatus>()->term, Term(4));
    EXPECT_EQ(master.last<master::ReportStatus>()->number, RequestId(7));
    EXPECT_EQ(call("PUT", std::string(target) + "?worker=w&term=x", to_json(entries)).status, 400);
  }
  sync::InventoryReport const inventory{
      9, {{"create view d/v", "illegal name (1208)", WallTime(1700000000s)}}, WallTime(1700000001s)};
  EXPECT_EQ(call("PUT", "/_api/sync/status", to_json(inventory)).status, 200);
  EXPECT_EQ(master.last<master::ReportInventory>()->report, inventory);
  EXPECT_EQ(call("PUT", "/_api/sync/status?task=t&worker=w&term=4&number=8", to_json(inventory)).status, 200);
  EXPECT_EQ(master.last<master::ReportInventory>()->term, Term(4));
  EXPECT_EQ(master.last<master::ReportInventory>()->number, RequestId(8));
  EXPECT_EQ(master.last<master::ReportInventory>()->task, TaskId("t"));
  EXPECT_EQ(master.last<master::ReportInventory>()->worker, WorkerId("w"));
}

TEST_F(MasterRoutes, TheOtherDatacenterGetsAQueueWithAToken) {
  reply_with(master::TokenIssued{Token("fresh"), 6h});
  auto const queue = read_queue(get("/_api/mq/config"));
  ASSERT_TRUE(queue.has_value());
  EXPECT_EQ(queue->queue.client_token, "fresh");
  EXPECT_EQ(queue->queue.endpoints, (std::vector<Url>{Url("https://master.example:8629")}));
  EXPECT_EQ(queue->queue.ca_certificate, Certificates::shared().ca.certificate_pem);
  EXPECT_EQ(queue->token_lifetime, 6h);
  EXPECT_TRUE(master.last<master::IssueToken>().has_value());
  reply_with(Done{});
  EXPECT_EQ(call("PUT", "/_api/mq/config", R"({"id":"t","token":"new","token-ttl":5})").body, "{}");
  EXPECT_EQ(master.last<master::ReplaceRemoteToken>()->token, Token("new"));
}

TEST_F(MasterRoutes, TheOtherDatacenterAnnouncesItselfAndItsShards) {
  task::QueueConfig ours;
  ours.client_token = "for you";
  reply_with(master::OutgoingAccepted{ours});
  OutgoingRequest request{ClusterId("t"), {Url("https://t:8629")}, {ChannelName("a.inv"), ChannelName("b.ctl")}, {}};
  auto const accepted = read_outgoing_accepted(call("POST", "/_api/sync/outgoing", to_json(request)).body);
  ASSERT_TRUE(accepted.has_value());
  EXPECT_EQ(*accepted, ours);
  EXPECT_EQ(master.last<master::AcceptOutgoing>()->inventory, request.inventory);
  reply_with(Done{});
  task::Channels const channels{ChannelName("a.d"), ChannelName("b.c")};
  EXPECT_EQ(call("POST", "/_api/sync/outgoing/t" + shard_target, channels_json(channels)).status, 200);
  auto const started = master.last<master::StartOutgoingShard>();
  ASSERT_TRUE(started.has_value());
  EXPECT_EQ(started->shard, shard);
  EXPECT_EQ(started->channels, channels);
  EXPECT_EQ(call("DELETE", "/_api/sync/outgoing/t" + shard_target).status, 200);
  EXPECT_EQ(master.last<master::StopOutgoingShard>()->id, ClusterId("t"));
  EXPECT_EQ(call("DELETE", "/_api/sync/outgoing/t?server_mode=").status, 200);
  EXPECT_FALSE(master.last<master::RemoveOutgoing>()->mode.has_value());
  EXPECT_EQ(call("DELETE", "/_api/sync/outgoing/t?server_mode=readonly").status, 200);
  EXPECT_EQ(master.last<master::RemoveOutgoing>()->mode, sync::ServerMode::ReadOnly);
  EXPECT_EQ(call("DELETE", "/_api/sync/outgoing/t?server_mode=x").status, 400);
}

TEST_F(MasterRoutes, NamesInPathsAreNamesOrNothingIsDone) {
  reply_with(Done{});
  std::string const before = "/_api/sync/outgoing/t/database/";
  std::string const body = channels_json({ChannelName("a.d"), ChannelName("b.c")});
  for (std::string const& bad : {std::string("%FF"), std::string("a%2Fb"), std::string("a%00"), std::string("%1b[2J"),
                                 std::string("%ed%a0%80"), std::string(1025, 'x')}) {
    EXPECT_EQ(call("POST", before + bad + "/collection/c/shard/0", body).status, 400) << bad;
    EXPECT_TRUE(master.commands.empty()) << bad;
  }
  EXPECT_EQ(call("POST", before + "%C3%A4%20%3A/collection/" + std::string(1024, 'x') + "/shard/0", body).status, 200);
}

TEST_F(MasterRoutes, OrdersSayWhichTheyAreUnlessTheyComeFromAnOriginal) {
  reply_with(Done{});
  std::string const target = "/_api/sync/outgoing/t";
  sync::Order const order{sync::Life(7), Term(12), RequestId(345)};
  EXPECT_EQ(call("DELETE", target + shard_target + "?order=7.12.345").status, 200);
  EXPECT_EQ(master.last<master::StopOutgoingShard>()->order, order);
  EXPECT_EQ(call("DELETE", target + "?order=7.12.345&server_mode=").status, 200);
  EXPECT_EQ(master.last<master::RemoveOutgoing>()->order, order);
  EXPECT_EQ(call("DELETE", target + "/barrier?order=7.12.345").status, 200);
  EXPECT_EQ(master.last<master::LowerOutgoingBarrier>()->order, order);
  EXPECT_EQ(call("DELETE", target).status, 200);
  EXPECT_FALSE(master.last<master::RemoveOutgoing>()->order.has_value());
  for (char const* bad : {"7", "7.12", "7.12.345.6", "a.b.c", "-1.2.3", "7..3", "99999999999999999999.1.1"}) {
    EXPECT_EQ(call("DELETE", target + "?order=" + bad).status, 400) << bad;
  }
  reply_with(master::Refused{master::RefusalKind::Late, "a newer order has overtaken this one"});
  EXPECT_EQ(call("DELETE", target + "?order=1.1.1").status, 409);
}

TEST_F(MasterRoutes, TokensAreRenewedAndCloned) {
  reply_with(master::TokenIssued{Token("child"), 6h});
  std::string const body = R"({"token":")" + good_token + R"("})";
  auto const cloned = read_token(call("POST", "/_api/mq/direct/token/clone", body, bearer(good_token)).body);
  ASSERT_TRUE(cloned.has_value());
  EXPECT_EQ(cloned->token, Token("child"));
  EXPECT_EQ(master.last<master::CloneToken>()->parent, Token(good_token));
  EXPECT_EQ(call("POST", "/_api/mq/direct/token/renew", body, bearer(good_token)).status, 200);
  EXPECT_EQ(master.last<master::RenewToken>()->token, Token(good_token));
  EXPECT_EQ(call("POST", "/_api/mq/direct/token/renew", "{}", bearer(good_token)).status, 400);
}

TEST_F(MasterRoutes, AChannelIsFoundAtTheWorkerThatPublishesIt) {
  master.change([](master::State& state) {
    auto const worker = add_worker(state, "w", Url("https://w:8729"));
    add_sender(state, "task1", ChannelName("a.data"), worker.id);
  });
  auto const answer = call("GET", "/_api/mq/direct/channel/a.data/endpoint?database=shop&collection=orders&shard=2", "",
                           bearer(good_token));
  auto const place = direct::channel_place(answer.body);
  ASSERT_TRUE(place.has_value()) << answer.body;
  EXPECT_EQ(place->worker, WorkerId("w"));
  EXPECT_EQ(place->token, Token(good_token));
  EXPECT_EQ(call("GET", "/_api/mq/direct/channel/a.other/endpoint", "", bearer(good_token)).status, 404);
  EXPECT_EQ(call("POST", "/_api/mq/direct/pull?worker=nobody", direct::encode_request({}), bearer(good_token)).status,
            404);
}

TEST_F(MasterRoutes, RefusalsHaveTheStatusOfTheSpec) {
  using Kind = master::RefusalKind;
  for (auto const& [kind, status] : std::vector<std::pair<Kind, int>>{{Kind::NotLeader, 503},
                                                                      {Kind::BadRequest, 400},
                                                                      {Kind::Unauthorized, 401},
                                                                      {Kind::NotFound, 404},
                                                                      {Kind::Precondition, 412},
                                                                      {Kind::Conflict, 412}}) {
    reply_with(master::Refused{kind, "because"});
    auto const answer = call("POST", "/_api/sync" + shard_target, "{}");
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.body, R"({"Error":"because"})");
  }
}

TEST_F(MasterRoutes, ACallThatIsNeverDecidedEndsWith503) {
  {
    std::lock_guard const lock(master.mutex);
    master.reply.reset();
  }
  EXPECT_EQ(call("POST", "/_api/sync" + shard_target, "{}").status, 503);
}

TEST_F(MasterRoutes, BodiesThatAreNoJsonAreRefused) {
  for (auto const& [method, target] :
       std::vector<std::pair<std::string, std::string>>{{"POST", "/_api/sync"},
                                                        {"DELETE", "/_api/sync"},
                                                        {"PUT", "/_api/message-timeout"},
                                                        {"PUT", "/_api/worker"},
                                                        {"POST", "/_api/worker/configure"},
                                                        {"PUT", "/_api/sync/multiple/status"},
                                                        {"PUT", "/_api/sync/status"},
                                                        {"POST", "/_api/sync/outgoing"},
                                                        {"PUT", "/_api/mq/config"},
                                                        {"POST", "/_api/mq/direct/token/renew"}}) {
    EXPECT_EQ(call(method, target, "{{{").status, 400) << method << " " << target;
  }
  EXPECT_TRUE(master.commands.empty());
}

}  // namespace
}  // namespace arangosync::rest
