// The target adapter over real sockets against the sandbox: structure, batches, conflicts, surplus, positions.
#include "adapters/cluster/own_collections.h"
#include "adapters/cluster/pulses.h"
#include "tests/adapters/cluster/stage.h"

#include "domain/inventory/plan.h"

namespace arangosync::cluster {
namespace {

codec::Change put(std::string_view key, std::string_view document) {
  return {codec::ChangeKind::Upsert, key, "", document};
}
codec::Change gone(std::string_view key) { return {codec::ChangeKind::Remove, key, "", ""}; }

TEST(ApplyingABatch, KeepsRevisionsAndIsIdempotent) {
  Stage stage;
  stage.create("orders", 2);
  auto const changes = payload({put("a", R"({"_id":"x/a","_key":"a","_rev":"_gjDBRr6---","n":1.0})"),
                                put("b", R"({"_id":"x/b","_key":"b","_rev":"_gjDBRr6--_"})"), gone("b"), gone("c"),
                                put("d", R"({"_key":"d","_rev":"_gjDBRr6--A","big":9007199254740993,"_id":"x/d"})")});
  auto const first = stage.apply(in_system("orders"), changes);
  ASSERT_TRUE(first.has_value()) << first.error().message;
  EXPECT_EQ(first->upserted, 2u);
  EXPECT_EQ(first->removed, 0u);
  auto const once = stage.documents("orders");
  ASSERT_EQ(once.size(), 2u);
  EXPECT_NE(once.at("a").find(R"("_rev":"_gjDBRr6---")"), std::string::npos);
  EXPECT_NE(once.at("a").find(R"("n":1.0)"), std::string::npos);
  EXPECT_NE(once.at("d").find("9007199254740993"), std::string::npos);
  ASSERT_TRUE(stage.apply(in_system("orders"), changes).has_value());
  EXPECT_EQ(stage.documents("orders"), once);
}

/// A cluster that imitates the version.
class OfEveryAge : public testing::TestWithParam<char const*> {
protected:
  static sandbox::Options options() {
    sandbox::Options options;
    options.version = GetParam();
    return options;
  }
};

// Servers before 3.4 cannot overwrite by an insert, and those before 3.7 know another parameter for it.
TEST_P(OfEveryAge, ServersReplaceWhatIsThereAndInsertTheRest) {
  Stage stage(1, options());
  stage.create("orders", 2);
  stage.insert("orders", {R"({"_key":"a","n":1})", R"({"_key":"b","n":1})"});
  auto const done =
      stage.apply(in_system("orders"), payload({put("a", R"({"_key":"a","_rev":"_gjDBRr6---","n":2})"),
                                                put("new", R"({"_key":"new","_rev":"_gjDBRr6--_"})"), gone("b")}));
  ASSERT_TRUE(done.has_value()) << done.error().message;
  auto const left = stage.documents("orders");
  ASSERT_EQ(left.size(), 2u);
  EXPECT_NE(left.at("a").find(R"("_rev":"_gjDBRr6---","n":2)"), std::string::npos) << left.at("a");
  EXPECT_NE(left.at("new").find(R"("_rev":"_gjDBRr6--_")"), std::string::npos);
}

TEST_P(OfEveryAge, ServersGiveUniqueValuesToTheirNewHolders) {
  Stage stage(1, options());
  stage.create("people");
  stage.sandbox->with_model([](sim::ClusterModel& model) {
    auto const body = R"({"type":"hash","fields":["mail"],"unique":true})";
    ASSERT_TRUE(model.create_index("_system", "people", body).has_value());
  });
  stage.insert("people", {R"({"_key":"a","mail":1})", R"({"_key":"b","mail":2})"});
  auto const done = stage.apply(in_system("people"),
                                payload({put("a", R"({"_key":"a","mail":2})"), put("b", R"({"_key":"b","mail":1})")}));
  ASSERT_TRUE(done.has_value()) << done.error().message;
  auto const left = stage.documents("people");
  ASSERT_EQ(left.size(), 2u);
  EXPECT_NE(left.at("a").find(R"("mail":2)"), std::string::npos);
  EXPECT_NE(left.at("b").find(R"("mail":1)"), std::string::npos);
}

TEST_P(OfEveryAge, ServersKeepTheNewestPosition) {
  Stage stage(1, options());
  auto const at = [&](std::uint64_t tick) {
    shard::Position position;
    position.shard = ShardName("s1");
    position.server = ServerId("PRMR-1");
    position.from = position.last_scanned = Tick(tick);
    return worker::StoredPosition{in_system("orders"), position};
  };
  worker::Stamp const stamp{worker::PulseId(7), 1};
  ASSERT_TRUE(stage.beat(stamp).has_value());
  for (std::uint64_t tick : {5u, 6u}) {
    auto const stored = stage.store({at(tick)}, stamp);
    ASSERT_TRUE(stored.has_value()) << stored.error().message;
  }
  auto const found = stage.target_shard(in_system("orders"));
  ASSERT_TRUE(found.has_value() && found->position);
  EXPECT_EQ(found->position->from, Tick(6));
}

INSTANTIATE_TEST_SUITE_P(Versions, OfEveryAge, testing::Values("3.3.25", "3.4.11", "3.7.18", "3.12.4"),
                         [](auto const& each) {
                           std::string name = each.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return "V" + name;
                         });

TEST(ApplyingABatch, TruncatesOnlyItsOwnShard) {
  Stage stage;
  stage.create("orders", 2);
  std::vector<std::string> documents;
  for (int number = 0; number < 50; ++number) documents.push_back(R"({"_key":"k)" + std::to_string(number) + R"("})");
  stage.insert("orders", documents);
  auto const other = stage.documents("orders", 1);
  ASSERT_FALSE(stage.documents("orders", 0).empty());
  auto const done = stage.apply(in_system("orders", 0), payload({{codec::ChangeKind::Truncate, "", "", ""}}));
  ASSERT_TRUE(done.has_value()) << done.error().message;
  EXPECT_TRUE(stage.documents("orders", 0).empty());
  EXPECT_EQ(stage.documents("orders", 1), other);
}

TEST(ApplyingABatch, TruncatesACollectionOfOneShardAsAWhole) {
  Stage stage;
  stage.create("orders", 1);
  stage.insert("orders", {R"({"_key":"a"})"});
  auto const done = stage.apply(
      in_system("orders"),
      payload({put("x", R"({"_key":"x"})"), {codec::ChangeKind::Truncate, "", "", ""}, put("b", R"({"_key":"b"})")}));
  ASSERT_TRUE(done.has_value()) << done.error().message;
  auto const left = stage.documents("orders");
  ASSERT_EQ(left.size(), 1u);
  EXPECT_TRUE(left.contains("b"));
}

TEST(ApplyingABatch, ResolvesUniqueValuesThatChangedHands) {
  Stage stage;
  stage.create("people", 1);
  stage.sandbox->with_model([](sim::ClusterModel& model) {
    auto const body = R"({"type":"persistent","fields":["mail"],"unique":true})";
    ASSERT_TRUE(model.create_index("_system", "people", body).has_value());
  });
  stage.insert("people", {R"({"_key":"a","mail":1})", R"({"_key":"b","mail":2})", R"({"_key":"c","mail":3})"});
  // a and b swap; c's value goes to a new document, and c itself will come later in the stream.
  auto const done = stage.apply(in_system("people"),
                                payload({put("a", R"({"_key":"a","mail":2})"), put("b", R"({"_key":"b","mail":1})"),
                                         put("d", R"({"_key":"d","mail":3})")}));
  ASSERT_TRUE(done.has_value()) << done.error().message;
  auto const left = stage.documents("people");
  ASSERT_EQ(left.size(), 3u);
  EXPECT_NE(left.at("a").find(R"("mail":2)"), std::string::npos);
  EXPECT_NE(left.at("b").find(R"("mail":1)"), std::string::npos);
  EXPECT_NE(left.at("d").find(R"("mail":3)"), std::string::npos);
}

codec::Change put_revision(std::string const& key, std::string const& revision, int mail, std::string& text) {
  text = R"({"_key":")" + key + R"(","_rev":")" + revision + R"(","mail":)" + std::to_string(mail) + "}";
  return {codec::ChangeKind::Upsert, key, revision, text};
}

// A log is read again when it is not known how far it was applied. In the meantime a's value went to b.
TEST(ApplyingABatch, OfALogThatIsReadAgainLeavesUniqueValuesToNewerDocuments) {
  Stage stage;
  stage.create("people", 1);
  stage.sandbox->with_model([](sim::ClusterModel& model) {
    auto const body = R"({"type":"persistent","fields":["mail"],"unique":true})";
    ASSERT_TRUE(model.create_index("_system", "people", body).has_value());
  });
  std::vector<std::string> texts(8);
  auto const later =
      payload({put_revision("a", "_h00005----", 9, texts[0]), put_revision("b", "_h00006----", 1, texts[1]),
               put_revision("c", "_h00007----", 2, texts[2])});
  ASSERT_TRUE(stage.apply(in_system("people"), later, {}, true).has_value());
  auto const was = stage.documents("people");
  // c's older change wants what a has by now, so a's wants what b has, and gives way to it; then c's does to a.
  auto const earlier =
      payload({put_revision("a", "_h00001----", 1, texts[3]), put_revision("c", "_h00002----", 9, texts[4]),
               put_revision("d", "_h00003----", 5, texts[5])});
  auto const done = stage.apply(in_system("people"), earlier, {}, true);
  ASSERT_TRUE(done.has_value()) << done.error().message;
  EXPECT_EQ(done->upserted, 1u);
  auto const left = stage.documents("people");
  EXPECT_EQ(left.at("a"), was.at("a"));
  EXPECT_EQ(left.at("b"), was.at("b"));
  EXPECT_EQ(left.at("c"), was.at("c"));
  EXPECT_TRUE(left.contains("d"));
  // A comparison knows what there should be: its documents give way to nobody.
  ASSERT_TRUE(stage.apply(in_system("people"), payload({put_revision("a", "_h00001----", 1, texts[6])})).has_value());
  EXPECT_FALSE(stage.documents("people").contains("b"));
}

TEST(ApplyingABatch, OfUsersReplacesTheUserThatHasAnotherKeyHere) {
  Stage stage;
  auto const before = stage.documents("_users");
  ASSERT_FALSE(before.empty());
  auto const done = stage.apply(in_system("_users"),
                                payload({put("99123", R"({"_key":"99123","_rev":"_gjDBRr6---","user":"root"})")}));
  ASSERT_TRUE(done.has_value()) << done.error().message;
  auto const after = stage.documents("_users");
  EXPECT_EQ(after.size(), before.size());
  EXPECT_TRUE(after.contains("99123"));
}

TEST(ApplyingABatch, OfJobsGoesToTheBackupCollection) {
  Stage stage;
  stage.create("_jobsbackup", 1, R"(,"isSystem":true)");
  auto const jobs = stage.documents("_jobs");
  ASSERT_TRUE(stage.apply(in_system("_jobs"), payload({put("1", R"({"_key":"1"})")})).has_value());
  EXPECT_EQ(stage.documents("_jobs"), jobs);
  EXPECT_EQ(stage.documents("_jobsbackup").size(), 1u);
}

TEST(ApplyingABatch, ToAMissingCollectionAsksForTheStructureAgain) {
  Stage stage;
  auto const done = stage.apply(in_system("nowhere"), payload({put("1", R"({"_key":"1"})")}));
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().fault_class, FaultClass::Refresh);
}

TEST(ApplyingABatch, AfterItsDeadlineSendsNothing) {
  Stage stage;
  stage.create("orders", 1);
  auto const request = stage.next();
  auto const late = stage.clock.now();
  stage.target.perform(
      worker::ApplyBatch{request, in_system("orders"), {payload({put("a", R"({"_key":"a"})")})}, {}, late});
  auto const done = stage.answers.wait<worker::BatchApplied>(request);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().fault_class, FaultClass::Retry);
  EXPECT_TRUE(stage.documents("orders").empty());
}

TEST(RemovingSurplus, LeavesWhatTheCopyBroughtAndOtherShards) {
  Stage stage;
  stage.create("orders", 2);
  std::vector<std::string> documents;
  for (int number = 0; number < 60; ++number) documents.push_back(R"({"_key":"k)" + std::to_string(number) + R"("})");
  stage.insert("orders", documents);
  auto const mine = stage.documents("orders", 0);
  auto const other = stage.documents("orders", 1);
  ASSERT_GT(mine.size(), 2u);
  auto const kept = mine.begin()->first;
  worker::CopyId const copy(5);
  ASSERT_TRUE(
      stage.apply(in_system("orders"), payload({put(kept, R"({"_key":")" + kept + R"("})")}), copy).has_value());
  auto const removed = stage.remove_surplus(in_system("orders"), copy);
  ASSERT_TRUE(removed.has_value()) << removed.error().message;
  EXPECT_EQ(*removed, mine.size() - 1);
  ASSERT_EQ(stage.documents("orders", 0).size(), 1u);
  EXPECT_TRUE(stage.documents("orders", 0).contains(kept));
  EXPECT_EQ(stage.documents("orders", 1), other);
  EXPECT_EQ(stage.remove_surplus(in_system("orders"), copy), 0u)
      << "performed twice it must not take the copy for empty";
  EXPECT_EQ(stage.documents("orders", 0).size(), 1u);
}

TEST(RemovingSurplus, OfACopyThatBroughtNothingEmptiesTheShard) {
  Stage stage;
  stage.create("orders", 1);
  stage.insert("orders", {R"({"_key":"a"})", R"({"_key":"b"})"});
  EXPECT_EQ(stage.remove_surplus(in_system("orders"), worker::CopyId(1)), 2u);
  EXPECT_TRUE(stage.documents("orders").empty());
}

TEST(RemovingSurplus, OfAnAbandonedCopyIsRefused) {
  Stage stage;
  stage.create("orders", 1);
  stage.insert("orders", {R"({"_key":"a"})"});
  stage.target.perform(worker::ForgetCopy{worker::CopyId(1)});
  auto const removed = stage.remove_surplus(in_system("orders"), worker::CopyId(1));
  ASSERT_FALSE(removed.has_value());
  EXPECT_EQ(stage.documents("orders").size(), 1u);
}

TEST(Positions, AreStoredReadAndForgotten) {
  Stage stage;
  worker::Stamp const stamp{worker::PulseId(7), 1};
  ASSERT_EQ(stage.beat(stamp), worker::PulseFound::AsLeft);
  shard::Position const position{
      ShardName("s1"), ServerId("PRMR-1"), "268111977542955", Tick(4711), Tick(4700), ChannelName("b.1"), 12};
  auto const none = stage.target_shard(in_system("orders"));
  ASSERT_TRUE(none.has_value()) << none.error().message;
  EXPECT_EQ(*none, worker::TargetShard{});
  auto const stored = stage.store({{in_system("orders"), position}, {in_system("orders", 1), position}}, stamp);
  ASSERT_TRUE(stored.has_value()) << stored.error().message;
  EXPECT_EQ(stage.target_shard(in_system("orders")).value().position, std::optional(position));
  ASSERT_TRUE(stage.store({{in_system("orders"), std::nullopt}}, stamp).has_value());
  EXPECT_EQ(stage.target_shard(in_system("orders")).value().position, std::optional<shard::Position>());
  EXPECT_EQ(stage.target_shard(in_system("orders", 1)).value().position, std::optional(position));
}

TEST(Positions, CanBeForgottenBeforeAnyWasStored) {
  Stage stage;
  EXPECT_TRUE(stage.store({{in_system("orders"), std::nullopt}}, {}).has_value());
}

TEST(Positions, OfAVersionThatHadNoStampsNoBootCountsAndNoReignsAreRead) {
  auto const shard = in_system("orders");
  auto const kept = parse_position(
      shard, R"({"_key":"k","database":"_system","collection":"orders","shard":0,"sourceShard":"s1","server":"PRMR-1",)"
             R"("instance":"9","from":"5","lastScanned":"4","stream":"b.1"})");
  ASSERT_TRUE(kept.has_value());
  EXPECT_FALSE(kept->stamp.has_value());
  EXPECT_EQ(kept->position.boot, 0u);
  EXPECT_EQ(kept->position.reign, 0u);
  EXPECT_EQ(kept->position.from, Tick(5));
}

TEST(Positions, AreVoidWhereTheirPulseHasNotComeSoFar) {
  Stage stage;
  shard::Position const position{ShardName("s1"), ServerId("PRMR-1"), "9", Tick(5), Tick(5)};
  ASSERT_EQ(stage.beat({worker::PulseId(7), 1}), worker::PulseFound::AsLeft);
  worker::Stamp const ahead{worker::PulseId(7), 2};
  ASSERT_TRUE(stage.store({{in_system("orders"), position}}, ahead).has_value());
  EXPECT_EQ(stage.target_shard(in_system("orders")).value().position, std::nullopt);
  worker::Stamp const of_nobody{worker::PulseId(8), 1};
  ASSERT_TRUE(stage.store({{in_system("orders"), position}}, of_nobody).has_value());
  EXPECT_EQ(stage.target_shard(in_system("orders")).value().position, std::nullopt);
}

TEST(Pulses, AreNotHeldUpForLongByACoordinatorThatHangs) {
  Stage stage;
  std::vector<http::Responder> unanswered;
  std::mutex mutex;
  http::Server::Options options;
  options.address = "127.0.0.1";
  auto const hanging =
      *http::Server::start(stage.io, options, [&](http::Request, http::Peer const&, http::Responder respond) {
        std::lock_guard const lock(mutex);
        unanswered.push_back(std::move(respond));
      });
  auto coordinators = endpoints(stage.sandbox->coordinators());
  coordinators.insert(coordinators.begin(), http::Endpoint{false, "127.0.0.1", hanging->port()});
  Connection connection(stage.io, stage.client, stage.clock, stage.telemetry, {coordinators, {secret}, "test"});
  TargetClusterHttp target(stage.io, stage.client, connection, stage.answers);
  auto const beat = [&] {
    auto const request = stage.next();
    target.perform(worker::Beat{request, {worker::PulseId(7), 1}, stage.clock.wall_now(), {}, stage.soon()});
    return stage.answers.wait<worker::BeatAnswered>(request);
  };
  EXPECT_FALSE(beat().has_value()) << "within the patience of the inbox, and not of the call: a minute";
  EXPECT_EQ(beat(), worker::PulseFound::AsLeft) << "the next Coordinator is asked";
}

TEST(Pulses, CountUpAndTellWhenTheyAreNotAsLeft) {
  Stage stage;
  worker::PulseId const id(0xfedcba9876543210);
  EXPECT_EQ(stage.beat({id, 3}), worker::PulseFound::SetBack) << "it is not there at all";
  EXPECT_EQ(stage.beat({id, 1}), worker::PulseFound::AsLeft);
  EXPECT_EQ(stage.beat({id, 2}), worker::PulseFound::AsLeft);
  EXPECT_EQ(stage.beat({id, 2}), worker::PulseFound::AsLeft) << "said again, as an answer may be lost";
  EXPECT_EQ(stage.beat({id, 4}), worker::PulseFound::SetBack);
  EXPECT_EQ(stage.beat({id, 1}), worker::PulseFound::SetBack);
  EXPECT_EQ(stage.beat({id, 3}), worker::PulseFound::AsLeft) << "what did not fit has changed nothing";
}

TEST(Pulses, OfDeadWorkersAreRemovedWithTheFirstBeatOfAnother) {
  Stage stage;
  auto const now = stage.clock.wall_now();
  ASSERT_EQ(stage.beat({worker::PulseId(1), 1}), worker::PulseFound::AsLeft);
  ASSERT_EQ(stage.beat({worker::PulseId(2), 1}, now + -1h, now), worker::PulseFound::AsLeft);
  EXPECT_EQ(stage.documents(pulses_collection).size(), 2u) << "it has beaten within the hour";
  ASSERT_EQ(stage.beat({worker::PulseId(3), 1}, now + 1h, now), worker::PulseFound::AsLeft);
  EXPECT_EQ(stage.documents(pulses_collection).size(), 1u) << "all are older than an hour from now";
  EXPECT_EQ(stage.beat({worker::PulseId(1), 2}), worker::PulseFound::SetBack) << "a pulse that is gone is not as left";
}

TEST(Pulses, AreKeptFromAWorkerWhoseClockIsAhead) {
  Stage stage;
  ASSERT_EQ(stage.beat({worker::PulseId(1), 1}), worker::PulseFound::AsLeft);
  auto const ahead = stage.clock.wall_now() + 91 * 24h;
  for (std::uint64_t life = 2; life < 5; ++life) {
    ASSERT_EQ(stage.beat({worker::PulseId(life), 1}, ahead + -90 * 24h, ahead), worker::PulseFound::AsLeft);
  }
  EXPECT_EQ(stage.beat({worker::PulseId(1), 2}), worker::PulseFound::AsLeft) << "all of its positions would be void";
}

TEST(Pulses, AreAsOldAsTheirRevisions) {
  auto const pulse = [](std::uint64_t id, std::uint64_t hours, std::string const& revision = "") {
    auto const of_clock = revision::to_text(revision::RevisionId((hours * 3'600'000) << 20U));
    return KeptPulse{{worker::PulseId(id), 1}, WallTime(), revision.empty() ? of_clock : revision};
  };
  std::vector<KeptPulse> const pulses{pulse(1, 500'000), pulse(2, 500'100), pulse(3, 500'101), pulse(4, 0, "what?")};
  EXPECT_EQ(keys_of_old(pulses, 100h), (std::vector<std::string>{pulse_key(worker::PulseId(1))}));
  EXPECT_EQ(keys_of_old(pulses, 101h), std::vector<std::string>{});
  EXPECT_EQ(keys_of_old({}, 1h), std::vector<std::string>{});
}

void make_equal(Stage& source, Stage& target) {
  for (int pass = 0; pass < 4; ++pass) {
    auto const wanted = source.structure();
    auto const existing = target.target_structure();
    ASSERT_TRUE(wanted.has_value() && existing.has_value());
    auto const steps = inventory::plan(*wanted, existing->structure, existing->origins);
    if (steps.empty()) return;
    for (auto const& step : steps) {
      auto const done = target.apply(step);
      ASSERT_TRUE(done.has_value()) << to_string(step) << ": " << done.error().message;
    }
  }
  FAIL() << "the plan never comes to an end";
}

TEST(TheStructure, OfTheSourceIsMadeOnTheTargetAndStaysEqual) {
  Stage source(1);
  Stage target(2);
  source.create("customers", 3, R"(,"replicationFactor":2)");
  source.create("orders", 3, R"(,"distributeShardsLike":"customers")");
  source.create("knows", 1, R"(,"type":3)");
  source.sandbox->with_model([](sim::ClusterModel& model) {
    ASSERT_TRUE(model.create_database("shop", {}));
    ASSERT_TRUE(model.create_collection("shop", R"({"name":"carts","numberOfShards":2})"));
    ASSERT_TRUE(
        model.create_index("shop", "carts", R"({"type":"persistent","fields":["n"],"name":"by_n","sparse":true})"));
  });
  target.create("surplus", 1);
  make_equal(source, target);
  auto const made = target.target_structure();
  ASSERT_TRUE(made.has_value());
  auto const* carts = inventory::find(made->structure, DatabaseName("shop"), CollectionName("carts"));
  ASSERT_NE(carts, nullptr);
  ASSERT_EQ(carts->indexes.size(), 1u);
  EXPECT_EQ(carts->indexes[0].name, "by_n");
  EXPECT_EQ(inventory::find(made->structure, DatabaseName("_system"), CollectionName("surplus")), nullptr);
  EXPECT_TRUE(made->origins.contains({DatabaseName("shop"), CollectionName("carts")}));
  // Dropped and created again under the same name: seen by its origin.
  source.sandbox->with_model([](sim::ClusterModel& model) {
    ASSERT_TRUE(model.drop_collection("_system", "knows", false));
    ASSERT_TRUE(model.create_collection("_system", R"({"name":"knows","type":3})"));
    ASSERT_TRUE(model.drop_database("shop"));
  });
  target.insert("knows", {R"({"_key":"old","_from":"a/1","_to":"a/2"})"});
  make_equal(source, target);
  EXPECT_TRUE(target.documents("knows").empty());
  auto const after = target.target_structure();
  ASSERT_TRUE(after.has_value());
  EXPECT_FALSE(after->structure.databases.contains(DatabaseName("shop")));
}

inventory::Collection orders() {
  inventory::Collection collection;
  collection.id = "4711";
  collection.name = CollectionName("orders");
  collection.immutable_properties = R"({"numberOfShards":2})";
  collection.mutable_properties = "{}";
  return collection;
}

TEST(ASteps, EffectMayBePerformedTwice) {
  Stage stage;
  inventory::Collection collection = orders();
  inventory::Index const index{"90001", "by_n", "persistent", R"({"fields":["n"]})"};
  std::vector<inventory::Step> const steps{
      inventory::CreateDatabase{DatabaseName("shop"), "{}"},
      inventory::CreateCollection{DatabaseName("shop"), collection},
      inventory::ChangeCollection{DatabaseName("shop"), collection.name, R"({"waitForSync":true})"},
      inventory::CreateIndex{DatabaseName("shop"), collection.name, index},
      inventory::RecordOrigin{DatabaseName("shop"), collection.name, "4712"},
      inventory::DropIndex{DatabaseName("shop"), collection.name, "90001"},
      inventory::DropCollection{DatabaseName("shop"), collection.name},
      inventory::DropDatabase{DatabaseName("shop")}};
  for (auto const& step : steps) {
    for (int time = 0; time < 2; ++time) {
      auto const done = stage.apply(step);
      bool const is_taken = time == 1 && std::holds_alternative<inventory::CreateCollection>(step);
      EXPECT_EQ(done.has_value(), !is_taken) << to_string(step);
    }
  }
}

// Simulation seed 5909: the answer to a creation was lost, and the source had another collection of that name by then.
TEST(ACollection, WhoseNameIsTakenIsNotRecordedAsTheCopyOfAnother) {
  Stage stage;
  inventory::Collection collection = orders();
  DatabaseName const system("_system");
  ASSERT_TRUE(stage.apply(inventory::CreateCollection{system, collection}).has_value());
  collection.id = "4712";
  collection.immutable_properties = R"({"numberOfShards":3})";
  EXPECT_FALSE(stage.apply(inventory::CreateCollection{system, collection}).has_value());
  auto const shown = stage.target_structure();
  ASSERT_TRUE(shown.has_value());
  EXPECT_EQ(shown->origins.at({system, collection.name}), "4711");
}

// They would be read with every look at the target, for years.
TEST(ADatabase, ThatIsDroppedLeavesNoOriginsBehind) {
  Stage stage;
  DatabaseName const shop("shop");
  ASSERT_TRUE(stage.apply(inventory::CreateDatabase{shop, "{}"}).has_value());
  ASSERT_TRUE(stage.apply(inventory::CreateCollection{shop, orders()}).has_value());
  ASSERT_TRUE(stage.apply(inventory::CreateCollection{DatabaseName("_system"), orders()}).has_value());
  auto const remembered = [&] {
    std::uint64_t count = 0;
    stage.sandbox->with_model([&](sim::ClusterModel& model) {
      count = model.count(*model.find_collection("_system", "_arangosync_origins"));
    });
    return count;
  };
  EXPECT_EQ(remembered(), 2u);
  ASSERT_TRUE(stage.apply(inventory::DropDatabase{shop}).has_value());
  EXPECT_EQ(remembered(), 1u);
}

}  // namespace
}  // namespace arangosync::cluster
