#include "app/replay/shrink.h"

#include "app/replay/simulation.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <type_traits>

namespace arangosync::replay {

namespace {

using namespace std::chrono_literals;

class Shrinker {
public:
  Shrinker(Story story, std::string kind, std::uint64_t runs_max, std::function<void(std::string const&)> const& told)
      : best_(std::move(story)), kind_(std::move(kind)), runs_max_(runs_max), told_(told) {}

  void work() {
    bool better = true;
    while (better && runs_ < runs_max_) {
      better = shorten();
      better = drop_commands() || better;
      better = simplify_world() || better;
    }
  }

  Story best_;
  std::string failure_;
  std::uint64_t runs_ = 0;

private:
  /// Takes the candidate over if it fails in the same way.
  bool attempt(Story candidate) {
    if (runs_ >= runs_max_) return false;
    ++runs_;
    Verdict const verdict = run(candidate);
    if (!verdict.failure || kind_of(*verdict.failure) != kind_) return false;
    best_ = std::move(candidate);
    failure_ = *verdict.failure;
    told_(std::to_string(best_.script.size()) + " commands in " + text_of(best_.length) + ": " + failure_);
    return true;
  }

  bool shorten() {
    bool better = false;
    for (int part = 1; part <= 3; ++part) {
      Story candidate = best_;
      auto const length = candidate.length * part / 4;
      candidate.length = std::chrono::duration_cast<std::chrono::milliseconds>(length);
      std::erase_if(candidate.script, [&](Line const& line) { return line.at >= candidate.length; });
      if (attempt(std::move(candidate))) {
        better = true;
        part = 0;
      }
    }
    return better;
  }

  /// Halves, quarters, … down to single commands.
  bool drop_commands() {
    bool better = false;
    for (std::size_t size = std::max<std::size_t>(1, best_.script.size() / 2); size > 0; size /= 2) {
      for (std::size_t at = 0; at < best_.script.size();) {
        Story candidate = best_;
        auto const first = candidate.script.begin() + static_cast<std::ptrdiff_t>(at);
        auto const count = std::min(size, candidate.script.size() - at);
        candidate.script.erase(first, first + static_cast<std::ptrdiff_t>(count));
        if (attempt(std::move(candidate))) {
          better = true;
        } else {
          at += size;
        }
      }
    }
    return better;
  }

  bool simplify_world() {
    bool better = false;
    std::vector<std::string> names;
    for_each_field(best_.options, [&](std::string const& name, auto const&) { names.push_back(name); });
    for (std::string const& name : names) {
      if (name == "seed" || name == "convergence-max") continue;
      for (int how = 0; how < 2; ++how) {
        Story candidate = best_;
        if (change(candidate.options, name, how)) better = attempt(std::move(candidate)) || better;
      }
    }
    return better;
  }

  /// To the least that makes sense, or halfway there. False if nothing changes.
  static bool change(Options& options, std::string const& wanted, int how) {
    bool changed = false;
    for_each_field(options, [&](std::string const& name, auto& value) {
      if (name != wanted) return;
      using Value = std::remove_reference_t<decltype(value)>;
      Value const before = value;
      Value least{};
      if constexpr (!std::is_same_v<Value, Duration>) {
        bool const may_be_none = name == "databases" || name == "unique" || name == "documents-first" ||
                                 name == "chain" || name.find("-loss") != std::string::npos ||
                                 name.find("-dup") != std::string::npos || name.find("-slow") != std::string::npos;
        least = static_cast<Value>(name == "datacenters" ? 2 : may_be_none ? 0 : 1);
      } else if (name.find("delay") != std::string::npos) {
        least = sim::LinkFaults{}.delay_max;
      }
      value = how == 0 ? least : static_cast<Value>((least + value) / 2);
      changed = value != before;
    });
    return changed;
  }

  std::string kind_;
  std::uint64_t runs_max_;
  std::function<void(std::string const&)> const& told_;
};

}  // namespace

std::string kind_of(std::string const& failure) {
  auto const start = failure.find(": ");
  std::string kind;
  std::size_t words = 0;
  for (char const c : failure.substr(start == std::string::npos ? 0 : start + 2)) {
    if (c == ' ' && ++words == 3) break;
    if (std::isalpha(static_cast<unsigned char>(c)) != 0 || c == ' ') kind += c;
  }
  return kind;
}

std::optional<Shrunk> shrink(Story story, std::uint64_t runs_max, std::function<void(std::string const&)> const& told) {
  Verdict const first = run(story);
  if (!first.failure) return std::nullopt;
  Shrinker shrinker(std::move(story), kind_of(*first.failure), runs_max, told);
  shrinker.failure_ = *first.failure;
  shrinker.work();
  return Shrunk{shrinker.best_, shrinker.failure_, shrinker.runs_};
}

}  // namespace arangosync::replay
