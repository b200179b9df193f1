#include "adapters/cluster/credentials.h"

#include "adapters/x509/jwt.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace arangosync::cluster {
namespace {

constexpr Duration token_lifetime = std::chrono::hours(1);

std::vector<std::string> without_empty(std::vector<std::string> secrets) {
  std::erase(secrets, "");
  return secrets;
}

}  // namespace

Credentials::Credentials(ports::Clock& clock, std::vector<std::string> secrets, std::string caller)
    : clock_(clock), caller_(std::move(caller)), given_(without_empty(std::move(secrets))), secrets_(given_) {}

std::string Credentials::authorization() {
  std::lock_guard lock(mutex_);
  if (secrets_.empty()) return {};
  auto const now = clock_.now();
  if (header_.empty() || now >= renew_at_) {
    header_ = "bearer " + x509::superuser_jwt(secrets_[used_], caller_, clock_.wall_now(), token_lifetime);
    renew_at_ = now + token_lifetime / 2;
  }
  return header_;
}

bool Credentials::refused(std::string_view authorization, std::size_t times) {
  std::lock_guard lock(mutex_);
  if (secrets_.empty()) return false;
  if (authorization == header_) {
    header_.clear();
    used_ = (used_ + 1) % secrets_.size();
  }
  // Once more with the only secret: clocks may differ, or the token was too old.
  return times <= secrets_.size();
}

bool Credentials::replace(std::vector<std::string> secrets) {
  secrets = without_empty(std::move(secrets));
  std::lock_guard lock(mutex_);
  if (secrets.empty() || secrets_.empty() || secrets == given_) return false;
  std::string const in_use = secrets_[used_];
  given_ = secrets_ = std::move(secrets);
  auto const found = std::find(secrets_.begin(), secrets_.end(), in_use);
  if (found == secrets_.end()) secrets_.push_back(in_use);
  used_ = 0;
  header_.clear();
  return true;
}

std::string Credentials::secret() const {
  std::lock_guard lock(mutex_);
  return secrets_.empty() ? std::string() : secrets_[used_];
}

}  // namespace arangosync::cluster
