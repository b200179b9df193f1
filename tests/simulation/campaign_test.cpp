// Many seeds: whole datacenters under faults drawn from the seed, the promises of the design checked after every step,
// then healed and required to converge. Every seed runs twice and must give the same trace.
//
// ARANGOSYNC_SIM_SEEDS: how many (default 200). ARANGOSYNC_SIM_FROM: the first one (default 1). The seeds are dealt out
// over eight tests, so that ctest runs them in parallel.
#include "app/replay/simulation.h"

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace arangosync::replay {
namespace {

constexpr std::uint64_t hands = 8;

/// Throws on what is no number from 1: a campaign of no seeds would pass without having looked at anything.
std::uint64_t number_from(char const* variable, std::uint64_t otherwise) {
  char const* const text = std::getenv(variable);
  if (text == nullptr) return otherwise;
  std::uint64_t number = 0;
  char const* const end = text + std::strlen(text);
  auto const [stopped, failed] = std::from_chars(text, end, number);
  if (failed != std::errc{} || stopped != end || number == 0) {
    throw std::invalid_argument(std::string(variable) + " needs a number from 1, not '" + text + "'");
  }
  return number;
}

TEST(CampaignSize, IsANumberFromOneOrRefused) {
  constexpr char variable[] = "ARANGOSYNC_SIM_OF_THIS_TEST";
  unsetenv(variable);
  EXPECT_EQ(number_from(variable, 7), 7u);
  setenv(variable, "12", 1);
  EXPECT_EQ(number_from(variable, 7), 12u);
  for (char const* wrong : {"0", "", "many", "-1", "5x", "99999999999999999999"}) {
    setenv(variable, wrong, 1);
    EXPECT_THROW(number_from(variable, 7), std::invalid_argument) << wrong;
  }
  unsetenv(variable);
}

class Campaign : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Campaign, KeepsEveryPromiseAndEverySeedGivesOneTrace) {
  std::uint64_t const seeds = number_from("ARANGOSYNC_SIM_SEEDS", 200);
  std::uint64_t const first = number_from("ARANGOSYNC_SIM_FROM", 1);
  double seconds = 0;
  double simulated = 0;
  for (std::uint64_t i = GetParam(); i < seeds; i += hands) {
    std::uint64_t const seed = first + i;
    Timed const run = run_seed(seed);
    seconds += run.seconds;
    simulated += std::chrono::duration<double>(run.verdict.simulated).count();
    EXPECT_FALSE(run.verdict.failure.has_value())
        << banner(draw_options(seed)) << '\n'
        << run.verdict.failure.value_or("") << "\nreplay: ./dev sim --seed " << seed;
    EXPECT_EQ(run_seed(seed).verdict.hash, run.verdict.hash) << "two runs of seed " << seed << " differ"
                                                             << "\nreplay: ./dev sim --seed " << seed << " --trace";
  }
  if (seconds > 0) RecordProperty("simulated_seconds_per_second", static_cast<int>(simulated / seconds));
}

INSTANTIATE_TEST_SUITE_P(Seeds, Campaign, testing::Range(std::uint64_t{0}, hands));

}  // namespace
}  // namespace arangosync::replay
