// The lines of a trace file (docs/decisions/0015).
//
//   arangosync-trace 1 0.1.0+63197e2f worker 5f0c… "https://10.0.0.1:8729" 3 1700000000000000000
//   state 1041 {…}                                           the machine's state after command 1041
//   > 1042 93817261 1700000000000000000 9e3779b97f4a7c15 "" LogRead{…}
//   = 2 1 0fd1…                                              it led to 2 events, 1 effect
//   …
//   end
//
// A file is complete in itself: it begins with a state. Between the last command of one file and the state of the next
// the numbers tell how many commands are lost. The last line may be torn (kill -9): what has no line feed does
// not count. Used by recorder.h and reader.h; knows nothing of machines.
#pragma once

#include "app/trace/consequences.h"
#include "domain/base/entropy.h"
#include "domain/base/ids.h"
#include "domain/base/instant.h"
#include "domain/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace arangosync::trace {

inline constexpr std::uint32_t format_version = 1;
inline constexpr std::string_view magic = "arangosync-trace";
inline constexpr std::string_view end_line = "end\n";

/// The first line of a file.
struct Heading {
  std::uint32_t format = format_version;
  std::string build;       ///< of the program that wrote it, "0.1.0+63197e2f"
  std::string machine;     ///< "master" or "worker"
  std::string schema;      ///< 16 hex digits: what its commands and states are made of
  std::string process;     ///< which one, for people
  std::uint64_t file = 0;  ///< counts the files of one process, from 1
  WallTime begun;
  friend bool operator==(Heading const&, Heading const&) = default;
};

/// A command's line: its envelope, and the command itself as text.
struct CommandLine {
  std::uint64_t sequence = 0;  ///< counts the commands of one process, from 1
  Instant at;
  WallTime wall;
  Entropy entropy;
  std::string fresh_token;  ///< redacted
  std::string_view command;
};

/// Append a whole line to `text`.
void write(std::string& text, Heading const& heading);
void write(std::string& text, Consequences const& consequences);
/// Append the beginning of a line; the state, or the command, follows, and a line feed.
void write_state_start(std::string& text, std::uint64_t sequence);
void write_command_start(std::string& text, CommandLine const& line);

/// Read a line, without its line feed; the error says what was expected where.
Expected<Heading, std::string> read_heading(std::string_view line);
Expected<Consequences, std::string> read_consequences(std::string_view line);
Expected<CommandLine, std::string> read_command(std::string_view line);
struct StateLine {
  std::uint64_t sequence = 0;
  std::string_view state;
};
Expected<StateLine, std::string> read_state(std::string_view line);

/// 16 hex digits for what a description of types says.
std::string schema_digits(std::string_view description);

}  // namespace arangosync::trace
