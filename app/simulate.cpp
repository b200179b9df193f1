// simulate: whole datacenters in one thread, under faults, everything drawn from seeds (docs/testing.md).
//
// For developers and CI, by way of `./dev sim`; no part of the product. Exit code 0: every promise was kept.
#include "app/replay/campaign.h"
#include "app/replay/scenario.h"
#include "app/replay/shrink.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using arangosync::replay::Campaign;

// From so many seeds on, a marked path that none of them takes is more than bad luck.
constexpr std::uint64_t seeds_that_reach_all_marks = 1000;

constexpr char usage[] =
    "simulate --seed N [--trace] [--once]            one seed\n"
    "         --trace-folder FOLDER                  leaves each process's trace there, for arangosync replay\n"
    "simulate --story N                              what happens in it, as a scenario\n"
    "simulate --shrink N                             a failing seed cut down to a scenario\n"
    "simulate --play FILE [--trace]                  a scenario\n"
    "simulate --seeds COUNT [--from N] [--once]      a campaign; each seed twice unless --once\n"
    "simulate --forever [--from N]                   until you stop it\n"
    "         --until-broken                         the first broken promise ends it\n"
    "         --processes N                          instead of one per core\n";

std::uint64_t number(std::string_view option, std::string_view text) {
  std::uint64_t value = 0;
  auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || value == 0) {
    throw std::invalid_argument(std::string(option) + " needs a number from 1, not '" + std::string(text) + "'");
  }
  return value;
}

struct Arguments {
  std::optional<std::uint64_t> seed;
  std::optional<std::uint64_t> story;
  std::optional<std::uint64_t> shrink;
  std::string file;
  Campaign campaign;
  bool is_campaign = false;
  bool trace = false;
  std::string trace_folder;
};

Arguments read(std::vector<std::string_view> const& words) {
  Arguments arguments;
  arguments.campaign.processes = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view const option = words[i];
    auto value = [&] {
      if (i + 1 == words.size()) throw std::invalid_argument(std::string(option) + " needs a number");
      return number(option, words[++i]);
    };
    if (option == "--seed") {
      arguments.seed = value();
    } else if (option == "--story") {
      arguments.story = value();
    } else if (option == "--shrink") {
      arguments.shrink = value();
    } else if (option == "--play" && i + 1 < words.size()) {
      arguments.file = words[++i];
    } else if (option == "--seeds") {
      arguments.is_campaign = true;
      arguments.campaign.seeds = value();
    } else if (option == "--forever") {
      arguments.is_campaign = true;
      arguments.campaign.seeds = 0;
    } else if (option == "--from") {
      arguments.campaign.first_seed = value();
    } else if (option == "--processes") {
      arguments.campaign.processes = static_cast<unsigned>(std::min<std::uint64_t>(value(), 1024));
    } else if (option == "--until-broken") {
      arguments.campaign.until_broken = true;
    } else if (option == "--once") {
      arguments.campaign.twice = false;
    } else if (option == "--trace") {
      arguments.trace = true;
    } else if (option == "--trace-folder") {
      if (i + 1 == words.size()) throw std::invalid_argument("--trace-folder needs a folder");
      arguments.trace_folder = words[++i];
    } else {
      throw std::invalid_argument("unknown option " + std::string(option));
    }
  }
  int const things = int{arguments.is_campaign} + int{arguments.seed.has_value()} + int{arguments.story.has_value()} +
                     int{arguments.shrink.has_value()} + int{!arguments.file.empty()};
  if (things != 1) throw std::invalid_argument("one seed, many, a story or a scenario?");
  return arguments;
}

int shrink_seed(std::uint64_t seed) {
  constexpr std::uint64_t runs_max = 600;
  auto const told = [](std::string const& text) { std::cerr << text << std::endl; };
  auto const shrunk = arangosync::replay::shrink(arangosync::replay::draw_story(seed), runs_max, told);
  if (!shrunk) {
    std::cerr << "seed " << seed << " keeps every promise\n";
    return 1;
  }
  std::cout << "# Seed " << seed << ", cut down in " << shrunk->runs << " runs: " << shrunk->failure << '\n'
            << arangosync::replay::scenario_text(shrunk->story);
  return 0;
}

int play_file(std::string const& file, bool print_trace) {
  std::ifstream in(file);
  if (!in) throw std::invalid_argument("cannot read " + file);
  std::string const text{std::istreambuf_iterator<char>(in), {}};
  auto const played = arangosync::replay::play(text, print_trace ? &std::cerr : nullptr);
  std::cout << played.text;
  if (!played.failure) return 0;
  std::cout << file << ": " << *played.failure << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Arguments arguments = read({argv + 1, argv + argc});
    if (arguments.seed) {
      bool const twice = arguments.campaign.twice && !arguments.trace;
      arangosync::replay::Wish const wish{arguments.trace, arguments.trace_folder, twice};
      return arangosync::replay::run_alone(*arguments.seed, wish, std::cout) ? 0 : 1;
    }
    if (arguments.story) {
      std::cout << arangosync::replay::scenario_text(arangosync::replay::draw_story(*arguments.story));
      return 0;
    }
    if (arguments.shrink) return shrink_seed(*arguments.shrink);
    if (!arguments.file.empty()) return play_file(arguments.file, arguments.trace);
    arguments.campaign.demand_marks = arguments.campaign.seeds >= seeds_that_reach_all_marks;
    return arangosync::replay::run_campaign(arguments.campaign, std::cout) ? 0 : 1;
  } catch (std::invalid_argument const& wrong) {
    std::cerr << wrong.what() << "\n\n" << usage;
    return 2;
  }
}
