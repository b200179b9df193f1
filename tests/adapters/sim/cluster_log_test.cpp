#include "adapters/sim/cluster_log.h"
#include "adapters/sim/cluster_json.h"
#include "tests/adapters/sim/cluster_fixture.h"

#include <gtest/gtest.h>

namespace arangosync::sim {
namespace {

ModelDocumentPtr document(std::string const& key, std::size_t padding = 0) {
  auto made = std::make_shared<ModelDocument>();
  made->key = key;
  made->revision = "_gjDBRr6---";
  made->text = "{\"_key\":\"" + key + "\",\"p\":\"" + std::string(padding, 'x') + "\"}";
  return made;
}

ServerLog::Place const place{"_system", "c10010/s10021", "s10021"};
ServerLog::Place const other{"_system", "c10011/s10022", "s10022"};
bool is_here(std::string const&, std::string const&) { return true; }

struct Line {
  std::string tick;
  std::string type;
};
std::vector<Line> lines_of(TailAnswer const& answer) {
  std::vector<Line> found;
  for (auto line : json::lines(answer.lines)) {
    EXPECT_TRUE(json::is_valid(line)) << line;
    found.push_back({json::text_of(json::find(line, "tick")), std::string(json::find(line, "type"))});
  }
  return found;
}
std::string ticks(TailAnswer const& answer) {
  std::string text;
  for (auto const& line : lines_of(answer)) text += line.tick + ":" + line.type + " ";
  return text;
}

TailRequest from(std::uint64_t tick, std::uint64_t scanned) {
  TailRequest request;
  request.from = tick;
  request.last_scanned = scanned;
  request.shard = "s10021";
  return request;
}

TEST(ServerLog, GivesTicksAsTheDocumentedShardTailHasThem) {
  // fixtures/arangodb/wal-tail-dbserver-shard.json: a run that ends with a removal, single operations, an empty run, a
  // truncate.
  ServerLog log(4704);
  log.append_structure(place, 2003, "");  // the batch that holds the reader's position
  log.append_run(place, 20010112, {{document("b"), false}, {document("c"), false}, {document("a"), true}});
  log.append_single(place, {document("b"), true});
  log.append_run(other, 20010113, {{document("z"), false}});
  log.append_structure(place, 2004, "");
  auto answer = log.tail(from(4705, 4705), is_here);
  EXPECT_EQ(ticks(answer),
            "4706:2200 4706:2300 4708:2300 4711:2302 4711:2201 4713:2302 4714:2200 4715:2201 4716:2004 ");
  EXPECT_EQ(answer.last_included, 4716u);
  EXPECT_EQ(answer.last_scanned, 4716u);
  EXPECT_EQ(answer.last_tick, 4716u);
  EXPECT_TRUE(answer.from_present);
  EXPECT_FALSE(answer.check_more);
}

TEST(ServerLog, AnswersIdlePollsWithTheEndOfTheLog) {
  ServerLog log(4716);
  log.append_structure(place, 2004, "");
  auto idle = log.tail(from(4717, 4717), is_here);
  EXPECT_EQ(idle.lines, "");
  EXPECT_EQ(idle.last_included, 0u);
  EXPECT_EQ(idle.last_scanned, 4717u);
  EXPECT_TRUE(idle.from_present);
  log.append_single(other, {document("z"), false});
  auto filtered = log.tail(from(4717, 4717), is_here);
  EXPECT_EQ(filtered.last_included, 0u);
  EXPECT_EQ(filtered.last_scanned, 4719u);
}

struct SplitRun {
  SplitRun() : log(5000) {
    std::vector<LoggedChange> changes;
    for (int i = 0; i < 4; ++i) changes.push_back({document("k" + std::to_string(i), 5000), false});
    log.append_run(place, 20010200, std::move(changes));
  }
  TailRequest request(std::uint64_t tick, std::uint64_t scanned) const {
    auto wanted = from(tick, scanned);
    wanted.chunk_bytes = 8000;
    return wanted;
  }
  ServerLog log;
};

TEST(ServerLog, SplitsALargeRunWhenTheClientSendsLastScanned) {
  SplitRun split;
  auto first = split.log.tail(split.request(5000, 5000), is_here);
  EXPECT_EQ(ticks(first), "5001:2200 5001:2300 5003:2300 ");
  EXPECT_EQ(first.last_included, 5003u);
  EXPECT_EQ(first.last_scanned, 5001u);
  EXPECT_TRUE(first.check_more);
  auto second = split.log.tail(split.request(first.last_included, first.last_scanned), is_here);
  EXPECT_EQ(ticks(second), "5005:2300 5007:2300 5008:2201 ");
  EXPECT_EQ(second.last_scanned, 5001u);  // the size was reached again: the start of the last batch looked at
  auto third = split.log.tail(split.request(second.last_included, second.last_scanned), is_here);
  EXPECT_EQ(third.lines, "");
  EXPECT_EQ(third.last_scanned, 5008u);
}

TEST(ServerLog, LosesTheRestOfARunForAClientThatForgetsLastScanned) {
  SplitRun split;
  auto wrong = split.log.tail(split.request(5003, 0), is_here);
  EXPECT_EQ(wrong.lines, "");
  EXPECT_EQ(wrong.last_included, 0u);
  EXPECT_EQ(wrong.last_scanned, 5001u);
  EXPECT_TRUE(wrong.from_present);
}

TEST(ServerLog, NeverSplitsARunForAClientWithoutLastScanned) {
  SplitRun split;
  auto whole = split.log.tail(split.request(5000, 0), is_here);
  EXPECT_EQ(lines_of(whole).size(), 6u);
}

TEST(ServerLog, SaysWhenHistoryIsLost) {
  ServerLog log(4000);
  for (int i = 0; i < 10; ++i) log.append_single(place, {document("k"), false});
  log.trim_to(4010);
  auto lost = log.tail(from(4004, 4004), is_here);
  EXPECT_FALSE(lost.from_present);
  EXPECT_FALSE(lost.lines.empty());
  EXPECT_EQ(log.first_tick(), 4011u);
  auto beyond = log.tail(from(20000, 20000), is_here);
  EXPECT_FALSE(beyond.from_present);
  EXPECT_EQ(beyond.last_scanned, 0u);
  EXPECT_EQ(beyond.last_tick, 4020u);
  log.trim_to(4020);
  EXPECT_EQ(log.first_tick(), 0u);
  EXPECT_TRUE(log.tail(from(4020, 4020), is_here).from_present);
}

TEST(ServerLog, LeavesOutDocumentsOfShardsThatAreGoneButNotTheirRuns) {
  ServerLog log(100);
  log.append_single(place, {document("a"), false});
  log.append_run(place, 7, {{document("b"), false}});
  log.append_structure(place, 2001, "");
  auto answer = log.tail(from(100, 100), [](auto const&, auto const&) { return false; });
  EXPECT_EQ(ticks(answer), "103:2200 104:2201 105:2001 ");
}

TEST(ServerLog, KeepsWhatRegisteredReadersNeedWhileTheyLive) {
  WallTime now{std::chrono::seconds(1000)};
  ServerLog log(0);
  for (int i = 0; i < 10; ++i) log.append_single(place, {document("k"), false});
  log.track("_system", {"815", "", ""}, 6, now, std::chrono::seconds(1800));
  log.track("shop", {"816", "", ""}, 12, now, std::chrono::seconds(60));
  log.trim(now);
  EXPECT_EQ(log.first_tick(), 5u);
  EXPECT_TRUE(log.tail(from(6, 6), is_here).from_present);
  log.trim(now + std::chrono::seconds(1801));
  EXPECT_EQ(log.first_tick(), 19u);  // the newest batch always stays
}

TEST(ClusterLog, WritesSingleOperationsOnTheLeaderOnly) {
  TestCluster cluster;
  auto const& collection = cluster.create(R"({"name":"c","replicationFactor":2})");
  auto const& servers = collection.shards.front().servers;
  auto leader_before = cluster.model.last_tick(servers[0]);
  auto follower_before = cluster.model.last_tick(servers[1]);
  cluster.put("c", R"({"_key":"k","v":1})");
  EXPECT_GT(cluster.model.last_tick(servers[0]), leader_before);
  EXPECT_EQ(cluster.model.last_tick(servers[1]), follower_before);
  TailRequest request;
  request.from = leader_before;
  request.last_scanned = leader_before;
  request.global = true;
  auto answer = cluster.model.tail(servers[0], request);
  ASSERT_TRUE(answer.has_value());
  auto line = json::lines(answer->lines).front();
  EXPECT_EQ(json::find(line, "type"), "2300");
  EXPECT_EQ(json::find(line, "tid"), "\"0\"");
  EXPECT_EQ(json::find(line, "db"), "\"_system\"");
  EXPECT_EQ(json::text_of(json::find(line, "cuid")), "c" + collection.id + "/" + collection.shards.front().name);
  EXPECT_EQ(json::find(json::find(line, "data"), "v"), "1");
}

TEST(ClusterLog, WritesOneRunPerShardOfABulkRequest) {
  TestCluster cluster({.db_servers = 1});
  cluster.create(R"({"name":"c","numberOfShards":2})");
  auto const& server = cluster.model.db_servers().front().id;
  auto before = cluster.model.last_tick(server);
  std::vector<std::string> bodies;
  for (int i = 0; i < 20; ++i) bodies.push_back("{\"_key\":\"k" + std::to_string(i) + "\"}");
  cluster.put_many("c", bodies);
  TailRequest request;
  request.from = before;
  request.last_scanned = before;
  auto answer = cluster.model.tail(server, request);
  ASSERT_TRUE(answer.has_value());
  auto lines = lines_of(*answer);
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(), [](auto const& line) { return line.type == "2200"; }), 2);
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(), [](auto const& line) { return line.type == "2300"; }), 20);
}

TEST(ClusterLog, TruncatesByMarkerOrByRemovals) {
  for (bool has_marker : {true, false}) {
    TestCluster cluster({.db_servers = 1, .truncate_marker_from = has_marker ? 1u : 1000u});
    cluster.create(R"({"name":"c"})");
    cluster.put_many("c", {R"({"_key":"a"})", R"({"_key":"b"})"});
    auto const& server = cluster.model.db_servers().front().id;
    auto before = cluster.model.last_tick(server);
    ASSERT_TRUE(cluster.model.truncate("_system", "c").has_value());
    EXPECT_EQ(cluster.model.count(*cluster.model.find_collection("_system", "c")), 0u);
    TailRequest request;
    request.from = before;
    auto lines = lines_of(*cluster.model.tail(server, request));
    EXPECT_EQ(lines.front().type, has_marker ? "2004" : "2200");
    EXPECT_EQ(lines.size(), has_marker ? 1u : 4u);
  }
}

TEST(ClusterLog, RefusesImpossibleRequests) {
  TestCluster cluster;
  auto const& server = cluster.model.db_servers().front().id;
  TailRequest request;
  request.from = 10;
  request.to = 5;
  EXPECT_EQ(cluster.model.tail(server, request).error().message, "invalid from/to values");
  request.to = 50;
  request.shard = "s999";
  EXPECT_EQ(cluster.model.tail(server, request).error().number, 1203);
}

}  // namespace
}  // namespace arangosync::sim
