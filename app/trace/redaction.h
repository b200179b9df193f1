// What a trace has instead of a secret: something that tells equal from unequal, and nothing else.
//
// A redacted text is redacted already: redacting it again changes nothing, so a state that was read back from a trace
// is walked like a live one. An empty text stays empty, as decisions ask whether there is one. Queue tokens are keys of
// a map whose order decisions may see: their first 12 digits, 48 of 256 random bits, stay in front and keep that order.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace arangosync::trace {

/// Certificates and keys. Nobody decides by their content; what is public of it would only make traces long.
inline bool is_pem(std::string_view text) { return text.starts_with("-----BEGIN "); }

class Redactor {
public:
  /// "*" and 16 hex digits of its SHA-256; what may be a queue token (40 letters and digits or more) with 12 of its own
  /// before. Valid until the next call.
  std::string_view redacted(std::string_view secret);

private:
  std::map<std::string, std::string, std::less<>> known_;  // the same few come again and again
};

}  // namespace arangosync::trace
