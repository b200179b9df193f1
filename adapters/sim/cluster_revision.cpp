#include "adapters/sim/cluster_revision.h"

#include <algorithm>

namespace arangosync::sim {
namespace {

constexpr std::string_view digits = "-_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t digits_max = 11;

}  // namespace

std::string revision_text(std::uint64_t number) {
  std::string text;
  do {
    text += digits[number & 63];
    number >>= 6;
  } while (number != 0);
  std::reverse(text.begin(), text.end());
  return text;
}

std::optional<std::uint64_t> revision_number(std::string_view text) {
  if (text.empty() || text.size() > 20) return std::nullopt;
  bool is_decimal = text.front() >= '1' && text.front() <= '9';
  if (!is_decimal && text.size() > digits_max) return std::nullopt;
  std::uint64_t number = 0;
  for (char c : text) {
    auto digit = is_decimal ? std::string_view("0123456789").find(c) : digits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    number = (is_decimal ? number * 10 : number << 6) + digit;
  }
  return number;
}

}  // namespace arangosync::sim
