#include "adapters/x509/authorization.h"

#include "adapters/x509/base64.h"

#include <algorithm>

namespace arangosync::x509 {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trim(std::string_view text) {
  auto const first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::string_view> after_scheme(std::string_view authorization, std::string_view scheme) {
  authorization = trim(authorization);
  auto const end = authorization.find(' ');
  if (end != scheme.size()) return std::nullopt;
  auto const word = authorization.substr(0, end);
  bool const same = std::equal(word.begin(), word.end(), scheme.begin(), [](char a, char b) { return lower(a) == b; });
  if (!same) return std::nullopt;
  return trim(authorization.substr(end));
}

}  // namespace

std::optional<std::string> bearer_token(std::string_view authorization) {
  auto const token = after_scheme(authorization, "bearer");
  if (!token || token->empty()) return std::nullopt;
  return std::string(*token);
}

std::optional<BasicCredentials> basic_credentials(std::string_view authorization) {
  auto const encoded = after_scheme(authorization, "basic");
  if (!encoded) return std::nullopt;
  auto const pair = base64_decode(*encoded);
  auto const colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return BasicCredentials{pair->substr(0, colon), pair->substr(colon + 1)};
}

std::string basic_authorization(BasicCredentials const& credentials) {
  return "Basic " + base64_encode(credentials.user + ":" + credentials.password);
}

}  // namespace arangosync::x509
