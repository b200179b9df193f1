#include "app/replay/options.h"

#include <charconv>
#include <map>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace arangosync::replay {

namespace {

using namespace std::chrono_literals;

template <class T>
std::string value_text(T const& value) {
  if constexpr (std::is_same_v<T, Duration>) {
    return text_of(value);
  } else {
    return std::to_string(value);
  }
}

std::uint64_t parse_number(std::string_view text) {
  std::uint64_t value = 0;
  auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument("not a number: " + std::string(text));
  }
  return value;
}

template <class T>
void read_value(std::string_view text, T& value) {
  if constexpr (std::is_same_v<T, Duration>) {
    value = parse_duration(text);
  } else {
    value = static_cast<T>(parse_number(text));
  }
}

// ---- drawing ------------------------------------------------------------------------------------------------------

/// In whole milliseconds, which are easier on the eye.
Duration between(Draw& draw, std::chrono::milliseconds least, std::chrono::milliseconds most) {
  return least + std::chrono::milliseconds(draw.below(static_cast<std::uint64_t>((most - least).count()) + 1));
}

std::uint32_t number(Draw& draw, std::uint32_t least, std::uint32_t most) {
  return least + static_cast<std::uint32_t>(draw.below(most - least + 1));
}

bool likely(Draw& draw, std::uint32_t percent) { return draw.below(100) < percent; }

sim::LinkFaults draw_link(Draw& draw, std::chrono::milliseconds base_max) {
  sim::LinkFaults link;
  link.delay_max = between(draw, 1ms, base_max);
  if (likely(draw, 60)) link.loss = number(draw, 1, 60);
  if (likely(draw, 60)) link.duplication = number(draw, 1, 60);
  if (likely(draw, 60)) {
    link.slow = number(draw, 1, 50);
    link.slow_max = between(draw, 200ms, 4s);
  }
  return link;
}

void draw_topology(Draw& draw, Options& options) {
  if (likely(draw, 20)) options.datacenters = 3;
  if (options.datacenters > 2 && likely(draw, 50)) options.chain = 1;
  options.source_masters = likely(draw, 10) ? 1 : number(draw, 2, 3);
  options.target_masters = likely(draw, 10) ? 1 : number(draw, 2, 3);
  // Mostly few: a fault then hits what matters.
  options.source_workers = likely(draw, 80) ? number(draw, 1, 3) : number(draw, 4, 5);
  options.target_workers = likely(draw, 80) ? number(draw, 1, 3) : number(draw, 4, 5);
  options.source_servers = number(draw, 1, 3);
  options.target_servers = number(draw, 1, 3);
  if (likely(draw, 8)) options.source_trees = 0;
  if (likely(draw, 8)) options.target_trees = 0;
}

/// More shards than a master deals with in one go. Dear, therefore rare, and nothing else in it is large.
void widen(Draw& draw, Options& options) {
  options.datacenters = 2;
  options.chain = 0;
  options.databases = 1;
  options.collections = number(draw, 22, 26);
  options.shards_max = 24;
  options.documents_first = number(draw, 0, 100);
  options.write_every = between(draw, 1s, 6s);
  options.structure_every = 0s;
}

}  // namespace

std::string text_of(Duration duration) {
  static constexpr std::pair<Duration, char const*> units[] = {{1h, "h"}, {1s, "s"}, {1ms, "ms"}, {1us, "us"}};
  for (auto const& [unit, name] : units) {
    if (duration % unit == Duration{0}) return std::to_string(duration / unit) + name;
  }
  return std::to_string(duration.count()) + "ns";
}

Duration parse_duration(std::string_view text) {
  static constexpr std::pair<char const*, Duration> units[] = {
      {"ms", 1ms}, {"us", 1us}, {"ns", 1ns}, {"h", 1h}, {"s", 1s}};
  bool const is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  for (auto const& [name, unit] : units) {
    if (!text.ends_with(name)) continue;
    text.remove_suffix(std::string_view(name).size());
    Duration const value = static_cast<Duration::rep>(parse_number(text)) * unit;
    return is_negative ? -value : value;
  }
  throw std::invalid_argument("not a duration: " + std::string(text));
}

std::string text_of(Options const& options) {
  std::map<std::string, std::string> defaults;
  Options const standard;
  for_each_field(standard, [&](std::string const& name, auto const& value) { defaults[name] = value_text(value); });
  std::string text;
  for_each_field(options, [&](std::string const& name, auto const& value) {
    std::string const shown = value_text(value);
    if (name != "seed" && shown == defaults[name]) return;
    text += (text.empty() ? "" : " ") + name + '=' + shown;
  });
  return text;
}

Options parse_options(std::string_view text) {
  Options options;
  while (!text.empty()) {
    auto const end = std::min(text.find(' '), text.size());
    std::string_view const word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    auto const equals = std::min(word.find('='), word.size());
    bool is_known = false;
    for_each_field(options, [&](std::string const& name, auto& value) {
      if (name != word.substr(0, equals)) return;
      is_known = true;
      read_value(word.substr(std::min(equals + 1, word.size())), value);
    });
    if (!is_known) throw std::invalid_argument("unknown property of the world: " + std::string(word));
  }
  return options;
}

bool is_wide(Options const& options) { return options.collections * options.shards_max > 200; }

Options draw_options(std::uint64_t seed, Draw& draw) {
  Options options;
  options.seed = seed;
  draw_topology(draw, options);
  options.inside = draw_link(draw, 3ms);
  options.between = draw_link(draw, 250ms);
  options.databases = likely(draw, 75) ? number(draw, 0, 1) : number(draw, 2, 3);
  options.collections = number(draw, 1, 4);
  options.shards_max = likely(draw, 90) ? number(draw, 1, 4) : number(draw, 5, 15);
  options.keys = likely(draw, 50) ? number(draw, 2, 10) : number(draw, 20, 80);
  options.unique = likely(draw, 50) ? number(draw, 20, 100) : 0;
  options.documents_first = number(draw, 0, 150);
  options.write_every = likely(draw, 15) ? between(draw, 100ms, 500ms) : between(draw, 500ms, 6s);
  if (likely(draw, 70)) options.structure_every = between(draw, 15s, 120s);
  if (likely(draw, 3)) options.large_bytes = number(draw, 1, 18) << 20U;
  if (draw.below(200) == 0) widen(draw, options);
  // Drawn apart, so that the stories of the other seeds stay what they are.
  Draw route(Entropy{seed ^ 0x106ULL});
  bool const may_compare = options.source_trees > 0 && options.target_trees > 0 && !is_wide(options);
  if (may_compare && likely(route, 6)) options.source_log = 0;
  Draw users(Entropy{seed ^ 0x76696577ULL});
  if (options.structure_every > 0s && likely(users, 30)) options.extras = 1;
  return options;
}

}  // namespace arangosync::replay
