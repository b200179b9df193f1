// Passwords of ArangoDB users as its _users collection keeps them:
// {"authData":{"simple":{"hash":…,"salt":…,"method":"sha256"}}}. Called by the sandbox.
#pragma once

#include <string>
#include <string_view>

namespace arangosync::x509 {

/// SHA-256 of salt followed by password, lower-case hex.
std::string password_hash(std::string_view salt, std::string_view password);

/// Comparison whose time depends on the lengths only. For hashes, tokens and signatures.
bool equal_secrets(std::string_view a, std::string_view b);

}  // namespace arangosync::x509
