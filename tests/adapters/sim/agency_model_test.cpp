#include "adapters/sim/agency_model.h"
#include "tests/paths/paths.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <fstream>
#include <sstream>

namespace arangosync::sim {
namespace {

namespace bj = boost::json;

bj::value recorded() {
  std::ifstream file(tests::data_folder() + "/arangodb/agency-exchanges.json");
  std::stringstream text;
  text << file.rdbuf();
  return bj::parse(text.str());
}

bj::value body_of(AgencyModel::Answer const& answer) { return bj::parse(answer.body); }

/// What the recording says of the n-th exchange whose note or body we name.
struct Exchange {
  std::string url;
  std::string request;
  int status = 0;
  bj::value answer;
};
Exchange exchange(std::size_t index) {
  bj::value const all = recorded();
  auto const& entry = all.at("exchanges").as_array().at(index).as_object();
  auto text = [&](char const* name) { return std::string(entry.at(name).as_string().c_str()); };
  return {text("url"), text("request_body"), static_cast<int>(entry.at("status").as_int64()),
          bj::parse(text("body_text"))};
}

TEST(AgencyModel, MergesSeveralPathsOfOneReadAsRecorded) {
  AgencyModel agency;
  agency.put("/a", R"({"e":12,"b":{"c":[1,2,3]}})");
  agency.put("/d", "false");
  Exchange wanted = exchange(0);
  auto answer = agency.read(wanted.request);
  EXPECT_EQ(answer.status, wanted.status);
  EXPECT_EQ(body_of(answer), wanted.answer);
}

TEST(AgencyModel, KeepsParentsOfDeletedNodesAsEmptyObjects) {
  AgencyModel agency;
  agency.put("/x/y", "1");
  EXPECT_EQ(agency.write(R"([[{"/x/y":{"op":"delete"}}]])").status, 200);
  EXPECT_EQ(body_of(agency.read(exchange(1).request)), exchange(1).answer);
  EXPECT_EQ(body_of(AgencyModel().read(exchange(2).request)), exchange(2).answer);
}

TEST(AgencyModel, AppliesAWriteOnceWhileItsPreconditionHolds) {
  AgencyModel agency;
  agency.put("/a", "12");
  auto first = agency.write(exchange(3).request);
  EXPECT_EQ(first.status, 200);
  EXPECT_GT(body_of(first).at("results").at(0).as_int64(), 0);
  auto second = agency.write(exchange(4).request);
  EXPECT_EQ(second.status, exchange(4).status);
  EXPECT_EQ(body_of(second), exchange(4).answer);
  auto mixed = agency.write(exchange(5).request);
  EXPECT_EQ(mixed.status, 412);
  EXPECT_GT(body_of(mixed).at("results").at(0).as_int64(), 0);
  EXPECT_EQ(body_of(mixed).at("results").at(1).as_int64(), 0);
}

TEST(AgencyModel, GrantsAndRenewsALeaseUntilItsTimeToLiveEnds) {
  Instant now;
  AgencyModel agency({true, [&] { return now; }});
  EXPECT_EQ(agency.write(exchange(6).request).status, 200);
  EXPECT_EQ(agency.write(exchange(6).request).status, 412);
  now = now + std::chrono::seconds(20);
  EXPECT_EQ(agency.write(exchange(7).request).status, 200);
  now = now + std::chrono::seconds(29);
  EXPECT_FALSE(agency.at("/arangodb/arangosync/leader").empty());
  now = now + std::chrono::seconds(1);
  EXPECT_EQ(agency.at("/arangodb/arangosync/leader"), "");
  EXPECT_EQ(agency.at("/arangodb/arangosync"), "{}");
}

TEST(AgencyModel, IgnoresTimeToLiveFrom312On) {
  Instant now;
  AgencyModel agency({false, [&] { return now; }});
  EXPECT_EQ(agency.write(exchange(6).request).status, 200);
  now = now + std::chrono::hours(1);
  EXPECT_FALSE(agency.at("/arangodb/arangosync/leader").empty());
}

TEST(AgencyModel, MakesANodePermanentWhenItIsSetWithoutTimeToLive) {
  Instant now;
  AgencyModel agency({true, [&] { return now; }});
  EXPECT_EQ(agency.write(R"([[{"/k":{"op":"set","new":1,"ttl":5}}]])").status, 200);
  EXPECT_EQ(agency.write(R"([[{"/k":{"op":"set","new":2}}]])").status, 200);
  now = now + std::chrono::seconds(60);
  EXPECT_EQ(agency.at("/k"), "2");
}

TEST(AgencyModel, TransactsReadsAndWritesInOrder) {
  AgencyModel agency;
  agency.put("/x", "12");
  auto answer = agency.transact(exchange(8).request);
  EXPECT_EQ(answer.status, 200);
  auto body = body_of(answer);
  EXPECT_EQ(body.at(0), bj::parse(R"({"x":12})"));
  EXPECT_GT(body.at(1).as_int64(), 0);
  EXPECT_EQ(body.at(2), bj::parse(R"({"x":13})"));
}

TEST(AgencyModel, ShowsTheWinnerToTheLoserOfATransact) {
  AgencyModel agency;
  agency.put("/lease", R"({"id":"a"})");
  auto answer = agency.transact(R"([[{"/lease":1},{"/lease":{"old":{"id":"b"}}}]])");
  EXPECT_EQ(answer.status, 412);
  EXPECT_EQ(body_of(answer).at(0), bj::parse(R"({"lease":{"id":"a"}})"));
}

TEST(AgencyModel, RemembersTheOutcomeOfAClientsWrites) {
  AgencyModel agency;
  agency.put("/a", "12");
  auto written = body_of(agency.write(exchange(3).request)).at("results").at(0).as_int64();
  auto known = agency.inquire(exchange(9).request);
  EXPECT_EQ(known.status, 200);
  EXPECT_EQ(body_of(known).at("results").at(0).as_int64(), written);
  auto unknown = agency.inquire(exchange(10).request);
  EXPECT_EQ(unknown.status, exchange(10).status);
  EXPECT_EQ(body_of(unknown), exchange(10).answer);
}

TEST(AgencyModel, TellsWhatChangedToPollers) {
  AgencyModel agency;
  agency.put("/x", "12");
  ASSERT_EQ(agency.transact(exchange(8).request).status, 200);
  auto all = body_of(agency.poll(0));
  EXPECT_EQ(all.at("result").at("readDB"), bj::parse(R"({"x":13})"));
  auto last = agency.commit_index();
  auto log = body_of(agency.poll(last)).at("result");
  EXPECT_EQ(log.at("firstIndex").as_int64(), static_cast<std::int64_t>(last));
  EXPECT_EQ(log.at("log").at(0).at("query"), bj::parse(R"({"/x":{"op":"increment"}})"));
  auto nothing = body_of(agency.poll(last + 1)).at("result");
  EXPECT_TRUE(nothing.at("log").as_array().empty());
  EXPECT_EQ(nothing.as_object().if_contains("firstIndex"), nullptr);
}

TEST(AgencyModel, AnswersWrongRequestsAsRecorded) {
  AgencyModel agency;
  agency.put("/x", "1");
  for (std::size_t index : {16u, 17u, 18u}) {
    Exchange wanted = exchange(index);
    ASSERT_EQ(wanted.url, "/_api/agency/write");
    auto answer = agency.write(wanted.request);
    EXPECT_EQ(answer.status, wanted.status) << wanted.request;
    EXPECT_EQ(body_of(answer), wanted.answer) << wanted.request;
  }
  EXPECT_EQ(agency.at("/x"), "1");
  EXPECT_EQ(agency.read("[7]").status, 418);
  EXPECT_EQ(agency.write("{").status, 400);
}

TEST(AgencyModel, UndoesAllOperationsWhenOneCannotBeCarriedOut) {
  AgencyModel agency;
  agency.put("/a", R"({"b":1})");
  std::string before = agency.at("/");
  auto answer = agency.write(R"([[{"/a/b":2,"/a/c/d":3,"/n":{"op":"increment"},"/a/b/x":1,"/z":{"op":"set"}}]])");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(body_of(answer).at("results").at(0).as_int64(), 0);
  EXPECT_EQ(bj::parse(agency.at("/")), bj::parse(before));
}

TEST(AgencyModel, DoesEveryOperationOnArraysAndNumbers) {
  AgencyModel agency;
  auto apply = [&](std::string const& operation) {
    EXPECT_EQ(agency.write("[[{\"/n\":" + operation + "}]]").status, 200);
    return agency.at("/n");
  };
  EXPECT_EQ(apply(R"({"op":"push","new":2})"), "[2]");
  EXPECT_EQ(apply(R"({"op":"prepend","new":1})"), "[1,2]");
  EXPECT_EQ(apply(R"({"op":"push-queue","new":3,"len":2})"), "[2,3]");
  EXPECT_EQ(apply(R"({"op":"replace","val":2,"new":9})"), "[9,3]");
  EXPECT_EQ(apply(R"({"op":"erase","val":9})"), "[3]");
  EXPECT_EQ(apply(R"({"op":"push","new":4})"), "[3,4]");
  EXPECT_EQ(apply(R"({"op":"erase","pos":0})"), "[4]");
  EXPECT_EQ(apply(R"({"op":"push","new":5})"), "[4,5]");
  EXPECT_EQ(apply(R"({"op":"shift"})"), "[5]");
  EXPECT_EQ(apply(R"({"op":"pop"})"), "[]");
  EXPECT_EQ(apply(R"({"op":"decrement","step":3})"), "-3");
  EXPECT_EQ(apply(R"({"op":"increment"})"), "-2");
}

struct PreconditionCase {
  char const* condition;
  bool holds;
};

TEST(AgencyModel, ComparesPreconditionsAsTheSpecSays) {
  for (PreconditionCase const& each : {PreconditionCase{R"({"/v":{"old":[1,2]}})", true},
                                       {R"({"/v":[1,2]})", true},
                                       {R"({"/v":{"oldNot":[2,1]}})", true},
                                       {R"({"/v":{"isArray":true}})", true},
                                       {R"({"/o":{"isArray":true}})", false},
                                       {R"({"/v":{"in":2}})", true},
                                       {R"({"/absent":{"in":2}})", false},
                                       {R"({"/v":{"notin":3}})", true},
                                       {R"({"/absent":{"notin":3}})", true},
                                       {R"({"/o":{"notin":3}})", false},
                                       {R"({"/absent":{"oldEmpty":true}})", true},
                                       {R"({"/v":{"oldEmpty":true}})", false},
                                       {R"({"/absent":{"old":{}}})", true},
                                       {R"({"/o":{"old":{"y":[{"b":2,"a":1}],"x":1}}})", true},
                                       {R"({"/o":{"old":{"x":1}}})", false},
                                       {R"({"/v":{"intersectionEmpty":[7]}})", true},
                                       {R"({"/v":{"intersectionEmpty":[1]}})", false},
                                       {R"({"/v":{"unknown":1}})", false}}) {
    AgencyModel agency;
    agency.put("/v", "[1,2]");
    agency.put("/o", R"({"x":1,"y":[{"a":1,"b":2}]})");
    auto answer = agency.write(std::string("[[{\"/w\":1},") + each.condition + "]]");
    EXPECT_EQ(answer.status == 200, each.holds) << each.condition;
  }
}

TEST(AgencyModel, HidesDottedNodesUnlessAskedForThem) {
  AgencyModel agency;
  agency.put("/.license", "1");
  agency.put("/a/.hidden", "1");
  EXPECT_EQ(agency.read_paths({"/a"}), R"({"a":{}})");
  EXPECT_EQ(agency.read_paths({"/.license"}), R"({".license":1})");
}

TEST(AgencyModel, TakesTransactionsOfThePort) {
  AgencyModel agency;
  ports::AgencyTransaction transaction;
  transaction.operations = {{"/l", ports::AgencySet{R"({"term":1})"}}, {"/list", ports::AgencyPush{"\"a\""}}};
  transaction.conditions = {{"/l", ports::AgencyOldEmpty{true}}};
  transaction.client_id = "c";
  auto index = agency.write(transaction);
  EXPECT_GT(index, 0u);
  EXPECT_EQ(agency.inquire_one("c"), index);
  EXPECT_EQ(agency.write(transaction), 0u);
  transaction.operations = {{"/l", ports::AgencyDelete{}}, {"/list", ports::AgencyErase{"\"a\""}}};
  transaction.conditions = {{"/l", ports::AgencyOld{R"({"term":1})"}}};
  EXPECT_GT(agency.write(transaction), index);
  EXPECT_EQ(agency.read_paths({"/l", "/list"}), R"({"list":[]})");
}

}  // namespace
}  // namespace arangosync::sim
