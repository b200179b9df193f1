#include "app/cli/duration.h"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace arangosync::cli {

namespace {

using Nanoseconds = std::int64_t;

constexpr std::array<std::pair<std::string_view, Nanoseconds>, 8> units{{
    // Longer spellings first, so that "ms" is not taken for "m".
    {"ns", 1},
    {"us", 1'000},
    {"\xc2\xb5s", 1'000},  // micro sign
    {"\xce\xbcs", 1'000},  // Greek mu
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60'000'000'000},
    {"h", 3'600'000'000'000},
}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// a * b + c, or nothing if that is more than 63 bits.
std::optional<Nanoseconds> multiply_add(Nanoseconds a, Nanoseconds b, Nanoseconds c) {
  Nanoseconds product = 0, sum = 0;
  if (__builtin_mul_overflow(a, b, &product) || __builtin_add_overflow(product, c, &sum)) return std::nullopt;
  return sum;
}

struct Number {
  Nanoseconds whole = 0;
  Nanoseconds fraction = 0;        ///< digits after the point …
  Nanoseconds fraction_scale = 1;  ///< … over this
};

/// Takes digits, and a point with digits, from the front of `text`.
std::optional<Number> take_number(std::string_view& text) {
  Number number;
  bool any = false;
  while (!text.empty() && is_digit(text.front())) {
    auto const next = multiply_add(number.whole, 10, text.front() - '0');
    if (!next) return std::nullopt;
    number.whole = *next;
    any = true;
    text.remove_prefix(1);
  }
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    while (!text.empty() && is_digit(text.front())) {
      // Digits beyond what a nanosecond of an hour can show are dropped.
      if (number.fraction_scale < 1'000'000'000'000) {
        number.fraction = number.fraction * 10 + (text.front() - '0');
        number.fraction_scale *= 10;
      }
      any = true;
      text.remove_prefix(1);
    }
  }
  if (!any) return std::nullopt;
  return number;
}

std::optional<Nanoseconds> take_unit(std::string_view& text) {
  for (auto const& [name, size] : units) {
    if (text.substr(0, name.size()) == name) {
      text.remove_prefix(name.size());
      return size;
    }
  }
  return std::nullopt;
}

std::string tenths(Duration duration, Nanoseconds unit, std::string_view name) {
  auto const whole = duration.count() / unit;
  auto const tenth = duration.count() % unit * 10 / unit;
  std::string text = std::to_string(whole);
  if (tenth != 0 && whole < 10) text += "." + std::to_string(tenth);
  return text + std::string(name);
}

}  // namespace

Expected<Duration, std::string> parse_duration(std::string_view text) {
  std::string const wrong =
      "needs a duration such as 90s, 15m or 1h30m, not \"" + std::string(text.substr(0, 40)) + "\"";
  bool const negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  if (text == "0") return Duration{0};
  if (text.empty()) return unexpected(wrong);
  Nanoseconds total = 0;
  while (!text.empty()) {
    auto const number = take_number(text);
    if (!number) return unexpected(wrong);
    auto const unit = take_unit(text);
    if (!unit) return unexpected(wrong);
    auto const sum = multiply_add(number->whole, *unit, total);
    if (!sum) return unexpected(std::string("is too long; at most 292 years fit"));
    // The mantissa of a long double holds 64 bits, enough for the nanosecond.
    auto const part =
        static_cast<Nanoseconds>(static_cast<long double>(number->fraction) * static_cast<long double>(*unit) /
                                 static_cast<long double>(number->fraction_scale));
    auto const with_part = multiply_add(1, part, *sum);
    if (!with_part) return unexpected(std::string("is too long; at most 292 years fit"));
    total = *with_part;
  }
  return Duration{negative ? -total : total};
}

std::string short_duration(Duration duration) {
  if (duration < Duration{0}) return "-" + short_duration(-duration);
  constexpr Nanoseconds second = 1'000'000'000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
  auto const pair = [&](Nanoseconds large, char large_name, Nanoseconds small, char small_name) {
    std::string text = std::to_string(duration.count() / large) + large_name;
    if (auto const rest = duration.count() % large / small; rest != 0) text += std::to_string(rest) + small_name;
    return text;
  };
  if (duration.count() == 0) return "0s";
  if (duration.count() >= day) return pair(day, 'd', hour, 'h');
  if (duration.count() >= hour) return pair(hour, 'h', minute, 'm');
  if (duration.count() >= minute) return pair(minute, 'm', second, 's');
  if (duration.count() >= second) return tenths(duration, second, "s");
  if (duration.count() >= 1'000'000) return tenths(duration, 1'000'000, "ms");
  return "<1ms";
}

}  // namespace arangosync::cli
