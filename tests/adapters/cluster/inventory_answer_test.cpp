#include "adapters/cluster/inventory_answer.h"

#include "adapters/cluster/health_answer.h"
#include "adapters/cluster/steps.h"
#include "adapters/cluster/structure_reader.h"
#include "tests/adapters/cluster/fixture.h"

namespace arangosync::cluster {
namespace {

inventory::Database recorded() {
  auto const database = parse_inventory(DatabaseName("_system"), read_data("cluster-inventory.json"));
  EXPECT_TRUE(database.has_value());
  return database.value_or(inventory::Database{});
}

TEST(Inventory, OfTheRecordedClusterHasItsCollections) {
  auto const database = recorded();
  ASSERT_TRUE(database.collections.contains(CollectionName("_users")));
  auto const& users = database.collections.at(CollectionName("_users"));
  EXPECT_EQ(users.id, "10001");
  EXPECT_TRUE(users.is_system);
  EXPECT_TRUE(users.is_ready);
  ASSERT_EQ(users.shards.size(), 1u);
  EXPECT_EQ(users.shards[0].name, ShardName("s10002"));
  EXPECT_EQ(users.shards[0].servers.front(), ServerId("PRMR-205195f2-c952-48a6-b648-966961f5fa07"));
  ASSERT_EQ(users.indexes.size(), 1u);
  EXPECT_EQ(users.indexes[0].type, "hash");
  EXPECT_EQ(users.indexes[0].id, "10025");
  EXPECT_EQ(
      users.indexes[0].definition,
      R"({"cacheEnabled":false,"deduplicate":true,"estimates":false,"fields":["user"],"sparse":true,"unique":true})");
  EXPECT_EQ(database.collections.at(CollectionName("_graphs")).distribute_shards_like, "_users");
}

TEST(Inventory, SplitsPropertiesByWhetherTheyCanChange) {
  auto const database = recorded();
  inventory::Collection const users = database.collections.at(CollectionName("_users"));
  EXPECT_EQ(users.mutable_properties,
            R"({"cacheEnabled":false,"computedValues":null,"replicationFactor":2,"schema":null,"waitForSync":false,)"
            R"("writeConcern":1})");
  EXPECT_EQ(users.immutable_properties,
            R"({"internalValidatorType":0,"isDisjoint":false,"isSmart":false,"keyOptions":{"allowUserKeys":true,)"
            R"("type":"traditional"},"numberOfShards":1,"shardKeys":["_key"],"shardingStrategy":"hash",)"
            R"("syncByRevision":true,"usesRevisionsAsDocumentIds":true})");
}

std::string with(std::string const& parameters) {
  return R"({"collections":[{"parameters":{"id":"7","name":"c","type":2,)" + parameters +
         R"(},"indexes":[],"isReady":false}],"properties":{"id":"1","sharding":"","replicationFactor":2}})";
}

TEST(Inventory, ReadsSchemasThatAreNestedDeeply) {
  std::string schema = "true";
  for (int i = 0; i < 60; ++i) schema = R"({"properties":)" + schema + "}";
  std::string inventory = read_data("cluster-inventory.json");
  std::string const none = R"("schema": null)";
  ASSERT_NE(inventory.find(none), std::string::npos);
  inventory.replace(inventory.find(none), none.size(), R"("schema":)" + schema);
  EXPECT_TRUE(parse_inventory(DatabaseName("_system"), inventory).has_value());
}

TEST(Inventory, OrdersShardsByTheirNumbers) {
  auto const text = with(R"("shards":{"s100021":["A"],"s99999":["B"],"s9":["C"],"s10":[]})");
  auto const database = parse_inventory(DatabaseName("d"), text);
  ASSERT_TRUE(database.has_value());
  std::vector<std::string> names;
  for (auto const& shard : database->collections.at(CollectionName("c")).shards) names.push_back(shard.name.value());
  EXPECT_EQ(names, (Strings{"s9", "s10", "s99999", "s100021"}));
  EXPECT_FALSE(database->collections.at(CollectionName("c")).is_ready);
  EXPECT_EQ(database->options, R"({"replicationFactor":2})");
  EXPECT_EQ(parse_shards(CollectionName("c"), text).size(), 4u);
  EXPECT_TRUE(parse_shards(CollectionName("x"), text).empty());
}

TEST(Inventory, LeavesOutWhatIsGoneOrUnfinished) {
  for (auto const* property : {R"("deleted":true)", R"("isBuilding":true)"}) {
    auto const database = parse_inventory(DatabaseName("d"), with(property));
    ASSERT_TRUE(database.has_value());
    EXPECT_TRUE(database->collections.empty()) << property;
  }
}

TEST(Inventory, TellsOfHiddenPartsAndSaysNothingOfTheCopiesOfAWholeWithoutShards) {
  auto const part = parse_inventory(DatabaseName("d"), with(R"("isSmartChild":true,"shards":{"s1":["A"]})"));
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part->collections.size(), 1u);
  auto const whole = parse_inventory(DatabaseName("d"), with(R"("replicationFactor":0,"isSmart":true,"shards":{})"));
  ASSERT_TRUE(whole.has_value());
  EXPECT_EQ(whole->collections.at(CollectionName("c")).mutable_properties, "{}") << "0 would mean a satellite";
}

TEST(Inventory, KeepsNoCounterOfKeysInTheDefinition) {
  auto const database = parse_inventory(DatabaseName("d"),
                                        with(R"("keyOptions":{"type":"padded","lastValue":17,"allowUserKeys":false})"));
  ASSERT_TRUE(database.has_value());
  EXPECT_EQ(database->collections.at(CollectionName("c")).immutable_properties,
            R"({"keyOptions":{"allowUserKeys":false,"type":"padded"}})");
}

TEST(Inventory, LeavesOutVectorIndexesThatCouldLearnNothing) {
  auto const parsed = parse_inventory(
      DatabaseName("d"),
      R"({"collections":[{"parameters":{"id":"7","name":"c"},"indexes":[{"id":"9","type":"vector","trainingState":)"
      R"("unusable"},{"id":"10","type":"vector","trainingState":"ready"}]}]})");
  ASSERT_TRUE(parsed.has_value());
  auto const& indexes = parsed->collections.at(CollectionName("c")).indexes;
  ASSERT_EQ(indexes.size(), 1u);
  EXPECT_EQ(indexes.at(0).id, "10");
}

TEST(Inventory, NamesWhatViewsLeadToAlsoWhereTheServerGivesIds) {
  auto const database = parse_inventory(
      DatabaseName("d"),
      R"({"collections":[{"parameters":{"id":"7","name":"c"},"indexes":[{"id":"9","name":"inv","type":"inverted"}]}],)"
      R"("views":[{"name":"v","type":"arangosearch","links":{"7":{"fields":{},"analyzerDefinitions":[1]},"d":null},)"
      R"("storedValues":[["a","b"],"c"],"commitIntervalMsec":5,"id":"10"},)"
      R"({"name":"w","type":"search-alias","indexes":[{"collection":"7","index":"9"}]},{"name":"x","deleted":true}]})");
  ASSERT_TRUE(database.has_value() && database->views.has_value());
  ASSERT_EQ(database->views->size(), 2u);
  inventory::View const& v = database->views->at(inventory::ViewName("v"));
  EXPECT_EQ(v.links, (std::map<CollectionName, std::string>{{CollectionName("c"), R"({"fields":{}})"}}));
  EXPECT_EQ(v.mutable_properties, R"({"commitIntervalMsec":5})");
  EXPECT_EQ(v.immutable_properties, R"({"storedValues":[{"compression":"lz4","fields":["a","b"]},)"
                                    R"({"compression":"lz4","fields":["c"]}]})");
  inventory::View const& w = database->views->at(inventory::ViewName("w"));
  EXPECT_EQ(w.indexes, (std::set<inventory::ViewedIndex>{{CollectionName("c"), "inv"}}));
}

TEST(Inventory, WithoutViewsSaysNothingOfThem) {
  auto const database = parse_inventory(DatabaseName("d"), R"({"collections":[]})");
  ASSERT_TRUE(database.has_value());
  EXPECT_FALSE(database->views.has_value());
}

TEST(Analyzers, OfTheDatabaseAreTakenOutOfAllThatAreListed) {
  auto const analyzers = parse_analyzers(
      DatabaseName("shop"), R"({"result":[{"name":"identity","type":"identity","properties":{},"features":["norm"]},)"
                            R"({"name":"_system::other","type":"identity"},{"name":"shop::","type":"identity"},)"
                            R"({"name":"shop::mine","type":"text","properties":{"locale":"en","case":"lower"},)"
                            R"("features":["position","frequency"]}]})");
  ASSERT_TRUE(analyzers.has_value());
  ASSERT_EQ(analyzers->size(), 1u);
  EXPECT_EQ(analyzers->at(inventory::AnalyzerName("mine")).definition,
            R"({"features":["frequency","position"],"properties":{"case":"lower","locale":"en"}})");
  EXPECT_FALSE(parse_analyzers(DatabaseName("shop"), "[]").has_value());
}

TEST(Inventory, ThatIsNoneIsRefused) {
  EXPECT_FALSE(parse_inventory(DatabaseName("d"), "").has_value());
  EXPECT_FALSE(parse_inventory(DatabaseName("d"), "[]").has_value());
  EXPECT_FALSE(parse_inventory(DatabaseName("d"), R"({"collections":{}})").has_value());
}

TEST(Analyzers, AreAskedForAgainAfterAChangeInTheirDatabaseOrAWhile) {
  using namespace std::chrono_literals;
  KnownAnalyzers known;
  inventory::Database database;
  database.name = DatabaseName("d");
  Instant const start{Duration(1h)};
  EXPECT_FALSE(known.find(database, start).has_value());
  known.keep(database, KnownAnalyzers::Analyzers{{{inventory::AnalyzerName("mine"), {}}}}, start);
  auto const found = known.find(database, start + 9s);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ((*found)->size(), 1u);
  EXPECT_FALSE(known.find(database, start + 10s).has_value());
  auto changed = database;
  changed.views.emplace();
  EXPECT_FALSE(known.find(changed, start + 1s).has_value());
  known.keep_only({});
  EXPECT_FALSE(known.find(database, start + 1s).has_value());
}

TEST(Inventory, OfReplicationVersion2SaysThatTheDatabaseIsUnfit) {
  std::string const body = R"({"properties":{"id":"7","name":"d","replicationVersion":"2"},)"
                           R"("collections":[{"parameters":{"id":"8","name":"c"}}]})";
  auto const database = parse_inventory(DatabaseName("d"), body);
  ASSERT_TRUE(database.has_value());
  EXPECT_NE(database->unfit.find("replication version 2"), std::string::npos) << database->unfit;
  EXPECT_TRUE(database->collections.empty());
}

TEST(Health, NamesDbServersAndAgents) {
  auto const file = boost::json::parse(read_data("cluster-health.json"));
  auto text = read_data("cluster-health.json");
  if (file.as_object().contains("exchanges")) text = exchanges("cluster-health.json").front().response.body;
  auto const members = parse_health(text);
  ASSERT_TRUE(members.has_value());
  EXPECT_FALSE(members->db_servers.empty());
  EXPECT_FALSE(members->agents.empty());
  for (auto const& [id, endpoint] : members->db_servers) EXPECT_TRUE(id.value().starts_with("PRMR-")) << id.value();
  EXPECT_FALSE(parse_health("{}").has_value());
}

TEST(StepBodies, OfViewsSetAndRemoveLinksAndEntries) {
  inventory::ViewChange change;
  change.properties = R"({"commitIntervalMsec":5})";
  change.links[CollectionName("c")] = R"({"fields":{}})";
  change.unlinked.insert(CollectionName("d"));
  EXPECT_EQ(boost::json::parse(view_change_body(change)),
            boost::json::parse(R"({"commitIntervalMsec":5,"links":{"c":{"fields":{}},"d":null}})"));
  inventory::ViewChange entries;
  entries.added.insert({CollectionName("c"), "new"});
  entries.removed.insert({CollectionName("c"), "old"});
  EXPECT_EQ(boost::json::parse(view_change_body(entries)),
            boost::json::parse(R"({"indexes":[{"collection":"c","index":"old","operation":"del"},
                                              {"collection":"c","index":"new","operation":"add"}]})"));
}

TEST(StepBodies, CarryTheSourcesDefinition) {
  inventory::Collection collection;
  collection.name = CollectionName("orders");
  collection.type = 3;
  collection.distribute_shards_like = "customers";
  collection.immutable_properties = R"({"numberOfShards":3})";
  collection.mutable_properties = R"({"waitForSync":true})";
  auto const body = boost::json::parse(collection_body(collection));
  EXPECT_EQ(body,
            boost::json::parse(R"({"numberOfShards":3,"waitForSync":true,"name":"orders","type":3,"isSystem":false,
                                         "distributeShardsLike":"customers"})"));
  inventory::Index const index{"10030", "by_price", "persistent", R"({"fields":["price"]})"};
  EXPECT_EQ(boost::json::parse(index_body(index, true, true)),
            boost::json::parse(
                R"({"fields":["price"],"type":"persistent","inBackground":true,"id":"10030","name":"by_price"})"));
  EXPECT_EQ(boost::json::parse(index_body(index, false, false)),
            boost::json::parse(R"({"fields":["price"],"type":"persistent","inBackground":true})"));
  EXPECT_EQ(boost::json::parse(database_body({DatabaseName("shop"), R"({"sharding":"single"})"})),
            boost::json::parse(R"({"name":"shop","options":{"sharding":"single"}})"));
}

}  // namespace
}  // namespace arangosync::cluster
