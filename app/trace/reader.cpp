#include "app/trace/reader.h"

namespace arangosync::trace {

Expected<Reader, std::string> Reader::open(std::string_view text) {
  Reader reader(text);
  auto const first = reader.line();
  if (!first) return unexpected(std::string("it has no whole line: nothing was written before the process ended"));
  auto heading = read_heading(*first);
  if (!heading) return unexpected("it is no trace: " + heading.error());
  reader.heading_ = *std::move(heading);
  // Another format is for another build to read.
  if (reader.heading_.format != format_version) return reader;
  auto const second = reader.line();
  if (!second) return unexpected(std::string("it ends before its first state"));
  auto state = read_state(*second);
  if (!state) return unexpected(reader.at_line(state.error()));
  reader.state_ = *state;
  return reader;
}

Expected<std::optional<Step>, std::string> Reader::next() {
  auto const first = line();
  if (!first) return std::nullopt;
  if (*first == end_line.substr(0, end_line.size() - 1)) {
    complete_ = true;
    if (!text_.empty()) return unexpected(at_line("something follows the end"));
    return std::nullopt;
  }
  auto command = read_command(*first);
  if (!command) return unexpected(at_line(command.error()));
  Step step{*std::move(command), std::nullopt};
  auto const second = line();
  if (!second) return step;
  auto const consequences = read_consequences(*second);
  if (!consequences) return unexpected(at_line(consequences.error()));
  step.consequences = *consequences;
  return step;
}

std::optional<std::string_view> Reader::line() {
  std::size_t const end = text_.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view const whole = text_.substr(0, end);
  text_.remove_prefix(end + 1);
  ++lines_;
  return whole;
}

std::string Reader::at_line(std::string const& problem) const {
  return "line " + std::to_string(lines_) + ", " + problem;
}

}  // namespace arangosync::trace
