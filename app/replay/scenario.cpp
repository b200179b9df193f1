#include "app/replay/scenario.h"

#include "app/replay/simulation.h"

#include <memory>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace arangosync::replay {

namespace {

constexpr std::string_view answer_mark = "----";

bool has_answer(std::string const& command) { return command == "show" || command == "settle"; }

class Player {
public:
  Player(std::string const& text, std::ostream* trace) : in_(text), trace_(trace) {}

  Played play() {
    ThrowingChecks const checks;
    try {
      for (std::string line; std::getline(in_, line);) take(line);
      if (last_ != "settle") throw std::invalid_argument("a scenario ends with settle");
    } catch (std::exception const& broken) {
      played_.failure = "line " + std::to_string(line_) + " (" + last_ + "): " + broken.what();
    }
    return std::move(played_);
  }

private:
  void take(std::string const& line) {
    ++line_;
    if (line == answer_mark) return skip_answer();
    played_.text += line + '\n';
    if (line.empty() || line.starts_with('#')) return;
    last_ = line;
    if (line.starts_with("world ")) {
      simulation_ = std::make_unique<Simulation>(parse_options(line.substr(6)), trace_);
      return;
    }
    if (!simulation_) throw std::invalid_argument("a scenario begins with its world");
    // As in a run of a story: what is due by now comes before the command, also what the one before has led to.
    simulation_->pass_until(simulation_->now());
    if (line != "show") simulation_->perform(line);
    if (has_answer(line)) played_.text += std::string(answer_mark) + '\n' + simulation_->shown();
  }

  /// What the file expects is not looked at; whoever wants to know compares the texts.
  void skip_answer() {
    for (std::string line; std::getline(in_, line);) {
      ++line_;
      if (!line.empty()) continue;
      played_.text += '\n';
      return;
    }
  }

  std::istringstream in_;
  std::ostream* trace_;
  std::unique_ptr<Simulation> simulation_;
  Played played_;
  std::string last_;
  std::size_t line_ = 0;
};

}  // namespace

Played play(std::string const& text, std::ostream* trace) { return Player(text, trace).play(); }

}  // namespace arangosync::replay
