#include "domain/base/entropy.h"

#include "domain/base/check.h"

#include <string_view>

namespace arangosync {

std::uint64_t Draw::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::uint64_t Draw::below(std::uint64_t bound) {
  DC_ASSERT(bound > 0);
  // Rejection keeps it uniform: values past the largest multiple of bound are drawn again.
  std::uint64_t const limit = UINT64_MAX - UINT64_MAX % bound;
  std::uint64_t value = next();
  while (value >= limit) value = next();
  return value % bound;
}

std::string Draw::alphanumeric(std::size_t length) {
  static constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string text;
  text.reserve(length);
  while (text.size() < length) text.push_back(letters[below(letters.size())]);
  return text;
}

std::string Draw::hex(std::size_t length) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(length);
  while (text.size() < length) text.push_back(digits[below(digits.size())]);
  return text;
}

}  // namespace arangosync
