// Plays tests/scenarios/*.scn: each keeps every promise, ends as a copy, and shows what its file says.
// UPDATE_GOLDEN=1 rewrites the answers in the files that hold; the review happens in the diff.
#include "app/replay/scenario.h"
#include "tests/paths/paths.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace arangosync::replay {
namespace {

std::string folder() { return tests::source_folder() + "/tests/scenarios/"; }

std::vector<std::string> scenarios() {
  std::vector<std::string> names;
  for (auto const& entry : std::filesystem::directory_iterator(folder())) {
    if (entry.path().extension() == ".scn") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, EndsWell) {
  std::string const path = folder() + GetParam() + ".scn";
  std::ifstream in(path);
  std::string const text{std::istreambuf_iterator<char>(in), {}};
  Played const played = play(text);
  ASSERT_FALSE(played.failure.has_value()) << path << ": " << played.failure.value_or("");  // nor is it rewritten
  if (char const* const update = std::getenv("UPDATE_GOLDEN"); update != nullptr && std::string(update) == "1") {
    std::ofstream(path) << played.text;
    return;
  }
  EXPECT_EQ(played.text, text) << "UPDATE_GOLDEN=1 rewrites it";
}

INSTANTIATE_TEST_SUITE_P(Files, Scenario, testing::ValuesIn(scenarios()),
                         [](auto const& tested) { return tested.param; });

TEST(AScenario, BeginsWithItsWorldAndEndsSettled) {
  EXPECT_TRUE(play("advance 5s\nsettle\n").failure.has_value());
  EXPECT_TRUE(play("world seed=1\nadvance 5s\n").failure.has_value());
  EXPECT_TRUE(play("world seed=1\nflee\nsettle\n").failure.has_value());
}

}  // namespace
}  // namespace arangosync::replay
