// Runs a trace through the machine it came from: the same engine, with hands that abort when they are used.
//
// Used by `arangosync replay` and by the tests that prove recorded runs. Every command is decided again; it must lead
// to the events and effects that the trace tells. Files are given in their order; each begins with a state, which must
// be the one that the file before has led to, unless commands between them are lost or another life of the process
// begins. Errors are one line that names the command or the line at fault.
#pragma once

#include "app/engine/name_of.h"
#include "app/trace/codec.h"
#include "app/trace/consequences.h"
#include "app/trace/reader.h"
#include "domain/base/check.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arangosync::trace {

/// What was replayed so far.
struct Progress {
  std::uint64_t files = 0;
  std::uint64_t commands = 0;
  std::uint64_t events = 0;
  std::uint64_t effects = 0;
  std::uint64_t last = 0;          ///< number of the last command
  std::vector<std::string> notes;  ///< lost commands, new lives: one line each
  bool is_complete = false;        ///< the last file was ended by the process itself
};

/// Why this build should not replay the file; nothing: it can. `build` is this program's.
std::optional<std::string> why_not_replayable(Heading const& heading, std::string const& schema,
                                              std::string const& build);

template <class Machine>
class Replayer : private engine::Observer<Machine> {
public:
  using State = typename Machine::State;

  /// `build` is this program's.
  explicit Replayer(std::string build) : build_(std::move(build)), schema_(schema_digits(Codec<Machine>::schema())) {}

  /// Before the first file. It sees what the observers of the recorded process saw, but nothing performed.
  void watch(engine::Observer<Machine>& watcher) { observers_.push_back(&watcher); }

  /// Replays one more file, no further than the command of number `until` (0: to its end).
  Expected<Done, std::string> run(std::string_view file, std::uint64_t until = 0) {
    auto reader = Reader::open(file);
    if (!reader) return unexpected(reader.error());
    if (auto const why = why_not_replayable(reader->heading(), schema_, build_)) return unexpected(*why);
    if (engine_ && reader->heading().process != process_) {
      return unexpected("it is of another process, " + reader->heading().process);
    }
    process_ = reader->heading().process;
    if (auto begun = begin(*reader, until); !begun) return begun;
    while (until == 0 || progress_.last < until) {
      auto const step = reader->next();
      if (!step) return unexpected(step.error());
      if (!*step) break;
      if (auto done = replay(**step); !done) return done;
    }
    progress_.is_complete = reader->is_complete();
    return Done{};
  }

  Progress const& progress() const { return progress_; }
  bool has_state() const { return engine_.has_value(); }
  /// Once it has one.
  State const& state() const { return engine_->state(); }
  std::uint64_t digest() { return Codec<Machine>::digest(state(), redactor_); }

private:
  Expected<Done, std::string> begin(Reader const& reader, std::uint64_t until) {
    ++progress_.files;
    auto state = Codec<Machine>::decode_state(reader.state().state);
    if (!state) return unexpected("its state cannot be read: " + state.error());
    std::uint64_t const sequence = reader.state().sequence;
    if (until != 0 && sequence > until) return unexpected("it begins after command " + std::to_string(until));
    bool const goes_on = engine_ && reader.heading().file > 1;
    if (goes_on && sequence < progress_.last) {
      return unexpected("it begins after command " + std::to_string(sequence) + ", but command " +
                        std::to_string(progress_.last) + " was replayed already: name the files in their order");
    }
    if (goes_on && sequence == progress_.last) {
      if (Codec<Machine>::digest(*state, redactor_) == digest()) return Done{};
      return unexpected(std::string("it begins with another state than the file before led to"));
    }
    if (engine_) progress_.notes.push_back(gap(reader.heading(), sequence));
    progress_.last = sequence;
    engine_.emplace(std::move(*state), hands(), observers_);
    return Done{};
  }

  std::string gap(Heading const& heading, std::uint64_t sequence) const {
    if (heading.file == 1) return "the process was started anew after command " + std::to_string(progress_.last);
    return "commands " + std::to_string(progress_.last + 1) + " to " + std::to_string(sequence) +
           " are lost; goes on with the state after them";
  }

  Expected<Done, std::string> replay(Step const& step) {
    std::string const where = "command " + std::to_string(step.line.sequence);
    if (step.line.sequence != progress_.last + 1) {
      return unexpected(where + " follows command " + std::to_string(progress_.last) + "; the file is damaged");
    }
    auto command = Codec<Machine>::decode_command(step.line.command);
    if (!command) return unexpected(where + " cannot be read: " + command.error());
    std::string const name = where + " (" + engine::name_of(*command) + ")";
    tally_.clear();
    progress_.last = step.line.sequence;
    engine_->retrace(
        {step.line.at, step.line.wall, step.line.entropy, *std::move(command), Token(step.line.fresh_token)});
    ++progress_.commands;
    progress_.events += tally_.sum().events;
    progress_.effects += tally_.sum().effects;
    if (step.consequences && *step.consequences != tally_.sum()) {
      return unexpected(name + " leads elsewhere: " + told(*step.consequences) + " in the trace, " +
                        told(tally_.sum()) + " here");
    }
    return Done{};
  }

  static std::string told(Consequences const& sum) {
    std::string line;
    write(line, sum);
    line.pop_back();
    return std::to_string(sum.events) + " events, " + std::to_string(sum.effects) + " effects (" +
           line.substr(line.rfind(' ') + 1) + ")";
  }

  static typename engine::Engine<Machine>::Hands hands() {
    return {[](typename Machine::Effect const&) { DC_ASSERT(false && "a replay performs nothing"); },
            [](std::vector<typename Machine::Event> const&, State const&) {
              DC_ASSERT(false && "a replay saves nothing");
            }};
  }

  void on_event(typename Machine::Event const& event, State const&) override { tally_.event(event); }
  void on_refusal(Envelope<typename Machine::Command> const&, typename Machine::Refusal const& why) override {
    tally_.refusal(why);
  }
  void on_decided(std::span<typename Machine::Effect const> effects) override { tally_.effects(effects); }

  std::string const build_;
  std::string const schema_;
  std::string process_;  ///< as its files call it
  typename engine::Engine<Machine>::Observers observers_{this};
  Redactor redactor_;
  Tally<Machine> tally_{redactor_};
  std::optional<engine::Engine<Machine>> engine_;
  Progress progress_;
};

}  // namespace arangosync::trace
