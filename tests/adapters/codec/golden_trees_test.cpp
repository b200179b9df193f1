// Our revision trees against those that ArangoDB's own code computed, row by row; and that the check can say no.
#include "tests/golden/trees.h"
#include "tests/paths/paths.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace arangosync::tests {
namespace {

using Verdict = GoldenRow::Verdict;

std::vector<std::string> golden_lines() {
  std::ifstream file(data_folder() + "/revision/revision-tree-golden.jsonl");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string with(std::string line, std::string const& from, std::string const& to) {
  auto const at = line.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? line : line.replace(at, from.size(), to);
}

TEST(GoldenTrees, AllRowsAreEqual) {
  auto const lines = golden_lines();
  EXPECT_EQ(lines.size(), 96u);
  for (auto const& line : lines) {
    auto const row = check_golden_row(line);
    EXPECT_EQ(row.verdict, Verdict::Equal) << row.name << ": " << row.detail;
  }
}

TEST(GoldenTrees, AChangedRowIsDifferent) {
  for (auto const& line : golden_lines()) {
    std::string changed;
    if (line.find("\"kind\":\"rev\"") != std::string::npos) changed = with(line, "\"fnv1a64\":\"", "\"fnv1a64\":\"1");
    if (line.find("\"kind\":\"tree\"") != std::string::npos)
      changed = with(line, "\"rangeMax\":\"", "\"rangeMax\":\"_");
    if (line.find("\"kind\":\"diff\"") != std::string::npos)
      changed = with(line, "_inclusive\":[", "_inclusive\":[[],[],");
    changed = changed.ends_with(",]}") ? with(changed, ",]}", "]}") : changed;
    auto const row = check_golden_row(changed);
    EXPECT_EQ(row.verdict, Verdict::Different) << row.name << ": " << row.detail;
    EXPECT_FALSE(row.detail.empty());
  }
}

TEST(GoldenTrees, OtherThingsAreUnreadable) {
  std::string const tree =
      R"({"kind":"tree","case":"x","depth":2,"initialRangeMin":"","insert":[],"remove":[],"tree":{}})";
  for (auto const& line : std::vector<std::string>{
           "", "x", "[]", "{}", R"({"kind":"bush","case":"x"})", R"({"kind":"rev","encoded":"_"})",
           R"({"kind":"rev","encoded":"ä","number":"1","fnv1a64":"1"})", tree, with(tree, ":2", ":0"),
           with(tree, ":2", ":\"2\""), with(tree, "\"insert\":[]", "\"insert\":[1]"),
           with(tree, "\"insert\"", "\"inserted\"")}) {
    auto const row = check_golden_row(line);
    EXPECT_EQ(row.verdict, Verdict::Unreadable) << line << ": " << row.detail;
    EXPECT_FALSE(row.detail.empty()) << line;
  }
}

TEST(GoldenTrees, ARevisionThatWasNeverInsertedMakesARowDifferent) {
  auto const row = check_golden_row(
      R"({"kind":"tree","case":"x","depth":2,"initialRangeMin":"","insert":["_"],"remove":["A"],"tree":{}})");
  EXPECT_EQ(row.verdict, Verdict::Different) << row.detail;
}

}  // namespace
}  // namespace arangosync::tests
