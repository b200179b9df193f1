// Reads one trace file step by step, as text: what a command is, is decoded by whoever knows the machine.
#pragma once

#include "app/trace/format.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace arangosync::trace {

/// One command and what it led to; absent when the file ends in between, as after a crash.
struct Step {
  CommandLine line;
  std::optional<Consequences> consequences;
};

class Reader {
public:
  /// `text` is the whole file and stays alive. The error says why it is no trace.
  static Expected<Reader, std::string> open(std::string_view text);

  Heading const& heading() const { return heading_; }
  StateLine const& state() const { return state_; }
  /// The next command; nothing at the end of the file; an error where it is damaged.
  Expected<std::optional<Step>, std::string> next();
  /// After the last step: the process ended the file itself. Otherwise it was killed, or runs still, or the rest is
  /// lost.
  bool is_complete() const { return complete_; }

private:
  explicit Reader(std::string_view text) : text_(text) {}
  /// The next whole line.
  std::optional<std::string_view> line();
  std::string at_line(std::string const& problem) const;

  std::string_view text_;
  std::size_t lines_ = 0;
  Heading heading_;
  StateLine state_;
  bool complete_ = false;
};

}  // namespace arangosync::trace
