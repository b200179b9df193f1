// A datacenter that receives: from configuring to running, and every way to stop.
#include "domain/master/delay.h"
#include "tests/domain/master/story/given_when_then.h"

namespace arangosync::master {
namespace {

sync::Status status_now(Scene const& scene) { return status(scene.state, Details::Short)->status; }

TEST(MasterTarget, SaysWhatIsMissingInARequest) {
  Scene scene;
  scene.lead();
  auto const text_of = [&](std::vector<Url> source, sync::Authentication authentication) {
    scene.when(ConfigureSync{scene.call(), std::move(source), std::move(authentication)});
    return scene.refusal ? scene.refusal->message : "accepted";
  };
  EXPECT_EQ(text_of({}, credentials()), "source missing");
  EXPECT_EQ(text_of({Url("http://source:8629")}, credentials()), "Invalid source: http://source:8629");
  EXPECT_EQ(text_of(source_urls(), {"", "key", "", "CA"}), "clientCertificate missing");
  EXPECT_EQ(text_of(source_urls(), {"certificate", "", "", "CA"}), "clientKey missing");
  EXPECT_EQ(text_of(source_urls(), {"certificate", "key", "", ""}), "caCertificate missing");
  EXPECT_EQ(text_of({Url("https://m1.example:8629/")}, credentials()),
            "Invalid source: https://m1.example:8629/ is this datacenter itself");
}

TEST(MasterTarget, GoesFromConfiguredToInitialSyncStepByStep) {
  Scene scene;
  scene.lead();
  scene.join("w1");
  scene.configure();
  EXPECT_TRUE(scene.replied<Done>());
  EXPECT_EQ(status_now(scene), sync::Status::Initializing);
  EXPECT_EQ(cluster_id(scene.state).value().size(), 20u);
  EXPECT_TRUE(scene.asked<AskSource>());
  scene.source_answers();
  ASSERT_TRUE(scene.asked<SetServerMode>());
  EXPECT_EQ(scene.asked<SetServerMode>()->mode, sync::ServerMode::ReadOnly);
  EXPECT_FALSE(scene.asked<SendTask>()) << "nothing is written before the target is read-only";
  scene.mode_is_set();
  auto const send = scene.asked<SendTask>();
  ASSERT_TRUE(send);
  EXPECT_EQ(send->spec.kind, task::Kind::ReceiveInventory);
  EXPECT_TRUE(send->spec.persistent);
  EXPECT_EQ(send->spec.channels.data.value().rfind("sync_m1.", 0), 0u);
  EXPECT_EQ(send->spec.channels.control.value().rfind("sync_source.", 0), 0u);
  auto const announce = scene.asked<AnnounceOutgoing>();
  ASSERT_TRUE(announce);
  EXPECT_EQ(announce->inventory, send->spec.channels);
  EXPECT_EQ(announce->id, cluster_id(scene.state));
  EXPECT_TRUE(token_valid(scene.state, Token(announce->queue.client_token), scene.wall));
  scene.source_accepts();
  EXPECT_EQ(status_now(scene), sync::Status::InitialSync);
}

TEST(MasterTarget, TellsTheOperatorWhyTheSourceCannotBeReached) {
  Scene scene;
  scene.lead().configure();
  scene.when(SourceAsked{scene.under_way<AskSource>().at(0).request,
                         unexpected(Fault{FaultClass::Retry, "https://source1:8629: connection refused"})});
  StatusView const view = *status(scene.state, Details::Full);
  EXPECT_EQ(view.status, sync::Status::Initializing);
  EXPECT_EQ(view.message, "https://source1:8629: connection refused");
  scene.after(20s).fire("errands");
  EXPECT_TRUE(scene.asked<AskSource>());
}

TEST(MasterTarget, FailsClearlyWhenTheSourceTurnsOutToBeItself) {
  Scene scene;
  scene.lead().configure();
  SourceFacts const facts{"sync_m1.", {Url("https://m1.example:8629")}, {}, queue_of_other("t"), 6h};
  scene.when(SourceAsked{scene.under_way<AskSource>().at(0).request, facts});
  EXPECT_EQ(status_now(scene), sync::Status::Failed);
  EXPECT_NE(status(scene.state, Details::Short)->message.find("this datacenter itself"), std::string::npos);
}

TEST(MasterTarget, AcceptsTheSameRequestAgain) {
  Scene scene;
  scene.receive();
  Persisted const before = persisted(scene.state);
  scene.configure();
  EXPECT_TRUE(scene.replied<Done>());
  EXPECT_EQ(persisted(scene.state), before);
}

TEST(MasterTarget, TakesNewCredentialsForTheSameSource) {
  Scene scene;
  scene.receive();
  sync::Authentication renewed = credentials();
  renewed.client_key = "new key";
  scene.when(ConfigureSync{scene.call(), {Url("https://source2:8629")}, renewed});
  EXPECT_TRUE(scene.replied<Done>());
  EXPECT_EQ(scene.state.office->sync.incoming->authentication, renewed);
}

TEST(MasterTarget, RefusesAnotherSourceWhileItReceives) {
  Scene scene;
  scene.receive().when(ConfigureSync{scene.call(), {Url("https://elsewhere:8629")}, credentials()});
  ASSERT_TRUE(scene.refusal);
  EXPECT_EQ(scene.refusal->kind, RefusalKind::Precondition);
}

TEST(MasterTarget, StartsAShardOnBothSides) {
  Scene scene;
  scene.receive().start_shard(shard_ref("a", 2));
  auto const send = scene.asked<SendTask>();
  auto const announce = scene.asked<AnnounceShard>();
  ASSERT_TRUE(send && announce);
  EXPECT_EQ(send->spec.kind, task::Kind::ReceiveShard);
  EXPECT_EQ(send->spec.channels, announce->channels);
  EXPECT_EQ(announce->shard, shard_ref("a", 2));
  scene.start_shard(shard_ref("a", 2));
  EXPECT_TRUE(scene.replied<Done>());
  EXPECT_EQ(scene.effects.size(), 1u) << "asked again, it only answers";
}

TEST(MasterTarget, RunsWhenEveryShardOfTheReportedTotalRuns) {
  Scene scene;
  scene.receive().start_shard(shard_ref("a")).start_shard(shard_ref("b")).workers_obey().source_obeys();
  scene.report(std::nullopt, shard_ref("a"), sync::Status::Running);
  scene.report(std::nullopt, shard_ref("b"), sync::Status::Running);
  EXPECT_EQ(status_now(scene), sync::Status::InitialSync) << "how many there are is not known yet";
  scene.when(ReportInventory{scene.call(), {3, {}, {}}});
  EXPECT_EQ(status_now(scene), sync::Status::InitialSync);
  scene.start_shard(shard_ref("c")).workers_obey().source_obeys();
  scene.report(std::nullopt, shard_ref("c"), sync::Status::InitialSync);
  EXPECT_EQ(status_now(scene), sync::Status::InitialSync);
  scene.report(std::nullopt, shard_ref("c"), sync::Status::Running);
  EXPECT_EQ(status_now(scene), sync::Status::Running);
}

TEST(MasterTarget, KeepsAReportThatCameBeforeTheSourceKnewTheShard) {
  Scene scene;
  scene.receive().start_shard(shard_ref("a")).when(ReportInventory{scene.call(), {1, {}, {}}});
  scene.report(std::nullopt, shard_ref("a"), sync::Status::Running);
  EXPECT_EQ(status_now(scene), sync::Status::InitialSync);
  scene.workers_obey().source_obeys();
  EXPECT_EQ(status_now(scene), sync::Status::Running);
}

TEST(MasterTarget, ShowsAFailedShardWithItsReason) {
  Scene scene;
  running_pair(scene);
  sync::StatusEntry entry{std::nullopt, shard_ref("a"), {}};
  entry.report.status = sync::Status::Failed;
  entry.report.message = "document too large";
  scene.when(ReportStatus{scene.call(), {entry}});
  StatusView const view = *status(scene.state, Details::Full);
  ASSERT_EQ(view.shards.size(), 2u);
  EXPECT_EQ(view.shards.at(0).report.status, sync::Status::Failed);
  EXPECT_EQ(view.shards.at(0).report.message, "document too large");
  EXPECT_EQ(view.total_shards_count, 2u);
  EXPECT_TRUE(status(scene.state, Details::Short)->shards.empty());
}

TEST(MasterTarget, StopsAShardOnBothSidesBeforeItIsForgotten) {
  Scene scene;
  running_pair(scene);
  scene.when(StopShard{scene.call(), shard_ref("a")});
  EXPECT_TRUE(scene.asked<RevokeTask>());
  EXPECT_TRUE(scene.asked<WithdrawShard>());
  scene.workers_obey();
  EXPECT_NE(sync::find(scene.state.office->sync, std::nullopt, shard_ref("a")), nullptr);
  scene.source_obeys();
  EXPECT_EQ(sync::find(scene.state.office->sync, std::nullopt, shard_ref("a")), nullptr);
  EXPECT_EQ(scene.state.office->topics.size(), 4u) << "inventory and the other shard";
}

// An order lay at a master that slept. Meanwhile the inventory's receiver was begun anew, and had started the shard:
// what the former one had ordered would have ended it for good, as the new one knew of no order in doubt.
TEST(MasterTarget, ObeysNoFormerReceiverOfTheInventory) {
  Scene scene;
  running_pair(scene);
  task::Task const inventory = *task::find(scene.state.office->tasks, task::Purpose{});
  auto const status_of = [&](char const* shard) {
    auto const* const entry = sync::find(scene.state.office->sync, std::nullopt, shard_ref(shard));
    return entry == nullptr ? sync::Status::Inactive : entry->status;
  };
  sync::Status const before = status_of("a");
  WorkerId const former("former");
  scene.when(StopShard{scene.call(), shard_ref("a"), inventory.id, former});
  ASSERT_TRUE(scene.replied<Refused>());
  EXPECT_EQ(scene.replied<Refused>()->kind, RefusalKind::Late);
  scene.when(StopShard{scene.call(), shard_ref("a"), TaskId("of a former life"), inventory.assignment->worker});
  EXPECT_TRUE(scene.replied<Refused>());
  EXPECT_EQ(status_of("a"), before);
  scene.when(StartShard{scene.call(), shard_ref("new"), inventory.id, former});
  EXPECT_TRUE(scene.replied<Refused>());
  EXPECT_EQ(status_of("new"), sync::Status::Inactive);
  scene.when(StopShard{scene.call(), shard_ref("a"), inventory.id, inventory.assignment->worker});
  EXPECT_EQ(status_of("a"), sync::Status::Cancelling);
}

// The collection would be dropped and made anew under a worker that sleeps, and gets what it still holds (simulation
// seed 57695).
TEST(MasterTarget, CallsAShardStoppedWhenNobodyWritesItAnyMore) {
  Scene scene;
  running_pair(scene);
  for (int i = 0; i < 2; ++i) {
    scene.when(StopShard{scene.call(), shard_ref("a")});
    ASSERT_TRUE(scene.replied<Refused>());
    EXPECT_EQ(scene.replied<Refused>()->kind, RefusalKind::Precondition);
  }
  scene.workers_obey();
  ASSERT_NE(sync::find(scene.state.office->sync, std::nullopt, shard_ref("a")), nullptr) << "the source knows it still";
  scene.when(StopShard{scene.call(), shard_ref("a")});
  EXPECT_TRUE(scene.replied<Done>());
}

// The source has not let go of it yet; here its collection may just be made anew.
TEST(MasterTarget, ResetsNoShardThatIsBeingStopped) {
  Scene scene;
  running_pair(scene);
  scene.when(StopShard{scene.call(), shard_ref("a")}).workers_obey();
  scene.when(ResetShard{scene.call(), shard_ref("a")});
  ASSERT_TRUE(scene.refusal.has_value());
  EXPECT_EQ(scene.refusal->kind, RefusalKind::Precondition);
  scene.source_obeys();
  EXPECT_EQ(sync::find(scene.state.office->sync, std::nullopt, shard_ref("a")), nullptr);
}

TEST(MasterTarget, CallsAShardStoppedWhoseWorkerHasDied) {
  Scene scene;
  running_pair(scene);
  scene.when(StopShard{scene.call(), shard_ref("a")});
  EXPECT_TRUE(scene.replied<Refused>());
  scene.lead_on(30s).fire("workers");
  scene.when(StopShard{scene.call(), shard_ref("a")});
  EXPECT_TRUE(scene.replied<Done>());
}

TEST(MasterTarget, StartsAShardAnewThatIsWantedAgainWhileItStops) {
  Scene scene;
  running_pair(scene);
  task::Channels const old = sync::find(scene.state.office->sync, std::nullopt, shard_ref("a"))->channels;
  scene.when(StopShard{scene.call(), shard_ref("a")}).start_shard(shard_ref("a"));
  EXPECT_TRUE(scene.replied<Done>());
  scene.source_obeys().workers_obey();
  auto const* const entry = sync::find(scene.state.office->sync, std::nullopt, shard_ref("a"));
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->status, sync::Status::Initializing);
  EXPECT_NE(entry->channels, old);
  EXPECT_FALSE(scene.under_way<AnnounceShard>().empty());
}

TEST(MasterTarget, StopsInOrder) {
  Scene scene;
  running_pair(scene);
  scene.when(StopSync{scene.call(), false, 0s, sync::ServerMode::Default, std::nullopt});
  auto const reply = scene.replied<SyncStopping>();
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->cancelling);
  EXPECT_EQ(reply->source, source_urls());
  EXPECT_EQ(scene.all<RevokeTask>().size(), 3u);
  ASSERT_TRUE(scene.asked<WithdrawOutgoing>());
  EXPECT_EQ(scene.asked<WithdrawOutgoing>()->mode, sync::ServerMode::Default);
  scene.workers_obey();
  EXPECT_EQ(status_now(scene), sync::Status::Cancelling);
  scene.when(RemoteDone{scene.under_way<WithdrawOutgoing>().at(0).request, Done{}});
  ASSERT_TRUE(scene.asked<SetServerMode>());
  EXPECT_EQ(scene.asked<SetServerMode>()->mode, sync::ServerMode::Default);
  scene.mode_is_set();
  StatusView const view = *status(scene.state, Details::Full);
  EXPECT_EQ(view.status, sync::Status::Inactive);
  EXPECT_TRUE(view.source.empty());
  EXPECT_FALSE(view.cancellation_aborted);
  EXPECT_TRUE(tasks(scene.state).empty());
  EXPECT_TRUE(scene.state.office->topics.empty());
  EXPECT_FALSE(cluster_id(scene.state).value().empty());
  EXPECT_TRUE(scene.under_way<SendTask>().empty());
}

TEST(MasterTarget, WaitsForAnUnreachableSourceUnlessItIsForced) {
  Scene scene;
  running_pair(scene);
  scene.when(StopSync{scene.call(), false, 0s, {}, {}}).workers_obey();
  Fault const away{FaultClass::Retry, "no route to host"};
  scene.when(RemoteDone{scene.under_way<WithdrawOutgoing>().at(0).request, unexpected(away)});
  EXPECT_EQ(status_now(scene), sync::Status::Cancelling);
  EXPECT_EQ(status(scene.state, Details::Short)->message, "no route to host");
  scene.configure();
  ASSERT_TRUE(scene.refusal);
  EXPECT_EQ(scene.refusal->kind, RefusalKind::Precondition);
  scene.when(StopSync{scene.call(), true, 5s, {}, sync::ServerMode::ReadOnly});
  EXPECT_TRUE(scene.wakes("abort"));
  scene.after(5s).fire("abort");
  ASSERT_TRUE(scene.asked<SetServerMode>());
  EXPECT_EQ(scene.asked<SetServerMode>()->mode, sync::ServerMode::ReadOnly);
  scene.mode_is_set();
  EXPECT_TRUE(status(scene.state, Details::Short)->cancellation_aborted);
  scene.when(StopSync{scene.call(), true, 0s, {}, {}});
  EXPECT_TRUE(scene.replied<SyncStopping>()->aborted);
  scene.configure();
  EXPECT_FALSE(status(scene.state, Details::Short)->cancellation_aborted);
}

TEST(MasterTarget, NeedsNotTellASourceThatNeverHeardOfIt) {
  Scene scene;
  scene.lead().configure().when(StopSync{scene.call(), false, 0s, {}, {}});
  EXPECT_TRUE(scene.under_way<WithdrawOutgoing>().empty());
  scene.mode_is_set();
  EXPECT_EQ(status_now(scene), sync::Status::Inactive);
}

TEST(MasterTarget, DoesNotTakeTheReadOnlyModeForTheFinalOne) {
  Scene scene;
  scene.lead().configure().source_answers();
  auto const read_only = scene.under_way<SetServerMode>().at(0);
  scene.when(StopSync{scene.call(), false, 0s, {}, {}});
  scene.when(ServerModeSet{read_only.request, Done{}});
  EXPECT_EQ(status_now(scene), sync::Status::Cancelling);
  ASSERT_TRUE(scene.asked<SetServerMode>());
  EXPECT_EQ(scene.asked<SetServerMode>()->mode, sync::ServerMode::Default);
  scene.mode_is_set();
  EXPECT_EQ(status_now(scene), sync::Status::Inactive);
}

TEST(MasterTarget, DoesNotLetAWithdrawalOvertakeTheAnnouncement) {
  Scene scene;
  scene.lead().configure().source_answers().mode_is_set();
  auto const announce = scene.under_way<AnnounceOutgoing>().at(0);
  scene.when(StopSync{scene.call(), false, 0s, {}, {}});
  EXPECT_TRUE(scene.under_way<WithdrawOutgoing>().empty());
  scene.when(OutgoingAnnounced{announce.request, queue_of_other("t")});
  EXPECT_TRUE(scene.asked<WithdrawOutgoing>());
}

TEST(MasterTarget, GoesOnStoppingUnderANewLeader) {
  Scene scene;
  running_pair(scene);
  scene.when(StopSync{scene.call(), true, 7s, {}, {}});
  Scene next("m2");
  next.lead(persisted(scene.state));
  EXPECT_EQ(status_now(next), sync::Status::Cancelling);
  EXPECT_EQ(next.under_way<WithdrawOutgoing>().size(), 1u);
  EXPECT_EQ(next.under_way<RevokeTask>().size(), 3u);
  next.after(7s).fire("abort").workers_obey().mode_is_set();
  EXPECT_EQ(status_now(next), sync::Status::Inactive);
}

TEST(MasterTarget, TellsTheSourceInWhichModeToStayThoughItWasToldOtherwiseBefore) {
  Scene scene;
  scene.receive();
  scene.when(StopSync{scene.call(), false, {}, {}, {}});
  RequestId const first = scene.under_way<WithdrawOutgoing>().at(0).request;
  scene.when(StopSync{scene.call(), true, 7s, sync::ServerMode::ReadOnly, {}});
  scene.when(RemoteDone{first, Done{}});
  ASSERT_EQ(scene.under_way<WithdrawOutgoing>().size(), 1u);
  EXPECT_EQ(scene.under_way<WithdrawOutgoing>().at(0).mode, sync::ServerMode::ReadOnly);
}

TEST(MasterTarget, SetsItsTimerAgainWhenItFindsNothingDue) {
  Scene scene;
  scene.lead();
  scene.configure();
  Fault const away{FaultClass::Retry, "nobody answers"};
  scene.when(SourceAsked{scene.under_way<AskSource>().at(0).request, unexpected(away)});
  ASSERT_TRUE(scene.wakes("errands"));
  scene.fire("errands");
  EXPECT_TRUE(scene.under_way<AskSource>().empty()) << "it is not yet time";
  EXPECT_TRUE(scene.wakes("errands"));
}

TEST(MasterTarget, RenewsTheSourcesTokenAtHalfItsLife) {
  Scene scene;
  scene.lead();
  scene.configure().source_answers();
  scene.lead_on(20s);
  scene.fire("tokens");
  EXPECT_FALSE(scene.asked<RenewRemoteToken>());
  scene.lead_on(10s);
  scene.fire("tokens");
  auto const renew = scene.asked<RenewRemoteToken>();
  ASSERT_TRUE(renew);
  EXPECT_EQ(renew->remote.authentication.client_token, "source-token");
  scene.when(RemoteTokenRenewed{renew->request, std::pair{Token("source-token"), Duration(6h)}});
  scene.fire("tokens");
  EXPECT_FALSE(scene.asked<RenewRemoteToken>());
}

TEST(MasterTarget, AsksTheSourceForANewTokenWhenItsOwnIsLostAndTellsTheWorkers) {
  Scene scene;
  scene.receive();
  Scene next("m2");
  next.lead(persisted(scene.state)).workers_obey().source_accepts();
  next.after(1s).fire("tokens");
  auto const renew = next.asked<RenewRemoteToken>();
  ASSERT_TRUE(renew);
  next.when(RemoteTokenRenewed{renew->request, unexpected(Fault{FaultClass::Denied, "expired"})});
  EXPECT_TRUE(next.asked<AskSource>());
  next.source_answers("fresh-token");
  ASSERT_TRUE(next.asked<SendTask>());
  EXPECT_EQ(next.asked<SendTask>()->remote.client_token, "fresh-token");
  EXPECT_TRUE(next.asked<AnnounceOutgoing>()) << "the source gets a new token of ours too";
}

// Of the lost token a second question is under way when the source has given another.
TEST(MasterTarget, HearsNothingOfATokenThatWasReplaced) {
  Scene scene;
  scene.receive();
  Scene next("m2");
  next.lead(persisted(scene.state)).workers_obey().source_accepts();
  next.after(1s).fire("tokens");
  auto const lost = unexpected(Fault{FaultClass::Denied, "expired"});
  next.when(RemoteTokenRenewed{next.under_way<RenewRemoteToken>().at(0).request, lost});
  for (int looks = 0; looks < 1000 && next.under_way<RenewRemoteToken>().empty(); ++looks) {
    next.lead_on(30s).keep_workers().fire("tokens");
  }
  ASSERT_EQ(next.under_way<RenewRemoteToken>().size(), 1u);
  RequestId const late = next.under_way<RenewRemoteToken>().at(0).request;
  next.source_answers("fresh-token");
  next.when(RemoteTokenRenewed{late, lost});
  EXPECT_FALSE(next.state.office->sync.source_token_lost);
  EXPECT_TRUE(next.under_way<AskSource>().empty());
}

TEST(MasterTarget, TellsTheSourceUnderANewLeaderAndWhenItsMastersChange) {
  Scene scene;
  scene.receive();
  Scene next("m2");
  next.lead(persisted(scene.state));
  ASSERT_EQ(next.under_way<AnnounceOutgoing>().size(), 1u);
  EXPECT_EQ(next.under_way<AnnounceOutgoing>().at(0).target, std::vector{Url("https://m2.example:8629")});
  next.source_accepts();
  EXPECT_TRUE(next.under_way<AnnounceOutgoing>().empty());
  MasterRecord const other{Url("https://m3:8629"), {Url("https://m3.example:8629")}};
  next.when(MastersRead{*next.state.announcing, std::map<MasterId, MasterRecord>{{MasterId("m3"), other}}});
  ASSERT_TRUE(next.asked<AnnounceOutgoing>());
  EXPECT_EQ(next.asked<AnnounceOutgoing>()->target.size(), 2u);
}

TEST(MasterTarget, RepeatsAnAnnouncementThatIsOutdatedWhenItIsAnswered) {
  Scene scene;
  scene.lead().configure().source_answers().mode_is_set();
  auto const first = scene.under_way<AnnounceOutgoing>().at(0);
  scene.wall = scene.wall + 7h;
  scene.fire("tokens");
  EXPECT_FALSE(scene.asked<AnnounceOutgoing>()) << "one at a time";
  scene.when(OutgoingAnnounced{first.request, queue_of_other("t")});
  auto const second = scene.asked<AnnounceOutgoing>();
  ASSERT_TRUE(second);
  EXPECT_NE(second->queue.client_token, first.queue.client_token);
  scene.when(OutgoingAnnounced{second->request, queue_of_other("t")});
  EXPECT_TRUE(scene.under_way<AnnounceOutgoing>().empty());
}

TEST(MasterTarget, SetsTheMessageTimeout) {
  Scene scene;
  scene.lead().when(SetMessageTimeout{scene.call(), 0s});
  EXPECT_TRUE(scene.replied<Refused>());
  scene.when(SetMessageTimeout{scene.call(), 5min});
  EXPECT_EQ(message_timeout(scene.state), 5min);
  scene.join("w1");
  EXPECT_EQ(scene.replied<WorkerRegistered>()->message_timeout, 5min);
}

TEST(MasterTarget, SaysHowFarItIsBehindAlsoOfAShardThatIsSilent) {
  Scene scene;
  running_pair(scene);
  sync::StatusEntry entry{std::nullopt, shard_ref("a"), {}};
  entry.report.status = sync::Status::Running;
  entry.report.delay = 200ms;
  entry.report.caught_up = scene.wall;
  scene.when(ReportStatus{scene.call(), {entry}});
  auto const delay_at = [&](WallTime now) {
    StatusView view = *status(scene.state, Details::Full);
    update_delays(view, now);
    return view.shards.at(0).report.delay;
  };
  EXPECT_EQ(delay_at(scene.wall + 9s), 200ms) << "news takes a while, and all is well";
  EXPECT_EQ(delay_at(scene.wall + 1h), 1h) << "it may lack all that was written since";
  EXPECT_EQ(delay_at(scene.wall + -1h), 200ms) << "clocks differ";
}

// Simulation seed 1264: a collection was dropped and created anew, and the old shard's report stood for the new one.
TEST(MasterTarget, ClaimsNothingOfAShardThatIsBeingStopped) {
  Scene scene;
  running_pair(scene);
  sync::StatusEntry entry{std::nullopt, shard_ref("a"), {}};
  entry.report.status = sync::Status::Running;
  entry.report.delay = 200ms;
  entry.report.caught_up = scene.wall;
  scene.when(ReportStatus{scene.call(), {entry}});
  scene.when(StopShard{scene.call(), shard_ref("a")});
  StatusView view = *status(scene.state, Details::Full);
  update_delays(view, scene.wall + 1h);
  EXPECT_EQ(view.shards.at(0).report.status, sync::Status::Cancelling);
  EXPECT_TRUE(view.shards.at(0).report.caught_up.is_zero());
  EXPECT_EQ(view.shards.at(0).report.delay, Duration{0});
}

}  // namespace
}  // namespace arangosync::master
