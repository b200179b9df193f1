#include "app/trace/format.h"

#include "app/trace/cursor.h"
#include "app/trace/encode.h"
#include "domain/base/blob.h"

#include <charconv>

namespace arangosync::trace {

namespace {

template <class Number>
void number(std::string& text, Number value, int base = 10) {
  char buffer[24];
  text.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value, base).ptr);
}

void quoted(std::string& text, std::string_view value) {
  Redactor redactor;
  EncodeSink(text, redactor).text(value);
}

/// Up to the next blank.
std::string word(Cursor& in) { return std::string(in.until(' ')); }

template <class T>
Expected<T, std::string> unless_failed(Cursor const& in, T value) {
  if (in.failed()) return unexpected(in.problem());
  return value;
}

}  // namespace

void write(std::string& text, Heading const& heading) {
  text += magic;
  text += ' ';
  number(text, heading.format);
  for (std::string const* part : {&heading.build, &heading.machine, &heading.schema}) {
    text += ' ';
    text += *part;
  }
  text += ' ';
  quoted(text, heading.process);
  text += ' ';
  number(text, heading.file);
  text += ' ';
  number(text, heading.begun.since_epoch().count());
  text += '\n';
}

void write(std::string& text, Consequences const& consequences) {
  text += "= ";
  number(text, consequences.events);
  text += ' ';
  number(text, consequences.effects);
  text += ' ';
  number(text, consequences.hash, 16);
  text += '\n';
}

void write_state_start(std::string& text, std::uint64_t sequence) {
  text += "state ";
  number(text, sequence);
  text += ' ';
}

void write_command_start(std::string& text, CommandLine const& line) {
  text += "> ";
  number(text, line.sequence);
  text += ' ';
  number(text, line.at.since_start().count());
  text += ' ';
  number(text, line.wall.since_epoch().count());
  text += ' ';
  number(text, line.entropy.bits, 16);
  text += ' ';
  quoted(text, line.fresh_token);
  text += ' ';
}

Expected<Heading, std::string> read_heading(std::string_view line) {
  Cursor in(line);
  Heading heading;
  if (word(in) != magic) in.fail("a trace of arangosync");
  in.demand(' ');
  heading.format = in.number<std::uint32_t>();
  in.demand(' ');
  heading.build = word(in);
  // What follows may look different in another format.
  if (in.failed() || heading.format != format_version) return unless_failed(in, std::move(heading));
  in.demand(' ');
  heading.machine = word(in);
  in.demand(' ');
  heading.schema = word(in);
  in.demand(' ');
  heading.process = in.text();
  in.demand(' ');
  heading.file = in.number<std::uint64_t>();
  in.demand(' ');
  heading.begun = WallTime(Duration(in.number<std::int64_t>()));
  if (!in.at_end()) in.fail("the end of the line");
  return unless_failed(in, std::move(heading));
}

Expected<Consequences, std::string> read_consequences(std::string_view line) {
  Cursor in(line);
  Consequences consequences;
  in.demand('=');
  in.demand(' ');
  consequences.events = in.number<std::uint64_t>();
  in.demand(' ');
  consequences.effects = in.number<std::uint64_t>();
  in.demand(' ');
  consequences.hash = in.number<std::uint64_t>(16);
  if (!in.at_end()) in.fail("the end of the line");
  return unless_failed(in, consequences);
}

Expected<CommandLine, std::string> read_command(std::string_view line) {
  Cursor in(line);
  CommandLine command;
  in.demand('>');
  in.demand(' ');
  command.sequence = in.number<std::uint64_t>();
  in.demand(' ');
  command.at = Instant(Duration(in.number<std::int64_t>()));
  in.demand(' ');
  command.wall = WallTime(Duration(in.number<std::int64_t>()));
  in.demand(' ');
  command.entropy.bits = in.number<std::uint64_t>(16);
  in.demand(' ');
  command.fresh_token = in.text();
  in.demand(' ');
  command.command = in.rest();
  return unless_failed(in, std::move(command));
}

Expected<StateLine, std::string> read_state(std::string_view line) {
  Cursor in(line);
  StateLine state;
  if (word(in) != "state") in.fail("the state that a file begins with");
  in.demand(' ');
  state.sequence = in.number<std::uint64_t>();
  in.demand(' ');
  state.state = in.rest();
  return unless_failed(in, state);
}

std::string schema_digits(std::string_view description) {
  std::string digits;
  number(digits, fnv1a_64(description), 16);
  return std::string(16 - digits.size(), '0') + digits;
}

}  // namespace arangosync::trace
