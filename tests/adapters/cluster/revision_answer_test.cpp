// Answers of the revision calls: what is read, and what is refused.
#include "adapters/cluster/revision_answer.h"
#include "tests/paths/paths.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <string>

namespace arangosync::cluster {
namespace {

using revision::Range;
using revision::RevisionId;

constexpr RevisionId largest{~std::uint64_t{0}};

RevisionId id(std::string_view text) { return revision::from_base64(text).value(); }

Range range(std::string_view first, std::string_view last) { return Range{id(first), id(last)}; }

boost::json::object small_tree() {
  std::ifstream file(tests::data_folder() + "/revision/revision-tree-small.json");
  return boost::json::parse(std::string{std::istreambuf_iterator<char>(file), {}}).as_object();
}

TEST(RevisionAnswer, ReadsTheListOfTheSpecification) {
  auto const body = boost::json::value_to<std::string>(small_tree().at("ranges_exchange").at("body_text"));
  auto const listed = parse_ranges_answer(body, range("_bpq8a-----", "_bpq8a---_9"));
  ASSERT_TRUE(listed.has_value()) << listed.error();
  EXPECT_EQ(listed->revisions, (std::vector<RevisionId>{id("_bpq8a----B"), id("_bpq8a----D")}));
  EXPECT_TRUE(listed->to_the_end);
}

TEST(RevisionAnswer, ResumesWhereTheServerStopped) {
  auto const asked = range("_bpq8a-----", "_bpq8a---_9");
  auto const some = parse_ranges_answer(R"({"ranges":[["_bpq8a----B"]],"resume":"_bpq8a----D"})", asked);
  ASSERT_TRUE(some.has_value());
  EXPECT_FALSE(some->to_the_end);
  auto const newer = parse_ranges_answer(R"({"ranges":[[]],"resume":"123","resumeHLC":"_bpq8a----D"})", asked);
  ASSERT_TRUE(newer.has_value());
  EXPECT_EQ(newer->resume, id("_bpq8a----D"));
  auto const beyond = parse_ranges_answer(R"({"ranges":[[]],"resume":"_bpq8a--A--"})", asked);
  ASSERT_TRUE(beyond.has_value());
  EXPECT_TRUE(beyond->to_the_end);
  EXPECT_FALSE(parse_ranges_answer(R"({"ranges":[[]],"resume":"_bpq8a-----"})", asked).has_value());
}

TEST(RevisionAnswer, TellsDecimalRevisionsByTheRangeTheyLieIn) {
  Range const small{RevisionId(0), RevisionId(2'000'000)};
  auto const listed = parse_ranges_answer(R"({"ranges":[["123456","_---"]]})", small);
  ASSERT_TRUE(listed.has_value()) << listed.error();
  EXPECT_EQ(listed->revisions, (std::vector<RevisionId>{RevisionId(123456), RevisionId(262144)}));
}

TEST(RevisionAnswer, LeavesOutTheNeighbourOfASingleRevision) {
  Range const one{RevisionId(1 << 20), RevisionId(1 << 20)};
  auto const next = revision::to_text(one.last.next());
  EXPECT_EQ(ranges_body(one), "[[\"" + revision::to_text(one.first) + "\",\"" + next + "\"]]");
  auto const listed = parse_ranges_answer("{\"ranges\":[[\"" + next + "\"]]}", one);
  EXPECT_TRUE(!listed || listed->revisions.empty());
}

TEST(RevisionAnswer, RefusesOtherThings) {
  for (auto const* body : {"", "[]", "{}", R"({"ranges":5})", R"({"ranges":[5]})", R"({"ranges":[[5]]})",
                           R"({"ranges":[["no revision!"]]})", R"({"error":true,"errorNum":4})"}) {
    EXPECT_FALSE(parse_ranges_answer(body, Range{RevisionId(0), largest}).has_value()) << body;
  }
}

std::vector<std::string> read(std::string body) {
  std::vector<std::string> found;
  bool const is_array = parse_documents_answer(std::move(body), [&](DumpedDocument const& document) {
    found.push_back(std::string(document.key) + "@" + std::string(document.revision) + " " +
                    std::string(document.document));
  });
  if (!is_array) found.push_back("broken");
  return found;
}

TEST(RevisionAnswer, HandsDocumentsOutAsTheyCame) {
  auto const recorded = boost::json::value_to<std::string>(small_tree().at("documents_exchange").at("body_text"));
  EXPECT_EQ(read(recorded),
            (std::vector<std::string>{R"(a@_bpq8a----B {"_id":"_jobs/a","_key":"a","_rev":"_bpq8a----B"})", "@ "}));
  EXPECT_EQ(
      read(R"([ {"_key":"a","_rev":"A","n":9007199254740993,"x":[{"_key":"z"},1.0]} , {} ])"),
      (std::vector<std::string>{R"(a@A {"_key":"a","_rev":"A","n":9007199254740993,"x":[{"_key":"z"},1.0]})", "@ "}));
  EXPECT_TRUE(read("[]").empty());
}

TEST(RevisionAnswer, SaysSoWhenTheAnswerIsNoArrayOfDocuments) {
  for (auto const* body : {"", "{}", "[1]", "[{\"_key\":1}]", "[{\"_key\":\"a\"}", "[]x", "[{\"_rev\":\"A\"}]"}) {
    auto const found = read(body);
    ASSERT_FALSE(found.empty()) << body;
    EXPECT_EQ(found.back(), "broken") << body;
  }
}

}  // namespace
}  // namespace arangosync::cluster
