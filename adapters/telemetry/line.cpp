#include "adapters/telemetry/line.h"

#include "adapters/telemetry/options.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <ctime>
#include <utility>

namespace arangosync::telemetry {

namespace {

/// U+0080 to U+009F in UTF-8: some terminals take one of them for ESC [.
bool is_high_control(unsigned char before, unsigned char byte) { return before == 0xc2 && byte >= 0x80 && byte < 0xa0; }

void append_escaped(std::string& line, std::string_view text) {
  unsigned char before = 0;
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    bool const is_high = is_high_control(std::exchange(before, byte), byte);
    if (byte >= 0x20 && byte != 0x7f && !is_high) {
      line.push_back(c);
    } else if (c == '\n') {
      line += "\\n";
    } else if (c == '\t') {
      line += "\\t";
    } else {
      if (is_high) line.pop_back();  // the byte before belongs to it
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned>(byte));
      line += escape;
    }
  }
}

}  // namespace

std::optional<ports::LogLevel> parse_log_level(std::string_view text) {
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  using ports::LogLevel;
  if (name == "trace") return LogLevel::Trace;
  if (name == "debug") return LogLevel::Debug;
  if (name == "info" || name == "notice") return LogLevel::Info;
  if (name == "warn" || name == "warning") return LogLevel::Warn;
  if (name == "error") return LogLevel::Error;
  if (name == "fatal" || name == "critical" || name == "panic") return LogLevel::Fatal;
  return std::nullopt;
}

std::string_view level_mark(ports::LogLevel level) {
  switch (level) {
    case ports::LogLevel::Trace:
    case ports::LogLevel::Debug:
      return "DEBU";
    case ports::LogLevel::Info:
      return "INFO";
    case ports::LogLevel::Warn:
      return "WARN";
    case ports::LogLevel::Error:
      return "ERRO";
    case ports::LogLevel::Fatal:
      return "FATAL";
  }
  return "INFO";
}

std::string rfc3339_local(WallTime at) {
  auto const seconds = std::chrono::floor<std::chrono::seconds>(at.since_epoch());
  std::time_t const stamp = static_cast<std::time_t>(seconds.count());
  std::tm local{};
  localtime_r(&stamp, &local);
  long const offset_minutes = local.tm_gmtoff / 60;
  char text[128];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d%c%02ld:%02ld", local.tm_year + 1900, local.tm_mon + 1,
                local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec, offset_minutes < 0 ? '-' : '+',
                std::abs(offset_minutes) / 60, std::abs(offset_minutes) % 60);
  return text;
}

std::string format_line(WallTime at, ports::LogLevel level, std::string_view component, std::string_view text) {
  std::string line = rfc3339_local(at);
  line += " |";
  line += level_mark(level);
  line += "| ";
  append_escaped(line, text);
  line += " component=";
  append_escaped(line, component);
  return line;
}

}  // namespace arangosync::telemetry
