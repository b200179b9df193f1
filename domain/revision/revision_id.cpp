#include "domain/revision/revision_id.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace arangosync::revision {

namespace {

constexpr std::string_view digits = "-_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
static_assert(digits.size() == 64);

constexpr std::uint8_t no_digit = 64;

/// What a character is worth; whole shards of revisions are read.
constexpr std::array<std::uint8_t, 256> worth_of_characters() {
  std::array<std::uint8_t, 256> worth{};
  worth.fill(no_digit);
  for (std::size_t digit = 0; digit < digits.size(); ++digit) {
    worth[static_cast<unsigned char>(digits[digit])] = static_cast<std::uint8_t>(digit);
  }
  return worth;
}
constexpr auto worth = worth_of_characters();

constexpr std::size_t digits_max = 11;  // 66 bits, of which the first digit may use four

}  // namespace

std::string to_text(RevisionId id) {
  std::string text;
  std::uint64_t rest = id.value();
  do {
    text.push_back(digits[rest & 63U]);
    rest >>= 6U;
  } while (rest > 0);
  std::reverse(text.begin(), text.end());
  return text;
}

std::optional<RevisionId> from_base64(std::string_view text) {
  if (text.empty() || text.size() > digits_max) return std::nullopt;
  std::uint64_t number = 0;
  for (char const c : text) {
    std::uint8_t const digit = worth[static_cast<unsigned char>(c)];
    if (digit == no_digit || number >> 58U != 0) return std::nullopt;
    number = (number << 6U) | digit;
  }
  return RevisionId(number);
}

std::optional<RevisionId> from_text(std::string_view text) {
  bool const is_decimal = !text.empty() && text.front() >= '1' && text.front() <= '9';
  if (!is_decimal) return from_base64(text);
  std::uint64_t number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return RevisionId(number);
}

bool is_newer(std::string_view text, std::string_view than) {
  auto const one = from_text(text);
  auto const other = from_text(than);
  return one && other && *one > *other;
}

std::uint64_t milliseconds_of(RevisionId id) { return id.value() >> 20U; }

}  // namespace arangosync::revision
