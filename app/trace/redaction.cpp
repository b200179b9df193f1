#include "app/trace/redaction.h"

#include "adapters/x509/digest.h"

namespace arangosync::trace {

namespace {

constexpr std::size_t known_max = 1000;
constexpr std::size_t digest_digits = 16;
constexpr std::size_t long_token_bytes = 40;
constexpr std::size_t order_bytes = 12;

bool is_of(std::string_view text, std::string_view letters) {
  return text.find_first_not_of(letters) == std::string_view::npos;
}
constexpr std::string_view hex = "0123456789abcdef";
constexpr std::string_view alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool is_redacted(std::string_view text) {
  std::size_t const star = text.find('*');
  if (star != 0 && star != order_bytes) return false;
  return text.size() == star + 1 + digest_digits && is_of(text.substr(0, star), alphanumeric) &&
         is_of(text.substr(star + 1), hex);
}

}  // namespace

std::string_view Redactor::redacted(std::string_view secret) {
  if (secret.empty() || is_redacted(secret)) return secret;
  auto const known = known_.find(secret);
  if (known != known_.end()) return known->second;
  if (known_.size() >= known_max) known_.clear();
  bool const is_long_token = secret.size() >= long_token_bytes && is_of(secret, alphanumeric);
  std::string text(is_long_token ? secret.substr(0, order_bytes) : std::string_view());
  text += '*' + x509::sha256_hex(secret).substr(0, digest_digits);
  return known_.emplace(secret, std::move(text)).first->second;
}

}  // namespace arangosync::trace
