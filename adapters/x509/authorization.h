// The Authorization header of HTTP: what the scheme word announces (spec arangosync-api 2.1). Pure text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace arangosync::x509 {

/// The token of "bearer <token>" (any case of the word, surrounding blanks dropped); nothing if it is another scheme.
std::optional<std::string> bearer_token(std::string_view authorization);

struct BasicCredentials {
  std::string user;
  std::string password;  ///< secret
};

/// The pair of "Basic base64(user:password)"; nothing if it is another scheme or not decodable.
std::optional<BasicCredentials> basic_credentials(std::string_view authorization);

std::string basic_authorization(BasicCredentials const& credentials);

}  // namespace arangosync::x509
