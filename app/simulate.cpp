// simulate: whole datacenters in one thread, under faults, everything drawn from seeds (docs/testing.md).
//
// For developers and CI, by way of `./dev sim`; no part of the product. Exit code 0: every promise was kept.
#include "app/replay/campaign.h"

#include <charconv>
#include <iostream>
#include <limits>
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
    "simulate --seeds COUNT [--from N] [--once]      a campaign; each seed twice unless --once\n"
    "simulate --forever [--from N]                   until you stop it\n"
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
  if (arguments.seed.has_value() == arguments.is_campaign) throw std::invalid_argument("one seed or many?");
  return arguments;
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
    arguments.campaign.demand_marks = arguments.campaign.seeds >= seeds_that_reach_all_marks;
    return arangosync::replay::run_campaign(arguments.campaign, std::cout) ? 0 : 1;
  } catch (std::invalid_argument const& wrong) {
    std::cerr << wrong.what() << "\n\n" << usage;
    return 2;
  }
}
