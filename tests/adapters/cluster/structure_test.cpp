// Analyzers and views from one sandbox to another over real sockets, and what Coordinators notice of system documents.
#include "adapters/cluster/root_user.h"
#include "adapters/x509/authorization.h"
#include "adapters/x509/password_hash.h"
#include "domain/inventory/plan.h"
#include "tests/adapters/cluster/stage.h"

#include <gmock/gmock.h>

namespace arangosync::cluster {
namespace {

using ::testing::HasSubstr;
using Role = sandbox::Sandbox::Role;

/// One endpoint behind which now this cluster stands and now another.
class BehindOneEndpoint : public ::testing::Test {
protected:
  Outcome<inventory::Structure> structure() {
    auto const request = ours.next();
    source.perform(worker::ReadStructure{request});
    return ours.answers.wait<worker::StructureRead>(request);
  }
  void drop(std::string const& name) {
    ours.sandbox->with_model(
        [&](sim::ClusterModel& model) { ASSERT_TRUE(model.drop_collection("_system", name, false).has_value()); });
  }
  static http::Server::Options local() {
    http::Server::Options options;
    options.address = "127.0.0.1";
    return options;
  }

  Stage ours{1};
  Stage other{2};
  std::atomic<Stage*> current{&ours};
  std::atomic<bool> tells_health{true};
  std::unique_ptr<http::Server> front =
      *http::Server::start(ours.io, local(), [this](http::Request request, http::Peer const&, http::Responder respond) {
        if (!tells_health && request.target == "/_admin/cluster/health") return respond({503, {}, "{}"});
        respond(current.load()->sandbox->answer(Role::Coordinator, 0, request));
      });
  Connection connection{
      ours.io, ours.client, ours.clock, ours.telemetry, {{{false, "127.0.0.1", front->port()}}, {secret}, "test"}};
  SourceClusterHttp source{ours.io, ours.client, connection, ours.answers, RouteRule::Auto};
};

TEST_F(BehindOneEndpoint, AnotherClusterIsNotTakenForTheFirst) {
  ours.create("orders");
  auto const before = structure();
  ASSERT_TRUE(before.has_value()) << before.error().message;
  current = &other;
  for (int look = 0; look < 2; ++look) {
    auto const stranger = structure();
    ASSERT_FALSE(stranger.has_value()) << "the target would drop what this one lacks";
    EXPECT_THAT(stranger.error().message, HasSubstr("another cluster"));
    ours.clock.skipped = ours.clock.skipped.load() + 2min;
  }
  current = &ours;
  EXPECT_EQ(structure(), before);
}

TEST_F(BehindOneEndpoint, WhatLacksSomethingWaitsAMinuteIfNobodyTellsWhoseItIs) {
  ours.create("orders");
  ours.create("stock");
  ASSERT_TRUE(structure().has_value());
  tells_health = false;
  ours.create("more");
  auto const grown = structure();
  ASSERT_TRUE(grown.has_value()) << "what is new need not wait: " << grown.error().message;
  drop("orders");
  EXPECT_FALSE(structure().has_value());
  ours.clock.skipped = 59s;
  EXPECT_FALSE(structure().has_value());
  ours.clock.skipped = 61s;
  auto const shrunk = structure();
  ASSERT_TRUE(shrunk.has_value()) << shrunk.error().message;
  EXPECT_EQ(shrunk->databases.at(DatabaseName("_system")).collections.count(CollectionName("orders")), 0u);
  drop("stock");
  EXPECT_FALSE(structure().has_value()) << "it waits anew";
  tells_health = true;
  EXPECT_TRUE(structure().has_value());
}

http::Response ask(Stage& stage, std::string method, std::string target, std::string body = "",
                   std::size_t coordinator = 0) {
  http::Request request{std::move(method), std::move(target), {}, std::move(body)};
  request.headers.push_back({"Authorization", stage.connection.authorization()});
  return stage.sandbox->answer(Role::Coordinator, coordinator, request);
}

sandbox::Options version(std::string text) {
  sandbox::Options options;
  options.version = std::move(text);
  return options;
}

/// Plans and applies until nothing is left to do; how many passes had steps.
int make_equal(Stage& source, Stage& target) {
  for (int pass = 0; pass < 5; ++pass) {
    auto const wanted = source.structure();
    auto const existing = target.target_structure();
    if (!wanted || !existing) throw std::runtime_error("a structure cannot be read");
    auto const steps = inventory::plan(*wanted, existing->structure, existing->origins, existing->limits);
    if (steps.empty()) return pass;
    for (auto const& step : steps) {
      auto const done = target.apply(step);
      EXPECT_TRUE(done.has_value()) << to_string(step) << ": " << done.error().message;
    }
  }
  ADD_FAILURE() << "the plan never comes to an end";
  return 5;
}

/// The answer without what differs between clusters.
boost::json::value without_ids(http::Response const& response) {
  auto value = boost::json::parse(response.body);
  for (auto const* name : {"id", "globallyUniqueId", "code", "error"}) value.as_object().erase(name);
  return value;
}

void expect_same_view(Stage& source, Stage& target, std::string const& name) {
  auto const path = "/_db/shop/_api/view/" + name + "/properties";
  auto const there = ask(source, "GET", path);
  auto const here = ask(target, "GET", path);
  ASSERT_EQ(here.status, 200) << name;
  EXPECT_EQ(without_ids(here), without_ids(there));
}

struct Shops {
  Stage source{1, version("3.11.8")};
  Stage target{2, version("3.11.8")};

  Shops() {
    on_source("POST", "/_api/database", R"({"name":"shop"})");
    on_source("POST", "/_db/shop/_api/collection", R"({"name":"things","numberOfShards":2})");
    on_source("POST", "/_db/shop/_api/collection", R"({"name":"others"})");
    on_source(
        "POST", "/_db/shop/_api/analyzer",
        R"({"name":"mine","type":"text","properties":{"locale":"en","case":"upper"},"features":["norm","frequency"]})");
    on_source("POST", "/_db/shop/_api/index?collection=things",
              R"({"type":"inverted","name":"inv","fields":[{"name":"text"}],"analyzer":"mine"})");
    on_source("POST", "/_db/shop/_api/view",
              R"({"name":"found","type":"arangosearch","links":{"things":{"includeAllFields":true,"fields":{"text":)"
              R"({"analyzers":["mine"]}}}},"primarySort":[{"field":"n","asc":true}]})");
    on_source("POST", "/_db/shop/_api/view",
              R"({"name":"all","type":"search-alias","indexes":[{"collection":"things","index":"inv"}]})");
  }
  void on_source(std::string method, std::string target_path, std::string body = "") {
    auto const answer = ask(source, std::move(method), target_path, std::move(body));
    if (answer.status >= 300) throw std::runtime_error(target_path + ": " + answer.body);
  }
};

TEST(AnalyzersAndViews, AreMadeOnceAndThenNothingIsLeftToDo) {
  Shops shops;
  EXPECT_EQ(make_equal(shops.source, shops.target), 1) << "one pass makes everything";
  expect_same_view(shops.source, shops.target, "found");
  expect_same_view(shops.source, shops.target, "all");
  auto const analyzer = ask(shops.target, "GET", "/_db/shop/_api/analyzer/mine");
  ASSERT_EQ(analyzer.status, 200);
  EXPECT_THAT(analyzer.body, HasSubstr("shop::mine"));
  EXPECT_THAT(analyzer.body, HasSubstr("\"upper\""));
}

TEST(AnalyzersAndViews, FollowChangesInPlaceAndOthersAnew) {
  Shops shops;
  make_equal(shops.source, shops.target);
  auto const before = boost::json::parse(ask(shops.target, "GET", "/_db/shop/_api/view/found").body).at("id");
  shops.on_source("PATCH", "/_db/shop/_api/view/found/properties",
                  R"({"commitIntervalMsec":5000,"links":{"things":null,"others":{"fields":{"a":{}}}}})");
  shops.on_source("DELETE", "/_db/shop/_api/view/all");
  shops.on_source("POST", "/_db/shop/_api/view", R"({"name":"all","type":"arangosearch"})");
  make_equal(shops.source, shops.target);
  expect_same_view(shops.source, shops.target, "found");
  expect_same_view(shops.source, shops.target, "all");
  EXPECT_EQ(boost::json::parse(ask(shops.target, "GET", "/_db/shop/_api/view/found").body).at("id"), before)
      << "it was changed, not made again";
}

TEST(AnalyzersAndViews, GetTheirLinksBackAfterTheirCollectionWasReplaced) {
  Shops shops;
  make_equal(shops.source, shops.target);
  shops.on_source("DELETE", "/_db/shop/_api/collection/things");
  shops.on_source("POST", "/_db/shop/_api/collection", R"({"name":"things"})");
  shops.on_source("PATCH", "/_db/shop/_api/view/found/properties", R"({"links":{"things":{}}})");
  make_equal(shops.source, shops.target);
  expect_same_view(shops.source, shops.target, "found");
  expect_same_view(shops.source, shops.target, "all");
}

TEST(AnalyzersAndViews, ReplaceAnAnalyzerOfAnotherDefinitionAlthoughItIsUsed) {
  Shops shops;
  make_equal(shops.source, shops.target);
  shops.on_source("DELETE", "/_db/shop/_api/analyzer/mine?force=true");
  shops.on_source("POST", "/_db/shop/_api/analyzer", R"({"name":"mine","type":"identity"})");
  shops.source.clock.skipped = std::chrono::seconds(10);  // nothing else tells of it
  make_equal(shops.source, shops.target);
  EXPECT_THAT(ask(shops.target, "GET", "/_db/shop/_api/analyzer/mine").body, HasSubstr("\"identity\""));
}

TEST(AnalyzersAndViews, DisappearWithTheirOriginals) {
  Shops shops;
  make_equal(shops.source, shops.target);
  shops.on_source("DELETE", "/_db/shop/_api/view/found");
  shops.on_source("DELETE", "/_db/shop/_api/view/all");
  shops.on_source("DELETE", "/_db/shop/_api/collection/things");
  shops.on_source("DELETE", "/_db/shop/_api/analyzer/mine");
  make_equal(shops.source, shops.target);
  EXPECT_EQ(ask(shops.target, "GET", "/_db/shop/_api/view/found").status, 404);
  EXPECT_EQ(ask(shops.target, "GET", "/_db/shop/_api/analyzer/mine").status, 404);
}

TEST(AnalyzersAndViews, AreNotMissedOnServersThatHaveNone) {
  Stage source(1, version("3.3.25"));
  Stage target(2, version("3.3.25"));
  source.create("things", 2);
  make_equal(source, target);
  auto const structure = source.structure();
  ASSERT_TRUE(structure.has_value());
  EXPECT_FALSE(structure->databases.at(DatabaseName("_system")).analyzers.has_value());
}

TEST(AnAnalyzer, ThatNoServerTakesIsRefusedWithARemedy) {
  Stage stage(1, version("3.11.8"));
  inventory::CreateAnalyzer const step{DatabaseName("_system"), inventory::AnalyzerName("mine"), {"", "{}"}};
  auto const refused = stage.apply(step);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("create analyzer _system::mine: bad parameter (10)"));
  EXPECT_THAT(refused.error().message, HasSubstr("does the target have the source's version"));
}

TEST(CopiesOfAShard, AreNoMoreThanTheTargetHasServers) {
  sandbox::Options large;
  large.db_servers = 3;
  Stage source(1, large);
  Stage target(2);
  source.create("things", 2, R"(,"replicationFactor":3,"writeConcern":3)");
  EXPECT_EQ(make_equal(source, target), 1);
  auto const read = target.target_structure();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->limits.most, 2u);
  auto const unlike =
      inventory::unlike_source(source.structure().value(), read->structure, read->origins, read->limits);
  ASSERT_EQ(unlike.size(), 1u);
  EXPECT_EQ(unlike.begin()->first, "collection _system/things");
  EXPECT_THAT(unlike.begin()->second, HasSubstr("2 copies of a shard instead of 3"));
}

// ---- what Coordinators notice ----

codec::Change put(std::string_view key, std::string const& document) {
  return {codec::ChangeKind::Upsert, key, "", document};
}

std::string user(std::string const& key, std::string const& name, std::string const& password) {
  return R"({"_key":")" + key + R"(","_rev":"_gjDBOTm--_","user":")" + name +
         R"(","authData":{"active":true,"simple":{"hash":")" + x509::password_hash("5a17", password) +
         R"(","salt":"5a17","method":"sha256"}},"databases":{"*":{"permissions":{"read":true,"write":true}}}})";
}

int login(Stage& stage, std::string const& name, std::string const& password) {
  http::Request request{"POST", "/_open/auth", {}, R"({"username":")" + name + R"(","password":")" + password + "\"}"};
  return stage.sandbox->answer(Role::Coordinator, 0, request).status;
}

TEST(AUserInABatch, CanLogInWhenItCountsAsApplied) {
  Stage stage;
  auto const alice = user("124", "alice", "wonder");
  stage.insert("_users", {user("125", "bob", "builder")});
  EXPECT_EQ(login(stage, "bob", "builder"), 401) << "written directly, and nobody was told";
  auto const done = stage.apply(in_system("_users"), payload({put("124", alice)}));
  ASSERT_TRUE(done.has_value()) << done.error().message;
  EXPECT_EQ(login(stage, "alice", "wonder"), 200);
  auto const gone = stage.apply(in_system("_users"), payload({{codec::ChangeKind::Remove, "124", "", ""}}));
  ASSERT_TRUE(gone.has_value()) << gone.error().message;
  EXPECT_EQ(login(stage, "alice", "wonder"), 401);
}

TEST(AUserInABatch, IsAppliedToServersThatCannotBeTold) {
  Stage stage(1, version("3.5.7"));
  auto const alice = user("124", "alice", "wonder");
  auto const done = stage.apply(in_system("_users"), payload({put("124", alice)}));
  EXPECT_TRUE(done.has_value()) << done.error().message;
}

TEST(AServiceInABatch, IsInstalledAtEveryCoordinator) {
  Stage stage;
  auto const bundle = std::string(R"({"_key":"c0ffee","_attachment":"UEsFBg=="})");
  auto const app = std::string(R"({"_key":"1","mount":"/shop","checksum":"c0ffee"})");
  ASSERT_TRUE(stage.apply(in_system("_apps"), payload({put("1", app)})).has_value());
  EXPECT_EQ(ask(stage, "GET", "/_api/foxx").body, "[]") << "its bundle is still missing";
  ASSERT_TRUE(stage.apply(in_system("_appbundles"), payload({put("c0ffee", bundle)})).has_value());
  for (std::size_t coordinator : {0u, 1u}) {
    EXPECT_THAT(ask(stage, "GET", "/_api/foxx", "", coordinator).body, HasSubstr("/shop")) << coordinator;
  }
}

struct RootStage : Stage {
  TargetClusterHttp keeping{io, client, connection, answers, TargetRules{1, 9, true}};

  Outcome<worker::ApplyReport> apply_keeping(shard::Payload changes) {
    auto const request = next();
    keeping.perform(worker::ApplyBatch{request, in_system("_users"), {std::move(changes)}, {}, soon()});
    return answers.wait<worker::BatchApplied>(request);
  }
  std::string root_key() {
    for (auto const& [key, text] : documents("_users")) {
      if (text.find(R"("user":"root")") != std::string::npos) return key;
    }
    return "";
  }
};

TEST(TheUserRoot, StaysTheTargetsOwnWhenItIsExcluded) {
  RootStage stage;
  auto const own = stage.root_key();
  ASSERT_FALSE(own.empty());
  auto const before = stage.documents("_users").at(own);
  auto const root = user("4711", "root", "from the source");
  auto const alice = user("4712", "alice", "wonder");
  auto const done =
      stage.apply_keeping(payload({put("4711", root), put("4712", alice), {codec::ChangeKind::Remove, own, "", ""}}));
  ASSERT_TRUE(done.has_value()) << done.error().message;
  auto const after = stage.documents("_users");
  EXPECT_EQ(after.at(own), before);
  EXPECT_FALSE(after.contains("4711"));
  EXPECT_TRUE(after.contains("4712"));
  auto const emptied =
      stage.apply_keeping(payload({{codec::ChangeKind::Truncate, "", "", ""}, put("4713", user("4713", "bob", "b"))}));
  ASSERT_TRUE(emptied.has_value()) << emptied.error().message;
  auto const left = stage.documents("_users");
  EXPECT_EQ(left.size(), 2u) << "root and bob";
  EXPECT_EQ(left.at(own), before);
  EXPECT_TRUE(left.contains("4713"));
  ASSERT_TRUE(stage.apply(in_system("_users"), payload({put("4711", root)})).has_value());
  EXPECT_EQ(stage.root_key(), "4711") << "otherwise it is a user like all others";
}

// What the source does not show is dropped on the target.
TEST(ADatabase, ThatACoordinatorDoesNotKnowYetIsNotTakenForDropped) {
  sandbox::Options options;
  options.fault_controls = true;
  Stage stage(1, options);
  DatabaseName const shop("shop");
  ASSERT_TRUE(stage.apply(inventory::CreateDatabase{shop, "{}"}).has_value());
  ASSERT_TRUE(stage.structure()->databases.contains(shop));
  std::string const unknown = R"({"path":"/_db/shop/","errorPercent":100,"status":404,"errorNum":1228})";
  ASSERT_EQ(ask(stage, "PUT", "/_sandbox/faults", unknown).status, 200);
  auto const shown = stage.structure();
  ASSERT_FALSE(shown.has_value());
  EXPECT_EQ(shown.error().fault_class, FaultClass::Retry);
  EXPECT_THAT(shown.error().message, HasSubstr("does not know the database yet"));
}

}  // namespace
}  // namespace arangosync::cluster
