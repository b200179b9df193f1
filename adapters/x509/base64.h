// Base64 in its two alphabets (RFC 4648): standard with padding, and URL-safe without, as JWTs use it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace arangosync::x509 {

std::string base64_encode(std::string_view bytes);
/// Strict: padding required, no blanks, unused bits zero.
std::optional<std::string> base64_decode(std::string_view text);

std::string base64url_encode(std::string_view bytes);
/// Strict: no padding, unused bits zero.
std::optional<std::string> base64url_decode(std::string_view text);

/// Lower-case hex digits.
std::string to_hex(std::string_view bytes);

}  // namespace arangosync::x509
