// The plan that makes the target's structure equal to the source's: right steps, right order, and then nothing more to
// do.
#include "domain/inventory/plan.h"

#include "domain/base/overloaded.h"
#include "domain/inventory/properties.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace arangosync::inventory {
namespace {

DatabaseName const shop("shop");

Collection collection(std::string const& name, std::string const& id, std::string const& like = "", int type = 2) {
  Collection made;
  made.id = id;
  made.name = CollectionName(name);
  made.type = type;
  made.is_system = name.starts_with("_");
  made.distribute_shards_like = like;
  made.immutable_properties = R"({"numberOfShards":3,"shardKeys":["_key"]})";
  made.mutable_properties = R"({"replicationFactor":2,"waitForSync":false,"writeConcern":1})";
  made.shards = {{ShardName("s1"), {ServerId("PRMR-1")}}};
  return made;
}

Structure structure(std::vector<Collection> const& collections) {
  Structure made;
  made.databases[DatabaseName("_system")].name = DatabaseName("_system");
  made.databases[shop].name = shop;
  for (auto const& c : collections) made.databases[shop].collections[c.name] = c;
  return made;
}

std::map<ViewName, View>& views_of(Database& database) {
  if (!database.views) database.views.emplace();
  return *database.views;
}

/// Everything that a view is to lead to is there.
bool leads_somewhere(Database const& database, std::map<CollectionName, std::string> const& links,
                     std::set<ViewedIndex> const& entries) {
  bool const has_collections = std::all_of(links.begin(), links.end(),
                                           [&](auto const& link) { return database.collections.contains(link.first); });
  return has_collections && std::all_of(entries.begin(), entries.end(), [&](ViewedIndex const& entry) {
           auto const found = database.collections.find(entry.collection);
           if (found == database.collections.end()) return false;
           auto const& indexes = found->second.indexes;
           return std::any_of(indexes.begin(), indexes.end(), [&](Index const& i) { return i.name == entry.index; });
         });
}

/// What the target's server makes of a step; false if it could not succeed at that point.
struct Performance {
  Structure& target;
  Origins& origins;

  std::map<DatabaseName, Database>& databases() const { return target.databases; }
  auto& collections(DatabaseName const& name) const { return target.databases.at(name).collections; }

  bool operator()(CreateDatabase const& s) const {
    databases()[s.database].name = s.database;
    return true;
  }
  bool operator()(DropDatabase const& s) const { return databases().erase(s.database) == 1; }
  bool operator()(CreateCollection const& s) const {
    if (!databases().contains(s.database) || collections(s.database).contains(s.collection.name)) return false;
    if (views_of(databases().at(s.database)).contains(ViewName(s.collection.name.value()))) return false;
    std::string const& like = s.collection.distribute_shards_like;
    if (!like.empty() && !collections(s.database).contains(CollectionName(like))) return false;
    Collection made = s.collection;
    made.indexes.clear();
    made.id = "t" + made.id;
    collections(s.database)[made.name] = made;
    return true;
  }
  bool operator()(DropCollection const& s) const {
    for (auto const& [name, other] : collections(s.database)) {
      if (other.distribute_shards_like == s.collection.value()) return false;
    }
    for (auto& [name, view] : views_of(databases().at(s.database))) {
      view.links.erase(s.collection);
      std::erase_if(view.indexes, [&](auto const& e) { return e.collection == s.collection; });
    }
    return collections(s.database).erase(s.collection) == 1;
  }
  bool operator()(ChangeCollection const& s) const {
    auto& changed = collections(s.database).at(s.collection);
    auto members = members_of(changed.mutable_properties);
    std::map<std::string, std::string> all(members.begin(), members.end());
    for (auto const& [name, value] : members_of(s.mutable_properties)) all[std::string(name)] = std::string(value);
    std::string text;
    for (auto const& [name, value] : all) text += (text.empty() ? "{\"" : ",\"") + name + "\":" + value;
    changed.mutable_properties = text + "}";
    return true;
  }
  bool operator()(CreateIndex const& s) const {
    if (!collections(s.database).contains(s.collection)) return false;
    collections(s.database).at(s.collection).indexes.push_back(s.index);
    return true;
  }
  bool operator()(DropIndex const& s) const {
    auto& indexes = collections(s.database).at(s.collection).indexes;
    for (Index const& index : indexes) {
      if (index.id != s.index_id) continue;
      for (auto& [name, view] : views_of(databases().at(s.database))) {
        view.indexes.erase({s.collection, index.name});
      }
    }
    return std::erase_if(indexes, [&](Index const& index) { return index.id == s.index_id; }) == 1;
  }
  bool operator()(RecordOrigin const& s) const {
    if (!collections(s.database).contains(s.collection)) return false;
    origins[{s.database, s.collection}] = s.source_id;
    return true;
  }
  bool operator()(CreateAnalyzer const& s) const {
    databases().at(s.database).analyzers.value()[s.name] = s.analyzer;
    return true;
  }
  bool operator()(DropAnalyzer const& s) const { return databases().at(s.database).analyzers->erase(s.name) == 1; }
  bool operator()(CreateView const& s) const {
    auto& database = databases().at(s.database);
    bool const is_free = !database.collections.contains(CollectionName(s.name.value()));
    if (!is_free || !leads_somewhere(database, s.view.links, s.view.indexes)) return false;
    return views_of(database).emplace(s.name, s.view).second;
  }
  bool operator()(ChangeView const& s) const {
    auto& database = databases().at(s.database);
    if (!leads_somewhere(database, s.change.links, s.change.added)) return false;
    View& view = views_of(database).at(s.name);
    if (!s.change.properties.empty()) view.mutable_properties = s.change.properties;
    for (auto const& [to, link] : s.change.links) view.links[to] = link;
    for (auto const& to : s.change.unlinked) view.links.erase(to);
    for (auto const& entry : s.change.removed) view.indexes.erase(entry);
    view.indexes.insert(s.change.added.begin(), s.change.added.end());
    return true;
  }
  bool operator()(DropView const& s) const { return views_of(databases().at(s.database)).erase(s.name) == 1; }
};

bool perform(Structure& target, Origins& origins, Step const& step) {
  return std::visit(Performance{target, origins}, step);
}

std::vector<std::string> texts(std::vector<Step> const& steps) {
  std::vector<std::string> texts;
  for (Step const& step : steps) texts.push_back(to_string(step));
  return texts;
}
using Texts = std::vector<std::string>;

TEST(Plan, OfEqualStructuresIsEmptyOnceTheOriginIsKnown) {
  auto const source = structure({collection("c", "7")});
  auto target = structure({collection("c", "99")});
  EXPECT_EQ(texts(plan(source, target, {})), Texts{"record origin of shop/c"});
  EXPECT_TRUE(plan(source, target, {{{shop, CollectionName("c")}, "7"}}).empty());
}

TEST(Plan, CreatesPrototypesBeforeFollowersAndDocumentsBeforeEdges) {
  auto const source = structure({collection("a_edges", "1", "z_root", 3), collection("b_edges", "2", "", 3),
                                 collection("c_docs", "3", "z_root"), collection("z_root", "4")});
  EXPECT_EQ(texts(plan(source, structure({}), {})),
            (Texts{"create collection shop/z_root", "record origin of shop/z_root", "create collection shop/b_edges",
                   "record origin of shop/b_edges", "create collection shop/c_docs", "record origin of shop/c_docs",
                   "create collection shop/a_edges", "record origin of shop/a_edges"}));
}

TEST(Plan, DropsFollowersBeforeTheirPrototype) {
  auto const target = structure({collection("a_root", "1"), collection("b", "2", "a_root")});
  EXPECT_EQ(texts(plan(structure({}), target, {})), (Texts{"drop collection shop/b", "drop collection shop/a_root"}));
}

TEST(Plan, AnotherSourceIdUnderTheSameNameMeansDropAndCreate) {
  auto const source = structure({collection("c", "8")});
  auto const target = structure({collection("c", "99")});
  EXPECT_EQ(texts(plan(source, target, {{{shop, CollectionName("c")}, "7"}})),
            (Texts{"drop collection shop/c", "create collection shop/c", "record origin of shop/c"}));
}

TEST(Plan, ACollectionOfAnotherShapeIsReplacedTogetherWithItsFollowers) {
  auto const source = structure({collection("root", "1"), collection("follower", "2", "root")});
  auto other = collection("root", "98");
  other.immutable_properties = R"({"numberOfShards":5,"shardKeys":["_key"]})";
  auto const target = structure({other, collection("follower", "99", "root")});
  auto const steps = texts(plan(source, target, {{{shop, CollectionName("follower")}, "2"}}));
  ASSERT_EQ(steps.size(), 6u);
  EXPECT_EQ(steps[0], "drop collection shop/follower");
  EXPECT_EQ(steps[1], "drop collection shop/root");
}

// Simulation seed 10175: a backup of the target was brought back while the record of the origin was on its way.
TEST(Plan, ACopyWithAnotherNumberOfShardsThanItsOriginIsNone) {
  auto wanted = collection("c", "7");
  wanted.shards = {{ShardName("s1"), {}}};
  auto existing = collection("c", "99");
  existing.shards = {{ShardName("s8"), {}}, {ShardName("s9"), {}}};
  Origins const origins{{{shop, CollectionName("c")}, "7"}};
  auto const steps = texts(plan(structure({wanted}), structure({existing}), origins));
  EXPECT_EQ(steps, (Texts{"drop collection shop/c", "create collection shop/c", "record origin of shop/c"}));
  existing.is_ready = false;
  EXPECT_TRUE(plan(structure({wanted}), structure({existing}), origins).empty()) << "not all of it may be seen";
}

TEST(Plan, ACopyOfAnotherTypeThanItsOriginIsNone) {
  auto wanted = collection("c", "7");
  wanted.shards = {{ShardName("s1"), {}}};
  auto existing = collection("c", "99");
  existing.shards = {{ShardName("s8"), {}}};
  existing.type = 3;
  existing.distribute_shards_like = wanted.distribute_shards_like = "other";
  Origins const origins{{{shop, CollectionName("c")}, "7"}};
  auto const steps = texts(plan(structure({wanted}), structure({existing}), origins));
  EXPECT_EQ(steps, (Texts{"drop collection shop/c", "create collection shop/c", "record origin of shop/c"}));
}

TEST(Plan, DatabasesComeAndGoButNeverSystem) {
  Structure source = structure({});
  source.databases.erase(DatabaseName("_system"));
  Structure target = structure({});
  target.databases.erase(shop);
  target.databases[DatabaseName("old")].name = DatabaseName("old");
  EXPECT_EQ(texts(plan(source, target, {})), (Texts{"drop database old", "create database shop"}));
}

TEST(Plan, LeavesServerMadeCollectionsAloneAndKeepsJobsUnderAnotherName) {
  auto const source =
      structure({collection("_users", "1"), collection("_graphs", "2"), collection("_jobs", "3", "_graphs"),
                 collection("_statistics", "4"), collection("_frontend", "5")});
  auto const target =
      structure({collection("_apps", "6"), collection("_arangosync_positions", "7"), collection("_mine", "8")});
  EXPECT_EQ(texts(plan(source, target, {})),
            (Texts{"create collection shop/_jobsbackup", "record origin of shop/_jobsbackup"}));
}

TEST(Plan, ComparesOnlyPropertiesThatBothSidesReport) {
  auto wanted = collection("c", "7");
  wanted.mutable_properties =
      R"({"cacheEnabled":true,"replicationFactor":2,"schema":{"rule":{"a":1}},"waitForSync":true})";
  auto existing = collection("c", "99");
  existing.mutable_properties =
      R"({"computedValues":null,"replicationFactor":2,"schema":{"rule":{"a":1}},"waitForSync":false})";
  auto const steps = plan(structure({wanted}), structure({existing}), {{{shop, CollectionName("c")}, "7"}});
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(std::get<ChangeCollection>(steps[0]).mutable_properties, R"({"waitForSync":true})");
}

TEST(Plan, DoesNotTouchTheReplicationOfFollowersAndSatellites) {
  auto wanted = collection("f", "7", "root");
  auto existing = collection("f", "99", "root");
  existing.mutable_properties = R"({"replicationFactor":1,"waitForSync":false,"writeConcern":2})";
  auto satellite = collection("s", "8");
  satellite.mutable_properties = R"({"replicationFactor":"satellite","writeConcern":1})";
  auto existing_satellite = collection("s", "98");
  existing_satellite.mutable_properties = R"({"replicationFactor":3,"writeConcern":3})";
  Origins const origins{
      {{shop, CollectionName("f")}, "7"}, {{shop, CollectionName("s")}, "8"}, {{shop, CollectionName("root")}, "1"}};
  auto const source = structure({wanted, satellite, collection("root", "1")});
  EXPECT_TRUE(plan(source, structure({existing, existing_satellite, collection("root", "97")}), origins).empty());
}

Index index(std::string const& id, std::string const& definition, std::string const& type = "persistent") {
  return Index{id, "idx_" + id, type, definition};
}

TEST(Plan, TakesIndexesOfOtherNamesAndIdsForTheSameIfTheirDefinitionsAgree) {
  auto wanted = collection("c", "7");
  wanted.indexes = {index("10", R"({"fields":["a"],"sparse":false,"unique":false})")};
  auto existing = collection("c", "99");
  existing.indexes = {index("20", R"({"estimates":true,"fields":["a"],"sparse":false,"unique":false})")};
  EXPECT_TRUE(plan(structure({wanted}), structure({existing}), {{{shop, CollectionName("c")}, "7"}}).empty());
}

TEST(Plan, ReplacesAnIndexWhoseOtherMembersDiffer) {
  auto wanted = collection("c", "7");
  wanted.indexes = {index("10", R"({"fields":["a"],"storedValues":["b"],"unique":false})")};
  auto existing = collection("c", "99");
  existing.indexes = {index("20", R"({"fields":["a"],"storedValues":["x"],"unique":false})")};
  EXPECT_EQ(texts(plan(structure({wanted}), structure({existing}), {{{shop, CollectionName("c")}, "7"}})),
            (Texts{"drop index shop/c/20", "create index shop/c/idx_10"}));
}

TEST(Plan, TellsTypesOfIndexesApart) {
  auto wanted = collection("c", "7");
  wanted.indexes = {index("10", R"({"fields":["a"]})", "hash")};
  auto existing = collection("c", "99");
  existing.indexes = {index("20", R"({"fields":["a"]})", "skiplist")};
  EXPECT_EQ(plan(structure({wanted}), structure({existing}), {{{shop, CollectionName("c")}, "7"}}).size(), 2u);
}

// ---- analyzers and views ----

View search(std::map<std::string, std::string> const& links) {
  View view{"arangosearch", R"({"primarySort":[]})", R"({"commitIntervalMsec":1000})", {}, {}};
  for (auto const& [collection, link] : links) view.links.emplace(CollectionName(collection), link);
  return view;
}

View alias(std::set<ViewedIndex> indexes) { return View{"search-alias", "{}", "{}", {}, std::move(indexes)}; }

Structure with_views(Structure made, std::map<std::string, View> const& views) {
  auto& list = made.databases.at(shop).views.emplace();
  for (auto const& [name, view] : views) list.emplace(ViewName(name), view);
  return made;
}

Structure with_analyzers(Structure made, std::map<std::string, std::string> const& analyzers) {
  auto& list = made.databases.at(shop).analyzers.emplace();
  for (auto const& [name, definition] : analyzers) list.emplace(AnalyzerName(name), Analyzer{"text", definition});
  return made;
}

Collection with_inverted(std::string const& name, std::string const& id, std::string const& index_id) {
  auto made = collection(name, id);
  made.indexes = {Index{index_id, "inv", "inverted", R"({"analyzer":"mine","fields":[{"name":"a"}]})"}};
  return made;
}

Origins const c_is_7{{{shop, CollectionName("c")}, "7"}};

TEST(Plan, MakesAnalyzersFirstThenIndexesThenViewsAndThoseOfIndexesLast) {
  auto source = with_views(structure({with_inverted("c", "7", "10")}),
                           {{"a_alias", alias({{CollectionName("c"), "inv"}})}, {"b_search", search({{"c", "{}"}})}});
  source = with_analyzers(source, {{"mine", R"({"features":[]})"}});
  EXPECT_EQ(texts(plan(source, with_analyzers(with_views(structure({}), {}), {}), {})),
            (Texts{"create analyzer shop::mine", "create collection shop/c", "record origin of shop/c",
                   "create index shop/c/inv", "create view shop/b_search", "create view shop/a_alias"}));
}

TEST(Plan, DropsViewsBeforeWhatTheyLeadTo) {
  auto const target =
      with_views(structure({with_inverted("c", "99", "10")}),
                 {{"a_search", search({{"c", "{}"}})}, {"b_alias", alias({{CollectionName("c"), "inv"}})}});
  auto const source = with_analyzers(with_views(structure({}), {}), {});
  EXPECT_EQ(texts(plan(source, with_analyzers(target, {{"old", "{}"}}), {})),
            (Texts{"drop view shop/b_alias", "drop view shop/a_search", "drop collection shop/c",
                   "drop analyzer shop::old"}));
}

TEST(Plan, LeavesAnalyzersAndViewsAloneThatTheSourceDoesNotTellOf) {
  auto const target = with_analyzers(with_views(structure({}), {{"v", search({})}}), {{"mine", "{}"}});
  EXPECT_TRUE(plan(structure({}), target, {}).empty());
}

TEST(Plan, ChangesOnlyThoseLinksThatDiffer) {
  auto const collections = {collection("c", "7"), collection("d", "8"), collection("e", "9")};
  auto const source = with_views(
      structure(collections),
      {{"v", search({{"c", R"({"analyzers":["identity"],"fields":{"a":{}}})"}, {"d", R"({"fields":{"x":{}}})"}})}});
  auto const target =
      with_views(structure(collections),
                 {{"v", search({{"c", R"({"fields":{"a":{}},"storeValues":"none"})"}, {"d", "{}"}, {"e", "{}"}})}});
  Origins const origins{
      {{shop, CollectionName("c")}, "7"}, {{shop, CollectionName("d")}, "8"}, {{shop, CollectionName("e")}, "9"}};
  auto const steps = plan(source, target, origins);
  ASSERT_EQ(texts(steps), Texts{"change view shop/v"});
  auto const& change = std::get<ChangeView>(steps[0]).change;
  EXPECT_EQ(change.links.size(), 1u) << "the link to c differs by a default only";
  EXPECT_EQ(change.links.count(CollectionName("d")), 1u) << "a field is no default";
  EXPECT_EQ(change.unlinked, std::set{CollectionName("e")});
  EXPECT_EQ(change.properties, "");
}

TEST(Plan, ReplacesAViewThatCannotBecomeTheWantedOne) {
  auto other = search({});
  other.immutable_properties = R"({"primarySort":[{"asc":true,"field":"a"}]})";
  auto const source = with_views(structure({}), {{"s", search({})}, {"t", alias({})}});
  auto const target = with_views(structure({}), {{"s", other}, {"t", search({})}});
  EXPECT_EQ(texts(plan(source, target, {})),
            (Texts{"drop view shop/s", "drop view shop/t", "create view shop/s", "create view shop/t"}));
}

TEST(Plan, GivesAViewItsLinksBackThatGoWithADroppedCollection) {
  auto const view = search({{"c", "{}"}});
  auto const source = with_views(structure({collection("c", "8")}), {{"v", view}});
  auto const target = with_views(structure({collection("c", "99")}), {{"v", view}});
  EXPECT_EQ(texts(plan(source, target, c_is_7)), (Texts{"drop collection shop/c", "create collection shop/c",
                                                        "record origin of shop/c", "change view shop/v"}));
}

TEST(Plan, KeepsTheNameOfAnInvertedIndexBecauseViewsReferToIt) {
  auto const source = structure({with_inverted("c", "7", "10")});
  auto target = structure({with_inverted("c", "99", "20")});
  EXPECT_TRUE(plan(source, target, c_is_7).empty());
  target.databases.at(shop).collections.at(CollectionName("c")).indexes[0].name = "other";
  EXPECT_EQ(plan(source, target, c_is_7).size(), 2u);
}

TEST(Plan, LeavesItToTheServerWhetherAnAnalyzerIsAnotherOne) {
  auto const source = with_analyzers(structure({}), {{"mine", R"({"properties":{"locale":"en"}})"}});
  auto const target = with_analyzers(structure({}), {{"mine", R"({"properties":{"locale":"en.utf-8"}})"}});
  EXPECT_EQ(texts(plan(source, target, {})), Texts{"create analyzer shop::mine"}) << "and no drop before it";
}

TEST(Plan, KeepsAsManyCopiesAsTheTargetCanHold) {
  auto const source = structure({collection("c", "7")});
  auto existing = collection("c", "99");
  existing.mutable_properties = R"({"replicationFactor":1,"waitForSync":false,"writeConcern":1})";
  CopyLimits const one{1, 1};
  EXPECT_TRUE(plan(source, structure({existing}), c_is_7, one).empty());
  auto const made = plan(source, structure({}), {}, one);
  EXPECT_EQ(std::get<CreateCollection>(made.at(0)).collection.mutable_properties,
            R"({"replicationFactor":1,"waitForSync":false,"writeConcern":1})");
  auto const unlike = unlike_source(source, structure({existing}), c_is_7, one);
  EXPECT_EQ(unlike.at("collection shop/c"),
            "keeps 1 copies of a shard instead of 2: the target can hold no more; add DB-Servers or allow more");
  EXPECT_TRUE(unlike_source(source, structure({existing}), c_is_7).empty());
  auto const raised = plan(source, structure({existing}), c_is_7, CopyLimits{3, 5});
  EXPECT_EQ(std::get<ChangeCollection>(raised.at(0)).mutable_properties, R"({"replicationFactor":3})");
}

TEST(Shards, AreTheSameIfEveryKeyFallsIntoTheSameOne) {
  auto mine = collection("c", "7");
  mine.shards = {{ShardName("s1"), {}}, {ShardName("s2"), {}}};
  auto other = mine;
  other.shards = {{ShardName("s8"), {}}, {ShardName("s9"), {}}};
  EXPECT_TRUE(have_same_shards(mine, other));
  other.immutable_properties = R"({"numberOfShards":2,"shardKeys":["country"]})";
  EXPECT_FALSE(have_same_shards(mine, other));
  EXPECT_EQ(unlike_source(structure({mine}), structure({other}), c_is_7).count("collection shop/c"), 1u);
  other.shards.pop_back();
  mine.shards.pop_back();
  EXPECT_TRUE(have_same_shards(mine, other)) << "one shard takes every key";
}

TEST(Databases, ThatCannotBeSynchronizedAreNamedAndLeftAsTheyAre) {
  auto source = structure({collection("c", "7")});
  auto target = structure({});
  target.databases.at(shop).unfit = "has replication version 2";
  EXPECT_TRUE(plan(source, target, {}).empty());
  EXPECT_EQ(unlike_source(source, target, {}).at("database shop"), "here has replication version 2");
  source.databases.at(shop) = Database{shop, "1", "{}", "has replication version 2", {}, {}, {}};
  EXPECT_TRUE(plan(source, structure({collection("c", "7")}), {}).empty()) << "what is there may be needed";
  auto without = structure({});
  without.databases.erase(shop);
  EXPECT_TRUE(plan(source, without, {}).empty());
  EXPECT_EQ(unlike_source(source, without, {}).at("database shop"), "has replication version 2");
}

TEST(DependsOn, FollowsWhatViewsLeadTo) {
  Step const analyzer = CreateAnalyzer{shop, AnalyzerName("mine"), {}};
  Step const made = CreateCollection{shop, collection("c", "7")};
  Step const index = CreateIndex{shop, CollectionName("c"), with_inverted("c", "7", "10").indexes[0]};
  Step const view = CreateView{shop, ViewName("v"), search({{"c", R"({"analyzers":["::mine"]})"}})};
  Step const of_index = CreateView{shop, ViewName("w"), alias({{CollectionName("c"), "inv"}})};
  Step const plain = CreateView{shop, ViewName("u"), search({{"d", R"({"analyzers":["identity"]})"}})};
  EXPECT_TRUE(depends_on(index, analyzer));
  EXPECT_TRUE(depends_on(view, analyzer));
  EXPECT_TRUE(depends_on(view, made));
  EXPECT_TRUE(depends_on(of_index, made));
  EXPECT_TRUE(depends_on(of_index, index));
  EXPECT_TRUE(depends_on(made, Step{DropView{shop, ViewName("c")}})) << "they share their names";
  EXPECT_FALSE(depends_on(plain, analyzer));
  EXPECT_FALSE(depends_on(plain, made));
  EXPECT_FALSE(depends_on(view, index));
}

TEST(Properties, MentionTextsAsWholeStringsOnly) {
  EXPECT_TRUE(mentions(R"({"a":["mine"]})", "mine"));
  EXPECT_TRUE(mentions(R"({"a":["shop::mine"]})", "mine"));
  EXPECT_FALSE(mentions(R"({"a":["mine too"],"b":"x\"mine"})", "mine"));
  EXPECT_FALSE(mentions(R"({"a":")", "mine"));
}

TEST(Properties, AreSplitWithoutBeingUnderstood) {
  auto const members = members_of(R"({"a":{"x":[1,{"}":2}]},"b":"q\"},{","c":null})");
  EXPECT_EQ(members.size(), 3u);
  EXPECT_EQ(members.at("a"), R"({"x":[1,{"}":2}]})");
  EXPECT_EQ(members.at("b"), R"("q\"},{")");
  EXPECT_EQ(members.at("c"), "null");
  EXPECT_TRUE(members_of("").empty());
  EXPECT_TRUE(members_of("[1]").empty());
}

TEST(DependsOn, FollowsDatabasesCollectionsAndPrototypes) {
  Step const database = CreateDatabase{shop, "{}"};
  Step const root = CreateCollection{shop, collection("root", "1")};
  Step const follower = CreateCollection{shop, collection("f", "2", "root")};
  Step const other = CreateCollection{shop, collection("other", "3")};
  Step const origin = RecordOrigin{shop, CollectionName("root"), "1"};
  EXPECT_TRUE(depends_on(root, database));
  EXPECT_TRUE(depends_on(follower, root));
  EXPECT_TRUE(depends_on(origin, root));
  EXPECT_FALSE(depends_on(other, root));
  EXPECT_FALSE(depends_on(root, origin));
  Step const unique = CreateIndex{shop, CollectionName("root"), index("10", R"({"fields":["x"]})", "persistent")};
  EXPECT_TRUE(depends_on(unique, origin)) << "the source may have made the collection anew meanwhile";
  EXPECT_FALSE(depends_on(unique, RecordOrigin{shop, CollectionName("other"), "3"}));
}

TEST(DependsOn, AnIndexWaitsUntilAnotherOfItsNameIsGone) {
  Index by_x = index("10", R"({"fields":["x"]})", "persistent");
  by_x.name = "by1";
  Step const creation = CreateIndex{shop, CollectionName("c"), by_x};
  EXPECT_TRUE(depends_on(creation, DropIndex{shop, CollectionName("c"), "7", "by1"}));
  EXPECT_FALSE(depends_on(creation, DropIndex{shop, CollectionName("c"), "7", "by2"}));
  EXPECT_FALSE(depends_on(creation, DropIndex{shop, CollectionName("d"), "7", "by1"}));
  by_x.name.clear();
  EXPECT_FALSE(depends_on(CreateIndex{shop, CollectionName("c"), by_x}, DropIndex{shop, CollectionName("c"), "7", ""}));
}

TEST(Undoes, IsMutualBetweenMakingAndRemovingOneThing) {
  Step const made = CreateCollection{shop, collection("c", "1")};
  Step const dropped = DropCollection{shop, CollectionName("c")};
  Step const of_index = CreateIndex{shop, CollectionName("c"), index("10", R"({"fields":["x"]})", "persistent")};
  Step const index_gone = DropIndex{shop, CollectionName("c"), "10"};
  Step const analyzer = CreateAnalyzer{shop, AnalyzerName("mine"), Analyzer{}};
  Step const analyzer_gone = DropAnalyzer{shop, AnalyzerName("mine")};
  for (auto const& [one, other] : {std::pair(made, dropped), {of_index, index_gone}, {analyzer, analyzer_gone}}) {
    EXPECT_TRUE(undoes(one, other)) << to_string(one);
    EXPECT_TRUE(undoes(other, one)) << to_string(other);
    EXPECT_FALSE(undoes(one, one));
  }
  EXPECT_TRUE(undoes(dropped, of_index)) << "it went with the collection";
  EXPECT_TRUE(undoes(of_index, dropped)) << "the collection must be there again";
  EXPECT_TRUE(undoes(made, Step{DropDatabase{shop}}));
  EXPECT_FALSE(undoes(of_index, made));
  EXPECT_FALSE(undoes(made, of_index));
  EXPECT_FALSE(undoes(Step{DropCollection{shop, CollectionName("d")}}, made));
}

Structure draw_structure() {
  std::vector<Collection> collections;
  for (std::string const name : {"a", "b", "c", "_jobs", "_users"}) {
    if (*rc::gen::inRange(0, 3) == 0) continue;
    auto made = collection(name, std::to_string(*rc::gen::inRange(1, 4)));
    if (*rc::gen::inRange(0, 4) == 0) made.immutable_properties = R"({"numberOfShards":5})";
    if (*rc::gen::inRange(0, 4) == 0) made.mutable_properties = R"({"waitForSync":true})";
    for (std::string const field : {"x", "y"}) {
      if (*rc::gen::inRange(0, 2) == 0) continue;
      made.indexes.push_back(index(std::to_string(made.indexes.size() + 10), R"({"fields":[")" + field + R"("]})",
                                   field == "x" ? "persistent" : "inverted"));
    }
    collections.push_back(std::move(made));
  }
  // Followers, but never of a collection that is not there, and never of another follower.
  for (auto& c : collections) {
    bool const has_root =
        std::any_of(collections.begin(), collections.end(), [](auto const& o) { return o.name.value() == "a"; });
    if (has_root && c.name.value() == "c" && *rc::gen::inRange(0, 2) == 0) c.distribute_shards_like = "a";
  }
  Structure made = structure(collections);
  auto& database = made.databases.at(shop);
  database.views.emplace();
  for (std::string const name : {"a", "v", "w"}) {
    // Views share their names with collections.
    bool const is_free = !database.collections.contains(CollectionName(name));
    if (!is_free || *rc::gen::inRange(0, 3) == 0) continue;
    View view = *rc::gen::inRange(0, 2) == 0 ? search({}) : alias({});
    for (auto const& [to, linked] : database.collections) {
      if (linked.is_system || *rc::gen::inRange(0, 2) == 0) continue;
      if (view.type == "arangosearch")
        view.links.emplace(to, *rc::gen::inRange(0, 2) == 0 ? "{}" : R"({"fields":{"x":{}}})");
      for (Index const& index : linked.indexes) {
        if (view.type != "arangosearch" && index.type == "inverted") view.indexes.insert({to, index.name});
      }
    }
    database.views->emplace(ViewName(name), view);
  }
  auto& analyzers = database.analyzers.emplace();
  if (*rc::gen::inRange(0, 2) == 0) analyzers[AnalyzerName("mine")] = Analyzer{"text", R"({"features":[]})"};
  return made;
}

RC_GTEST_PROP(Plan, EveryStepSucceedsInItsPlaceAndThenNothingIsLeftToDo, ()) {
  Structure const source = draw_structure();
  Structure target = draw_structure();
  Origins origins;
  if (*rc::gen::inRange(0, 2) == 0) origins[{shop, CollectionName("a")}] = std::to_string(*rc::gen::inRange(1, 4));
  if (!target.databases.at(shop).collections.contains(CollectionName("a"))) origins.clear();
  for (Step const& step : plan(source, target, origins)) {
    RC_LOG() << to_string(step) << '\n';
    RC_ASSERT(perform(target, origins, step));
  }
  RC_ASSERT(texts(plan(source, target, origins)) == Texts{});
}

}  // namespace
}  // namespace arangosync::inventory
