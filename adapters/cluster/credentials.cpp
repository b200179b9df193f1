#include "adapters/cluster/credentials.h"

#include "adapters/x509/jwt.h"

#include <chrono>
#include <utility>

namespace arangosync::cluster {
namespace {

constexpr Duration token_lifetime = std::chrono::hours(1);

}  // namespace

Credentials::Credentials(ports::Clock& clock, std::string jwt_secret, std::string caller)
    : clock_(clock), secret_(std::move(jwt_secret)), caller_(std::move(caller)) {}

std::string Credentials::authorization() {
  if (secret_.empty()) return {};
  std::lock_guard lock(mutex_);
  auto const now = clock_.now();
  if (header_.empty() || now >= renew_at_) {
    header_ = "bearer " + x509::superuser_jwt(secret_, caller_, clock_.wall_now(), token_lifetime);
    renew_at_ = now + token_lifetime / 2;
  }
  return header_;
}

void Credentials::renew() {
  std::lock_guard lock(mutex_);
  header_.clear();
}

}  // namespace arangosync::cluster
