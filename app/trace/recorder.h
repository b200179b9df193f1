// Writes the trace of one machine while it runs: an observer of the engine that tells a sink, line by line.
//
// Used by the daemons and by the simulation. A command is written before it is decided, so that the one that broke an
// assertion is the last of the trace; what it led to follows. When a file is full the next one begins, with the state
// as it is then: any file replays without the ones before. When the sink refuses, the commands until it has room again
// are lost; the numbers of the next file show how many. Never waits, never writes a secret or a document.
#pragma once

#include "app/engine/engine.h"
#include "app/trace/codec.h"
#include "app/trace/consequences.h"
#include "app/trace/format.h"
#include "app/trace/redaction.h"
#include "ports/trace.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace arangosync::trace {

/// Who writes.
struct Author {
  std::string build;    ///< "0.1.0+63197e2f"
  std::string machine;  ///< "master" or "worker"
  std::string process;  ///< which one, for people: its endpoint
};

template <class Machine>
class Recorder final : public engine::Observer<Machine> {
public:
  using Command = typename Machine::Command;
  using State = typename Machine::State;

  /// A file is full at `file_bytes_max`, or later if its state is longer than all that follows it.
  Recorder(ports::TraceSink& sink, Author author, std::size_t file_bytes_max)
      : sink_(sink), author_(std::move(author)), file_bytes_max_(file_bytes_max) {}
  ~Recorder() override {
    if (is_open_) sink_.append(std::string(end_line));
  }

  void on_command(Envelope<Command> const& command, State const& before) override {
    if (is_open_ && is_full()) {
      sink_.append(std::string(end_line));
      is_open_ = false;
    }
    if (!is_open_) begin(before, command.wall);
    ++sequence_;
    if (is_open_) put(line_of(command));
    tally_.clear();
  }
  void on_event(typename Machine::Event const& event, State const&) override {
    if (is_open_) tally_.event(event);
  }
  void on_refusal(Envelope<Command> const&, typename Machine::Refusal const& refusal) override {
    if (is_open_) tally_.refusal(refusal);
  }
  void on_decided(std::span<typename Machine::Effect const> effects) override {
    if (!is_open_) return;
    tally_.effects(effects);
    std::string line;
    write(line, tally_.sum());
    put(std::move(line));
  }

private:
  bool is_full() const { return bytes_ >= std::max(file_bytes_max_, 2 * state_bytes_); }

  void begin(State const& state, WallTime now) {
    if (!sink_.has_room()) return;
    static std::string const schema = schema_digits(Codec<Machine>::schema());
    std::string text;
    write(text, Heading{format_version, author_.build, author_.machine, schema, author_.process, files_ + 1, now});
    write_state_start(text, sequence_);
    Codec<Machine>::encode(text, state, redactor_);
    text += '\n';
    bytes_ = state_bytes_ = text.size();
    if (!sink_.begin(std::move(text))) return;
    is_open_ = true;
    ++files_;
  }

  std::string line_of(Envelope<Command> const& command) {
    std::string line;
    std::string const token(redactor_.redacted(command.fresh_token.value()));
    write_command_start(line, CommandLine{sequence_, command.at, command.wall, command.entropy, token, {}});
    Codec<Machine>::encode(line, command.body, redactor_);
    line += '\n';
    return line;
  }

  void put(std::string line) {
    bytes_ += line.size();
    is_open_ = sink_.append(std::move(line));
  }

  ports::TraceSink& sink_;
  Author const author_;
  std::size_t const file_bytes_max_;
  Redactor redactor_;
  Tally<Machine> tally_{redactor_};
  bool is_open_ = false;
  std::uint64_t sequence_ = 0;
  std::uint64_t files_ = 0;
  std::size_t bytes_ = 0;  ///< of the file
  std::size_t state_bytes_ = 0;
};

}  // namespace arangosync::trace
