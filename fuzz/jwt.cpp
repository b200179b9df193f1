// Tokens and Authorization headers: no input crashes, and nothing is accepted that was not signed with the secret. Each
// input is also signed as claims, so that what lies behind the signature check is reached.
#include "adapters/x509/jwt.h"
#include "adapters/x509/authorization.h"
#include "adapters/x509/base64.h"
#include "domain/base/check.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

using namespace arangosync;

namespace {
WallTime const now{std::chrono::seconds(1'767'225'600)};
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text(reinterpret_cast<char const*>(data), size);

  // Nobody can guess this secret, and no token in the corpus was made with it.
  static constexpr std::string_view unknown = "7f1c0d2a99b84c11b0d6c1e2f3a4958677";
  DC_ASSERT(!x509::verify_master_jwt(text, unknown, now).has_value());
  DC_ASSERT(!x509::verify_arangodb_jwt(text, unknown, now).has_value());

  // The corpus holds tokens signed with this one.
  (void)x509::verify_master_jwt(text, "secret", now);
  if (auto const claims = x509::verify_arangodb_jwt(text, "secret", now)) {
    DC_ASSERT(claims->issuer == "arangodb");
    DC_ASSERT(!claims->server_id.empty() || !claims->preferred_username.empty());
  }

  if (auto const claims =
          x509::verify_arangodb_jwt(x509::user_jwt("secret", text, now, std::chrono::hours(1)), "secret", now)) {
    DC_ASSERT(claims->preferred_username == text);
  }
  (void)x509::bearer_token(text);
  if (auto const credentials = x509::basic_credentials(text)) {
    auto const again = x509::basic_credentials(x509::basic_authorization(*credentials));
    DC_ASSERT(again.has_value());
    DC_ASSERT(again->user == credentials->user);
    DC_ASSERT(again->password == credentials->password);
  }
  if (auto const bytes = x509::base64_decode(text)) DC_ASSERT(x509::base64_encode(*bytes) == text);
  if (auto const bytes = x509::base64url_decode(text)) DC_ASSERT(x509::base64url_encode(*bytes) == text);
  return 0;
}
