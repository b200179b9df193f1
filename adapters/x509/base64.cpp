#include "adapters/x509/base64.h"

#include <array>
#include <cstdint>

namespace arangosync::x509 {

namespace {

constexpr std::string_view standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t window = 0;
  int bits = 0;
  for (char const c : bytes) {
    window = (window << 8) | static_cast<unsigned char>(c);
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += alphabet[(window >> bits) & 63];
    }
  }
  if (bits > 0) text += alphabet[(window << (6 - bits)) & 63];
  return text;
}

std::optional<std::string> decode(std::string_view text, std::string_view alphabet) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t window = 0;
  int bits = 0;
  for (char const c : text) {
    auto const value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    window = (window << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(static_cast<unsigned char>(window >> bits));
  }
  // Bits left over have to be zero: otherwise several texts would mean the same bytes.
  if ((window & ((1u << bits) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text = encode(bytes, standard);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.ends_with("==")) {
    text.remove_suffix(2);
    if (text.size() % 4 != 2) return std::nullopt;
  } else if (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  return decode(text, standard);
}

std::string base64url_encode(std::string_view bytes) { return encode(bytes, url_safe); }

std::optional<std::string> base64url_decode(std::string_view text) { return decode(text, url_safe); }

std::string to_hex(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (char const c : bytes) {
    auto const byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

}  // namespace arangosync::x509
