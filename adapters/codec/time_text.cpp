#include "adapters/codec/time_text.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>

namespace arangosync::codec {

namespace {

using namespace std::chrono;

/// A run of exactly `digits` decimal digits at the front, taken off.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

/// ".887465887" as nanoseconds; zero when there is no fraction. Digits past the ninth are cut off.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  std::int64_t value = 0;
  std::int64_t scale = 1'000'000'000;
  std::size_t digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (scale > 1) {
      scale /= 10;
      value += (text.front() - '0') * scale;
    }
    text.remove_prefix(1);
    ++digits;
  }
  if (digits == 0) return std::nullopt;
  return value;
}

/// "Z" or "+02:00"; the whole rest of the text.
std::optional<minutes> take_offset(std::string_view& text) {
  if (text == "Z" || text == "z") return minutes{0};
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  int const sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  auto const hours = take_number(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  auto const rest = take_number(text, 2);
  if (!rest) return std::nullopt;
  return minutes{sign * (*hours * 60 + *rest)};
}

}  // namespace

std::string time_text(WallTime at) {
  if (at.is_zero()) return "0001-01-01T00:00:00Z";
  auto const since_epoch = at.since_epoch();
  auto const whole_days = floor<days>(since_epoch);
  year_month_day const date{sys_days{whole_days}};
  hh_mm_ss<nanoseconds> const time{since_epoch - whole_days};
  std::array<char, 48> text{};
  int const length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d",
                                   static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                   static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                                   static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  std::string result(text.data(), static_cast<std::size_t>(length));
  if (time.subseconds().count() != 0) {
    std::snprintf(text.data(), text.size(), ".%09lld", static_cast<long long>(time.subseconds().count()));
    result += text.data();
    while (result.back() == '0') result.pop_back();
  }
  return result + "Z";
}

std::optional<WallTime> parse_time(std::string_view text) {
  auto const y = take_number(text, 4);
  if (!y || !take(text, '-')) return std::nullopt;
  auto const m = take_number(text, 2);
  if (!m || !take(text, '-')) return std::nullopt;
  auto const d = take_number(text, 2);
  if (!d || !(take(text, 'T') || take(text, 't') || take(text, ' '))) return std::nullopt;
  auto const hour = take_number(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  auto const minute = take_number(text, 2);
  if (!minute || !take(text, ':')) return std::nullopt;
  auto const second = take_number(text, 2);
  if (!second) return std::nullopt;
  auto const fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  auto const offset = take_offset(text);
  year_month_day const date{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
  if (!offset || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  // The nanosecond clock ends in 2262; what is outside is as good as never.
  if (*y < 1970 || *y > 2261) return WallTime{};
  auto const at = sys_days{date}.time_since_epoch() + hours{*hour} + minutes{*minute} + seconds{*second} - *offset;
  return WallTime(duration_cast<nanoseconds>(at) + nanoseconds{*fraction});
}

}  // namespace arangosync::codec
