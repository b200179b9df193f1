// Visits every state that a small world can get into, breadth first, so that what it finds is a shortest path.
//
// A world is a value with
//   std::uint64_t fingerprint() const        equal states have equal ones
//   std::vector<Step> steps() const          everything that can happen next, always in the same order
//   World after(Step const&) const
//   std::optional<Step> fair_step() const    what happens next if nothing goes wrong any more
// and a Step has text(). `always` predicates hold in every state. An `eventually` predicate holds, from every state,
// after some number of fair steps: whatever has gone wrong, the world recovers once it is left alone.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace arangosync::explore {

/// Thrown by a world's after() when the step breaks an invariant of its own.
struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class World>
struct Predicate {
  std::string name;
  std::function<bool(World const&)> holds;
};

struct Verdict {
  std::size_t states = 0;
  std::size_t steps = 0;
  bool complete = false;          ///< there are no more states
  std::string violated;           ///< name of the predicate; empty: none
  std::vector<std::string> path;  ///< from the first state to the violation
};

template <class World>
class Explorer {
public:
  using Step = typename World::Step;
  using Predicates = std::vector<Predicate<World>>;

  Explorer(Predicates always, Predicates eventually, std::size_t states_max)
      : always_(std::move(always)), eventually_(std::move(eventually)), states_max_(states_max) {}

  /// States of which it is known already what comes after them are not followed.
  void stop_where(std::function<bool(World const&)> is_known) { is_known_ = std::move(is_known); }

  Verdict run(World const& first) {
    reach(first, nullptr, std::nullopt);
    while (!frontier_.empty() && verdict_.violated.empty() && verdict_.states < states_max_) {
      auto const [world, trace] = std::move(frontier_.front());
      frontier_.pop_front();
      expand(world, trace);
    }
    verdict_.complete = frontier_.empty() && verdict_.violated.empty();
    return verdict_;
  }

private:
  /// How a state was reached; states share what they have in common.
  struct Trace {
    std::shared_ptr<Trace const> before;
    std::string step;
  };
  using TracePtr = std::shared_ptr<Trace const>;

  void expand(World const& world, TracePtr const& trace) {
    for (auto const& step : world.steps()) {
      if (!verdict_.violated.empty()) return;
      ++verdict_.steps;
      try {
        reach(world.after(step), trace, step.text());
      } catch (Broken const& broken) {
        violated(broken.what(), extended(trace, step.text()));
      }
    }
  }

  void reach(World world, TracePtr const& before, std::optional<std::string> step) {
    if (!seen_.insert(world.fingerprint()).second) return;
    ++verdict_.states;
    TracePtr const trace = step ? extended(before, *step) : before;
    for (auto const& predicate : always_) {
      if (!predicate.holds(world)) return violated(predicate.name, trace);
    }
    for (std::size_t i = 0; i < eventually_.size(); ++i) {
      if (!recovers(world, i, trace)) return;
    }
    if (is_known_ == nullptr || !is_known_(world)) frontier_.emplace_back(std::move(world), trace);
  }

  /// Follows the fair steps until the predicate holds, or a state is met from which it is known to.
  bool recovers(World const& world, std::size_t number, TracePtr trace) {
    auto& known = recovering_[number];
    std::vector<std::uint64_t> passed;
    World now = world;
    for (std::size_t count = 0; count < fair_steps_max; ++count) {
      auto const fingerprint = now.fingerprint();
      if (known.count(fingerprint) > 0) break;
      passed.push_back(fingerprint);
      if (eventually_[number].holds(now)) break;
      auto const step = now.fair_step();
      if (!step || count + 1 == fair_steps_max) {
        violated(eventually_[number].name, trace);
        return false;
      }
      trace = extended(trace, "(fair) " + step->text());
      now = now.after(*step);
    }
    known.insert(passed.begin(), passed.end());
    return true;
  }

  static TracePtr extended(TracePtr const& trace, std::string step) {
    return std::make_shared<Trace const>(Trace{trace, std::move(step)});
  }

  void violated(std::string const& name, TracePtr trace) {
    verdict_.violated = name;
    std::deque<std::string> path;
    for (; trace != nullptr; trace = trace->before) path.push_front(trace->step);
    verdict_.path.assign(path.begin(), path.end());
  }

  static constexpr std::size_t fair_steps_max = 2000;

  Predicates always_;
  Predicates eventually_;
  std::size_t states_max_;
  std::function<bool(World const&)> is_known_;
  std::unordered_set<std::uint64_t> seen_;
  std::unordered_set<std::uint64_t> recovering_[4];
  std::deque<std::pair<World, TracePtr>> frontier_;
  Verdict verdict_;
};

}  // namespace arangosync::explore
